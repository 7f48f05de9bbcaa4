"""The published plan against the snapshot before it."""

from __future__ import annotations

import pandas as pd
import pytest

from helpers.measures import schedule
from tests.builders import cycles, engagement, items

MONTHS = cycles(6)


def snapshots(*cells: tuple[int, int, float], item: str = "a", resource: str | None = "L1") -> pd.DataFrame:
    """Cells (cycle, period, quantity) by number of the month."""
    rows = pd.DataFrame([(MONTHS[c], MONTHS[p], q) for c, p, q in cells], columns=["cycle", "period", "quantity"])
    rows = rows.assign(item_id=item)
    return rows.assign(resource_id=resource) if resource else rows


def client(folder, plan, **more):
    """An engagement over a plan and further tables."""
    return engagement(folder, {"items": items(a="Bread", b="Cake"), "production_plan_snapshots": plan, **more})


def test_only_periods_that_both_snapshots_hold_are_compared(tmp_path):
    """The period that passed and the one that is new are no change: |130 − 100| of 100."""
    plan = snapshots((0, 0, 50), (0, 1, 100), (1, 1, 130), (1, 2, 70))

    row = schedule.plan_stability(client(tmp_path, plan)).iloc[0]

    assert (row["moved"], row["planned"], row["stability"]) == (30.0, 100.0, pytest.approx(0.7))


def test_an_item_dropped_from_a_plan_counts_as_planned_zero(tmp_path):
    """Item b disappears: its 40 moved as well."""
    plan = pd.concat([snapshots((0, 1, 100), (1, 1, 100)), snapshots((0, 1, 40), item="b")])

    assert schedule.plan_stability(client(tmp_path, plan))["moved"].tolist() == [40.0]


def test_a_missing_cycle_gives_no_change(tmp_path):
    """February was not published: March is two steps from January and is not compared."""
    plan = snapshots((0, 3, 100), (1, 3, 100), (3, 3, 900), (3, 4, 10), (4, 4, 20))

    moved = schedule.plan_stability(client(tmp_path, plan)).set_index("label")["moved"]

    assert moved.to_dict() == {MONTHS[1]: 0.0, MONTHS[4]: 10.0}


def test_rounding_below_one_per_cent_is_no_change(tmp_path):
    """A thousand pieces more or less nine: nothing moved."""
    assert schedule.plan_stability(client(tmp_path, snapshots((0, 1, 1000), (1, 1, 1009))))["moved"].tolist() == [0.0]


def test_the_frozen_zone_is_as_long_as_the_settings_say(tmp_path):
    """The current month moved by 10, the next by 50: 10 of 100 with one frozen period, 60 of 200 with two."""
    plan = snapshots((0, 1, 100), (0, 2, 100), (1, 1, 110), (1, 2, 150))
    shares = []
    for frozen in (1, 2):
        rows = schedule.frozen_moves(client(tmp_path / str(frozen), plan)) if frozen == 1 else None
        if rows is None:
            sent = {"items": items(a="Bread"), "production_plan_snapshots": plan}
            rows = schedule.frozen_moves(engagement(tmp_path / "two", sent, time_fences={"frozen": 2}))
        shares.append((rows["moved"].sum(), rows["planned"].sum()))

    assert shares == [(10.0, 100.0), (60.0, 200.0)]


@pytest.mark.parametrize(
    ("decided", "unruled"), [("2024-02-20", 0.0), ("2024-03-20", 10.0)], ids=["in time", "too late"]
)
def test_a_decision_of_the_cycle_covers_a_change_when_taken_before_the_interval_closed(tmp_path, decided, unruled):
    """February's change of 10 is covered by a decision of February, not by one taken in March."""
    plan = snapshots((0, 1, 100), (1, 1, 110), (2, 2, 10))
    taken = pd.DataFrame(
        {
            "decision_id": ["D"],
            "cycle": [MONTHS[1]],
            "family": ["Bread"],
            "raised_on": [MONTHS[1]],
            "decided_on": [pd.Timestamp(decided)],
        }
    )

    assert schedule.frozen_changes(client(tmp_path, plan, decisions=taken))["unruled"].tolist() == [unruled]


def test_changes_taken_back_have_a_negative_slope(tmp_path):
    """Up by 20 and down by 20 again: product −400 over square 400."""
    plan = snapshots((0, 2, 100), (1, 2, 120), (2, 2, 100))

    row = schedule.reversals(client(tmp_path, plan)).iloc[0]

    assert row["product"] / row["square"] == -1.0
