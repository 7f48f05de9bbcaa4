"""What lies ahead at the last cycle, by product: demand, the approved plan, hours, stock, open orders, and prices.

Glossary
    product   the items of a family that come from the same place: a resource or a supplier
    recent    the last twelve closed intervals
    rushed    an expedited purchase line

Every frame is as known on the as-of date.
"""

from __future__ import annotations

from typing import Literal

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd

from helpers import periods
from helpers.engagement import Engagement, once
from helpers.measures.capacity import capacity_hours, plan_work, rate_gaps, worked_hours
from helpers.measures.demand import demand
from helpers.measures.feasibility import rated_share, working_days
from helpers.measures.forecast import published
from helpers.measures.intervals import in_intervals
from helpers.measures.items import unit_values
from helpers.measures.risk import DAYS
from helpers.measures.stock import stock_nodes
from helpers.periods import PER_YEAR, Bucket

Level = Literal["family", "item"]
RECENT, FEWEST = 12, 3
CELL = ["product", "segment"]
LANES = (
    ("production_plan_snapshots", "resource_id", "primary_resource_id"),
    ("purchase_orders", "supplier_id", "supplier_id"),
)
HOURS_OF = ("resource_id", "period")


@once
def products(engagement: Engagement, level: Level) -> pd.DataFrame:
    """Which product each item belongs to, one row per `item_id`.

    Returns
    -------
    `family`, `lane` (the resource or supplier it comes from; missing where neither is known), `is_made`, and `product`:
    the item itself, or its family, followed by the lane where a family comes from several.
    """
    items = engagement.table("items")
    rows = engagement.frame(items.select("item_id", "family", "primary_resource_id", "supplier_id"))
    places = [
        rows["item_id"].map(_main(engagement, table, column)).astype(object).fillna(rows[own].astype(object))
        for table, column, own in LANES
    ]
    made, bought = places
    known = rows.assign(lane=made.fillna(bought), is_made=made.notna())
    if level == "item":
        return known.assign(product=known["item_id"])[["item_id", "family", "lane", "is_made", "product"]]
    several = known.groupby("family")["lane"].transform("nunique") > 1
    named = known["family"].where(~several | known["lane"].isna(), known["family"] + " · " + known["lane"].fillna(""))
    return known.assign(product=named)[["item_id", "family", "lane", "is_made", "product"]]


def _main(engagement: Engagement, table: str, column: str) -> pd.Series:
    """The resource or supplier most rows of an item name, in the extract as read, by `item_id`."""
    rows = engagement.standing(table)
    counted = engagement.frame(rows.group_by("item_id", column).aggregate(rows=rows.count()))
    ranked = counted.dropna().sort_values(["rows", column], ascending=[False, True])
    return ranked.drop_duplicates("item_id").set_index("item_id")[column]


def _named(engagement: Engagement, level: Level) -> ir.Table:
    return ibis.memtable(products(engagement, level)[["item_id", "product"]])


@once
def last_forecast(engagement: Engagement) -> ir.Table:
    """The last published forecast, from the as-of date on: `item_id`, `period`, `quantity` (units)."""
    rows = published(engagement)
    last = engagement.frame(rows.aggregate(cycle=rows.cycle.max()))["cycle"].iloc[0]
    ahead = rows.filter(rows.cycle == _day(last), rows.period >= _day(engagement.as_of))
    return ahead.group_by("item_id", "period").aggregate(quantity=ahead.quantity.sum())


def _day(day: pd.Timestamp) -> ir.TimestampScalar:
    return ibis.timestamp(str(pd.Timestamp(1900, 1, 1) if pd.isna(day) else day))


def demand_ahead(engagement: Engagement, level: Level) -> pd.DataFrame:
    """The published forecast by `product`, `period`: `quantity` ≥ 0, units."""
    rows = last_forecast(engagement).inner_join(_named(engagement, level), "item_id")
    return engagement.frame(rows.group_by("product", "period").aggregate(quantity=rows.quantity.sum()))


def plan_ahead(engagement: Engagement, level: Level) -> pd.DataFrame:
    """The approved production plan of the last cycle that has one, from the as-of date on.

    Returns
    -------
    One row per `product`, `resource_id`, `period`: `quantity` (units), `work` (hours).
    """
    rows = plan_work(engagement)
    last = engagement.frame(rows.aggregate(cycle=rows.cycle.max()))["cycle"].iloc[0]
    ahead = rows.filter(rows.cycle == _day(last), rows.period >= _day(engagement.as_of))
    named = ahead.inner_join(_named(engagement, level), "item_id")
    sums = named.group_by("product", "resource_id", "period").aggregate(
        quantity=named.quantity.sum(), work=named.work.sum()
    )
    return engagement.frame(sums)


def hours_ahead(engagement: Engagement, ahead: pd.DatetimeIndex) -> pd.DataFrame:
    """Planned hours of every resource in the periods `ahead`: `regular`, `agreed` (planned overtime).

    A period the client has planned keeps its own hours; for later ones what is usual stands in (`is_usual`).
    """
    capacity = engagement.table("capacity")
    sums = capacity.group_by("resource_id", "period").aggregate(
        regular=capacity.planned_hours.sum(), agreed=capacity.planned_overtime_hours.fill_null(0.0).sum()
    )
    bucket, known = engagement.settings.bucket, engagement.frame(sums)
    cells = pd.MultiIndex.from_product([sorted(known["resource_id"].unique()), ahead], names=list(HOURS_OF))
    own = known.set_index(list(HOURS_OF)).reindex(cells)
    past = known[known["period"] <= engagement.as_of].sort_values("period")
    usual = [_usual_hours(rows.set_index("period"), ahead, bucket) for _, rows in past.groupby("resource_id")]
    filled = own.fillna(pd.concat(usual or [own[:0]]).reindex(cells))
    return filled.assign(is_usual=own["regular"].isna()).dropna(subset=["regular"]).reset_index()


def _usual_hours(past: pd.DataFrame, ahead: pd.DatetimeIndex, bucket: Bucket) -> pd.DataFrame:
    """What a resource usually has, for each period ahead; `past` are its known periods, in order.

    The guess that would have come nearest to those of the last twelve that all guesses know: the median of a year, the
    same per working day, or the hours of the same period a year ago, which knows the client's own calendar. A guess
    that knows none of them is left out.
    """
    whole = past.index.union(ahead)
    days = working_days(pd.Series(whole), bucket).set_axis(whole)
    hours = past["regular"].reindex(whole)
    before = hours.shift().rolling(RECENT, min_periods=FEWEST)
    guesses = {
        "per day": (hours / days).shift().rolling(RECENT, min_periods=FEWEST).median().ffill() * days,
        "per period": before.median().ffill(),
        "a year ago": hours.shift(PER_YEAR[bucket]),
    }
    errors = pd.DataFrame({name: (guess - hours).abs() for name, guess in guesses.items()}).reindex(
        past.index[-RECENT:]
    )
    best = str(errors.dropna(axis="columns", how="all").dropna().mean().reindex([*guesses]).fillna(np.inf).idxmin())
    found = guesses[best].fillna(guesses["per period"]).fillna(hours.median()).reindex(ahead)
    rows = pd.DataFrame({"regular": found.to_numpy(), "agreed": past["agreed"].tail(RECENT).median()})
    return rows.set_index(pd.MultiIndex.from_product([past["resource_id"].unique(), ahead], names=list(HOURS_OF)))


def stock_now(engagement: Engagement, level: Level) -> pd.DataFrame:
    """Stock at the end of the last closed period, one row per `product`: `stock`, `owed`, `safety` (units)."""
    named = _last_stock(engagement).inner_join(_named(engagement, level), "item_id")
    sums = named.group_by("product").aggregate(
        stock=named.on_hand.sum(), owed=named.backorders.fill_null(0.0).sum(), safety=named.safety_stock.sum()
    )
    return engagement.frame(sums)


def _last_stock(engagement: Engagement) -> ir.Table:
    rows = engagement.table("inventory_snapshots")
    last = engagement.frame(rows.aggregate(period=rows.period.max()))["period"].iloc[0]
    return rows.filter(rows.period == _day(last))


def required_stock(engagement: Engagement, level: Level) -> pd.DataFrame:
    """Safety stock that measured risk asks for when the last interval closed, by `product`: `required` (units).

    An item whose need could not be measured keeps the safety stock it has, as `stock_now` counts it.
    """
    nodes = stock_nodes(engagement, "forecast" if engagement.has("forecast_snapshots") else "demand")
    sums = engagement.frame(nodes.group_by("label", "item_id").aggregate(required=nodes.required.sum()))
    measured = sums.loc[sums["label"] == sums["label"].max(), ["item_id", "required"]]
    stock = _last_stock(engagement)
    kept = engagement.frame(stock.group_by("item_id").aggregate(safety=stock.safety_stock.sum()))
    rows = kept.merge(measured, on="item_id", how="outer", validate="one_to_one")
    named = rows.merge(products(engagement, level)[["item_id", "product"]], on="item_id", validate="one_to_one")
    required = named["required"].astype(float).fillna(named["safety"].astype(float)).fillna(0.0)
    return required.groupby(named["product"]).sum().rename("required").reset_index()


def open_orders(engagement: Engagement, level: Level) -> pd.DataFrame:
    """Purchases on their way, one row per `product`, `supplier_id`, `period` of the date agreed last: `quantity`.

    What is overdue is expected in the first period.
    """
    lines = engagement.table("purchase_orders")
    due = ibis.greatest(ibis.coalesce(lines.rescheduled_due_on, lines.due_on), _day(engagement.as_of))
    dated = lines.mutate(period=periods.bucket_of(due, engagement.settings.bucket))
    waiting = dated.filter(dated.received_on.isnull()).inner_join(_named(engagement, level), "item_id")
    left = waiting.ordered_quantity - waiting.received_quantity.fill_null(0.0)
    sums = waiting.group_by("product", "supplier_id", "period").aggregate(quantity=left.sum())
    return engagement.frame(sums)


# prices and shares of recent intervals


def _recent(engagement: Engagement, rows: ir.Table, dated_by: str) -> ir.Table:
    dated = in_intervals(engagement, rows, dated_by)
    last = len(engagement.calendar.cycles) - 1
    return dated.filter(dated.position >= last - RECENT)


def buckets_an_interval(engagement: Engagement) -> int:
    """How many periods usually lie between two cycles, at least one: four or so where months are planned in weeks."""
    days = engagement.calendar.cycles.to_series().diff().dt.days.median()
    return 1 if pd.isna(days) else max(1, round(days / DAYS[engagement.settings.bucket]))


def prices(engagement: Engagement, level: Level) -> pd.DataFrame:
    """Price and cost of a unit, weighted by recent demand, one row per `product`.

    Returns
    -------
    `price` (missing where none was sent), `cost` (currency).
    """
    items = engagement.table("items").select("item_id", "unit_price")
    sold = _recent(engagement, demand(engagement), "period")
    weights = sold.group_by("item_id").aggregate(weight=sold.quantity.sum())
    joined = items.left_join(weights, "item_id").inner_join(unit_values(engagement).drop("family"), "item_id")
    rows = engagement.frame(joined.select("item_id", "unit_price", "weight", cost="value"))
    rows = rows.merge(products(engagement, level)[["item_id", "product"]], on="item_id", validate="one_to_one")
    weight = (
        rows["weight"].astype(float).fillna(0.0).where(lambda w: w.groupby(rows["product"]).transform("sum") > 0, 1)
    )
    named = {"price": "unit_price", "cost": "cost"}
    found = {name: _mean(rows[column].astype(float), weight, rows["product"]) for name, column in named.items()}
    return pd.DataFrame(found).rename_axis("product").reset_index()


def _mean(values: pd.Series, weight: pd.Series, by: pd.Series) -> pd.Series:
    known = weight.where(values.notna(), 0.0)
    sums = pd.DataFrame({"value": values * known, "weight": known}).groupby(by).sum()
    return sums["value"] / sums["weight"].where(sums["weight"] > 0)


def segments(engagement: Engagement, level: Level) -> pd.DataFrame:
    """How recent orders of a product divide between segments, and what couriers carried.

    Returns
    -------
    One row per `product`, `segment`: `share` of the ordered quantity, `urgent` (share of the segment's quantity that
    was expedited), `courier` (currency an expedited unit; 0 where none was).
    """
    return _shares(engagement, _recent(engagement, engagement.table("order_lines"), "requested_on"), level)


def _shares(engagement: Engagement, lines: ir.Table, level: Level) -> pd.DataFrame:
    named = lines.inner_join(_named(engagement, level), "item_id")
    rushed = named.expedited.fill_null(False)
    sums = named.group_by("product", segment=named.customer_segment.fill_null("all")).aggregate(
        quantity=named.ordered_quantity.sum(),
        rushed=named.ordered_quantity.sum(where=rushed).fill_null(0.0),
        paid=named.expedite_cost.sum(where=rushed).fill_null(0.0),
    )
    rows = engagement.frame(sums)
    return rows.assign(
        share=rows["quantity"] / rows.groupby("product")["quantity"].transform("sum"),
        urgent=rows["rushed"] / rows["quantity"],
        courier=(rows["paid"] / rows["rushed"].where(rows["rushed"] > 0)).fillna(0.0),
    )[[*CELL, "share", "urgent", "courier"]]


def overtime(engagement: Engagement) -> pd.DataFrame:
    """What recent overtime was, one row per `resource_id`: `most` hours a period, `paid` and `hours` in all.

    `most` is that of the busiest interval, spread over its periods.
    `paid` is what was booked as overtime for the resource (currency); 0 where nothing was.
    """
    hours = worked_hours(engagement)
    recent = hours[hours["label"].isin(engagement.calendar.labels[-RECENT:])]
    found = recent.groupby("resource_id")["overtime_hours"].agg(most="max", hours="sum")
    found["most"] /= buckets_an_interval(engagement)
    costs = _recent(engagement, engagement.table("compensation_costs"), "period")
    booked = costs.filter(costs.kind == "overtime", costs.resource_id.notnull())
    paid = engagement.frame(booked.group_by("resource_id").aggregate(paid=booked.amount.sum()))
    return found.reset_index().merge(paid, on="resource_id", how="left").fillna({"paid": 0.0})


def suppliers(engagement: Engagement, level: Level) -> pd.DataFrame:
    """How recent purchases came, one row per `product`, `supplier_id`.

    Returns
    -------
    `days` from order to receipt (median of the lines not rushed; else the planned lead time), `rushed_days` (the same
    of rushed lines), `premium` (currency a rushed unit paid beyond its standard price, freight included), `most_rushed`
    (units a period: those of the interval with most, spread over its periods).
    """
    lines = _recent(engagement, engagement.table("purchase_orders"), "received_on")
    masters = engagement.table("suppliers").select("supplier_id", planned=ibis._.planned_lead_time_days)
    named = lines.inner_join(_named(engagement, level), "item_id").left_join(masters, "supplier_id")
    took = named.received_on.delta(named.ordered_on, unit="day")
    rushed = named.expedited.fill_null(False)
    over = ibis.greatest((named.unit_price - named.standard_price).fill_null(0.0), 0.0) * named.ordered_quantity
    key = ("product", "supplier_id")
    sums = named.group_by(*key, "label").aggregate(rushed=named.ordered_quantity.sum(where=rushed).fill_null(0.0))
    most = sums.group_by(*key).aggregate(most_rushed=sums.rushed.max())
    times = named.group_by(*key).aggregate(
        days=took.median(where=~rushed),
        planned=ibis.coalesce(named.planned_lead_time_days, named.planned).median(),
        rushed_days=took.median(where=rushed),
        paid=(over + named.expedite_cost.fill_null(0.0)).sum(where=rushed).fill_null(0.0),
        rushed=named.ordered_quantity.sum(where=rushed).fill_null(0.0),
    )
    rows = engagement.frame(times).merge(engagement.frame(most), on=list(key), validate="one_to_one")
    days = rows["days"].astype(float).fillna(rows["planned"].astype(float))
    premium = (rows["paid"] / rows["rushed"].where(rows["rushed"] > 0)).fillna(0.0)
    most_rushed = rows["most_rushed"] / buckets_an_interval(engagement)
    return rows.assign(days=days, premium=premium, most_rushed=most_rushed)[
        [*key, "days", "rushed_days", "premium", "most_rushed"]
    ]


def lots(engagement: Engagement, level: Level) -> pd.Series:
    """Units of a purchase lot, by `product`; none where several items share a product, whose lots do not add up."""
    sizes = engagement.frame(engagement.table("items").select("item_id", "lot_size")).set_index("item_id")["lot_size"]
    return sizes.astype(float).dropna() if level == "item" else pd.Series(dtype=float)


def in_periods(days: pd.Series, engagement: Engagement) -> pd.Series:
    """Lead times in whole periods, to the nearest: an order that takes half a period still comes in the next one."""
    return (days.astype(float) / DAYS[engagement.settings.bucket] + 0.5).map(np.floor)


def rated(engagement: Engagement) -> pd.DataFrame:
    """Share of its planned hours a resource turns into standard hours, at the last cycle: `resource_id`, `rated`."""
    rows = rated_share(engagement)
    return rows.loc[rows["cycle"] == engagement.as_of, ["resource_id", "rated"]]


# what came, to hold plans against


def demand_of(engagement: Engagement, label: pd.Timestamp, level: Level) -> pd.DataFrame:
    """What was asked for in a closed interval, one row per `product`, `segment`, `period`.

    Returns
    -------
    `quantity` (units; demand, divided as the orders of the whole interval were), `urgent` (what of it was expedited).
    """
    asked = in_intervals(engagement, demand(engagement), "period")
    named = asked.filter(asked.label == _day(label)).inner_join(_named(engagement, level), "item_id")
    total = engagement.frame(named.group_by("product", period="bucket").aggregate(total=named.quantity.sum()))
    none = pd.DataFrame(columns=[*CELL, "share", "urgent"])
    shares = _shares(engagement, _of_label(engagement, label), level) if engagement.has("order_lines") else none
    rows = total.merge(shares[[*CELL, "share", "urgent"]], on="product", how="left")
    rows = rows.fillna({"segment": "all", "share": 1.0})
    quantity = rows["total"] * rows["share"].astype(float)
    urgent = (quantity * rows["urgent"].astype(float)).fillna(0.0)
    return rows.assign(quantity=quantity, urgent=urgent)[[*CELL, "period", "quantity", "urgent"]]


def _of_label(engagement: Engagement, label: pd.Timestamp) -> ir.Table:
    lines = in_intervals(engagement, engagement.table("order_lines"), "requested_on")
    return lines.filter(lines.label == _day(label))


def hours_of(engagement: Engagement, label: pd.Timestamp) -> pd.DataFrame:
    """Hours a resource had in a closed interval, one row per `resource_id`.

    Returns
    -------
    `available` (hours) and `rated`, standard over actual hours of what it finished, at most 1; missing where not known.
    """
    had = capacity_hours(engagement)
    rates = rate_gaps(engagement)
    rows = had[had["label"] == label].merge(rates[rates["label"] == label], on=["label", "resource_id"], how="left")
    rated = rows["rate"].astype(float).clip(lower=0.0).map(lambda gap: np.exp(-gap))
    return rows.assign(available=rows["available_hours"], rated=rated)[["resource_id", "available", "rated"]]


def booked(engagement: Engagement) -> pd.DataFrame:
    """Compensation booked in each closed interval, `label`: `amount` (currency), of the kinds the model knows."""
    costs = in_intervals(engagement, engagement.table("compensation_costs"), "period")
    modelled = costs.filter(costs.kind.isin(("overtime", "premium_purchase", "expedite_freight")))
    return engagement.frame(modelled.group_by("label").aggregate(amount=modelled.amount.sum()))
