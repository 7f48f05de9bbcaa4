"""The three quick checks of every cycle: forecast stability, plan stability, cost of compensation; beside OTIF."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir
import pandas as pd

from helpers.engagement import Engagement
from helpers.measures.forecast import published
from helpers.measures.service import otif

CHECKS = ("forecast_stability", "production_plan_stability", "compensation_cost", "otif")


def pulse(engagement: Engagement) -> pd.DataFrame:
    """The quick checks, one row per cycle with a plan or with closed facts.

    Returns
    -------
    `cycle`; `forecast_stability` and `production_plan_stability` = 1 − share of the volume that moved since the cycle
    before (fraction, 1: nothing moved); `compensation_cost` (currency, of the interval); `otif` (fraction). Missing
    where
    not known: facts of an interval still open, plans of a first cycle.
    """
    calendar = engagement.calendar
    cycles = calendar.plan_cycles.union(calendar.labels)
    checks = {
        "forecast_stability": _forecast_stability(engagement),
        "production_plan_stability": _plan_stability(engagement),
        "compensation_cost": _compensation(engagement),
        "otif": _otif(engagement),
    }
    table = pd.DataFrame({name: series.reindex(cycles) for name, series in checks.items()}, index=cycles, dtype=float)
    return table.rename_axis("cycle").reset_index()


def stability(cells: ir.Table, by: list[str]) -> ir.Table:
    """1 − Σ|change| / Σ earlier quantity over the cells that two consecutive snapshots share, one row per `cycle`.

    Parameters
    ----------
    cells
        `cycle`, the columns `by` (filled), `quantity`: one row per cell of a snapshot.
    """
    in_order = cells.select("cycle").distinct()
    pairs = in_order.mutate(previous=in_order.cycle.lag().over(ibis.window(order_by="cycle")))
    now = cells.inner_join(pairs, "cycle").select(*by, "cycle", "previous", "quantity")
    before = cells.select(*by, previous="cycle", earlier="quantity")
    common = now.inner_join(before, ["previous", *by])
    moved = common.group_by("cycle").aggregate(
        moved=(common.quantity - common.earlier).abs().sum(), volume=common.earlier.sum()
    )
    return moved.filter(moved.volume > 0).select("cycle", stability=1 - ibis.least(1.0, moved.moved / moved.volume))


def _indexed(engagement: Engagement, expression: ir.Table) -> pd.Series:
    return engagement.frame(expression).set_index("cycle")["stability"]


def _forecast_stability(engagement: Engagement) -> pd.Series:
    if not engagement.has("forecast_snapshots"):
        return pd.Series(dtype=float)
    items, forecast = engagement.table("items").select("item_id"), published(engagement)
    # Every cell meets its predecessor here, the whole horizon long: numbers are compared faster than names.
    numbers = items.mutate(number=ibis.row_number().over(ibis.window(order_by="item_id")))
    places = engagement.frame(engagement.table("forecast_snapshots").select("location_id").distinct())["location_id"]
    key = ["number", "period", *(["place"] if places.notna().any() else [])]
    cells = forecast.mutate(place=forecast.location_id.fill_null("")).inner_join(numbers, "item_id")
    return _indexed(engagement, stability(cells.select("cycle", "quantity", *key), key))


def _plan_stability(engagement: Engagement) -> pd.Series:
    if not engagement.has("production_plan_snapshots"):
        return pd.Series(dtype=float)
    return _indexed(
        engagement, stability(engagement.table("production_plan_snapshots"), ["resource_id", "item_id", "period"])
    )


def _compensation(engagement: Engagement) -> pd.Series:
    if not engagement.has("compensation_costs") or engagement.gutted("compensation_costs"):
        return pd.Series(dtype=float)
    costs = engagement.table("compensation_costs")
    rows = engagement.frame(costs.group_by("period").aggregate(amount=costs.amount.sum()))
    by_label = rows.groupby(engagement.calendar.label_of(rows["period"]))["amount"].sum()
    # A cycle without a row costs nothing only where the log was kept: between its first and its last row.
    labels = engagement.calendar.labels
    kept = labels[(labels >= by_label.index.min()) & (labels <= by_label.index.max())]
    return by_label.reindex(kept, fill_value=0.0)


def _otif(engagement: Engagement) -> pd.Series:
    if not engagement.has("order_lines.delivered_on"):
        return pd.Series(dtype=float)
    return otif(engagement).set_index("label")["otif"]
