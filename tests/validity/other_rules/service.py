"""Customer orders served first come first served, and what was done when goods would be late."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tests.validity.other_rules import days
from tests.validity.other_rules.client import Client, stream
from tests.validity.other_rules.company import CRITICAL, Company
from tests.validity.other_rules.market import Market

RULED_SHARE, RULED_REACH = 0.008, 3
STUCK = 0.16
COURIER_REACH, COURIER_SHARE = 6, 0.17
COURIER_COST, COURIER_DAY = 55.0, 14.0
CREW_COST = 25.0


def serve(client: Client, company: Company, market: Market, supply: np.ndarray, seed: int) -> pd.DataFrame:
    """Order lines with the day goods were there, the day they would have come, and the day they came."""
    lines = market.lines.copy()
    n = len(company.base)
    random = stream(seed, "dispatch")
    delay_draw, length_draw, short_draw = random.random((3, len(lines)))
    month = days.month_of(lines["requested"].to_numpy())
    lines["month"] = month
    level = np.array([client.level(6, m - days.WARM_UP) for m in range(days.MONTHS)])[month]
    stuck = delay_draw < STUCK * level
    ready = ready_days(lines, supply, n)
    lines["naked"] = np.maximum(lines["requested"], ready) + np.where(stuck, 1 + (4 * length_draw).astype(int), 0)
    lines["late"] = lines["naked"] - lines["requested"]
    lines["couriered"] = _couriered(company, lines, level)
    lines["governed"] = lines["couriered"] & (level == 0)
    lines["saved"] = np.where(lines["couriered"], lines["late"], 0)
    lines["delivered"] = lines["naked"] - lines["saved"]
    cost = COURIER_COST + COURIER_DAY * lines["saved"]
    lines["courier_cost"] = np.where(lines["couriered"], cost * inflation(client, month), 0.0).round(2)
    lines["crew_cost"] = np.where(lines["couriered"] & stuck, CREW_COST * inflation(client, month), 0.0)
    lines["shipped"] = np.where(short_draw < 0.005, np.maximum(1, np.floor(0.9 * lines["quantity"])), lines["quantity"])
    return lines


def ready_days(lines: pd.DataFrame, supply: np.ndarray, items: int) -> np.ndarray:
    """First day on which all that a node ever received covers the line and those before it."""
    node = (lines["branch"] * items + lines["item"]).to_numpy()
    quantity = lines["quantity"].to_numpy()
    order = np.argsort(node, kind="stable")
    ready = np.zeros(len(lines), dtype=int)
    for rows in np.split(order, np.flatnonzero(np.diff(node[order])) + 1):
        branch, item = divmod(int(node[rows[0]]), items)
        stock = np.maximum.accumulate(np.cumsum(supply[branch, item]))
        ready[rows] = np.searchsorted(stock, np.cumsum(quantity[rows]) - 0.5)
    return ready


def _couriered(company: Company, lines: pd.DataFrame, level: np.ndarray) -> np.ndarray:
    """Late lines that go by courier: a few critical ones under the rule, or all that couriers carry (fault 6)."""
    critical = np.isin(company.family, CRITICAL)[lines["item"]]
    reach = np.where(level > 0, COURIER_REACH, RULED_REACH)
    wanted = (lines["late"] > 0) & (lines["late"] <= reach) & ((level > 0) | critical)
    share = np.where(level > 0, COURIER_SHARE, RULED_SHARE)
    place = wanted.groupby(lines["month"]).cumsum()
    return (wanted & (place <= share * lines.groupby("month")["item"].transform("size"))).to_numpy()


def inflation(client: Client, month: np.ndarray) -> np.ndarray:
    """Price level of a month, the first cycle being 1."""
    return (1 + client.inflation) ** ((np.asarray(month) - days.WARM_UP) / 12)
