"""What of a plan is late, when it comes, and how much more supply keeps every promise; the numbers by hand."""

from __future__ import annotations

import pandas as pd
import pytest

from helpers.scenarios.feasible import units_missing
from helpers.scenarios.network import Network
from tests.scenarios.networks import network

JANUARY, FEBRUARY, MARCH, APRIL = pd.date_range("2026-01-01", periods=4, freq="MS")


def line(plan: list[float], hours: float = 20.0, **more: object) -> Network:
    """Ten units of A asked for in each of four months; an hour a unit."""
    return network(
        {"A": [10.0] * 4}, made={"A": {"line": 1.0}}, hours={"line": {"regular": hours}}, plan={"A": plan}, **more
    )


def column(found: pd.DataFrame, name: str, constraint: str) -> list[float]:
    """One column of the units late for want of one thing, in the order of periods."""
    return pytest.approx(found.loc[found["constraint"] == constraint, name].tolist(), abs=1e-3)


def test_a_standing_backlog_needs_supply_once() -> None:
    """Four units short in January stay behind: four are late in each month, and four more in January are enough."""
    found = units_missing(line([6.0, 10.0, 10.0, 10.0]))

    assert column(found, "late", "plan") == [4.0] * 4
    assert column(found, "more", "plan") == [4.0, 0.0, 0.0, 0.0]


def test_what_is_late_comes_when_older_demand_is_served() -> None:
    """Two units more in March and in April: January's come in February, and nothing is left at the end."""
    found = units_missing(line([6.0, 10.0, 12.0, 12.0]))

    assert column(found, "late", "plan") == [4.0, 4.0, 2.0]
    assert found["comes"].tolist() == [FEBRUARY, MARCH, APRIL]
    assert found["left"].sum() == pytest.approx(0.0, abs=1e-3)


def test_a_backlog_that_lasts_is_left_in_the_last_period() -> None:
    """Four units behind all along: only those asked for in April never come."""
    found = units_missing(line([6.0, 10.0, 10.0, 10.0]))

    assert column(found, "left", "plan") == [0.0, 0.0, 0.0, 4.0]
    assert found["comes"].tolist() == [FEBRUARY, MARCH, APRIL, pd.NaT]


def test_supply_that_hours_lack_is_what_the_plan_does_not_lack() -> None:
    """Nine of ten planned, hours for seven: three behind in January, six in February; one and two are the plan's."""
    found = units_missing(line([9.0, 9.0, 20.0, 20.0], hours=7.0))
    first = found[found["period"] <= FEBRUARY]

    assert column(first, "late", "plan") == [1.0, 2.0]
    assert column(first, "late", "hours") == [2.0, 4.0]
    assert column(first, "more", "plan") == [1.0, 1.0]
    assert column(first, "more", "hours") == [2.0, 2.0]


def test_backorders_count_as_supply_that_is_missing() -> None:
    """Three are owed at the start and served first: three of January's ten are late, for want of three more."""
    found = units_missing(line([10.0] * 4, owed={"A": 3.0}))

    assert column(found, "more", "plan") == [3.0, 0.0, 0.0, 0.0]


def test_what_nobody_makes_or_brings_is_the_plans() -> None:
    """No route and no source: five units of B are late, for want of a plan, at no place but their own name."""
    found = units_missing(network({"B": [0.0, 5.0]}))

    assert found[["product", "constraint", "at"]].to_numpy().tolist() == [["B", "plan", "B"]]
    assert column(found, "more", "plan") == [5.0]
