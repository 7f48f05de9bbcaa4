"""A scenario as decisions: what to order by when, what to make against the approved plan, what to pay for."""

from __future__ import annotations

import pandas as pd
import pytest

from helpers.errors import Unusable
from helpers.scenarios.decisions import couriers, extra_hours, orders, production
from helpers.scenarios.policy import Policy
from helpers.scenarios.scenario import chosen
from helpers.scenarios.solve import solve
from tests.scenarios.networks import network
from tests.scenarios.realigned import small

JANUARY, FEBRUARY = pd.Timestamp(2026, 1, 1), pd.Timestamp(2026, 2, 1)


@pytest.fixture(scope="module")
def answers():
    """The answers of the small plant."""
    return small().answers


def test_an_order_is_placed_a_lead_time_before_it_comes_in(answers):
    """Eight units for February at a lead time of a month: ordered in January."""
    (row,) = orders(answers[0].solution).to_dict("records")

    assert (row["supplier"], row["product"], row["is_rush"]) == ("S", "B", False)
    assert (row["order_by"], row["comes_in"], row["quantity"], row["amount"]) == (JANUARY, FEBRUARY, 8.0, 0.0)


def test_what_is_made_stands_beside_what_was_approved(answers):
    """Half the overtime: fifteen of twenty units in February, an hour each."""
    capped = production(answers[2].solution).set_index("period").loc[FEBRUARY]

    assert capped[["approved", "make", "change", "hours"]].tolist() == pytest.approx([20.0, 15.0, -5.0, 15.0])
    assert (capped["product"], capped["resource"]) == ("A", "line")


def test_overtime_is_told_by_resource_and_period(answers):
    """Ten hours in February at 3 EUR."""
    (row,) = extra_hours(answers[0].solution).to_dict("records")

    assert (row["resource"], row["period"]) == ("line", FEBRUARY)
    assert (row["quantity"], row["amount"]) == pytest.approx((10.0, 30.0))


def test_couriers_are_told_by_segment_and_period():
    """A tenth of twenty units is urgent, half a EUR each; ten are in stock so that only couriers are paid."""
    urgent = network({"A": [20.0]}, products={"A": {"stock": 20.0}}, urgent=0.1, courier=0.5)

    (row,) = couriers(solve(urgent, Policy())).to_dict("records")

    assert (row["segment"], row["quantity"], row["amount"]) == pytest.approx(("all", 2.0, 1.0))


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
