"""Purchasing by reorder point and order-up-to level at each branch, with gamma lead times.

Every second Monday a buyer looks at each bought item: below the reorder point an order brings the position up to the
level. A line that its supplier has announced late is expedited under a rule where stock would run out.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from tests.validity.other_rules import days
from tests.validity.other_rules.client import REDATING_CYCLE, Client, stream
from tests.validity.other_rules.company import BRANCH_SHARE, SUPPLIERS, Company
from tests.validity.other_rules.market import Market
from tests.validity.other_rules.planning import LEAD_SPREAD, Buffers, supplier_lead

REVIEW_DAYS = 14
SIT_ON = 0.85
SHORT_OF = 0.60
RUSHED = 0.50
LOOK_AHEAD = 21
DISASTER = 2.2
COLUMNS = (
    "item", "branch", "ordered", "due", "needed", "planned_lead", "received", "quantity", "expedited_on",
    "new_due", "changed_on", "by", "price_factor", "expedite_cost", "governed",
)  # fmt: skip
AT = {name: k for k, name in enumerate(COLUMNS)}
BY = (None, "supplier", "procurement", "system")
ROOM = 9000


@dataclass
class Buyer:
    """Purchase order lines as rows of one array, with what the buyers knew and did."""

    client: Client
    company: Company
    market: Market
    buffers: Buffers
    seed: int
    own_view: np.ndarray
    rows: np.ndarray = field(default_factory=lambda: np.full((ROOM, len(COLUMNS)), np.nan))
    count: int = 0

    def __post_init__(self) -> None:
        """Draw all noise at the start, so that no switch shifts it."""
        c = self.company
        self.bought = np.flatnonzero(~c.made)
        shape = (len(days.MONDAYS), 2, len(c.base))
        spread = LEAD_SPREAD**2
        self.luck = stream(self.seed, "lead times").standard_gamma(1 / spread, shape) * spread
        self.patience = stream(self.seed, "requisitions").random(shape)
        self.approval = stream(self.seed, "approvals").random(shape)
        self.suppliers = tuple(SUPPLIERS)

    @property
    def lines(self) -> np.ndarray:
        """The lines ordered so far (a view)."""
        return self.rows[: self.count]

    def review(self, week: int, net: np.ndarray, supply: np.ndarray) -> None:
        """Order what is below its reorder point, chase what is late; moves in `supply` follow the lines."""
        month, today = int(days.WEEK_MONTH[week]), int(days.MONDAYS[week])
        pace = self._pace(month)
        promised = self._due_within(today, LOOK_AHEAD)
        self._chase(week, net + promised - pace * LOOK_AHEAD, supply)
        self._pull_in(week, supply)
        on_order = supply[:, :, today:].sum(axis=2)
        lead = self.company.lead_days
        position = net + on_order
        point = pace * (lead + REVIEW_DAYS) + self.buffers.targets(month)
        cover = (position - self.buffers.stock) / np.maximum(pace, 1e-9)
        sits = self.patience[week] < SIT_ON * self.client.level(7, month - days.WARM_UP)
        due = (position < point) & ~self.company.made & (pace > 0) & ~(sits & (cover > SHORT_OF * lead))
        self._order(week, *np.nonzero(due), quantity=point - position, cover=cover, supply=supply)
        self._disturb(week, supply)

    def _pace(self, month: int) -> np.ndarray:
        """Units a day the buyer counts on: the consensus, or Procurement's own view (fault 10)."""
        ahead = self.market.consensus[month, :, 1:3].mean(axis=1)
        own = self.client.level(10, month - days.WARM_UP) * self.own_view[month]
        return BRANCH_SHARE[:, None] * ahead * np.exp(own)[self.company.family_number] / 30.4

    def _due_within(self, today: int, span: int) -> np.ndarray:
        """Units by node that open lines promise within `span` days, by the latest date told."""
        open_lines = self.lines[self.lines[:, AT["received"]] > today]
        told = np.where(open_lines[:, AT["changed_on"]] <= today, open_lines[:, AT["new_due"]], np.nan)
        told = np.fmax(told, open_lines[:, AT["due"]])
        soon = open_lines[told <= today + span]
        found = np.zeros((2, len(self.company.base)))
        np.add.at(found, (soon[:, 1].astype(int), soon[:, 0].astype(int)), soon[:, AT["quantity"]])
        return found

    def _order(
        self, week: int, branch: np.ndarray, item: np.ndarray, quantity: np.ndarray, cover: np.ndarray,
        supply: np.ndarray,
    ) -> None:  # fmt: skip
        """Place the lines of one review; one that is needed sooner than the lead time may be rushed (fault 7)."""
        if not len(item):
            return
        cycle, today, c = int(days.WEEK_MONTH[week]) - days.WARM_UP, int(days.MONDAYS[week]), self.company
        lot, lead = c.lot[item], c.lead_days[item]
        units = np.maximum(1, np.ceil(quantity[branch, item] / lot)) * lot
        covered = cover[branch, item]
        real = supplier_lead(self.client, cycle)[c.supplier[item]] * self.luck[week, branch, item]
        real *= np.where(self._in_disaster(cycle, item), DISASTER, 1.0)
        late_habit = self.client.level(7, cycle) > 0
        rush = late_habit & (covered < 0.9 * lead) & (self.approval[week, branch, item] < 0.75)
        received = today + np.maximum(2, np.round(real * np.where(rush, RUSHED, 1.0)))
        due = today + np.where(rush, np.maximum(2, np.round(SHORT_OF * lead)), lead)
        rows = np.full((len(item), len(COLUMNS)), np.nan)
        for name, value in {
            "item": item, "branch": branch, "ordered": today, "due": due, "planned_lead": lead, "received": received,
            "needed": today + np.clip(np.round(covered), 1, 240), "quantity": units,
            "price_factor": np.where(rush, 1.02, 1.0), "by": 0, "governed": 0,
            "expedited_on": np.where(rush, today, np.nan),
            "expedite_cost": np.where(rush, 60 + 0.01 * units * c.cost[item], np.nan),
        }.items():  # fmt: skip
            rows[:, AT[name]] = value
        announced = ~rush & (real > 1.25 * lead) & (self.approval[week, branch, item] > 0.5)
        rows[announced, AT["new_due"]] = received[announced]
        rows[announced, AT["changed_on"]] = today + np.round(0.7 * lead[announced])
        rows[announced, AT["by"]] = 1
        self.rows[self.count : self.count + len(rows)] = rows
        self.count += len(rows)
        np.add.at(supply, (branch, item, np.minimum(received, days.LAST - 1).astype(int)), units)

    def _move(self, which: np.ndarray, received: np.ndarray, supply: np.ndarray) -> None:
        """Receive these lines on other days."""
        rows = self.rows[which]
        branch, item, units = rows[:, 1].astype(int), rows[:, 0].astype(int), rows[:, AT["quantity"]]
        limit = days.LAST - 1
        np.add.at(supply, (branch, item, np.minimum(rows[:, AT["received"]], limit).astype(int)), -units)
        np.add.at(supply, (branch, item, np.minimum(received, limit).astype(int)), units)
        self.rows[which, AT["received"]] = received

    def _chase(self, week: int, projected: np.ndarray, supply: np.ndarray) -> None:
        """Expedite, under the rule, the overdue lines of items that run dry; each line once."""
        lines, today = self.lines, int(days.MONDAYS[week])
        branch, item = lines[:, 1].astype(int), lines[:, 0].astype(int)
        told = np.fmin(lines[:, AT["due"]], np.where(lines[:, AT["changed_on"]] <= today, today, np.inf))
        late = (lines[:, AT["received"]] > today + 4) & (told <= today) & np.isnan(lines[:, AT["expedited_on"]])
        which = np.flatnonzero(late & (projected[branch, item] < 0))
        if not len(which):
            return
        left = self.rows[which, AT["received"]] - today
        self.rows[which, AT["expedited_on"]] = today
        self.rows[which, AT["governed"]] = 1
        value = self.rows[which, AT["quantity"]] * self.company.cost[item[which]]
        self.rows[which, AT["expedite_cost"]] = 90 + 0.01 * value
        sooner = today + np.maximum(3, np.round(0.5 * left))
        self._move(which, np.maximum(sooner, np.minimum(lines[which, AT["due"]] + 1, today + left)), supply)

    def _pull_in(self, week: int, supply: np.ndarray) -> None:
        """Ask for lines sooner that were ordered too late to be in time (fault 7)."""
        month, today = int(days.WEEK_MONTH[week]), int(days.MONDAYS[week])
        if not self.client.level(7, month - days.WARM_UP):
            return
        lines = self.lines
        needy = (lines[:, AT["needed"]] + 3 < lines[:, AT["due"]]) & (lines[:, AT["due"]] > today + 9)
        untouched = np.isnan(lines[:, AT["new_due"]]) & np.isnan(lines[:, AT["expedited_on"]])
        recent = lines[:, AT["ordered"]] >= today - REVIEW_DAYS
        which = np.flatnonzero(needy & untouched & recent & (lines[:, AT["received"]] > today + 9))
        self._redate(which, lines[which, AT["due"]] - 7, today, 2)
        self.rows[which, AT["expedited_on"]] = today
        self.rows[which, AT["expedite_cost"]] = 60.0
        self._move(which, np.maximum(today + 3, lines[which, AT["received"]] - 6), supply)

    def _redate(self, which: np.ndarray, new_due: np.ndarray, today: int, by: int) -> None:
        self.rows[which, AT["new_due"]] = new_due
        self.rows[which, AT["changed_on"]] = today
        self.rows[which, AT["by"]] = by

    def _in_disaster(self, cycle: int, item: np.ndarray) -> np.ndarray:
        down = [self.suppliers.index(who) for start, who in self.client.failures() if start <= cycle < start + 3]
        return np.isin(self.company.supplier[item], down)

    def _disturb(self, week: int, supply: np.ndarray) -> None:
        """The supplier's fire delays open lines; a system run re-dates all of them without moving a truck."""
        month, today = int(days.WEEK_MONTH[week]), int(days.MONDAYS[week])
        lines, cycle = self.lines, month - days.WARM_UP
        opening = today < days.MONTH_DAY[month] + REVIEW_DAYS
        is_open = (lines[:, AT["received"]] > today) & (lines[:, AT["ordered"]] < today)
        if opening and cycle in self.client.disasters:
            which = np.flatnonzero(is_open & self._in_disaster(cycle, lines[:, 0].astype(int)))
            self._move(which, lines[which, AT["received"]] + 20, supply)
            self._redate(which, lines[which, AT["due"]] + 20, today, 1)
        if opening and self.client.mass_redating and cycle == REDATING_CYCLE:
            which = np.flatnonzero(is_open & np.isnan(lines[:, AT["new_due"]]) & (lines[:, AT["due"]] > today + 6))
            self._redate(which, lines[which, AT["due"]] - 5, today, 3)

    def frame(self) -> pd.DataFrame:
        """The lines as a frame."""
        return pd.DataFrame(self.lines, columns=list(COLUMNS)).astype({"item": int, "branch": int})
