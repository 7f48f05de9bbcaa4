"""A machine shop's event log: much happened, nothing was planned, so nothing can be judged, and the kit says so."""

from __future__ import annotations

import pytest

from helpers.diagnosis import diagnose
from tests.real_data.extracts import Case, assert_rows_add_up, assert_says_what_to_ask_for, mapping, statuses


@pytest.fixture(scope="module")
def case(tmp_path_factory):
    """The event log, taken in."""
    return Case("machine_shop", mapping("machine_shop"), tmp_path_factory.mktemp("shop"))


@pytest.fixture(scope="module")
def diagnosis(case):
    """What the kit says on it."""
    return diagnose(case.engagement)


def test_the_log_is_read_but_for_the_lines_it_holds_twice(case):
    """4,543 lines, of which 22 repeat another one wholly; 43 parts and 31 resources."""
    assert_rows_add_up(case)
    orders = case.manifest.table("production_orders")

    assert (orders.rows_read, orders.rows_used, orders.rows_rejected) == (4543, 4521, 22)
    assert case.manifest.table("items").rows_used == 43
    assert case.manifest.table("resources").rows_used == 31


def test_repeated_lines_point_to_the_line_that_is_kept(case):
    """Every line set aside is the same as an earlier one, and says which."""
    assert all(line["rule"].startswith("the same row as line") for line in case.rejected("production_orders"))


def test_weeks_of_work_orders_are_on_the_calendar(case):
    """The log runs from the week of 2 January to that of 26 March 2012."""
    assert str(case.engagement.calendar.cycles.min().date()) == "2012-01-02"
    assert str(case.engagement.as_of.date()) == "2012-04-02"


def test_no_sign_is_called_absent_for_want_of_a_plan(diagnosis):
    """What was planned was never logged: all ten signs are not assessable, and each names what to ask for."""
    assert set(statuses(diagnosis).values()) == {"not_assessable"}
    assert_says_what_to_ask_for(diagnosis)


def test_the_shop_is_asked_for_planned_dates(diagnosis):
    """The signs of the shop floor need the planned finish and the capacity that the log does not hold."""
    asked = {need for finding in diagnosis.findings for need in finding.missing}

    assert "production_orders.planned_finish" in asked
