"""Is the approved plan feasible: where, when and by how much it cannot be executed, and what rescuing it costs.

The plan runs through the model with nothing but the hours that were planned, at the rates the resources have shown, and
with the lead times suppliers keep. What is then missing has one of three causes: hours of a resource, a lead time, or
the plan itself, which makes less than is asked for.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import pandas as pd

from helpers.scenarios.network import Network
from helpers.scenarios.outcome import SMALLEST, misses, rescues
from helpers.scenarios.policy import Policy
from helpers.scenarios.solve import Solution, solve

WHOLE = 10_000  # more periods than any plan has: production follows the plan to its end
NO_RESCUE = Policy(follows_plan=WHOLE, can_rescue=False)
RESCUED = Policy(follows_plan=WHOLE)
ENDLESS = 1e9  # hours that no plan asks for
ROUNDING = 1e-5  # of what a product is asked for in a period: what keeping one goal while the next is sought may lose


@dataclass(frozen=True, eq=False)
class Feasibility:
    """What of an approved plan cannot be executed.

    `hours`: one row per `resource`, `period` where the planned hours do not suffice: `needed` and `offered` (hours),
    `missing`, `price` (currency to work them as overtime; missing where no rate is known), `beyond` (hours that no
    overtime covers).
    `units`: one row per `product`, `period` with units late for want of what the plan holds: `constraint` (`hours`,
    `lead time` or `plan`), `at` (resource or supplier), `late` (units newly late).
    `rescue`: what keeping every promise costs, one row per `kind`, `at`, `product`, `period` (`quantity`, `amount`);
    `unrescued`: units that no rescue saves while the plan is followed, one row per `product`, `period` (`late`).
    """

    hours: pd.DataFrame
    units: pd.DataFrame
    rescue: pd.DataFrame
    unrescued: pd.DataFrame

    @property
    def is_feasible(self) -> bool:
        """Nothing is missing."""
        return self.hours.empty and self.units.empty


def feasibility(network: Network) -> Feasibility:
    """What of the approved plan of a network cannot be executed, and what rescuing it costs."""
    rescued = solve(network, RESCUED, until="money")
    return Feasibility(
        hours=hours_missing(network),
        units=units_missing(network),
        rescue=rescues(rescued),
        unrescued=newly_late(rescued),
    )


def hours_missing(network: Network) -> pd.DataFrame:
    """Periods in which the approved plan needs more of a resource than its hours yield; see `Feasibility.hours`."""
    work = network.plan.merge(network.steps, on="route", validate="many_to_many")
    asked = (work["quantity"] * work["hours"]).groupby([work["resource"], work["period"]]).sum().rename("needed")
    rows = asked.reset_index().merge(network.hours, on=["resource", "period"], how="left").fillna(0.0)
    rows = rows.merge(network.resources, on="resource", validate="many_to_one")
    offered = rows["rated"] * (rows["regular"] + rows["agreed"])
    missing = (rows["needed"] - offered).clip(lower=0.0)
    worked = (missing / rows["rated"]).clip(upper=rows["overtime"])
    found = rows.assign(
        offered=offered,
        missing=missing,
        price=(worked * rows["rate"]).where(rows["rate"] > 0),
        beyond=missing - worked * rows["rated"],
    )
    columns = ["resource", "period", "needed", "offered", "missing", "price", "beyond"]
    return found.loc[found["missing"] > SMALLEST, columns].reset_index(drop=True)


def units_missing(network: Network) -> pd.DataFrame:
    """Units late because the plan cannot be executed or does not suffice; see `Feasibility.units`."""
    late = newly_late(solve(network, NO_RESCUE, until="service"))
    late["least"] = (ROUNDING * late["late"]).clip(lower=SMALLEST)
    unlimited = replace(network, hours=network.hours.assign(regular=ENDLESS))
    key = ["product", "period"]
    planned = newly_late(solve(unlimited, NO_RESCUE, until="service")).rename(columns={"late": "unplanned"})
    rows = late.merge(planned, on=key, how="left", validate="one_to_one").fillna({"unplanned": 0.0})
    made = set(network.routes["product"])
    own, bought = (rows[rows["product"].isin(made) == is_made] for is_made in (True, False))
    plan = own.assign(constraint="plan", late=own[["late", "unplanned"]].min(axis=1))
    hours = own.assign(constraint="hours", late=own["late"] - own["unplanned"])
    bought = bought.assign(constraint="lead time")
    found = pd.concat([hours, bought, plan], ignore_index=True)
    found = found[found["late"] > found["least"]].assign(at=lambda r: r["product"].map(_places(network)))
    return found[["product", "period", "constraint", "at", "late"]].sort_values(
        ["period", "product"], ignore_index=True
    )


def newly_late(solution: Solution) -> pd.DataFrame:
    """Units asked for in a period and not served in it, couriers aside: `product`, `period`, `late`."""
    cells = misses(solution)
    cells["late"] = cells[["asked", "waiting"]].min(axis=1)
    rows = cells.groupby(["product", "period"], as_index=False)[["asked", "late"]].sum()
    least = (ROUNDING * rows["asked"]).clip(lower=SMALLEST)
    return rows.loc[rows["late"] > least, ["product", "period", "late"]].reset_index(drop=True)


def _places(network: Network) -> pd.Series:
    """The resources or suppliers of each product, by product."""
    made = network.routes.merge(network.steps, on="route")[["product", "resource"]].set_axis(["product", "at"], axis=1)
    bought = network.sources[["product", "supplier"]].set_axis(["product", "at"], axis=1)
    both = pd.concat([made, bought]).drop_duplicates()
    return both.groupby("product")["at"].agg(lambda places: ", ".join(sorted(map(str, places))))
