"""Compensation: the money spent to rescue the plan, and the cost of goods it is measured against."""

from __future__ import annotations

from typing import Literal

import ibis
import ibis.expr.types as ir
import pandas as pd

from helpers.engagement import Engagement, once
from helpers.measures.demand import demand
from helpers.measures.intervals import in_intervals
from helpers.measures.items import unit_values

COST_OF_REVENUE = 0.65
MIX_LABELS = 12

Base = Literal["cost_of_goods_sold", "gross_margin", "unit_cost", "revenue", "unit_value", "order_price", "none"]


@once
def compensation(engagement: Engagement, *dimensions: str) -> pd.DataFrame:
    """Compensation costs, one row per `label` and `dimensions`: `amount` ≥ 0, currency.

    Dimensions are `kind`, `family`, `item_id`, `resource_id`, `supplier_id`. Where a row names an item but no family,
    the item's. Labels without any row are left out: nothing logged and nothing spent look the same.
    """
    rows = _with_family(engagement)
    return engagement.frame(rows.group_by("label", *dimensions).aggregate(amount=rows.amount.sum()))


def _with_family(engagement: Engagement) -> ir.Table:
    costs = in_intervals(engagement, engagement.table("compensation_costs"), "period")
    items = engagement.table("items").select("item_id", of_item="family")
    joined = costs.left_join(items, "item_id")
    return joined.mutate(family=ibis.coalesce(joined.family, joined.of_item))


def _with_families(engagement: Engagement, rows: ir.Table) -> ir.Table:
    return rows.inner_join(engagement.table("items").select("item_id", "family"), "item_id")


def cost_base(engagement: Engagement) -> Base:
    """What stands for the cost of goods sold in this extract: the first of the alternatives that was sent."""
    sold = "actual_demand | order_lines"
    choices: tuple[tuple[Base, tuple[str, ...]], ...] = (
        ("cost_of_goods_sold", ("financials.cost_of_goods_sold",)),
        ("gross_margin", ("financials.gross_margin",)),
        ("unit_cost", ("items.unit_cost", sold)),
        ("revenue", ("financials",)),
        ("unit_value", ("items.unit_price | purchase_orders.standard_price | purchase_orders.unit_price", sold)),
        ("order_price", ("order_lines.unit_price",)),
    )
    return next((base for base, needs in choices if engagement.has(*needs)), "none")


@once
def cogs(engagement: Engagement, *dimensions: str) -> pd.DataFrame:
    """Cost of goods sold, one row per `label` and `dimensions` (`family`): `cogs`, currency.

    Booked cost; else revenue less gross margin; else demand at unit cost; else 0.65 of revenue; else demand at unit
    value, else 0.65 of the ordered quantities at their price.
    No row where none of them was sent.
    """
    base = cost_base(engagement)
    if base == "none":
        return pd.DataFrame(columns=["label", *dimensions, "cogs"])
    if base in ("unit_cost", "unit_value"):
        values = unit_values(engagement)
        sold = demand(engagement).inner_join(values, "item_id")
        rows = in_intervals(engagement, sold, "period").mutate(cost=lambda r: r.quantity * r.value)
    elif base == "order_price":
        lines = in_intervals(engagement, _with_families(engagement, engagement.table("order_lines")), "requested_on")
        known = lines.filter(lines.ordered_on < lines.ends_on)
        rows = known.mutate(cost=known.ordered_quantity * known.unit_price * COST_OF_REVENUE)
    else:
        booked = in_intervals(engagement, engagement.table("financials"), "period")
        rows = booked.mutate(cost=_booked_cost(booked, base))
    return engagement.frame(rows.group_by("label", *dimensions).aggregate(cogs=rows.cost.sum()))


def _booked_cost(booked: ir.Table, base: Base) -> ir.FloatingValue:
    if base == "cost_of_goods_sold":
        return booked.cost_of_goods_sold
    return booked.revenue - booked.gross_margin if base == "gross_margin" else booked.revenue * COST_OF_REVENUE


@once
def compensation_share(engagement: Engagement) -> pd.DataFrame:
    """κ: compensation over cost of goods sold, one row per `label` with both.

    Returns
    -------
    `amount`, `cogs`, `share` (κ; missing where cogs is not positive) and `share_fixed_mix` (κ with every family at
    its share of cogs over the first twelve labels, so that a richer mix does not look like less rescue; κ where costs
    or cogs are not kept by family).
    """
    spent, earned = compensation(engagement), cogs(engagement)
    if earned.empty:
        return spent.assign(cogs=float("nan"), share=float("nan"), share_fixed_mix=float("nan"))
    both = spent.merge(earned, on="label", validate="one_to_one")
    both["share"] = both["amount"] / both["cogs"].where(both["cogs"] > 0)
    fixed = _fixed_mix(compensation(engagement, "family"), cogs(engagement, "family"))
    return both.merge(fixed, on="label", how="left").assign(
        share_fixed_mix=lambda b: b["share_fixed_mix"].fillna(b["share"])
    )


def _fixed_mix(spent: pd.DataFrame, earned: pd.DataFrame) -> pd.DataFrame:
    """κ at fixed mix; the mix of a label uses labels up to it, and never more than the first twelve."""
    by_family = earned.dropna(subset=["family"]).pivot(index="label", columns="family", values="cogs").fillna(0.0)
    costs = spent.assign(family=spent["family"].where(spent["family"].isin(by_family.columns)))
    named = costs.dropna(subset=["family"]).pivot(index="label", columns="family", values="amount")
    named = named.reindex(index=by_family.index, columns=by_family.columns, fill_value=0.0).fillna(0.0)
    mix = by_family.cumsum().where(by_family.cumsum().gt(0), 0.0)
    fixed_rows = mix.iloc[:MIX_LABELS]
    mix = fixed_rows.reindex(mix.index, method="ffill")
    present = by_family > 0
    weights = mix.where(present, 0.0)
    weights = weights.div(weights.sum(axis=1).where(lambda total: total > 0), axis=0)
    shares = (named / by_family.where(present)).where(present, 0.0)
    total = costs.groupby("label")["amount"].sum().reindex(by_family.index)
    placed = named.where(present, 0.0).sum(axis=1)
    rest = (total - placed).clip(lower=0.0) / by_family.sum(axis=1).where(lambda s: s > 0)
    fixed = (weights * shares).sum(axis=1, min_count=1) + rest
    return fixed.rename("share_fixed_mix").rename_axis("label").reset_index()
