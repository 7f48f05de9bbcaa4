"""Constant prices: inflation alone spares nothing."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from helpers import costing
from helpers.evidence import Range
from helpers.judgement import avoidable
from helpers.measures.prices import price_level
from tests import builders

MONTHS = builders.cycles(24)
PRICES = pd.Series([1.02**month for month in range(24)], MONTHS)


def book(folder: Path, *, indexed: bool, booked: bool = False) -> costing.Ledger:
    """Overtime that only its price raises, 2 % a month; sales at today's unit cost or booked, an index sent or not."""
    costs = pd.DataFrame({"period": MONTHS, "kind": "overtime", "amount": 10 * PRICES.to_numpy()})
    demand = pd.DataFrame({"period": MONTHS, "item_id": "a", "quantity": 1000.0})
    tables = {"items": builders.items(a="Bread"), "compensation_costs": costs, "actual_demand": demand}
    if indexed:
        tables["price_index"] = pd.DataFrame({"period": MONTHS, "index": PRICES.to_numpy()})
    if booked:
        goods = 1000 * PRICES.to_numpy()
        earned = {"period": MONTHS, "family": "Bread", "revenue": 2 * goods, "cost_of_goods_sold": goods}
        tables["financials"] = pd.DataFrame(earned)
    return costing.build(builders.engagement(folder, tables), lambda _: None)


def spared(found: costing.Ledger) -> float:
    """The central avoidable cost of the second year against the first."""
    amounts = found.rows.pivot_table(index="kind", columns="label", values="amount")
    share = amounts * 0 + 1.0
    labels = pd.DatetimeIndex(amounts.columns)
    spending = avoidable.Spending(amounts, share, found.activity_at(constant_prices=False))
    return avoidable.avoidable(spending, labels[12:], labels[:12], Range(1.0, 1.0, 1.0))[0].central


@pytest.mark.parametrize("booked", [True, False], ids=["booked sales", "sales at unit cost"])
def test_inflation_alone_is_not_avoidable(tmp_path: Path, booked: bool) -> None:
    """With the index nothing is spared, whatever prices the sales are at."""
    assert spared(book(tmp_path, indexed=True, booked=booked)) == pytest.approx(0.0, abs=1e-6)


def test_without_an_index_dearer_hours_look_avoidable(tmp_path: Path) -> None:
    """What the index is for: sales at today's unit cost beside money at the prices of its month."""
    assert spared(book(tmp_path, indexed=False)) > 20


def test_carrying_costs_at_todays_prices_meet_sales_at_todays_prices(tmp_path: Path) -> None:
    """Booked sales of equal volume are the same in every label once they stand at today's prices."""
    activity = book(tmp_path, indexed=True, booked=True).activity_at(constant_prices=True)

    assert activity.to_numpy() == pytest.approx(activity.iloc[-1])


def test_the_price_level_of_a_month_without_an_index_is_that_before(tmp_path: Path) -> None:
    """The index ends in March: later months stand at it, at 1; January at its own part of it."""
    demand = pd.DataFrame({"period": MONTHS[:6], "item_id": "a", "quantity": 1.0})
    index = pd.DataFrame({"period": MONTHS[:3], "index": [80.0, 90.0, 100.0]})
    tables = {"items": builders.items(a="Bread"), "actual_demand": demand, "price_index": index}

    assert price_level(builders.engagement(tmp_path, tables)).tolist() == [0.8, 0.9, 1.0, 1.0, 1.0, 1.0]
