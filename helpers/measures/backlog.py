"""What is asked for and what is owed: demand ahead of the stock, days without stock, overdue orders by age."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir
import pandas as pd

from helpers import periods
from helpers.engagement import Engagement
from helpers.measures.demand import demand
from helpers.measures.forecast import published
from helpers.measures.intervals import in_intervals
from helpers.measures.items import unit_values

AHEAD = 3
RECENT = 13


def closings(engagement: Engagement) -> pd.DataFrame:
    """Each closed `label`, the day it `closes` (facts are known) and the last forecast `cycle` published by then."""
    labels = pd.Series(engagement.calendar.labels, name="label")
    rows = pd.DataFrame({"label": labels, "closes": engagement.calendar.known_on(labels, "fact")})
    if not engagement.has("forecast_snapshots"):
        return rows.assign(cycle=rows["closes"])
    cycles = engagement.frame(published(engagement).select("cycle").distinct())
    return pd.merge_asof(rows, cycles, left_on="closes", right_on="cycle")


def coming(engagement: Engagement, nodes: ir.Table) -> pd.DataFrame:
    """Mean demand ahead of the stock, at unit value, one row per `label` and `family`: `coming` per period (currency).

    The mean forecast of the next three periods, as last published when the interval closed, of the items in `nodes`;
    without forecasts the mean demand of the three periods before.
    """
    bucket = engagement.settings.bucket
    span = ibis.interval(months=AHEAD) if bucket == "month" else ibis.interval(weeks=AHEAD)
    days = ibis.memtable(closings(engagement).dropna().astype("datetime64[us]"))
    if engagement.has("forecast_snapshots"):
        rows = published(engagement).inner_join(days, "cycle")
        near = rows.filter(rows.period >= rows.closes, rows.period < rows.closes + span)
    else:
        rows = demand(engagement).cross_join(days)
        near = rows.filter(rows.period < rows.closes, rows.period >= rows.closes - span)
    held = nodes.group_by("label", "item_id").aggregate(family=nodes.family.min(), value=nodes.unit_value.min())
    cells = near.inner_join(held, ["label", "item_id"])
    by_period = cells.group_by("label", "family", "period").aggregate(coming=(cells.quantity * cells.value).sum())
    return engagement.frame(by_period.group_by("label", "family").aggregate(coming=by_period.coming.mean()))


def stockouts(engagement: Engagement) -> pd.DataFrame:
    """Days without stock of all items and locations, one row per `label` and `family`: `out` ≤ `days`."""
    items = engagement.table("items").select("item_id", "family")
    rows = in_intervals(engagement, engagement.table("actual_demand"), "period").inner_join(items, "item_id")
    known = rows.filter(rows.stockout_days.notnull())
    days = periods.bucket_end(known.period, engagement.settings.bucket).delta(known.period, unit="day")
    sums = known.group_by("label", "family").aggregate(out=known.stockout_days.sum(), days=days.sum())
    return engagement.frame(sums).astype({"out": float, "days": float})


def overdue(engagement: Engagement) -> pd.DataFrame:
    """Order lines past their date and still open when an interval closed, at unit value.

    Returns
    -------
    One row per `label` (the last thirteen) and `family`: `overdue` and, overdue for more than one period, `older`.
    """
    days = ibis.memtable(closings(engagement)[["label", "closes"]].tail(RECENT).astype("datetime64[us]"))
    lines = engagement.table("order_lines")
    due = lines.mutate(due=ibis.coalesce(lines.promised_on, lines.requested_on))
    late = due.filter(due.delivered_on.isnull() | (due.delivered_on > due.due)).cross_join(days)
    is_open = late.delivered_on.isnull() | (late.delivered_on >= late.closes)
    owed = late.filter(late.due < late.closes, is_open).inner_join(unit_values(engagement), "item_id")
    step = ibis.interval(months=1) if engagement.settings.bucket == "month" else ibis.interval(weeks=1)
    worth = owed.ordered_quantity * owed.value
    sums = owed.group_by("label", "family").aggregate(
        overdue=worth.sum(), older=worth.sum(where=owed.due < owed.closes - step).fill_null(0.0)
    )
    return engagement.frame(sums)
