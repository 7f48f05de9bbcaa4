"""Cycles, periods and lags: the one calendar that every measure and every judgement counts on.

Glossary
    bucket    a month or an ISO week, named by its first day
    cycle     the date a plan was published, normalised to its bucket; C of them in a run
    interval  from the date of a cycle up to, not including, the date of the next
    label     the cycle a value belongs to: the snapshot published in it (plan-timed, known on the date of the cycle)
              or the facts of its interval (fact-timed, known on the date of the next cycle)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

if TYPE_CHECKING:  # a page that only shows what was measured needs no engine
    import ibis.expr.types as ir

Bucket = Literal["month", "week"]
Timing = Literal["plan", "fact"]

PER_YEAR: dict[Bucket, int] = {"month": 12, "week": 52}


def floor(day: pd.Timestamp, bucket: Bucket) -> pd.Timestamp:
    """First day of the bucket that holds `day`."""
    if bucket == "month":
        return day.normalize().replace(day=1)
    return day.normalize() - pd.Timedelta(days=day.weekday())


def shift(day: pd.Timestamp, bucket: Bucket, steps: int) -> pd.Timestamp:
    """The bucket `steps` after the one that starts on `day`; negative steps go back."""
    return day + (pd.DateOffset(months=steps) if bucket == "month" else pd.Timedelta(weeks=steps))


def bucket_of(day: ir.TimestampValue, bucket: Bucket) -> ir.TimestampValue:
    """First day of the bucket of each date, as an expression."""
    return day.truncate("M" if bucket == "month" else "W")


def bucket_end(first_day: ir.TimestampValue, bucket: Bucket) -> ir.TimestampValue:
    """The day after each bucket ends, as an expression."""
    import ibis

    return first_day + (ibis.interval(months=1) if bucket == "month" else ibis.interval(weeks=1))


def lag(cycle: pd.Series, period: pd.Series, bucket: Bucket) -> pd.Series:
    """Buckets from `cycle` to `period`: 0 is the period that opens on the date of the cycle."""
    months: pd.Series = (period.dt.year - cycle.dt.year) * 12 + (period.dt.month - cycle.dt.month)
    return months if bucket == "month" else (period - cycle).dt.days // 7


@dataclass(frozen=True)
class Calendar:
    """The cycles of a run, ascending, none after the as-of date.

    `plan_cycles` are the cycles at which a plan was published; the others are calendar buckets that only facts reach,
    and the closing review after the last closed interval.
    """

    bucket: Bucket
    cycles: pd.DatetimeIndex
    plan_cycles: pd.DatetimeIndex

    @property
    def labels(self) -> pd.DatetimeIndex:
        """Cycles whose interval is closed, so that facts may be labelled with them."""
        return self.cycles[:-1]

    def until(self, day: pd.Timestamp) -> Calendar:
        """The calendar as it was on `day`: the cycles on or before it. A day between two cycles adds nothing."""
        return Calendar(self.bucket, self.cycles[self.cycles <= day], self.plan_cycles[self.plan_cycles <= day])

    def label_of(self, buckets: pd.Series) -> pd.Series:
        """The cycle in whose interval each bucket falls; missing before the first cycle and after the last interval."""
        position = np.searchsorted(self.cycles.to_numpy(), pd.to_datetime(buckets).to_numpy(), side="right") - 1
        inside = (position >= 0) & (position < len(self.cycles) - 1)
        found = self.cycles.to_numpy()[np.clip(position, 0, len(self.cycles) - 1)]
        return pd.Series(np.where(inside, found, np.datetime64("NaT")), index=buckets.index, name="label")

    def known_on(self, labels: pd.Series, timing: Timing) -> pd.Series:
        """The date on which a value of each label became known: its own date, or that of the next cycle for facts."""
        if timing == "plan":
            return labels.rename("known_on")
        following = pd.Series(self.cycles[1:], index=self.cycles[:-1])
        return labels.map(following).rename("known_on")

    def buckets(self, labels: pd.Series) -> pd.Series:
        """How many buckets the interval of each label is long; missing for the last cycle, whose interval is open."""
        starts, ends = pd.Series(self.cycles[:-1]), pd.Series(self.cycles[1:])
        lengths = pd.Series(lag(starts, ends, self.bucket).to_numpy(), index=self.cycles[:-1])
        return labels.map(lengths).rename("buckets")

    def position(self, labels: pd.Series) -> pd.Series:
        """Zero-based place of each label among the cycles."""
        return labels.map(pd.Series(range(len(self.cycles)), index=self.cycles))


def make_calendar(
    plan_cycles: pd.DatetimeIndex, first_fact: pd.Timestamp | None, as_of: pd.Timestamp, bucket: Bucket
) -> Calendar:
    """Plan cycles up to `as_of`, with calendar buckets in front of the first and behind the last of them.

    Parameters
    ----------
    plan_cycles
        Distinct dates of published plans, already normalised to buckets.
    first_fact
        First day of the first bucket with a fact; `None` when there is no fact.
    as_of
        First day of a bucket; the last cycle of the calendar.
    """
    plans = plan_cycles[plan_cycles <= as_of].unique().sort_values()
    starts = [day for day in (first_fact, plans.min() if len(plans) else None) if day is not None and day <= as_of]
    if not starts:
        return Calendar(bucket, pd.DatetimeIndex([], dtype="datetime64[us]"), plans)
    frequency = "MS" if bucket == "month" else "W-MON"
    buckets = pd.date_range(min(starts), as_of, freq=frequency, unit="us")
    if not len(plans):
        return Calendar(bucket, buckets, plans)
    cycles = buckets[buckets < plans.min()].append(plans).append(buckets[buckets > plans.max()])
    return Calendar(bucket, pd.DatetimeIndex(cycles).as_unit("us"), plans)


def buckets_ahead(cycle: ir.TimestampValue, period: ir.TimestampValue, bucket: Bucket) -> ir.IntegerValue:
    """How many buckets a period lies after its cycle; 0 for the bucket in which the cycle falls."""
    if bucket == "month":
        return (period.year() - cycle.year()) * 12 + period.month() - cycle.month()
    return (period.delta(cycle, unit="day") // 7).cast("int64")
