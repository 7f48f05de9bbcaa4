"""The last cycles once more, under the rules: what would have been decided, at what service, margin and capital.

Three worlds start from the stock the client really had and meet the demand and the hours that really came. In the first
the approved plans are followed and every promise is rescued at any price, as far as the limits allow; in the second
everything behind the frozen zone is planned anew, and every promise rescued as before; in the third the playbook
decides. What separates the first two is better planning, what separates the last two the rules. Each cycle is planned
with what was known on its date, then executed with what came; stock, backorders and orders on their way are handed on
within each world.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import pandas as pd

from helpers.engagement import Engagement
from helpers.errors import NotAssessable
from helpers.measures import ahead
from helpers.measures.ahead import Level
from helpers.scenarios.feasible import RESCUED
from helpers.scenarios.gather import network_of
from helpers.scenarios.network import Network
from helpers.scenarios.outcome import KINDS, whole_sum
from helpers.scenarios.playbook import Playbook, policy_of
from helpers.scenarios.policy import Policy
from helpers.scenarios.world import Decide, World, lived

LAST = 6
WORLDS = ("as it was decided", "planned anew", "under the rules")
SHARES = {"service": "asked", "critical": "asked_critical"}  # a share on time, and the units it is a share of
COLUMNS = ["cycle", "world", *SHARES, *SHARES.values(), "margin", "capital", "compensation", *KINDS]


@dataclass(frozen=True, eq=False)
class Replay:
    """All worlds, cycle by cycle.

    `cycles`: one row per `cycle`, `world`: `service`, `critical` (shares on time) of `asked`, `asked_critical` (units),
    `margin`, `capital`, `compensation` (currency) and a column a kind of compensation. `recorded`: what the client
    booked as compensation in the same cycles (currency; missing where none was sent), to see how near the first world
    comes to it.
    """

    cycles: pd.DataFrame
    recorded: float

    def total(self, world: str) -> pd.Series:
        """A world over all cycles: shares of all that was asked, the mean of capital, sums of the money."""
        rows = self.cycles[self.cycles["world"] == world]
        shares = pd.Series({share: _share(rows[share], rows[asked]) for share, asked in SHARES.items()})
        sums = rows[[*SHARES.values(), "margin", "compensation", *KINDS]].apply(whole_sum)
        return pd.concat([shares, sums, pd.Series({"capital": rows["capital"].mean()})])


def _share(shares: pd.Series, asked: pd.Series) -> float:
    return float((shares * asked).sum() / asked.sum()) if asked.sum() > 0 else float("nan")


def replay(engagement: Engagement, playbook: Playbook, level: Level = "family", last: int = LAST) -> Replay:
    """The last closed cycles as they were decided, planned anew, and under the playbook.

    A cycle that no plan begins with, or whose demand was not sent, is left out.
    """
    chosen = engagement.calendar.labels[-last:]
    frozen = engagement.settings.time_fences.frozen
    anew = Policy(follows_plan=frozen)
    deciding: dict[str, Decide] = {
        WORLDS[0]: lambda _: RESCUED,
        WORLDS[1]: lambda _: anew,
        WORLDS[2]: lambda network: policy_of(playbook, network, frozen),
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
            figures, worlds[name] = lived(seen, came, worlds[name], decide, follows=name == WORLDS[0])
            rows.append({"cycle": cycle, "world": name, **figures})
    found = pd.DataFrame(rows, columns=COLUMNS).astype(dict.fromkeys(COLUMNS[2:], float))
    return Replay(found, _recorded(engagement, pd.DatetimeIndex(found["cycle"].unique())))


def _seen(engagement: Engagement, cycle: pd.Timestamp, level: Level) -> Network | None:
    """The network as it was known at a cycle, if a plan was published that begins there."""
    try:
        seen = network_of(engagement.at(cycle), level)
    except NotAssessable:
        return None
    return seen if seen.periods[0] == cycle else None


def _came(engagement: Engagement, seen: Network, cycle: pd.Timestamp, level: Level) -> Network:
    """The network of the periods of a cycle with the demand and the hours they really had."""
    now = seen.periods[engagement.calendar.label_of(seen.periods.to_series()) == cycle]
    asked = ahead.demand_of(engagement, cycle, level)
    price = seen.demand.groupby(["product", "segment"])["courier"].max()
    pairs = pd.MultiIndex.from_frame(asked[["product", "segment"]])
    asked = asked.assign(courier=price.reindex(pairs).fillna(0.0).to_numpy())
    real = ahead.hours_of(engagement, cycle).set_index("resource_id")
    rated = seen.resources["resource"].map(real["rated"]).astype(float)
    return replace(
        seen,
        periods=now,
        demand=asked[asked["product"].isin(seen.products["product"]) & asked["period"].isin(now)],
        resources=seen.resources.assign(rated=rated.fillna(seen.resources["rated"])),
        hours=worked(seen.hours[seen.hours["period"].isin(now)], real["available"]),
        arrivals=seen.arrivals[seen.arrivals["period"].isin(now)],
        plan=seen.plan[seen.plan["period"].isin(now)],
    )


def worked(planned: pd.DataFrame, available: pd.Series) -> pd.DataFrame:
    """Planned hours, as `Network.hours`, with those `available` over all of them by resource, divided as planned."""
    own = planned["regular"] / planned.groupby("resource")["regular"].transform("sum")
    had = planned["resource"].map(available).astype(float)
    return planned.assign(regular=(own * had).fillna(planned["regular"]))


def _recorded(engagement: Engagement, chosen: pd.DatetimeIndex) -> float:
    booked = ahead.booked(engagement)
    return float(booked[booked["label"].isin(chosen)]["amount"].sum()) if len(booked) else float("nan")
