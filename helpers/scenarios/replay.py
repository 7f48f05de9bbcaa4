"""The last cycles once more, under the rules: what would have been decided, at what service, margin and capital.

Two worlds start from the stock the client really had and meet the demand and the hours that really came. In one the
approved plans are followed and every promise is rescued at any price, as far as the limits allow; in the other the
playbook decides. Each cycle is planned with what was known on its date, then executed with what came; stock, backorders
and orders on their way are handed on within each world.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import pandas as pd

from helpers.engagement import Engagement
from helpers.errors import NotAssessable
from helpers.measures import ahead
from helpers.measures.ahead import Level
from helpers.scenarios.feasible import RESCUED
from helpers.scenarios.gather import network_of
from helpers.scenarios.network import Network
from helpers.scenarios.outcome import KINDS, Outcome, outcome
from helpers.scenarios.playbook import Playbook, policy_of
from helpers.scenarios.policy import Policy
from helpers.scenarios.solve import Solution, solve

LAST = 6
ORDER = ["product", "supplier", "period", "quantity"]
WORLDS = ("as it was decided", "under the rules")
COLUMNS = ["cycle", "world", "service", "critical", "margin", "capital", "compensation", *KINDS]
Decide = Callable[[Network], Policy]


@dataclass(frozen=True, eq=False)
class World:
    """What one cycle hands on to the next: stock and backorders, orders on their way, and the production planned."""

    stock: pd.Series
    owed: pd.DataFrame
    arrivals: pd.DataFrame
    plan: pd.DataFrame


@dataclass(frozen=True, eq=False)
class Replay:
    """Both worlds, cycle by cycle.

    `cycles`: one row per `cycle`, `world`: `service`, `critical` (shares on time), `margin`, `capital`, `compensation`
    (currency) and a column a kind of compensation. `recorded`: what the client booked as compensation in the same
    cycles (currency; missing where none was sent), to see how near the first world comes to it.
    """

    cycles: pd.DataFrame
    recorded: float

    def total(self, world: str) -> pd.Series:
        """A world over all cycles: means of the shares and of capital, sums of the money."""
        rows = self.cycles[self.cycles["world"] == world]
        shares = rows[["service", "critical", "capital"]].mean()
        money = rows.drop(columns=["cycle", "world", *shares.index]).sum()
        found: pd.Series = pd.concat([shares, money])
        return found


def replay(engagement: Engagement, playbook: Playbook, level: Level = "family", last: int = LAST) -> Replay:
    """The last closed cycles as they were decided and under the playbook.

    A cycle that no plan begins with, or whose demand was not sent, is left out.
    """
    chosen = engagement.calendar.labels[-last:]
    frozen = engagement.settings.time_fences.frozen
    deciding: dict[str, Decide] = {
        WORLDS[0]: lambda _: RESCUED,
        WORLDS[1]: lambda network: policy_of(playbook, network, frozen),
    }
    worlds: dict[str, World | None] = dict.fromkeys(deciding)
    rows: list[dict[str, object]] = []
    for cycle in chosen:
        seen = _seen(engagement, cycle, level)
        if seen is None:
            continue
        came = _came(engagement, seen, cycle, level)
        if came.demand.empty:  # what was asked for then was not sent
            continue
        for name, decide in deciding.items():
            figures, worlds[name] = _cycle(seen, came, worlds[name], decide, follows=name == WORLDS[0])
            rows.append({"cycle": cycle, "world": name, **_row(figures)})
    found = pd.DataFrame(rows, columns=COLUMNS).astype(dict.fromkeys(COLUMNS[2:], float))
    return Replay(found, _recorded(engagement, pd.DatetimeIndex(found["cycle"].unique())))


def _seen(engagement: Engagement, cycle: pd.Timestamp, level: Level) -> Network | None:
    """The network as it was known at a cycle, if a plan was published that begins there."""
    try:
        seen = network_of(engagement.at(cycle), level)
    except NotAssessable:
        return None
    return seen if seen.periods[0] == cycle else None


def _cycle(
    seen: Network, came: Network, world: World | None, decide: Decide, *, follows: bool
) -> tuple[Outcome, World]:
    """One cycle of one world: planned with what was known, executed with what came."""
    known = seen if world is None else _handed_on(seen, world, follows=follows)
    plan = solve(known, decide(known), until="buffers")
    done = solve(_executed(known, came, plan), replace(decide(seen), follows_plan=1), until="buffers")
    return _with_premiums(outcome(done), _ordered(known, plan)), _after(known, plan, done)


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
    """The first period alone: the demand and hours that came, and no more made than was planned."""
    made = plan.amounts["make"].rename(columns={"value": "quantity"})
    first = known.periods[:1]
    return replace(
        came,
        products=known.products,
        owed=known.owed,
        routes=known.routes,
        steps=known.steps,
        sources=known.sources,
        arrivals=known.arrivals[known.arrivals["period"].isin(first)],
        plan=made[made["period"].isin(first)].assign(quantity=lambda m: m["quantity"].clip(lower=0.0)),
    )


def _after(known: Network, plan: Solution, done: Solution) -> World:
    """What the executed period leaves, with the orders placed in it."""
    stock = done.amounts["stock"].groupby("product")["value"].sum().clip(lower=0.0)
    late = done.amounts["late"].rename(columns={"value": "quantity"})[["product", "segment", "quantity"]]
    later = known.periods[1:]
    made = plan.amounts["make"].rename(columns={"value": "quantity"})
    return World(
        stock=stock,
        owed=late[late["quantity"] > 0].reset_index(drop=True),
        arrivals=pd.concat(
            [known.arrivals[known.arrivals["period"].isin(later)], _ordered(known, plan)[ORDER]], ignore_index=True
        ),
        plan=made[made["period"].isin(later)].assign(quantity=lambda m: m["quantity"].clip(lower=0.0)),
    )


def _with_premiums(figures: Outcome, ordered: pd.DataFrame) -> Outcome:
    """What is rushed over more than a period is paid in the cycle that orders it."""
    premium = float((ordered["quantity"] * ordered["extra"]).sum())
    spent = figures.rescue.add(pd.Series({"premium_purchase": premium}), fill_value=0.0)
    return replace(figures, rescue=spent, margin=figures.margin - premium)


def _ordered(known: Network, plan: Solution) -> pd.DataFrame:
    """What has to be ordered now: each source's purchases of the period that its lead time ends in, with `extra`."""
    bought = plan.amounts["buy"].merge(known.sources, on="source", validate="many_to_one")
    place = pd.Series(range(len(known.periods)), index=known.periods)
    due = bought[(bought["period"].map(place) == bought["lead"]) & (bought["lead"] > 0) & (bought["value"] > 0)]
    return due.rename(columns={"value": "quantity"})[[*ORDER, "extra"]]


# what came


def _came(engagement: Engagement, seen: Network, cycle: pd.Timestamp, level: Level) -> Network:
    """The network of one period with the demand and the hours it really had."""
    first = seen.periods[:1]
    asked = ahead.demand_of(engagement, cycle, level)
    known = set(seen.products["product"])
    price = seen.demand.groupby(["product", "segment"])["courier"].max()
    pairs = pd.MultiIndex.from_frame(asked[["product", "segment"]])
    asked = asked.assign(courier=price.reindex(pairs).fillna(0.0).to_numpy())
    worked = ahead.hours_of(engagement, cycle).rename(columns={"resource_id": "resource"})
    hours = seen.hours[seen.hours["period"].isin(first)].set_index("resource")
    real = worked.set_index("resource")
    rated = seen.resources["resource"].map(real["rated"]).astype(float)
    return replace(
        seen,
        periods=first,
        demand=asked[asked["product"].isin(known)].assign(period=first[0]),
        owed=seen.owed,
        resources=seen.resources.assign(rated=rated.fillna(seen.resources["rated"])),
        hours=hours.assign(regular=real["available"].reindex(hours.index).fillna(hours["regular"])).reset_index(),
        arrivals=seen.arrivals[seen.arrivals["period"].isin(first)],
        plan=seen.plan[seen.plan["period"].isin(first)],
    )


def _row(figures: Outcome) -> dict[str, float]:
    shares = {"service": figures.service, "critical": figures.critical}
    money = {"margin": figures.margin, "capital": figures.capital, "compensation": figures.compensation}
    return {**shares, **money, **{str(kind): float(amount) for kind, amount in figures.rescue.items()}}


def _recorded(engagement: Engagement, chosen: pd.DatetimeIndex) -> float:
    booked = ahead.booked(engagement)
    return float(booked[booked["label"].isin(chosen)]["amount"].sum()) if len(booked) else float("nan")
