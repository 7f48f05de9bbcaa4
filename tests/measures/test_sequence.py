"""The planned sequence of a line against what the shop floor did."""

from __future__ import annotations

import pandas as pd
import pytest

from helpers.measures import sequence
from tests.builders import cycles, engagement, items

MONDAY = pd.Timestamp("2024-01-08")


def line(planned: list[int], started: list[int | None], **more: object) -> dict[str, pd.DataFrame]:
    """Orders of one line by the days after a Monday on which they were planned to start and did."""
    days = pd.to_timedelta(pd.Series(planned), unit="D")
    done = pd.to_timedelta(pd.Series(started, dtype="float64"), unit="D")
    orders = pd.DataFrame(
        {"production_order_id": [f"P{n}" for n in range(len(planned))], "planned_start": MONDAY + days}
    )
    orders = orders.assign(actual_start=MONDAY + done, resource_id="L1", item_id="a", planned_quantity=1.0, **more)
    stock = pd.DataFrame({"period": cycles(6), "item_id": "a", "on_hand": 1.0})
    return {"items": items(a="Bread"), "production_orders": orders, "inventory_snapshots": stock}


def index(folder, planned: list[int], started: list[int | None]) -> float:
    """The sequence change index of the first week."""
    return float(sequence.sequence_changes(engagement(folder, line(planned, started)))["sci"].iloc[0])


def test_a_week_started_as_planned_scores_zero(tmp_path):
    """Five orders on five days, each on its day."""
    assert index(tmp_path, [0, 1, 2, 3, 4], [0, 1, 2, 3, 4]) == 0


def test_only_pairs_planned_two_days_apart_count(tmp_path):
    """Neighbours exchanged are no change; first and last exchanged cross five of six pairs."""
    assert index(tmp_path / "neighbours", [0, 1, 2, 3, 4], [1, 0, 2, 3, 4]) == 0
    assert index(tmp_path / "ends", [0, 1, 2, 3, 4], [4, 1, 2, 3, 0]) == pytest.approx(5 / 6)


def test_an_order_overtaken_by_a_later_week_is_not_kept(tmp_path):
    """Four of five start, the fifth never does though next week's order did: J is 4/5."""
    assert index(tmp_path, [0, 1, 2, 3, 4, 8], [0, 1, 2, 3, None, 8]) == pytest.approx(1 / 5)


def test_an_order_pulled_forward_from_later_weeks_widens_the_union(tmp_path):
    """All five are kept and a sixth, planned a week later, jumps in: J is 5/6."""
    assert index(tmp_path, [0, 1, 2, 3, 4, 8], [0, 1, 2, 3, 4, 2]) == pytest.approx(1 / 6)


def test_four_orders_are_too_few_to_judge_a_week(tmp_path):
    """Below five orders a week says nothing."""
    assert sequence.sequence_changes(engagement(tmp_path, line([0, 1, 2, 3], [3, 2, 1, 0]))).empty


def test_set_ups_are_compared_with_what_they_used_to_be(tmp_path):
    """Half an hour an order for three months, then 0.6: a fifth more."""
    days = [0, 31, 62, 93]
    finish = MONDAY + pd.to_timedelta(pd.Series(days), unit="D")
    sent = line(days, days, actual_finish=finish, setup_hours=[0.5, 0.5, 0.5, 0.6])

    excess = sequence.setup_excess(engagement(tmp_path, sent))["excess"]

    assert excess.iloc[:3].isna().all()
    assert excess.iloc[3] == pytest.approx(0.2)


def three_changes():
    """A sequence change and an insert in the first week, a date change in the second."""
    return pd.DataFrame(
        {
            "changed_on": MONDAY + pd.to_timedelta(pd.Series([0, 1, 9]), unit="D"),
            "resource_id": "L1",
            "production_order_id": ["P0", "P1", "P1"],
            "change_type": ["sequence", "insert", "date"],
        }
    )


def test_weeks_with_changes_are_counted_once(tmp_path):
    """Two sequence changes in one week of January and a date change in another: three changes, one of 31/7 weeks."""
    sent = line([0, 1], [0, 1])
    sent["schedule_changes"] = three_changes()

    row = sequence.changes_per_order(engagement(tmp_path, sent)).iloc[0]

    assert (row["changes"], row["orders"], row["cpo"]) == (3, 2, 1.5)
    assert row["weeks_changed"] == pytest.approx(7 / 31)


@pytest.mark.parametrize(("reasons", "found"), [(["material", None, None], [(3, 2)]), ([None, None, None], [])])
def test_changes_that_name_no_reason_are_counted_where_reasons_are_logged(tmp_path, reasons, found):
    """Two of three changes say nothing; a log that never holds a reason may not ask for one."""
    sent = line([0, 1], [0, 1])
    sent["schedule_changes"] = three_changes().assign(reason_code=pd.Series(reasons, dtype="string"))

    rows = sequence.unreasoned_changes(engagement(tmp_path, sent))

    assert list(zip(rows["changes"], rows["unreasoned"], strict=True)) == found
