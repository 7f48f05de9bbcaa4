"""Watchlists of critical families and constrained resources."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from helpers.measures import watch
from tests import builders
from tests.signs import stock_cases as cases


def families(folder: Path, on_hand: float, backorders: float = 0.0) -> pd.DataFrame:
    """The watchlist of a network whose critical family 0 holds `on_hand` of every item; demand is 100 a month."""
    stock = cases.grid(8).assign(on_hand=on_hand, safety_stock=30.0, backorders=backorders)
    tables = cases.network(8, stock, cases.demand(8))
    rows = watch.critical_families_watch(builders.engagement(folder, tables, critical_families=("family 0",)))
    assert rows["subject"].unique().tolist() == ["family 0"]
    return rows.set_index("watch")


def test_cover_is_counted_in_days_of_mean_demand(tmp_path: Path) -> None:
    """200 of stock at 100 a month are about two months."""
    assert families(tmp_path, 200.0).loc["cover", "value"] == pytest.approx(2 * 30.4, rel=0.1)


def test_cover_below_what_risk_asks_for_is_red(tmp_path: Path) -> None:
    """Ten units are less than the required stock of some 45."""
    rows = families(tmp_path, 10.0)

    assert rows.loc["cover", "colour"] == "red"


def test_items_without_stock_turn_red_at_four_times_the_service_gap(tmp_path: Path) -> None:
    """At a service target of 95 %, a share of 100 % empty is far above 20 %."""
    rows = families(tmp_path, 0.0, backorders=50.0)

    assert rows.loc["empty", "colour"] == "red"
    assert rows.loc["backlog", "value"] == pytest.approx(15.2, rel=0.1)


def test_a_steady_series_has_no_arrow(tmp_path: Path) -> None:
    """Backorders of 0 in every cycle point nowhere."""
    assert pd.isna(families(tmp_path, 200.0).loc["backlog", "arrow"])


def test_a_full_resource_is_amber_and_an_overloaded_one_red(tmp_path: Path) -> None:
    """96 and 110 of 100 hours worked; limits 95 % and 105 %."""
    periods = pd.date_range("2024-01-01", periods=4, freq="MS")
    rows = [(p, r, h) for p in periods for r, h in (("full", 96.0), ("over", 110.0))]
    orders = pd.DataFrame(rows, columns=["planned_start", "resource_id", "actual_hours"])
    orders = orders.assign(
        production_order_id=[str(k) for k in range(len(orders))],
        item_id="a",
        planned_quantity=1.0,
        standard_hours=90.0,
        actual_start=orders["planned_start"],
        actual_finish=orders["planned_start"] + pd.Timedelta(days=5),
    )
    hours = orders.rename(columns={"planned_start": "period"})[["period", "resource_id"]].assign(planned_hours=100.0)
    tables = {
        "items": builders.items(a="Bread"),
        "production_orders": orders,
        "capacity": hours.assign(available_hours=100.0),
    }
    found = watch.constrained_resources_watch(builders.engagement(tmp_path, tables))

    loads = found[found["watch"] == "load"].set_index("subject")
    assert loads["colour"].to_dict() == {"full": "amber", "over": "red"}


def test_nothing_sent_gives_an_empty_list(tmp_path: Path) -> None:
    """Without stock and purchases there is nothing to watch."""
    sales = pd.DataFrame({"period": ["2024-01-01"], "item_id": ["a"], "quantity": [1.0]})
    engagement = builders.engagement(tmp_path, {"items": builders.items(a="Bread"), "actual_demand": sales})

    assert watch.critical_families_watch(engagement).empty
    assert watch.constrained_resources_watch(engagement).empty
