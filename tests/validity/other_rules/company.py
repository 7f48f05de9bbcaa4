"""The masters of the other client: families, items, cells, suppliers, branches and rules."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import norm

from tests.validity.other_rules import days
from tests.validity.other_rules.client import LAUNCH_CYCLE, PHASE_OUT_CYCLE, Client, stream

FAMILIES = ("Bearings", "Couplings", "Valves", "Seals", "Gearboxes", "Tooling")
CRITICAL = ("Valves", "Gearboxes")
CELLS = ("CELL-A", "CELL-B", "CELL-C", "CELL-D", "CELL-E")
CELL_NAMES = ("Turning", "Milling", "Grinding", "Assembly", "Test")
OVERTIME_RATE = 85.0
SUPPLIERS = {"V-101": 14, "V-102": 21, "V-103": 28, "V-104": 21, "V-105": 35, "V-106": 28}
BRANCHES = ("CENTRAL", "COAST")
BRANCH_SHARE = np.array([0.65, 0.35])
PER_FAMILY, MADE_PER_FAMILY = 9, 6
REGULAR_HOURS = 330.0
CUSHION = (0.90, 0.14)
SETUP_HOURS = 0.6
LAUNCHED, ENDED = 3 * PER_FAMILY + 3, 3
RULES = {
    "R-01": ("forecast change inside the fence", "order in hand > critical service > margin", "Commercial Director"),
    "R-02": ("overtime on an overloaded cell", "critical service > margin > efficiency", "Works Manager"),
    "R-03": ("expedite a late purchase", "critical service > freight cost", "Purchasing Manager"),
    "R-04": ("safety stock review", "measured risk > capital", "Finance Director"),
    "R-05": ("sales and works numbers differ", "critical service > margin > volume", "General Manager"),
    "R-06": ("courier for a late order", "critical customer > order margin", "Customer Service Manager"),
}


@dataclass(frozen=True)
class Company:
    """Masters as arrays, one entry per item; made items first bought items last within each family."""

    items: pd.DataFrame
    family_number: np.ndarray
    made: np.ndarray
    cell: np.ndarray
    supplier: np.ndarray
    base: np.ndarray
    variation: np.ndarray
    hours: np.ndarray
    lot: np.ndarray
    campaign: np.ndarray
    cost: np.ndarray
    price: np.ndarray
    z: np.ndarray
    lead_days: np.ndarray
    lines_a_month: np.ndarray

    @property
    def family(self) -> np.ndarray:
        """Family name of each item."""
        return np.array(FAMILIES, dtype=object)[self.family_number]

    @property
    def ids(self) -> np.ndarray:
        """Code of each item."""
        return self.items["item_id"].to_numpy(dtype=object)


def build_company(client: Client, seed: int) -> Company:
    """Draw the masters; the client's switches touch only its volatility and the dates of a launch or an end."""
    random = stream(seed, "company")
    n = len(FAMILIES) * PER_FAMILY
    family = np.repeat(np.arange(len(FAMILIES)), PER_FAMILY)
    rank = np.tile(np.arange(PER_FAMILY), len(FAMILIES))
    made = rank < MADE_PER_FAMILY
    abc = np.array(list("AABBCCABC"))[rank]
    slow = (rank == 5) | ((rank == 8) & (family % 2 == 0))
    size = np.select([abc == "A", abc == "B"], [900.0, 420.0], 160.0)
    base = np.where(slow, 30.0, size) * random.uniform(0.7, 1.4, n)
    cost = np.round(random.lognormal(3.3, 0.35, n) * np.where(abc == "C", 1.6, 1.0), 2)
    price = np.round(cost * random.uniform(1.4, 1.9, n), 2)
    cell = np.where(made, (family + rank) % len(CELLS), -1)
    weight = random.uniform(0.7, 1.3, n)
    orders = 4.35 * np.array([(made & (cell == r)).sum() for r in range(len(CELLS))])
    load = CUSHION[0] - CUSHION[1] * client.volatility
    hours = np.zeros(n)
    for r in range(len(CELLS)):
        here = made & (cell == r)
        hours[here] = weight[here] * (load * REGULAR_HOURS - SETUP_HOURS * orders[r]) / (weight * base)[here].sum()
    supplier = np.where(made, -1, np.cumsum(~made) % len(SUPPLIERS))
    lead = np.where(made, 7.0, np.array([*SUPPLIERS.values(), 0.0])[supplier])
    campaign = made & (abc == "C")
    lot = np.where(made, base * np.where(campaign, 1.0, 0.25), base * 0.2)
    target = np.where(abc == "A", 0.975, 0.97)
    variation = np.where(slow, np.maximum(1.1, client.volatility), client.volatility)
    lot, hours = np.maximum(2, np.round(lot)), np.round(hours, 6)
    items = _items_table(client, family, rank, abc, made, cell, supplier, cost, price, hours, lot, target)
    return Company(
        items, family, made, cell, supplier, base, variation, hours, lot, campaign, cost, price,
        norm.ppf(target), lead, np.where(slow, 3, np.select([abc == "A", abc == "B"], [14, 9], 5)),
    )  # fmt: skip


def _items_table(
    client: Client,
    family: np.ndarray,
    rank: np.ndarray,
    abc: np.ndarray,
    made: np.ndarray,
    cell: np.ndarray,
    supplier: np.ndarray,
    cost: np.ndarray,
    price: np.ndarray,
    hours: np.ndarray,
    lot: np.ndarray,
    target: np.ndarray,
) -> pd.DataFrame:
    names = np.array(FAMILIES, dtype=object)[family]
    table = pd.DataFrame(
        {
            "item_id": [f"{name[:2].upper()}-{k + 1:02d}" for name, k in zip(names, rank, strict=True)],
            "family": names,
            "abc_class": abc,
            "is_critical": np.isin(names, CRITICAL),
            "unit_cost": cost,
            "unit_price": price,
            "standard_hours_per_unit": np.where(made, hours, np.nan),
            "primary_resource_id": np.where(made, np.array([*CELLS, None], dtype=object)[cell], None),
            "supplier_id": np.where(made, None, np.array([*SUPPLIERS, None], dtype=object)[supplier]),
            "lot_size": lot,
            "service_target": target,
            "launch_date": pd.Series(pd.NaT, index=range(len(family)), dtype="datetime64[us]"),
            "end_date": pd.Series(pd.NaT, index=range(len(family)), dtype="datetime64[us]"),
        }
    )
    if client.launch:
        table.loc[LAUNCHED, "launch_date"] = days.MONTH_STARTS[days.WARM_UP + LAUNCH_CYCLE]
    if client.phase_out:
        table.loc[ENDED, "end_date"] = days.MONTH_STARTS[days.WARM_UP + PHASE_OUT_CYCLE] - pd.Timedelta(days=1)
    return table


def master_tables() -> dict[str, pd.DataFrame]:
    """Tables that no simulation changes."""
    since = pd.Timestamp("2022-01-01")
    return {
        "resources": pd.DataFrame({
            "resource_id": CELLS, "name": CELL_NAMES, "kind": ["line", "line", "line", "labour", "quality"],
            "is_constraint": [True, False, False, False, False],
        }),
        "suppliers": pd.DataFrame({
            "supplier_id": list(SUPPLIERS), "name": [f"Supplier {v}" for v in SUPPLIERS],
            "planned_lead_time_days": list(SUPPLIERS.values()),
        }),
        "decision_rules": pd.DataFrame(
            [(rule, *said, since) for rule, said in RULES.items()],
            columns=["rule_id", "situation", "priority_order", "owner", "effective_from"],
        ),
        "kpi_objectives": pd.DataFrame(
            [("sales", "Revenue", "maximise", 0.5), ("sales", "OTIF", "maximise", 0.5),
             ("operations", "OTIF", "maximise", 0.5), ("operations", "Unit cost", "minimise", 0.5),
             ("procurement", "Purchase price", "minimise", 0.6), ("procurement", "OTIF", "maximise", 0.4),
             ("finance", "Working capital", "minimise", 0.5), ("finance", "Gross margin", "maximise", 0.5)],
            columns=["function", "kpi", "direction", "weight"],
        ),
        "process_roles": pd.DataFrame(
            [("demand review", "Demand Planner", "Sales Manager", "Commercial Director", 30),
             ("supply review", "Master Scheduler", "Purchasing Manager", "Works Manager", 30),
             ("executive review", "S&OP Lead", "Finance Director", "General Manager", 30)],
            columns=["step", "proposer", "validator", "approver", "cadence_days"],
        ),
    }  # fmt: skip
