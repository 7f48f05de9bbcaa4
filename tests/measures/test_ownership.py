"""Open gaps: which of them could be seen before the plan was approved."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from helpers.measures.feasibility import infeasible_share, infeasible_work
from helpers.measures.ownership import decided_families, knowable
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


@pytest.mark.parametrize(
    ("topic", "family", "closed"),
    [
        ("allocation between the branches", None, set()),
        ("sales and operations numbers differ", None, {"Bread", "Milk"}),
        (None, None, {"Bread", "Milk"}),
        ("allocation between the branches", "Milk", {"Milk"}),
    ],
    ids=["standing item", "names the gap", "no topics kept", "names the family"],
)
def test_a_decision_for_all_families_must_name_the_gap(
    tmp_path: Path, topic: str | None, family: str | None, closed: set[str]
) -> None:
    """A standing item of the agenda settles no quarrel; without topics nobody can tell and it counts."""
    demand = pd.DataFrame({"period": builders.cycles(3), "item_id": "a", "quantity": 1.0})
    decision = {"decision_id": ["d"], "cycle": ["2024-01-01"], "topic": [topic], "family": [family]}
    tables = {
        "items": pd.DataFrame({"item_id": ["a", "b"], "family": ["Bread", "Milk"]}),
        "actual_demand": demand,
        "decisions": pd.DataFrame(decision | {"raised_on": ["2024-01-03"], "decided_on": ["2024-01-10"]}),
    }

    found = decided_families(builders.engagement(tmp_path, tables), "sales", "operations")

    assert set(found["family"]) == closed


def test_only_what_lies_above_the_hours_is_infeasible(tmp_path: Path) -> None:
    """120 hours planned on 100: a sixth of the work cannot be made; 100 on 100 can."""
    plan = {"resource_id": ["L1", "L2"], "item_id": ["a", "b"], "quantity": [120.0, 100.0], "hours": [120.0, 100.0]}
    tables = {
        "items": pd.DataFrame({"item_id": ["a", "b"], "family": ["Bread", "Milk"]}),
        "production_plan_snapshots": pd.DataFrame(plan | {"cycle": "2024-01-01", "period": "2024-01-01"}),
        "capacity": pd.DataFrame({"resource_id": ["L1", "L2"], "period": "2024-01-01", "planned_hours": 100.0}),
    }

    work = infeasible_work(builders.engagement(tmp_path, tables), rated=False)
    shares = infeasible_share(work, ["resource_id"]).set_index("resource_id")["infeasible_share"]

    assert shares.to_dict() == pytest.approx({"L1": 1 / 6, "L2": 0.0})
