"""Queues and routes: how long work waits at a resource, and which families it makes."""

from __future__ import annotations

import ibis
import pandas as pd

from helpers.engagement import Engagement, once
from helpers.measures.capacity import finished_orders, orders
from helpers.measures.intervals import in_intervals
from helpers.measures.usual import first_median


def queue_days(engagement: Engagement) -> pd.DataFrame:
    """Work waiting at the end of an interval over the work finished in it, by `resource_id` (standard hours).

    Returns
    -------
    `label`, `resource_id`, `waiting` (open orders: started or due, not finished), `finished`, `cover` (their ratio:
    Little's law, in intervals of work; missing where nothing was finished). Orders due more than one interval
    ago and never finished stay in.
    """
    rows = orders(engagement)
    done = finished_orders(engagement)
    finished = engagement.frame(done.group_by("label", "resource_id").aggregate(finished=done.standard.sum()))
    begun = in_intervals(engagement, rows, "planned_start")
    released = engagement.frame(begun.group_by("label", "resource_id").aggregate(released=begun.standard.sum()))
    both = released.merge(finished, on=["label", "resource_id"], how="outer", validate="one_to_one").fillna(0.0)
    both = both.sort_values(["resource_id", "label"], ignore_index=True)
    flow = both.groupby("resource_id")[["released", "finished"]].cumsum()
    waiting = (flow["released"] - flow["finished"]).clip(lower=0.0)
    return both.assign(waiting=waiting, cover=waiting / both["finished"].where(both["finished"] > 0))


@once
def queue_growth(engagement: Engagement) -> pd.DataFrame:
    """The queue of a resource against the median of its own first twelve labels: `growth`; 1 = as ever.

    Mean queue hours of an order where sent, else work waiting. Missing with fewer than three earlier labels or an
    empty past.
    """
    if engagement.has("production_orders.queue_hours"):
        rows = finished_orders(engagement)
        queue = engagement.frame(rows.group_by("label", "resource_id").aggregate(queue=rows.queue_hours.mean()))
    else:
        queue = queue_days(engagement).rename(columns={"cover": "queue"})
    queue = queue.sort_values(["resource_id", "label"], ignore_index=True)
    past = queue.groupby("resource_id")["queue"].transform(first_median)
    return queue.assign(growth=queue["queue"] / past.where(past > 0))[["label", "resource_id", "growth"]]


@once
def resource_families(engagement: Engagement) -> pd.DataFrame:
    """Families a resource was to make in an interval, one row per `label`, `resource_id`, `family`: `family_share`.

    Share of the standard hours of its orders planned to start (else of their planned quantity), else of items routed
    to it.
    """
    if engagement.has("production_orders"):
        rows = in_intervals(engagement, orders(engagement), "planned_start")
        size = ibis.coalesce(rows.standard, rows.planned_quantity)
        made = engagement.frame(rows.group_by("label", "resource_id", "family").aggregate(size=size.sum()))
    else:
        items = engagement.table("items").filter(lambda i: i.primary_resource_id.notnull())
        routed = items.group_by(resource_id=items.primary_resource_id, family=items.family).aggregate(
            size=items.count()
        )
        labels = pd.DataFrame({"label": engagement.calendar.labels})
        made = engagement.frame(routed).astype({"size": "float64"}).merge(labels, how="cross")
    made = made.dropna(subset=["family"])
    total = made.groupby(["label", "resource_id"])["size"].transform("sum")
    return made.assign(family_share=made["size"] / total.where(total > 0))[
        ["label", "resource_id", "family", "family_share"]
    ]


def late_starts(engagement: Engagement) -> pd.DataFrame:
    """Median days from planned to actual start of the orders begun in an interval: `label`, `resource_id`, `days`."""
    begun = in_intervals(engagement, engagement.table("production_orders"), "actual_start")
    known = begun.filter(begun.planned_start < begun.ends_on)
    behind = known.actual_start.delta(known.planned_start, unit="day")
    return engagement.frame(known.group_by("label", "resource_id").aggregate(days=behind.median()))
