"""Items and families: unit values, weights, and which items are established enough to be judged."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir
import pandas as pd

from helpers.engagement import Engagement, once
from helpers.measures.demand import demand
from helpers.periods import Bucket

LAUNCH_POOL_CYCLES = 6
PHASE_OUT_CYCLES = 3
PRICE_TO_COST = 0.65
PRICED = "items.unit_cost | items.unit_price | purchase_orders.unit_price | purchase_orders.standard_price"
WEIGHT_PERIODS = 12


def _steps(bucket: Bucket, steps: int) -> ir.IntervalScalar:
    return ibis.interval(months=steps) if bucket == "month" else ibis.interval(weeks=steps)


def is_established(items: ir.Table, day: ir.TimestampValue, bucket: Bucket) -> ir.BooleanValue:
    """Whether an item is neither in its first six cycles nor within three of its end on `day`."""
    launched = items.launch_date.isnull() | (items.launch_date + _steps(bucket, LAUNCH_POOL_CYCLES) <= day)
    continues = items.end_date.isnull() | (day + _steps(bucket, PHASE_OUT_CYCLES) < items.end_date)
    return launched & continues


@once
def unit_values(engagement: Engagement) -> ir.Table:
    """Value of one unit, one row per `item_id`: unit cost, else a purchase price, else 0.65 × price, else 1 (currency).

    A purchase price is the median of the extract as read: a constant like the unit cost it stands in for.
    """
    items = engagement.table("items").select("item_id", "family", "unit_cost", "unit_price")
    orders = engagement.standing("purchase_orders")
    bought = orders.group_by("item_id").aggregate(
        standard=orders.standard_price.median(), paid=orders.unit_price.median()
    )
    return items.left_join(bought, "item_id").select(
        items.item_id,
        items.family,
        value=ibis.coalesce(
            items.unit_cost, bought.standard, bought.paid, items.unit_price * PRICE_TO_COST, ibis.literal(1.0)
        ),
    )


@once
def family_value_by_period(engagement: Engagement) -> pd.DataFrame:
    """Demand at unit value, one row per `period` and `family`: `value` ≥ 0, currency."""
    rows = demand(engagement)
    values = unit_values(engagement)
    joined = rows.inner_join(values, "item_id")
    return engagement.frame(joined.group_by("period", "family").aggregate(value=(joined.quantity * joined.value).sum()))


@once
def family_weights(engagement: Engagement) -> pd.DataFrame:
    """Share of each family in demand at unit value over the twelve buckets before each cycle.

    Returns
    -------
    One row per `label` (cycle) and `family`: `weight`, families of a cycle sum to 1. Uses only periods closed before
    the
    cycle; at the first cycles, before any period closed, families weigh the same.
    """
    families = sorted(engagement.frame(engagement.table("items").select("family").distinct())["family"])
    return value_shares(family_value_by_period(engagement), families, engagement.calendar.cycles, "family")


def value_shares(value: pd.DataFrame, names: list[str], cycles: pd.DatetimeIndex, by: str) -> pd.DataFrame:
    """Share of each of `names` in the value of the twelve buckets before each of `cycles`.

    Parameters
    ----------
    value
        `period`, the column named `by`, `value` ≥ 0.

    Returns
    -------
    One row per `label` (cycle) and name (in the column named `by`): `weight`; equal before any period closed.
    """
    wide = value.pivot(index="period", columns=by, values="value").fillna(0.0).reindex(columns=names, fill_value=0.0)
    rows = []
    for cycle in cycles:
        past = wide[wide.index < cycle].tail(WEIGHT_PERIODS).sum()
        share = past / past.sum() if past.sum() > 0 else pd.Series(1.0 / len(names), index=names)
        rows.append(pd.DataFrame({"label": cycle, by: names, "weight": share.to_numpy()}))
    return pd.concat(rows, ignore_index=True)


def weighted_mean(engagement: Engagement, cells: pd.DataFrame, column: str) -> pd.Series:
    """Mean of `column` over families by their share of value, by `label`; missing where they weigh nothing."""
    key = ["label", "family"]
    known = cells.dropna(subset=[column]).merge(family_weights(engagement), on=key, how="left", validate="one_to_one")
    weight = known["weight"].fillna(0.0)
    sums = pd.DataFrame({"value": known[column] * weight, "weight": weight}).groupby(known["label"]).sum()
    return sums["value"] / sums["weight"].where(sums["weight"] > 0)


@once
def critical_families(engagement: Engagement, weights: pd.DataFrame) -> pd.DataFrame:
    """Which families are critical at each cycle: those the client named, else the largest that hold half the weight.

    Parameters
    ----------
    weights
        From `family_weights`.

    Returns
    -------
    One row per `label` and `family`: `critical`.
    """
    if engagement.critical_families:
        return weights[["label", "family"]].assign(critical=weights["family"].isin(engagement.critical_families))
    ranked = weights.sort_values(["label", "weight", "family"], ascending=[True, False, True])
    before = ranked.groupby("label")["weight"].cumsum() - ranked["weight"]
    return ranked[["label", "family"]].assign(critical=(before < 0.5).to_numpy()).sort_index()


def value_unit(engagement: Engagement) -> str:
    """What values at unit value are in: the client's currency, or `units` where no price was sent at all."""
    return engagement.settings.currency if engagement.has(PRICED) else "units"
