"""The connected model as a linear programme: what is made, bought, shipped and kept, period by period.

Per product, opening stock and what arrives leaves as shipments or stays; what customers ask for is shipped, waits or is
lost; what is made takes hours of resources, and hours are limited. Where lots matter it is mixed-integer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import linopy
import numpy as np
import pandas as pd
import xarray as xr
from linopy import LinearExpression, Model, Variable

from helpers.scenarios.network import Network
from helpers.scenarios.policy import Policy

linopy.options["semantics"] = "v1"  # a term that is absent stays absent instead of turning into 0 in silence


@dataclass(frozen=True, eq=False)
class Built:
    """A model with its variables, the amounts behind it, and its goals in the order in which they are sought."""

    network: Network
    model: Model
    variables: Mapping[str, Variable]
    goals: Mapping[str, LinearExpression]
    amounts: Mapping[str, xr.DataArray]


def build(network: Network, policy: Policy, reserve: pd.DataFrame | None = None) -> Built:
    """The linear programme of a network under a policy.

    Parameters
    ----------
    reserve
        Stock that has to be there at the end of a period, one row per `product`, `period`: `quantity` (units).
    """
    amounts = amounts_of(network, policy)
    model = Model()
    variables = _variables(model, network, policy, amounts)
    _keep_balance(model, network, variables, amounts)
    _keep_hours(model, network, variables, amounts)
    _follow_plan(model, network, policy, variables, amounts)
    if reserve is not None:
        least = _grid(reserve, _axes(network, "product", "period"), "quantity")
        model.add_constraints(variables["stock"] >= least, name="reserve")
    spent = _rescue(variables, amounts)
    missed = _missed(variables, amounts["lost_in_service"])
    if policy.rescue_at_most is not None:
        model.add_constraints(spent <= policy.rescue_at_most, name="rescue_at_most")
    if policy.service_at_least is not None:
        allowed = (1 - policy.service_at_least) * float(amounts["demand"].sum())
        model.add_constraints(waiting(variables) <= allowed, name="service_at_least")
    goals = {"service": (missed * amounts["protected"]).sum()}
    if policy.serves_all and policy.protected is not None:
        goals["other service"] = (missed * (1 - amounts["protected"])).sum()
    unpriced = (amounts["rate"] == 0) & (amounts["overtime"].sum("period") > 0)
    if policy.can_rescue and bool(unpriced.any()):  # hours whose price nobody knows come last, not first
        goals["hours without a price"] = (variables["over"] * unpriced.astype(float)).sum()
    goals["money"] = _money(network, policy, variables, amounts) + spent
    if not policy.serves_all:  # who is worth no rescue still gets what costs none
        goals["what is left"] = (missed * (1 - amounts["protected"])).sum()
    goals["buffers"] = (variables["thin"] * amounts["cost"]).sum()
    if len(network.routes) or len(network.resources):  # who only buys has no hours and no plan to keep calm
        goals["calm"] = variables["over"].sum() + variables["moved"].sum()
    return Built(network, model, variables, goals, amounts)


# amounts: the frames of the network as arrays over named dimensions


def amounts_of(network: Network, policy: Policy) -> dict[str, xr.DataArray]:
    """The frames of a network as arrays over named dimensions, with what the policy makes of them."""
    products, resources = network.products.set_index("product"), network.resources.set_index("resource")
    routes, sources = network.routes.set_index("route"), network.sources.set_index("source")
    cells, lanes = ["product", "segment", "period"], _axes(network, "resource", "period")
    found = {name: _vector(products[name], "product") for name in ("price", "cost", "carrying", "stock", "safety")}
    found |= {name: _vector(resources[name], "resource") for name in ("rated", "rate")}
    found |= {name: _grid(network.hours, lanes, name) for name in ("regular", "agreed", "overtime")}
    demand = _axes(network, *cells)
    found |= {
        "demand": _grid(network.demand, demand, "quantity"),
        "urgent": _grid(network.demand, demand, "urgent"),
        "courier": _grid(network.demand, demand, "courier"),
        "owed": _grid(network.owed, _axes(network, "product", "segment"), "quantity"),
        "arrivals": _grid(network.arrivals, _axes(network, "product", "period"), "quantity"),
        "plan": _grid(network.plan, _axes(network, "route", "period"), "quantity"),
        "route_extra": _vector(routes["extra"], "route"),
        "source_extra": _vector(sources["extra"], "source"),
        "lot": _vector(sources["lot"], "source"),
    }
    found["margin"] = (found["price"] - found["cost"]).clip(min=0.0)
    found["protected"] = _chosen(network, policy.protected)
    found["couriered"] = _chosen(network, policy.couriers_for)
    found |= _lost(network, policy)
    found["cut"] = xr.DataArray(products.index.isin(policy.cut_first).astype(float), coords=_axes(network, "product"))
    found["rated"] = found["rated"] if policy.demonstrated else xr.ones_like(found["rated"])
    return found


def _lost(network: Network, policy: Policy) -> dict[str, xr.DataArray]:
    """Who waits, and what a lost unit counts, in units late for a period.

    One that could have waited counts in money like waiting to the end, and in service more than any wait. Less would
    not do: to lose one early shortens the queue of everybody behind it.
    """
    waits, count = _chosen(network, policy.waits_for), len(network.periods)
    is_open = waits * float(policy.longest_wait is not None)
    left = xr.DataArray(np.arange(count, 0.0, -1.0), coords=_axes(network, "period"))
    return {
        "waits": waits,
        "lost_in_money": 1.0 + is_open * (left - 1.0),
        "lost_in_service": 1.0 + is_open * count,
    }


def _axes(network: Network, *names: str) -> dict[str, pd.Index]:
    axes = {
        "product": pd.Index(network.products["product"]),
        "segment": pd.Index(network.segments),
        "period": network.periods,
        "resource": pd.Index(network.resources["resource"]),
        "route": pd.Index(network.routes["route"]),
        "source": pd.Index(network.sources["source"]),
    }
    return {name: axes[name].rename(name) for name in names}


def _vector(values: pd.Series, name: str) -> xr.DataArray:
    return xr.DataArray(values.to_numpy(float), coords={name: values.index.rename(name)})


def _grid(rows: pd.DataFrame, axes: dict[str, pd.Index], column: str) -> xr.DataArray:
    """A column of `rows` over whole axes: cells that stand twice add up, cells nobody named are 0."""
    sums = rows.groupby(list(axes))[column].sum()
    whole = sums.reindex(pd.MultiIndex.from_product([*axes.values()], names=[*axes]), fill_value=0.0)
    return xr.DataArray(whole.to_numpy(float).reshape([len(axis) for axis in axes.values()]), coords=axes)


def _chosen(network: Network, pairs: pd.MultiIndex | None) -> xr.DataArray:
    """1 for the products and segments chosen, all of them where nobody chose; 0 for the others."""
    axes = _axes(network, "product", "segment")
    every = pd.MultiIndex.from_product([*axes.values()], names=[*axes])
    chosen = np.ones(len(every)) if pairs is None else every.isin(pairs)
    return xr.DataArray(np.asarray(chosen, float).reshape(len(axes["product"]), -1), coords=axes)


# variables


def _variables(
    model: Model, network: Network, policy: Policy, amounts: Mapping[str, xr.DataArray]
) -> dict[str, Variable]:
    every = np.inf
    cells = [*_axes(network, "product", "segment", "period").values()]
    made = [*_axes(network, "route", "period").values()]
    stocked = [*_axes(network, "product", "period").values()]
    open_ = float(policy.can_rescue)
    limits: dict[str, tuple[object, list[pd.Index]]] = {
        "make": (every, made),
        "moved": (every, made),
        "over": (amounts["overtime"] * open_, [*_axes(network, "resource", "period").values()]),
        "ship": (every, cells),
        "late": (_most_waiting(policy, amounts), cells),
        "lost": (_most_lost(policy, amounts), cells),
        "slow": (every, cells),
        "sped": (amounts["urgent"] * amounts["couriered"] * open_, cells),
        "stock": (every, stocked),
        "thin": (every, stocked),
        "excess": (every, stocked),
        "buy": (_most_bought(network, policy), [*_axes(network, "source", "period").values()]),
    }
    found = {name: model.add_variables(0, upper, coords, name=name) for name, (upper, coords) in limits.items()}
    model.add_constraints(found["slow"] + found["sped"] == amounts["urgent"], name="urgent")
    model.add_constraints(found["sped"] - found["ship"] <= 0, name="couriers_carry_what_is_shipped")
    if policy.in_lots and len(network.sources):
        lots = model.add_variables(0, coords=limits["buy"][1], name="lots", integer=True)
        sized = amounts["lot"] > 0
        model.add_constraints(found["buy"] - lots * amounts["lot"] == 0, name="in_lots", mask=sized)
    return found


def _most_waiting(policy: Policy, amounts: Mapping[str, xr.DataArray]) -> xr.DataArray:
    """What may wait at the end of a period: what was asked for in the last periods, where a customer waits at all."""
    demand, longest = amounts["demand"], policy.longest_wait
    if longest is None:
        return xr.full_like(demand, np.inf).where(amounts["waits"] > 0, 0.0)
    asked = np.concatenate([amounts["owed"].to_numpy()[..., None], demand.to_numpy()], axis=-1).cumsum(axis=-1)
    before = np.zeros_like(asked)
    before[..., longest:] = asked[..., :-longest]
    return demand.copy(data=(asked - before)[..., 1:]).where(amounts["waits"] > 0, 0.0)


def _most_lost(policy: Policy, amounts: Mapping[str, xr.DataArray]) -> xr.DataArray:
    """What may be lost: nothing where a customer waits as long as it takes."""
    all_ = xr.full_like(amounts["demand"], np.inf)
    return all_ if policy.longest_wait else all_.where(amounts["waits"] == 0, 0.0)


def _most_bought(network: Network, policy: Policy) -> xr.DataArray:
    """What each source can deliver in a period: nothing within its lead time, nor in a rush where none is open."""
    sources = network.sources
    ahead = np.arange(len(network.periods))[None, :] >= sources["lead"].to_numpy(float)[:, None]
    allowed = sources["product"].isin(sources["product"] if policy.rushed_for is None else policy.rushed_for)
    usable = ((policy.can_rescue & allowed) | ~sources["is_rush"].astype(bool)).to_numpy(bool)[:, None]
    most = np.where(ahead & usable, sources["most"].to_numpy(float)[:, None], 0.0)
    return xr.DataArray(most, coords=_axes(network, "source", "period"))


# constraints


def _keep_balance(
    model: Model, network: Network, variables: Mapping[str, Variable], amounts: Mapping[str, xr.DataArray]
) -> None:
    products = pd.Index(network.products["product"], name="product")
    comes_in = [
        _by_product(variables["make"], network.routes, "route", products),
        _by_product(variables["buy"], network.sources, "source", products),
    ]
    stock, ship, late = variables["stock"], variables["ship"], variables["late"]
    leaves = stock - stock.shift(period=1).fillna(0) + ship.sum("segment")
    for part in comes_in:
        leaves = leaves if part is None else leaves - part
    given = amounts["arrivals"] + _at_start(amounts["stock"], network.periods)
    model.add_constraints(leaves == given, name="balance")
    model.add_constraints(
        ship + late - late.shift(period=1).fillna(0) + variables["lost"]
        == amounts["demand"] + _at_start(amounts["owed"], network.periods),
        name="demand",
    )
    model.add_constraints(stock + variables["thin"] - variables["excess"] == amounts["safety"], name="safety")


def _by_product(amount: Variable, rows: pd.DataFrame, by: str, products: pd.Index) -> LinearExpression | None:
    if rows.empty:
        return None
    of = xr.DataArray(rows["product"].to_numpy(str), coords={by: rows[by].to_numpy()}, name="product")
    return amount.groupby(of).sum().reindex(product=products).fillna(0)


def _at_start(values: xr.DataArray, periods: pd.DatetimeIndex) -> xr.DataArray:
    """`values` in the first period, 0 in the others."""
    first = xr.DataArray(np.arange(len(periods)) == 0, coords={"period": periods.rename("period")})
    return values * first.astype(float)


def _keep_hours(
    model: Model, network: Network, variables: Mapping[str, Variable], amounts: Mapping[str, xr.DataArray]
) -> None:
    if network.steps.empty:
        return
    steps = network.steps.reset_index(drop=True)
    at = {"step": steps.index.to_numpy()}
    route = xr.DataArray(steps["route"].to_numpy(str), coords=at, dims="step")
    hours = xr.DataArray(steps["hours"].to_numpy(float), coords=at, dims="step")
    on = xr.DataArray(steps["resource"].to_numpy(str), coords=at, dims="step", name="resource")
    used = (variables["make"].sel(route=route) * hours).groupby(on).sum()
    resources = pd.Index(network.resources["resource"], name="resource")
    offered = amounts["rated"] * (amounts["regular"] + amounts["agreed"])
    taken = used.reindex(resource=resources).fillna(0) - variables["over"] * amounts["rated"]
    model.add_constraints(taken <= offered, name="hours")


def _follow_plan(
    model: Model,
    network: Network,
    policy: Policy,
    variables: Mapping[str, Variable],
    amounts: Mapping[str, xr.DataArray],
) -> None:
    make, plan = variables["make"], amounts["plan"]
    model.add_constraints(variables["moved"] - make >= -plan, name="moved_up")
    model.add_constraints(variables["moved"] + make >= plan, name="moved_down")
    if policy.follows_plan and len(network.routes):
        near = {"period": network.periods[: policy.follows_plan]}
        model.add_constraints(make.cumsum("period").sel(near) <= plan.cumsum("period").sel(near), name="plan_at_most")
        model.add_constraints(make.sel(near) >= executable(network, amounts).sel(near), name="plan_at_least")


def executable(network: Network, amounts: Mapping[str, xr.DataArray]) -> xr.DataArray:
    """What of the approved plan the regular and agreed hours can make, by route and period (units).

    Where a resource is overloaded, every route over it makes the same share.
    """
    plan = amounts["plan"]
    share = xr.ones_like(plan)
    for resource, steps in network.steps.groupby("resource"):
        hours = _vector(steps.set_index("route")["hours"], "route")
        needed = (plan.sel(route=hours["route"]) * hours).sum("route")
        offered = (amounts["rated"] * (amounts["regular"] + amounts["agreed"])).sel(resource=resource)
        own = (offered / needed.where(needed > offered)).fillna(1.0).drop_vars("resource")
        routes = {"route": hours["route"]}
        share.loc[routes] = np.minimum(share.loc[routes], own)
    return plan * share


def executable_an_hour(network: Network, amounts: Mapping[str, xr.DataArray]) -> xr.DataArray:
    """What more of the approved plan an hour more of a resource can make, by resource, route and period (units)."""
    plan, made = amounts["plan"], executable(network, amounts)
    found = xr.zeros_like(amounts["regular"] * plan)
    for resource, steps in network.steps.groupby("resource"):
        hours = _vector(steps.set_index("route")["hours"], "route")
        routes = {"route": hours["route"]}
        needed = (plan.sel(routes) * hours).sum("route")
        rated = amounts["rated"].sel(resource=resource)
        offered = rated * (amounts["regular"] + amounts["agreed"]).sel(resource=resource)
        binds = (made.sel(routes) >= (plan.sel(routes) * offered / needed)) & (needed > offered)
        found.loc[{"resource": resource, **routes}] = (plan.sel(routes) * rated / needed).where(binds, 0.0)
    return found


# goals


def waiting(variables: Mapping[str, Variable]) -> LinearExpression:
    """Units not on time, counted anew in every period in which they still wait."""
    return (variables["late"] + variables["lost"] + variables["slow"]).sum()


def _missed(variables: Mapping[str, Variable], lost: xr.DataArray) -> LinearExpression:
    """Units not on time by product, segment and period, a lost one at its weight."""
    missed: LinearExpression = variables["late"] + variables["lost"] * lost + variables["slow"]
    return missed


def _rescue(variables: Mapping[str, Variable], amounts: Mapping[str, xr.DataArray]) -> LinearExpression:
    """What rescues cost: overtime beyond the agreed, what a rushed unit costs more, couriers (currency)."""
    priced = {"over": "rate", "sped": "courier", "buy": "source_extra", "make": "route_extra"}
    over, *others = ((variables[name] * amounts[price]).sum() for name, price in priced.items())
    return sum(others, start=over)


def _money(
    network: Network, policy: Policy, variables: Mapping[str, Variable], amounts: Mapping[str, xr.DataArray]
) -> LinearExpression:
    """What stock above safety stock costs, what is lost for good, and what promises judged by worth weigh (currency).

    Lost for good is the margin of units nobody gets by the end, where demand is served before money is looked at.
    Judged by worth are the others of a playbook: a period's delay of one unit weighs so much of its margin, no more,
    and so does its loss where nobody waits; where it could have waited, a loss weighs like waiting to the end.
    Safety stock itself is free here and filled by a goal of its own: it is used before a rescue is paid, and refilled
    without one.
    """
    late, margin = variables["late"], amounts["margin"]
    last = {"period": network.periods[-1]}
    missed = _missed(variables, amounts["lost_in_money"])
    judged = (1 - amounts["protected"]) * float(not policy.serves_all)
    for_good = margin * (1 - judged)
    money: LinearExpression = (
        (variables["excess"] * amounts["carrying"]).sum()
        + (variables["lost"] * for_good).sum()
        + (late.sel(last) * for_good).sum()
        + (missed * (policy.worth * margin * judged * (1 - amounts["cut"]))).sum()
    )
    return money
