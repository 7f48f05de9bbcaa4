"""Order lines held by overtime: a share of a resource's lines, those with the least slack first."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from helpers.measures.overtime_lines import held_by_overtime, overtime_share, propped_bounds
from tests import builders

MONTH = pd.Timestamp("2024-01-01")


def tables(slack: list[int], overtime: float, expedited: int = 0, planned: float = 0.0) -> dict[str, pd.DataFrame]:
    """A month of 31 days and 310 hours on L1, which makes all of item a in 400 hours; one line for each slack."""
    due = MONTH + pd.Timedelta(days=20)
    lines = pd.DataFrame(
        {
            "order_id": [str(number) for number in range(len(slack))],
            "item_id": "a",
            "ordered_on": MONTH,
            "requested_on": due,
            "delivered_on": [due - pd.Timedelta(days=days) for days in slack],
            "ordered_quantity": 1.0,
            "delivered_quantity": 1.0,
            "expedited": [number < expedited for number in range(len(slack))],
            "days_saved": [9.0 if number < expedited else None for number in range(len(slack))],
        }
    )
    orders = pd.DataFrame(
        {
            "production_order_id": ["1"],
            "resource_id": "L1",
            "item_id": "a",
            "planned_start": MONTH,
            "planned_finish": MONTH + pd.Timedelta(days=9),
            "actual_finish": MONTH + pd.Timedelta(days=9),
            "planned_quantity": 10.0,
            "actual_hours": 400.0,
            "overtime_hours": overtime,
        }
    )
    capacity = pd.DataFrame(
        {"resource_id": ["L1"], "period": MONTH, "planned_hours": 310.0, "planned_overtime_hours": planned}
    )
    costs = pd.DataFrame({"period": [MONTH], "kind": "overtime", "amount": 1.0})
    return {
        "items": builders.items(a="Bread"),
        "order_lines": lines,
        "production_orders": orders,
        "capacity": capacity,
        "compensation_costs": costs,
    }


def test_the_share_and_the_days_of_overtime(tmp_path: Path) -> None:
    """40 of 400 hours are a tenth of the output; at 10 planned hours a day they gained four days."""
    found = overtime_share(builders.engagement(tmp_path, tables([0] * 10, overtime=40.0)))

    assert found[["theta", "days"]].to_numpy().tolist() == [[pytest.approx(0.1), pytest.approx(4.0)]]


@pytest.mark.parametrize(
    ("slack", "held"),
    [([0] * 20, 2.0), ([3] + [4] * 19, 1.0), ([4] * 20, 0.0)],
    ids=["all tight", "one tight", "all with time to spare"],
)
def test_only_lines_with_less_slack_than_the_days_gained_were_held(
    tmp_path: Path, slack: list[int], held: float
) -> None:
    """A tenth of twenty lines, as far as they had fewer than four days; at most a tenth in any case."""
    found = held_by_overtime(builders.engagement(tmp_path, tables(slack, overtime=40.0)))

    assert found is not None
    assert found[["held", "held_most"]].to_numpy().tolist() == [[pytest.approx(held), pytest.approx(2.0)]]


def test_overtime_in_the_plan_is_capacity_and_holds_nothing(tmp_path: Path) -> None:
    """40 hours worked, 40 planned."""
    found = held_by_overtime(builders.engagement(tmp_path, tables([0] * 20, overtime=40.0, planned=40.0)))

    assert found is not None
    assert found[["held", "held_most"]].to_numpy().tolist() == [[0.0, 0.0]]


def test_a_line_is_held_once_by_an_expedite_or_by_overtime(tmp_path: Path) -> None:
    """Ten of twenty lines expedited: overtime holds a tenth of the other ten; with it the gap is 11 of 20 lines."""
    engagement = builders.engagement(tmp_path, tables([0] * 20, overtime=40.0, expedited=10))
    found, gaps = held_by_overtime(engagement), propped_bounds(engagement)

    assert found is not None
    assert found[["held", "held_most"]].to_numpy().tolist() == [[pytest.approx(1.0), pytest.approx(1.0)]]
    assert gaps["propped_gap"].tolist() == [0.5]
    assert gaps[["propped_gap_overtime", "propped_gap_most"]].to_numpy().tolist() == [[pytest.approx(11 / 20)] * 2]


def test_without_expedites_there_is_no_bound(tmp_path: Path) -> None:
    """Nobody said which lines were rushed, so the most that was rescued is unknown and not 0."""
    sent = tables([0] * 20, overtime=40.0)
    sent["order_lines"] = sent["order_lines"].drop(columns=["expedited", "days_saved"])

    assert "propped_gap_most" not in propped_bounds(builders.engagement(tmp_path, sent))


def test_overtime_that_cannot_be_linked_leaves_the_bound_of_the_expedites(tmp_path: Path) -> None:
    """Without overtime hours on production orders nobody knows which items they went into; no line was expedited: 0."""
    sent = tables([0] * 20, overtime=40.0)
    sent["production_orders"] = sent["production_orders"].drop(columns="overtime_hours")

    engagement = builders.engagement(tmp_path, sent)

    assert held_by_overtime(engagement) is None
    gaps = propped_bounds(engagement)
    assert gaps["propped_gap_most"].tolist() == [0.0]
    assert "propped_gap_overtime" not in gaps
