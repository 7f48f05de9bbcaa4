"""The network: everything the connected model knows, as small frames, checked before anything is solved."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from helpers.errors import Unusable

# Which frame names what by which columns; each row of the others must name one that is known.
MASTERS = {"product": "products", "resource": "resources", "route": "routes"}


@dataclass(frozen=True, eq=False)
class Network:
    """A client's supply network from one cycle on; quantities in the product's unit, hours, money in `currency`.

    Parameters
    ----------
    periods
        The buckets planned, in order; the first one opens on the cycle.
    products
        One row per `product`: `family`, `is_critical`, `price` and `cost` of a unit, `carrying` (currency for a unit in
        stock at the end of a period), `stock` and `safety` (units).
    demand
        One row per `product`, `segment`, `period`: `quantity`; `urgent`, the part of it that only a courier brings on
        time; `courier`, what that costs a unit.
    owed
        Backorders at the start, one row per `product`, `segment`: `quantity`.
    routes
        One row per `route`: `product`, and `extra`, what a unit costs beyond its product's cost.
    steps
        One row per `route`, `resource`: `hours` a unit takes.
    resources
        One row per `resource`: `rated`, the share of its planned hours it turns into standard hours; `rate`, currency
        for an hour of overtime.
    hours
        One row per `resource`, `period`: `regular`, `agreed` (planned overtime, paid already), `overtime` (the most
        that can be added).
    sources
        One row per `source`: `product`, `supplier`, `lead` (periods from order to receipt), `extra` (currency a unit
        beyond its product's cost), `is_rush`, `most` (units a period, infinite where nothing is known), `lot` (units,
        where purchases come in whole lots; 0 for none).
    arrivals
        Open orders, one row per `product`, `supplier`, `period`: `quantity`.
    plan
        The approved production plan, one row per `route`, `period`: `quantity`.
    simplified
        What the model does without because it was not sent, a sentence each.
    is_priced
        Whether `price` and `cost` are money; where nothing was priced a unit of anything counts 1, and neither margin
        nor capital can be told. Overtime, premiums and couriers are money all the same.
    """

    currency: str
    periods: pd.DatetimeIndex
    products: pd.DataFrame
    demand: pd.DataFrame
    owed: pd.DataFrame
    routes: pd.DataFrame
    steps: pd.DataFrame
    resources: pd.DataFrame
    hours: pd.DataFrame
    sources: pd.DataFrame
    arrivals: pd.DataFrame
    plan: pd.DataFrame
    simplified: tuple[str, ...] = field(default=())
    is_priced: bool = True

    def __post_init__(self) -> None:
        faults = [*_unknown_names(self), *_bad_numbers(self)]
        if faults:
            raise Unusable("\n".join(["the connected model cannot be built:", *(f"  {fault}" for fault in faults)]))

    @property
    def values(self) -> pd.DataFrame:
        """`price`, `cost`, `carrying` and `margin` (price less cost) of a unit, by product; missing where no money."""
        rows = self.products.set_index("product")[["price", "cost", "carrying"]].astype(float)
        found = rows.assign(margin=rows["price"] - rows["cost"])
        return found if self.is_priced else found * np.nan

    @property
    def segments(self) -> tuple[str, ...]:
        """The segments of demand and backorders, in the order of their names."""
        return tuple(sorted({*self.demand["segment"], *self.owed["segment"]}))


# The columns of each frame that hold amounts, and the largest each may be; none may be negative or missing.
AMOUNTS: dict[str, dict[str, float]] = {
    "products": {"price": np.inf, "cost": np.inf, "carrying": np.inf, "stock": np.inf, "safety": np.inf},
    "demand": {"quantity": np.inf, "urgent": np.inf, "courier": np.inf},
    "owed": {"quantity": np.inf},
    "routes": {"extra": np.inf},
    "steps": {"hours": np.inf},
    "resources": {"rated": 1.0, "rate": np.inf},
    "hours": {"regular": np.inf, "agreed": np.inf, "overtime": np.inf},
    "sources": {"lead": np.inf, "extra": np.inf, "lot": np.inf},
    "arrivals": {"quantity": np.inf},
    "plan": {"quantity": np.inf},
}


def _unknown_names(network: Network) -> Iterator[str]:
    for name in AMOUNTS:
        rows: pd.DataFrame = getattr(network, name)
        for column, master in MASTERS.items():
            if column in rows and master != name:
                unknown = sorted(set(rows[column]) - set(getattr(network, master)[column]))
                if unknown:
                    yield f"{name}: {', '.join(map(str, unknown[:3]))} is no {column} of {master}"
        if "period" in rows and not rows["period"].isin(network.periods).all():
            yield f"{name}: a period lies outside the {len(network.periods)} planned"


def _bad_numbers(network: Network) -> Iterator[str]:
    for name, columns in AMOUNTS.items():
        rows: pd.DataFrame = getattr(network, name)
        for column, most in columns.items():
            bad = rows[~rows[column].between(0, most) | np.isinf(rows[column])]
            if len(bad):
                where = ", ".join(
                    str(bad.iloc[0][key]) for key in rows.columns if key in (*MASTERS, "segment", "source")
                )
                found = bad.iloc[0][column]
                wanted = "0 to 1" if most == 1.0 else "0 or more"
                yield f"{name}.{column} of {where}: expected {wanted}, found {found:g} ({len(bad)} row(s))"
