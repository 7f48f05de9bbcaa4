"""Whatever is asked of it, the model neither makes nor loses a unit or an hour."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from helpers.scenarios.network import Network
from helpers.scenarios.outcome import misses, rescues
from helpers.scenarios.policy import Policy
from helpers.scenarios.solve import Solution, solve
from tests.scenarios.networks import network

CLOSE = 1e-4
amounts = st.integers(0, 100).map(float)
few = settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)


@st.composite
def networks(draw: st.DrawFn) -> Network:
    """Two made products that share a line, one bought product, three months."""
    three = st.lists(amounts, min_size=3, max_size=3)
    names = ("A", "B", "C")
    masters: dict[str, dict[str, Any]] = {
        name: {"stock": draw(amounts), "safety": draw(amounts), "carrying": 0.5} for name in names
    }
    return network(
        {name: draw(three) for name in names},
        products=masters,
        made={"A": {"line": 1.0}, "B": {"line": 2.0}},
        hours={"line": {"regular": draw(amounts), "overtime": draw(amounts), "rate": 3.0, "rated": 0.8}},
        sources=[
            {"source": "ordered", "product": "C", "lead": draw(st.integers(0, 4))},
            {"source": "rushed", "product": "C", "is_rush": True, "extra": 2.0, "most": draw(amounts)},
        ],
        plan={name: draw(three) for name in ("A", "B")},
        arrivals={"C": draw(three)},
        owed={"A": draw(amounts)},
        shares={"all": 0.25, "retail": 0.75},
        urgent=0.1,
        courier=1.0,
    )


NOBODY = pd.MultiIndex.from_tuples([], names=["product", "segment"])
RETAIL = pd.MultiIndex.from_tuples([("A", "retail")], names=["product", "segment"])
policies = st.builds(
    Policy,
    worth=st.sampled_from([0.0, 0.5, 1.0]),
    waits_for=st.sampled_from([None, RETAIL, NOBODY]),
    longest_wait=st.sampled_from([None, 1, 2]),
    follows_plan=st.sampled_from([0, 1, 3]),
    demonstrated=st.booleans(),
    rescue_at_most=st.sampled_from([None, 0.0, 50.0]),
    can_rescue=st.booleans(),
    protected=st.sampled_from([None, RETAIL]),
)


def summed(solution: Solution, name: str, by: str) -> pd.Series:
    """A variable summed over the rest."""
    return solution.amounts[name].groupby(by)["value"].sum()


def at_the_end(solution: Solution, name: str) -> pd.Series:
    """A variable in the last period, by product."""
    rows = solution.amounts[name]
    return rows[rows["period"] == solution.network.periods[-1]].groupby("product")["value"].sum()


@few
@given(networks(), policies, st.sampled_from([None, RETAIL, NOBODY]))
def test_every_unit_that_comes_in_is_shipped_or_in_stock(plant, policy, safety_for):
    """Opening stock + arrivals + made + bought = shipped + closing stock, whomever safety stock is for."""
    plan = solve(plant, replace(policy, safety_for=safety_for))

    products = plant.products.set_index("product")
    came = products["stock"] + plant.arrivals.groupby("product")["quantity"].sum().reindex(products.index, fill_value=0)
    made = summed(plan, "make", "route").reindex(products.index, fill_value=0.0)
    of = plant.sources.set_index("source")["product"]
    bought = summed(plan, "buy", "source").groupby(of).sum().reindex(products.index, fill_value=0.0)
    left = summed(plan, "ship", "product") + at_the_end(plan, "stock")
    assert (came + made + bought - left).abs().max() < CLOSE


@few
@given(networks(), policies)
def test_every_unit_asked_for_is_shipped_or_waits_or_is_lost(plant, policy):
    """Demand + backorders at the start = shipped + waiting at the end + lost."""
    plan = solve(plant, policy)

    asked = plant.demand.groupby("product")["quantity"].sum().add(
        plant.owed.groupby("product")["quantity"].sum(), fill_value=0.0
    )  # fmt: skip
    answered = summed(plan, "ship", "product") + summed(plan, "lost", "product") + at_the_end(plan, "late")
    assert (asked - answered).abs().max() < CLOSE


@few
@given(networks(), policies)
def test_who_does_not_wait_is_lost_and_nobody_waits_longer_than_he_may(plant, policy):
    """Who waits as long as it takes is never lost; what waits was asked for in the last periods, no earlier."""
    plan = solve(plant, policy)

    cells = pd.MultiIndex.from_product([plant.products["product"], plant.segments], names=["product", "segment"])
    waiting, lost = (
        plan.amounts[name].pivot(index=["product", "segment"], columns="period", values="value").loc[cells]
        for name in ("late", "lost")
    )
    waits = cells.isin(cells if policy.waits_for is None else policy.waits_for)
    assert waiting[~waits].max(axis=None) < CLOSE or waits.all()
    if policy.longest_wait is None:
        assert not waits.any() or lost[waits].max(axis=None) < CLOSE
    else:
        asked = plant.demand.pivot(index=["product", "segment"], columns="period", values="quantity").loc[cells]
        owed = plant.owed.set_index(["product", "segment"])["quantity"].reindex(cells, fill_value=0.0)
        with_start = pd.concat([owed.rename(plant.periods[0] - pd.Timedelta(days=1)), asked], axis=1)
        may_wait = with_start.T.rolling(policy.longest_wait, min_periods=1).sum().T[plant.periods]
        assert (waiting - may_wait).max(axis=None) < CLOSE


@settings(few, max_examples=3)
@given(networks(), policies)
def test_safety_stock_kept_from_others_does_not_harm_those_it_is_kept_for(plant, policy):
    """Whom safety stock is for misses no more of it than where everybody may use it."""
    rules = replace(policy, protected=RETAIL, safety_for=RETAIL)

    kept, open_to_all = (solve(plant, one, until="service") for one in (rules, replace(rules, safety_for=None)))

    assert kept.reached["service"] <= open_to_all.reached["service"] + CLOSE


@few
@given(networks(), policies)
def test_no_hour_is_worked_that_the_line_does_not_have(plant, policy):
    """Hours of what is made stay within regular and overtime hours at the rate in force; overtime within its limit."""
    plan = solve(plant, policy)

    work = plan.amounts["make"].merge(plant.steps, on="route")
    used = (work["value"] * work["hours"]).groupby(work["period"]).sum()
    line = plant.hours.set_index("period")
    over = plan.amounts["over"].set_index("period")["value"]
    rated = 0.8 if policy.demonstrated else 1.0
    assert (used - rated * (line["regular"] + over)).max() < CLOSE
    assert (over - (line["overtime"] if policy.can_rescue else 0.0)).max() < CLOSE


@few
@given(networks(), policies)
def test_rescues_keep_to_their_limit_and_misses_to_what_was_asked(plant, policy):
    """No more is spent than allowed; nobody misses more than he asked for."""
    plan = solve(plant, policy)

    spent = float(rescues(plan)["amount"].sum())
    cells = misses(plan)
    assert policy.rescue_at_most is None or spent <= policy.rescue_at_most + CLOSE
    assert policy.can_rescue or spent < CLOSE
    assert (cells["missed"] <= cells["asked"]).all()
    assert cells["missed"].min() >= 0


@pytest.mark.parametrize("protected", [None, [("A", "retail")]])
def test_who_is_protected_is_served_first(protected):
    """Ten hours for two customers: the protected one gets them, where all are protected nobody is preferred."""
    plant = network(
        {"A": [20.0]},
        made={"A": {"line": 1.0}},
        hours={"line": {"regular": 10.0}},
        shares={"export": 0.5, "retail": 0.5},
    )
    pairs = None if protected is None else pd.MultiIndex.from_tuples(protected, names=["product", "segment"])

    cells = misses(solve(plant, Policy(protected=pairs))).set_index("segment")["missed"]

    assert cells.sum() == pytest.approx(10.0, abs=CLOSE)
    assert protected is None or cells["retail"] == pytest.approx(0.0, abs=CLOSE)
