"""The replay by numbers a reader can check: what a cycle leaves, what it costs, and how cycles add up."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from helpers.scenarios.feasible import RESCUED
from helpers.scenarios.network import Network
from helpers.scenarios.outcome import KINDS
from helpers.scenarios.policy import Policy
from helpers.scenarios.replay import WORLDS, Replay, worked
from helpers.scenarios.world import lived
from tests.scenarios.networks import months, network

LINE = {"line": {"regular": 10.0, "overtime": 10.0, "rate": 3.0}}
FIRST, SECOND, THIRD = months(3)


def plant(**more: object) -> Network:
    """Ten units of A a month on a line of ten hours, planned as they are asked for; a unit earns 4."""
    return network({"A": [10.0, 10.0, 10.0]}, made={"A": {"line": 1.0}}, hours=LINE, plan={"A": [10.0] * 3}, **more)


def came(seen: Network, *asked: float, product: str = "A") -> Network:
    """The first periods with so many units asked for."""
    now = within(seen, seen.periods[: len(asked)])
    demand = now.demand[now.demand["product"] == product]
    return replace(now, demand=demand.assign(quantity=list(asked)))


def within(seen: Network, periods: pd.DatetimeIndex) -> Network:
    """A network of some of its periods."""
    named = ("demand", "hours", "arrivals", "plan")
    frames = {name: getattr(seen, name) for name in named}
    return replace(seen, periods=periods, **{name: rows[rows["period"].isin(periods)] for name, rows in frames.items()})


def test_a_cycle_makes_what_was_planned_and_owes_the_rest() -> None:
    """Twelve asked for, ten made: two are owed, nothing is in stock, ten units earn 40."""
    seen = plant()

    row, left = lived(seen, came(seen, 12.0), None, lambda _: RESCUED, follows=True)

    assert row["service"] == pytest.approx(10 / 12)
    assert (row["asked"], row["margin"], row["compensation"]) == pytest.approx((12.0, 40.0, 0.0))
    assert left.owed[["product", "quantity"]].to_numpy().tolist() == [["A", pytest.approx(2.0)]]
    assert left.stock["A"] == pytest.approx(0.0)
    assert left.plan.set_index("period")["quantity"].to_dict() == pytest.approx({SECOND: 10.0, THIRD: 10.0})


def test_what_is_owed_is_made_in_the_next_cycle_where_the_plan_is_not_followed() -> None:
    """Two units of overtime at 3 once it is planned anew; who follows the approved plan stays two behind."""
    seen = plant()
    _, left = lived(seen, came(seen, 12.0), None, lambda _: RESCUED, follows=True)
    following = within(seen, seen.periods[1:])

    stuck, _ = lived(following, came(following, 10.0), left, lambda _: RESCUED, follows=True)
    anew, _ = lived(following, came(following, 10.0), left, lambda _: Policy(), follows=False)

    assert (stuck["service"], stuck["compensation"]) == pytest.approx((0.8, 0.0))
    assert (anew["service"], anew["compensation"]) == pytest.approx((1.0, 6.0))
    assert anew["margin"] == pytest.approx(12 * 4 - 6)


def test_a_cycle_of_two_periods_is_executed_to_its_end() -> None:
    """Two of twelve are late in the first, the second catches up: 18 of 20 units are on time, nothing is owed."""
    seen = plant()

    row, left = lived(seen, came(seen, 12.0, 8.0), None, lambda _: RESCUED, follows=True)

    assert (row["service"], row["asked"]) == pytest.approx((0.9, 20.0))
    assert left.owed.empty
    assert left.plan["period"].tolist() == [THIRD]


def test_a_limit_on_rescue_money_is_spent_once_over_the_periods_planned() -> None:
    """Nine EUR over three months are three a cycle: one of the two units of overtime that came to be needed."""
    short = network({"A": [12.0] * 3}, made={"A": {"line": 1.0}}, hours=LINE, plan={"A": [10.0] * 3})

    row, _ = lived(short, came(short, 12.0), None, lambda _: Policy(rescue_at_most=9.0), follows=True)

    assert row["compensation"] == pytest.approx(3.0, abs=1e-4)
    assert row["service"] == pytest.approx(11 / 12, abs=1e-4)


@pytest.mark.parametrize(("length", "ordered"), [(1, {SECOND: 8.0}), (2, {THIRD: 7.0})])
def test_what_is_ordered_in_a_cycle_and_comes_after_it_is_handed_on_and_its_premium_paid(
    length: int, ordered: dict[pd.Timestamp, float]
) -> None:
    """Rushed units take a month and cost 2 more each: who orders them pays, who receives them does not pay again."""
    rush = {"source": "B, rushed", "product": "B", "lead": 1.0, "extra": 2.0, "is_rush": True}
    seen = network({"B": [0.0, 8.0, 7.0]}, sources=[rush])

    row, left = lived(seen, came(seen, *[0.0, 8.0][:length], product="B"), None, lambda _: Policy(), follows=True)

    assert left.arrivals.set_index("period")["quantity"].to_dict() == pytest.approx(ordered)
    assert row["premium_purchase"] == pytest.approx(2.0 * (8.0 if length == 1 else 15.0))
    assert row["compensation"] == pytest.approx(row["premium_purchase"])


def test_the_hours_of_a_cycle_are_divided_between_its_periods_as_they_were_planned() -> None:
    """Twenty hours where ten and thirty were planned are five and fifteen; who is not known keeps its plan."""
    planned = pd.DataFrame(
        {"resource": ["line", "line", "other"], "period": [FIRST, SECOND, FIRST], "regular": [10.0, 30.0, 7.0]}
    )

    assert worked(planned, pd.Series({"line": 20.0}))["regular"].tolist() == [5.0, 15.0, 7.0]


def test_cycles_weigh_what_was_asked_in_them() -> None:
    """All of 100 units and 60 % of 300 are 70 % of 400; a cycle whose price is not known leaves the sum unknown."""
    money = {"margin": 10.0, "capital": 5.0, "compensation": 1.0, **dict.fromkeys(KINDS, 0.0)}
    rows = [
        {"cycle": cycle, "world": world, "service": share, "critical": float("nan"), "asked": asked,
         "asked_critical": 0.0, **money}
        for world in WORLDS
        for cycle, share, asked in ((FIRST, 1.0, 100.0), (SECOND, 0.6, 300.0))
    ]  # fmt: skip
    cycles = pd.DataFrame(rows)
    cycles.loc[0, "compensation"] = float("nan")

    first, second, _ = (Replay(cycles, 1.0).total(world) for world in WORLDS)

    assert first["service"] == pytest.approx(0.7)
    assert (second["margin"], second["capital"], second["compensation"]) == (20.0, 5.0, 2.0)
    assert pd.isna(first["compensation"])
    assert pd.isna(first["critical"])
