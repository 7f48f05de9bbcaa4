"""One cycle of one world of the replay: planned with what was known on its date, executed with what came."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import pandas as pd

from helpers.scenarios.feasible import WHOLE
from helpers.scenarios.network import Network
from helpers.scenarios.outcome import outcome, whole_sum
from helpers.scenarios.policy import Policy
from helpers.scenarios.solve import Solution, solve

ORDER = ["product", "supplier", "period", "quantity"]
Decide = Callable[[Network], Policy]


@dataclass(frozen=True, eq=False)
class World:
    """What one cycle hands on to the next.

    `stock` (units by product), `owed`, `arrivals` and `plan` as in `Network`: backorders, orders on their way, and the
    production planned for later periods.
    """

    stock: pd.Series
    owed: pd.DataFrame
    arrivals: pd.DataFrame
    plan: pd.DataFrame


def lived(
    seen: Network, came: Network, world: World | None, decide: Decide, *, follows: bool
) -> tuple[dict[str, float], World]:
    """One cycle of a world: planned with what was known, executed with what came.

    Parameters
    ----------
    seen, came
        The network as it was known when the cycle began, and its first periods, those of the cycle, with the demand and
        the hours they really had.
    world
        What the cycle before left; `None` for the first one, which starts from what the client had.
    follows
        Whether each cycle keeps to the plan approved for it, or to the one this world made before.

    Returns
    -------
    Shares on time (`service`, `critical`) with what they are shares of (`asked`, `asked_critical`, units), `margin`,
    `capital`, `compensation` and its kinds (currency); and what the cycle leaves.
    """
    known = seen if world is None else _handed_on(seen, world, follows=follows)
    plan = solve(known, decide(known), until="buffers")
    ordered = _ordered(known, plan, len(came.periods))
    kept_to = replace(decide(seen), follows_plan=WHOLE, rescue_at_most=_left_to_spend(plan, ordered, len(came.periods)))
    done = solve(_executed(known, came, plan), kept_to, until="buffers")
    return _row(done, ordered), _after(known, plan, done, ordered)


def _handed_on(seen: Network, world: World, *, follows: bool) -> Network:
    """The network of a cycle with the stock and the orders of a world, and, where it made one, its own plan."""
    products = seen.products.assign(stock=seen.products["product"].map(world.stock).fillna(seen.products["stock"]))
    arrivals = world.arrivals[world.arrivals["period"].isin(seen.periods)]
    own = world.plan[world.plan["period"].isin(seen.periods) & world.plan["route"].isin(seen.routes["route"])]
    later = seen.plan[~seen.plan["period"].isin(own["period"])]
    owed = world.owed[world.owed["product"].isin(products["product"])]
    return replace(
        seen,
        products=products,
        owed=owed,
        arrivals=arrivals[arrivals["product"].isin(products["product"])],
        plan=seen.plan if follows else pd.concat([own, later], ignore_index=True),
    )


def _executed(known: Network, came: Network, plan: Solution) -> Network:
    """The periods of the cycle alone: the demand and hours that came, and no more made than was planned."""
    made = plan.amounts["make"].rename(columns={"value": "quantity"})
    now = came.periods
    return replace(
        came,
        products=known.products,
        owed=known.owed,
        routes=known.routes,
        steps=known.steps,
        sources=known.sources,
        arrivals=known.arrivals[known.arrivals["period"].isin(now)],
        plan=made[made["period"].isin(now)].assign(quantity=lambda m: m["quantity"].clip(lower=0.0)),
    )


def _after(known: Network, plan: Solution, done: Solution, ordered: pd.DataFrame) -> World:
    """What the executed periods leave, with the orders placed in them."""
    last, later = done.network.periods[-1], known.periods[len(done.network.periods) :]
    stock, late = (rows[rows["period"] == last] for rows in (done.amounts["stock"], done.amounts["late"]))
    owed = late.rename(columns={"value": "quantity"})[["product", "segment", "quantity"]]
    made = plan.amounts["make"].rename(columns={"value": "quantity"})
    return World(
        stock=stock.set_index("product")["value"].clip(lower=0.0),
        owed=owed[owed["quantity"] > 0].reset_index(drop=True),
        arrivals=pd.concat([known.arrivals[known.arrivals["period"].isin(later)], ordered[ORDER]], ignore_index=True),
        plan=made[made["period"].isin(later)].assign(quantity=lambda m: m["quantity"].clip(lower=0.0)),
    )


def _ordered(known: Network, plan: Solution, length: int) -> pd.DataFrame:
    """What has to be ordered in the first `length` periods and comes after them, with `extra` a unit (currency)."""
    bought = plan.amounts["buy"].merge(known.sources, on="source", validate="many_to_one")
    comes = bought["period"].map(pd.Series(range(len(known.periods)), index=known.periods))
    due = bought[(comes >= length) & (comes - bought["lead"] < length) & (bought["value"] > 0)]
    return due.rename(columns={"value": "quantity"})[[*ORDER, "extra"]]


def _left_to_spend(plan: Solution, ordered: pd.DataFrame, length: int) -> float | None:
    """The part of a limit on rescue money that falls to so many periods, less the premiums of what they order."""
    limit = plan.policy.rescue_at_most
    return None if limit is None else max(0.0, limit * length / len(plan.network.periods) - _premium(ordered))


def _premium(ordered: pd.DataFrame) -> float:
    return float((ordered["quantity"] * ordered["extra"]).sum())


def _row(done: Solution, ordered: pd.DataFrame) -> dict[str, float]:
    """The figures of a cycle; what is rushed over its end is paid in the cycle that orders it."""
    figures, network = outcome(done), done.network
    premium = _premium(ordered)
    spent = figures.rescue.add(pd.Series({"premium_purchase": premium}), fill_value=0.0)
    is_critical = network.demand["product"].map(network.products.set_index("product")["is_critical"])
    asked = network.demand["quantity"]
    return {
        "service": figures.service,
        "critical": figures.critical,
        "asked": float(asked.sum()),
        "asked_critical": float(asked[is_critical].sum()),
        "margin": figures.margin - premium,
        "capital": figures.capital,
        "compensation": whole_sum(spent),
        **{str(kind): float(amount) for kind, amount in spent.items()},
    }
