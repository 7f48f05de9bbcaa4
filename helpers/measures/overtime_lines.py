"""Order lines that overtime held: the share of a resource's output made in unplanned overtime, and whose lines."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir
import pandas as pd

from helpers.engagement import Engagement, once
from helpers.measures.capacity import exceptional_hours, finished_orders, worked_hours
from helpers.measures.joins import beside
from helpers.measures.service import judged_lines, propped_service

NEEDS = ("production_orders.overtime_hours", "production_orders.actual_hours", "capacity", "order_lines.delivered_on")
KEYS = ["label", "resource_id"]
SHARES = {"label": "timestamp(6)", "resource_id": "string", "theta": "float64", "days": "float64"}


def overtime_share(engagement: Engagement) -> pd.DataFrame:
    """Unplanned overtime of a resource, one row per `label` and `resource_id` with any.

    Returns
    -------
    `theta` (its share of the hours worked, 0 to 1: the share of the output that would not have been made) and `days`
    (its hours over the planned hours of a calendar day: by how much later the rest would have come).
    """
    hours = worked_hours(engagement)[[*KEYS, "actual_hours"]]
    both = exceptional_hours(engagement).merge(hours, on=KEYS, validate="one_to_one")
    length = (engagement.calendar.known_on(both["label"], "fact") - both["label"]).dt.days
    both["theta"] = (both["extra_hours"] / both["actual_hours"].where(both["actual_hours"] > 0)).clip(upper=1.0)
    both["days"] = both["extra_hours"] * length / both["planned_hours"].where(both["planned_hours"] > 0)
    return both.loc[both["extra_hours"] > 0, [*KEYS, "theta", "days"]].dropna(ignore_index=True)


def held_by_overtime(engagement: Engagement) -> pd.DataFrame | None:
    """Order lines that were kept only because overtime was worked, one row per `label` in which lines could be linked.

    Overtime is booked on a resource, not on a line. So a share theta of the lines due of the items that the resource
    made most in that label is counted, those with the least slack first.

    Returns
    -------
    `held_most` (theta of the lines kept without an expedite) and `held` (theta of the lines kept without the days an
    expedite saved, as far as their slack is below the days gained); counts, fractional. `None` where the orders do not
    tell which items overtime went into.
    """
    if not engagement.has(*NEEDS):
        return None
    shares = ibis.memtable(overtime_share(engagement)[[*KEYS, "theta", "days"]], schema=SHARES)
    made = beside(_made(engagement), shares, KEYS)
    made = made.mutate(theta=made.theta.fill_null(0.0), days=made.days.fill_null(0.0))
    lines = judged_lines(engagement).inner_join(made, ["label", "item_id"])
    counts = engagement.frame(_counts(lines))
    if counts.empty:
        return None
    counts["held_most"] = counts["theta"] * counts["plain"]
    counts["held"] = (counts["theta"] * counts["own"]).clip(upper=counts["tight"])
    return counts.groupby("label", as_index=False)[["held", "held_most"]].sum()


@once
def propped_bounds(engagement: Engagement) -> pd.DataFrame:
    """`propped_service`, with the lines that overtime may have held in `propped_gap_most` where they can be linked.

    `propped_gap_overtime` is the propped gap with those whose slack was below the days gained, missing where none is
    linked; overtime that is not linked to lines of its label is in neither. Without `propped_gap_most` where no
    expedites were sent: an unknown rescue is not a bound of 0.
    """
    rows, held = propped_service(engagement), held_by_overtime(engagement)
    if not engagement.has("order_lines.expedited"):
        return rows.drop(columns="propped_gap_most")
    if held is None:
        return rows
    linked = held.set_index("label").reindex(rows["label"]).set_axis(rows.index)
    return rows.assign(
        propped_gap_most=rows["propped_gap_most"] + linked["held_most"].fillna(0.0) / rows["lines"],
        propped_gap_overtime=rows["propped_gap"] + linked["held"] / rows["lines"],
    )


def _counts(lines: ir.Table) -> ir.Table:
    return lines.group_by(*KEYS).aggregate(
        theta=lines.theta.max(),
        plain=(lines.kept - lines.rescued).sum(),
        own=lines.unaided.sum(),
        tight=lines.unaided.sum(where=lines.slack < lines.days).fill_null(0),
    )


def _made(engagement: Engagement) -> ir.Table:
    """The resource that worked most for each item in a label: `label`, `item_id`, `resource_id`."""
    rows = finished_orders(engagement)
    hours = rows.group_by(*KEYS, "item_id").aggregate(hours=rows.actual_hours.sum())
    most_first = ibis.window(group_by=["label", "item_id"], order_by=[ibis.desc("hours"), ibis.desc("resource_id")])
    ranked = hours.filter(hours.hours > 0).mutate(place=ibis.row_number().over(most_first))
    return ranked.filter(ranked.place == 0).select(*KEYS, "item_id")
