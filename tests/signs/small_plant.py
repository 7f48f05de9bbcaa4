"""A small plant with random history for the capacity signs: delays across months, open orders, late decisions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path as Folder
from types import ModuleType

import numpy as np
import pandas as pd

from helpers.engagement import Engagement
from helpers.evidence import Evidence, Path
from tests.builders import cycles, engagement

RESOURCES = ("L1", "L2", "L3", "L4")
ITEMS = pd.DataFrame(
    {
        "item_id": ["a", "b", "c", "d", "e", "f"],
        "family": ["Bread", "Bread", "Cake", "Cake", "Pie", "Pie"],
        "unit_cost": [1.0, 2.0, 3.0, 1.5, 2.5, 1.0],
        "standard_hours_per_unit": [0.1, 0.2, 0.1, 0.3, 0.1, 0.2],
        "lot_size": [20.0, 10.0, 30.0, 10.0, 20.0, 10.0],
    }
)
ROUTE = dict(zip(ITEMS["item_id"], ["L1", "L1", "L2", "L3", "L4", "L2"], strict=True))
FAMILIES = ("Bread", "Cake", "Pie")
CYCLES = 14
HORIZON = 4


def path_of(module: ModuleType, name: str) -> Path:
    """The path of a sign by its name."""
    return next(path for path in module.SIGN.paths if path.name == name)


def each(periods: pd.DatetimeIndex, values: Sequence[str], *columns: str) -> pd.DataFrame:
    """Every period with every value."""
    return pd.DataFrame([(period, value) for period in periods for value in values], columns=list(columns))


def tables(seed: int = 1) -> dict[str, pd.DataFrame]:
    """Every table the capacity signs read; the same rows for the same seed."""
    random = np.random.default_rng(seed)
    return {
        "items": ITEMS,
        "resources": pd.DataFrame({"resource_id": RESOURCES, "is_constraint": [True, False, False, False]}),
        **_plans(random),
        **_orders(random),
        **_money(random),
    }


def _plans(random: np.random.Generator) -> dict[str, pd.DataFrame]:
    months = cycles(CYCLES + HORIZON)
    grid = [
        (months[c], item, months[c + lag]) for c in range(CYCLES) for item in ITEMS["item_id"] for lag in range(HORIZON)
    ]
    forecast = pd.DataFrame(grid, columns=["cycle", "item_id", "period"])
    forecast["quantity"] = (100 + 10 * random.standard_normal(len(forecast))).round()
    forecast["rule_id"] = np.where(random.random(len(forecast)) < 0.3, "R-1", None)
    plan = forecast.drop(columns="rule_id").assign(resource_id=forecast["item_id"].map(ROUTE))
    plan["quantity"] = (plan["quantity"] * np.exp(0.2 * random.standard_normal(len(plan)))).round()
    plan["hours"] = plan["quantity"] * plan["item_id"].map(ITEMS.set_index("item_id")["standard_hours_per_unit"])
    demand = pd.DataFrame([(m, i) for m in months[:CYCLES] for i in ITEMS["item_id"]], columns=["period", "item_id"])
    demand["quantity"] = (100 + 15 * random.standard_normal(len(demand))).round()
    decisions = pd.DataFrame(
        [(m, f) for m in months[:CYCLES] for f in ("Bread", "Cake", "Pie")], columns=["cycle", "family"]
    )
    decisions["decision_id"] = [f"D{n}" for n in range(len(decisions))]
    decisions["raised_on"] = decisions["cycle"]
    decisions["decided_on"] = decisions["cycle"] + pd.to_timedelta(random.integers(1, 60, len(decisions)), unit="D")
    return {
        "forecast_snapshots": forecast,
        "production_plan_snapshots": plan,
        "actual_demand": demand,
        "decisions": decisions,
    }


def _orders(random: np.random.Generator) -> dict[str, pd.DataFrame]:
    start = cycles(CYCLES)[0]
    days = pd.to_timedelta(np.sort(random.integers(0, 30 * CYCLES, 1200)), unit="D")
    made = pd.DataFrame({"production_order_id": [f"P{n}" for n in range(1200)], "planned_start": start + days})
    made["item_id"] = random.choice(ITEMS["item_id"], 1200)
    made["resource_id"] = made["item_id"].map(ROUTE)
    made["planned_finish"] = made["planned_start"] + pd.Timedelta(days=2)
    made["actual_start"] = made["planned_start"] + pd.to_timedelta(random.integers(-9, 25, 1200), unit="D")
    made["actual_finish"] = made["actual_start"] + pd.to_timedelta(random.integers(0, 9, 1200), unit="D")
    made["planned_sequence"] = np.arange(1200)
    made["actual_sequence"] = made["actual_start"].rank(method="first")
    made["planned_quantity"] = 30.0
    made["actual_quantity"] = 29.0
    made["standard_hours"] = 5.0
    for name, scale in (("actual_hours", 6.0), ("setup_hours", 1.0), ("queue_hours", 9.0), ("overtime_hours", 0.4)):
        made[name] = scale * random.random(1200)
    made.loc[made.index % 40 == 0, ["actual_start", "actual_finish"]] = pd.NaT
    changed = made.iloc[::3]
    changes = pd.DataFrame(
        {
            "changed_on": changed["planned_start"] - pd.Timedelta(days=3),
            "resource_id": changed["resource_id"],
            "production_order_id": changed["production_order_id"],
            "change_type": random.choice(["sequence", "quantity", "insert", "cancel"], len(changed)),
        }
    )
    hours = pd.DataFrame([(m, r) for m in cycles(CYCLES) for r in RESOURCES], columns=["period", "resource_id"])
    hours["planned_hours"] = 110.0
    hours["planned_overtime_hours"] = 2.0
    hours["available_hours"] = 100 + 10 * random.random(len(hours))
    return {"production_orders": made, "schedule_changes": changes, "capacity": hours}


def _money(random: np.random.Generator) -> dict[str, pd.DataFrame]:
    start, count = cycles(CYCLES)[0], 900
    lines = pd.DataFrame({"order_id": [f"O{n}" for n in range(count)]})
    lines["item_id"] = random.choice(ITEMS["item_id"], count)
    lines["customer_segment"] = random.choice(["Retail", "Export"], count)
    lines["ordered_on"] = start + pd.to_timedelta(random.integers(0, 30 * CYCLES, count), unit="D")
    lines["requested_on"] = lines["ordered_on"] + pd.to_timedelta(random.integers(-2, 20, count), unit="D")
    lines["delivered_on"] = lines["requested_on"] + pd.to_timedelta(random.integers(-2, 4, count), unit="D")
    lines["delivered_on"] = lines[["delivered_on", "ordered_on"]].max(axis=1)
    lines.loc[lines.index % 30 == 0, "delivered_on"] = pd.NaT
    lines["ordered_quantity"] = 10.0
    lines["delivered_quantity"] = np.where(random.random(count) < 0.05, 9.0, 10.0)
    lines["expedited"] = random.random(count) < 0.3
    lines["days_saved"] = np.where(lines["expedited"], 2.0, np.nan)
    costs = each(cycles(CYCLES), ("overtime", "expedite_freight"), "period", "kind")
    costs["amount"] = 40 + 20 * random.random(len(costs))
    costs["family"] = random.choice(["Bread", "Cake", "Pie"], len(costs))
    costs["resource_id"] = np.where(costs["kind"] == "overtime", random.choice(RESOURCES, len(costs)), None)
    earned = pd.DataFrame(
        [(m, f) for m in cycles(CYCLES) for f in ("Bread", "Cake", "Pie")], columns=["period", "family"]
    )
    earned["revenue"] = 2000 + 200 * random.random(len(earned))
    earned["cost_of_goods_sold"] = 0.6 * earned["revenue"]
    stock = pd.DataFrame([(m, i) for m in cycles(CYCLES) for i in ITEMS["item_id"]], columns=["period", "item_id"])
    stock["on_hand"] = 50.0
    stock["backorders"] = random.integers(0, 5, len(stock)).astype(float)
    return {"order_lines": lines, "compensation_costs": costs, "financials": earned, "inventory_snapshots": stock}


def opened(folder: Folder, sent: dict[str, pd.DataFrame]) -> Callable[[str | None], Engagement]:
    """Opens the plant in full or as of a day."""
    return lambda day: engagement(folder / (day or "full"), sent, as_of=day)


def gathered(module: ModuleType, name: str, client: Engagement) -> Evidence:
    """The evidence of a sign on one of its paths, whose columns must be there."""
    path = path_of(module, name)
    assert client.has(*path.needs), client.missing(*path.needs)
    evidence: Evidence = module.gather(client, path)
    return evidence


def breached(evidence: Evidence) -> list[str]:
    """Months of the breaches, `2024-03`, in order and once each."""
    hit = evidence.flags[evidence.flags["breach"]]
    return sorted(set(hit["label"].dt.strftime("%Y-%m")))
