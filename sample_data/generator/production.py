"""From consensus to production plan, and what the lines then did with it, week by week."""

from dataclasses import dataclass

import numpy as np

from sample_data.generator import calendar_days as cal
from sample_data.generator.company import FAMILIES, ITEMS_PER_FAMILY, RESOURCE_IDS, Company
from sample_data.generator.demand import Demand
from sample_data.generator.forecasting import Forecasts
from sample_data.generator.scenario import Scenario
from sample_data.generator.streams import stream

HORIZON = 7
DEAD_BAND = 0.65
RELEASE_DAYS = 4
OVERRIDE_BAND = 0.35
SETUP_HOURS = 0.65
WEEK_DAYS = 5
DRAWS = 60
HEAVY_OVERTIME = 0.04
BROKEN = 0.45
WEAR_PER_MONTH = 0.02


@dataclass
class Order:
    """A production order, planned and done; days are day numbers, hours decimal."""

    number: int
    resource: int
    item: int
    month: int
    planned_start: int
    planned_finish: int
    quantity: float
    standard: float
    planned_sequence: int
    planned_hour: float
    actual_start: int = 0
    actual_finish: int = 0
    actual_quantity: float = 0.0
    actual_sequence: int = 0
    actual_hours: float = 0.0
    setup: float = 0.0
    queue: float = 0.0
    overtime: float = 0.0
    done: bool = False


@dataclass
class ScheduleChange:
    """A change to the released schedule."""

    day: int
    resource: int
    order: int
    item: int
    kind: str
    reason: str
    scheduled: int


@dataclass
class Capacity:
    """Hours per resource and month: nominal, what the plan assumed, planned overtime, what was really there."""

    nominal: np.ndarray
    planned: np.ndarray
    planned_overtime: np.ndarray
    available: np.ndarray
    slowdown: np.ndarray


def build_capacity(company: Company, demand: Demand, scenario: Scenario, seed: int) -> Capacity:
    """Staff each line for its expected load with the slack its market needs; faults 3 and 5 make plans optimistic."""
    months = cal.MONTHS + cal.HORIZON
    extra = pre_build_stock(company, demand, scenario)
    need = demand.base * 1.0
    need += np.diff(extra, axis=1, prepend=extra[:, :1])
    load = np.array(
        [
            (need * company.standard_hours[:, None])[company.made & (company.resource == r)].sum(axis=0)
            for r in RESOURCE_IDS
        ]
    )
    padded = np.pad(load, ((0, 0), (3, 3)), mode="edge")
    smooth = np.array([np.convolve(row, np.ones(7) / 7, mode="valid") for row in padded])
    target = 0.785 - 0.35 * scenario.volatility
    weeks = np.array([len(cal.weeks_of(m)) if m < cal.MONTHS else 4.35 for m in range(months)])
    nominal = smooth / target * weeks / 4.35
    overtime = np.zeros_like(nominal)
    if scenario.seasonal_pre_build:
        crew = RESOURCE_IDS.index("R60")
        overtime[crew] = np.isin(np.arange(months) % 12, (7, 8, 9, 10)) * 0.10 * nominal[crew]
    draws = stream(seed, "absence").standard_normal(nominal.shape)
    cycle = np.arange(months) - cal.WARM_UP
    optimism = np.array([[scenario.level(5, c, r) for c in cycle] for r in RESOURCE_IDS])
    stale = np.array([[scenario.level(3, c, r) for c in cycle] for r in RESOURCE_IDS])
    available = nominal * (1 + 0.01 * draws - 0.11 * optimism)
    for number, broken in enumerate(scenario.breakdowns):
        available[number % 3 :: 3, cal.WARM_UP + broken] *= 1 - BROKEN
    slowdown = 1 + np.maximum(0.28 * optimism, 0.20 * stale)
    return Capacity(nominal, 0.995 * nominal, overtime, available, slowdown)


def pre_build_stock(company: Company, demand: Demand, scenario: Scenario) -> np.ndarray:
    """Stock agreed ahead of the gift season, per item and month end: built from August, gone by December."""
    months = demand.base.shape[1]
    extra = np.zeros((company.count, months))
    if scenario.seasonal_pre_build:
        share = np.array([0, 0, 0, 0, 0, 0, 0, 0.08, 0.16, 0.22, 0.12, 0])[np.arange(months) % 12]
        rows = company.family == "Gift Boxes"
        extra[rows] = company.base_units[rows, None] * share
    return extra


class Planner:
    """Publishes the production plan of each cycle: `plan[c, i, k]` in units for month c + k."""

    def __init__(
        self, company: Company, demand: Demand, forecasts: Forecasts, scenario: Scenario, capacity: Capacity, seed: int
    ) -> None:
        self.company, self.scenario, self.capacity = company, scenario, capacity
        self.numbers = operations_numbers(company, forecasts, scenario)
        self.cover = cover_stock(company, demand, scenario)
        self.plan = np.zeros((cal.MONTHS, company.count, HORIZON))
        self.overrides: list[tuple[int, int, bool]] = []
        random = stream(seed, "replanning")
        self.whim = random.standard_normal((cal.MONTHS, company.count, HORIZON))
        self.mix = stream(seed, "local lots").permutation(company.count) % 2 * 2 - 1

    def publish(self, c: int, position: np.ndarray, buffer: np.ndarray) -> np.ndarray:
        """Plan cycle c from stock plus open orders and the buffers; return the current month's quantities."""
        company, made = self.company, self.company.made
        lot = company.lot
        previous = np.zeros((company.count, HORIZON))
        if c:
            previous[:, :-1] = self.plan[c - 1, :, 1:]
        else:
            previous[:, 0] = np.round(self.numbers[0, :, 0] / lot) * lot
        target = self.targets(c, buffer)
        current = self._frozen(c, previous[:, 0], position, target[:, 0], buffer)
        end = position + current - self.numbers[c, :, 0]
        need = self.numbers[c, :, 1:HORIZON] + np.diff(target, axis=1)
        need[:, 0] += target[:, 0] - end
        whole = np.maximum(np.maximum.accumulate(np.cumsum(need, axis=1), axis=1), 0)
        whole = np.cumsum(self._within_capacity(c, np.diff(whole, axis=1, prepend=0)), axis=1)
        old = np.cumsum(previous[:, 1:], axis=1)
        settled = np.full_like(whole, True, dtype=bool)
        settled[:, -1] = False
        keep = settled & (np.abs(old - whole) <= DEAD_BAND * lot[:, None])
        whole = np.where(keep, old, np.round(whole / lot[:, None]) * lot[:, None])
        later = np.maximum(np.diff(np.maximum.accumulate(whole, axis=1), axis=1, prepend=0), 0)
        later = self._second_thoughts(c, later)
        self.plan[c] = np.where(made[:, None], np.column_stack([current, later]), 0)
        return self.plan[c, :, 0]

    def targets(self, c: int, buffer: np.ndarray) -> np.ndarray:
        """Month-end stock the plan aims at; fault 9 gives one half of the items the other half's stock."""
        taste = 1.1 * self.mix * self.scenario.level(9, c - cal.WARM_UP)
        factor = np.where(taste > 0, 1 + taste, 1 + 0.75 * taste)
        return (buffer * factor + np.maximum(taste, 0) * 0.25 * self.company.base_units)[:, None] + self.cover[
            :, c : c + HORIZON
        ]

    def _frozen(
        self, c: int, frozen: np.ndarray, position: np.ndarray, target: np.ndarray, buffer: np.ndarray
    ) -> np.ndarray:
        """The released month: kept, overridden by rule where stock would leave its band, or torn up (fault 4)."""
        lot, cycle = self.company.lot, c - cal.WARM_UP
        end = position + frozen - self.numbers[c, :, 0]
        band = np.maximum(OVERRIDE_BAND * buffer, 0.5 * lot)
        low, high = target - band, target + band
        change = np.where(end < low, np.ceil((low - end) / lot), 0) - np.where(
            end > high, np.ceil((end - high) / lot), 0
        )
        levels = np.array([self.scenario.level(4, cycle, r) if r else 0.0 for r in self.company.resource])
        change = np.clip(change, -np.round(0.5 * frozen / lot), np.maximum(1, np.round(0.6 * frozen / lot)))
        wild = np.round(0.55 * levels * self.whim[c, :, 0] * frozen / lot)
        current = np.maximum(frozen + np.where(self.company.made, change + wild, 0) * lot, 0)
        for i in np.flatnonzero(current != frozen):
            self.overrides.append((c, int(i), bool(levels[i] > 0)))
        return current

    def _within_capacity(self, c: int, units: np.ndarray) -> np.ndarray:
        """Move what a resource cannot make to the month before where there is room, else to the month after."""
        units = units.copy()
        for n, r in enumerate(RESOURCE_IDS):
            rows = self.company.made & (self.company.resource == r)
            hours = self.company.standard_hours[rows]
            months = np.arange(c + 1, c + HORIZON)
            limit = 0.85 * (self.capacity.planned[n, months] + self.capacity.planned_overtime[n, months])
            own = units[rows]
            for k in range(own.shape[1] - 1, 0, -1):
                load = hours @ own[:, k]
                if load > limit[k]:
                    moved = own[:, k] * (1 - limit[k] / load)
                    own[:, k] -= moved
                    own[:, k - 1] += moved
            load = hours @ own[:, 0]
            if load > limit[0]:
                moved = own[:, 0] * (1 - limit[0] / load)
                own[:, 0] -= moved
                own[:, 1] += moved
            units[rows] = own
        return units

    def _second_thoughts(self, c: int, later: np.ndarray) -> np.ndarray:
        """Fault 4: the planner reshuffles the months ahead as well."""
        levels = np.array([self.scenario.level(4, c - cal.WARM_UP, r) if r else 0.0 for r in self.company.resource])
        lot = self.company.lot[:, None]
        shift = np.round(0.30 * levels[:, None] * self.whim[c, :, 1:] * later / lot) * lot
        return np.maximum(later + shift, 0)


def operations_numbers(company: Company, forecasts: Forecasts, scenario: Scenario) -> np.ndarray:
    """The demand that production plans for: the consensus, or its own number (faults 2 and 10)."""
    own = np.array(
        [[min(1.0, 1.2 * scenario.level(10, c - cal.WARM_UP, f)) for f in FAMILIES] for c in range(cal.MONTHS)]
    )
    cut = np.array([[-0.10 * scenario.level(2, c - cal.WARM_UP, f) for f in FAMILIES] for c in range(cal.MONTHS)])
    shift = np.repeat(own * forecasts.kept["operations"] + cut, ITEMS_PER_FAMILY, axis=1)
    return forecasts.consensus * np.exp(shift)[:, :, None]


def cover_stock(company: Company, demand: Demand, scenario: Scenario) -> np.ndarray:
    """Working stock above the buffer at month end, with the agreed pre-build."""
    level = np.minimum(demand.base, company.base_units[:, None] * 1.2)
    return (0.36 + 0.6 * scenario.volatility + in_release()) * level + pre_build_stock(company, demand, scenario)


def in_release() -> np.ndarray:
    """Share of a month's output that is made in its last week but released only in the next month."""
    months = np.arange(cal.MONTHS + cal.HORIZON)
    ends = cal.MONTH_DAY[1:]
    last_monday = ends - 1 - (cal.DAY_ZERO.weekday() + ends - 1) % 7
    overhang = last_monday + WEEK_DAYS + RELEASE_DAYS + 0.5 - ends
    late = np.clip(overhang / WEEK_DAYS, 0, 1) + np.clip((overhang - 7) / WEEK_DAYS, 0, 1)
    return late[months] / 4.35


class Shopfloor:
    """Runs the released orders of each week through finite capacity."""

    def __init__(self, company: Company, scenario: Scenario, capacity: Capacity, seed: int) -> None:
        self.company, self.scenario, self.capacity = company, scenario, capacity
        self.orders: list[Order] = []
        self.changes: list[ScheduleChange] = []
        self.breakdowns: list[tuple[int, int, float]] = []
        self.queue: list[list[Order]] = [[] for _ in RESOURCE_IDS]
        self.clock = [0.0] * len(RESOURCE_IDS)
        self.planned_count = [0] * len(RESOURCE_IDS)
        self.actual_count = [0] * len(RESOURCE_IDS)
        self.staffed = capacity.available.tolist()
        self.wear = [0.0] * len(RESOURCE_IDS)
        self.month_overtime = [0.0] * len(RESOURCE_IDS)
        self.released: dict[int, list[list[list[int]]]] = {}
        weeks = len(cal.MONDAYS)
        random = stream(seed, "shop floor")
        self.run_noise = np.exp(0.04 * random.standard_normal((len(RESOURCE_IDS), weeks, DRAWS))).tolist()
        self.setup_noise = np.exp(0.10 * random.standard_normal((len(RESOURCE_IDS), weeks, DRAWS))).tolist()
        self.yields = (1 - 0.012 * random.random((len(RESOURCE_IDS), weeks, DRAWS))).tolist()
        self.stops = (random.random((len(RESOURCE_IDS), weeks)), random.uniform(0.04, 0.12, (len(RESOURCE_IDS), weeks)))
        unrest = stream(seed, "queue jumping")
        self.jump, self.split = (
            unrest.random((len(RESOURCE_IDS), weeks, DRAWS)),
            unrest.random((len(RESOURCE_IDS), weeks, DRAWS)),
        )
        self.place = unrest.random((len(RESOURCE_IDS), weeks, DRAWS))
        self.ordinary = stream(seed, "ordinary schedule changes").random((len(RESOURCE_IDS), weeks, DRAWS))

    def release(self, month: int, units: np.ndarray) -> None:
        """Spread the lots of a month evenly over its weeks."""
        weeks = len(cal.weeks_of(month))
        slots: list[list[list[int]]] = [[[] for _ in range(weeks)] for _ in RESOURCE_IDS]
        lots = np.round(units / self.company.lot).astype(int)
        for i in np.flatnonzero(self.company.made & (lots > 0)):
            r = RESOURCE_IDS.index(self.company.resource[i])
            phase = (0.37 * i) % 1
            for k in range(lots[i]):
                slots[r][int((k + phase) * weeks / lots[i])].append(int(i))
        self.released[month] = slots

    def run_week(self, week: int) -> list[Order]:
        """Execute one week on every resource and return the orders it finished."""
        month = int(cal.WEEK_MONTH[week])
        number = int(np.flatnonzero(cal.weeks_of(month) == week)[0])
        finished: list[Order] = []
        if number == 0 and month:
            self._maintain(month - 1)
        for r in range(len(RESOURCE_IDS)):
            items = sorted(self.released[month][r][number])
            finished += self._run(r, week, month, self._plan_week(r, week, month, items))
        return finished

    def _maintain(self, month: int) -> None:
        """A month of heavy unplanned overtime leaves no window for maintenance: the line wears, else it recovers."""
        for r in range(len(RESOURCE_IDS)):
            beyond = self.month_overtime[r] - float(self.capacity.planned_overtime[r, month])
            heavy = beyond > HEAVY_OVERTIME * float(self.capacity.planned[r, month])
            self.wear[r] = max(0.0, self.wear[r] + (WEAR_PER_MONTH if heavy else -WEAR_PER_MONTH))
            self.month_overtime[r] = 0.0

    def _plan_week(self, r: int, week: int, month: int, items: list[int]) -> list[Order]:
        """Number and date the week's orders in the order of the product wheel."""
        monday = int(cal.MONDAYS[week])
        standard = [float(self.company.standard_hours[i] * self.company.lot[i]) for i in items]
        hours = max(
            float(self.capacity.planned[r, month]) / len(cal.weeks_of(month)),
            sum(standard) + SETUP_HOURS * len(items),
            1.0,
        )
        clock = 0.0
        planned: list[Order] = []
        for i, work in zip(items, standard, strict=True):
            start = monday + int(WEEK_DAYS * clock / hours)
            begin, clock = clock, clock + work + SETUP_HOURS
            finish = monday + int(WEEK_DAYS * min(clock, hours * 0.999) / hours)
            self.planned_count[r] += 1
            planned.append(
                Order(
                    len(self.orders) + len(planned),
                    r,
                    i,
                    month,
                    start,
                    finish + RELEASE_DAYS,
                    float(self.company.lot[i]),
                    work,
                    self.planned_count[r],
                    begin,
                )
            )
        self.orders += planned
        return planned

    def _run(self, r: int, week: int, month: int, planned: list[Order]) -> list[Order]:
        """Work off the queue and the week's orders; overtime comes when the backlog passes the tolerance."""
        cycle, resource = month - cal.WARM_UP, RESOURCE_IDS[r]
        weeks = len(cal.weeks_of(month))
        regular = self.staffed[r][month] / weeks - self._breakdown(r, week, month, weeks)
        carried = len(self.queue[r])
        todo = self.queue[r] + self._resequence(r, week, cycle, planned)
        slow = float(self.capacity.slowdown[r, month]) * (1 + self.wear[r])
        runs, extra_setups = [], self._extra_setups(r, week, cycle, todo)
        for k, order in enumerate(todo):
            d = min(k, DRAWS - 1)
            order.actual_hours = order.standard * slow * self.run_noise[r][week][d]
            order.setup = SETUP_HOURS * self.setup_noise[r][week][d] * (2 if k in extra_setups else 1)
            runs.append(order.actual_hours + order.setup)
        backlog = self.clock[r] + sum(runs) - regular
        rescue = self.scenario.level(6, cycle)
        agreed = float(self.capacity.planned_overtime[r, month]) / weeks
        tolerance = 0.18 * (1 - rescue) * regular
        limit = (0.16 + 0.06 * rescue) * regular + agreed
        overtime = min(backlog - tolerance / 2, limit) if backlog > tolerance else min(max(backlog, 0.0), agreed)
        return self._work(r, week, todo, runs, regular, overtime, carried, resource)

    def _work(
        self,
        r: int,
        week: int,
        todo: list[Order],
        runs: list[float],
        regular: float,
        overtime: float,
        carried: int,
        resource: str,
    ) -> list[Order]:
        """Put the orders on the clock; what does not start before the week's hours end waits for the next."""
        clock = self.clock[r]
        finished: list[Order] = []
        self.queue[r] = []
        end = regular + overtime
        for k, (order, run) in enumerate(zip(todo, runs, strict=True)):
            if clock >= end:
                self.queue[r].append(order)
                continue
            start, clock = clock, clock + run
            self.actual_count[r] += 1
            order.actual_sequence = self.actual_count[r]
            order.actual_start = day_of(week, start, regular, overtime)
            order.queue = max(0.0, start - order.planned_hour + (regular if k < carried else 0.0))
            order.overtime = max(0.0, min(clock, end) - max(start, regular))
            self.month_overtime[r] += order.overtime
            order.actual_finish = day_of(week, clock, regular, overtime) + RELEASE_DAYS
            order.actual_quantity = round(order.quantity * self.yields[r][week][min(k, DRAWS - 1)])
            order.done = True
            finished.append(order)
        self.clock[r] = max(0.0, clock - end) if clock > end else 0.0
        return finished

    def _breakdown(self, r: int, week: int, month: int, weeks: int) -> float:
        """Hours lost to a stop; they leave the month's available hours."""
        if self.stops[0][r, week] > 0.05:
            return 0.0
        lost = float(self.stops[1][r, week] * self.capacity.nominal[r, month] / weeks * 2)
        self.capacity.available[r, month] -= lost
        self.breakdowns.append((int(cal.MONDAYS[week]) + 2, r, lost))
        return lost

    def _resequence(self, r: int, week: int, cycle: int, planned: list[Order]) -> list[Order]:
        """The order really run: the printed one, a rare agreed swap, or queue jumping (fault 4)."""
        level = self.scenario.level(4, cycle, RESOURCE_IDS[r])
        run = list(planned)
        monday = int(cal.MONDAYS[week])
        for k, order in enumerate(planned[:DRAWS]):
            if self.jump[r, week, k] < 0.75 * level:
                run.remove(order)
                run.insert(int(self.place[r, week, k] * (len(run) + 1)), order)
                self.changes.append(
                    ScheduleChange(
                        monday - 1 + k // 3,
                        r,
                        order.number,
                        order.item,
                        "sequence",
                        "priority call",
                        order.planned_start,
                    )
                )
            elif self.ordinary[r, week, k] < 0.03:
                at = run.index(order)
                reason = ("material", "maintenance", "quality", "campaign")[int(self.place[r, week, k] * 4)]
                if at + 1 < len(run):
                    run[at], run[at + 1] = run[at + 1], run[at]
                self.changes.append(
                    ScheduleChange(monday - 3, r, order.number, order.item, "sequence", reason, order.planned_start)
                )
        return run

    def _extra_setups(self, r: int, week: int, cycle: int, todo: list[Order]) -> set[int]:
        """Orders interrupted by an inserted one and set up a second time (fault 4)."""
        level = self.scenario.level(4, cycle, RESOURCE_IDS[r])
        torn = {k for k in range(min(len(todo), DRAWS)) if self.split[r, week, k] < 0.45 * level}
        monday = int(cal.MONDAYS[week])
        for k in torn:
            self.changes.append(
                ScheduleChange(
                    monday + min(k // 2, 4),
                    r,
                    todo[k].number,
                    todo[k].item,
                    "insert",
                    "urgent order",
                    todo[k].planned_start,
                )
            )
        return torn


def day_of(week: int, hour: float, regular: float, overtime: float) -> int:
    """Day number of a working hour of the week: Monday to Friday, then the weekend if it is worked."""
    monday = int(cal.MONDAYS[week])
    if hour <= regular:
        return monday + min(4, int(WEEK_DAYS * hour / regular))
    if overtime > 0 and hour <= regular + overtime:
        return monday + 5 + min(1, int(2 * (hour - regular) / overtime))
    return monday + 7 + min(4, int(WEEK_DAYS * (hour - regular - overtime) / regular))
