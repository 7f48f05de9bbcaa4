"""Demand as an order book that fills up, and forecasts that smooth what the book does not hold yet.

Orders for a month arrive in gamma amounts over the five months before it and in the month itself. The forecast is
what the book already holds, plus the share still to come times an exponentially smoothed level on the index of what is
announced (season, budgeted growth, promotions, shifts of mix, launch and end).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from tests.validity.other_rules import days
from tests.validity.other_rules.client import (
    LAUNCH_CYCLE,
    PHASE_OUT_CYCLE,
    PROMOTIONS,
    STEP_CYCLE,
    STEP_FAMILY,
    Client,
    stream,
)
from tests.validity.other_rules.company import BRANCH_SHARE, ENDED, FAMILIES, LAUNCHED, Company

ARRIVES = np.array([0.45, 0.22, 0.14, 0.10, 0.06, 0.03])
SMOOTHING = 0.10
LEVEL_SHARE = 0.10
LEVEL_MEMORY = 0.85
TALK = 0.30
SPAN = days.MONTHS + days.HORIZON


@dataclass(frozen=True)
class Market:
    """Orders and forecasts: `by_day[l, i, day]`, `by_month[l, i, m]`, `forecast[m, i, k]` and the published one."""

    lines: pd.DataFrame
    by_day: np.ndarray
    by_month: np.ndarray
    index: np.ndarray
    forecast: np.ndarray
    consensus: np.ndarray
    talked: np.ndarray


def build_market(client: Client, company: Company, seed: int) -> Market:
    """Draw the market and forecast it month by month with what was known then."""
    index = announced_index(client, company)
    orders = order_amounts(client, company, index, seed)
    lines = order_lines(company, orders, seed)
    n = len(company.base)
    cells = (lines["branch"] * n + lines["item"]) * days.LAST + lines["requested"]
    by_day = np.bincount(cells, lines["quantity"], 2 * n * days.LAST).reshape(2, n, days.LAST)
    total = orders.sum(axis=2)
    forecast = smoothed_forecasts(client, company, index, orders, total)
    talk = late_talk(client, company, seed)
    consensus = np.round(forecast * np.exp(talk))
    edges = days.MONTH_DAY[: days.MONTHS + 1]
    by_month = np.add.reduceat(by_day, edges, axis=2)[:, :, : days.MONTHS]
    return Market(lines, by_day, by_month, index, forecast, consensus, talk != 0)


def announced_index(client: Client, company: Company) -> np.ndarray:
    """What is announced about each item and month, 1 being usual business, `[i, m]`."""
    month = np.arange(SPAN)
    cycle = month - days.WARM_UP
    phase = 2 * company.family_number[:, None]
    index = (1 + client.growth) ** (cycle / 12) * (1 + client.season * np.sin(2 * np.pi * (month - phase) / 12))
    family = company.family
    if client.promotion:
        for name, at in PROMOTIONS:
            index[np.ix_(family == name, [days.WARM_UP + at])] *= 1.35
    if client.mix_shift:
        moved = np.clip((cycle - 8) / 10, 0, 1)
        index[family == "Valves"] *= 1 + 0.40 * moved
        index[family == "Bearings"] *= 1 - 0.35 * moved
    if client.launch:
        index[LAUNCHED] *= np.clip((cycle - LAUNCH_CYCLE + 1) / 3, 0, 1)
    if client.phase_out:
        index[ENDED] *= (cycle < PHASE_OUT_CYCLE) * np.clip(1 - (cycle - PHASE_OUT_CYCLE + 4) / 6, 0.3, 1)
    return index


def order_amounts(client: Client, company: Company, index: np.ndarray, seed: int) -> np.ndarray:
    """Units ordered for each month by the months between order and request, `[i, m, j]`."""
    random = stream(seed, "orders")
    shock = stream(seed, "level").standard_normal((len(company.base), SPAN))
    common = stream(seed, "family level").standard_normal((len(FAMILIES), SPAN))[company.family_number]
    innovation = (0.8 * shock + 0.6 * common) * np.sqrt(1 - LEVEL_MEMORY**2)
    level = np.zeros_like(shock)
    for m in range(1, SPAN):
        level[:, m] = LEVEL_MEMORY * level[:, m - 1] + innovation[:, m]
    mean = company.base[:, None] * index * np.exp(np.sqrt(LEVEL_SHARE) * client.volatility * level)
    if client.step:
        mean[company.family == STEP_FAMILY, days.WARM_UP + STEP_CYCLE :] *= 1 + client.step
    squared = np.where(company.variation > 1, 1.0, 1 - LEVEL_SHARE) * company.variation**2
    shape = ARRIVES / squared[:, None]
    drawn = random.standard_gamma(np.broadcast_to(shape[:, None, :], (*mean.shape, len(ARRIVES))))
    return np.round(drawn * (squared[:, None] * mean)[:, :, None])


def smoothed_forecasts(
    client: Client, company: Company, index: np.ndarray, orders: np.ndarray, total: np.ndarray
) -> np.ndarray:
    """Book plus smoothed rest, `[m, i, k]` for the horizon; a known step re-bases the level once."""
    book = orders[:, :, ::-1].cumsum(axis=2)[:, :, ::-1]
    rest = ARRIVES.cumsum()
    ratio = np.ones(len(company.base))
    forecast = np.zeros((days.MONTHS, len(ratio), days.HORIZON))
    for m in range(days.MONTHS):
        if m:
            usual = company.base * index[:, m - 1]
            seen = np.divide(total[:, m - 1], usual, out=ratio.copy(), where=usual > 0)
            ratio = ratio + SMOOTHING * (seen - ratio)
        if client.step and m == days.WARM_UP + STEP_CYCLE + 1:
            ratio[company.family == STEP_FAMILY] *= 1 + client.step
        for k in range(days.HORIZON):
            known = book[:, m + k, k + 1] if k + 1 < len(ARRIVES) else 0.0
            forecast[m, :, k] = known + rest[k] * ratio * company.base * index[:, m + k]
    return forecast


def late_talk(client: Client, company: Company, seed: int) -> np.ndarray:
    """Relative overrides inside the fence that no order supports, taken anew each month (fault 1), `[m, i, k]`."""
    shape = (days.MONTHS, len(FAMILIES), 2)
    by_family = stream(seed, "talk of the family").standard_normal(shape)[:, company.family_number]
    by_item = stream(seed, "talk of the item").standard_normal((days.MONTHS, len(company.base), 2))
    talk = np.zeros((days.MONTHS, len(company.base), days.HORIZON))
    for m in range(days.WARM_UP, days.MONTHS):
        level = client.levels(1, m - days.WARM_UP, FAMILIES)[company.family_number]
        talk[m, :, :2] = TALK * level[:, None] * (0.8 * by_family[m] + 0.6 * by_item[m])
    return talk


def order_lines(company: Company, orders: np.ndarray, seed: int) -> pd.DataFrame:
    """Customer lines: item, branch, customer, days of order and request, and units, in order of request."""
    random = stream(seed, "order lines")
    i, m, j = (a.ravel() for a in np.indices(orders[:, : days.MONTHS].shape))
    amount = orders[:, : days.MONTHS].ravel()
    split = np.clip(BRANCH_SHARE[1] * (1 + 0.15 * random.standard_normal(len(amount))), 0, 1)
    coast = np.round(amount * split)
    i, m, j, branch = np.tile(i, 2), np.tile(m, 2), np.tile(j, 2), np.repeat([0, 1], len(amount))
    amount = np.concatenate([amount - coast, coast])
    usual = company.base[i] / company.lines_a_month[i]
    count = np.where(amount > 0, np.clip(np.round(amount / usual), 1, 12), 0).astype(int)
    row = np.repeat(np.arange(len(amount)), count)
    weight = random.uniform(0.5, 1.5, len(row))
    reached = np.cumsum(weight)
    before = np.concatenate([[0.0], reached])[np.concatenate([[0], count.cumsum()])[:-1]]
    part = (reached - before[row]) / np.bincount(row, weight, len(amount))[row]
    upto = np.round(part * amount[row])
    is_first = np.r_[True, row[1:] != row[:-1]]
    units = np.where(is_first, upto, upto - np.r_[0.0, upto[:-1]])
    start, length = days.MONTH_DAY[m[row]], days.MONTH_LENGTH[m[row]]
    requested = start + 3 + (random.random(len(row)) * (length - 3)).astype(int)
    back = days.MONTH_DAY[np.maximum(m[row] - j[row], 0)]
    room = np.where(j[row] == 0, requested - 2 - back, days.MONTH_LENGTH[np.maximum(m[row] - j[row], 0)])
    ordered = back + (random.random(len(row)) * np.maximum(room, 1)).astype(int)
    lines = pd.DataFrame(
        {
            "item": i[row],
            "branch": branch[row],
            "customer": (random.random(len(row)) ** 1.5 * 24).astype(int),
            "ordered": np.minimum(ordered, requested),
            "requested": requested,
            "quantity": units,
        }
    )
    return lines[lines["quantity"] > 0].sort_values(["requested", "ordered"], kind="stable", ignore_index=True)
