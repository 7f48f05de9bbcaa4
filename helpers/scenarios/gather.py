"""From an engagement to its network: what was sent, what stands in for it, and what the model does without."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from helpers.engagement import Engagement
from helpers.errors import NotAssessable
from helpers.measures import ahead
from helpers.measures.ahead import Level
from helpers.measures.items import PRICE_TO_COST, PRICED, critical_families, family_weights
from helpers.periods import PER_YEAR
from helpers.scenarios.network import Network

MADE = ("production_plan_snapshots", "capacity", "production_plan_snapshots.hours | items.standard_hours_per_unit")
BOUGHT = ("purchase_orders.received_on | suppliers",)
USUAL_OVERTIME = 0.25  # of the regular hours, where the extract shows none; by judgement
OVERTIME_PRICE = "overtime_rate in the settings, or overtime worked and overtime booked by resource, would tell"
USUAL_LEAD_DAYS = 61.0  # two months, where neither receipts nor a planned lead time are known

STANDS: dict[Level, tuple[str, ...]] = {
    "family": ("Items of a family stand in for each other: what one of them lacks only plan --level item sees.",),
    "item": (),
}


def network_of(engagement: Engagement, level: Level = "family") -> Network:
    """The client's supply network from the as-of date on, as far as forecast and production plan reach.

    Raises
    ------
    NotAssessable
        No forecast was sent, or neither a production plan with hours nor purchases.
    """
    _refuse(engagement)
    named = ahead.products(engagement, level)
    asked = ahead.demand_ahead(engagement, level)
    plan = ahead.plan_ahead(engagement, level)
    periods = _periods(asked, plan)
    asked, plan = (rows[rows["period"].isin(periods)] for rows in (asked, plan))
    supplied = named.dropna(subset=["lane"])
    rows = _products(engagement, level, supplied)
    known = set(rows["product"])
    cells = _demand(engagement, level, asked[asked["product"].isin(known)])
    routes = _routes(plan, known)
    hours = ahead.hours_ahead(engagement, periods)
    return Network(
        currency=engagement.settings.currency,
        periods=periods,
        products=rows,
        demand=cells,
        owed=_owed(engagement, level, cells, known),
        routes=routes[["route", "product", "extra"]],
        steps=routes.loc[routes["resource"].isin(hours["resource_id"]), ["route", "resource", "hours"]],
        resources=_resources(engagement, sorted(hours["resource_id"].unique())),
        hours=_with_overtime(engagement, hours),
        sources=_sources(engagement, level, supplied),
        arrivals=_arrivals(engagement, level, known, periods),
        plan=_plan(plan, routes),
        simplified=(*STANDS[level], *_simplified(engagement, named, asked, _without_hours(routes, hours))),
        is_priced=engagement.has(PRICED),
    )


def _refuse(engagement: Engagement) -> None:
    missing = engagement.missing("forecast_snapshots")
    if missing:
        raise NotAssessable("nothing was forecast, so there is no demand to plan for", missing)
    if not engagement.has(*MADE) and not engagement.has(*BOUGHT):
        raise NotAssessable("neither a production plan with hours nor purchases were sent", engagement.missing(*MADE))


def _periods(asked: pd.DataFrame, plan: pd.DataFrame) -> pd.DatetimeIndex:
    """The periods that both the forecast and, where there is one, the production plan reach."""
    reach = [rows["period"].max() for rows in (asked, plan) if len(rows)]
    found = asked["period"].drop_duplicates().sort_values()
    within = found[found <= min(reach)] if reach else found
    if within.empty:
        raise NotAssessable("no plan reaches beyond the as-of date", ("forecast_snapshots",))
    return pd.DatetimeIndex(within).as_unit("us")


def _products(engagement: Engagement, level: Level, supplied: pd.DataFrame) -> pd.DataFrame:
    """Masters of the products whose supply is known; without stock sent, they start with none."""
    families = supplied[["product", "family", "is_made"]].drop_duplicates("product")
    rows = families.merge(ahead.prices(engagement, level), on="product", validate="one_to_one")
    stock = ahead.stock_now(engagement, level) if engagement.has("inventory_snapshots") else pd.DataFrame()
    held = stock if len(stock) else pd.DataFrame(columns=["product", "stock", "owed", "safety"])
    rows = rows.merge(held, on="product", how="left", validate="one_to_one")
    critical = critical_families(engagement, family_weights(engagement))
    now = critical[critical["label"] == critical["label"].max()].set_index("family")["critical"]
    cost = rows["cost"].astype(float)
    carrying = engagement.settings.carrying_cost_rate / PER_YEAR[engagement.settings.bucket]
    return rows.assign(
        is_critical=rows["family"].map(now).fillna(False).astype(bool),
        price=rows["price"].astype(float).fillna(cost / PRICE_TO_COST),
        cost=cost,
        carrying=cost * carrying,
        stock=rows["stock"].astype(float).fillna(0.0),
        safety=rows["safety"].astype(float).fillna(0.0),
    ).sort_values("product", ignore_index=True)


def _demand(engagement: Engagement, level: Level, asked: pd.DataFrame) -> pd.DataFrame:
    """The forecast divided between segments as recent orders were; one segment `all` where orders do not tell."""
    none = pd.DataFrame(columns=["product", "segment", "share", "urgent", "courier"])
    shares = ahead.segments(engagement, level) if engagement.has("order_lines") else none
    rows = asked.merge(shares, on="product", how="left").fillna({"segment": "all", "share": 1.0})
    quantity = rows["quantity"] * rows["share"].astype(float)
    urgent = (quantity * rows["urgent"].astype(float)).fillna(0.0)
    found = rows.assign(quantity=quantity, urgent=urgent, courier=rows["courier"].astype(float).fillna(0.0))
    return found[["product", "segment", "period", "quantity", "urgent", "courier"]]


def _owed(engagement: Engagement, level: Level, cells: pd.DataFrame, known: set[str]) -> pd.DataFrame:
    """Backorders divided like the demand of their product; like all demand where it is forecast no more."""
    columns = ["product", "segment", "quantity"]
    if not engagement.has("inventory_snapshots.backorders"):
        return pd.DataFrame(columns=columns).astype({"quantity": float})
    stock = ahead.stock_now(engagement, level)
    sums = cells.groupby(["product", "segment"], as_index=False)["quantity"].sum()
    usual = (sums.groupby("segment")["quantity"].sum() / sums["quantity"].sum()).rename("usual").reset_index()
    every = stock.loc[stock["product"].isin(known), ["product", "owed"]].merge(usual, how="cross")
    rows = every.merge(sums, on=["product", "segment"], how="left").fillna({"quantity": 0.0})
    own = rows.groupby("product")["quantity"].transform("sum")
    share = (rows["quantity"] / own.where(own > 0)).fillna(rows["usual"])
    return rows.assign(quantity=share * rows["owed"])[columns]


def _routes(plan: pd.DataFrame, known: set[str]) -> pd.DataFrame:
    """One route for a product and resource of the plan, with the hours a unit takes over the whole of it."""
    sums = plan[plan["product"].isin(known)].groupby(["product", "resource_id"], as_index=False)[["quantity", "work"]]
    rows = sums.sum().query("quantity > 0")
    several = rows.groupby("product")["resource_id"].transform("size") > 1
    return pd.DataFrame(
        {
            "route": rows["product"].where(~several, rows["product"] + " on " + rows["resource_id"]),
            "product": rows["product"],
            "resource": rows["resource_id"],
            "hours": (rows["work"] / rows["quantity"]).astype(float),
            "extra": 0.0,
        }
    ).reset_index(drop=True)


def _plan(plan: pd.DataFrame, routes: pd.DataFrame) -> pd.DataFrame:
    rows = plan.rename(columns={"resource_id": "resource"}).merge(routes, on=["product", "resource"])
    return rows[["route", "period", "quantity"]].astype({"quantity": float})


def _resources(engagement: Engagement, names: list[str]) -> pd.DataFrame:
    """What an hour of each resource yields and what one of overtime costs."""
    rows = pd.DataFrame({"resource": pd.Series(names, dtype=str)})  # text where there is none, too
    shares = ahead.rated(engagement).set_index("resource_id")["rated"] if names else pd.Series(dtype=float)
    return rows.assign(
        rated=rows["resource"].map(shares).astype(float).fillna(1.0), rate=_rates(engagement, rows["resource"])
    )


def _rates(engagement: Engagement, names: pd.Series) -> pd.Series:
    """Currency for an hour of overtime: the settings' rate, else what each resource paid, else the mean of those.

    Resources that booked nothing for their overtime tell nothing of its price.
    """
    stated = engagement.settings.overtime_rate
    if stated is not None or not _has_overtime(engagement):
        return pd.Series(0.0 if stated is None else stated, index=names.index)
    spent = ahead.overtime(engagement).set_index("resource_id")
    known = spent[(spent["paid"] > 0) & (spent["hours"] > 0)]
    pooled = known["paid"].sum() / known["hours"].sum() if len(known) else 0.0
    return names.map(known["paid"] / known["hours"]).astype(float).fillna(pooled)


def _has_overtime(engagement: Engagement) -> bool:
    return engagement.has("production_orders.overtime_hours")


def _with_overtime(engagement: Engagement, hours: pd.DataFrame) -> pd.DataFrame:
    """The most overtime a resource has worked in a recent interval; a quarter of its hours where none was logged."""
    rows = hours.rename(columns={"resource_id": "resource"})
    usual = USUAL_OVERTIME * rows["regular"]
    if _has_overtime(engagement):
        most = ahead.overtime(engagement).set_index("resource_id")["most"]
        rows["overtime"] = (rows["resource"].map(most).astype(float).fillna(0.0) - rows["agreed"]).clip(lower=0.0)
    else:
        rows["overtime"] = usual
    return rows[["resource", "period", "regular", "agreed", "overtime"]]


def _sources(engagement: Engagement, level: Level, supplied: pd.DataFrame) -> pd.DataFrame:
    """Two ways to buy a product from its supplier: at the lead time it keeps, and rushed at the price it takes."""
    columns = ["source", "product", "supplier", "lead", "extra", "is_rush", "most", "lot"]
    bought = supplied.loc[~supplied["is_made"], ["product", "lane"]].drop_duplicates()
    if bought.empty:
        return pd.DataFrame(columns=columns).astype({"lead": float, "extra": float, "most": float, "lot": float})
    rows = bought.rename(columns={"lane": "supplier_id"}).merge(_lead_days(engagement, level, bought), how="left")
    usual = rows.assign(is_rush=False, extra=0.0, most=np.inf, lead=ahead.in_periods(rows["days"], engagement))
    rush = rows.assign(
        is_rush=True,
        extra=rows["premium"],
        most=rows["most_rushed"],
        lead=ahead.in_periods(rows["rushed_days"], engagement),
    ).query("most > 0")
    both = pd.concat([usual, rush.dropna(subset=["lead"])], ignore_index=True)
    named = both["product"] + np.where(both["is_rush"], ", rushed", ", ordered")
    lot = both["product"].map(ahead.lots(engagement, level)).astype(float).fillna(0.0)
    return both.assign(source=named, supplier=both["supplier_id"], lot=lot)[columns]


def _lead_days(engagement: Engagement, level: Level, bought: pd.DataFrame) -> pd.DataFrame:
    """What recent purchases showed of each product and supplier; where none came, the supplier's planned lead time."""
    rows = bought.rename(columns={"lane": "supplier_id"})
    if engagement.has("purchase_orders.received_on"):
        rows = rows.merge(ahead.suppliers(engagement, level), on=["product", "supplier_id"], how="left")
    else:
        rows = rows.assign(days=np.nan, rushed_days=np.nan, premium=0.0, most_rushed=0.0)
    masters = engagement.frame(engagement.table("suppliers").select("supplier_id", "planned_lead_time_days"))
    planned = rows["supplier_id"].map(masters.set_index("supplier_id")["planned_lead_time_days"]).astype(float)
    days = rows["days"].astype(float).fillna(planned).fillna(USUAL_LEAD_DAYS)
    return rows.assign(days=days, most_rushed=rows["most_rushed"].fillna(0.0), premium=rows["premium"].fillna(0.0))


def _arrivals(engagement: Engagement, level: Level, known: set[str], periods: pd.DatetimeIndex) -> pd.DataFrame:
    columns = ["product", "supplier", "period", "quantity"]
    if not engagement.has("purchase_orders.received_on"):
        return pd.DataFrame(columns=columns).astype({"quantity": float})
    rows = ahead.open_orders(engagement, level).rename(columns={"supplier_id": "supplier"})
    within = rows[rows["product"].isin(known) & rows["period"].isin(periods)]
    return within.assign(quantity=within["quantity"].clip(lower=0.0))[columns]


def _resources_of(engagement: Engagement) -> list[str]:
    capacity = engagement.table("capacity")
    return list(engagement.frame(capacity.select("resource_id").distinct())["resource_id"])


def _without_hours(routes: pd.DataFrame, hours: pd.DataFrame) -> list[str]:
    return sorted(set(routes["resource"]) - set(hours["resource_id"]))


def _simplified(
    engagement: Engagement, named: pd.DataFrame, asked: pd.DataFrame, unlimited: list[str]
) -> Iterator[str]:
    """What the model does without, a sentence each, with the column to ask for."""
    without = {
        "order_lines": "Demand is not divided between segments, and nothing is known of couriers",
        "inventory_snapshots": "Stock is taken to be empty at the start",
        "inventory_snapshots.safety_stock": "No safety stock is held",
        "production_orders.overtime_hours": "A quarter of the regular hours stands for the most overtime",
        "purchase_orders.received_on": "Nothing is known of open orders, and suppliers keep their planned lead times",
        "items.unit_price": "Prices are unit costs with the usual margin",
        "production_plan_snapshots": "Nothing is made: no production plan was sent",
    }
    for need, consequence in without.items():
        if not engagement.has(need):
            yield f"{consequence}: {need} was not sent."
    if not engagement.has(PRICED):
        yield "A unit of anything counts 1: no cost and no price was sent, so margin and capital are no money."
    if engagement.settings.overtime_rate is None and not (
        _has_overtime(engagement) and engagement.has("compensation_costs.resource_id")
    ):
        yield f"What an hour of overtime costs is not known: {OVERTIME_PRICE}."
    resources = _resources_of(engagement)
    unproved = sorted(set(resources) - set(ahead.rated(engagement)["resource_id"])) if resources else []
    if unproved:
        yield f"An hour of {', '.join(unproved)} yields what the plan assumes: too little of it was seen so far."
    if unlimited:
        yield f"Nothing limits {', '.join(unlimited)}: no hours were sent for it in capacity."
    lost = named[named["lane"].isna() & named["product"].isin(asked["product"])]
    if len(lost):
        yield f"{len(lost)} item(s) are left out: neither a resource nor a supplier is known for them."
