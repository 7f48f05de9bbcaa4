"""What the lines themselves cost: stands in for `compensation_costs` where it was not sent, else only splits it.

Row precedence: a cost goes to the order line that caused it before it goes to the resource and cycle it fell in. So the
hours of extra set-ups, which belong to orders, are taken off the overtime of the resource and never paid twice.
"""

from __future__ import annotations

import ibis
import pandas as pd

from helpers.engagement import Engagement, once
from helpers.measures.capacity import exceptional_hours, worked_hours
from helpers.measures.intervals import in_intervals
from helpers.measures.purchasing import settled_lines
from helpers.measures.sequence import setup_excess

OVERTIME = ("capacity", "production_orders.overtime_hours | production_orders.actual_hours")
SETUPS = ("production_orders.setup_hours",)
PRICES = ("items.unit_price | order_lines.unit_price", "items.unit_cost")


def line_costs(engagement: Engagement) -> pd.DataFrame:
    """Premiums and freight of purchases, freight of orders, extra set-ups and overtime at the rate in the settings.

    Returns
    -------
    `label`, `kind`, the unit it can name (`family`, `resource_id`, `supplier_id`), `inbound`, `amount`, `source`. Hours
    without a rate are no money and make no row.
    """
    parts = [part for part in (purchase_costs(engagement), order_freight(engagement), _hours(engagement)) if len(part)]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=["label", "kind", "amount"])


def purchase_costs(engagement: Engagement) -> pd.DataFrame:
    """What rushed purchase lines cost: `premium_purchase` over the standard price, `expedite_freight`.

    A line without a standard price has no premium that could be known.
    """
    if not engagement.has("purchase_orders.expedite_cost | purchase_orders.standard_price"):
        return pd.DataFrame()
    lines = settled_lines(engagement)
    over = ibis.greatest((lines.unit_price - lines.standard_price).fill_null(0.0), 0.0) * lines.ordered_quantity
    sums = lines.group_by("label", "family", "supplier_id").aggregate(
        premium_purchase=over.sum(where=lines.is_rushed),
        expedite_freight=lines.expedite_cost.sum(where=lines.is_expedited),
    )
    rows = engagement.frame(sums).melt(["label", "family", "supplier_id"], var_name="kind", value_name="amount")
    return rows.assign(inbound=rows["kind"] == "expedite_freight", source="purchase_orders")


def order_freight(engagement: Engagement) -> pd.DataFrame:
    """Freight to deliver customers' lines faster, one row per `label` of delivery and `family`."""
    if not engagement.has("order_lines.expedite_cost"):
        return pd.DataFrame()
    lines = _delivered(engagement)
    sums = lines.group_by("label", "family").aggregate(amount=lines.expedite_cost.sum())
    return engagement.frame(sums).assign(kind="expedite_freight", source="order_lines")


def inbound_share(engagement: Engagement) -> pd.Series:
    """Part of the freight that purchases caused, by `label`; missing where no line cost anything."""
    bought, sent = purchase_costs(engagement), order_freight(engagement)
    inbound = bought[bought["inbound"]].groupby("label")["amount"].sum() if len(bought) else pd.Series(dtype=float)
    outbound = sent.groupby("label")["amount"].sum() if len(sent) else pd.Series(dtype=float)
    total = inbound.add(outbound, fill_value=0.0)
    return inbound.reindex(total.index, fill_value=0.0) / total.where(total > 0)


@once
def lost_margin(engagement: Engagement) -> pd.DataFrame:
    """Margin of lines closed with nothing delivered, one row per `label` and `family`: price less unit cost.

    No goodwill. The contract has no mark for a cancelled line, so only a line with a date of delivery and no quantity
    counts as one.
    """
    if not engagement.has("order_lines.delivered_quantity", "order_lines.delivered_on", *PRICES):
        return pd.DataFrame()
    lines = _delivered(engagement)
    margin = ibis.greatest(ibis.coalesce(lines.unit_price, lines.list_price) - lines.unit_cost, 0.0)
    lost = lines.filter(lines.delivered_quantity == 0).mutate(lost=margin * lines.ordered_quantity)
    sums = lost.group_by("label", "family").aggregate(amount=lost.lost.sum())
    return engagement.frame(sums).assign(kind="lost_margin", source="order_lines")


@once
def unpaid_hours(engagement: Engagement) -> float:
    """Hours of overtime and extra set-ups that no rate turns into money."""
    if engagement.settings.overtime_rate is not None:
        return 0.0
    hours = _extra_hours(engagement)
    return float(hours[["setups", "overtime"]].to_numpy().sum()) if len(hours) else 0.0


def _delivered(engagement: Engagement) -> ibis.expr.types.Table:
    items = engagement.table("items").select("item_id", "family", "unit_cost", list_price="unit_price")
    lines = in_intervals(engagement, engagement.table("order_lines"), "delivered_on")
    return lines.inner_join(items, "item_id")


def _hours(engagement: Engagement) -> pd.DataFrame:
    rate = engagement.settings.overtime_rate
    if rate is None:
        return pd.DataFrame()
    hours = _extra_hours(engagement)
    kinds = {"setups": "out_of_window_production", "overtime": "overtime"}
    rows = hours.rename(columns=kinds).melt(["label", "resource_id"], list(kinds.values()), "kind", "amount")
    return rows.assign(amount=rows["amount"] * rate, source="production_orders")


def _extra_hours(engagement: Engagement) -> pd.DataFrame:
    """`setups` beyond the resource's usual ones and `overtime` not spent on them, per `label` and `resource_id`."""
    setups, overtime = _setup_hours(engagement), _overtime_hours(engagement)
    if setups.empty and overtime.empty:
        return pd.DataFrame(columns=["label", "resource_id", "setups", "overtime"])
    both = setups.merge(overtime, on=["label", "resource_id"], how="outer", validate="one_to_one").fillna(
        {"setups": 0.0, "extra_hours": 0.0}
    )
    left = (both["extra_hours"] - both["setups"]).clip(lower=0.0)
    return both.assign(overtime=left)[["label", "resource_id", "setups", "overtime"]]


def _setup_hours(engagement: Engagement) -> pd.DataFrame:
    if not engagement.has(*SETUPS):
        return pd.DataFrame({"label": [], "resource_id": [], "setups": []})
    hours = worked_hours(engagement)[["label", "resource_id", "setup_hours"]]
    both = hours.merge(setup_excess(engagement), on=["label", "resource_id"], validate="one_to_one")
    extra = both["excess"].clip(lower=0.0).fillna(0.0)
    return both.assign(setups=both["setup_hours"] * extra / (1 + extra))[["label", "resource_id", "setups"]]


def _overtime_hours(engagement: Engagement) -> pd.DataFrame:
    if not engagement.has(*OVERTIME):
        return pd.DataFrame({"label": [], "resource_id": [], "extra_hours": []})
    return exceptional_hours(engagement)[["label", "resource_id", "extra_hours"]]
