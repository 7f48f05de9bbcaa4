"""Scenarios by numbers a reader can check: the tightest resource, the frozen zone, what they are held against."""

from __future__ import annotations

import pytest

from helpers.scenarios.document import document
from helpers.scenarios.feasible import RESCUED
from helpers.scenarios.network import Network
from helpers.scenarios.scenario import Planning, Scenario, bottleneck, usual
from helpers.scenarios.solve import solve
from helpers.settings import Settings
from tests.scenarios.networks import START, network
from tests.scenarios.realigned import plant, small

ROUTES = {"A": {"full": 1.0}, "B": {"free": 1.0}}


def two_lines(asked: float, *, rate: float) -> Network:
    """Of ten hours each, one line is asked for `asked` units, the other for three."""
    line = {"regular": 10.0, "overtime": 10.0, "rate": rate}
    return network(
        {"A": [asked], "B": [3.0]}, made=ROUTES, hours={"free": line, "full": line}, plan={"A": [asked], "B": [3.0]}
    )


@pytest.mark.parametrize(("asked", "rate"), [(12.0, 3.0), (12.0, 0.0), (25.0, 0.0), (9.0, 3.0)])
def test_the_bottleneck_is_found_with_and_without_a_price_of_hours(asked: float, rate: float) -> None:
    """By what an hour saves, by the units it brings on time, else by how full a resource is."""
    assert bottleneck(solve(two_lines(asked, rate=rate), RESCUED)) == "full"


def test_where_nothing_is_made_there_is_no_bottleneck() -> None:
    """Who only buys."""
    assert bottleneck(solve(network({"A": [1.0]}), RESCUED)) is None


def test_what_is_asked_beyond_planning_anew_leaves_the_frozen_periods_alone() -> None:
    """All but the approved plan, which follows itself, and planning anew from today on."""
    asked = usual(plant(), frozen=2)

    assert {key: one.frozen for key, one in asked.items() if one.frozen != 2} == {"as_approved": 0, "demonstrated": 0}


def test_a_scenario_is_held_against_the_plan_anew_too() -> None:
    """Twice the hours save 30 EUR of overtime as approved and as planned anew; the plan anew has nothing on top."""
    found = document(small(), Settings(client="Acme"), START, "family")
    by_key = {one["key"]: one for one in found["scenarios"]}
    doubled = by_key["doubled"]

    assert [by_key[key]["on_top"] for key in ("as_approved", "frozen")] == [None, None]
    assert doubled["on_top"]["of"] == "frozen"
    for of in (doubled, doubled["on_top"]):
        assert of["difference"]["compensation"] == pytest.approx(-30.0)


def test_without_a_plan_anew_nothing_is_held_against_it() -> None:
    """A file that asks for other scenarios only."""
    answers = tuple(Planning(plant(), {"doubled": Scenario(title="Twice", more_hours={"line": 1.0})}, None).answers())
    found = document(small(answers=answers), Settings(client="Acme"), START, "family")

    assert [one["on_top"] for one in found["scenarios"]] == [None, None]
