"""A scenario as decisions: what to order by when, what to make against the approved plan, what to pay for."""

from __future__ import annotations

import pandas as pd
import pytest

from helpers.errors import Unusable
from helpers.scenarios.decisions import as_approved, couriers, extra_hours, not_on_time, orders, production
from helpers.scenarios.feasible import RESCUED
from helpers.scenarios.policy import Policy
from helpers.scenarios.scenario import chosen
from helpers.scenarios.solve import Solution, solve
from tests.scenarios.networks import network
from tests.scenarios.realigned import NOTICE, raised, small

JANUARY, FEBRUARY = pd.Timestamp(2026, 1, 1), pd.Timestamp(2026, 2, 1)


RAISED = raised()


@pytest.fixture(scope="module")
def answers():
    """The answers of the small plant."""
    return small().answers


def made(solution: Solution, against: Solution) -> pd.DataFrame:
    """What to make, seen on the first of January with a meeting on the first of February."""
    return production(solution, against, NOTICE, RAISED)


def test_an_order_is_placed_a_lead_time_before_it_comes_in(answers):
    """Eight units for February at a lead time of a month: ordered in January, before anybody meets again."""
    (row,) = orders(answers[0].solution, NOTICE, RAISED).to_dict("records")

    assert (row["supplier"], row["product"], row["is_rush"]) == ("S", "B", False)
    assert (row["order_by"], row["comes_in"], row["quantity"], row["amount"]) == (JANUARY, FEBRUARY, 8.0, 0.0)
    assert (row["decide_by"], row["can_wait"], row["raised"]) == (JANUARY, False, "")


def test_an_order_of_a_later_cycle_can_wait():
    """Without a lead time February's units are ordered in February, when the next meeting has been."""
    plant = network({"B": [0.0, 8.0]}, sources=[{"source": "B, ordered", "product": "B", "supplier": "S"}])

    (row,) = orders(solve(plant, Policy()), NOTICE, RAISED).to_dict("records")

    assert (row["decide_by"], row["can_wait"]) == (FEBRUARY, True)


def test_what_is_made_stands_beside_what_was_approved(answers):
    """Half the overtime: fifteen of twenty units in February, an hour each; both exceptions lie there."""
    capped = made(answers[2].solution, answers[0].solution).set_index("period").loc[FEBRUARY]

    assert capped[["approved", "make", "change", "hours"]].tolist() == pytest.approx([20.0, 15.0, -5.0, 15.0])
    assert (capped["product"], capped["resource"], capped["raised"]) == ("A", "line", "1, 2")
    assert (capped["decide_by"], capped["can_wait"]) == (JANUARY + pd.Timedelta(days=30), False)


def test_why_is_the_stock_that_the_approved_plan_leads_to():
    """Ten approved for a demand of four: six are left, with two of safety stock; planned anew it makes less."""
    plant = network(
        {"A": [4.0, 0.0]},
        products={"A": {"safety": 2.0}},
        made={"A": {"line": 1.0}},
        hours={"line": {"regular": 10.0}},
        plan={"A": [10.0, 0.0]},
    )

    first = made(solve(plant, Policy()), solve(plant, RESCUED)).iloc[0]

    assert first[["approved", "make", "change"]].tolist() == pytest.approx([10, 6, -4])
    assert first[["stock_approved", "stock", "safety"]].tolist() == pytest.approx([6, 2, 2])


def test_the_safety_stock_is_that_of_the_scenario():
    """Recalibrated from two to three, that is what the plan fills."""
    line = {"made": {"A": {"line": 1.0}}, "hours": {"line": {"regular": 10.0}}, "plan": {"A": [4.0]}}
    before, after = (network({"A": [4.0]}, products={"A": {"safety": safety}}, **line) for safety in (2.0, 3.0))

    (row,) = made(solve(after, Policy()), solve(before, RESCUED)).to_dict("records")

    assert (row["make"], row["stock"], row["safety"]) == pytest.approx((7.0, 3.0, 3.0))


def test_who_goes_without_is_told(answers):
    """Under half of the rescue money five of twenty units are late in February; rescued none is."""
    (late,) = not_on_time(answers[2].solution).to_dict("records")

    assert (late["product"], late["segment"], late["first"]) == ("A", "all", FEBRUARY)
    assert (late["asked"], late["missed"], late["share"]) == pytest.approx((30.0, 5.0, 1 / 6))
    assert not_on_time(answers[0].solution).empty


@pytest.mark.parametrize(("asked", "ordered"), [(123_456.4, 123_456.0), (1000.4, 1000.0), (0.26047, 0.2605)])
def test_four_digits_are_decided(asked, ordered):
    """Whole units from a thousand on; of a product counted in thousands what that is."""
    plant = network({"B": [asked]}, sources=[{"source": "B", "product": "B", "supplier": "S"}])

    assert orders(solve(plant, Policy()), NOTICE, RAISED)["quantity"].tolist() == pytest.approx([ordered])


def test_the_approved_plan_meets_the_demand_of_the_scenario():
    """A tenth more asked for: what was approved leaves a tenth less, which is why more is made."""
    line = {"made": {"A": {"line": 1.0}}, "hours": {"line": {"regular": 200.0}}, "plan": {"A": [100.0]}}
    more = solve(network({"A": [110.0]}, products={"A": {"stock": 20.0, "safety": 20.0}}, **line), Policy())

    (row,) = made(more, as_approved(more)).to_dict("records")

    assert [row[name] for name in ("change", "stock_approved", "stock", "safety")] == pytest.approx([10, 10, 20, 20])


def test_an_exception_of_several_resources_stands_at_each(answers):
    """Units late for want of either line."""
    both = RAISED.assign(place="line, other")

    assert set(production(answers[0].solution, answers[0].solution, NOTICE, both)["raised"]) == {"1, 2"}
    assert set(production(answers[0].solution, answers[0].solution, NOTICE, both[:0])["raised"]) == {""}


def test_overtime_is_told_by_resource_and_period(answers):
    """Ten hours in February at 3 EUR; the exceptions of the line stand beside."""
    (row,) = extra_hours(answers[0].solution, NOTICE, RAISED).to_dict("records")

    assert (row["at"], row["period"], row["raised"]) == ("line", FEBRUARY, "1, 2")
    assert (row["quantity"], row["amount"]) == pytest.approx((10.0, 30.0))


def test_couriers_are_told_by_segment_and_period():
    """A tenth of twenty units is urgent, half a EUR each; ten are in stock so that only couriers are paid."""
    urgent = network({"A": [20.0]}, products={"A": {"stock": 20.0}}, urgent=0.1, courier=0.5)

    (row,) = couriers(solve(urgent, Policy()), NOTICE).to_dict("records")

    assert (row["at"], row["quantity"], row["amount"]) == pytest.approx(("all", 2.0, 1.0))


def test_a_plan_without_decisions_has_none():
    """Nothing asked for: no rows, with all columns."""
    idle = solve(network({"A": [0.0]}), Policy())

    for rows in (
        made(idle, idle),
        orders(idle, NOTICE, RAISED),
        extra_hours(idle, NOTICE, RAISED),
        couriers(idle, NOTICE),
    ):
        assert rows.empty
        assert {"decide_by", "can_wait"} <= set(rows)


def test_without_a_name_the_scenario_that_keeps_the_frozen_periods_is_chosen(answers):
    """Where there is none, the approved plan."""
    assert chosen(answers, None).key == "frozen"
    assert chosen(answers[:1], None).key == "as_approved"
    assert chosen(answers, "capped").key == "capped"


def test_an_unknown_scenario_is_refused_with_the_known_ones(answers):
    """One message that says what can be asked for."""
    with pytest.raises(Unusable) as told:
        chosen(answers, "best")

    assert str(told.value) == (
        "--scenario: there is no scenario 'best'. Known are as_approved, frozen, capped, doubled."
    )
