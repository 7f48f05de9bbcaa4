"""What the client sends: everything, no governance logs, or the required columns of a few tables."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import pandas as pd

from helpers import contract

Level = Literal["full", "reduced", "minimal", "paths"]
LEVELS: tuple[Level, ...] = ("full", "reduced", "minimal")
# Beside the three levels every path on its own, see `paths`.
STUDIED: tuple[Level, ...] = (*LEVELS, "paths")
Tables = dict[str, pd.DataFrame]

# Few clients log who decided what, by which rule and why.
LOGS = (
    "decisions",
    "decision_rules",
    "events",
    "forecast_changes",
    "purchase_order_changes",
    "assumption_validations",
    "process_roles",
    "interview_answers",
    "kpi_objectives",
)
LOGGED_COLUMNS = ("rule_id", "reason_code", "days_saved", "needed_on", "backorders", "queue_hours", "last_validated_on")
# The smallest set on which each sign has a path: required columns and the few optional ones named here.
SMALLEST: dict[str, tuple[str, ...]] = {
    "items": (),
    "forecast_snapshots": (),
    "actual_demand": (),
    "function_plans": (),
    "production_plan_snapshots": (),
    "purchase_orders": ("received_on", "expedited"),
    "suppliers": (),
    "capacity": ("available_hours",),
    "compensation_costs": ("resource_id",),
    "order_lines": ("delivered_on",),
    "financials": (),
    "inventory_snapshots": (),
}

# Without its column each of these tables would hold several numbers for one key: such a client sends one of them.
ONE_NUMBER: dict[str, Callable[[pd.DataFrame], pd.DataFrame]] = {
    "forecast_snapshots": lambda table: table[table["stage"] == "consensus"],
    "function_plans": lambda table: table[table["version"] == "before"],
}


def at_level(tables: Tables, level: Level) -> Tables:
    """The tables as a client of that level would send them."""
    if level == "full":
        return tables
    if level == "reduced":
        kept = {name: table for name, table in tables.items() if name not in LOGS}
        return {name: table.drop(columns=[c for c in LOGGED_COLUMNS if c in table]) for name, table in kept.items()}
    kept = tables | {name: only(tables[name]) for name, only in ONE_NUMBER.items()}
    return {name: kept[name][_columns(name, optional)] for name, optional in SMALLEST.items()}


def _columns(name: str, optional: tuple[str, ...]) -> list[str]:
    return [column.name for column in contract.table(name).columns if column.required] + list(optional)
