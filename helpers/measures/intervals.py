"""From dates to labels inside the engine: which interval each row of a big table falls into."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir
import pandas as pd

from helpers import periods
from helpers.engagement import Engagement, once


def intervals(engagement: Engagement) -> pd.DataFrame:
    """Every closed bucket of the run.

    Returns
    -------
    One row per `bucket`: its `label`, `ends_on` (the day after the label's interval ends, when its facts are known),
    `is_last` (the last bucket of its label) and `position` of the label among the cycles.
    """
    calendar = engagement.calendar
    frequency = "MS" if calendar.bucket == "month" else "W-MON"
    buckets = pd.date_range(calendar.cycles[0], calendar.cycles[-1], freq=frequency, unit="us", inclusive="left")
    rows = pd.DataFrame({"bucket": buckets})
    rows["label"] = calendar.label_of(rows["bucket"])
    rows["ends_on"] = calendar.known_on(rows["label"], "fact")
    following = rows["bucket"].map(lambda day: periods.shift(day, calendar.bucket, 1))
    position = calendar.position(rows["label"])
    return rows.assign(is_last=following == rows["ends_on"], position=position).dropna(ignore_index=True)


def in_intervals(engagement: Engagement, rows: ir.Table, dated_by: str) -> ir.Table:
    """`rows` whose date `dated_by` lies in a closed interval, with the columns of `intervals`."""
    dated = rows.mutate(bucket=periods.bucket_of(rows[dated_by], engagement.settings.bucket))
    return dated.inner_join(_interval_table(engagement), "bucket")


@once
def _interval_table(engagement: Engagement) -> ir.Table:
    """One table an engagement, so that equal questions stay equal expressions and are asked of the engine once."""
    rows, dates = intervals(engagement), ["bucket", "label", "ends_on"]
    typed = rows.astype(dict.fromkeys(dates, "datetime64[us]")).astype({"is_last": bool, "position": "int64"})
    return ibis.memtable(typed)
