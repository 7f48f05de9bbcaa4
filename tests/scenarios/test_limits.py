"""Limits that no plan can keep, and amounts that make no sense: a sentence names what stands in the way."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from helpers.errors import Unusable
from helpers.scenarios import programme
from helpers.scenarios.policy import Policy
from helpers.scenarios.solve import solve
from tests.scenarios.networks import network


def small_plant(**more):
    """Twenty units asked for, ten hours to make them, ten of overtime at 3 each."""
    line = {"regular": 10.0, "overtime": 10.0, "rate": 3.0}
    return network({"A": [20.0]}, made={"A": {"line": 1.0}}, hours={"line": line}, **more)


def test_a_service_that_hours_do_not_allow_is_named_with_the_most_that_can_be_reached():
    """Without rescues ten of twenty units are on time."""
    with pytest.raises(Unusable) as told:
        solve(small_plant(), Policy(can_rescue=False, service_at_least=0.9))

    assert str(told.value) == (
        "no plan keeps to a service of at least 90.0%, a late unit counted once for every period it waits, and the "
        "hours of line in 2026-01-01 at once. 50.0% is the most that can be reached. Loosen one of them."
    )


def test_a_service_that_the_rescue_money_does_not_allow_names_both_limits():
    """Six of money buy two hours: twelve of twenty units."""
    with pytest.raises(Unusable, match=r"at least 80\.0%, .+, and rescues of at most 6") as told:
        solve(small_plant(), Policy(rescue_at_most=6.0, service_at_least=0.8))

    assert "60.0% is the most that can be reached" in str(told.value)


def test_a_unit_counts_as_late_in_every_period_it_waits():
    """Ten of twenty wait for February: half is on time. Waiting on until March they are late twice: nothing is."""
    late, later = (
        network({"A": [20.0, 0.0, 0.0]}, products={"A": {"stock": 10.0}}, arrivals={"A": comes})
        for comes in ([0.0, 10.0, 0.0], [0.0, 0.0, 10.0])
    )

    assert solve(late, Policy(service_at_least=0.5)).reached["service"] == pytest.approx(10.0, abs=1e-4)
    with pytest.raises(Unusable, match=r" 0\.0% is the most that can be reached"):
        solve(later, Policy(service_at_least=0.5))


def test_a_limit_that_can_just_be_kept_is_kept():
    """Reaching a limit is keeping it: thirty of money for all ten hours."""
    plan = solve(small_plant(), Policy(rescue_at_most=30.0, service_at_least=1.0))

    assert plan.amounts["over"]["value"].tolist() == pytest.approx([10.0], abs=1e-4)


@pytest.mark.parametrize(
    ("frame", "column", "value", "said"),
    [
        ("products", "carrying", -1.0, "products.carrying of A: expected 0 or more, found -1 (1 row(s))"),
        ("demand", "quantity", math.nan, "demand.quantity of A, all: expected 0 or more, found nan (1 row(s))"),
        ("hours", "regular", math.inf, "hours.regular of line: expected 0 or more, found inf (1 row(s))"),
        ("resources", "rated", 1.5, "resources.rated of line: expected 0 to 1, found 1.5 (1 row(s))"),
        ("steps", "resource", "Line", "steps: Line is no resource of resources"),
    ],
)
def test_an_amount_that_makes_no_sense_is_refused_by_its_place(frame, column, value, said):
    """What would make the model unbounded or empty is caught before anything is solved."""
    plant = small_plant()
    rows = getattr(plant, frame)

    with pytest.raises(Unusable) as told:
        replace(plant, **{frame: rows.assign(**{column: value})})

    assert said in str(told.value)


@pytest.mark.parametrize("in_lots", [False, True])
def test_a_goal_that_takes_too_long_is_told_with_what_helps(monkeypatch, in_lots):
    """Without a second to look for it, no plan is found; in lots neither."""
    monkeypatch.setattr(programme, "LONGEST", 0.0)
    plant = small_plant(sources=[{"source": "A, ordered", "product": "A", "supplier": "S", "lot": 3.0}])

    with pytest.raises(Unusable, match="no plan was found within 120 seconds"):
        solve(plant, Policy(in_lots=in_lots))
