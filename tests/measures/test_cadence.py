"""The client's clock: cycle, decisions, lead time, protection, and the fence beside them."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from helpers.engagement import Engagement
from helpers.measures import cadence
from tests import builders
from tests.signs import stock_cases

ITEMS = builders.items(a="Bread", b="Bread")


def plan(months: int = 8) -> pd.DataFrame:
    """Ten hours of item a in each of the next four months, published every month."""
    cells = [
        {"cycle": cycle, "resource_id": "line", "item_id": "a", "period": cycle + pd.DateOffset(months=ahead)}
        for cycle in builders.cycles(months)
        for ahead in range(4)
    ]
    return pd.DataFrame(cells).assign(quantity=10.0, hours=10.0)


def bought(days: list[int], received: bool = True) -> pd.DataFrame:
    """Lines of item b ordered on 1 March 2024 and received after so many days; planned were 20."""
    ordered = pd.Timestamp("2024-03-01")
    rows = pd.DataFrame({"purchase_order_id": [f"p{k}" for k in range(len(days))], "line_id": "1", "item_id": "b"})
    rows = rows.assign(
        supplier_id="mill", ordered_on=ordered, due_on="2024-03-21", planned_lead_time_days=20.0, ordered_quantity=1.0
    )
    return rows.assign(received_on=[ordered + pd.Timedelta(days=d) for d in days]) if received else rows


def made(days: int) -> pd.DataFrame:
    """One order of item a, started as planned on 1 April 2024 and finished after `days`."""
    start = pd.Timestamp("2024-04-01")
    order = {"production_order_id": "o", "resource_id": "line", "item_id": "a", "planned_quantity": 1.0}
    return pd.DataFrame([{**order, "planned_start": start, "actual_finish": start + pd.Timedelta(days=days)}])


def clock(folder: Path, **tables: pd.DataFrame) -> tuple[Engagement, cadence.Times]:
    """The clock of a client with these tables beside items and plan."""
    engagement = builders.engagement(folder, {"items": ITEMS, "production_plan_snapshots": plan(), **tables})
    return engagement, cadence.times(engagement)


def test_the_cycle_is_the_median_of_days_between_published_plans(tmp_path: Path) -> None:
    """Seven steps of 2024 of 31, 29, 31, 30, 31, 30, 31 days: 31."""
    assert clock(tmp_path)[1].cycle == 31


def test_one_published_plan_leaves_the_planned_cadence(tmp_path: Path) -> None:
    """A single cycle has no step; the roles say 30 days."""
    roles = pd.DataFrame({"step": ["demand review"], "cadence_days": [30.0]})
    tables = {"items": ITEMS, "production_plan_snapshots": plan(1), "process_roles": roles}

    assert cadence.times(builders.engagement(tmp_path, tables)).cycle == 30


def test_the_lead_time_adds_what_is_bought_and_what_is_made(tmp_path: Path) -> None:
    """Four of five purchases came within 14 days, production takes 6: 20 days."""
    days = [10, 11, 12, 13, 14, 90]
    _, times = clock(tmp_path, purchase_orders=bought(days), production_orders=made(6))

    assert times.families.set_index("family").loc["Bread", "lead"] == 14 + 6


def test_the_planned_lead_time_stands_in_for_receipts(tmp_path: Path) -> None:
    """Nothing received: the planned 20 days."""
    _, times = clock(tmp_path, purchase_orders=bought([0], received=False))

    assert times.families["lead"].tolist() == [20]


def test_nothing_bought_or_made_has_no_lead_time(tmp_path: Path) -> None:
    """Missing, never 0."""
    assert clock(tmp_path)[1].families["lead"].isna().all()


def test_deciding_and_executing_are_counted_in_days(tmp_path: Path) -> None:
    """Raised on the 3rd, decided on the 9th, executed on the 12th: 6 and 3 days."""
    months = [f"2024-0{month}" for month in range(1, 8)]
    log = pd.DataFrame(
        {
            "decision_id": months,
            "cycle": [f"{month}-01" for month in months],
            "raised_on": [f"{month}-03" for month in months],
            "decided_on": [f"{month}-09" for month in months],
            "executed_on": [f"{month}-12" for month in months],
        }
    )
    _, times = clock(tmp_path, decisions=log)

    assert (times.deciding, times.executing) == (6, 3)
    assert times.reaction == 31 / 2 + 6


def test_without_decisions_the_reaction_is_missing(tmp_path: Path) -> None:
    """Half a cycle alone would look faster than anybody decides."""
    assert pd.isna(clock(tmp_path)[1].reaction)


def test_protection_is_safety_stock_in_days_of_demand(tmp_path: Path) -> None:
    """30 units at 100 a month are some nine days."""
    stock = stock_cases.grid(8).assign(on_hand=200.0, safety_stock=30.0, backorders=0.0)
    engagement = builders.engagement(tmp_path, stock_cases.network(8, stock, stock_cases.demand(8)))

    days = cadence.protection_days(engagement)

    assert days.to_list() == pytest.approx([9.1, 9.1], rel=0.1)


@pytest.mark.parametrize(
    ("fence", "lead", "protection", "fit"),
    [
        (60, 60, 10, "fits"),
        (49, 60, 10, "too short"),
        (50, 60, 10, "fits"),
        (90, 60, 10, "fits"),
        (91, 60, 10, "too long"),
        (60, 60, None, "fits"),
        (59, 60, None, None),
        (60, None, 10, None),
    ],
)
def test_the_fence_lies_between_unprotected_lead_time_and_one_and_a_half(
    fence: float, lead: float | None, protection: float | None, fit: str | None
) -> None:
    """Short below lead − protection, long above 1.5 lead; unknown where the missing number would decide."""
    families = pd.DataFrame({"lead": [lead], "protection": [protection]}, dtype=float)

    assert cadence.fence_fit(families, fence).tolist() == [fit]


def test_movement_inside_counts_periods_that_open_within_the_lead_time(tmp_path: Path) -> None:
    """Two snapshots share periods 0, 1 and 2 months ahead, all moved alike; two of three open within 40 days."""
    moving = plan().assign(hours=lambda p: 10.0 + 5.0 * (p["cycle"].dt.month % 2))
    engagement, times = clock(tmp_path, production_plan_snapshots=moving, production_orders=made(40))

    assert cadence.moved_inside(engagement, times.families) == pytest.approx(2 / 3)


def test_a_plan_that_never_moves_has_no_share_inside(tmp_path: Path) -> None:
    """0 over 0 is missing."""
    engagement, times = clock(tmp_path, production_orders=made(40))

    assert pd.isna(cadence.moved_inside(engagement, times.families))


def test_the_clock_uses_only_what_was_known(tmp_path: Path) -> None:
    """As of May, an order that finishes in July is not finished yet, and its planned finish was not sent."""
    tables = {"items": ITEMS, "production_plan_snapshots": plan(), "production_orders": made(100)}

    assert cadence.times(builders.engagement(tmp_path, tables)).lead == 100
    assert pd.isna(cadence.times(builders.engagement(tmp_path, tables, as_of="2024-05-01")).lead)
