"""Buckets, lags and the calendar of cycles."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.periods import floor, lag, make_calendar, shift

BUCKETS = st.sampled_from(["month", "week"])
DAYS = st.datetimes(pd.Timestamp("2000-01-01"), pd.Timestamp("2060-12-31")).map(pd.Timestamp)


def months(*texts: str) -> pd.DatetimeIndex:
    """First days of months given as `2024-03`."""
    return pd.DatetimeIndex([f"{text}-01" for text in texts]).as_unit("us")


def day(text: str) -> pd.Timestamp:
    """A date."""
    return pd.Timestamp(text)


@pytest.mark.parametrize(
    ("text", "bucket", "first"),
    [
        ("2024-02-29 23:59", "month", "2024-02-01"),
        ("2024-02-29", "week", "2024-02-26"),
        ("2024-12-31", "week", "2024-12-30"),
        ("2024-02-26", "week", "2024-02-26"),
    ],
    ids=["end of month", "thursday", "week over new year", "monday"],
)
def test_a_bucket_is_named_by_its_first_day(text, bucket, first):
    """A month by its first, an ISO week by its Monday."""
    assert floor(day(text), bucket) == day(first)


@given(DAYS, BUCKETS, st.integers(-60, 60))
def test_the_lag_counts_the_buckets_between_two_first_days(moment, bucket, steps):
    """Going `steps` buckets on and asking for the lag gives `steps` back."""
    start = floor(moment, bucket)
    period = shift(start, bucket, steps)

    assert lag(pd.Series([start]), pd.Series([period]), bucket).tolist() == [steps]


@given(DAYS, BUCKETS)
def test_every_day_lies_in_its_own_bucket(moment, bucket):
    """First day ≤ day < first day of the next bucket."""
    start = floor(moment, bucket)

    assert start <= moment < shift(start, bucket, 1)


def test_facts_before_and_after_the_plans_extend_the_calendar():
    """Plans of March and April, facts since January, known until June: six cycles, the last is the closing review."""
    calendar = make_calendar(months("2024-03", "2024-04"), day("2024-01-01"), day("2024-06-01"), "month")

    assert calendar.cycles.equals(months("2024-01", "2024-02", "2024-03", "2024-04", "2024-05", "2024-06"))
    assert calendar.plan_cycles.equals(months("2024-03", "2024-04"))
    assert calendar.labels.equals(calendar.cycles[:-1])


def test_a_client_who_plans_every_other_month_has_a_cycle_every_other_month():
    """Between two plans no cycle is invented."""
    calendar = make_calendar(months("2024-01", "2024-03", "2024-05"), day("2024-01-01"), day("2024-05-01"), "month")

    assert calendar.cycles.equals(months("2024-01", "2024-03", "2024-05"))


def test_plans_after_the_as_of_date_are_not_there():
    """A run as of March knows nothing of April."""
    calendar = make_calendar(months("2024-02", "2024-03", "2024-04"), None, day("2024-03-01"), "month")

    assert calendar.cycles.equals(months("2024-02", "2024-03"))
    assert calendar.plan_cycles.equals(months("2024-02", "2024-03"))


def test_facts_alone_give_calendar_buckets():
    """Without any plan the cycles are the months of the facts."""
    calendar = make_calendar(months(), day("2024-01-01"), day("2024-03-01"), "month")

    assert calendar.cycles.equals(months("2024-01", "2024-02", "2024-03"))
    assert calendar.plan_cycles.empty


@pytest.mark.parametrize("first_fact", [None, day("2024-06-01")], ids=["no facts", "facts later"])
def test_nothing_before_the_as_of_date_gives_an_empty_calendar(first_fact):
    """The engagement turns this into a message."""
    calendar = make_calendar(months("2024-05"), first_fact, day("2024-03-01"), "month")

    assert calendar.cycles.empty


def test_weeks_start_on_monday():
    """Facts of three weeks give three Mondays and the plan's own."""
    calendar = make_calendar(
        pd.DatetimeIndex(["2024-01-15"]).as_unit("us"), day("2024-01-01"), day("2024-01-22"), "week"
    )

    assert [f"{cycle:%m-%d}" for cycle in calendar.cycles] == ["01-01", "01-08", "01-15", "01-22"]


def test_a_fact_belongs_to_the_interval_it_falls_in():
    """Cycles January, March, April: February belongs to January; April's interval is open, December lies before."""
    calendar = make_calendar(months("2024-01", "2024-03", "2024-04"), None, day("2024-04-01"), "month")
    facts = pd.Series(months("2023-12", "2024-01", "2024-02", "2024-03", "2024-04"), index=[9, 8, 7, 6, 5])

    labels = calendar.label_of(facts)

    assert labels.index.tolist() == [9, 8, 7, 6, 5]
    assert labels.dt.strftime("%m").replace({np.nan: None}).tolist() == [None, "01", "01", "03", None]


def test_a_fact_is_known_on_the_next_cycle_and_a_plan_on_its_own():
    """January's facts are known in March when there was no cycle in February; April's are not known yet."""
    calendar = make_calendar(months("2024-01", "2024-03", "2024-04"), None, day("2024-04-01"), "month")
    labels = pd.Series(months("2024-01", "2024-03", "2024-04"))

    assert calendar.known_on(labels, "plan").tolist() == labels.tolist()
    assert calendar.known_on(labels, "fact").tolist()[:2] == [day("2024-03-01"), day("2024-04-01")]
    assert pd.isna(calendar.known_on(labels, "fact").iloc[2])


def test_a_label_is_as_long_as_the_way_to_the_next_cycle():
    """Facts from January, plans each quarter from April: labels of one, one, one, three and three buckets."""
    calendar = make_calendar(months("2024-04", "2024-07", "2024-10"), day("2024-01-01"), day("2024-10-01"), "month")

    assert calendar.buckets(pd.Series(calendar.labels)).tolist() == [1, 1, 1, 3, 3]


def test_a_monthly_cycle_of_weekly_buckets_is_four_or_five_weeks_long():
    """Plans on the first Mondays of January, February and March 2024: five and four weeks."""
    plans = pd.DatetimeIndex(["2024-01-01", "2024-02-05", "2024-03-04"]).as_unit("us")
    calendar = make_calendar(plans, plans[0], plans[-1], "week")

    assert calendar.buckets(pd.Series(calendar.labels)).tolist() == [5, 4]


def test_the_position_of_a_label_counts_cycles_not_months():
    """January, March, April are 0, 1, 2."""
    calendar = make_calendar(months("2024-01", "2024-03", "2024-04"), None, day("2024-04-01"), "month")

    assert calendar.position(pd.Series(months("2024-04", "2024-01"))).tolist() == [2, 0]


@given(st.lists(st.integers(0, 30), min_size=1, unique=True), st.integers(0, 30), st.data())
def test_a_calendar_as_of_a_cycle_is_the_full_one_up_to_that_cycle(plans, first_fact, choice):
    """No look-ahead: dates that come later never change the cycles before them."""
    start = day("2024-01-01")
    published = pd.DatetimeIndex(sorted(shift(start, "month", n) for n in plans)).as_unit("us")
    fact = shift(start, "month", first_fact)
    full = make_calendar(published, fact, shift(start, "month", 31), "month").cycles

    early = choice.draw(st.sampled_from(list(full)))

    assert make_calendar(published, fact, early, "month").cycles.equals(full[full <= early])
