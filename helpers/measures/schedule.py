"""The published production plan: what changed between snapshots, how far news explains it, what broke the frozen zone.

Grain of a change: one cell (item, resource, period) of two consecutive snapshots that both hold the period.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir
import pandas as pd

from helpers.engagement import Engagement, once
from helpers.measures.capacity import plan_work
from helpers.measures.decisions import PLAN_WORDS, decided_families
from helpers.measures.forecast import published
from helpers.measures.intervals import in_intervals
from helpers.measures.items import is_established
from helpers.measures.joins import beside
from helpers.measures.rhythm import previous_cycles

PLAN = "production_plan_snapshots"
NOISE = 0.01


@once
def compared_periods(engagement: Engagement, *tables: str) -> ir.Table:
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


def moved(new: ir.FloatingValue, old: ir.FloatingValue) -> ir.FloatingValue:
    """Absolute change, 0 where it is less than 1 % of the old number: rounding is not replanning."""
    change = (new - old).abs()
    return ibis.ifelse(change < NOISE * old, 0.0, change)


@once
def plan_changes(engagement: Engagement) -> ir.Table:
    """Changes of the production plan of established items, one row per `cycle`, `resource_id`, `item_id`, `period`.

    Returns
    -------
    `family`, `new_work`, `old_work`, `moved_work` ≥ 0 (hours, else units), `new_quantity`, `old_quantity`.
    """
    compared = compared_periods(engagement, PLAN)
    cells = changes(plan_work(engagement), compared, ("resource_id", "item_id"), ("quantity", "work"))
    items = engagement.table("items").select("item_id", "family", "launch_date", "end_date")
    rows = cells.inner_join(items, "item_id")
    settled = rows.filter(is_established(rows, rows.cycle, engagement.settings.bucket)).drop("launch_date", "end_date")
    return engagement.hold(settled.mutate(moved_work=moved(settled.new_work, settled.old_work)))


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


@once
def frozen_changes(engagement: Engagement) -> pd.DataFrame:
    """Changes inside the frozen zone, as `ruled_changes`; a breach of the zone's authority where `unruled` is not 0."""
    return _ruled(engagement, _frozen(engagement))


@once
def ruled_changes(engagement: Engagement) -> pd.DataFrame:
    """Changes of the whole plan, one row per `label`, `resource_id`, `family`.

    Returns
    -------
    `moved` Σ|change|, `planned` (previous plan), `unruled`: the part of `moved` without a rule on the forecast of the
    same item and period and without a decision of the cycle about the family's plan. A decision counts when it was
    taken before the interval closed, so values are known with the facts of the label.
    """
    return _ruled(engagement, plan_changes(engagement))


def _ruled(engagement: Engagement, rows: ir.Table) -> pd.DataFrame:
    forecast = published(engagement)
    by_rule = forecast.filter(forecast.rule_id.notnull()).select("cycle", "item_id", "period").distinct()
    dated = in_intervals(engagement, rows, "cycle")
    marked = beside(dated, by_rule.mutate(rule=ibis.literal(value=True)), ["cycle", "item_id", "period"])
    open_work = ibis.ifelse(marked.rule.fill_null(ibis.literal(value=False)), 0.0, marked.moved_work)
    sums = engagement.frame(
        marked.group_by("label", "resource_id", "family").aggregate(
            moved=marked.moved_work.sum(), planned=marked.old_work.sum(), unruled=open_work.sum()
        )
    )
    decided = pd.MultiIndex.from_frame(decided_families(engagement, PLAN_WORDS))
    covered = pd.MultiIndex.from_frame(sums[["label", "family"]]).isin(decided)
    return sums.assign(unruled=sums["unruled"].mask(covered, 0.0))


def reversals(engagement: Engagement) -> pd.DataFrame:
    """Products of successive plan changes of the same cell, per `label` (cycle), `resource_id` and `period`.

    With r the change now and s the one before: `product` = Σ r·s and `square` = Σ s²; Σ product ÷ Σ square is the
    slope b of r on s: negative = flip-flop, positive = smoothing, 0 = news (Nordhaus 1987).
    """
    rows = plan_changes(engagement)
    cells = rows.mutate(change=rows.new_work - rows.old_work)
    pairs = compared_periods(engagement, PLAN).select("cycle", "previous").distinct()
    keys = ["resource_id", "item_id", "period"]
    now = cells.inner_join(pairs, "cycle").select("cycle", "previous", *keys, "change")
    before = cells.select(*keys, previous="cycle", earlier="change")
    both = now.inner_join(before, ["previous", *keys])
    sums = both.group_by("resource_id", label=both.cycle, period=both.period).aggregate(
        product=(both.change * both.earlier).sum(), square=(both.earlier * both.earlier).sum()
    )
    return engagement.frame(sums)
