"""Is the approved plan feasible: where, when and by how much it cannot be executed, and what rescuing it costs.

The plan runs through the model with nothing but the hours that were planned, at the rates the resources have shown, and
with the lead times suppliers keep. What is then missing has one of three causes: hours of a resource, a lead time, or
the plan itself, which makes less than is asked for.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from helpers.scenarios.network import Network
from helpers.scenarios.outcome import CELL, SMALLEST, rescues
from helpers.scenarios.policy import Policy
from helpers.scenarios.solve import Solution, solve

WHOLE = 10_000  # more periods than any plan has: production follows the plan to its end
NO_RESCUE = Policy(follows_plan=WHOLE, can_rescue=False)
RESCUED = Policy(follows_plan=WHOLE)
PARTED = ("late", "left", "more")  # what of them is late with endless hours too is the plan's, the rest the hours'
ENDLESS = 1e9  # hours that no plan asks for
ROUNDING = 1e-5  # of what a product is asked for in a period: what keeping one goal while the next is sought may lose


@dataclass(frozen=True, eq=False)
class Feasibility:
    """What of an approved plan cannot be executed.

    `hours`: one row per `resource`, `period` where the planned hours do not suffice: `needed` and `offered` (hours),
    `missing`, `price` (currency to work them as overtime; missing where no rate is known), `beyond` (hours that no
    overtime covers).
    `units`: one row per `product`, `period`, `constraint` with units late for want of what the plan holds: `constraint`
    (`hours`, `lead time` or `plan`), `at` (resource or supplier; the product itself where it has neither), and the
    columns of `newly_late`.
    `rescue`: what keeping every promise costs, one row per `kind`, `at`, `product`, `period` (`quantity`, `amount`);
    `unrescued`: units that no rescue saves while the plan is followed, as `newly_late` tells them.
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
    rescued = solve(network, RESCUED, until="buffers")  # which date rescues among equals as the scenarios do
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
    """Units late because the plan cannot be executed or does not suffice; see `Feasibility.units`.

    What would be late with endless hours too is the plan's; what nobody is to deliver is the plan's as well.
    """
    key = ["product", "period"]
    rows = newly_late(solve(network, NO_RESCUE, until="service"))
    unlimited = replace(network, hours=network.hours.assign(regular=ENDLESS))
    planned = newly_late(solve(unlimited, NO_RESCUE, until="service"))[[*key, "late", "left", "more"]]
    rows = rows.merge(planned, on=key, how="left", suffixes=("", "_planned"), validate="one_to_one")
    rows = rows.fillna({"late_planned": 0.0, "left_planned": 0.0, "more_planned": 0.0}).assign(whole=rows["late"])
    is_bought = rows["product"].isin(network.sources["product"]) & ~rows["product"].isin(network.routes["product"])
    own, bought = rows[~is_bought], rows[is_bought]
    plan = own.assign(**{name: own[[name, f"{name}_planned"]].min(axis=1) for name in PARTED})
    hours = own.assign(**{name: own[name] - plan[name] for name in PARTED})
    parts = {"hours": hours, "lead time": bought, "plan": plan}
    found = pd.concat([part.assign(constraint=name) for name, part in parts.items()], ignore_index=True)
    found = found[found["late"] > (ROUNDING * found["whole"]).clip(lower=SMALLEST)]
    found["at"] = found["product"].map(_places(network)).astype(object).fillna(found["product"])
    columns = ["product", "period", "constraint", "at", "late", "left", "comes", "more"]
    return found[columns].sort_values(["period", "product"], ignore_index=True)


def newly_late(solution: Solution) -> pd.DataFrame:
    """Units asked for in a period and not served in it, couriers aside; who asked first is served first.

    Returns
    -------
    One row per `product`, `period`: `late` (units); `left`, those of them still not delivered when the plan ends;
    `comes`, the period in which the last of the others has come (missing where there are none); `more`, the units of
    further supply that the period needs so that nothing is late in it, with what earlier periods needed.
    """
    rows = _asked_and_late(solution)
    least = (ROUNDING * rows["asked"]).clip(lower=SMALLEST)
    found = rows[rows["late"] > least].reset_index(drop=True)
    needed = found.groupby("product")["waiting"].cummax()
    found["more"] = needed - needed.groupby(found["product"]).shift(fill_value=0.0)
    return found[["product", "period", "late", "left", "comes", "more"]]


def _asked_and_late(solution: Solution) -> pd.DataFrame:
    """`asked`, `waiting`, `late`, `left` and `comes` of every product and period.

    What waits at the end of a period, less all that was asked for since an earlier one, is what is open of that one.
    """
    periods = solution.network.periods
    waits = solution.amounts["late"].set_index(CELL)["value"].unstack("period")[periods]
    wanted = solution.network.demand.groupby(CELL)["quantity"].sum().unstack("period")
    asked = wanted.reindex(index=waits.index, columns=periods).fillna(0.0).to_numpy()
    waiting = waits.to_numpy()
    late, since = np.minimum(asked, waiting), asked.cumsum(axis=1)
    still = np.clip((waiting - since)[:, None, :] + since[:, :, None], 0.0, late[:, :, None])
    is_open = np.triu(still > ROUNDING * late[:, :, None])
    place = np.minimum(np.arange(len(periods)) + is_open.sum(axis=2), len(periods) - 1)
    left = still[:, :, -1]
    comes = pd.DataFrame(periods.to_numpy()[place]).where(late - left > ROUNDING * late)
    cells = {"asked": asked, "waiting": waiting, "late": late, "left": left, "comes": comes.to_numpy()}
    named = pd.MultiIndex.from_tuples([(*cell, period) for cell in waits.index for period in periods], names=CELL)
    rows = pd.DataFrame({name: values.ravel() for name, values in cells.items()}, index=named)
    sums = dict.fromkeys(("asked", "waiting", "late", "left"), "sum")
    return rows.groupby(["product", "period"]).agg({**sums, "comes": "max"}).reset_index()


def _places(network: Network) -> pd.Series:
    """The resources or suppliers of each product, by product."""
    made = network.routes.merge(network.steps, on="route")[["product", "resource"]].set_axis(["product", "at"], axis=1)
    bought = network.sources[["product", "supplier"]].set_axis(["product", "at"], axis=1)
    both = pd.concat([made, bought]).drop_duplicates()
    return both.groupby("product")["at"].agg(lambda places: ", ".join(sorted(map(str, places))))
