"""Customer orders served first come, first served; rescued lines; the stock that was left."""

import numpy as np
import pandas as pd

from sample_data.generator import calendar_days as cal
from sample_data.generator.company import LOCATIONS, SEGMENTS, Company
from sample_data.generator.demand import Demand
from sample_data.generator.scenario import Scenario
from sample_data.generator.streams import stream

ORDINARY_BUDGET = 0.015
COURIER_CAPACITY = 0.168
HABIT_PER_CYCLE = 0.016


def serve(
    company: Company, demand: Demand, supply: np.ndarray, opening: np.ndarray, scenario: Scenario
) -> pd.DataFrame:
    """Add to each order line the day its stock was there and what was done when that was too late."""
    lines = demand.lines.copy()
    lines["ready"] = ready_days(lines, supply, opening, company.count)
    lines["transit_gap"] = short_promises(lines, scenario)
    late_days = np.maximum(lines["ready"] - lines["requested"], 0) + lines["transit_gap"]
    lines["late_days"] = late_days
    known_short = (late_days > 8) & (lines["slip_draw"] < 0.10)
    lines["promised"] = lines["requested"] + np.where(known_short, np.minimum(late_days, 10), 0)
    lines["naked"] = lines["requested"] + late_days
    return rescue(company, lines, scenario)


def ready_days(lines: pd.DataFrame, supply: np.ndarray, opening: np.ndarray, items: int) -> np.ndarray:
    """First day on which cumulative supply of the node covers the line and all before it."""
    node = (lines["location"] * items + lines["item"]).to_numpy()
    quantity, requested = lines["quantity"].to_numpy(), lines["requested"].to_numpy()
    order = np.argsort(node, kind="stable")
    ready = np.zeros(len(lines), dtype=int)
    for rows in np.split(order, np.flatnonzero(np.diff(node[order])) + 1):
        j = node[rows[0]]
        stock = opening[j // items, j % items] + np.cumsum(supply[j // items, j % items])
        need = np.cumsum(quantity[rows])
        ready[rows] = np.maximum(requested[rows], np.searchsorted(np.maximum.accumulate(stock), need - 0.5))
    return ready


def short_promises(lines: pd.DataFrame, scenario: Scenario) -> np.ndarray:
    """Days by which an accepted order undercuts the standard delivery time; customers learn that it works (fault 6)."""
    share = np.zeros(cal.MONTHS)
    for m in range(cal.WARM_UP, cal.MONTHS):
        cycle = m - cal.WARM_UP
        level = scenario.level(6, cycle)
        share[m] = level * (0.03 + HABIT_PER_CYCLE * (cycle - scenario.faults[6].onset)) if level else 0.0
    accepted = lines["urgent_draw"] < share[lines["month"]]
    return np.where(accepted, 1 + (lines["slip_draw"] * 4).astype(int), 0)


def rescue(company: Company, lines: pd.DataFrame, scenario: Scenario) -> pd.DataFrame:
    """Ship late lines by courier: a few critical ones under a rule, or whatever the couriers can carry (fault 6)."""
    critical = (company.lines_per_month >= 12)[lines["item"]] | company.critical[lines["item"]]
    lines["value"] = lines["quantity"] * company.price[lines["item"]]
    lines["expedited"] = False
    for month, group in lines.groupby("month"):
        level = scenario.level(6, int(month) - cal.WARM_UP)
        reach, budget = 4 + 4 * level, ORDINARY_BUDGET + (COURIER_CAPACITY - ORDINARY_BUDGET) * min(1, 2 * level)
        overdue = group["naked"] - group["promised"]
        wanted = group[(overdue > 0) & (overdue <= reach) & ((level > 0) | critical[group.index])]
        chosen = wanted.sort_values(["late_days", "value"]).index[: int(budget * len(group))]
        lines.loc[chosen, "expedited"] = True
    lines["days_saved"] = np.where(lines["expedited"], lines["naked"] - lines["promised"], 0)
    lines["delivered"] = lines["naked"] - lines["days_saved"]
    month = lines["month"].to_numpy() - cal.WARM_UP
    level = np.array([scenario.level(6, m) for m in range(cal.CYCLES)])[np.clip(month, 0, None)]
    inflation = (1 + scenario.inflation_per_year) ** (month / 12)
    lines["expedite_cost"] = np.where(
        lines["expedited"], np.round((90 + 15 * lines["days_saved"]) * (1 + 0.8 * level) * inflation, 2), 0.0
    )
    return lines


def order_lines_table(company: Company, lines: pd.DataFrame, scenario: Scenario, seed: int) -> pd.DataFrame:
    """Order lines in the contract's columns; what was not delivered by the end of the extract is open."""
    random = stream(seed, "picking")
    kept = lines[(lines["month"] >= cal.WARM_UP) & (lines["requested"] < cal.AS_OF_DAY)].reset_index(drop=True)
    n = len(kept)
    open_line = (kept["delivered"] >= cal.AS_OF_DAY).to_numpy()
    picked = np.where(
        random.random(n) < 0.006, np.maximum(1, np.round(0.9 * kept["quantity"])), kept["quantity"]
    ).astype(int)
    price = company.price[kept["item"]] * (1 + scenario.inflation_per_year) ** (
        (kept["month"].to_numpy() - cal.WARM_UP) / 12
    )
    number = pd.factorize(pd.Series(list(zip(kept["ordered"], kept["customer"], kept["location"], strict=True))))[0]
    line = kept.groupby(number).cumcount() + 1
    expedited = kept["expedited"].to_numpy() & ~open_line
    blank = random.random(n) < 0.03
    return pd.DataFrame(
        {
            "order_id": [f"00{100200 + x}" for x in number],
            "line_id": line * 10,
            "item_id": company.items["item_id"].to_numpy()[kept["item"]],
            "location_id": np.array(LOCATIONS, dtype=object)[kept["location"]],
            "customer_id": [f"{x:06d}" for x in 40010 + kept["customer"]],
            "customer_segment": np.array(SEGMENTS, dtype=object)[kept["customer"] % len(SEGMENTS)],
            "ordered_on": [cal.iso(d) for d in kept["ordered"]],
            "requested_on": [cal.iso(d) for d in kept["requested"]],
            "promised_on": np.where(
                blank & (kept["promised"] == kept["requested"]), "", [cal.iso(d) for d in kept["promised"]]
            ),
            "delivered_on": [cal.known(d) for d in kept["delivered"]],
            "ordered_quantity": kept["quantity"].astype(int),
            "delivered_quantity": np.where(open_line, 0, picked),
            "expedited": np.where(open_line, "", np.where(expedited, "true", "false")),
            "expedite_cost": [
                "" if not e else f"{x:.2f}" for e, x in zip(expedited, kept["expedite_cost"], strict=True)
            ],
            "days_saved": ["" if not e else int(x) for e, x in zip(expedited, kept["days_saved"], strict=True)],
            "unit_price": np.round(price, 2),
        }
    )


def net_stock_by_day(demand: Demand, supply: np.ndarray, opening: np.ndarray) -> np.ndarray:
    """Stock minus backorders at the end of each day, `[l, i, d]`."""
    return opening[:, :, None] + np.cumsum(supply - demand.by_day, axis=2)


def inventory_table(company: Company, net: np.ndarray, buffers: np.ndarray, on_order: np.ndarray) -> pd.DataFrame:
    """Stock at the end of each closed month per item and location; `on_order[m, l, i]` is what suppliers owe."""
    rows = []
    for m in range(cal.WARM_UP, cal.MONTHS):
        end = net[:, :, cal.MONTH_DAY[m + 1] - 1]
        for x, place in enumerate(LOCATIONS):
            share = (0.6, 0.4)[x]
            rows.append(
                pd.DataFrame(
                    {
                        "period": cal.period(m),
                        "item_id": company.items["item_id"],
                        "location_id": place,
                        "on_hand": np.maximum(end[x], 0).round().astype(int),
                        "safety_stock": (buffers[m] * share).round().astype(int),
                        "backorders": np.maximum(-end[x], 0).round().astype(int),
                        "on_order": on_order[m, x].round().astype(int),
                    }
                )
            )
    return pd.concat(rows, ignore_index=True)


def stockout_days(net: np.ndarray) -> np.ndarray:
    """Days of each month on which a node had nothing left, `[m, l, i]`."""
    empty = net <= 0
    return np.array([empty[:, :, cal.MONTH_DAY[m] : cal.MONTH_DAY[m + 1]].sum(axis=2) for m in range(cal.MONTHS)])


def actual_demand_table(company: Company, demand: Demand, empty: np.ndarray) -> pd.DataFrame:
    """Unconstrained demand per month, item and location."""
    by_month = np.array(
        [demand.by_day[:, :, cal.MONTH_DAY[m] : cal.MONTH_DAY[m + 1]].sum(axis=2) for m in range(cal.MONTHS)]
    )
    rows = []
    for m in range(cal.WARM_UP, cal.MONTHS):
        active = demand.base[:, m] > 0
        for x, place in enumerate(LOCATIONS):
            rows.append(
                pd.DataFrame(
                    {
                        "period": cal.period(m),
                        "item_id": company.items["item_id"].to_numpy()[active],
                        "location_id": place,
                        "quantity": by_month[m, x, active].astype(int),
                        "stockout_days": empty[m, x, active],
                    }
                )
            )
    return pd.concat(rows, ignore_index=True)
