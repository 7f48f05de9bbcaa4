"""The connected model against examples of textbooks whose optima are published."""

from __future__ import annotations

import pandas as pd
import pytest

from helpers.scenarios.network import Network
from helpers.scenarios.policy import Policy
from helpers.scenarios.solve import Solution, solve
from tests.scenarios.networks import network

NOBODY = pd.MultiIndex.from_tuples([], names=["product", "segment"])
FOR_MONEY = Policy(protected=NOBODY, worth=0.0, waits_for=NOBODY)


def shipped(solution: Solution) -> dict[str, float]:
    """Units of each product that are sold."""
    sums = solution.amounts["ship"].groupby("product")["value"].sum()
    return {name: round(value, 3) for name, value in sums.items()}


def margin(solution: Solution) -> float:
    """What the units sold earn."""
    products = solution.network.products.set_index("product")
    sold = solution.amounts["ship"].groupby("product")["value"].sum()
    return float((sold * (products["price"] - products["cost"])).sum())


def hour_prices(solution: Solution) -> dict[str, float]:
    """What one more hour of each resource is worth."""
    rows = solution.worth_of_hours.set_index("resource")["money"]
    return {name: round(value, 3) for name, value in rows.items()}


def allocation(margins: dict[str, float], made: dict[str, dict[str, float]], hours: dict[str, float],
               demand: dict[str, float]) -> Network:  # fmt: skip
    """One period, products that share resources, margins to earn."""
    return network(
        {name: [units] for name, units in demand.items()},
        products={name: {"price": earned, "cost": 0.0, "carrying": 0.0} for name, earned in margins.items()},
        made=made,
        hours={name: {"regular": value} for name, value in hours.items()},
    )


def test_sailco_is_supplied_at_its_published_cost():
    """Winston, Operations Research, inventory example: 40, 60, 75, 25 boats at a least cost of 78,450."""
    sailco = network(
        {"boat": [40, 60, 75, 25]},
        products={"boat": {"price": 1000.0, "cost": 400.0, "carrying": 20.0, "stock": 10.0}},
        made={"boat": {"yard": 1.0}},
        hours={"yard": {"regular": 40.0, "overtime": 1000.0, "rate": 50.0}},
    )

    plan = solve(sailco, Policy())

    made = float(plan.amounts["make"]["value"].sum())
    assert plan.reached["service"] == pytest.approx(0.0, abs=1e-6)
    assert 400 * made + plan.reached["money"] == pytest.approx(78_450, abs=0.01)
    assert plan.amounts["over"]["value"].round(3).tolist() == [0.0, 10.0, 35.0, 0.0]


def test_wyndor_glass_earns_its_published_profit_and_hours_their_shadow_prices():
    """Hillier & Lieberman, Introduction to Operations Research: 2 doors, 6 windows, 36 in all, prices 0, 3/2 and 1."""
    wyndor = allocation(
        {"door": 3.0, "window": 5.0},
        {"door": {"plant 1": 1.0, "plant 3": 3.0}, "window": {"plant 2": 2.0, "plant 3": 2.0}},
        {"plant 1": 4.0, "plant 2": 12.0, "plant 3": 18.0},
        {"door": 100.0, "window": 100.0},
    )

    plan = solve(wyndor, FOR_MONEY)

    assert shipped(plan) == {"door": 2.0, "window": 6.0}
    assert margin(plan) == pytest.approx(36.0, abs=1e-4)
    assert hour_prices(plan) == {"plant 1": 0.0, "plant 2": 1.5, "plant 3": 1.0}


def test_giapetto_carves_its_published_toys():
    """Winston, Operations Research: 20 soldiers, 60 trains, 180 in all; an hour of either shop is worth 1."""
    giapetto = allocation(
        {"soldier": 3.0, "train": 2.0},
        {"soldier": {"finishing": 2.0, "carpentry": 1.0}, "train": {"finishing": 1.0, "carpentry": 1.0}},
        {"finishing": 100.0, "carpentry": 80.0},
        {"soldier": 40.0, "train": 1000.0},
    )

    plan = solve(giapetto, FOR_MONEY)

    assert shipped(plan) == {"soldier": 20.0, "train": 60.0}
    assert margin(plan) == pytest.approx(180.0, abs=1e-4)
    assert hour_prices(plan) == {"carpentry": 1.0, "finishing": 1.0}


def test_reddy_mikks_mixes_its_published_paints():
    """Taha, Operations Research: 3 t of exterior, 1.5 t of interior paint, 21 in all; raw materials worth 0.75, 0.5.

    The book's rule that interior may exceed exterior by a ton at most does not bind and is left out.
    """
    mikks = allocation(
        {"exterior": 5.0, "interior": 4.0},
        {"exterior": {"M1": 6.0, "M2": 1.0}, "interior": {"M1": 4.0, "M2": 2.0}},
        {"M1": 24.0, "M2": 6.0},
        {"exterior": 1000.0, "interior": 2.0},
    )

    plan = solve(mikks, FOR_MONEY)

    assert shipped(plan) == {"exterior": 3.0, "interior": 1.5}
    assert margin(plan) == pytest.approx(21.0, abs=1e-4)
    assert hour_prices(plan) == {"M1": 0.75, "M2": 0.5}


def test_a_level_quarter_takes_every_source_at_its_published_cost():
    """Exercise of the transportation method: 1,250 a month from 1,000 at 5, 200 at 7, 150 at 8 cost 20,400."""
    quarter = network(
        {"unit": [1250, 1250, 1250]},
        products={"unit": {"price": 20.0, "cost": 5.0, "carrying": 1.0}},
        made={"unit": {"plant": 1.0}},
        hours={"plant": {"regular": 1000.0, "overtime": 200.0, "rate": 2.0}},
        sources=[{"source": "subcontractor", "product": "unit", "extra": 3.0, "is_rush": True, "most": 150.0}],
    )

    plan = solve(quarter, Policy())

    assert 5 * 3750 + plan.reached["money"] == pytest.approx(20_400, abs=0.01)
    assert plan.amounts["buy"]["value"].round(3).tolist() == [50.0, 50.0, 50.0]
