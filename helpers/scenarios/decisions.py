"""A scenario as decisions that can be executed: what to make, what to order by when, what to pay for.

Every row says by which day it is decided (`decide_by`), whether that can be left to the next meeting (`can_wait`), and
which exceptions lie at its resource or supplier (`raised`: their ranks, by comma; empty where none does).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd

from helpers.scenarios.cases import Notice
from helpers.scenarios.feasible import RESCUED
from helpers.scenarios.outcome import felt, misses, rescues, summed
from helpers.scenarios.solve import Solution, solve

UNITS = ("approved", "make", "stock_approved", "stock", "safety")
DIGITS = 4  # of the largest amount of a product: less is no decision


def production(solution: Solution, approved: Solution, notice: Notice, raised: pd.DataFrame) -> pd.DataFrame:
    """What to make against what was approved.

    Parameters
    ----------
    approved
        The approved plan with its rescues, under the same demand, hours and lead times (`as_approved`): the stock it
        leads to is why another plan makes more or less.
    raised
        Rows of `exceptions`.

    Returns
    -------
    One row per `product`, `resource` (all that a route takes, by comma), `period`: `approved`, `make` and `change`
    (units), `hours` (standard hours of all its
    resources), `stock_approved` and `stock` (units at the end of the period by the approved plan and by this one) and
    `safety` (units of safety stock that the scenario plans for), then `raised`, `decide_by`, `can_wait`. Cells with
    neither plan nor production are left out.
    """
    rows = _made(solution)
    rows = rows.assign(
        stock_approved=_stock(approved, rows), stock=_stock(solution, rows), safety=_safety(solution, rows)
    )
    most = rows[["make", "approved"]].max(axis=1)
    largest = most.groupby(rows["product"]).transform("max")
    units = {name: _countable(rows[name], largest) for name in UNITS}
    change = units["make"] - units["approved"]
    found = rows.assign(**units, change=change, raised=_raised_at(raised, rows["resource"]))[felt(most, largest)]
    columns = ["product", "resource", "period", "change", "hours", *UNITS, "raised"]
    listed = found[columns].sort_values(["period", "product", "resource"], ignore_index=True)
    return _dated(listed, notice, "period", notice.change)


def _made(solution: Solution) -> pd.DataFrame:
    """`make` and `approved` (units) by route and period, with `product`, `resource` and the `hours` it takes."""
    network, key = solution.network, ["route", "period"]
    steps = network.steps.groupby("route").agg(resource=("resource", _listed), hours_each=("hours", "sum"))
    rows = solution.amounts["make"].rename(columns={"value": "make"})
    planned = network.plan.groupby(key)["quantity"].sum()
    rows["approved"] = planned.reindex(pd.MultiIndex.from_frame(rows[key])).fillna(0.0).to_numpy(float)
    rows = rows.merge(network.routes[["route", "product"]], on="route", validate="many_to_one")
    rows = rows.merge(steps.reset_index(), on="route", how="left", validate="many_to_one")
    return rows.assign(hours=rows["make"] * rows["hours_each"])


def orders(solution: Solution, notice: Notice, raised: pd.DataFrame) -> pd.DataFrame:
    """What to order from whom, the earliest first.

    Returns
    -------
    One row per `supplier`, `product`, `is_rush`, `order_by` (the first day of the period in which it has to be
    ordered), `comes_in` (the period in which it is received): `quantity` (units), `amount` (what the rush costs,
    currency), then `raised`, `decide_by`, `can_wait`.
    """
    network = solution.network
    rows = solution.amounts["buy"].merge(network.sources, on="source", validate="many_to_one")
    largest = rows.groupby("product")["value"].transform("max")
    place = network.periods.get_indexer(pd.Index(rows["period"])) - rows["lead"].to_numpy(int)
    found = rows.assign(
        order_by=network.periods[place.clip(min=0)],
        comes_in=rows["period"],
        is_rush=rows["is_rush"].astype(bool),
        quantity=_countable(rows["value"], largest),
        amount=rows["value"] * rows["extra"].astype(float),
        stock=_countable(pd.Series(_stock(solution, rows), index=rows.index), largest),
        safety=_countable(_safety(solution, rows), largest),
        raised=_raised_at(raised, rows["supplier"]),
    )[felt(rows["value"], largest)]
    columns = [
        "supplier",
        "product",
        "is_rush",
        "order_by",
        "comes_in",
        "quantity",
        "amount",
        "stock",
        "safety",
        "raised",
    ]
    ordered = found[columns].sort_values(["order_by", "supplier", "product", "comes_in"], ignore_index=True)
    return _dated(ordered, notice, "order_by", notice.on)


def as_approved(solution: Solution) -> Solution:
    """The approved plan with every rescue it needs, under what another plan was made for."""
    policy = replace(RESCUED, demonstrated=solution.policy.demonstrated)
    return solve(solution.network, policy, until="buffers")


def not_on_time(solution: Solution) -> pd.DataFrame:
    """Who goes without: what does not leave in its own period over all of them, couriers refused among it.

    Returns
    -------
    One row per `product`, `segment`: `first`, the first period of it, `asked` (units over all periods), `missed`
    (units) and `share` (0 to 1). Less than a ten-thousandth of what was asked is left out.
    """
    key, cells = ["product", "segment"], misses(solution)
    sums = cells.groupby(key, as_index=False)[["asked", "missed"]].sum()
    first = cells[cells["missed"] > 0].groupby(key)["period"].min().rename("first")
    found = sums[felt(sums["missed"], sums["asked"])].merge(first, on=key, how="left", validate="one_to_one")
    share = found["missed"] / found["asked"]
    units = {name: _countable(found[name], found["asked"]) for name in ("asked", "missed")}
    return found.assign(share=share, **units)[[*key, "first", "asked", "missed", "share"]]


def extra_hours(solution: Solution, notice: Notice, raised: pd.DataFrame) -> pd.DataFrame:
    """Overtime beyond the agreed, a row by resource (`at`) and `period`: `quantity` (hours), `amount` (currency)."""
    found = _rescued(solution, "overtime")
    return _dated(found.assign(raised=_raised_at(raised, found["at"])), notice, "period", notice.change)


def couriers(solution: Solution, notice: Notice) -> pd.DataFrame:
    """Urgent orders by courier, a row by segment (`at`) and `period`: `quantity` (units), `amount` (currency).

    They answer orders as they come, no exception.
    """
    return _dated(_rescued(solution, "expedite_freight").assign(raised=""), notice, "period", notice.on)


def _rescued(solution: Solution, kind: str) -> pd.DataFrame:
    rows = rescues(solution)
    sums = summed(rows[rows["kind"] == kind], ("period", "at"))
    largest = sums.groupby("at")["quantity"].transform("max")
    kept = sums.loc[felt(sums["quantity"], largest), ["at", "period", "quantity", "amount"]]
    return kept.assign(quantity=_countable(kept["quantity"], largest)).reset_index(drop=True)


def _stock(solution: Solution, rows: pd.DataFrame) -> np.ndarray:
    """What a plan leaves in stock at the end of each row's period (units)."""
    key = ["product", "period"]
    stock = solution.amounts["stock"].set_index(key)["value"]
    return stock.reindex(pd.MultiIndex.from_frame(rows[key])).to_numpy(float)


def _safety(solution: Solution, rows: pd.DataFrame) -> pd.Series:
    return rows["product"].map(solution.network.products.set_index("product")["safety"]).astype(float)


def _countable(amounts: pd.Series, largest: pd.Series) -> pd.Series:
    """Four digits of the product's largest, whole units from a thousand on: nobody decides on less."""
    digits = np.floor(np.log10(largest.where(largest > 0, 1.0)))
    unit = 10.0 ** (digits - DIGITS + 1).clip(upper=0.0)
    found: pd.Series = (amounts / unit).round() * unit + 0.0  # no signed zero
    return found


def _raised_at(raised: pd.DataFrame, places: pd.Series) -> list[str]:
    """The exceptions at each row's supplier, or at one of its resources."""
    at = [_several(place) for place in raised["place"]]
    known = {place: _ranks(raised.loc[np.array([bool(one & _several(place)) for one in at], bool)])
             for place in set(places)}  # fmt: skip
    return [known[place] for place in places]


def _several(places: object) -> set[str]:
    """The places of a name that may list several by comma."""
    return {str(places), *str(places).split(", ")}


def _ranks(raised: pd.DataFrame) -> str:
    return ", ".join(map(str, sorted(raised["rank"])))


def _dated(rows: pd.DataFrame, notice: Notice, column: str, by: Callable[[pd.Timestamp], pd.Timestamp]) -> pd.DataFrame:
    days = {day: by(day) for day in rows[column].unique()}
    decide_by = pd.to_datetime(rows[column].map(days))  # dates where there is no row, too
    return rows.assign(decide_by=decide_by, can_wait=decide_by.map(notice.can_wait).astype(bool))


def _listed(names: pd.Series) -> str:
    return ", ".join(sorted(map(str, names)))
