"""Demand: what customers asked for, by the period they asked for it."""

from __future__ import annotations

import ibis.expr.types as ir
import pandas as pd

from helpers.engagement import Engagement, once
from helpers.periods import bucket_of

NEEDS = "actual_demand | order_lines"


@once
def demand(engagement: Engagement) -> ir.Table:
    """Unconstrained demand of closed periods, one row per `period`, `item_id`, `location_id`: `quantity` ≥ 0, units.

    From `actual_demand`; where that was not sent, the ordered quantities by requested date.
    """
    if engagement.has("actual_demand"):
        return engagement.table("actual_demand").select("period", "item_id", "location_id", "quantity")
    lines = engagement.table("order_lines")
    dated = lines.mutate(period=bucket_of(lines.requested_on, engagement.settings.bucket))
    closed = dated.filter(dated.period < engagement.as_of.to_pydatetime())
    by_item = closed.group_by("period", "item_id", "location_id")
    return engagement.hold(by_item.aggregate(quantity=closed.ordered_quantity.sum()))


def family_demand(engagement: Engagement) -> pd.DataFrame:
    """Demand of closed periods, one row per `period` and `family`: `quantity` ≥ 0, units."""
    items = engagement.table("items").select("item_id", "family")
    rows = demand(engagement).inner_join(items, "item_id")
    return engagement.frame(rows.group_by("period", "family").aggregate(quantity=rows.quantity.sum()))
