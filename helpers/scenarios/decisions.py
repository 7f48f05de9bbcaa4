"""A scenario as decisions that can be executed: what to make, what to order by when, what to pay for.

Every row says by which day it is decided (`decide_by`), whether that can be left to the next meeting (`can_wait`), and
which exceptions it answers (`answers`: their ranks, by comma; empty where it answers none).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pandas as pd

from helpers.scenarios.cases import Notice
from helpers.scenarios.outcome import felt, rescues, summed
from helpers.scenarios.solve import Solution

COUNTABLE = 100  # a product of which so many units are made or bought at once is decided in whole ones


def production(solution: Solution, approved: Solution, notice: Notice, raised: pd.DataFrame) -> pd.DataFrame:
    """What to make against what was approved.

    Parameters
    ----------
    approved
        The approved plan as solved: the stock it leads to is why another plan makes more or less.
    raised
        Rows of `exceptions`.

    Returns
    -------
    One row per `product`, `resource` (all that a route takes, by comma), `period`: `approved`, `make` and `change`
    (units; 0 where it is less than a ten-thousandth of the product's largest), `hours` (standard hours of all its
    resources), `stock` (units at the end of the period if all stayed as approved) and `safety` (units), then `answers`,
    `decide_by`, `can_wait`. Cells with neither plan nor production are left out.
    """
    rows = _with_stock(_made(solution), approved)
    most = rows[["make", "approved"]].max(axis=1)
    largest = most.groupby(rows["product"]).transform("max")
    units = {name: _countable(rows[name], largest) for name in ("make", "approved", "stock", "safety")}
    change = (units["make"] - units["approved"]).where(felt(rows["make"] - rows["approved"], largest), 0.0)
    found = rows.assign(**units, change=change, answers=_answers(raised, solution, rows))[felt(most, largest)]
    columns = ["product", "resource", "period", "approved", "make", "change", "hours", "stock", "safety", "answers"]
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
    currency), then `answers`, `decide_by`, `can_wait`.
    """
    network = solution.network
    rows = solution.amounts["buy"].merge(network.sources, on="source", validate="many_to_one")
    largest = rows.groupby("product")["value"].transform("max")
    place = network.periods.get_indexer(pd.Index(rows["period"])) - rows["lead"].to_numpy(int)
    found = rows.assign(
        order_by=network.periods[place.clip(min=0)],
        comes_in=rows["period"],
        quantity=_countable(rows["value"], largest),
        amount=rows["value"] * rows["extra"].astype(float),
        answers=_answers(raised, solution, rows.rename(columns={"supplier": "resource"})),
    )[felt(rows["value"], largest)]
    columns = ["supplier", "product", "is_rush", "order_by", "comes_in", "quantity", "amount", "answers"]
    ordered = found[columns].sort_values(["order_by", "supplier", "product", "comes_in"], ignore_index=True)
    return _dated(ordered, notice, "order_by", notice.on)


def extra_hours(solution: Solution, notice: Notice, raised: pd.DataFrame) -> pd.DataFrame:
    """Overtime beyond the agreed, by `resource` and `period`: `quantity` (hours), `amount` (currency), when and why."""
    found = _rescued(solution, "overtime", "resource")
    ranks = found["resource"].map(lambda name: _ranks(raised[raised["place"] == name]))
    return _dated(found.assign(answers=ranks), notice, "period", notice.change)


def couriers(solution: Solution, notice: Notice) -> pd.DataFrame:
    """Urgent orders by courier, by `segment` and `period`: `quantity` (units), `amount` (currency), and when.

    They answer orders as they come, no exception.
    """
    return _dated(_rescued(solution, "expedite_freight", "segment").assign(answers=""), notice, "period", notice.on)


def _rescued(solution: Solution, kind: str, place: str) -> pd.DataFrame:
    found = rescues(solution)
    rows = found[found["kind"] == kind].rename(columns={"at": place})
    sums = summed(rows, ("period", place))
    largest = sums.groupby(place)["quantity"].transform("max")
    kept = sums.loc[felt(sums["quantity"], largest), [place, "period", "quantity", "amount"]]
    return kept.assign(quantity=_countable(kept["quantity"], largest)).reset_index(drop=True)


def _with_stock(rows: pd.DataFrame, solution: Solution) -> pd.DataFrame:
    """What a plan leaves in `stock` at the end of a row's period, beside the `safety` stock (units)."""
    key, products = ["product", "period"], solution.network.products.set_index("product")
    stock = solution.amounts["stock"].set_index(key)["value"].reindex(pd.MultiIndex.from_frame(rows[key]))
    return rows.assign(stock=stock.to_numpy(float), safety=rows["product"].map(products["safety"]).astype(float))


def _countable(amounts: pd.Series, largest: pd.Series) -> pd.Series:
    """Whole units where there are many of them, else to the hundredth: nobody decides on a ten-thousandth."""
    return amounts.round().where(largest >= COUNTABLE, amounts.round(2)) + 0.0  # no signed zero


def _answers(raised: pd.DataFrame, solution: Solution, rows: pd.DataFrame) -> Sequence[str]:
    """The exceptions at a row's resource, supplier or family that name its family."""
    family = rows["product"].map(solution.network.products.set_index("product")["family"])
    cells = list(zip(family, rows["resource"], strict=True))
    known = {cell: _ranks(raised[_is_at(raised, *cell)]) for cell in set(cells)}
    return [known[cell] for cell in cells]


def _is_at(raised: pd.DataFrame, family: str, places: str) -> list[bool]:
    at = {family, places, *places.split(", ")}
    return [place in at and family in names for place, names in zip(raised["place"], raised["families"], strict=True)]


def _ranks(raised: pd.DataFrame) -> str:
    return ", ".join(map(str, sorted(raised["rank"])))


def _dated(rows: pd.DataFrame, notice: Notice, column: str, by: Callable[[pd.Timestamp], pd.Timestamp]) -> pd.DataFrame:
    days = {day: by(day) for day in rows[column].unique()}
    decide_by = pd.to_datetime(rows[column].map(days))  # dates where there is no row, too
    return rows.assign(decide_by=decide_by, can_wait=decide_by.map(notice.can_wait).astype(bool))


def _listed(names: pd.Series) -> str:
    return ", ".join(sorted(map(str, names)))
