"""From an engagement to its network, part by part."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from helpers.engagement import Engagement
from helpers.scenarios.gather import network_of
from helpers.scenarios.network import Network
from tests import builders

CYCLES = builders.cycles(8, "2025-05-01")  # as of the first of January 2026
AHEAD = JANUARY, FEBRUARY, MARCH = pd.date_range("2026-01-01", periods=3, freq="MS")
DECEMBER = CYCLES[-1]


def client(folder: Path, **tables: pd.DataFrame) -> Engagement:
    """A client who asked for ten of `a` each month so far and expects ten, twenty and thirty; the line makes it.

    The plan reaches two months, at half an hour a unit.
    """
    rows = {
        "items": builders.items(a="Bread"),
        "actual_demand": pd.DataFrame({"period": CYCLES, "item_id": "a", "quantity": 10.0}),
        "forecast_snapshots": forecast("a", [10.0, 20.0, 30.0]),
        "production_plan_snapshots": planned("line", [10.0, 20.0], [5.0, 10.0]),
        "capacity": hours("line"),
        **tables,
    }
    return builders.engagement(folder, rows)


def forecast(item: str, quantity: list[float]) -> pd.DataFrame:
    """What January's cycle expects of an item from January on."""
    return pd.DataFrame(
        {
            "cycle": JANUARY,
            "item_id": item,
            "period": AHEAD[: len(quantity)],
            "quantity": quantity,
            "stage": "consensus",
        }
    )


def planned(resource: str, quantity: list[float], work: list[float]) -> pd.DataFrame:
    """What January's cycle makes of `a` on a resource from January on."""
    return pd.DataFrame(
        {"cycle": JANUARY, "item_id": "a", "resource_id": resource, "period": AHEAD[: len(quantity)],
         "quantity": quantity, "hours": work}
    )  # fmt: skip


def hours(*resources: str) -> pd.DataFrame:
    """Twelve hours a month on each resource."""
    parts = [pd.DataFrame({"resource_id": name, "period": AHEAD, "planned_hours": 12.0}) for name in resources]
    return pd.concat(parts, ignore_index=True)


def network(engagement: Engagement) -> Network:
    """The network by items."""
    return network_of(engagement, "item")


def cells(rows: pd.DataFrame, *columns: str) -> list[list[object]]:
    """Some columns of a frame, in the order of its rows."""
    return rows[[*columns]].to_numpy().tolist()


@pytest.mark.parametrize(("priced", "is_priced"), [({"unit_cost": 1.0}, True), ({}, False)], ids=["a cost", "nothing"])
def test_a_network_says_whether_its_prices_are_money(tmp_path: Path, priced: dict[str, float], is_priced: bool) -> None:
    """Where neither cost nor price was sent a unit counts 1, and that is no money."""
    items = pd.DataFrame({"item_id": ["a"], "family": "Bread", **priced})

    found = network(client(tmp_path, items=items))

    assert (found.is_priced, found.products["cost"].tolist()) == (is_priced, [1.0])
    assert found.values["margin"].isna().all() != is_priced


def test_periods_end_with_the_shorter_plan(tmp_path: Path) -> None:
    """Forecast to March, production planned to February."""
    found = network(client(tmp_path))

    assert [*found.periods] == [JANUARY, FEBRUARY]
    assert found.demand["quantity"].tolist() == [10.0, 20.0]


def test_demand_divides_as_orders_did(tmp_path: Path) -> None:
    """Thirty for shops and ten for hotels, of which four went by courier at 2 a unit: a quarter, two fifths urgent."""
    lines = pd.DataFrame(
        {"order_id": ["1", "2", "3"], "item_id": "a", "customer_segment": ["shop", "hotel", "hotel"],
         "ordered_on": DECEMBER, "requested_on": DECEMBER, "promised_on": DECEMBER, "delivered_on": DECEMBER,
         "ordered_quantity": [30.0, 6.0, 4.0], "delivered_quantity": [30.0, 6.0, 4.0],
         "expedited": [False, False, True], "expedite_cost": [0.0, 0.0, 8.0]}
    )  # fmt: skip
    found = network(client(tmp_path, order_lines=lines)).demand
    hotel = found[found["segment"] == "hotel"]

    assert hotel["quantity"].tolist() == [2.5, 5.0]
    assert hotel["urgent"].tolist() == [1.0, 2.0]
    assert hotel["courier"].tolist() == [2.0, 2.0]
    assert found.groupby("period")["quantity"].sum().tolist() == [10.0, 20.0]


def test_backorders_divide_like_demand_and_stay_where_nothing_is_forecast(tmp_path: Path) -> None:
    """Eight of `a` and four of `b`, which is forecast no more: three quarters of each are the shops'."""
    lines = pd.DataFrame(
        {"order_id": ["1", "2"], "item_id": "a", "customer_segment": ["shop", "hotel"], "ordered_on": DECEMBER,
         "requested_on": DECEMBER, "ordered_quantity": [30.0, 10.0]}
    )  # fmt: skip
    stock = pd.DataFrame({"period": DECEMBER, "item_id": ["a", "b"], "on_hand": 0.0, "backorders": [8.0, 4.0]})
    items = builders.items(a="Bread", b="Bread").assign(primary_resource_id="line")

    found = network(client(tmp_path, items=items, order_lines=lines, inventory_snapshots=stock)).owed

    assert sorted(cells(found, "product", "segment", "quantity")) == [
        ["a", "hotel", 2.0],
        ["a", "shop", 6.0],
        ["b", "hotel", 1.0],
        ["b", "shop", 3.0],
    ]


def test_a_product_has_a_route_for_each_resource(tmp_path: Path) -> None:
    """Half an hour a unit on the line, two hours over the whole plan of the press, in one month or the other."""
    plan = pd.concat([planned("line", [10.0, 20.0], [5.0, 10.0]), planned("press", [5.0, 5.0], [5.0, 15.0])])

    found = network(client(tmp_path, production_plan_snapshots=plan, capacity=hours("line", "press")))

    assert cells(found.steps, "route", "resource", "hours") == [
        ["a on line", "line", 0.5],
        ["a on press", "press", 2.0],
    ]
    assert found.plan.groupby("route")["quantity"].sum().tolist() == [30.0, 10.0]


def test_without_hours_a_resource_limits_nothing_and_that_is_said(tmp_path: Path) -> None:
    """The press has a plan and no hours: its route has no step."""
    plan = pd.concat([planned("line", [10.0, 20.0], [5.0, 10.0]), planned("press", [5.0, 5.0], [5.0, 15.0])])

    found = network(client(tmp_path, production_plan_snapshots=plan))

    assert found.steps["resource"].tolist() == ["line"]
    assert "Nothing limits press: no hours were sent for it in capacity." in found.simplified


def test_overtime_is_priced_by_what_was_paid_for_it(tmp_path: Path) -> None:
    """Ten hours on the line were paid 300; forty on the press, where nothing was booked, tell nothing: 30 an hour."""
    names, worked = ["line", "press"], [10.0, 40.0]
    orders = pd.DataFrame(
        {"production_order_id": names, "resource_id": names, "item_id": "a", "planned_start": DECEMBER,
         "planned_finish": DECEMBER, "actual_start": DECEMBER, "actual_finish": DECEMBER, "planned_quantity": 10.0,
         "actual_quantity": 10.0, "actual_hours": 50.0, "standard_hours": 50.0, "overtime_hours": worked}
    )  # fmt: skip
    paid = pd.DataFrame({"period": [DECEMBER], "kind": "overtime", "amount": 300.0, "resource_id": "line"})
    plan = pd.concat([planned("line", [10.0, 20.0], [5.0, 10.0]), planned("press", [5.0, 5.0], [5.0, 15.0])])
    tables = {"production_orders": orders, "compensation_costs": paid, "production_plan_snapshots": plan}

    found = network(client(tmp_path, capacity=hours("line", "press"), **tables))

    assert cells(found.resources, "resource", "rate") == [["line", 30.0], ["press", 30.0]]
    assert found.hours.groupby("resource")["overtime"].max().tolist() == worked


def test_a_supplier_sells_at_the_lead_time_it_keeps_and_rushed_at_the_price_it_took(tmp_path: Path) -> None:
    """Ordered lines took 61 days, two months; six rushed units took ten days, none, and 12 of freight: 2 a unit."""
    ordered = pd.Timestamp("2025-10-01")
    lines = pd.DataFrame(
        {"purchase_order_id": ["1", "2"], "line_id": "1", "item_id": "b", "supplier_id": "mill",
         "ordered_on": [ordered, pd.Timestamp("2025-12-01")],
         "received_on": [pd.Timestamp("2025-12-01"), pd.Timestamp("2025-12-11")],
         "due_on": pd.Timestamp("2025-12-01"), "ordered_quantity": [50.0, 6.0], "received_quantity": [50.0, 6.0],
         "unit_price": 1.0, "standard_price": 1.0, "expedited": [False, True], "expedite_cost": [0.0, 12.0]}
    )  # fmt: skip
    tables = {
        "items": builders.items(a="Bread", b="Flour"),
        "forecast_snapshots": pd.concat([forecast("a", [10.0, 20.0]), forecast("b", [5.0, 5.0])]),
        "purchase_orders": lines,
        "suppliers": pd.DataFrame({"supplier_id": ["mill"], "planned_lead_time_days": [30.0]}),
    }

    found = network(client(tmp_path, **tables)).sources

    columns = ("source", "supplier", "is_rush", "lead", "extra", "most")
    assert cells(found, *columns) == [
        ["b, ordered", "mill", False, 2.0, 0.0, float("inf")],
        ["b, rushed", "mill", True, 0.0, 2.0, 6.0],
    ]
