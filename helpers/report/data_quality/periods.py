"""Which periods each table covers, and which are missing between its first and its last."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from helpers import contract, periods
from helpers.engagement import FACT_DATES, PLAN_TABLES, Engagement

MOST = 6


@dataclass(frozen=True)
class Covered:
    """First and last bucket with a row, how many hold one, and the buckets without any between them.

    `is_regular` tables have a row in every bucket when they are whole; of the others a gap may be true.
    """

    table: str
    column: str
    first: pd.Timestamp
    last: pd.Timestamp
    count: int
    gaps: tuple[pd.Timestamp, ...]
    is_regular: bool


def covered(engagement: Engagement) -> list[Covered]:
    """A line a table with plans or facts of which rows are used, in the contract's order."""
    dates = {**FACT_DATES, **dict.fromkeys(PLAN_TABLES, "cycle")}
    sent = [table.name for table in contract.TABLES if table.name in dates and engagement.has(table.name)]
    found = [_covered(engagement, name, dates[name]) for name in sent]
    return [line for line in found if line is not None]


def _covered(engagement: Engagement, name: str, column: str) -> Covered | None:
    bucket, rows = engagement.settings.bucket, engagement.standing(name)
    seen = rows.select(bucket=periods.bucket_of(rows[column], bucket)).distinct()
    days = engagement.frame(seen)["bucket"].dropna().sort_values()
    if days.empty:
        return None
    whole = pd.date_range(days.iloc[0], days.iloc[-1], freq="MS" if bucket == "month" else "W-MON", unit="us")
    gaps = tuple(whole.difference(pd.DatetimeIndex(days)))
    is_regular = contract.table(name).column(column).type == "bucket" and name not in (
        "decisions",
        "compensation_costs",
    )
    return Covered(name, column, days.iloc[0], days.iloc[-1], len(days), gaps, is_regular)


def listed(days: tuple[pd.Timestamp, ...]) -> str:
    """The first buckets by their first day, and how many more there are."""
    shown = ", ".join(day.strftime("%Y-%m-%d") for day in days[:MOST])
    return f"{shown} and {len(days) - MOST} more" if len(days) > MOST else shown
