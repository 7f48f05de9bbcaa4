"""The company's masters: families, items, lines, suppliers, rules, roles and targets."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import norm

from sample_data.generator import calendar_days as cal
from sample_data.generator.scenario import Scenario
from sample_data.generator.streams import stream

FAMILY_RESOURCE = {
    "Sauces": "R10",
    "Soups": "R10",
    "Ready Meals": "R20",
    "Spreads": "R20",
    "Biscuits": "R30",
    "Baking Mixes": "R40",
    "Desserts": "R50",
    "Gift Boxes": "R60",
}
FAMILIES = tuple(FAMILY_RESOURCE)
MADE_PER_FAMILY = {"R10": 4, "R20": 4, "R30": 5, "R40": 5, "R50": 5, "R60": 5}
ITEMS_PER_FAMILY = 7
CRITICAL_FAMILIES = ("Ready Meals", "Desserts")
RESOURCES = {
    "R10": ("Kettle line 1", "line", True),
    "R20": ("Tray line 2", "line", False),
    "R30": ("Oven line 3", "line", False),
    "R40": ("Dry-mix line 4", "line", False),
    "R50": ("Chilled line 5", "line", False),
    "R60": ("Hand-packing crew", "labour", False),
}
RESOURCE_IDS = tuple(RESOURCES)
OVERTIME_RATE = {"R10": 280.0, "R20": 270.0, "R30": 250.0, "R40": 220.0, "R50": 290.0, "R60": 180.0}
SUPPLIERS = {
    "000208": ("Coastal Packers", 21),
    "000214": ("Southern Growers Union", 28),
    "000221": ("Valley Preserves", 35),
    "000229": ("Hartmoor Dairy", 14),
    "000237": ("Olive Quay Trading", 42),
    "000245": ("Millbank Cereals", 21),
    "000252": ("Kestrel Confectionery", 28),
    "000266": ("Brookside Cartons", 14),
}
SUPPLIER_IDS = tuple(SUPPLIERS)
LOCATIONS = ("0100", "0200")
LOCATION_SHARE = np.array([0.6, 0.4])
SEGMENTS = ("Retail", "Retail", "Foodservice", "Wholesale", "Export")


@dataclass(frozen=True)
class Company:
    """Masters as arrays, one entry per item, with the hours each resource is given per month."""

    items: pd.DataFrame
    family: np.ndarray
    resource: np.ndarray
    supplier: np.ndarray
    made: np.ndarray
    base_units: np.ndarray
    lot: np.ndarray
    standard_hours: np.ndarray
    cost: np.ndarray
    price: np.ndarray
    z: np.ndarray
    lines_per_month: np.ndarray
    lead_days: np.ndarray
    critical: np.ndarray

    @property
    def count(self) -> int:
        """Return the number of items."""
        return len(self.family)


def build_company(scenario: Scenario, seed: int) -> Company:
    """Draw the masters; they depend on the seed, on the scenario only through launch and phase-out."""
    random = stream(seed, "company")
    n = len(FAMILIES) * ITEMS_PER_FAMILY
    family_number = np.repeat(np.arange(len(FAMILIES)), ITEMS_PER_FAMILY)
    family = np.array(FAMILIES)[family_number]
    resource = np.array([FAMILY_RESOURCE[f] for f in family])
    rank = np.tile(np.arange(ITEMS_PER_FAMILY), len(FAMILIES))
    made = rank < np.array([MADE_PER_FAMILY[r] for r in resource])
    abc = np.select([rank % 4 == 0, rank % 4 == 1], ["A", "B"], "C")
    base = np.select([abc == "A", abc == "B"], [42000.0, 24000.0], 12000.0) * random.uniform(0.75, 1.3, n)
    cost = np.round(random.uniform(1.4, 3.6, n), 2)
    price = np.round(cost * random.uniform(1.35, 1.75, n), 2)
    lot_share = np.where(made, np.where(np.isin(resource, ["R10", "R20"]), 0.16, 0.13), 0.15)
    lot = np.maximum(100, np.round(base * lot_share / 100) * 100)
    relative_hours = random.uniform(0.8, 1.25, n)
    standard = np.zeros(n)
    for r in RESOURCE_IDS:
        of_r = made & (resource == r)
        standard[of_r] = relative_hours[of_r] * 330.0 / (relative_hours[of_r] * base[of_r]).sum()
    supplier = np.where(made, "", np.array(SUPPLIER_IDS)[np.cumsum(~made) % len(SUPPLIER_IDS)])
    lead = np.array([SUPPLIERS[s][1] if s else 3 for s in supplier], dtype=float)
    target = np.where(abc == "A", 0.97, 0.96)
    item_id = np.array(
        [f"0{u + 1}{k + 1:02d}{(7 * u + 3 * k) % 10}0" for u, k in zip(family_number, rank, strict=True)]
    )
    launched, ended = launched_item(), ended_item()
    launch_date = np.full(n, "", dtype=object)
    end_date = np.full(n, "", dtype=object)
    if scenario.launch_cycle is not None:
        launch_date[launched] = cal.period(cal.WARM_UP + scenario.launch_cycle)
    if scenario.phase_out_cycle is not None:
        end_date[ended] = cal.iso(cal.MONTH_DAY[cal.WARM_UP + scenario.phase_out_cycle] - 1)
    items = pd.DataFrame(
        {
            "item_id": item_id,
            "family": family,
            "abc_class": abc,
            "is_critical": np.isin(family, CRITICAL_FAMILIES),
            "unit_cost": cost,
            "unit_price": price,
            "standard_hours_per_unit": [f"{h:.6f}" if m else "" for h, m in zip(standard, made, strict=True)],
            "primary_resource_id": np.where(made, resource, ""),
            "supplier_id": supplier,
            "lot_size": lot.astype(int),
            "service_target": target,
            "launch_date": launch_date,
            "end_date": end_date,
        }
    )
    return Company(
        items,
        family,
        np.where(made, resource, ""),
        supplier,
        made,
        base,
        lot,
        np.round(standard, 6),
        cost,
        price,
        norm.ppf(target),
        np.select([abc == "A", abc == "B"], [12, 8], 7),
        lead,
        np.isin(family, CRITICAL_FAMILIES),
    )


def launched_item() -> int:
    """Return the item number that a launch brings: the last spread made in house."""
    return FAMILIES.index("Spreads") * ITEMS_PER_FAMILY + 3


def ended_item() -> int:
    """Return the item number that a phase-out ends: the last biscuit made in house."""
    return FAMILIES.index("Biscuits") * ITEMS_PER_FAMILY + 4


def resources_table() -> pd.DataFrame:
    """One row per resource."""
    return pd.DataFrame(
        [(r, *RESOURCES[r]) for r in RESOURCE_IDS], columns=["resource_id", "name", "kind", "is_constraint"]
    )


def kpi_objectives() -> pd.DataFrame:
    """What each function is measured on."""
    return pd.DataFrame(
        [
            ("sales", "Revenue", "maximise", 0.6),
            ("sales", "OTIF", "maximise", 0.4),
            ("operations", "Line efficiency", "maximise", 0.5),
            ("operations", "Unit cost", "minimise", 0.3),
            ("operations", "OTIF", "maximise", 0.2),
            ("procurement", "Purchase price", "minimise", 0.7),
            ("procurement", "OTIF", "maximise", 0.3),
            ("finance", "Working capital", "minimise", 0.5),
            ("finance", "Gross margin", "maximise", 0.5),
        ],
        columns=["function", "kpi", "direction", "weight"],
    )


def process_roles() -> pd.DataFrame:
    """Who does what in the monthly cycle."""
    return pd.DataFrame(
        [
            ("demand review", "Demand Manager", "Head of Sales", "Head of Commercial", 30),
            ("supply review", "Supply Planning Manager", "Plant Manager", "Head of Operations", 30),
            ("procurement review", "Head of Procurement", "Supply Planning Manager", "Head of Operations", 30),
            ("reconciliation", "S&OP Manager", "Head of Finance", "Managing Director", 30),
            ("executive S&OP", "S&OP Manager", "Head of Operations", "Managing Director", 30),
        ],
        columns=["step", "proposer", "validator", "approver", "cadence_days"],
    )


RULES = {
    "DR-01": ("demand change inside the fence (T6)", "critical service > margin > efficiency", "Head of Commercial"),
    "DR-02": (
        "overload of a resource and overtime (T3)",
        "critical service > margin > efficiency",
        "Head of Operations",
    ),
    "DR-03": ("override of the frozen zone", "critical service > margin > efficiency", "Head of Operations"),
    "DR-04": ("expedite or wait (T2)", "critical service > margin", "Head of Procurement"),
    "DR-05": ("shortage shared between customers (T1)", "critical service > contract > margin", "Head of Sales"),
    "DR-06": ("raise or lower a safety stock (T4)", "measured risk > capital", "Head of Finance"),
    "DR-07": (
        "excess at one location, shortage at another (T5)",
        "critical service > freight cost",
        "Supply Planning Manager",
    ),
    "DR-08": ("operations cut below sales (T7)", "critical service > margin > volume", "Managing Director"),
    "DR-09": ("urgent shipment above line margin (T8)", "critical service > margin", "Head of Sales"),
}


def decision_rules() -> pd.DataFrame:
    """Trade-off rules in force since before the extract."""
    return pd.DataFrame(
        [(rule, *text, "2023-10-01") for rule, text in RULES.items()],
        columns=["rule_id", "situation", "priority_order", "owner", "effective_from"],
    )
