"""Purchase orders for the bought items: weekly review, planned lead times, expedites, suppliers' real lead times."""

from dataclasses import dataclass

import numpy as np

from sample_data.generator import calendar_days as cal
from sample_data.generator.buffers import LEAD_TIME_CV
from sample_data.generator.company import FAMILIES, SUPPLIER_IDS, SUPPLIERS, Company
from sample_data.generator.demand import Demand
from sample_data.generator.forecasting import Forecasts
from sample_data.generator.scenario import Scenario
from sample_data.generator.streams import stream

REVIEW_DAYS = 9


@dataclass
class PurchaseLine:
    """A purchase order line; days are day numbers."""

    number: int
    item: int
    supplier: str
    location: int
    ordered: int
    due: int
    needed: int
    planned_lead: int
    received: int
    quantity: float
    received_quantity: float
    unit_price: float
    standard_price: float
    expedited: bool = False
    expedited_on: int | None = None
    expedite_cost: float = 0.0
    new_due: int | None = None
    changed_on: int | None = None
    changed_by: str = ""
    reschedules: int = 0


class Buyer:
    """Reviews every bought item each Monday and orders lots when the position no longer covers the lead time."""

    def __init__(self, company: Company, demand: Demand, forecasts: Forecasts, scenario: Scenario, seed: int) -> None:
        self.company, self.demand, self.scenario = company, demand, scenario
        self.numbers = self._own_numbers(forecasts)
        self.lines: list[PurchaseLine] = []
        self.bought = np.flatnonzero(~company.made)
        weeks = len(cal.MONDAYS)
        random = stream(seed, "lead times")
        self.lead_noise = np.exp(LEAD_TIME_CV * random.standard_normal((company.count, weeks)))
        self.short, self.notice = random.random((company.count, weeks)), random.random((company.count, weeks))
        lapse = stream(seed, "late buying")
        self.stuck, self.pull = lapse.random((company.count, weeks)), lapse.random((company.count, weeks))
        self.stuck_until = np.zeros(company.count, dtype=int)
        self.planned_lead = {s: SUPPLIERS[s][1] for s in SUPPLIER_IDS}
        self.local = stream(seed, "price lots").permutation(company.count) % 2 * 2 - 1

    def _own_numbers(self, forecasts: Forecasts) -> np.ndarray:
        """The demand purchasing plans for: the consensus, or procurement's own number (fault 10)."""
        own = np.array(
            [[min(1.0, 1.2 * self.scenario.level(10, c - cal.WARM_UP, f)) for f in FAMILIES] for c in range(cal.MONTHS)]
        )
        shift = own * forecasts.kept["procurement"]
        return (
            forecasts.consensus
            * np.exp(np.repeat(shift, len(self.company.family) // len(FAMILIES), axis=1))[:, :, None]
        )

    def review(self, week: int, net_stock: np.ndarray, buffer: np.ndarray, cover: np.ndarray) -> list[PurchaseLine]:
        """Place this Monday's orders from net stock by location (`[l, i]`), buffers and working stock."""
        day, month = int(cal.MONDAYS[week]), int(cal.WEEK_MONTH[week])
        cycle = month - cal.WARM_UP
        placed: list[PurchaseLine] = []
        daily = self._daily(month, day)
        open_by_item = self._on_order(day)
        for i in self.bought.tolist():
            supplier = str(self.company.supplier[i])
            if daily[i] <= 0 or (self.demand.base[i, month + 2] == 0):
                continue
            open_lines = open_by_item.get(int(i), [])
            on_order = sum(line.quantity for line in open_lines)
            stock = float(net_stock[:, i].sum())
            late = self.scenario.level(7, cycle, supplier)
            lead, lot = self.planned_lead[supplier], float(self.company.lot[i])
            aim = float(buffer[i] + 0.36 * cover[i]) * self._mix(i, cycle)
            position = stock + on_order
            if self.pull[i, week] < 0.06 * late and open_lines:
                self._pull_in(max(open_lines, key=lambda line: line.due), day)
            if position >= daily[i] * (lead + REVIEW_DAYS) + aim:
                continue
            if self._is_stuck(i, week, day, late):
                continue
            quantity = max(1.0, np.ceil((daily[i] * (lead + REVIEW_DAYS) + aim - position) / lot)) * lot
            needed = day + max(2, int((position - aim) / daily[i]))
            coming = sum(line.quantity for line in open_lines if line.received <= day + lead)
            empty = stock + coming < daily[i] * lead
            oo = np.array([sum(line.quantity for line in open_lines if line.location == x) for x in (0, 1)])
            for place, units in enumerate(split_lots(quantity, lot, net_stock[:, i] + oo, self._shares(i, cycle))):
                if units:
                    placed.append(self._order(i, supplier, place, day, week, needed, lead, units, bool(empty), late))
        self.lines += placed
        return placed

    def _is_stuck(self, i: int, week: int, day: int, late: float) -> bool:
        """Whether an order that is due to be placed waits on somebody's desk for a week or two (fault 7)."""
        if self.stuck[i, week] < 0.36 * late and day >= self.stuck_until[i] + 7:
            self.stuck_until[i] = day + (14 if self.stuck[i, week] < 0.12 * late else 7)
        return bool(day < self.stuck_until[i])

    def _daily(self, month: int, day: int) -> np.ndarray:
        """Expected units per day over each item's lead time and review."""
        span = self.company.lead_days + REVIEW_DAYS
        rest = cal.MONTH_DAY[month + 1] - day
        here = np.minimum(span, rest)
        later = np.minimum(span - here, 30.4)
        numbers = self.numbers[month] / 30.4
        return (here * numbers[:, 0] + later * numbers[:, 1] + (span - here - later) * numbers[:, 2]) / span

    def _mix(self, i: int, cycle: int) -> float:
        taste = 1.1 * self.local[i] * self.scenario.level(9, cycle)
        return 1 + taste if taste > 0 else max(0.1, 1 + 0.75 * taste)

    def _shares(self, i: int, cycle: int) -> np.ndarray:
        return location_shares(int(self.local[i]), self.scenario.level(9, cycle))

    def _on_order(self, day: int) -> dict[int, list[PurchaseLine]]:
        found: dict[int, list[PurchaseLine]] = {}
        for line in self.lines[-600:]:
            if line.received > day:
                found.setdefault(line.item, []).append(line)
        return found

    def _real_lead(self, i: int, supplier: str, week: int, lead: int) -> float:
        cycle = int(cal.WEEK_MONTH[week]) - cal.WARM_UP
        drift = 1 + 0.36 * self.scenario.level(3, cycle, supplier)
        broken = any(start <= cycle <= start + 1 and who == supplier for start, who in self.scenario.failures())
        return SUPPLIERS[supplier][1] * float(self.lead_noise[i, week]) * drift * (2.2 if broken else 1.0)

    def _order(
        self,
        i: int,
        supplier: str,
        place: int,
        day: int,
        week: int,
        needed: int,
        lead: int,
        quantity: float,
        empty: bool,
        late: float,
    ) -> PurchaseLine:
        """Place one line; rush it when stock would run dry, or as a habit once buying is late (fault 7)."""
        real = self._real_lead(i, supplier, week, lead)
        cycle = int(cal.WEEK_MONTH[week]) - cal.WARM_UP
        tight = needed - day < 0.9 * lead
        rush = (empty and tight and self.notice[i, week] < 0.5) or (
            tight and late > 0 and self.notice[i, week] < 0.15 + 0.45 * late
        )
        price_level = (1 + self.scenario.inflation_per_year) ** (cycle / 12)
        standard = round(float(self.company.cost[i]) * price_level, 3)
        received = day + max(2, round(real * (0.6 if rush else 1.0)))
        due = max(needed, day + max(2, int(0.55 * lead))) if rush else day + lead
        complete = self.short[i, week] > 0.015
        line = PurchaseLine(
            len(self.lines),
            int(i),
            supplier,
            place,
            day,
            due,
            needed,
            lead,
            received,
            quantity,
            quantity if complete else float(round(0.92 * quantity)),
            round(standard * (1.04 if rush else 1 + 0.004 * (self.short[i, week] - 0.5)), 3),
            standard,
        )
        if rush:
            line.expedited, line.expedited_on = True, day
            line.expedite_cost = round(180 + 0.012 * quantity * standard * price_level, 2)
        elif real > 1.35 * lead and self.notice[i, week] < 0.35:
            line.new_due, line.changed_on, line.changed_by, line.reschedules = (
                received,
                day + int(0.7 * lead),
                "supplier",
                1,
            )
        return line

    def _pull_in(self, line: PurchaseLine, day: int) -> None:
        """Ask for an open line sooner because it was ordered too late (fault 7)."""
        if line.expedited or line.reschedules or line.due <= day + 7:
            return
        line.new_due, line.changed_on, line.changed_by, line.reschedules = line.due - 7, day, "procurement", 1
        line.received = max(day + 2, line.received - 6)
        line.expedited, line.expedited_on, line.expedite_cost = (
            True,
            day,
            round(150 + 0.008 * line.quantity * line.standard_price, 2),
        )


def split_lots(quantity: float, lot: float, position: np.ndarray, share: np.ndarray) -> list[float]:
    """Send each lot to the location that is furthest below its share."""
    sent = np.zeros(len(share))
    for _ in range(round(quantity / lot)):
        sent[int(np.argmin((position + sent) / share))] += lot
    return [float(x) for x in sent]


def location_shares(taste: int, fault: float) -> np.ndarray:
    """Where an item's stock is sent: by demand, or by local preference (fault 9)."""
    west = 0.6 + 0.10 * taste * fault
    return np.array([west, 1 - west])
