"""The released schedule on the shop floor: how much of the planned sequence was kept, how often it was changed."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir
import pandas as pd

from helpers.engagement import Engagement, once
from helpers.measures.capacity import orders, worked_hours
from helpers.measures.intervals import in_intervals
from helpers.measures.usual import first_median

WEEK = ibis.interval(days=7)
FEWEST_IN_WEEK = 5
APART_DAYS = 2
PLANNED_REASONS = ("campaign", "maintenance")


def _by_week(engagement: Engagement, week_of: str) -> ir.Table:
    """Orders by the week of their date `week_of`, labelled when the week after it has closed.

    A queue that merely runs late keeps its order, so an order counts as kept when it starts in its week or the next;
    what happened is taken as known when the interval that holds the end of the second week closed.
    """
    rows = orders(engagement)
    week = rows[week_of].truncate("W")
    placed = rows.mutate(week=week, seen_by=week + ibis.interval(days=13))
    dated = in_intervals(engagement, placed, "seen_by")
    return dated.filter(dated.planned_start < dated.ends_on)


@once
def sequence_changes(engagement: Engagement) -> pd.DataFrame:
    """Sequence change index of a resource, one row per `label` and `resource_id`: `sci`, `hours`, `windows`.

    Per week with at least five orders: D is the share of order pairs executed the other way round, (1 − τ_b)/2
    without ties; J = kept ÷ (planned + pulled forward from later weeks); SCI = 1 − J·(1 − D), 0 = as planned. Weeks
    are weighted by standard hours (number of orders where there are none). From the sequences where both were sent,
    else from start dates, counting only pairs planned at least two days apart.
    """
    rows = _by_week(engagement, "planned_start")
    counts = _kept(engagement, rows).left_join(
        _disorder(engagement, rows), ["label", "resource_id", "week"], rname="{name}_d"
    )
    enough = counts.filter((counts.planned >= FEWEST_IN_WEEK) & (counts.pairs > 0))
    weeks = enough.mutate(
        sci=1 - enough.kept / (enough.planned + enough.pulled) * (1 - enough.crossed / enough.pairs),
        weight=ibis.ifelse(enough.hours > 0, enough.hours, enough.planned.cast("float64")),
    )
    summed = engagement.frame(
        weeks.group_by("label", "resource_id").aggregate(
            changed=(weeks.sci * weeks.weight).sum(), hours=weeks.weight.sum(), windows=weeks.count()
        )
    )
    return summed.assign(sci=summed["changed"] / summed["hours"])[["label", "resource_id", "sci", "hours", "windows"]]


def has_sequences(engagement: Engagement) -> bool:
    """Whether planned and executed sequence numbers were sent."""
    return engagement.has("production_orders.planned_sequence", "production_orders.actual_sequence")


def _kept(engagement: Engagement, rows: ir.Table) -> ir.Table:
    """Orders `planned` for a week, `kept` (started in it or the next, or merely late), `pulled` from later weeks.

    Merely late: not started, but no order of a later week of the resource was either; a slow queue is not a torn-up
    plan.
    """
    if not engagement.has("production_orders.actual_start"):
        return _planned(rows.mutate(kept=ibis.literal(True))).mutate(pulled=ibis.literal(0, type="int64"))
    two_weeks = rows.week + ibis.interval(days=14)
    in_time = ((rows.actual_start >= rows.week) & (rows.actual_start < two_weeks)).fill_null(False)
    waiting = rows.actual_start.isnull() | (rows.actual_start >= two_weeks)
    marked = rows.mutate(in_time=in_time, waiting=waiting)
    marked = marked.left_join(_overtaken(engagement, marked), ["resource_id", "week"], rname="{name}_overtaken")
    planned = _planned(marked.mutate(kept=marked.in_time | (marked.waiting & ~marked.overtaken.fill_null(False))))
    begun = _by_week(engagement, "actual_start")
    early = begun.filter(begun.planned_start >= begun.week + WEEK)
    pulled = early.group_by("resource_id", "week").aggregate(pulled=early.count())
    joined = planned.left_join(pulled, ["resource_id", "week"], rname="{name}_pulled")
    return joined.mutate(pulled=joined.pulled.fill_null(0)).drop("resource_id_pulled", "week_pulled")


def _overtaken(engagement: Engagement, rows: ir.Table) -> ir.Table:
    """Weeks of a resource in which an order planned for a later week had started two weeks on: `overtaken`."""
    weeks = rows.select("resource_id", "week", "ends_on").distinct()
    every = engagement.table("production_orders")
    days = every.group_by("resource_id", due=every.planned_start).aggregate(started=every.actual_start.min())
    pairs = weeks.join(
        days,
        [
            weeks.resource_id == days.resource_id,
            days.due >= weeks.week + WEEK,
            days.due < weeks.ends_on,
            days.started < weeks.week + ibis.interval(days=14),
        ],
    )
    return pairs.select("resource_id", "week").distinct().mutate(overtaken=True)


def _planned(rows: ir.Table) -> ir.Table:
    return rows.group_by("label", "resource_id", "week").aggregate(
        planned=rows.count(), kept=rows.kept.cast("int64").sum(), hours=rows.standard.fill_null(0.0).sum()
    )


def _disorder(engagement: Engagement, rows: ir.Table) -> ir.Table:
    """Pairs of orders of a week and how many were executed the other way round: `pairs`, `crossed`."""
    if has_sequences(engagement):
        known = rows.filter(rows.completed_on < rows.ends_on)
        placed = known.mutate(plan=known.planned_sequence, done=known.actual_sequence)
        apart: float = 0.0
    else:
        known = rows.filter(rows.actual_start < rows.ends_on)
        placed = known.mutate(
            plan=known.planned_start.epoch_seconds() / 86400.0, done=known.actual_start.epoch_seconds() / 86400.0
        )
        apart = APART_DAYS
    one = placed.select("label", "resource_id", "week", "plan", "done")
    other = one.view()
    pairs = one.join(other, ["label", "resource_id", "week"], rname="{name}_later")
    ordered = pairs.filter((pairs.plan_later - pairs.plan >= apart) & (pairs.plan_later > pairs.plan))
    told = ordered.filter(ordered.done != ordered.done_later)
    return told.group_by("label", "resource_id", "week").aggregate(
        pairs=told.count(), crossed=(told.done > told.done_later).cast("int64").sum()
    )


@once
def setup_excess(engagement: Engagement) -> pd.DataFrame:
    """Extra set-up time, one row per `label` and `resource_id`: `excess`, 0.10 = a tenth more than usual.

    Set-up hours per finished order against their median over the resource's labels before, never more than its first
    twelve, less 1: a plant that got used to set-ups is still compared with what it could do. Missing with fewer than
    three earlier labels.
    """
    worked = worked_hours(engagement).sort_values(["resource_id", "label"], ignore_index=True)
    worked["per_order"] = worked["setup_hours"] / worked["orders"]
    usual = worked.groupby("resource_id")["per_order"].transform(first_median)
    return worked.assign(excess=worked["per_order"] / usual.where(usual > 0) - 1)[["label", "resource_id", "excess"]]


def unplanned_changes(engagement: Engagement) -> ir.Table:
    """Changes to the released schedule, one row per resource, order (else item) and day.

    Left out: cancellations, and changes whose reason is a planned campaign or maintenance.
    """
    rows = engagement.table("schedule_changes")
    reason = rows.reason_code.lower().fill_null("")
    planned = ibis.or_(*(reason.contains(word) for word in PLANNED_REASONS))
    counted = rows.filter((rows.change_type != "cancel") & ~planned)
    subject = ibis.coalesce(counted.production_order_id, counted.item_id, ibis.literal(""))
    day = counted.changed_on.truncate("D")
    return counted.group_by("resource_id", subject=subject, changed_on=day).aggregate(
        reshuffled=counted.change_type.isin(["sequence", "insert"]).max(),
        reason_code=counted.reason_code.max(),
        scheduled_start=counted.scheduled_start.min(),
    )


@once
def unreasoned_changes(engagement: Engagement) -> pd.DataFrame:
    """Changes to the released schedule that name no reason, one row per `label` and `resource_id`.

    Returns
    -------
    `changes`, `unreasoned` of them; no row where the log holds no reason at all, as it may not ask for one.
    """
    if not engagement.has("schedule_changes.reason_code"):
        return pd.DataFrame(columns=["label", "resource_id", "changes", "unreasoned"])
    dated = in_intervals(engagement, unplanned_changes(engagement), "changed_on")
    nameless = dated.reason_code.isnull().cast("int64")
    return engagement.frame(
        dated.group_by("label", "resource_id").aggregate(changes=dated.count(), unreasoned=nameless.sum())
    )


@once
def changes_per_order(engagement: Engagement) -> pd.DataFrame:
    """Schedule changes over orders planned to start, one row per `label` and `resource_id`.

    Returns
    -------
    `changes`, `orders`, `cpo` (missing without orders), `weeks_changed` (share of the weeks of the interval with a
    sequence or insert change), `late` (changes within seven days of the scheduled start).
    """
    dated = in_intervals(engagement, unplanned_changes(engagement), "changed_on")
    soon = (dated.scheduled_start < dated.changed_on + WEEK).fill_null(False)
    marked = dated.mutate(
        week=ibis.ifelse(dated.reshuffled, dated.changed_on.truncate("W"), ibis.null("timestamp(6)")), soon=soon
    )
    made = engagement.frame(
        marked.group_by("label", "resource_id").aggregate(
            changes=marked.count(), weeks=marked.week.nunique(), late=marked.soon.cast("int64").sum()
        )
    )
    due = in_intervals(engagement, engagement.table("production_orders"), "planned_start")
    due_orders = engagement.frame(due.group_by("label", "resource_id").aggregate(orders=due.count()))
    both = due_orders.merge(made, on=["label", "resource_id"], how="outer", validate="one_to_one")
    both[["changes", "weeks", "late"]] = both[["changes", "weeks", "late"]].fillna(0)
    end = engagement.calendar.known_on(both["label"], "fact")
    weeks = ((end - both["label"]).dt.days / 7).clip(lower=1)
    cpo = both["changes"] / both["orders"].where(both["orders"] > 0)
    return both.assign(cpo=cpo, weeks_changed=(both["weeks"] / weeks).clip(upper=1.0)).drop(columns="weeks")
