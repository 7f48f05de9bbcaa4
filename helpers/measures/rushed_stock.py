"""Residual stock: what was bought in a hurry and two cycles later was stock that nobody had needed.

Counted item by item over all its locations, because a purchase order line seldom says where it was needed.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir
import pandas as pd

from helpers import periods
from helpers.engagement import Engagement, once
from helpers.measures.forecast import published
from helpers.measures.intervals import in_intervals
from helpers.measures.items import unit_values
from helpers.measures.purchasing import settled_lines
from helpers.measures.risk import LONGEST, lead_times

NEEDS = (
    "purchase_orders.received_on",
    "purchase_orders.expedited",
    "inventory_snapshots.safety_stock",
    "forecast_snapshots",
)
AFTER, WINDOW = 2, 6


@once
def residual_stock(engagement: Engagement) -> pd.DataFrame:
    """RSR: of the expedited value received, the part that two labels later lay above all need; six labels together.

    Residual of an item = the smaller of what was expedited and stock less safety stock less the forecast of the lead
    time and a review period, published when the second label closed. At unit value, so that it is a share of units.

    Returns
    -------
    One row per closed label: `expedited` and `residual` (currency, lines received two labels before, of six labels) and
    `share` (missing where nothing was expedited or its stock and forecast are not known). No row where stock, safety
    stock, forecast, receipts or the flag was not sent.
    """
    if not engagement.has(*NEEDS):
        return pd.DataFrame(columns=["label", "expedited", "residual", "share"])
    rows = engagement.frame(_residual(engagement))
    sums = rows.groupby("label")[["expedited", "residual"]].sum().reindex(engagement.calendar.labels, fill_value=0.0)
    recent = sums.rolling(WINDOW, min_periods=1).sum()
    share = recent["residual"] / recent["expedited"].where(recent["expedited"] > 0)
    return recent.assign(share=share).rename_axis("label").reset_index()


def _residual(engagement: Engagement) -> ir.Table:
    """One row per `item_id` and `label`, two after the receipt: `expedited` and `residual` (currency)."""
    lines = settled_lines(engagement)
    rushed = lines.filter(lines.is_expedited, lines.received_on.notnull())
    quantity = ibis.coalesce(rushed.received_quantity, rushed.ordered_quantity)
    bought = rushed.mutate(quantity=quantity, position=rushed.position + AFTER)
    bought = bought.group_by("item_id", "position").aggregate(quantity=bought.quantity.sum())
    known = bought.inner_join(_closing(engagement, bought), ["item_id", "position"])
    both = known.inner_join(_need(engagement, known), ["item_id", "ends_on"]).inner_join(
        unit_values(engagement).select("item_id", "value"), "item_id"
    )
    spare = ibis.greatest(both.on_hand - both.safety_stock - both.need, 0.0)
    return both.select(
        "item_id",
        "label",
        expedited=both.quantity * both.value,
        residual=ibis.least(both.quantity, spare) * both.value,
    )


def _closing(engagement: Engagement, bought: ir.Table) -> ir.Table:
    """Stock and safety stock of each item `bought` at the end of the label, with the `horizon` it must cover then."""
    rows = in_intervals(engagement, engagement.table("inventory_snapshots"), "period")
    last = rows.filter(rows.is_last).semi_join(bought, ["item_id", "position"])
    stock = last.group_by("item_id", "bucket", "label", "position", "ends_on").aggregate(
        on_hand=last.on_hand.sum(), safety_stock=last.safety_stock.sum()
    )
    known = stock.filter(stock.safety_stock.notnull())
    return known.inner_join(lead_times(engagement).select("item_id", "bucket", "horizon"), ["item_id", "bucket"])


def _need(engagement: Engagement, known: ir.Table) -> ir.Table:
    """The forecast published when the label closed, over the horizon of the item: `need` (units)."""
    forecast = published(engagement).rename(ends_on="cycle")
    ahead = forecast.mutate(lag=periods.buckets_ahead(forecast.ends_on, forecast.period, engagement.settings.bucket))
    near = ahead.filter(ahead.lag < LONGEST[engagement.settings.bucket])
    cells = near.inner_join(known.select("item_id", "ends_on", "horizon"), ["item_id", "ends_on"])
    inside = cells.filter(cells.lag >= 0, cells.lag < cells.horizon)
    return inside.group_by("item_id", "ends_on").aggregate(need=inside.quantity.sum())
