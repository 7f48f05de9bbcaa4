"""Honest disturbances that happen to the extract rather than to the company."""

from __future__ import annotations

import numpy as np
import pandas as pd

Tables = dict[str, pd.DataFrame]
SNAPSHOTS = ("forecast_snapshots", "production_plan_snapshots", "function_plans")
MISSED = 0.10
REDATED = 0.40


def missing_cycles(tables: Tables, seed: int) -> Tables:
    """One snapshot in ten was never stored, a different one in each table."""
    random = np.random.default_rng(seed)
    return tables | {name: _without_cycles(tables[name], random) for name in SNAPSHOTS if name in tables}


def _without_cycles(table: pd.DataFrame, random: np.random.Generator) -> pd.DataFrame:
    inner = sorted(table["cycle"].unique())[1:-1]
    lost = random.choice(inner, size=round(MISSED * len(inner)), replace=False)
    return table[~table["cycle"].isin(lost)]


def mass_redating(tables: Tables, seed: int) -> Tables:
    """On one day a new system moves the due dates of many open purchase orders by the same two days, and back."""
    random = np.random.default_rng(seed)
    orders = tables["purchase_orders"]
    day = pd.Timestamp(sorted(orders["ordered_on"])[len(orders) // 2])
    open_then = (pd.to_datetime(orders["ordered_on"]) < day) & (pd.to_datetime(orders["due_on"]) > day)
    moved = orders[open_then & (random.random(len(orders)) < REDATED)]
    sooner = (pd.to_datetime(moved["due_on"]) - pd.Timedelta(days=2)).dt.strftime("%Y-%m-%d")
    log = pd.DataFrame(
        {
            "purchase_order_id": moved["purchase_order_id"],
            "line_id": moved["line_id"],
            "changed_on": day.strftime("%Y-%m-%d"),
            "old_due_on": moved["due_on"],
            "new_due_on": sooner,
            "function": "procurement",
        }
    )
    return tables | {"purchase_order_changes": pd.concat([tables["purchase_order_changes"], log], ignore_index=True)}


def unlogged(tables: Tables, _seed: int) -> Tables:
    """Nobody keeps a log of what strikes from outside; what was decided about it is in the log of decisions."""
    events = tables["events"]
    return tables | {"events": events[events["exogenous"].astype(str).str.lower() != "true"]}


def unanswered(tables: Tables, _seed: int) -> Tables:
    """Of what strikes from outside the log of decisions says nothing: no decision excuses it."""
    events, decisions = tables["events"], tables["decisions"]
    exogenous = events[events["exogenous"].astype(str).str.lower() == "true"]
    starts, ends = (pd.to_datetime(exogenous[day]).dt.to_period("M") for day in ("starts_on", "ends_on"))
    struck = {month for first, last in zip(starts, ends, strict=True) for month in pd.period_range(first, last)}
    hit = pd.to_datetime(decisions["cycle"]).dt.to_period("M").isin(struck)
    families = _touched(tables, set(exogenous["subject_id"]))
    about = decisions["family"].isin(families) | decisions["family"].isna() | (decisions["family"] == "")
    return tables | {"decisions": decisions[~(hit & about)]}


def _touched(tables: Tables, subjects: set[str]) -> set[str]:
    """Families of these suppliers and resources, and the families among them."""
    items = tables["items"]
    own = items["supplier_id"].isin(subjects) | items["primary_resource_id"].isin(subjects)
    return set(items.loc[own, "family"]) | subjects
