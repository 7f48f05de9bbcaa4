"""Numbers as a reader wants them."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from helpers.charts.numbers import day, money, number, tick


@pytest.mark.parametrize(
    ("value", "unit", "shown"),
    [
        (0.083, "share", "8.3%"),
        (0.1, "share of capacity", "10%"),
        (0.25, "share", "25%"),
        (1.456, "ratio", "1.46"),
        (2.0, "ratio", "2"),
        (math.log(1.10), "log ratio", "10%"),
        (0.0035, "", "0.0035"),
        (12_345.0, "EUR", "12.3 k EUR"),
        (1_000_000.0, "EUR", "1 m EUR"),
        (999.6, "hours", "1,000 hours"),
        (1.0, "hours", "1 hour"),
        (-1.001, "days", "-1 day"),
        (1.5, "lines", "1.5 lines"),
        (1.0, "EUR", "1 EUR"),
        (3.0, "times the other resources", "3"),
        (float("nan"), "share", "–"),
        (None, "share", "–"),
    ],
)
def test_a_number_is_shown_with_its_unit(value, unit, shown):
    """Shares as percent, large numbers short, undefined as a dash."""
    assert number(value, unit) == shown


def test_money_without_an_amount_is_a_dash():
    """Nothing measured is not zero."""
    assert money(None, "EUR") == "–"
    assert money(0.0, "EUR") == "0 EUR"


def test_a_cycle_is_a_month_unless_it_begins_inside_one():
    """Months as 2025-03, weeks with their day."""
    assert day(pd.Timestamp("2025-03-01")) == "2025-03"
    assert day(pd.Timestamp("2025-03-10")) == "2025-03-10"
    assert day(pd.NaT) == "–"


@pytest.mark.parametrize(
    ("value", "unit", "shown"), [(0.025, "share", "2.5%"), (50_000.0, "EUR", "50 k"), (0.015, "", "0.015")]
)
def test_a_tick_has_no_idle_digit(value, unit, shown):
    """An axis repeats its unit only for percent."""
    assert tick(value, unit) == shown
