"""The forecast as it was published, cycle by cycle: snapshots, revisions, errors.

Glossary
    unit      what forecasts are judged by: the family, or a fixed split of it where there are fewer than four families
    lag       buckets from the cycle to the target period; 0 is the last forecast before the period opens
    reach     the far lag K from which on revisions are followed
    settled   an item past its launch pool over the whole reach of a target and not about to end: the set of items of a
              target is the same in every cycle, so that a launch does not look like a revision
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir
import pandas as pd

from helpers import periods
from helpers.engagement import Engagement, once
from helpers.measures.demand import demand
from helpers.measures.items import PRICED, is_established, unit_values, value_shares
from helpers.periods import Bucket

STAGES = ("consensus", "operations", "sales", "statistical")
FEWEST_UNITS = 4
SHORTEST_REACH = 4
FIRST_SNAPSHOTS = 6


@once
def published(engagement: Engagement) -> ir.Table:
    """The published forecast: `cycle`, `item_id`, `location_id`, `period`, `quantity`, `rule_id`, `reason_code`.

    Stage `consensus`; where no row has it, the latest stage sent (operations, sales, statistical).
    """
    snapshots = engagement.table("forecast_snapshots")
    return snapshots.filter(snapshots.stage == published_stage(engagement)).drop("stage")


def stages_sent(engagement: Engagement) -> set[str]:
    """The stages of the forecast in the extract as read."""
    return set(engagement.frame(engagement.standing("forecast_snapshots").select("stage").distinct())["stage"])


def published_stage(engagement: Engagement) -> str:
    """The stage that stands for the published forecast in this extract as read, in an as-of run too."""
    sent = stages_sent(engagement)
    return next((stage for stage in STAGES if stage in sent), STAGES[0])


def far_lag(engagement: Engagement) -> int:
    """K: the far lag, two past the fence and at least four, cut to the horizon that the first snapshots hold."""
    snapshots = published(engagement)
    horizons = engagement.frame(snapshots.group_by("cycle").aggregate(last=snapshots.period.max()))
    held = periods.lag(horizons["cycle"], horizons["last"], engagement.settings.bucket).head(FIRST_SNAPSHOTS)
    longest = max(engagement.settings.demand_fence + 2, SHORTEST_REACH)
    return min(longest, int(held.median())) if len(held) else longest


def item_units(engagement: Engagement) -> pd.DataFrame:
    """The unit each item is judged in, one row per `item_id`: `unit`.

    The family; with fewer than four families the family and class (A, B, C) where that gives four units; else four
    groups of the items in order of their names. From master data only, so that the units never change within a run.
    """
    items = engagement.table("items")
    rows = engagement.frame(items.select("item_id", "family", "abc_class"))
    if rows["family"].nunique() >= FEWEST_UNITS:
        return rows[["item_id"]].assign(unit=rows["family"])
    by_class = rows["family"] + " / " + rows["abc_class"].fillna("unclassed")
    if by_class.nunique() >= FEWEST_UNITS:
        return rows[["item_id"]].assign(unit=by_class)
    ranked = rows.sort_values("item_id", ignore_index=True)
    group = ranked.index * min(FEWEST_UNITS, len(ranked)) // len(ranked) + 1
    return ranked[["item_id"]].assign(unit="items, group " + pd.Series(group, index=ranked.index).astype(str))


@once
def unit_weights(engagement: Engagement) -> pd.DataFrame:
    """Share of each unit in demand at unit value, the twelve buckets before each cycle: `label`, `unit`, `weight`.

    The weight is missing where no item has a price: barrels and tons do not add up.
    """
    units = item_units(engagement)
    rows = demand(engagement).inner_join(unit_values(engagement), "item_id").inner_join(ibis.memtable(units), "item_id")
    totals = rows.group_by("period", "unit").aggregate(value=(rows.quantity * rows.value).sum())
    names = sorted(units["unit"].unique())
    shares = value_shares(engagement.frame(totals), names, engagement.calendar.cycles, "unit")
    return shares if engagement.has(PRICED) else shares.assign(weight=float("nan"))


def _settled(engagement: Engagement, rows: ir.Table, reach: int) -> ir.Table:
    """`rows` (with item_id and period) of settled items only, with their `unit`."""
    bucket = engagement.settings.bucket
    items = engagement.table("items").select("item_id", "family", "launch_date", "end_date")
    joined = rows.inner_join(items, "item_id").inner_join(ibis.memtable(item_units(engagement)), "item_id")
    seen_from = joined.period - _span(bucket, reach)
    return joined.filter(is_established(joined, seen_from, bucket) & is_established(joined, joined.period, bucket))


def _span(bucket: Bucket, steps: int) -> ir.IntervalScalar:
    return ibis.interval(months=steps) if bucket == "month" else ibis.interval(weeks=steps)


def item_revisions(engagement: Engagement, reach: int, stage: str | None = None, within: int | None = None) -> ir.Table:
    """Every revision of a settled item, in the engine.

    Parameters
    ----------
    within
        Only periods less than so many buckets ahead; steps longer than any between two cycles are left out.

    Returns
    -------
    One row per `cycle`, `item_id`, `location_id`, `period` that an earlier cycle held too: `unit`, `family`,
    `quantity`, `earlier` (units, the forecast before), `previous` (the cycle of that forecast), `rule_id`,
    `reason_code`.
    """
    snapshots = engagement.table("forecast_snapshots")
    rows = published(engagement) if stage is None else snapshots.filter(snapshots.stage == stage).drop("stage")
    if within is not None:  # the earlier number of such a cell lies at most one step farther ahead
        rows = _ahead(engagement, rows, within + _longest_step(engagement, rows))
    before = ibis.window(group_by=["item_id", "location_id", "period"], order_by="cycle")
    dated = rows.mutate(earlier=rows.quantity.lag().over(before), previous=rows.cycle.lag().over(before))
    return _settled(engagement, dated.filter(dated.previous.notnull()), reach)


def _ahead(engagement: Engagement, rows: ir.Table, most: int) -> ir.Table:
    """Forecasts of periods less than `most` buckets ahead of their cycle."""
    return rows.filter(periods.buckets_ahead(rows.cycle, rows.period, engagement.settings.bucket) < most)


def _longest_step(engagement: Engagement, rows: ir.Table) -> int:
    """The most buckets between two cycles of `rows`; 0 where there is one only."""
    cycles = engagement.frame(rows.select("cycle").distinct())["cycle"].sort_values(ignore_index=True)
    steps = periods.lag(cycles.shift(), cycles, engagement.settings.bucket).dropna()
    return int(steps.max()) if len(steps) else 0


@once
def unit_revisions(engagement: Engagement, reach: int, stage: str | None = None) -> pd.DataFrame:
    """How far each unit's forecast moved between consecutive snapshots.

    Returns
    -------
    One row per `cycle`, `unit`, `period` with `lag` below `reach`: `revision` (units, positive: raised), `earlier`
    (units, the forecast before). Steps over a missing snapshot are left out.
    """
    rows = item_revisions(engagement, reach, stage, within=reach)
    totals = rows.group_by("cycle", "previous", "unit", "period").aggregate(
        revision=(rows.quantity - rows.earlier).sum(), earlier=rows.earlier.sum()
    )
    frame = engagement.frame(totals)
    lags = periods.lag(frame["cycle"], frame["period"], engagement.settings.bucket)
    steps = periods.lag(frame["previous"], frame["cycle"], engagement.settings.bucket)
    regular = steps <= steps.cummin()
    kept = frame.assign(lag=lags)[regular & (lags < reach)]
    return kept.drop(columns="previous").reset_index(drop=True)


@once
def unit_errors(engagement: Engagement, reach: int) -> pd.DataFrame:
    """Forecast error of realised targets, by the lag of the forecast.

    Returns
    -------
    One row per `unit`, `period` (closed) and `lag` up to `reach`: `error` = forecast − demand and `actual` (units).
    """
    rows = _settled(engagement, _ahead(engagement, published(engagement), reach + 1), reach)
    totals = rows.group_by("cycle", "unit", "period").aggregate(quantity=rows.quantity.sum())
    forecast = engagement.frame(totals)
    lags = periods.lag(forecast["cycle"], forecast["period"], engagement.settings.bucket)
    joined = forecast.assign(lag=lags).merge(
        unit_demand(engagement, reach), on=["unit", "period"], validate="many_to_one"
    )
    return joined.assign(error=joined["quantity"] - joined["actual"])[["unit", "period", "lag", "error", "actual"]]


def unit_demand(engagement: Engagement, reach: int) -> pd.DataFrame:
    """Demand of settled items that were forecast, one row per `unit` and closed `period`: `actual` (units)."""
    rows = _settled(engagement, demand(engagement).semi_join(_targets(engagement), ["item_id", "period"]), reach)
    return engagement.frame(rows.group_by("unit", "period").aggregate(actual=rows.quantity.sum()))


@once
def _targets(engagement: Engagement) -> ir.Table:
    """What was ever forecast: `item_id` and `period`."""
    return engagement.hold(published(engagement).select("item_id", "period").distinct())


def stage_errors(engagement: Engagement, reach: int, stage: str) -> pd.DataFrame:
    """Error of the last published forecast and of another stage of the same cycle, over the items that both hold.

    Returns
    -------
    One row per `unit` and closed `period`: `own`, `other` = forecast − demand (units).
    """
    key = ["item_id", "location_id", "period"]
    snapshots = engagement.table("forecast_snapshots")
    second = snapshots.filter(snapshots.stage == stage, snapshots.cycle == snapshots.period)
    own = published(engagement)
    last = own.filter(own.cycle == own.period).select(*key, own=own.quantity)
    both = last.inner_join(second.select(*key, other=second.quantity), key)
    asked = demand(engagement).semi_join(both, ["item_id", "period"])
    forecasts, actual = _settled(engagement, both, reach), _settled(engagement, asked, reach)
    sums = forecasts.group_by("unit", "period").aggregate(own=forecasts.own.sum(), other=forecasts.other.sum())
    realised = actual.group_by("unit", "period").aggregate(actual=actual.quantity.sum())
    frame = engagement.frame(sums.inner_join(realised, ["unit", "period"]))
    errors = frame[["own", "other"]].sub(frame["actual"], axis=0)
    return frame[["unit", "period"]].join(errors)


def unit_families(engagement: Engagement) -> pd.Series:
    """The family of each unit that lies inside one family, indexed by unit."""
    families = engagement.frame(engagement.table("items").select("item_id", "family"))
    together = item_units(engagement).merge(families, on="item_id", validate="one_to_one")
    found = together.groupby("unit")["family"].agg(["first", "nunique"])
    return found.loc[found["nunique"] == 1, "first"].rename("family")
