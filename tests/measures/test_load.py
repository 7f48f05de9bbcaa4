"""Load split at what a resource has proved it can do."""

from __future__ import annotations

import pandas as pd
import pytest

from helpers.measures import load
from tests.builders import cycles

MONTHS = cycles(14)


def ahead(*proved: float) -> pd.DataFrame:
    """One line planned at 90 hours of 120, month by month with so many hours proved in the one bucket of a label."""
    buckets = pd.DataFrame({"label": MONTHS[: len(proved)], "resource_id": "L1", "work": 90.0, "proved": proved})
    return load.proved_hours(buckets).assign(hours=90.0, capacity=120.0)


def test_load_is_split_at_the_demonstrated_capacity() -> None:
    """100 hours proved leave room for 90; 60 put 30 of them beyond."""
    found = load.load_by_part(ahead(100.0, 60.0), "L1").pivot(index="label", columns="part", values="hours")

    assert found[load.LOAD].tolist() == pytest.approx([90.0, 60.0])
    assert found[load.BEYOND].tolist() == pytest.approx([0.0, 30.0])
    assert found[load.PROVED].tolist() == pytest.approx([100.0, 60.0])
    assert found[load.PLANNED].tolist() == [120.0, 120.0]


def test_one_full_week_does_not_count_for_the_whole_month() -> None:
    """Weeks of 100, 100, 100 and 160 hours where 120 are proved: 480 proved in the month, 40 beyond them."""
    weeks = pd.DataFrame({"label": MONTHS[0], "resource_id": "L1", "work": [100.0] * 3 + [160.0], "proved": 120.0})
    month = load.proved_hours(weeks)

    assert month["proved"].tolist() == [480.0]
    assert month["beyond"].tolist() == [40.0]


def test_a_month_with_an_unproved_week_has_no_proved_hours() -> None:
    """Half of a month is not its capacity; what is beyond in the other week is known all the same."""
    weeks = pd.DataFrame({"label": MONTHS[0], "resource_id": "L1", "work": 160.0, "proved": [float("nan"), 120.0]})
    month = load.proved_hours(weeks)

    assert month["proved"].isna().all()
    assert month["beyond"].tolist() == [40.0]


def test_where_nothing_is_proved_yet_nothing_is_beyond_it() -> None:
    """Unknown is not exceeded: the whole load is plain, the proved hours are missing."""
    first = load.load_by_part(ahead(float("nan"), 100.0), "L1").query("label == @MONTHS[0]").set_index("part")["hours"]

    assert first[load.LOAD] == 90.0
    assert first[load.BEYOND] == 0.0
    assert pd.isna(first[load.PROVED])


def test_a_resource_that_never_proved_anything_has_no_rows() -> None:
    """There is nothing to hold its load against."""
    assert load.load_by_part(ahead(float("nan")), "L1").empty


def measured(**severity: float) -> pd.DataFrame:
    """Lines with the same severity every month; L3 has the most hours."""
    rows = [
        (month, line, size, 200.0 if line == "L3" else 100.0) for month in MONTHS for line, size in severity.items()
    ]
    return pd.DataFrame(rows, columns=["label", "resource_id", "severity", "planned_hours"])


def test_the_two_most_rescued_resources_are_shown() -> None:
    """By evidence of the last twelve labels, at most two."""
    assert load.most_rescued(measured(L1=0.5, L2=1.0, L3=0.1)) == ["L2", "L1"]


def test_without_any_evidence_the_largest_resource_is_shown() -> None:
    """What nobody rescued still has a load to look at; rescues before the last twelve labels do not count."""
    old = measured(L1=0.0, L3=0.0)
    old.loc[old["label"] == MONTHS[1], "severity"] = [1.0, 0.0]

    assert load.most_rescued(old) == ["L3"]
