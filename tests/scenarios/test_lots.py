"""Purchases in whole lots: a mixed-integer plan, checked by hand."""

from __future__ import annotations

import pandas as pd
import pytest

from helpers.scenarios.network import Network
from helpers.scenarios.policy import Policy
from helpers.scenarios.solve import solve
from tests.scenarios.networks import network


@pytest.fixture
def plant() -> Network:
    """Fifty, ten and fifty units of a bought product, in lots of forty, at 1 for a unit in stock."""
    lots = [{"source": "ordered", "product": "A", "lot": 40.0}]
    return network({"A": [50.0, 10.0, 50.0]}, products={"A": {"carrying": 1.0}}, sources=lots)


def test_purchases_come_in_whole_lots(plant: Network) -> None:
    """Two lots cover 50 and 10 and leave 20, one more covers the last 50: stock of 30, 20 and 10, for 60 in all."""
    plan = solve(plant, Policy(in_lots=True))

    assert plan.amounts["buy"]["value"].round(3).tolist() == [80.0, 0.0, 40.0]
    assert plan.reached["service"] == pytest.approx(0.0, abs=1e-6)
    assert plan.reached["money"] == pytest.approx(60.0, abs=1e-3)
    assert plan.worth_of_hours.empty


def test_without_lots_nothing_is_left_in_stock(plant: Network) -> None:
    """What is asked for is bought, period by period."""
    plan = solve(plant, Policy())

    assert plan.amounts["buy"]["value"].round(3).tolist() == [50.0, 10.0, 50.0]
    assert plan.reached["money"] == pytest.approx(0.0, abs=1e-6)


def test_an_hour_has_no_price_of_its_own_where_lots_are_whole() -> None:
    """Its worth is missing, not 0."""
    plant = network(
        {"A": [20.0], "B": [20.0]},
        made={"A": {"line": 1.0}},
        hours={"line": {"regular": 10.0, "overtime": 10.0, "rate": 3.0}},
        sources=[{"source": "ordered", "product": "B", "lot": 15.0}],
    )

    worth = solve(plant, Policy(in_lots=True)).worth_of_hours

    assert pd.isna(worth["money"]).all()
    assert len(worth) == 1
