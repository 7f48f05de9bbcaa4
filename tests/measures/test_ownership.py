"""Open gaps: which of them could be seen before the plan was approved."""

from __future__ import annotations

import pandas as pd

from helpers.measures.ownership import knowable
from tests import builders

MONTHS = builders.cycles(2)


def test_a_gap_is_knowable_when_it_was_open_before_or_the_positions_were_apart() -> None:
    """January: one of two open gaps shows before the meeting (0.2 ≥ 0.1). February: both had been open in January."""
    rows = pd.DataFrame(
        {
            "label": [MONTHS[0], MONTHS[0], MONTHS[1], MONTHS[1]],
            "family": ["Bread", "Milk", "Bread", "Milk"],
            "log_ratio": [0.2, 0.0, 0.0, 0.0],
            "amber": 0.1,
        }
    )
    found = knowable(rows, pd.Series(data=True, index=rows.index), pd.Series(data=False, index=rows.index))

    assert found["value"].tolist() == [0.5, 1.0]


def test_a_plan_without_the_hours_for_it_could_always_be_seen() -> None:
    """An infeasible approval counts as seen; labels with nothing open have no value."""
    rows = pd.DataFrame({"label": MONTHS, "family": "Milk", "log_ratio": [None, None], "amber": [None, None]})
    found = knowable(rows, pd.Series([False, False]), pd.Series([True, False]))

    assert found["label"].tolist() == [MONTHS[0]]
    assert found["value"].tolist() == [1.0]
