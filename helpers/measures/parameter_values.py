"""The values one parameter has in the client's tables, side by side: what is planned, agreed, assumed and done.

Every function gives one row per `label` (closed interval) and `subject` and one column a value, named as the report
calls it; a value that was not sent has no column. Only the last eight closed intervals are read. Masters carry no
history: today's value stands beside every interval.
"""

from __future__ import annotations

from functools import reduce

import ibis.expr.types as ir
import pandas as pd

from helpers import periods
from helpers.engagement import Engagement
from helpers.measures import capacity, plans
from helpers.measures.demand import demand
from helpers.measures.forecast import published
from helpers.measures.intervals import in_intervals
from helpers.measures.items import family_value_by_period, unit_values
from helpers.measures.joins import beside
from helpers.measures.stock import stock_nodes

REACH = 8
USUAL_OVER = 12
COVERED_AT_LEAST = 0.80
DAYS_IN = {"day": 1.0, "week": 7.0}
KEY = ["label", "subject"]


def recent(engagement: Engagement) -> pd.DatetimeIndex:
    """The closed intervals that are looked at."""
    return engagement.calendar.labels[-REACH:]


def _lately(engagement: Engagement, rows: ir.Table, dated_by: str) -> ir.Table:
    dated = in_intervals(engagement, rows, dated_by)
    return dated.filter(dated.position >= len(engagement.calendar.labels) - REACH)


def _side_by_side(engagement: Engagement, *frames: pd.DataFrame) -> pd.DataFrame:
    """Frames joined on `label` and `subject`, masters on `subject`; values of other intervals and empty ones go."""
    dated = [frame for frame in frames if "label" in frame and len(frame)]
    if not dated:
        return pd.DataFrame(columns=KEY)
    rows = reduce(lambda left, right: left.merge(right, on=KEY, how="outer", validate="one_to_one"), dated)
    for master in (frame for frame in frames if "label" not in frame and len(frame)):
        rows = rows.merge(master, on="subject", how="left", validate="many_to_one")
    rows = rows[rows["label"].isin(recent(engagement))].dropna(axis="columns", how="all")
    return rows.reindex(columns=[*KEY, *rows.columns.difference(KEY, sort=False)]).sort_values(KEY, ignore_index=True)


def lead_times(engagement: Engagement) -> pd.DataFrame:
    """Lead time of a supplier in days: planned on the order, in the master, agreed, realised, assumed.

    Means over the lines ordered in the interval; realised: over those received in it.
    """
    orders = engagement.table("purchase_orders")
    ordered = _lately(engagement, orders, "ordered_on")
    by_order = ordered.group_by("label", subject="supplier_id").aggregate(
        planned=ordered.planned_lead_time_days.mean(),
        agreed=ordered.due_on.delta(ordered.ordered_on, unit="day").mean(),
    )
    received = _lately(engagement, orders, "received_on")
    by_receipt = received.group_by("label", subject="supplier_id").aggregate(
        realised=received.received_on.delta(received.ordered_on, unit="day").mean()
    )
    master = engagement.table("suppliers").select(subject="supplier_id", master="planned_lead_time_days")
    assumed = assumed_values(engagement, "supplier", DAYS_IN)
    names = {"planned": "planned on the order", "master": "supplier master", "agreed": "agreed date less order date"}
    frames = (*map(engagement.frame, (by_order, by_receipt)), assumed, engagement.frame(master))
    return _side_by_side(engagement, *frames).rename(columns=names)


def assumed_values(engagement: Engagement, area: str, units: dict[str, float]) -> pd.DataFrame:
    """Assumptions of an `area` in force when each interval opened: `label`, `subject`, `assumed`.

    Parameters
    ----------
    units
        Word of the unit → factor; assumptions in other units are left out.
    """
    rows = engagement.table("assumptions")
    sent = engagement.frame(
        rows.filter(rows.area == area, rows.subject_id.notnull()).select(
            "subject_id", "planned_value", "unit", "set_on"
        )
    )
    word = sent["unit"].fillna("").str.lower().str.extract(rf"\b({'|'.join(units)})s?\b", expand=False)
    known = sent.assign(assumed=sent["planned_value"] * word.map(units).astype(float)).dropna(subset=["assumed"])
    labels = pd.DataFrame({"label": recent(engagement)})
    pairs = labels.merge(known.rename(columns={"subject_id": "subject"}), how="cross")
    in_force = pairs[pairs["set_on"] <= pairs["label"]].sort_values([*KEY, "set_on"])
    return in_force.drop_duplicates(KEY, keep="last")[[*KEY, "assumed"]].reset_index(drop=True)


def hours(engagement: Engagement) -> pd.DataFrame:
    """Hours of a resource in an interval: planned, available, demonstrated, assumed.

    Demonstrated: planned hours times what the resource had proved to make of an hour when the interval closed.
    """
    had = capacity.capacity_hours(engagement)
    names = {"resource_id": "subject", "planned_hours": "planned hours", "available_hours": "available hours"}
    kept = (
        ["label", *names] if engagement.has("capacity.available_hours") else ["label", "resource_id", "planned_hours"]
    )
    frames = [had[kept].rename(columns=names)]
    if engagement.has("production_orders.standard_hours | items.standard_hours_per_unit", "production_orders"):
        proved = capacity.demonstrated_capacity(engagement).rename(columns={"cycle": "known_on"})
        closed = had.assign(known_on=engagement.calendar.known_on(had["label"], "fact"))
        both = closed.merge(proved, on=["known_on", "resource_id"], validate="one_to_one")
        shown = both.assign(demonstrated=both["planned_hours"] * both["output"]).rename(columns=names)
        frames.append(shown[[*KEY, "demonstrated"]])
    frames.append(assumed_values(engagement, "capacity", {"h": 1.0, "hour": 1.0}))
    return _side_by_side(engagement, *frames)


def standards(engagement: Engagement) -> pd.DataFrame:
    """Hours per unit of an item: item master, production orders, production plan, actual."""
    orders = engagement.table("production_orders")
    begun = _lately(engagement, orders, "planned_start")
    by_order = begun.group_by("label", subject="item_id").aggregate(
        orders=_ratio(begun.standard_hours, begun.planned_quantity)
    )
    done = _lately(engagement, orders, "actual_finish")
    by_finish = done.group_by("label", subject="item_id").aggregate(
        actual=_ratio(done.actual_hours, done.actual_quantity)
    )
    plan = engagement.table("production_plan_snapshots")
    planned = plan.filter(plan.cycle.isin([day.to_pydatetime() for day in recent(engagement)]))
    by_plan = planned.group_by(label="cycle", subject="item_id").aggregate(plan=_ratio(planned.hours, planned.quantity))
    master = engagement.table("items").select(subject="item_id", master="standard_hours_per_unit")
    names = {"orders": "production orders", "plan": "production plan", "master": "item master", "actual": "actual"}
    return _side_by_side(engagement, *map(engagement.frame, (by_order, by_plan, by_finish, master))).rename(
        columns=names
    )


def _ratio(above: ir.FloatingColumn, below: ir.FloatingColumn) -> ir.FloatingScalar:
    """Ratio of sums over the rows that hold both."""
    both = above.notnull() & below.notnull()
    return above.sum(where=both) / below.sum(where=both).nullif(0.0)


def prices(engagement: Engagement) -> pd.DataFrame:
    """Sales price of an item: item master, order lines (mean by quantity)."""
    lines = _lately(engagement, engagement.table("order_lines"), "ordered_on")
    sold = lines.group_by("label", subject="item_id").aggregate(
        lines=_ratio(lines.unit_price * lines.ordered_quantity, lines.ordered_quantity + lines.unit_price * 0)
    )
    master = engagement.table("items").select(subject="item_id", master="unit_price")
    names = {"lines": "order lines", "master": "item master"}
    return _side_by_side(engagement, *map(engagement.frame, (sold, master))).rename(columns=names)


def costs(engagement: Engagement) -> pd.DataFrame:
    """Cost of an item that is bought: item master, standard price and price paid on purchase orders (by quantity)."""
    lines = _lately(engagement, engagement.table("purchase_orders"), "ordered_on")
    bought = lines.group_by("label", subject="item_id").aggregate(
        standard=_ratio(
            lines.standard_price * lines.ordered_quantity, lines.ordered_quantity + lines.standard_price * 0
        ),
        paid=_ratio(lines.unit_price * lines.ordered_quantity, lines.ordered_quantity + lines.unit_price * 0),
    )
    master = engagement.table("items").select(subject="item_id", master="unit_cost")
    names = {"standard": "standard price on the order", "paid": "price paid", "master": "item master"}
    return _side_by_side(engagement, *map(engagement.frame, (bought, master))).rename(columns=names)


def lots(engagement: Engagement) -> pd.DataFrame:
    """Lot of an item: item master, median quantity of its production and purchase orders."""
    made = engagement.table("production_orders")
    bought = engagement.table("purchase_orders")
    both = made.select("item_id", ordered_on="planned_start", quantity="planned_quantity").union(
        bought.select("item_id", "ordered_on", quantity="ordered_quantity")
    )
    lines = _lately(engagement, both, "ordered_on")
    ordered = lines.group_by("label", subject="item_id").aggregate(ordered=lines.quantity.median())
    master = engagement.table("items").select(subject="item_id", master="lot_size")
    names = {"ordered": "median order", "master": "item master"}
    return _side_by_side(engagement, *map(engagement.frame, (ordered, master))).rename(columns=names)


def buffers(engagement: Engagement) -> pd.DataFrame:
    """Safety stock of an item over its locations: in force, and what risk and service target ask for."""
    nodes = stock_nodes(engagement, "forecast" if engagement.has("forecast_snapshots") else "demand")
    lately = nodes.position >= len(engagement.calendar.labels) - REACH
    held = nodes.filter(nodes.safety_stock.notnull(), lately)
    sums = held.group_by("label", subject="item_id").aggregate(held=held.safety_stock.sum(), asked=held.required.sum())
    names = {"held": "safety stock in force", "asked": "required by risk and target"}
    return _side_by_side(engagement, engagement.frame(sums)).rename(columns=names)


def plan_totals(engagement: Engagement) -> pd.DataFrame:
    """Volume of a family over the decision horizon: published forecast, and each function's own plan.

    The plans after the consensus where any were sent. Only horizons whose three periods are all there.
    """
    spoken = plans.function_plans(engagement)
    version = "after" if spoken["version"].eq("after").any() else "before"
    own = spoken[spoken["version"] == version].assign(value=lambda s: "plan of " + s["function"])
    items = engagement.table("items").select("item_id", "family")
    rows = published(engagement).inner_join(items, "item_id")
    forecast = engagement.frame(rows.group_by("cycle", "family", "period").aggregate(quantity=rows.quantity.sum()))
    lags = periods.lag(forecast["cycle"], forecast["period"], engagement.settings.bucket)
    stacked = pd.concat([forecast.assign(value="published forecast", lag=lags), own])
    near = plans.in_horizon(stacked, engagement.settings.demand_fence)
    sums = near.groupby(["cycle", "family", "value"])["quantity"].agg(["sum", "size"])
    whole = sums.loc[sums["size"] == plans.HORIZON, "sum"].unstack("value")
    return _side_by_side(engagement, whole.reset_index().rename(columns={"cycle": "label", "family": "subject"}))


def made_volume(engagement: Engagement) -> pd.DataFrame:
    """Volume of a family's own-made items over the decision horizon: forecast, production plan.

    Families of which the plan holds 80 % of the forecast. Where stock is known, what lies above or below its usual
    level is taken for the stock change that the plan intends.
    """
    cells = plans.forecast_beside_plan(engagement, engagement.settings.demand_fence)
    near = cells[cells["covered"] >= COVERED_AT_LEAST].groupby(["cycle", "family"], as_index=False)[["first", "second"]]
    sums = near.sum()
    sums["second"] += _above_usual(engagement, sums)
    names = {"cycle": "label", "family": "subject", "first": "forecast of made items", "second": "production plan"}
    return _side_by_side(engagement, sums.rename(columns=names))


def _above_usual(engagement: Engagement, cells: pd.DataFrame) -> pd.Series:
    """Free stock before each cycle less its median of the twelve cycles before; 0 where it is not known."""
    free = cells[["cycle", "family"]].merge(plans.stock_before(engagement, cells), on=["cycle", "family"], how="left")
    usual = free.groupby("family")["free"].transform(lambda f: f.shift().rolling(USUAL_OVER, min_periods=3).median())
    return (free["free"] - usual).fillna(0.0)


def bought_volume(engagement: Engagement) -> pd.DataFrame:
    """Volume of a family's bought finished items in an interval: last forecast before it opened, purchases due in it.

    Bought: with purchase orders and a forecast, and in no production plan.
    """
    orders = engagement.table("purchase_orders")
    made = engagement.table("production_plan_snapshots").select("item_id").distinct()
    finished = published(engagement).select("item_id").distinct()
    bought = orders.select("item_id").distinct().semi_join(finished, "item_id").anti_join(made, "item_id")
    items = engagement.table("items").select("item_id", "family").semi_join(bought, "item_id")
    due = _lately(engagement, orders, "due_on")
    known = due.filter(due.ordered_on < due.ends_on).inner_join(items, "item_id")
    by_due = known.group_by("label", subject="family").aggregate(due=known.ordered_quantity.sum())
    asked = last_forecast(engagement).inner_join(items, "item_id")
    by_forecast = asked.group_by("label", subject="family").aggregate(asked=asked.quantity.sum())
    names = {"asked": "forecast of bought items", "due": "purchases due"}
    return _side_by_side(engagement, *map(engagement.frame, (by_forecast, by_due))).rename(columns=names)


def last_forecast(engagement: Engagement) -> ir.Table:
    """The forecast published for the periods of its own interval: `label`, `item_id`, `quantity`, unsummed."""
    rows = _lately(engagement, published(engagement), "period")
    return rows.filter(rows.cycle == rows.label).select("label", "item_id", "quantity")


def booked_volume(engagement: Engagement) -> pd.DataFrame:
    """Money of a family in an interval: last forecast at the prices of the item master, revenue booked by Finance."""
    priced = engagement.table("items").select("item_id", "family", "unit_price")
    asked = last_forecast(engagement).inner_join(priced, "item_id")
    by_forecast = asked.group_by("label", subject="family").aggregate(asked=(asked.quantity * asked.unit_price).sum())
    booked = _lately(engagement, engagement.table("financials"), "period")
    named = booked.filter(booked.family.notnull())
    by_family = named.group_by("label", subject="family").aggregate(revenue=named.revenue.sum())
    names = {"asked": "forecast at list price", "revenue": "revenue booked"}
    return _side_by_side(engagement, *map(engagement.frame, (by_forecast, by_family))).rename(columns=names)


def loads(engagement: Engagement) -> pd.DataFrame:
    """Load of a resource in an interval, the worst bucket and the higher of real and demonstrated: `load`."""
    frames = [capacity.real_load(engagement)[["label", "resource_id", "load"]]]
    if engagement.has("production_plan_snapshots", "production_orders") and capacity.plan_is_in_hours(engagement):
        frames.append(capacity.demonstrated_load(engagement, 0))
    worst = pd.concat(frames).groupby(["label", "resource_id"], as_index=False)[["load"]].max()
    near: pd.DataFrame = worst[worst["label"].isin(recent(engagement))]
    return near.rename(columns={"resource_id": "subject"})


def weights(engagement: Engagement, dimension: str) -> pd.Series:
    """What a subject weighs in the index, by subject ≥ 0: value bought, hours planned, or demand at unit value.

    Suppliers by the value ordered from them, resources by planned hours, over the last eight intervals; items by demand
    and purchases, families by demand at unit value over the last twelve periods.
    """
    if dimension == "resource":
        planned = capacity.capacity_hours(engagement)
        near = planned[planned["label"].isin(recent(engagement))]
        return near.groupby("resource_id")["planned_hours"].sum()
    if dimension == "family":
        value = family_value_by_period(engagement)
        last = sorted(value["period"].unique())[-USUAL_OVER:]
        return value[value["period"].isin(last)].groupby("family")["value"].sum()
    lines = _lately(engagement, engagement.table("purchase_orders"), "ordered_on")
    bought = beside(lines, unit_values(engagement).select("item_id", "value"), ["item_id"])
    by = {"supplier": "supplier_id", "item": "item_id"}[dimension]
    spent = engagement.frame(
        bought.group_by(subject=by).aggregate(value=(bought.ordered_quantity * bought.value).sum())
    )
    if dimension == "supplier":
        return spent.set_index("subject")["value"]
    return pd.concat([spent, _sold(engagement)]).groupby("subject")["value"].sum()


def _sold(engagement: Engagement) -> pd.DataFrame:
    rows = _lately(engagement, demand(engagement), "period").inner_join(unit_values(engagement), "item_id")
    return engagement.frame(rows.group_by(subject="item_id").aggregate(value=(rows.quantity * rows.value).sum()))
