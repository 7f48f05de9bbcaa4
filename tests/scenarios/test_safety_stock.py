"""For whom safety stock is: the others get what lies above it, and no rescue is paid to fill it."""

from __future__ import annotations

import pytest

from helpers.scenarios.network import Network
from helpers.scenarios.playbook import Playbook, policy_of
from helpers.scenarios.solve import Solution, solve
from tests.scenarios.networks import network

SEGMENTS = {"export": 0.5, "retail": 0.5}


def planned(plant: Network, frozen: int = 0, **rules: object) -> Solution:
    """The plan under a playbook that protects retail."""
    protects = {"protected": {"segments": ["retail"]}, **rules}
    return solve(plant, policy_of(Playbook.model_validate(protects), plant, frozen))


def shipped(plan: Solution) -> dict[str, float]:
    """Units by segment."""
    return {
        str(name): round(value, 3) for name, value in plan.amounts["ship"].groupby("segment")["value"].sum().items()
    }


def total(plan: Solution, name: str) -> float:
    """A variable over everything."""
    return float(plan.amounts[name]["value"].sum())


@pytest.mark.parametrize(("whom", "stock", "served"), [
    ("everyone", 10.0, {"export": 5.0, "retail": 5.0}),
    ("protected", 10.0, {"export": 0.0, "retail": 5.0}),
    ("protected", 13.0, {"export": 2.0, "retail": 5.0}),
    ("nobody", 10.0, {"export": 0.0, "retail": 4.0}),
    ("nobody", 5.0, {"export": 0.0, "retail": 0.0}),
])  # fmt: skip
def test_safety_stock_is_used_for_whom_the_playbook_says(whom: str, stock: float, served: dict[str, float]) -> None:
    """Six of safety stock, five asked for by each: of 13 retail leaves 8, of which export gets 2."""
    held = network({"A": [10.0]}, products={"A": {"stock": stock, "safety": 6.0}}, shares=SEGMENTS)

    assert shipped(planned(held, safety_stock_for=whom)) == served


def test_what_the_protected_need_later_is_kept_for_them() -> None:
    """Eight in stock, all of it safety stock; retail asks for two in each of three months, export waits."""
    held = network({"A": [4.0] * 3}, products={"A": {"stock": 8.0, "safety": 8.0}}, shares=SEGMENTS)

    assert shipped(planned(held, safety_stock_for="everyone")) == {"export": 2.0, "retail": 6.0}
    assert shipped(planned(held, safety_stock_for="protected")) == {"export": 0.0, "retail": 6.0}


@pytest.mark.parametrize(("whom", "served"), [("everyone", 12.0), ("nobody", 6.0)])
def test_safety_stock_is_filled_before_those_are_served_whom_it_is_not_for(whom: str, served: float) -> None:
    """Four come in each month and are asked for; none of six of safety stock is there: 0, 2, 4 are left for export."""
    empty = network(
        {"A": [4.0] * 3}, products={"A": {"safety": 6.0}}, arrivals={"A": [4.0] * 3}, shares={"export": 1.0}
    )

    plan = planned(empty, safety_stock_for=whom, protected={})

    assert total(plan, "ship") == pytest.approx(served, abs=1e-4)


@pytest.mark.parametrize(("up_to", "worked"), [(0.0, 0.0), (1.0, 5.0)])
def test_no_rescue_is_paid_to_fill_it(up_to: float, worked: float) -> None:
    """Five regular hours fill safety stock; five of overtime at 1 serve export, which earns 4, where it is worth it."""
    line = {"regular": 5.0, "overtime": 10.0, "rate": 1.0}
    made = network(
        {"A": [5.0]},
        products={"A": {"safety": 20.0}},
        made={"A": {"line": 1.0}},
        hours={"line": line},
        shares={"export": 1.0},
    )

    plan = planned(made, safety_stock_for="nobody", protected={}, overtime_up_to=up_to)

    assert total(plan, "over") == pytest.approx(worked, abs=1e-4)
    assert total(plan, "ship") == pytest.approx(worked, abs=1e-4)


@pytest.mark.parametrize(("whom", "worked"), [("protected", 0.0), ("nobody", 5.0)])
def test_it_is_used_before_a_rescue_is_paid_where_it_may_be(whom: str, worked: float) -> None:
    """Five of safety stock are there and retail asks for five: overtime is worked only where nobody may use it."""
    held = network(
        {"A": [5.0]},
        products={"A": {"stock": 5.0, "safety": 5.0}},
        made={"A": {"line": 1.0}},
        hours={"line": {"overtime": 10.0, "rate": 1.0}},
        shares={"retail": 1.0},
    )

    assert total(planned(held, safety_stock_for=whom), "over") == pytest.approx(worked, abs=1e-4)


def test_a_frozen_plan_and_waits_that_end_stay_possible() -> None:
    """The frozen month makes five of A whatever happens; export waits a month at most and is lost."""
    frozen = network(
        {"A": [8.0, 8.0]},
        products={"A": {"safety": 6.0}},
        made={"A": {"line": 1.0}},
        hours={"line": {"regular": 5.0}},
        plan={"A": [5.0, 5.0]},
        shares=SEGMENTS,
    )

    plan = planned(frozen, frozen=1, safety_stock_for="protected", backorders={"longest": 1})

    assert total(plan, "make") == pytest.approx(10.0, abs=1e-4)
    assert shipped(plan) == {"export": 0.0, "retail": 8.0}
