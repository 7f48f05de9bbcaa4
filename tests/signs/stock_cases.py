"""A small network with known risk: items whose demand, forecast and stock are set by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd

MEAN, RISK = 100.0, 20.0
PERIODS = 30


def months(count: int = PERIODS) -> pd.DatetimeIndex:
    """First days of `count` months from January 2023."""
    return pd.date_range("2023-01-01", periods=count, freq="MS")


def names(count: int) -> list[str]:
    """Item names from i00 on."""
    return [f"i{k:02d}" for k in range(count)]


def items(count: int, families: int = 2) -> pd.DataFrame:
    """`count` items of cost 1 dealt out over `families`."""
    return pd.DataFrame(
        {
            "item_id": names(count),
            "family": [f"family {k % families}" for k in range(count)],
            "unit_cost": 1.0,
            "lot_size": 0.0,
            "service_target": 0.95,
            "supplier_id": "mill",
        }
    )


def grid(count: int, periods: int = PERIODS) -> pd.DataFrame:
    """One row per item and month, items first."""
    return pd.MultiIndex.from_product([names(count), months(periods)], names=["item_id", "period"]).to_frame(
        index=False
    )


def demand(count: int, risk: float = RISK, seed: int = 4, periods: int = PERIODS) -> pd.DataFrame:
    """Independent normal demand of mean 100 and standard deviation `risk`, never negative."""
    rows = grid(count, periods)
    noise = np.random.default_rng(seed).normal(0.0, risk, len(rows))
    return rows.assign(quantity=np.clip(MEAN + noise, 0.0, None).round(3))


def forecasts(count: int, periods: int = PERIODS, horizon: int = 4) -> pd.DataFrame:
    """The mean, forecast in every month for the `horizon` months from it on: errors are the demand's own noise."""
    rows = grid(count, periods).rename(columns={"period": "cycle"})
    parts = [rows.assign(period=rows["cycle"] + pd.DateOffset(months=lag)) for lag in range(horizon)]
    return pd.concat(parts, ignore_index=True).assign(quantity=MEAN)


def receipts(periods: int = PERIODS) -> pd.DataFrame:
    """One purchase line a month from one supplier, always received in its planned 30 days."""
    ordered = months(periods)
    return pd.DataFrame(
        {
            "purchase_order_id": [f"p{k}" for k in range(periods)],
            "item_id": "i00",
            "supplier_id": "mill",
            "ordered_on": ordered,
            "due_on": ordered + pd.Timedelta(days=30),
            "received_on": ordered + pd.Timedelta(days=30),
            "ordered_quantity": 1.0,
        }
    )


def suppliers() -> pd.DataFrame:
    """The one supplier, planned at 30 days."""
    return pd.DataFrame({"supplier_id": ["mill"], "planned_lead_time_days": [30.0]})


def network(count: int, stock: pd.DataFrame, asked: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """All tables of the full path around given stock and demand."""
    periods = asked["period"].nunique()
    return {
        "items": items(count),
        "forecast_snapshots": forecasts(count, periods),
        "actual_demand": asked,
        "inventory_snapshots": stock,
        "purchase_orders": receipts(periods),
        "suppliers": suppliers(),
    }
