"""Capacity: hours a resource has, was asked for and worked beyond the plan, and what it has proved it can do.

Every frame is one row per `label` and `resource_id` unless it says otherwise; hours add up over the buckets of an
interval.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd

from helpers.engagement import Engagement, once
from helpers.measures.intervals import in_intervals
from helpers.periods import Bucket, bucket_of

WINDOW = 6
FEWEST_DEMONSTRATIONS = 3
BUSY_LOAD = 0.90
EXTRA_KINDS = ("overtime", "subcontracting", "out_of_window_production")


@once
def capacity_hours(engagement: Engagement) -> pd.DataFrame:
    """Hours of closed intervals: `planned_hours`, `planned_overtime_hours` (0 where not sent), `available_hours`.

    Available hours missing in a bucket: the planned ones.
    """
    rows = in_intervals(engagement, engagement.table("capacity"), "period")
    summed = rows.group_by("label", "resource_id").aggregate(
        planned_hours=rows.planned_hours.sum(),
        planned_overtime_hours=rows.planned_overtime_hours.fill_null(0.0).sum(),
        available_hours=ibis.coalesce(rows.available_hours, rows.planned_hours).sum(),
    )
    return engagement.frame(summed)


@once
def orders(engagement: Engagement) -> ir.Table:
    """Production orders with `family`, `standard` (standard hours; else quantity × the item's rate) and `completed_on`.

    An order counts as completed on its actual finish; where the client sends no finishes, when it was planned to be.
    """
    rows = engagement.table("production_orders")
    items = engagement.table("items").select("item_id", "family", "standard_hours_per_unit")
    joined = rows.left_join(items, "item_id")
    planned = ibis.coalesce(joined.planned_finish, joined.planned_start)
    return joined.mutate(
        standard=ibis.coalesce(joined.standard_hours, joined.planned_quantity * joined.standard_hours_per_unit),
        completed_on=joined.actual_finish if engagement.has("production_orders.actual_finish") else planned,
    )


@once
def finished_orders(engagement: Engagement) -> ir.Table:
    """`orders` by the interval in which they were completed; one released only after it closed was not known then."""
    done = in_intervals(engagement, orders(engagement), "completed_on")
    return done.filter(done.planned_start < done.ends_on)


@once
def worked_hours(engagement: Engagement) -> pd.DataFrame:
    """Hours of the orders finished in an interval.

    Returns
    -------
    `actual_hours`, `setup_hours`, `overtime_hours`, `queue_hours`, `standard_hours`, `orders`; an hour column that is
    empty in all orders of a label is missing, not 0, except overtime and set-up where the client sends them at all.
    """
    rows = finished_orders(engagement)
    summed = engagement.frame(
        rows.group_by("label", "resource_id").aggregate(
            actual_hours=rows.actual_hours.sum(),
            setup_hours=rows.setup_hours.sum(),
            overtime_hours=rows.overtime_hours.sum(),
            queue_hours=rows.queue_hours.mean(),
            standard_hours=rows.standard.sum(),
            orders=rows.count(),
        )
    )
    sent = [name for name in ("setup_hours", "overtime_hours") if engagement.has(f"production_orders.{name}")]
    return summed.fillna(dict.fromkeys(sent, 0.0))


def due_hours(engagement: Engagement) -> pd.DataFrame:
    """Standard hours of the orders planned to start in an interval: `standard_hours`, `orders`."""
    rows = in_intervals(engagement, orders(engagement), "planned_start")
    return engagement.frame(
        rows.group_by("label", "resource_id").aggregate(standard_hours=rows.standard.sum(), orders=rows.count())
    )


@once
def plan_work(engagement: Engagement) -> ir.Table:
    """Published production plan in hours: `cycle`, `resource_id`, `item_id`, `period`, `quantity`, `work`.

    `work` is the plan's hours, else quantity × the item's standard hours, else the quantity itself (then it may only be
    compared with itself or with a capacity in the same unit).
    """
    rows = engagement.table("production_plan_snapshots")
    items = engagement.table("items").select("item_id", "standard_hours_per_unit")
    joined = rows.left_join(items, "item_id")
    if engagement.has("production_plan_snapshots.hours"):
        work: ir.Value = joined.hours
    elif engagement.has("items.standard_hours_per_unit"):
        work = joined.quantity * joined.standard_hours_per_unit
    else:
        work = joined.quantity
    return joined.mutate(work=work).select("cycle", "resource_id", "item_id", "period", "quantity", "work")


def _buckets_before(period: ir.TimestampValue, cycle: ir.TimestampValue, bucket: Bucket) -> ir.IntegerValue:
    if bucket == "week":
        return (period.delta(cycle, unit="day") / 7).floor().cast("int64")
    return (period.year() - cycle.year()) * 12 + period.month() - cycle.month()


def plan_at_lag(engagement: Engagement, lag: int) -> pd.DataFrame:
    """Plan as it stood `lag` buckets ahead, one row per `period` and `resource_id`: `cycle`, `work`, `quantity`.

    From the last snapshot published at least `lag` buckets before the period; for a period first planned later than
    that, from its earliest snapshot.
    """
    rows = plan_work(engagement)
    by_cell = rows.group_by("cycle", "resource_id", "period").aggregate(
        work=rows.work.sum(), quantity=rows.quantity.sum()
    )
    ahead = by_cell.mutate(ahead=_buckets_before(by_cell.period, by_cell.cycle, engagement.settings.bucket))
    distance = ibis.ifelse(ahead.ahead >= lag, ahead.ahead - lag, 1000 + lag - ahead.ahead)
    ranked = ahead.mutate(distance=distance).mutate(
        nearest=lambda r: r.distance.min().over(group_by=["resource_id", "period"])
    )
    chosen = ranked.filter(ranked.distance == ranked.nearest)
    return engagement.frame(chosen.select("period", "resource_id", "cycle", "work", "quantity"))


@once
def planned_load(engagement: Engagement, lag: int = 0) -> pd.DataFrame:
    """Planned hours over planned capacity, one row per `label` and `resource_id`: `hours`, `capacity`, `load`.

    The production plan as it stood `lag` buckets ahead over planned hours and planned overtime (ρᴾ); where no
    plan in hours was sent, that of the orders due (`order_load`). Load is missing where capacity is 0.
    """
    if engagement.has("production_orders") and not plan_is_in_hours(engagement):
        return order_load(engagement)
    plan = _labelled(engagement, plan_at_lag(engagement, lag))
    asked = _summed(plan, "work").rename(columns={"work": "hours"})
    hours = capacity_hours(engagement).assign(capacity=lambda c: c["planned_hours"] + c["planned_overtime_hours"])
    return _load(asked, hours)


def plan_is_in_hours(engagement: Engagement) -> bool:
    """Whether the production plan was sent in hours or can be turned into hours."""
    hours = "production_plan_snapshots.hours | items.standard_hours_per_unit"
    return engagement.has("production_plan_snapshots", hours)


def order_load(engagement: Engagement) -> pd.DataFrame:
    """Standard hours of the orders planned to start over planned hours, as `planned_load`."""
    asked = due_hours(engagement).rename(columns={"standard_hours": "hours"})
    return _load(asked, capacity_hours(engagement).assign(capacity=lambda c: c["planned_hours"]))


def _load(asked: pd.DataFrame, hours: pd.DataFrame) -> pd.DataFrame:
    both = asked.merge(hours, on=["label", "resource_id"], validate="one_to_one")
    return both.assign(load=both["hours"] / _positive(both["capacity"]))[
        ["label", "resource_id", "hours", "capacity", "load"]
    ]


def _labelled(engagement: Engagement, by_period: pd.DataFrame) -> pd.DataFrame:
    return by_period.assign(label=engagement.calendar.label_of(by_period["period"])).dropna(subset=["label"])


def _summed(plan: pd.DataFrame, amount: str) -> pd.DataFrame:
    return plan.groupby(["label", "resource_id"], as_index=False)[[amount]].sum(min_count=1)


def _positive(hours: pd.Series) -> pd.Series:
    return hours.where(hours > 0)


def real_load(engagement: Engagement) -> pd.DataFrame:
    """Hours worked over hours available, one row per `period` (bucket) and `resource_id`.

    Columns `label`, `hours`, `available`, `load`. Worked is actual plus set-up hours of the orders finished in the
    bucket, else their standard hours, else the last plan published for it. Available hours missing: the planned ones.
    Load is missing where nothing was available.
    """
    bucket = engagement.settings.bucket
    capacity = engagement.table("capacity")
    had = capacity.group_by("resource_id", "period").aggregate(
        available=ibis.coalesce(capacity.available_hours, capacity.planned_hours).sum()
    )
    worked = _worked_by_period(engagement, bucket)
    both = worked.merge(engagement.frame(had), on=["resource_id", "period"], validate="one_to_one")
    both = both.assign(load=both["hours"] / _positive(both["available"]))
    return _labelled(engagement, both)[["period", "label", "resource_id", "hours", "available", "load"]].reset_index(
        drop=True
    )


def _worked_by_period(engagement: Engagement, bucket: Bucket) -> pd.DataFrame:
    if not engagement.has("production_orders"):
        return plan_at_lag(engagement, 0).rename(columns={"work": "hours"})[["resource_id", "period", "hours"]]
    rows = finished_orders(engagement)
    actual = rows.actual_hours + rows.setup_hours.fill_null(0.0)
    hours = actual if engagement.has("production_orders.actual_hours") else rows.standard
    dated = rows.mutate(period=bucket_of(rows.completed_on, bucket), worked=hours)
    return engagement.frame(dated.group_by("resource_id", "period").aggregate(hours=dated.worked.sum()))


@once
def exceptional_hours(engagement: Engagement) -> pd.DataFrame:
    """Unplanned extra hours of a resource, one row per `label` and `resource_id`.

    Returns
    -------
    `extra_hours` ≥ 0, `planned_hours`, `share` (extra ÷ planned: ER). Extra is overtime beyond the planned
    overtime; where overtime is not sent, actual hours beyond available and planned overtime. Missing where no order
    finished or nothing was planned.
    """
    both = capacity_hours(engagement).merge(
        worked_hours(engagement), on=["label", "resource_id"], how="left", validate="one_to_one"
    )
    allowed = both["planned_overtime_hours"]
    if engagement.has("production_orders.overtime_hours"):
        extra = both["overtime_hours"] - allowed
    else:
        extra = both["actual_hours"] - both["available_hours"] - allowed
    both["extra_hours"] = extra.clip(lower=0.0)
    both["share"] = both["extra_hours"] / _positive(both["planned_hours"])
    return both[["label", "resource_id", "extra_hours", "planned_hours", "share"]]


@once
def rate_gaps(engagement: Engagement) -> pd.DataFrame:
    """How far the plan is from the truth: `rate` ln(actual ÷ standard hours), `hours` ln(planned ÷ available hours).

    `gap` is both together: the hours that the planned work needs over those it was given, as far as known. Positive:
    the plan is optimistic. Missing where a side is 0 or was not sent.
    """
    both = capacity_hours(engagement).merge(
        worked_hours(engagement), on=["label", "resource_id"], how="outer", validate="one_to_one"
    )
    both["rate"] = _log_ratio(both["actual_hours"], both["standard_hours"])
    both["hours"] = _log_ratio(both["planned_hours"], both["available_hours"])
    both["gap"] = both[["rate", "hours"]].sum(axis=1, min_count=1)
    rows = both[["label", "resource_id", "rate", "hours", "gap"]]
    return rows.sort_values(["resource_id", "label"], ignore_index=True)


def _log_ratio(above: pd.Series, below: pd.Series) -> pd.Series:
    return pd.Series(np.log(_positive(above.astype(float)) / _positive(below.astype(float))), index=above.index)


def efficiency(engagement: Engagement) -> pd.DataFrame:
    """Standard over actual hours of finished orders: `efficiency`; 1 = as planned, missing without hours."""
    worked = worked_hours(engagement)
    return worked.assign(efficiency=worked["standard_hours"] / _positive(worked["actual_hours"]))[
        ["label", "resource_id", "efficiency"]
    ]


def yield_of_orders(engagement: Engagement) -> pd.DataFrame:
    """Quantity made over quantity planned of finished orders, by `label` and `resource_id`: `made_share`.

    Stands in for efficiency where hours were not sent; missing where nothing was planned.
    """
    rows = finished_orders(engagement)
    known = rows.filter(rows.actual_quantity.notnull())
    sums = engagement.frame(
        known.group_by("label", "resource_id").aggregate(
            made=known.actual_quantity.sum(), planned=known.planned_quantity.sum()
        )
    )
    return sums.assign(made_share=sums["made"] / _positive(sums["planned"]))[["label", "resource_id", "made_share"]]


def regular_output(engagement: Engagement) -> pd.DataFrame:
    """Standard hours produced in regular time per available hour: `output`; missing where the resource starved.

    Not starved: hours worked (actual plus set-up) reached 0.90 of those available; where actual hours were not sent,
    planned load reached 0.90 or orders queued. The overtime share of the hours worked is taken off (rated capacity).
    """
    keys = ["label", "resource_id"]
    both = worked_hours(engagement).merge(capacity_hours(engagement), on=keys, validate="one_to_one")
    both = both.merge(planned_load(engagement)[[*keys, "load"]], on=keys, how="left", validate="one_to_one")
    actual = both["actual_hours"] + both["setup_hours"].fillna(0.0)
    if engagement.has("production_orders.actual_hours"):
        busy = actual >= BUSY_LOAD * both["available_hours"]
    else:
        busy = (both["queue_hours"].fillna(0.0) > 0) | (both["load"] >= BUSY_LOAD)
    worked = actual.fillna(both["standard_hours"])
    regular = 1 - (both["overtime_hours"].fillna(0.0) / _positive(worked)).clip(upper=1.0)
    output = (both["standard_hours"] * regular / _positive(both["available_hours"])).where(busy)
    return both[keys].assign(output=output).sort_values(["resource_id", "label"], ignore_index=True)


def demonstrated_capacity(engagement: Engagement) -> pd.DataFrame:
    """What a resource has proved it makes of an available hour, one row per `cycle` and `resource_id`: `output`.

    Median over the last six labels known at the cycle in which it was not starved; missing with fewer than three.
    """
    known = regular_output(engagement).assign(known_on=lambda o: engagement.calendar.known_on(o["label"], "fact"))
    found = []
    for cycle in engagement.calendar.cycles:
        recent = known[known["known_on"] <= cycle].groupby("resource_id").tail(WINDOW).dropna(subset=["output"])
        median = recent.groupby("resource_id")["output"].agg(["median", "count"])
        enough = median["median"].where(median["count"] >= FEWEST_DEMONSTRATIONS).dropna()
        found.append(pd.DataFrame({"cycle": cycle, "resource_id": enough.index, "output": enough.to_numpy()}))
    return pd.concat(found, ignore_index=True)


@once
def proved_by_bucket(engagement: Engagement, lag: int) -> pd.DataFrame:
    """Planned work beside demonstrated capacity, bucket by bucket, both as known when the plan was published.

    Returns
    -------
    One row per `period`, `resource_id` with planned hours: `label`, `work` as the plan stood `lag` buckets ahead, and
    `proved`, the planned hours times what the resource had demonstrated until the plan's cycle; missing before.
    """
    capacity = engagement.table("capacity")
    hours = engagement.frame(
        capacity.group_by("resource_id", "period").aggregate(planned_hours=capacity.planned_hours.sum())
    )
    plan = plan_at_lag(engagement, lag).merge(hours, on=["resource_id", "period"], validate="one_to_one")
    rows = plan.merge(
        demonstrated_capacity(engagement), on=["cycle", "resource_id"], how="left", validate="many_to_one"
    )
    return _labelled(engagement, rows.assign(proved=rows["planned_hours"] * rows["output"]))


@once
def demonstrated_load(engagement: Engagement, lag: int) -> pd.DataFrame:
    """Planned work over demonstrated capacity (ρᴰ), from `proved_by_bucket`: `load`.

    The worst bucket of an interval counts.
    """
    rows = proved_by_bucket(engagement, lag)
    rows = rows.assign(load=rows["work"] / _positive(rows["proved"]))
    return rows.groupby(["label", "resource_id"], as_index=False).agg(load=("load", "max"))


@once
def output_shortfall(engagement: Engagement, lag: int) -> pd.DataFrame:
    """Share of the plan, as it stood `lag` buckets ahead, that was not made: `shortfall`, 1 − executed ÷ planned units.

    Executed is the actual quantity of the orders finished in the interval; negative: more than planned. Missing where
    nothing was planned or no order finished.
    """
    rows = finished_orders(engagement)
    made = engagement.frame(rows.group_by("label", "resource_id").aggregate(made=rows.actual_quantity.sum()))
    plan = _labelled(engagement, plan_at_lag(engagement, lag))
    asked = _summed(plan, "quantity")
    both = asked.merge(made, on=["label", "resource_id"], how="left", validate="one_to_one")
    return both.assign(shortfall=1 - both["made"] / _positive(both["quantity"]))[["label", "resource_id", "shortfall"]]


def planned_quantity(engagement: Engagement) -> pd.DataFrame:
    """What the last plan of each period asked of a resource, one row per `label` and `resource_id`: `quantity`."""
    return _summed(_labelled(engagement, plan_at_lag(engagement, 0)), "quantity")


def late_orders(engagement: Engagement, tolerance_days: int) -> pd.DataFrame:
    """Orders finished after their planned finish plus the tolerance, by the interval of that date: `orders`, `late`.

    An order unfinished at the end of the interval is late.
    """
    rows = engagement.table("production_orders")
    due = rows.mutate(due=rows.planned_finish + ibis.interval(days=tolerance_days))
    dated = in_intervals(engagement, due, "due")
    dated = dated.filter(dated.planned_start < dated.ends_on)
    on_time = (dated.actual_finish < dated.due + ibis.interval(days=1)) & (dated.actual_finish < dated.ends_on)
    return engagement.frame(
        dated.group_by("label", "resource_id").aggregate(
            orders=dated.count(), late=(~on_time.fill_null(False)).cast("int").sum()
        )
    )


def rescue_cost(engagement: Engagement) -> pd.DataFrame:
    """Money spent to rescue a resource: `amount`, `planned_hours`, `per_hour` (currency per planned hour).

    Overtime, subcontracting and out-of-window production.

    One row per resource with planned hours in every label in which the client logged any compensation; 0 where none was
    logged for that resource.
    """
    costs = engagement.table("compensation_costs")
    rows = in_intervals(engagement, costs, "period")
    logged = engagement.frame(rows.select("label").distinct())
    extra = rows.filter(rows.kind.isin(EXTRA_KINDS) & rows.resource_id.notnull())
    spent = engagement.frame(extra.group_by("label", "resource_id").aggregate(amount=extra.amount.sum()))
    hours = capacity_hours(engagement).merge(logged, on="label", validate="many_to_one")
    both = hours.merge(spent, on=["label", "resource_id"], how="left", validate="one_to_one").fillna({"amount": 0.0})
    both["per_hour"] = both["amount"] / _positive(both["planned_hours"])
    return both[["label", "resource_id", "amount", "planned_hours", "per_hour"]]
