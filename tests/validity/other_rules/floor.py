"""The shop floor, week by week: a product wheel on each cell, hours, queues and overtime."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from tests.validity.other_rules import days
from tests.validity.other_rules.client import Client, stream
from tests.validity.other_rules.company import CELLS, SETUP_HOURS, Company
from tests.validity.other_rules.planning import Capacity, Planner, true_rate

SCRAP = 0.01
WEEK_DAYS = 5.0
GOVERNED_FROM, GOVERNED_UPTO = 0.30, 0.12
RESCUE_UPTO, HABIT_UPTO = 0.30, 0.08
RESHUFFLED = 4.0
SWAPPED = 0.02
PLANNED = ["item", "cell", "planned_start", "planned_finish", "quantity", "standard", "sequence", "week"]
ACTUAL = ["start", "finish", "good", "hours", "setup", "queue", "overtime", "actual_sequence", "run_week"]


@dataclass
class Floor:
    """What was released and what was done; rows of `finished` are `PLANNED` then `ACTUAL`, `queue` by cell."""

    client: Client
    company: Company
    capacity: Capacity
    planner: Planner
    seed: int
    queue: list[np.ndarray] = field(init=False)
    finished: list[np.ndarray] = field(default_factory=list)
    changes: list[tuple[int, int, int, bool]] = field(default_factory=list)
    overtime: list[tuple[int, int, float, bool]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Draw all noise at the start, so that no switch shifts it."""
        n, weeks = len(self.company.base), len(days.MONDAYS)
        self.queue = [np.zeros((0, len(PLANNED))) for _ in CELLS]
        self.carried = np.zeros(len(CELLS))
        self.waiting = np.zeros(n)
        self.pace = np.exp(0.05 * stream(self.seed, "pace").standard_normal((weeks, n)))
        self.whim = stream(self.seed, "whim").standard_normal((weeks, n))
        self.material = stream(self.seed, "material").random((weeks, n)) < SWAPPED
        self.wheel = [np.flatnonzero(self.company.cell == r) for r in range(len(CELLS))]

    def run_week(self, week: int, plan: np.ndarray) -> np.ndarray:
        """Work one week of a plan by month ahead; return good units by item and weekday of finish, `[i, 7]`."""
        made = np.zeros((len(self.company.base), 7))
        for r in range(len(CELLS)):
            rows = self._work(week, r, self._release(week, r, plan))
            item, day = rows[:, 0].astype(int), rows[:, len(PLANNED) + 1] - days.MONDAYS[week]
            np.add.at(made, (item, np.clip(day, 0, 6).astype(int)), rows[:, len(PLANNED) + 2])
            np.add.at(self.waiting, item, -rows[:, 4])
            self.finished.append(rows)
        return made

    def _release(self, week: int, r: int, plan: np.ndarray) -> np.ndarray:
        """Orders that a week brings to a cell, in the order of its wheel."""
        month, c = days.WEEK_MONTH[week], self.company
        units = np.round(plan[self.wheel[r], :2] @ days.WEEK_SHARE[week, month : month + 2])
        item, units = self.wheel[r][units > 0], units[units > 0]
        standard = units * c.hours[item]
        ends = np.cumsum(standard + SETUP_HOURS)
        weekly = self.capacity.planned[r] @ days.WEEK_SHARE[week]
        start = days.MONDAYS[week] + np.minimum(WEEK_DAYS - 1, np.floor(WEEK_DAYS * (ends - standard) / weekly))
        finish = days.MONDAYS[week] + np.minimum(WEEK_DAYS, np.floor(WEEK_DAYS * ends / weekly)) + 1
        np.add.at(self.waiting, item, units)
        number = np.arange(1.0, len(item) + 1)
        return np.column_stack([item, np.full(len(item), r), start, finish, units, standard, number, number * 0 + week])

    def _work(self, week: int, r: int, fresh: np.ndarray) -> np.ndarray:
        """Run the queue, then the week; what does not start in the hours there are waits."""
        fresh, moved = self._resequence(week, r, fresh)
        rows = np.concatenate([self.queue[r], fresh])
        moved = np.concatenate([np.zeros(len(self.queue[r]), dtype=bool), moved])
        month = days.WEEK_MONTH[week]
        item = rows[:, 0].astype(int)
        setup = SETUP_HOURS * np.where(moved, 1.6, 1.0)
        rate = true_rate(self.client, month - days.WARM_UP)[r]
        hours = rows[:, 5] * self.pace[week, item] * rate + setup
        until = np.cumsum(hours) + self.carried[r]
        regular = self.capacity.available[r] @ days.WEEK_SHARE[week]
        extra = self._overtime(week, r, until[-1] - regular if len(until) else 0.0, regular)
        started = until - hours < regular + extra
        self.queue[r] = rows[~started]
        self.carried[r] = max(0.0, until[started][-1] - regular - extra) if started.any() else 0.0
        rows, until, hours, setup, item = rows[started], until[started], hours[started], setup[started], item[started]
        at = days.MONDAYS[week] + np.minimum(5.9, WEEK_DAYS * np.column_stack([until - hours, until]) / regular)
        late = np.clip(np.minimum(until, regular + extra) - np.maximum(until - hours, regular), 0, None)
        start = np.floor(at[:, 0])
        return np.column_stack([
            rows, start, np.maximum(np.floor(at[:, 1]), start), np.round(rows[:, 4] * (1 - SCRAP)), hours, setup,
            8.0 * np.clip(start - rows[:, 2], 0, None), late, np.arange(1.0, len(rows) + 1), rows[:, 0] * 0 + week,
        ])  # fmt: skip

    def _resequence(self, week: int, r: int, fresh: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Orders in the sequence they really run: the wheel, material that is late, or somebody's whim (fault 4)."""
        item = fresh[:, 0].astype(int)
        level = self.client.level(4, int(days.WEEK_MONTH[week]) - days.WARM_UP, CELLS[r])
        lacking = self.material[week, item]
        key = fresh[:, 6] + RESHUFFLED * level * self.whim[week, item] + 2.5 * lacking
        order = np.argsort(key, kind="stable")
        moved = np.zeros(len(fresh), dtype=bool)
        moved[order] = np.arange(1, len(fresh) + 1) != fresh[order, 6]
        for at in np.flatnonzero(moved & (lacking | (level > 0))):
            self.changes.append((week, r, int(item[at]), bool(lacking[at])))
        return fresh[order], moved[order]

    def _overtime(self, week: int, r: int, excess: float, regular: float) -> float:
        """Hours beyond regular ones: agreed in the plan, granted under the rule, or simply taken (faults 5 and 6)."""
        month = int(days.WEEK_MONTH[week])
        cycle = month - days.WARM_UP
        agreed = min(max(excess, 0.0), self.planner.agreed[r] @ days.WEEK_SHARE[week])
        rest = excess - agreed
        hidden, habit = self.client.level(5, cycle, CELLS[r]), self.client.level(6, cycle)
        taken = min(rest, max(RESCUE_UPTO * (hidden > 0), HABIT_UPTO * habit) * regular) if rest > 0 else 0.0
        granted = 0.0
        if not taken and rest > GOVERNED_FROM * regular:
            granted = min(rest, GOVERNED_UPTO * regular)
        if taken + granted > 0:
            self.overtime.append((month, r, taken + granted, granted > 0))
        return agreed + taken + granted

    def orders(self) -> pd.DataFrame:
        """Every order released: finished ones with what happened, open ones without."""
        done = pd.DataFrame(np.concatenate(self.finished), columns=PLANNED + ACTUAL)
        waiting = pd.DataFrame(np.concatenate(self.queue), columns=PLANNED)
        return pd.concat([done, waiting], ignore_index=True).sort_values(
            ["week", "cell", "sequence"], ignore_index=True
        )
