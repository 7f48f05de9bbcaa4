"""A scenario as decisions that can be executed: what to make, what to order by when, what to pay for."""

from __future__ import annotations

import pandas as pd

from helpers.scenarios.outcome import felt, rescues, summed
from helpers.scenarios.solve import Solution


def production(solution: Solution) -> pd.DataFrame:
    """What to make against what was approved.

    Returns
    -------
    One row per `product`, `resource` (all that a route takes, by comma), `period`: `approved`, `make` and `change`
    (units; 0 where it is less than a ten-thousandth of the product's largest), `hours` (standard hours of all its
    resources). Cells with neither plan nor production are left out.
    """
    network, key = solution.network, ["route", "period"]
    steps = network.steps.groupby("route").agg(resource=("resource", _listed), hours_each=("hours", "sum"))
    rows = solution.amounts["make"].rename(columns={"value": "make"})
    approved = network.plan.groupby(key)["quantity"].sum().rename("approved").reset_index()
    rows = rows.merge(approved, on=key, how="left", validate="one_to_one").fillna({"approved": 0.0})
    rows = rows.merge(network.routes[["route", "product"]], on="route", validate="many_to_one")
    rows = rows.merge(steps.reset_index(), on="route", how="left", validate="many_to_one")
    most = rows[["make", "approved"]].max(axis=1)
    largest = most.groupby(rows["product"]).transform("max")
    change = rows["make"] - rows["approved"]
    found = rows.assign(change=change.where(felt(change, largest), 0.0), hours=rows["make"] * rows["hours_each"])
    found = found[felt(most, largest)]
    columns = ["product", "resource", "period", "approved", "make", "change", "hours"]
    return found[columns].sort_values(["period", "product", "resource"], ignore_index=True)


def orders(solution: Solution) -> pd.DataFrame:
    """What to order from whom, the earliest first.

    Returns
    -------
    One row per `supplier`, `product`, `is_rush`, `order_by` (the period in which it has to be ordered), `comes_in`
    (the period in which it is received): `quantity` (units), `amount` (what the rush costs, currency).
    """
    network = solution.network
    rows = solution.amounts["buy"].merge(network.sources, on="source", validate="many_to_one")
    rows = rows[felt(rows["value"], rows.groupby("product")["value"].transform("max"))]
    place = network.periods.get_indexer(pd.Index(rows["period"])) - rows["lead"].to_numpy(int)
    found = rows.assign(
        order_by=network.periods[place.clip(min=0)],
        comes_in=rows["period"],
        quantity=rows["value"],
        amount=rows["value"] * rows["extra"].astype(float),
    )
    columns = ["supplier", "product", "is_rush", "order_by", "comes_in", "quantity", "amount"]
    return found[columns].sort_values(["order_by", "supplier", "product", "comes_in"], ignore_index=True)


def extra_hours(solution: Solution) -> pd.DataFrame:
    """Overtime beyond the agreed, one row per `resource`, `period`: `quantity` (hours), `amount` (currency)."""
    return _rescued(solution, "overtime", "resource")


def couriers(solution: Solution) -> pd.DataFrame:
    """Urgent orders sent by courier, one row per `segment`, `period`: `quantity` (units), `amount` (currency)."""
    return _rescued(solution, "expedite_freight", "segment")


def _rescued(solution: Solution, kind: str, place: str) -> pd.DataFrame:
    found = rescues(solution)
    rows = found[found["kind"] == kind].rename(columns={"at": place})
    sums = summed(rows, ("period", place))
    largest = sums.groupby(place)["quantity"].transform("max")
    return sums.loc[felt(sums["quantity"], largest), [place, "period", "quantity", "amount"]].reset_index(drop=True)


def _listed(names: pd.Series) -> str:
    return ", ".join(sorted(map(str, names)))
