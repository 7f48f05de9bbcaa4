"""Buffers, capacity and a level plan that closes a part of each gap.

Nothing is netted into lots: each open month gets its forecast plus half of what the projected stock lacks (a
proportional order-up-to rule), slow items in campaigns every second month; overloaded months are levelled into earlier
ones, then into agreed overtime, then later. The current month is frozen as published the month before.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from tests.validity.other_rules import days
from tests.validity.other_rules.client import Client, stream
from tests.validity.other_rules.company import (
    BRANCH_SHARE,
    CELLS,
    FAMILIES,
    REGULAR_HOURS,
    SETUP_HOURS,
    SUPPLIERS,
    Company,
)
from tests.validity.other_rules.market import ARRIVES, Market

GAIN = 0.5
AFTER_GAIN = (1 - GAIN) ** 2 / (1 - (1 - GAIN) ** 2)
ERROR_MEMORY = 0.08
LAGS = 3
UNKNOWN = 1.1 * ARRIVES.cumsum()[:LAGS]
LEAD_SPREAD = 0.15
DEADBAND = 0.08
AGREED_OVERTIME = 0.12
RATCHET = 0.07
MISPLACED = 1.8
REWRITTEN = 0.25
OPTIMISM = 0.28
BROKEN = 0.45
PLANNED_LOAD = 0.96
WORKING_MONTHS = 0.35


@dataclass
class Buffers:
    """Safety stock by node, reviewed each quarter both ways; the ratchet (fault 8) only ever raises it."""

    client: Client
    company: Company
    market: Market
    seed: int
    error: np.ndarray = field(init=False)
    stock: np.ndarray = field(init=False)
    habit: np.ndarray = field(init=False)
    history: list[np.ndarray] = field(default_factory=list)
    raised: list[tuple[int, int, bool]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Start from what the market's variation asks for."""
        c = self.company
        usual = BRANCH_SHARE[:, None] * c.variation * c.base
        self.error = UNKNOWN[:, None, None] * usual**2
        self.stock = self.required(0)
        self.habit = stream(self.seed, "habits").choice([-1.0, 1.0], (2, len(c.base)))

    @property
    def protection(self) -> np.ndarray:
        """Months between a decision and the next one's arrival, by item."""
        c = self.company
        return np.where(c.made, np.where(c.campaign, 2.5, 1.5) + AFTER_GAIN, (c.lead_days + 14) / 30.4)

    @property
    def risk(self) -> np.ndarray:
        """Variance of the error over the months of protection, by branch and item: the near ones are partly booked."""
        lag = np.arange(LAGS)[:, None]
        months = np.clip(self.protection - lag, 0, 1)
        return np.einsum("ki,kbi->bi", months, self.error)

    def required(self, month: int) -> np.ndarray:
        """Safety stock that the measured error and the spread of lead times ask for."""
        c = self.company
        mean = BRANCH_SHARE[:, None] * c.base * self.market.index[:, month]
        transit = np.where(c.made, 0.0, LEAD_SPREAD * c.lead_days / 30.4)
        return np.round(c.z * np.sqrt(self.risk + (mean * transit) ** 2))

    def review(self, month: int) -> None:
        """Learn from last month's error and set the buffers anew when it is time."""
        c, cycle = self.company, month - days.WARM_UP
        for lag in range(min(LAGS, month)):
            said = self.market.forecast[month - 1 - lag, :, lag]
            miss = self.market.by_month[:, :, month - 1] - BRANCH_SHARE[:, None] * said
            self.error[lag] += ERROR_MEMORY * (miss**2 - self.error[lag])
        level = self.client.levels(8, cycle, FAMILIES)[c.family_number]
        needed, before = self.required(month), self.stock.copy()
        if month % 3 == 0:
            moved = np.abs(needed / np.maximum(before, 1) - 1) > DEADBAND
            kept = (level > 0) & (needed < before)
            self.stock = np.where(moved & ~kept, needed, before)
        self.stock = np.ceil(self.stock * (1 + RATCHET * level))
        changed = np.abs(self.stock - before).sum(axis=0) > 0.02 * before.sum(axis=0)
        for u in np.unique(c.family_number[changed]):
            self.raised.append((month, int(u), bool(level[c.family_number == u].max() > 0)))
        self.history.append(self.stock.copy())

    def targets(self, month: int) -> np.ndarray:
        """Levels that replenishment really steers to: the buffers, or what habit makes of them (fault 9)."""
        level = self.client.level(9, month - days.WARM_UP)
        sigma = np.sqrt(self.risk)
        return np.maximum(0.0, self.stock + MISPLACED * level * sigma * self.habit)


@dataclass(frozen=True)
class Capacity:
    """Hours of each cell and month: what the plan counts on and what is really there."""

    planned: np.ndarray
    available: np.ndarray


def build_capacity(client: Client, company: Company, market: Market, seed: int) -> Capacity:
    """Hours follow the announced load, smoothed over a quarter; optimism (fault 5) overlooks what a cell has lost."""
    load = np.array([
        (company.hours * company.base * (company.cell == r)) @ market.index / (company.hours * company.base)[
            company.cell == r
        ].sum()
        for r in range(len(CELLS))
    ])  # fmt: skip
    smooth = np.array([np.convolve(np.pad(row, 1, "edge"), np.ones(3) / 3, "valid") for row in load])
    planned = np.round(REGULAR_HOURS * np.maximum(smooth, 0.6), 1)
    noise = stream(seed, "availability").standard_normal(planned.shape)
    lost = np.zeros_like(planned)
    for m in range(days.WARM_UP, planned.shape[1]):
        lost[:, m] = OPTIMISM * client.levels(5, m - days.WARM_UP, CELLS)
    for number, broken in enumerate(client.breakdowns):
        lost[number % 3 :: 3, days.WARM_UP + broken] += BROKEN
    return Capacity(planned, np.round(planned * (1 + 0.015 * noise) * (1 - lost), 1))


@dataclass
class Planner:
    """Publishes the production plan of each month, `plan[m, i, k]`, and the overtime it counts on."""

    client: Client
    company: Company
    market: Market
    capacity: Capacity
    seed: int
    own_view: np.ndarray
    plan: np.ndarray = field(init=False)
    agreed: np.ndarray = field(init=False)
    nerves: np.ndarray = field(init=False)

    def __post_init__(self) -> None:
        """Prepare empty plans."""
        n = len(self.company.base)
        self.plan = np.zeros((days.MONTHS, n, days.HORIZON))
        self.agreed = np.zeros((len(CELLS), days.MONTHS + days.HORIZON))
        self.nerves = stream(self.seed, "nerves").standard_normal((days.MONTHS, n, days.HORIZON))

    def publish(self, month: int, position: np.ndarray, target: np.ndarray) -> np.ndarray:
        """Plan the horizon from net stock and work in progress; return the units to make this month."""
        c = self.company
        believed = self.market.consensus[month] * self._belief(month)[:, None]
        plan = np.zeros_like(believed)
        plan[:, 0] = self.plan[month - 1, :, 1] if month else believed[:, 0]
        projected = position + plan[:, 0] - believed[:, 0]
        for k in range(1, days.HORIZON):
            following = believed[:, min(k + 1, days.HORIZON - 1)]
            runs = ~c.campaign | ((month + k + np.arange(len(c.base))) % 2 == 0)
            ahead = np.where(c.campaign, following, 0.0)
            wish = (
                believed[:, k]
                + ahead
                + GAIN * (target + WORKING_MONTHS * believed[:, k] + ahead / 2 - (projected + ahead))
            )
            plan[:, k] = np.where(c.made & runs, np.maximum(wish, 0.0), 0.0)
            projected = projected + plan[:, k] - believed[:, k]
        plan[:, 1:] = self._level(month, plan[:, 1:])
        plan *= self._rewriting(month)
        plan[~c.made] = 0.0
        self.plan[month] = np.round(plan)
        return self.plan[month, :, 0]

    def _belief(self, month: int) -> np.ndarray:
        """Factor on the consensus that the works really plan with: a silent cut (2), its own view (10)."""
        cycle = month - days.WARM_UP
        cut = 0.04 * self.client.levels(2, cycle, FAMILIES)
        own = self.client.level(10, cycle) * self.own_view[month]
        return np.exp(own - cut)[self.company.family_number]

    def _rewriting(self, month: int) -> np.ndarray:
        """Factor by which the plan of a cell is rewritten for no reason of the market (fault 4)."""
        level = self.client.levels(4, month - days.WARM_UP, (*CELLS, "none"))[self.company.cell]
        return np.exp(REWRITTEN * level[:, None] * np.clip(self.nerves[month], -2, 2))

    def _level(self, month: int, plan: np.ndarray) -> np.ndarray:
        """Move overload into earlier open months, then into agreed overtime, then later; cell by cell."""
        for r in range(len(CELLS)):
            here = self.company.cell == r
            hours, cell = self.company.hours[here], plan[here]
            setups = SETUP_HOURS * 4.35 * (cell > 0).sum(axis=0)
            room = PLANNED_LOAD * self.capacity.planned[r, month + 1 : month + days.HORIZON] - setups
            for k in range(cell.shape[1] - 1, 0, -1):
                moved = cell[:, k] * max(0.0, 1 - room[k] / max(hours @ cell[:, k], 1e-9))
                cell[:, k] -= moved
                cell[:, k - 1] += moved
            extra = float(np.clip(hours @ cell[:, 0] - room[0], 0, AGREED_OVERTIME * room[0]))
            self.agreed[r, month + 1] = round(extra, 1)
            room[0] += extra
            for k in range(cell.shape[1]):
                moved = cell[:, k] * max(0.0, 1 - room[k] / max(hours @ cell[:, k], 1e-9))
                cell[:, k] -= moved
                cell[:, k + 1 : k + 2] += moved[:, None]
            plan[here] = cell
        return plan


def supplier_lead(client: Client, cycle: int) -> np.ndarray:
    """True mean lead time of each supplier in days; reality drifts away where nobody looks (fault 3)."""
    drift = 1 + 0.45 * client.levels(3, cycle, tuple(SUPPLIERS))
    return np.array(list(SUPPLIERS.values())) * drift


def true_rate(client: Client, cycle: int) -> np.ndarray:
    """Hours that a standard hour really takes on each cell (fault 3)."""
    return 1 + 0.25 * client.levels(3, cycle, CELLS)
