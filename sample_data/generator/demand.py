"""Demand by the martingale model of forecast evolution (MMFE): what is known when, and what customers order."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sample_data.generator import calendar_days as cal
from sample_data.generator.company import FAMILIES, ITEMS_PER_FAMILY, LOCATION_SHARE, Company, ended_item, launched_item
from sample_data.generator.scenario import Scenario
from sample_data.generator.streams import stream

SURPRISE_SHARE = 0.5
COMMON, FAMILY, ITEM = 0.25, 0.55, 0.80
CARRIED = 0.12


@dataclass(frozen=True)
class Demand:
    """Demand and the best forecast of it.

    `base[i, m]` is the level everybody knows, `forecast[c, i, k]` the conditional expectation at cycle c of month
    c + k, `actual[i, m]` what was ordered, `lines` the order lines behind it, `by_day[l, i, d]` their sum by day.
    """

    base: np.ndarray
    forecast: np.ndarray
    actual: np.ndarray
    lines: pd.DataFrame
    by_day: np.ndarray


def build_demand(company: Company, scenario: Scenario, seed: int) -> Demand:
    """Simulate information, forecasts, demand and order lines for all months."""
    base = base_levels(company, scenario, seed)
    forecast, actual = evolve(company, scenario, base, seed)
    lines = order_requests(company, actual, seed)
    by_day = np.zeros((len(LOCATION_SHARE), company.count, cal.DAYS))
    np.add.at(by_day, (lines["location"], lines["item"], lines["requested"]), lines["quantity"])
    return Demand(base, forecast, actual, lines, by_day)


def base_levels(company: Company, scenario: Scenario, seed: int) -> np.ndarray:
    """Level, trend, season and life cycle of each item, known to all; promotions and steps come as news."""
    months = cal.MONTHS + cal.HORIZON
    month = np.arange(months)
    trend = (1 + scenario.growth_per_year) ** ((month - cal.WARM_UP) / 12)
    phase = stream(seed, "season").uniform(0, 12, len(FAMILIES))
    season = 1 + scenario.season * np.sin(2 * np.pi * (month[None, :] - phase[:, None]) / 12)
    gift = FAMILIES.index("Gift Boxes")
    if scenario.seasonal_pre_build:
        season[gift] = np.array([0.85, 0.85, 0.9, 0.9, 0.9, 0.9, 0.9, 0.95, 1.0, 1.15, 1.45, 1.35])[month % 12]
    level = company.base_units[:, None] * trend * np.repeat(season, ITEMS_PER_FAMILY, axis=0)
    if scenario.mix_shift_per_year:
        towards = np.where(np.arange(company.count) % 2 == 0, 1, -1)[:, None]
        level *= (1 + towards * scenario.mix_shift_per_year) ** (np.maximum(0, month - cal.WARM_UP) / 12)
    if scenario.launch_cycle is not None:
        start = cal.WARM_UP + scenario.launch_cycle
        level[launched_item()] *= np.clip((month - start + 1) / 4, 0, 1) * (month >= start)
    if scenario.phase_out_cycle is not None:
        end = cal.WARM_UP + scenario.phase_out_cycle
        level[ended_item()] *= np.clip((end - month) / 4, 0, 1)
    return level


def news_factors(company: Company, scenario: Scenario) -> tuple[np.ndarray, np.ndarray]:
    """Return the factor on each item-month from promotions and steps, and the cycle from which it is known."""
    shape = (company.count, cal.MONTHS + cal.HORIZON)
    factor, known_from = np.ones(shape), np.zeros(shape, dtype=int)
    for promotion in scenario.promotions:
        month = cal.WARM_UP + promotion.cycle
        rows = company.family == promotion.family
        factor[rows, month] *= 1 + promotion.lift
        known_from[rows, month] = month - promotion.notice
    if scenario.step_cycle is not None:
        month = cal.WARM_UP + scenario.step_cycle
        rows = company.family == scenario.step_family
        factor[rows, month:] *= 1 + scenario.step
        known_from[rows, month:] = month + 1
    return factor, known_from


def shocks(random: np.random.Generator, months: int, *shape: int) -> np.ndarray:
    """Common, family and item shocks with joint standard deviation near one, `[months, item, ...]`."""
    n = len(FAMILIES)
    common = random.standard_normal((months, 1, *shape))
    family = np.repeat(random.standard_normal((months, n, *shape)), ITEMS_PER_FAMILY, axis=1)
    item = random.standard_normal((months, n * ITEMS_PER_FAMILY, *shape))
    return COMMON * common + FAMILY * family + ITEM * item


def evolve(company: Company, scenario: Scenario, base: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Let information arrive: a step per lag, a last surprise in the month itself, a little of it carried forward."""
    months, horizon = cal.MONTHS, cal.HORIZON
    sigma = scenario.volatility
    step_sd = sigma * np.sqrt((1 - SURPRISE_SHARE) / horizon)
    last_sd = sigma * np.sqrt(SURPRISE_SHARE)
    news = shocks(stream(seed, "information"), months, horizon) * step_sd
    last = shocks(stream(seed, "surprise"), months) * last_sd
    carry = CARRIED ** np.arange(1, horizon + 1)
    factor, known_from = news_factors(company, scenario)
    log_level = np.zeros((company.count, horizon))
    forecast = np.zeros((months, company.count, horizon))
    for c in range(months):
        log_level = np.concatenate([log_level[:, 1:], np.zeros((company.count, 1))], axis=1)
        log_level += news[c] - step_sd**2 / 2
        if c:
            log_level += carry * (last[c - 1][:, None]) - (carry * last_sd) ** 2 / 2
        seen = np.where(known_from[:, c : c + horizon] <= c, factor[:, c : c + horizon], 1.0)
        forecast[c] = base[:, c : c + horizon] * seen * np.exp(log_level)
    unseen = np.where(known_from[:, :months] <= np.arange(months), 1.0, factor[:, :months])
    actual = forecast[:, :, 0].T * unseen * np.exp(last.T - last_sd**2 / 2)
    return forecast, np.round(actual)


def order_requests(company: Company, actual: np.ndarray, seed: int) -> pd.DataFrame:
    """Split each item-month into order lines by location, day and customer."""
    random = stream(seed, "order lines")
    items, months = actual.shape
    west = np.clip(LOCATION_SHARE[0] + 0.02 * random.standard_normal(actual.shape), 0.5, 0.7)
    count = np.maximum(2, random.poisson(company.lines_per_month[:, None], actual.shape))
    west_lines = np.clip(np.round(count * LOCATION_SHARE[0]).astype(int), 1, count - 1)
    cell = np.arange(items * months)
    rows = []
    for place, lines, share in ((0, west_lines, west), (1, count - west_lines, 1 - west)):
        cells = np.repeat(cell, lines.ravel())
        weight = random.gamma(8.0, 1.0, len(cells))
        total = np.bincount(cells, weight, items * months)
        quantity = np.round(weight / total[cells] * (share * actual).ravel()[cells])
        turn = np.arange(len(cells)) - np.repeat(np.cumsum(lines.ravel()) - lines.ravel(), lines.ravel())
        moment = (turn + random.random(len(cells))) / lines.ravel()[cells]
        rows.append(pd.DataFrame({"cell": cells, "location": place, "quantity": quantity, "moment": moment}))
    lines = pd.concat(rows, ignore_index=True)
    lines["item"], lines["month"] = lines["cell"] // months, lines["cell"] % months
    n = len(lines)
    month = lines["month"].to_numpy()
    lines["requested"] = cal.MONTH_DAY[month] + (lines["moment"].to_numpy() * cal.MONTH_LENGTH[month]).astype(int)
    lines["ordered"] = lines["requested"] - random.integers(4, 15, n)
    lines["customer"] = random.integers(1, 25, n)
    lines["urgent_draw"], lines["slip_draw"] = random.random(n), random.random(n)
    lines = lines[lines["quantity"] > 0].sort_values(["requested", "item", "location", "quantity"], ignore_index=True)
    return lines.drop(columns=["cell", "moment"])
