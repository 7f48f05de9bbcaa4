"""Amplification: how far the production plan moved over the news that arrived, the lots it comes in allowed for.

A plan that follows its forecast cell by cell moves no more than the forecast and the stock correction together: the
ratio is at most 1 by the triangle inequality. Lots break that in a calm market: a whole lot moves when the need
crosses its edge, however little news there was. Two roundings of a number to lots that have nothing to do with each
other differ, for two edges a period, by 0.46 lots in the mean; so half a lot for every planned cell counts as news.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd

from helpers.engagement import Engagement, once
from helpers.measures.capacity import plan_is_in_hours, plan_work
from helpers.measures.demand import demand
from helpers.measures.forecast import published
from helpers.measures.items import is_established
from helpers.measures.joins import beside
from helpers.measures.schedule import PLAN, changes, compared_periods, moved

LOT_PER_CELL = 0.5
SMALLEST_NEWS = 0.05
SMALLEST_COVERAGE = 0.50
# How far limits widen where demand is not known and its surprise counts as no news.
NO_SURPRISE_ALLOWANCE = 0.35
WINDOW = 6
DIGITS = 9
LARGEST_MULTIPLE, ROUNDING = 12, 0.02


@once
def movement_and_news(engagement: Engagement, with_surprise: bool) -> pd.DataFrame:
    """How far the plan moved and how much news arrived, per `label`, `resource_id` and `family`, in one unit.

    The same items, periods and cycles on both sides, in standard hours where the plan can be turned into hours, else in
    units of the family; established items only. An item's movement is counted over all its resources, so that
    rerouting is not movement, and given to them by their share of its plan.

    Returns
    -------
    `moved` Σ|plan change|, `news` Σ|forecast revision| + Σ|demand − last forecast|, `lots` (half a lot for every
    planned cell), `planned` (previous plan of one period).
    """
    compared = compared_periods(engagement, PLAN, "forecast_snapshots")
    items = engagement.table("items").select("item_id", "family", "lot_size", "launch_date", "end_date")
    joined = _plan_moves(engagement, compared).inner_join(
        _news(engagement, compared, with_surprise), ["cycle", "item_id"]
    )
    rows = joined.inner_join(items, "item_id")
    rows = rows.filter(is_established(rows, rows.cycle, engagement.settings.bucket))
    rate = rows.work / rows.quantity.nullif(0.0) if plan_is_in_hours(engagement) else ibis.literal(1.0)
    lot = ibis.coalesce(rows.lot_size, rows.step) if engagement.has("items.lot_size") else rows.step
    sized = rows.mutate(rate=rate, lots=LOT_PER_CELL * rows.cells * lot.fill_null(0.0))
    shared = sized.inner_join(_shares(engagement, compared), ["cycle", "item_id"])
    amounts = ("moved", "news", "lots", "planned")
    return engagement.frame(
        shared.group_by("cycle", "resource_id", "family").aggregate(
            **{name: (shared[name] * shared.rate * shared.share).sum() for name in amounts}
        )
    ).rename(columns={"cycle": "label"})


def _plan_moves(engagement: Engagement, compared: ir.Table) -> ir.Table:
    """The plan of an item between two snapshots: `moved`, `cells` planned, `planned` (one period), `step`."""
    cells = changes(plan_work(engagement), compared, ("item_id",), ("quantity", "work"))
    cells = cells.mutate(moved=moved(cells.new_quantity, cells.old_quantity))
    planned = (cells.new_quantity > 0) | (cells.old_quantity > 0)
    sums = cells.group_by("cycle", "item_id").aggregate(
        moved=cells.moved.sum(),
        cells=planned.sum(),
        quantity=(cells.new_quantity + cells.old_quantity).sum(),
        work=(cells.new_work + cells.old_work).sum(),
        planned=cells.old_quantity.sum() / cells.period.nunique(),
    )
    return beside(sums, _steps(cells), ["cycle", "item_id"])


def _steps(cells: ir.Table) -> ir.Table:
    """The lot an item's plan shows, per `cycle` and `item_id`: `step` (units); 0 where it moves freely.

    A cycle shows one when it changed several cells, all by small multiples of the smallest change. Median of the
    cycles so far.
    """
    moves = cells.filter(cells.moved > 0)
    smallest = moves.moved.min().over(group_by=["cycle", "item_id"])
    multiple = moves.moved / smallest
    whole = ((multiple - multiple.round()).abs() <= ROUNDING) & (multiple <= LARGEST_MULTIPLE)
    shown = (
        moves.mutate(whole=whole)
        .group_by("cycle", "item_id")
        .aggregate(lot=ibis._.moved.min(), in_lots=ibis._.whole.min(), changed=ibis._.moved.count())
    )
    several = shown.filter(shown.changed > 1).mutate(step=ibis.ifelse(ibis._.in_lots, ibis._.lot, 0.0))
    dates = cells.select("cycle", "item_id").distinct()
    by_cycle = beside(dates, several.select("cycle", "item_id", "step"), ["cycle", "item_id"])
    so_far = ibis.window(group_by="item_id", order_by="cycle", preceding=None, following=0)
    return by_cycle.mutate(step=by_cycle.step.median().over(so_far)).select("cycle", "item_id", "step")


def _news(engagement: Engagement, compared: ir.Table, with_surprise: bool) -> ir.Table:
    """What became known about an item between two snapshots, per `cycle` and `item_id`: `news` (units)."""
    planned = engagement.table(PLAN).select("item_id").distinct()
    forecast = changes(published(engagement).semi_join(planned, "item_id"), compared, ("item_id",), ("quantity",))
    revised = forecast.group_by("cycle", "item_id").aggregate(
        news=moved(forecast.new_quantity, forecast.old_quantity).sum()
    )
    if not with_surprise:
        return revised
    rows = beside(revised, _surprises(engagement, compared), ["cycle", "item_id"])
    return rows.select("cycle", "item_id", news=rows.news + rows.surprise.fill_null(0.0))


def _surprises(engagement: Engagement, compared: ir.Table) -> ir.Table:
    """|demand − last forecast| of the periods closed since the cycle before, by `cycle` and `item_id`: `surprise`."""
    pairs = compared.select("cycle", "previous").distinct()
    due = published(engagement).rename(previous="cycle").inner_join(pairs, "previous")
    due = due.filter(due.period < due.cycle)
    expected = due.group_by("cycle", "item_id", "period").aggregate(expected=due.quantity.sum())
    rows = demand(engagement)
    came = rows.group_by("item_id", "period").aggregate(came=rows.quantity.sum())
    expected = expected.semi_join(rows.select("period").distinct(), "period")
    both = expected.left_join(came, ["item_id", "period"])
    missed = both.mutate(missed=(both.expected - both.came.fill_null(0.0)).abs())
    return missed.group_by("cycle", "item_id").aggregate(surprise=missed.missed.sum())


def _shares(engagement: Engagement, compared: ir.Table) -> ir.Table:
    """Share of each resource in an item's plan, old and new together: `cycle`, `item_id`, `resource_id`, `share`."""
    cells = changes(plan_work(engagement), compared, ("resource_id", "item_id"), ("quantity",))
    sums = cells.group_by("cycle", "item_id", "resource_id").aggregate(
        size=(cells.new_quantity + cells.old_quantity).sum()
    )
    total = sums["size"].sum().over(group_by=["cycle", "item_id"])
    return sums.filter(sums["size"] > 0).mutate(share=sums["size"] / total).drop("size")


@once
def amplification(engagement: Engagement, with_surprise: bool = True) -> pd.DataFrame:
    """Plan movement over the news that arrived, one row per `label` and `resource_id` (amplification).

    News counts at least 5 % of the planned volume of one period: smaller plan changes are no replanning. Families are
    added in hours; without hours each family counts relative to its own plan. Missing where plan and forecast share
    less than half of the planned work, and where the demand of the period before is not known. What the plan held
    above the resource's hours may move out of its period and into another: that counts as news too.

    Returns
    -------
    `moved`, `news` (lots and overload included), `amplification`, `amplification_six` (ratio of sums, last six).
    """
    parts = movement_and_news(engagement, with_surprise)
    amounts = ["moved", "news", "lots", "planned"]
    if not plan_is_in_hours(engagement):
        parts[amounts] = parts[amounts].div(parts["planned"].where(parts["planned"] > 0), axis=0)
    sums = parts.groupby(["resource_id", "label"], as_index=False)[amounts].sum()
    required = sums["news"] + sums["lots"] + _overload(engagement, sums)
    sums["news"] = np.maximum(required, SMALLEST_NEWS * sums["planned"])
    usable = _shared_volume(engagement) >= SMALLEST_COVERAGE
    if with_surprise:
        usable &= _has_demand_before(engagement, usable.index)
    known = sums["label"].map(usable).fillna(False).astype(bool) & (sums["news"] > 0)
    rows = sums[known].reset_index(drop=True)
    last = rows.groupby("resource_id")[["moved", "news"]].rolling(WINDOW, min_periods=WINDOW).sum().droplevel(0)
    return rows.assign(
        amplification=(rows["moved"] / rows["news"]).round(DIGITS),
        amplification_six=(last["moved"] / last["news"]).round(DIGITS),
    )[["label", "resource_id", "moved", "news", "amplification", "amplification_six"]]


def _overload(engagement: Engagement, rows: pd.DataFrame) -> pd.Series:
    """Twice the hours that the plan before held above what the resource has at the cycle, aligned with `rows`.

    0 where the plan is not in hours or the hours of the resource are not known.
    """
    if not plan_is_in_hours(engagement) or not engagement.has("capacity.planned_hours"):
        return pd.Series(0.0, index=rows.index)
    cells = changes(plan_work(engagement), compared_periods(engagement, PLAN), ("resource_id",), ("work",))
    given = engagement.table("capacity")
    hours = given.select(
        "resource_id", cycle=given.period, hours=given.planned_hours + given.planned_overtime_hours.fill_null(0.0)
    )
    both = cells.inner_join(hours, ["cycle", "resource_id"])
    above = (both.old_work - both.hours).clip(lower=0.0)
    sums = engagement.frame(both.group_by("resource_id", label=both.cycle).aggregate(above=2 * above.sum()))
    return rows.merge(sums, on=["label", "resource_id"], how="left", validate="one_to_one")["above"].fillna(0.0)


def _shared_volume(engagement: Engagement) -> pd.Series:
    """Share of the planned work of each snapshot that belongs to items in the forecast of the same cycle, by label."""
    plan = plan_work(engagement)
    by_item = plan.group_by("cycle", "item_id").aggregate(work=plan.work.sum())
    forecast = published(engagement).semi_join(by_item, ["cycle", "item_id"])
    items = forecast.select("cycle", "item_id").distinct().mutate(forecast=True)
    rows = by_item.left_join(items, ["cycle", "item_id"])
    shared = ibis.ifelse(rows.forecast.notnull(), rows.work, 0.0)
    sums = engagement.frame(rows.group_by(label=rows.cycle).aggregate(shared=shared.sum(), work=rows.work.sum()))
    return (sums["shared"] / sums["work"].where(sums["work"] > 0)).set_axis(sums["label"])


def _has_demand_before(engagement: Engagement, labels: pd.Index) -> pd.Series:
    """Whether demand of the last bucket before each label is in the extract."""
    rows = demand(engagement).select("period").distinct()
    periods_held = pd.DatetimeIndex(engagement.frame(rows)["period"])
    step = pd.DateOffset(months=1) if engagement.settings.bucket == "month" else pd.Timedelta(weeks=1)
    return pd.Series([(label - step) in periods_held for label in labels], index=labels)
