"""Small networks for tests, built from what a reader can hold in the head."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from helpers.scenarios.network import AMOUNTS, Network

START = pd.Timestamp(2026, 1, 1)
NAMES = {
    "owed": ("product", "segment"),
    "routes": ("route", "product"),
    "steps": ("route", "resource"),
    "resources": ("resource",),
    "hours": ("resource", "period"),
    "sources": ("source", "product", "supplier"),
    "arrivals": ("product", "supplier", "period"),
    "plan": ("route", "period"),
}
PRODUCT = {"price": 10.0, "cost": 6.0, "carrying": 0.1, "stock": 0.0, "safety": 0.0}
SOURCE = {"lead": 0.0, "extra": 0.0, "is_rush": False, "most": float("inf"), "lot": 0.0}


def months(count: int) -> pd.DatetimeIndex:
    """So many months from January 2026 on."""
    return pd.date_range(START, periods=count, freq="MS", unit="us", name="period")


def network(
    demand: Mapping[str, Sequence[float]],
    *,
    products: Mapping[str, Mapping[str, Any]] | None = None,
    made: Mapping[str, Mapping[str, float]] | None = None,
    hours: Mapping[str, Mapping[str, float]] | None = None,
    sources: Sequence[Mapping[str, Any]] = (),
    plan: Mapping[str, Sequence[float]] | None = None,
    arrivals: Mapping[str, Sequence[float]] | None = None,
    owed: Mapping[str, float] | None = None,
    shares: Mapping[str, float] | None = None,
    urgent: float = 0.0,
    courier: float = 0.0,
) -> Network:
    """A network of products named by their demand a month.

    `made`: product → hours of each resource a unit takes. `hours`: resource → `regular`, `overtime`, `rated`, `rate`
    (any of them; 0, 0, 1, 0 otherwise), the same each month. `shares`: segment → its part of demand.
    """
    ahead = months(len(next(iter(demand.values()))))
    divided = shares or {"all": 1.0}
    cells = [
        {"product": name, "segment": segment, "period": period, "quantity": asked * share,
         "urgent": asked * share * urgent, "courier": courier}
        for name, wanted in demand.items()
        for period, asked in zip(ahead, wanted, strict=True)
        for segment, share in divided.items()
    ]  # fmt: skip
    masters = [
        {"product": name, "family": name, "is_critical": False, **PRODUCT, **(products or {}).get(name, {})}
        for name in demand
    ]
    lines = hours or {}
    routes = made or {}
    rows: dict[str, list[dict[str, Any]]] = {
        "owed": [{"product": name, "segment": "all", "quantity": value} for name, value in (owed or {}).items()],
        "routes": [{"route": name, "product": name, "extra": 0.0} for name in routes],
        "steps": [
            {"route": name, "resource": on, "hours": h} for name, steps in routes.items() for on, h in steps.items()
        ],
        "resources": [
            {"resource": name, "rated": line.get("rated", 1.0), "rate": line.get("rate", 0.0)}
            for name, line in lines.items()
        ],
        "hours": [
            {"resource": name, "period": period, "regular": line.get("regular", 0.0), "agreed": 0.0,
             "overtime": line.get("overtime", 0.0)}
            for name, line in lines.items()
            for period in ahead
        ],
        "sources": [{**SOURCE, "supplier": "S", **source} for source in sources],
        "arrivals": _by_month("product", arrivals, ahead, supplier="S"),
        "plan": _by_month("route", plan, ahead),
    }  # fmt: skip
    frames = {name: _frame(name, found) for name, found in rows.items()}
    return Network("EUR", ahead, pd.DataFrame(masters), pd.DataFrame(cells), **frames)


def _by_month(
    column: str, amounts: Mapping[str, Sequence[float]] | None, ahead: pd.DatetimeIndex, **more: str
) -> list[dict[str, Any]]:
    return [
        {column: name, "period": period, "quantity": float(amount), **more}
        for name, values in (amounts or {}).items()
        for period, amount in zip(ahead, values, strict=True)
    ]


def _frame(name: str, rows: list[dict[str, Any]]) -> pd.DataFrame:
    """`rows`, with the right columns and types where there are none."""
    columns = [*NAMES[name], *AMOUNTS[name], *(("is_rush", "most") if name == "sources" else ())]
    types = dict.fromkeys(AMOUNTS[name], float)
    return pd.DataFrame(rows).reindex(columns=columns) if rows else pd.DataFrame(columns=columns).astype(types)
