"""Money: what rescuing the plan cost, and what the business earned."""

import numpy as np
import pandas as pd

from sample_data.generator import calendar_days as cal
from sample_data.generator.company import FAMILIES, OVERTIME_RATE, RESOURCE_IDS, Company
from sample_data.generator.production import Shopfloor
from sample_data.generator.purchasing import PurchaseLine
from sample_data.generator.scenario import Scenario

KEYS = ["period", "kind", "family", "item_id", "resource_id", "supplier_id"]


def price_index(scenario: Scenario) -> pd.DataFrame:
    """Inflation per closed month, January 2024 = 1."""
    level = (1 + scenario.inflation_per_year) ** (np.arange(cal.CYCLES) / 12)
    return pd.DataFrame(
        {"period": [cal.period(cal.WARM_UP + m) for m in range(cal.CYCLES)], "index": np.round(level, 5)}
    )


def compensation_costs(
    company: Company, floor: Shopfloor, bought: list[PurchaseLine], lines: pd.DataFrame, scenario: Scenario
) -> pd.DataFrame:
    """Overtime beyond the agreed hours, couriers, rushed purchases, inserted set-ups, call-outs, as they happened."""
    rows = [
        *overtime_rows(company, floor, scenario),
        *purchase_rows(company, bought),
        *setup_rows(company, floor),
        *call_out_rows(floor),
    ]
    rush = lines[lines["expedited"] & (lines["month"] >= cal.WARM_UP) & (lines["delivered"] < cal.AS_OF_DAY)]
    month = np.searchsorted(cal.MONTH_DAY, rush["delivered"], side="right") - 1
    freight = pd.DataFrame(
        {
            "period": [cal.period(m) for m in month],
            "kind": "expedite_freight",
            "family": company.family[rush["item"]],
            "item_id": "",
            "resource_id": "",
            "supplier_id": "",
            "amount": rush["expedite_cost"],
        }
    )
    table = pd.concat([pd.DataFrame(rows, columns=[*KEYS, "amount"]), freight], ignore_index=True)
    table = table.groupby(KEYS, as_index=False)["amount"].sum().round(2)
    return table.loc[
        table["amount"] > 0, ["period", "kind", "amount", "family", "item_id", "resource_id", "supplier_id"]
    ]


def overtime_rows(company: Company, floor: Shopfloor, scenario: Scenario) -> list[tuple[object, ...]]:
    """Unplanned overtime by resource, split to families by where the hours fell."""
    worked = np.zeros((len(RESOURCE_IDS), cal.MONTHS + 1, len(FAMILIES)))
    for order in floor.orders:
        if order.done and order.overtime and order.actual_start < cal.AS_OF_DAY:
            month = int(np.searchsorted(cal.MONTH_DAY, order.actual_start, side="right") - 1)
            worked[order.resource, month, FAMILIES.index(company.family[order.item])] += order.overtime
    rows: list[tuple[object, ...]] = []
    for r, resource in enumerate(RESOURCE_IDS):
        for m in range(cal.WARM_UP, cal.MONTHS):
            total = worked[r, m].sum()
            beyond = max(0.0, total - floor.capacity.planned_overtime[r, m])
            rate = OVERTIME_RATE[resource] * (1 + scenario.inflation_per_year) ** ((m - cal.WARM_UP) / 12)
            rows += [
                (cal.period(m), "overtime", FAMILIES[u], "", resource, "", beyond * rate * worked[r, m, u] / total)
                for u in np.flatnonzero(worked[r, m])
                if beyond > 0
            ]
    return rows


def purchase_rows(company: Company, bought: list[PurchaseLine]) -> list[tuple[object, ...]]:
    """Freight and price premium of rushed purchases, in the month of receipt."""
    rows: list[tuple[object, ...]] = []
    for line in bought:
        if line.expedited and cal.MONTH_DAY[cal.WARM_UP] <= line.received < cal.AS_OF_DAY:
            month = cal.period(int(np.searchsorted(cal.MONTH_DAY, line.received, side="right") - 1))
            place = (company.family[line.item], company.items["item_id"][line.item], "", line.supplier)
            rows.append((month, "expedite_freight", *place, line.expedite_cost))
            rows.append(
                (
                    month,
                    "premium_purchase",
                    *place,
                    max(0.0, (line.unit_price - line.standard_price) * line.received_quantity),
                )
            )
    return rows


def setup_rows(company: Company, floor: Shopfloor) -> list[tuple[object, ...]]:
    """Inserted set-ups booked as production out of its window."""
    rows: list[tuple[object, ...]] = []
    for change in floor.changes:
        if change.kind == "insert" and cal.MONTH_DAY[cal.WARM_UP] <= change.day < cal.AS_OF_DAY:
            month = cal.period(int(np.searchsorted(cal.MONTH_DAY, change.day, side="right") - 1))
            resource = RESOURCE_IDS[change.resource]
            rows.append(
                (
                    month,
                    "out_of_window_production",
                    company.family[change.item],
                    "",
                    resource,
                    "",
                    0.35 * OVERTIME_RATE[resource],
                )
            )
    return rows


def call_out_rows(floor: Shopfloor) -> list[tuple[object, ...]]:
    """Call-outs of the service firm after a stop."""
    return [
        (
            cal.period(int(np.searchsorted(cal.MONTH_DAY, day, side="right") - 1)),
            "other",
            "",
            "",
            RESOURCE_IDS[r],
            "",
            250 + 15 * lost,
        )
        for day, r, lost in floor.breakdowns
        if cal.MONTH_DAY[cal.WARM_UP] <= day < cal.AS_OF_DAY
    ]


def financials(company: Company, lines: pd.DataFrame, scenario: Scenario) -> pd.DataFrame:
    """Revenue and cost of what was shipped in each closed month, by family."""
    shipped = lines[(lines["delivered"] >= cal.MONTH_DAY[cal.WARM_UP]) & (lines["delivered"] < cal.AS_OF_DAY)]
    month = np.searchsorted(cal.MONTH_DAY, shipped["delivered"], side="right") - 1
    inflation = (1 + scenario.inflation_per_year) ** ((month - cal.WARM_UP) / 12)
    money = pd.DataFrame(
        {
            "period": [cal.period(m) for m in month],
            "family": company.family[shipped["item"]],
            "revenue": shipped["quantity"] * company.price[shipped["item"]] * inflation,
            "cost_of_goods_sold": shipped["quantity"] * company.cost[shipped["item"]] * inflation,
        }
    )
    money = money.groupby(["period", "family"], as_index=False).sum()
    return money.assign(gross_margin=money["revenue"] - money["cost_of_goods_sold"]).round(2)
