"""The published production plan: what changed between snapshots, how far news explains it, what broke the frozen zone.

Grain of a change: one cell (item, resource, period) of two consecutive snapshots that both hold the period.
"""

from __future__ import annotations

from functools import lru_cache

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd

from helpers.engagement import Engagement
from helpers.measures.capacity import plan_is_in_hours, plan_work
from helpers.measures.demand import demand
from helpers.measures.forecast import published
from helpers.measures.intervals import in_intervals
from helpers.measures.items import is_established
from helpers.measures.rhythm import previous_cycles

PLAN = "production_plan_snapshots"
NOISE = 0.01
SMALLEST_NEWS = 0.01
SMALLEST_COVERAGE = 0.50
WINDOW = 6
DIGITS = 9

# How far limits on amplification widen for each period of volume that a lot covers, and where demand is not known.
LOT_ALLOWANCE = {"amber": 1.2, "red": 1.5, "six": 0.5}
NO_SURPRISE_ALLOWANCE = {"one": 0.35, "six": 0.20}
LARGEST_LOT_RATIO = 1.0


@lru_cache(maxsize=4)
def _compared(engagement: Engagement, *tables: str) -> ir.Table:
    """Periods that two consecutive snapshots of all `tables` hold: `cycle`, `previous`, `period`; small, so kept."""
    parts = [_held_twice(engagement, table) for table in tables]
    both = parts[0]
    for part in parts[1:]:
        both = both.merge(part, on=["cycle", "previous", "period"], validate="one_to_one")
    columns = dict.fromkeys(("cycle", "previous", "period"), "timestamp(6)")
    return ibis.memtable(both.astype("datetime64[us]"), schema=columns)


def _held_twice(engagement: Engagement, table: str) -> pd.DataFrame:
    held = engagement.frame(engagement.table(table).select("cycle", "period").distinct())
    pairs = previous_cycles(held["cycle"], engagement.settings.bucket).dropna(ignore_index=True)
    before = held.rename(columns={"cycle": "previous"})
    return held.merge(pairs, on="cycle").merge(before, on=["previous", "period"])[["cycle", "previous", "period"]]


def changes(rows: ir.Table, compared: ir.Table, keys: tuple[str, ...], amounts: tuple[str, ...]) -> ir.Table:
    """Cells of consecutive snapshots side by side: `cycle`, `keys`, `period`, and `new_…` and `old_…` of each amount.

    A cell that one snapshot of the pair lacks is 0 there; only the periods of `compared` are looked at.
    """
    now = rows.semi_join(compared, ["cycle", "period"])
    then = rows.rename(previous="cycle").inner_join(compared, ["previous", "period"])
    both = _side(now, keys, amounts, "new").union(_side(then, keys, amounts, "old"))
    return both.group_by("cycle", *keys, "period").aggregate(
        **{f"{side}_{a}": both[f"{side}_{a}"].sum() for a in amounts for side in ("new", "old")}
    )


def _side(rows: ir.Table, keys: tuple[str, ...], amounts: tuple[str, ...], shown: str) -> ir.Table:
    cells = {
        f"{side}_{a}": rows[a].cast("float64").fill_null(0.0) if side == shown else ibis.literal(0.0)
        for a in amounts
        for side in ("new", "old")
    }
    return rows.select("cycle", *keys, "period", **cells)


def _moved(new: ir.FloatingValue, old: ir.FloatingValue) -> ir.FloatingValue:
    """Absolute change, 0 where it is less than 1 % of the old number: rounding is not replanning."""
    change = (new - old).abs()
    return ibis.ifelse(change < NOISE * old, 0.0, change)


def plan_changes(engagement: Engagement) -> ir.Table:
    """Changes of the production plan of established items, one row per `cycle`, `resource_id`, `item_id`, `period`.

    Returns
    -------
    `family`, `new_work`, `old_work`, `moved_work` ≥ 0 (hours, else units), `new_quantity`, `old_quantity`.
    """
    compared = _compared(engagement, PLAN)
    cells = changes(plan_work(engagement), compared, ("resource_id", "item_id"), ("quantity", "work"))
    items = engagement.table("items").select("item_id", "family", "launch_date", "end_date")
    rows = cells.inner_join(items, "item_id")
    settled = rows.filter(is_established(rows, rows.cycle, engagement.settings.bucket)).drop("launch_date", "end_date")
    return settled.mutate(moved_work=_moved(settled.new_work, settled.old_work))


def plan_stability(engagement: Engagement) -> pd.DataFrame:
    """Movement of the whole plan between snapshots, one row per `label`: `moved`, `planned`, `stability`.

    `stability` = 1 − min(1, Σ|change| ÷ Σ previous plan), 1 = nothing moved; for the pulse. Missing where nothing was
    planned.
    """
    rows = plan_changes(engagement)
    sums = engagement.frame(
        rows.group_by(label=rows.cycle).aggregate(moved=rows.moved_work.sum(), planned=rows.old_work.sum())
    )
    ratio = sums["moved"] / sums["planned"].where(sums["planned"] > 0)
    return sums.assign(stability=1 - ratio.clip(upper=1.0))


def plan_movement(engagement: Engagement, *dimensions: str) -> pd.DataFrame:
    """Work moved between snapshots over the shared horizon, per `label` and `dimensions`: `moved`, `planned`."""
    rows = plan_changes(engagement)
    return engagement.frame(
        rows.group_by("cycle", *dimensions).aggregate(moved=rows.moved_work.sum(), planned=rows.old_work.sum())
    ).rename(columns={"cycle": "label"})


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


def movement_and_news(engagement: Engagement, with_surprise: bool) -> pd.DataFrame:
    """How far the plan moved and how much news arrived, per `label` and `family`, in one unit.

    The same items, periods and cycles on both sides, in standard hours where the plan can be turned into hours, else in
    units of the family; established items only.

    Returns
    -------
    `moved` Σ|plan change|, `news` Σ|forecast revision| + Σ|demand − last forecast|, `planned` (previous plan).
    """
    compared = _compared(engagement, PLAN, "forecast_snapshots")
    plan = changes(plan_work(engagement), compared, ("item_id",), ("quantity", "work"))
    forecast = changes(published(engagement), compared, ("item_id",), ("quantity",))
    of_plan = plan.group_by("cycle", "item_id").aggregate(
        moved=_moved(plan.new_quantity, plan.old_quantity).sum(),
        quantity=(plan.new_quantity + plan.old_quantity).sum(),
        work=(plan.new_work + plan.old_work).sum(),
        planned=plan.old_quantity.sum(),
    )
    revised = forecast.group_by("cycle", "item_id").aggregate(
        revised=_moved(forecast.new_quantity, forecast.old_quantity).sum()
    )
    items = engagement.table("items").select("item_id", "family", "launch_date", "end_date")
    rows = of_plan.inner_join(items, "item_id").inner_join(revised, ["cycle", "item_id"])
    rows = rows.filter(is_established(rows, rows.cycle, engagement.settings.bucket))
    if with_surprise:
        rows = rows.left_join(_surprises(engagement, compared), ["cycle", "item_id"]).drop(
            "cycle_right", "item_id_right"
        )
        news: ir.Value = rows.revised + rows.surprise.fill_null(0.0)
    else:
        news = rows.revised
    rate = rows.work / rows.quantity.nullif(0.0) if plan_is_in_hours(engagement) else ibis.literal(1.0)
    worked = rows.mutate(rate=rate, news=news)
    return engagement.frame(
        worked.group_by("cycle", "family").aggregate(
            moved=(worked.moved * worked.rate).sum(),
            news=(worked.news * worked.rate).sum(),
            planned=(worked.planned * worked.rate).sum(),
        )
    ).rename(columns={"cycle": "label"})


def amplification(engagement: Engagement, with_surprise: bool = True) -> pd.DataFrame:
    """Plan movement over the news that arrived, one row per `label` (M4.2).

    Lot-for-lot and smoothed plans stay at or below 1. News counts at least 1 % of planned volume. Families are added
    in hours; without hours each family counts relative to its own plan. Missing where plan and forecast share less
    than half of the planned work, and where the demand of the periods since the previous cycle is not known.

    Returns
    -------
    `moved`, `news`, `amplification`, `amplification_six` (ratio of sums over six labels), `lot_ratio` (see
    `lot_ratio`).
    """
    by_family = movement_and_news(engagement, with_surprise)
    if not plan_is_in_hours(engagement):
        size = by_family["planned"].where(by_family["planned"] > 0)
        by_family[["moved", "news", "planned"]] = by_family[["moved", "news", "planned"]].div(size, axis=0)
    sums = by_family.groupby("label", as_index=False)[["moved", "news", "planned"]].sum()
    sums["news"] = np.maximum(sums["news"], SMALLEST_NEWS * sums["planned"])
    usable = _shared_volume(engagement) >= SMALLEST_COVERAGE
    if with_surprise:
        usable &= _has_demand_before(engagement, usable.index)
    known = sums["label"].map(usable).fillna(False).astype(bool) & (sums["news"] > 0)
    sums["amplification"] = (sums["moved"] / sums["news"].where(sums["news"] > 0)).where(known).round(DIGITS)
    both = sums[["moved", "news"]].where(known).rolling(WINDOW, min_periods=WINDOW).sum()
    sums["amplification_six"] = both["moved"] / both["news"]
    ratio = sums["label"].map(lot_ratio(engagement).set_index("label")["lot_ratio"]).fillna(0.0)
    return sums.assign(lot_ratio=ratio)[["label", "moved", "news", "amplification", "amplification_six", "lot_ratio"]]


def six_cycle_limit(amber: float, lot_ratio: pd.Series, with_surprise: bool) -> pd.Series:
    """The limit of `amplification_six`: `amber` of a plan without lots, widened by lots and where demand is unknown."""
    return amber + LOT_ALLOWANCE["six"] * lot_ratio + (0.0 if with_surprise else NO_SURPRISE_ALLOWANCE["six"])


def _shared_volume(engagement: Engagement) -> pd.Series:
    """Share of the planned work of each snapshot that belongs to items in the forecast of the same cycle, by label."""
    plan = plan_work(engagement)
    by_item = plan.group_by("cycle", "item_id").aggregate(work=plan.work.sum())
    items = published(engagement).select("cycle", "item_id").distinct().mutate(forecast=True)
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


def lot_ratio(engagement: Engagement) -> pd.DataFrame:
    """Lot size over mean period volume of the items in the plan, volume-weighted, one row per `label`: `lot_ratio`.

    A lot of half a month's volume is 0.5. Volume is the mean planned work of a period of the snapshot; an item
    without a lot size counts as 0, so that the limits get no allowance for it.
    """
    plan = plan_work(engagement)
    in_plan = plan.group_by("cycle", "item_id").aggregate(quantity=plan.quantity.sum(), work=plan.work.sum())
    items = engagement.table("items").select("item_id", "lot_size")
    lots = in_plan.inner_join(items, "item_id")
    rate = lots.work / lots.quantity.nullif(0.0)
    lots = lots.mutate(rate=rate.fill_null(0.0)).mutate(lot=lambda r: r.lot_size.fill_null(0.0) * r.rate)
    by_cycle = engagement.frame(lots.group_by("cycle").aggregate(lot=lots.lot.sum(), work=lots.work.sum()))
    periods = engagement.frame(plan.group_by("cycle").aggregate(periods=plan.period.nunique()))
    both = by_cycle.merge(periods, on="cycle", validate="one_to_one")
    mean_period = both["work"] / both["periods"]
    return pd.DataFrame({"label": both["cycle"], "lot_ratio": both["lot"] / mean_period.where(mean_period > 0)})


def frozen_moves(engagement: Engagement) -> pd.DataFrame:
    """Changes inside the frozen zone whatever their reason, one row per `label` and `resource_id`: `moved`, `planned`.

    Known on the date of the label (plan-timed); `frozen_changes` asks for the reasons too.
    """
    rows = _frozen(engagement)
    return engagement.frame(
        rows.group_by("cycle", "resource_id").aggregate(moved=rows.moved_work.sum(), planned=rows.old_work.sum())
    ).rename(columns={"cycle": "label"})


def _frozen(engagement: Engagement) -> ir.Table:
    frozen = engagement.settings.time_fences.frozen
    rows = plan_changes(engagement)
    zone = ibis.interval(months=frozen) if engagement.settings.bucket == "month" else ibis.interval(weeks=frozen)
    return rows.filter(rows.period < rows.cycle + zone)


def frozen_changes(engagement: Engagement) -> pd.DataFrame:
    """Changes inside the frozen zone, one row per `label`, `resource_id`, `family`.

    Returns
    -------
    `moved` Σ|change|, `planned` (previous plan of the zone), `unruled`: the part of `moved` without a rule on the
    forecast of the same item and period and without a decision of the cycle for the family (M4.3). A decision counts
    when it was taken before the interval closed, so values are known with the facts of the label.
    """
    dated = _with_rules(engagement, in_intervals(engagement, _frozen(engagement), "cycle"))
    unruled = ibis.ifelse(dated.ruled, 0.0, dated.moved_work)
    return engagement.frame(
        dated.group_by("label", "resource_id", "family").aggregate(
            moved=dated.moved_work.sum(), planned=dated.old_work.sum(), unruled=unruled.sum()
        )
    )


def _with_rules(engagement: Engagement, rows: ir.Table) -> ir.Table:
    forecast = published(engagement)
    by_rule = (
        forecast.filter(forecast.rule_id.notnull()).select("cycle", "item_id", "period").distinct().mutate(rule=True)
    )
    taken = in_intervals(engagement, engagement.table("decisions"), "cycle")
    taken = taken.filter(taken.decided_on < taken.ends_on).select("label", "family")
    for_one = taken.filter(taken.family.notnull()).distinct().mutate(decision=True)
    for_all = taken.filter(taken.family.isnull()).select("label").distinct().mutate(decision_for_all=True)
    joined = (
        rows.left_join(by_rule, ["cycle", "item_id", "period"], rname="{name}_of_rule")
        .left_join(for_one, ["label", "family"], rname="{name}_of_decision")
        .left_join(for_all, "label", rname="{name}_for_all")
    )
    return joined.mutate(ruled=joined.rule.notnull() | joined.decision.notnull() | joined.decision_for_all.notnull())


def reversals(engagement: Engagement) -> pd.DataFrame:
    """Products of successive plan changes of the same cell, per `label` (cycle) and `period`: `product` and `square`.

    With r the change now and s the one before, `product` = Σ r·s and `square` = Σ s²; Σ product ÷ Σ square is the
    slope b of r on s: negative = flip-flop, positive = smoothing, 0 = news (Nordhaus 1987, M1.3).
    """
    rows = plan_changes(engagement)
    cells = rows.mutate(change=rows.new_work - rows.old_work)
    pairs = _compared(engagement, PLAN).select("cycle", "previous").distinct()
    keys = ["resource_id", "item_id", "period"]
    now = cells.inner_join(pairs, "cycle").select("cycle", "previous", *keys, "change")
    before = cells.select(*keys, previous="cycle", earlier="change")
    both = now.inner_join(before, ["previous", *keys])
    sums = both.group_by(label=both.cycle, period=both.period).aggregate(
        product=(both.change * both.earlier).sum(), square=(both.earlier * both.earlier).sum()
    )
    return engagement.frame(sums)
