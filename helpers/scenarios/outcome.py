"""What a solved plan comes to: service, margin, capital tied up, and what rescues cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.scenarios.solve import Solution

CELL = ["product", "segment", "period"]
KINDS = ("overtime", "premium_purchase", "expedite_freight")
SMALLEST = 1e-4  # units or hours below which an amount is rounding of the solver
FELT = 1e-4  # of what an amount belongs to: less is rounding to whoever reads it


@dataclass(frozen=True, eq=False)
class Outcome:
    """A plan in figures, over all of its periods.

    `service` is the share of demand on time, `critical` the same of critical families, `by_segment` of each segment (0
    to 1; missing without demand). `margin` is price less cost of what is delivered, less rescues (currency);
    `capital` the mean value of stock at unit cost (currency), both missing where nothing was priced; `buffers` the
    share of safety stock in place at the end, at unit cost (0 to 1; missing where none is set); `rescue` what rescues
    cost by kind of compensation, missing, and margin with it, where hours are worked whose price is not known.
    """

    service: float
    critical: float
    by_segment: pd.Series
    margin: float
    capital: float
    buffers: float
    rescue: pd.Series

    @property
    def compensation(self) -> float:
        """What all rescues cost (currency)."""
        return whole_sum(self.rescue)


def outcome(solution: Solution) -> Outcome:
    """The figures of a solved plan."""
    cells, products = misses(solution), solution.network.products.set_index("product")
    critical = cells["product"].map(products["is_critical"])
    spent = rescues(solution).groupby("kind")["amount"].agg(whole_sum).reindex(KINDS, fill_value=0.0)
    delivered = solution.amounts["ship"].groupby("product")["value"].sum()
    values = solution.network.values
    earned = whole_sum(delivered * values["margin"].reindex(delivered.index))
    stock = solution.amounts["stock"]
    value = stock["value"] * stock["product"].map(values["cost"])
    return Outcome(
        service=on_time(cells),
        critical=on_time(cells[critical]),
        by_segment=pd.Series({name: on_time(rows) for name, rows in cells.groupby("segment")}, dtype=float),
        margin=earned - whole_sum(spent),
        capital=whole_sum(value) / len(solution.network.periods),
        buffers=_buffers(solution),
        rescue=spent,
    )


def summed(rescued: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """`quantity` and `amount` of rescues by some of their columns; an amount is missing as soon as a part of it is."""
    return rescued.groupby([*by], as_index=False).agg({"quantity": "sum", "amount": whole_sum})


def whole_sum(amounts: pd.Series) -> float:
    """The sum; missing as soon as one of the amounts is."""
    return float(amounts.astype(float).sum(skipna=False))


def felt(amounts: pd.Series, of: pd.Series | float | None = None) -> pd.Series:
    """Which amounts are worth saying: more than a ten-thousandth of what they belong to, and no rounding of the solver.

    Parameters
    ----------
    of
        What each amount belongs to, or all of them do; the largest of them where it is not said.
    """
    whole = amounts.abs().max() if of is None else of
    found: pd.Series = amounts.abs() > np.fmax(FELT * whole, SMALLEST)  # a whole that is not known hides nothing
    return found


def is_felt(amount: float, of: float) -> bool:
    """Whether one amount is worth saying beside the whole it belongs to; see `felt`."""
    return bool(felt(pd.Series([amount]), of).iloc[0])


def _buffers(solution: Solution) -> float:
    products = solution.network.products.set_index("product")
    thin = solution.amounts["thin"]
    last = thin[thin["period"] == solution.network.periods[-1]].set_index("product")["value"]
    wanted = float((products["safety"] * products["cost"]).sum())
    return 1 - float((last * products["cost"]).sum()) / wanted if wanted > 0 else float("nan")


def misses(solution: Solution) -> pd.DataFrame:
    """Demand that does not leave in its own period.

    Returns
    -------
    One row per `product`, `segment`, `period`: `asked` and `missed` (units, at most what was asked; who asked first is
    served first, so that what waits at the end of a period is its newest demand, and who is lost after waiting was
    missed in the period he asked for), `waiting` (units not yet served).
    """
    asked = solution.network.demand.groupby(CELL)["quantity"].sum().rename("asked").reset_index()
    parts = {name: solution.amounts[name].set_index(CELL)["value"] for name in ("late", "lost", "slow")}
    rows = asked.merge(pd.DataFrame(parts).reset_index(), on=CELL, how="left", validate="one_to_one")
    missed = rows[["late", "lost", "slow"]].sum(axis=1).clip(lower=0.0)
    rows["missed"] = missed.clip(upper=rows["asked"])
    found: pd.DataFrame = rows.rename(columns={"late": "waiting"})[[*CELL, "asked", "missed", "waiting"]]
    return found


def on_time(cells: pd.DataFrame) -> float:
    """Share of what was asked that was not missed; missing where nothing was asked."""
    asked = float(cells["asked"].sum())
    return 1 - float(cells["missed"].sum()) / asked if asked > 0 else float("nan")


def rescues(solution: Solution) -> pd.DataFrame:
    """What every rescue costs, one row per `kind`, `at` (resource, supplier or segment), `product`, `period`.

    Returns
    -------
    `quantity` (hours of overtime, units otherwise) and `amount` (currency); rows without a quantity are left out.
    Overtime belongs to a resource and names no product; its amount is missing where no rate is known.
    """
    network, amounts = solution.network, solution.amounts
    rate = network.resources.set_index("resource")["rate"]
    sources = network.sources.set_index("source")
    courier = network.demand.groupby(CELL)["courier"].max()
    over = amounts["over"].assign(
        kind="overtime",
        at=amounts["over"]["resource"],
        product="",
        price=amounts["over"]["resource"].map(rate[rate > 0]),
    )
    bought = amounts["buy"]
    rushed = bought.assign(
        kind="premium_purchase",
        at=bought["source"].map(sources["supplier"]),
        product=bought["source"].map(sources["product"]),
        price=bought["source"].map(sources["extra"]).astype(float),
    )
    sped = amounts["sped"].assign(kind="expedite_freight", at=amounts["sped"]["segment"])
    price = courier.reindex(pd.MultiIndex.from_frame(sped[CELL])).fillna(0.0).to_numpy()
    rows = pd.concat([over, rushed[rushed["price"] > 0], sped.assign(price=price)], ignore_index=True)
    rows = rows[rows["value"] > SMALLEST].assign(amount=lambda r: r["value"] * r["price"].astype(float))
    columns = ["kind", "at", "product", "period", "value", "amount"]
    return rows[columns].rename(columns={"value": "quantity"}).reset_index(drop=True)
