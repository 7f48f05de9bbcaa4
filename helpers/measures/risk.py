"""The risk a node must cover: how far demand runs away from its forecast until the next receipt.

Glossary
    node        an item at a location
    protection  the periods a buffer must cover: lead time L plus one review period
    sigma       standard deviation of demand against forecast, cumulated over the protection periods (units)
    swing       how far one period's squared error lies from the mean that sigma was made of: its sampling noise
"""

from __future__ import annotations

from typing import Literal

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd

from helpers import periods
from helpers.engagement import Engagement, once
from helpers.measures.demand import demand
from helpers.measures.forecast import published
from helpers.measures.intervals import intervals
from helpers.measures.joins import beside
from helpers.measures.purchasing import lead_times as receipts

Basis = Literal["forecast", "demand", "spread"]
REVIEW = 1.0
DAYS = {"month": 365.25 / 12, "week": 7.0}
DEFAULT_LEAD = {"month": 2.0, "week": 6.0}
SEASON = {"month": 12, "week": 52}
LONGEST = {"month": 6, "week": 13}
MEMORY, LONG_MEMORY, FEWEST = 12, 18, 6
NODE = ["item_id", "location_id"]
ITEM = ["item_id"]


def demand_grid(engagement: Engagement, key: list[str]) -> ir.Table:
    """Demand of every node in every closed bucket, zero where nothing was asked for.

    Returns
    -------
    One row per `key` and `bucket` from the first demand of the node on, as far as demand was sent: `quantity` (units).
    """
    rows = demand(engagement)
    sums = engagement.hold(rows.group_by(*key, bucket=rows.period).aggregate(quantity=rows.quantity.sum()))
    since = sums.group_by(*key).aggregate(since=sums.bucket.min())
    grid = since.cross_join(sums.select("bucket").distinct()).filter(lambda t: t.bucket >= t.since)
    filled = beside(grid, sums, [*key, "bucket"])
    return engagement.hold(filled.select(*key, "bucket", quantity=filled.quantity.fill_null(0.0)))


def trailing(key: list[str], order: str = "bucket", rows: int = MEMORY) -> ibis.expr.builders.WindowBuilder:
    """The last `rows` rows of a node up to and including each."""
    return ibis.window(group_by=key, order_by=order, preceding=rows - 1, following=0)


def demand_moments(engagement: Engagement, key: list[str]) -> ir.Table:
    """Mean and spread of each node's demand over its last 12 buckets.

    Returns
    -------
    One row per `key` and `bucket`: `mean_demand`; `spread` (plain standard deviation, up to 18 buckets); `deviation`
    (squared distance of this bucket from what the three before, or the same season's, said) and `step`, its mean over
    the last 12, the smaller of the two where a season is known. Missing with fewer than six buckets.
    """
    bucket = engagement.settings.bucket
    grid = demand_grid(engagement, key)
    before = ibis.window(group_by=key, order_by="bucket", preceding=(3, 1))
    in_order = ibis.window(group_by=key, order_by="bucket")
    seasonal = grid.quantity.lag(SEASON[bucket]).over(in_order)
    dated = grid.mutate(
        near=ibis.ifelse(
            grid.quantity.count().over(before) == 3, grid.quantity.mean().over(before), ibis.null("float64")
        ),
        season=seasonal,
    ).mutate(
        near=lambda t: (t.quantity - t.near) * (t.quantity - t.near) * 0.75,
        season=lambda t: (t.quantity - t.season) * (t.quantity - t.season) * 0.5,
    )
    recent, long = trailing(key), trailing(key, rows=LONG_MEMORY)
    moments = dated.mutate(
        buckets=dated.quantity.count().over(recent),
        mean_demand=dated.quantity.mean().over(recent),
        spread=dated.quantity.std(how="sample").over(long),
        near_mean=_mean_of_enough(dated.near, recent),
        season_mean=_mean_of_enough(dated.season, recent, MEMORY),
    )
    is_seasonal = (moments.season_mean < moments.near_mean).fill_null(False)
    return moments.filter(moments.buckets >= FEWEST).select(
        *key,
        "bucket",
        "quantity",
        "mean_demand",
        "spread",
        step=ibis.ifelse(is_seasonal, moments.season_mean, moments.near_mean),
        deviation=ibis.ifelse(is_seasonal, moments.season, moments.near),
    )


def _mean_of_enough(
    value: ir.FloatingValue, window: ibis.expr.builders.WindowBuilder, enough: int = FEWEST
) -> ir.FloatingValue:
    return ibis.ifelse(value.count().over(window) >= enough, value.mean().over(window), ibis.null("float64"))


@once
def lead_times(engagement: Engagement) -> ir.Table:
    """Planned lead time of each item as it was planned so far.

    Returns
    -------
    One row per `item_id` and `bucket`: `lead` in buckets (purchase lines so far, else the supplier's, else the frozen
    zone, in which nothing can be added, and the planned run of production orders so far, else two months or six weeks),
    `supplier_id`, `horizon` (lead plus review, rounded).
    """
    bucket = engagement.settings.bucket
    buckets = ibis.memtable(intervals(engagement)[["bucket"]])
    items = engagement.table("items").select("item_id", "supplier_id")
    suppliers = engagement.table("suppliers").select("supplier_id", supplier_days=ibis._.planned_lead_time_days)
    orders = engagement.table("purchase_orders")
    bought = orders.group_by("item_id", bucket=periods.bucket_of(orders.ordered_on, bucket)).aggregate(
        bought_lines=orders.planned_lead_time_days.count(), bought_days=orders.planned_lead_time_days.sum()
    )
    runs = engagement.table("production_orders").filter(lambda t: t.planned_finish.notnull())
    made = runs.group_by("item_id", bucket=periods.bucket_of(runs.planned_start, bucket)).aggregate(
        made_orders=runs.count(), made_days=runs.planned_finish.delta(runs.planned_start, unit="day").sum()
    )
    grid = beside(items, suppliers, ["supplier_id"]).cross_join(buckets)
    for rows in (bought, made):
        grid = beside(grid, rows, ["item_id", "bucket"])
    so_far = ibis.window(group_by="item_id", order_by="bucket", preceding=None, following=0)
    sums = {name: grid[name].sum().over(so_far) for name in ("bought_lines", "bought_days", "made_orders", "made_days")}
    total = grid.mutate(**sums)
    days = ibis.coalesce(
        total.bought_days / total.bought_lines.nullif(0),
        total.supplier_days,
        total.made_days / total.made_orders.nullif(0) + engagement.settings.time_fences.frozen * DAYS[bucket],
    )
    lead = (days / DAYS[bucket]).fill_null(DEFAULT_LEAD[bucket])
    horizon = (lead + REVIEW).round().cast("int64").clip(1, LONGEST[bucket])
    rows = total.mutate(lead=lead, horizon=horizon)
    return engagement.hold(rows.select("item_id", "supplier_id", "bucket", "lead", "horizon"))


def forecast_risk(engagement: Engagement, key: list[str], leads: ir.Table) -> ir.Table:
    """Squared cumulative forecast errors over each node's horizon, by the bucket in which they were known.

    Returns
    -------
    One row per `key` and `bucket` (the last one of the horizon): `squared` (this origin), `mse` (mean of the last 12
    origins; missing with fewer than six). Only origins whose forecast and demand are complete.
    """
    bucket = engagement.settings.bucket
    forecast = published(engagement)
    near = forecast.mutate(lag=periods.buckets_ahead(forecast.cycle, forecast.period, bucket))
    used = leads.select("item_id", "horizon").distinct()
    inside = near.filter(near.lag < _longest_horizon(engagement, used)).inner_join(used, "item_id")
    inside = inside.filter(inside.lag >= 0, inside.lag < inside.horizon)
    sums = inside.group_by(*key, "cycle", "period", "horizon").aggregate(forecast=inside.quantity.sum())
    actual = demand_grid(engagement, key).rename(period="bucket", actual="quantity")
    cells = sums.inner_join(actual, [*key, "period"])
    origins = cells.group_by(*key, "cycle", "horizon").aggregate(
        bucket=cells.period.max(), error=(cells.forecast - cells.actual).sum(), periods=cells.count()
    )
    whole = origins.filter(origins.periods == origins.horizon)
    squared = whole.select(*key, "horizon", "bucket", squared=whole.error * whole.error)
    window = trailing([*key, "horizon"])
    risk = squared.mutate(mse=_mean_of_enough(squared.squared, window))
    return risk.inner_join(leads.select("item_id", "bucket", "horizon"), ["item_id", "bucket", "horizon"]).select(
        *key, "bucket", "squared", "mse"
    )


def _longest_horizon(engagement: Engagement, used: ir.Table) -> int:
    """So that no more of the forecast is read than some item needs."""
    (longest,) = engagement.frame(used.aggregate(longest=used.horizon.max().fill_null(0)))["longest"]
    return int(longest)


def lead_time_spread(engagement: Engagement) -> pd.DataFrame:
    """Spread of realised over planned lead time by supplier, as known at the end of each bucket.

    Returns
    -------
    One row per `supplier_id` and `bucket`: `lead_cv` of the last 12 labels; with few receipts it leans on all others.
    """
    rows = receipts(engagement) if engagement.has("purchase_orders.received_on") else pd.DataFrame()
    if rows.empty:
        return pd.DataFrame({"supplier_id": [""], "bucket": [pd.Timestamp(0)], "lead_cv": [0.0]}).head(0)
    labels = engagement.calendar.labels
    n, total, squares = (_recent(rows, name, labels) for name in ("receipts", "ratio_sum", "ratio_squares"))
    variance = ((squares - total**2 / n.where(n > 0)) / (n - 1).where(n > 1)).clip(lower=0) / (total / n) ** 2
    weight = n.where(n > 1, 0.0)
    common = (variance * weight).sum(axis="columns") / weight.sum(axis="columns").replace(0.0, np.nan)
    leaning = (variance.fillna(0.0) * weight).add(MEMORY * common, axis="index") / (weight + MEMORY)
    spread = variance.where(n >= MEMORY, leaning).pow(0.5).where(n.cumsum() > 0)
    long = spread.melt(ignore_index=False, value_name="lead_cv").reset_index().dropna(subset=["lead_cv"])
    by_bucket = intervals(engagement)[["bucket", "label"]].merge(long, on="label")
    return by_bucket[["supplier_id", "bucket", "lead_cv"]]


@once
def middle_supplier_spread(engagement: Engagement) -> pd.Series:
    """`lead_time_spread` of the supplier in the middle at the end of each label (share of the planned lead time)."""
    ends = intervals(engagement).query("is_last")[["bucket", "label"]]
    rows = lead_time_spread(engagement).merge(ends, on="bucket", validate="many_to_one")
    return rows.groupby("label")["lead_cv"].median()


def _recent(rows: pd.DataFrame, column: str, labels: pd.DatetimeIndex) -> pd.DataFrame:
    """Sum of `column` over the last 12 labels, labels down and suppliers across."""
    cells = rows.pivot_table(index="label", columns="supplier_id", values=column, aggfunc="sum")
    return cells.reindex(labels).fillna(0.0).rename_axis("label").rolling(MEMORY, min_periods=1).sum()


def node_risk(engagement: Engagement, key: list[str], basis: Basis) -> ir.Table:
    """What each node must be ready for, as known at the end of each bucket.

    Parameters
    ----------
    basis
        `forecast`: cumulative forecast errors (else as `demand`), and realised lead times; `demand`: demand around its
        three-period or seasonal mean; `spread`: plain standard deviation of up to 18 buckets.

    Returns
    -------
    One row per `key` and `bucket`: `mean_demand` (units per bucket), `sigma` (units over the protection periods, lead
    time risk included), `swing` (units², how far this bucket's squared error lies from the mean).
    """
    leads = lead_times(engagement)
    nodes = demand_moments(engagement, key).inner_join(leads, ["item_id", "bucket"])
    protection = nodes.lead + REVIEW
    if basis == "forecast":
        nodes = _with_forecast_risk(engagement, nodes, key, leads)
    elif basis == "spread":
        variance = nodes.spread * nodes.spread * protection
        nodes = nodes.mutate(variance=variance, swing=(nodes.quantity - nodes.mean_demand) ** 2 * protection - variance)
    else:
        nodes = nodes.mutate(variance=nodes.step * protection, swing=(nodes.deviation - nodes.step) * protection)
    if basis != "forecast":
        return nodes.select(*key, "bucket", "mean_demand", "swing", sigma=nodes.variance.sqrt())
    spread = ibis.memtable(lead_time_spread(engagement))
    joined = beside(nodes, spread, ["supplier_id", "bucket"])
    late = joined.mean_demand * joined.lead * joined.lead_cv.fill_null(0.0)
    return joined.select(*key, "bucket", "mean_demand", "swing", sigma=(joined.variance + late * late).sqrt())


def _with_forecast_risk(engagement: Engagement, nodes: ir.Table, key: list[str], leads: ir.Table) -> ir.Table:
    """Forecast errors of the node; where forecasts know no location, the item's, shared out by the nodes' spread."""
    shared = key == NODE and not _forecast_knows_locations(engagement)
    of = ITEM if shared else key
    joined = beside(nodes, forecast_risk(engagement, of, leads), [*of, "bucket"])
    if shared:
        of_item = demand_moments(engagement, ITEM)
        joined = beside(
            joined,
            of_item.select("item_id", "bucket", item_step="step", item_mean="mean_demand"),
            ["item_id", "bucket"],
        )
    protection = joined.lead + REVIEW
    scale = protection / joined.horizon * (_share_of_item(joined) if shared else 1.0)
    by_forecast = joined.mse * scale
    by_demand = joined.step * protection
    swing = (joined.squared - joined.mse) * scale
    return joined.mutate(
        variance=ibis.coalesce(by_forecast, by_demand),
        swing=ibis.ifelse(by_forecast.notnull(), swing, (joined.deviation - joined.step) * protection),
    )


def _share_of_item(nodes: ir.Table) -> ir.FloatingValue:
    """A node's share of its item's variance: by the spread of demand, before that is known by its mean."""
    by_mean = nodes.mean_demand / nodes.item_mean.nullif(0.0)
    return ibis.coalesce(nodes.step / nodes.item_step.nullif(0.0), by_mean * by_mean)


def _forecast_knows_locations(engagement: Engagement) -> bool:
    known = {
        name: set(engagement.frame(engagement.table(name).select("location_id").distinct())["location_id"])
        for name in ("forecast_snapshots", "inventory_snapshots")
    }
    return bool(known["forecast_snapshots"] & known["inventory_snapshots"])
