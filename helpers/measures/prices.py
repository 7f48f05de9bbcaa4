"""Constant prices: what was spent in one year is compared with what was spent in another only at the same prices."""

from __future__ import annotations

import pandas as pd

from helpers.engagement import Engagement, once
from helpers.measures.compensation import cost_base

AT_TODAYS_PRICES = ("unit_cost", "unit_value", "none")


@once
def price_level(engagement: Engagement) -> pd.Series:
    """Price level by closed label, from `price_index`: the last known one is 1, and all are where none was sent.

    A label takes the index of its period, else the last one before it, else the first one after.
    """
    labels = engagement.calendar.labels
    index = engagement.table("price_index")
    sent = engagement.frame(index.select("period", "index").order_by("period")).set_index("period")["index"]
    if sent.empty or labels.empty:
        return pd.Series(1.0, index=labels)
    held = pd.DatetimeIndex(sent.index)
    level: pd.Series = sent.reindex(labels.union(held)).ffill().bfill().reindex(labels)
    relative: pd.Series = level / level.iloc[-1]
    return relative


def is_nominal(engagement: Engagement) -> bool:
    """Whether the cost of goods sold is at the prices of its period; at today's where items are valued or counted."""
    return cost_base(engagement) not in AT_TODAYS_PRICES
