"""One client from start to end: the months run, then the tables as its systems would hand them over."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sample_data.generator import calendar_days as cal
from sample_data.generator import company as masters
from sample_data.generator import forecasting, fulfilment, governance, ledger
from sample_data.generator.buffers import Buffers
from sample_data.generator.company import LOCATIONS, RESOURCE_IDS, SUPPLIERS, Company, build_company
from sample_data.generator.demand import Demand, build_demand
from sample_data.generator.forecasting import Forecasts, build_forecasts
from sample_data.generator.production import HORIZON, Order, Planner, Shopfloor, build_capacity
from sample_data.generator.purchasing import Buyer, PurchaseLine, location_shares
from sample_data.generator.scenario import Scenario


@dataclass
class Run:
    """Everything that happened in one simulation."""

    scenario: Scenario
    seed: int
    company: Company
    demand: Demand
    forecasts: Forecasts
    planner: Planner
    floor: Shopfloor
    buyer: Buyer
    buffers: Buffers
    opening: np.ndarray
    supply: np.ndarray


def simulate(scenario: Scenario, seed: int) -> dict[str, pd.DataFrame]:
    """Return the tables of one client, named as in the contract."""
    return tables(run(scenario, seed))


def run(scenario: Scenario, seed: int) -> Run:
    """Let the company live through warm-up and extract, week by week."""
    company = build_company(scenario, seed)
    demand = build_demand(company, scenario, seed)
    forecasts = build_forecasts(company, demand, scenario, seed)
    capacity = build_capacity(company, demand, scenario, seed)
    planner = Planner(company, demand, forecasts, scenario, capacity, seed)
    buffers = Buffers(company, demand, forecasts, scenario)
    opening = opening_stock(company, demand, buffers, planner)
    state = Run(
        scenario,
        seed,
        company,
        demand,
        forecasts,
        planner,
        Shopfloor(company, scenario, capacity, seed),
        Buyer(company, demand, forecasts, scenario, seed),
        buffers,
        opening,
        np.zeros((len(LOCATIONS), company.count, cal.DAYS)),
    )
    live(state)
    return state


def opening_stock(company: Company, demand: Demand, buffers: Buffers, planner: Planner) -> np.ndarray:
    """Stock on the first day by location: buffer, working stock, and what would be on its way."""
    days = np.where(company.made, 12.0, company.lead_days + 4)
    total = (buffers.stock + planner.cover[:, 0] + demand.base[:, 0] / 30.4 * days) * (demand.base[:, 0] > 0)
    return total * masters.LOCATION_SHARE[:, None]


def live(state: Run) -> None:
    """Run the weeks: on the first of a month plan, every Monday make, buy and receive."""
    net, day, month = state.opening.copy(), 0, -1
    for week, monday in enumerate(cal.MONDAYS):
        while month < cal.WEEK_MONTH[week]:
            month += 1
            net, day = advance(state, net, day, int(cal.MONTH_DAY[month]))
            plan_month(state, month, net, day)
        net, day = advance(state, net, day, int(monday))
        buffer, cover = state.buffers.stock, state.planner.cover[:, month]
        receive_production(state, net, day, month - cal.WARM_UP, state.floor.run_week(week))
        for line in state.buyer.review(week, net, buffer, cover):
            state.supply[line.location, line.item, line.received] += line.received_quantity
            line.number = len(state.buyer.lines)


def advance(state: Run, net: np.ndarray, day: int, until: int) -> tuple[np.ndarray, int]:
    """Move net stock forward to the morning of a day."""
    return net + (state.supply[:, :, day:until] - state.demand.by_day[:, :, day:until]).sum(axis=2), until


def plan_month(state: Run, month: int, net: np.ndarray, day: int) -> None:
    """Review the buffers and publish and release the plan of the month."""
    window = slice(max(0, int(cal.MONTH_DAY[max(0, month - 1)])), day)
    past = (
        state.opening[:, :, None] + np.cumsum((state.supply - state.demand.by_day)[:, :, :day], axis=2)
        if day
        else state.opening[:, :, None]
    )
    state.buffers.review(
        month, (past[:, :, window] <= 0).any(axis=(0, 2)) if day else np.zeros(state.company.count, dtype=bool)
    )
    waiting = np.zeros(state.company.count)
    for queue in state.floor.queue:
        for order in queue:
            waiting[order.item] += order.quantity
    position = net.sum(axis=0) + state.supply[:, :, day:].sum(axis=(0, 2)) + waiting
    state.floor.release(month, state.planner.publish(month, position, state.buffers.stock))


def receive_production(state: Run, net: np.ndarray, day: int, cycle: int, finished: list[Order]) -> None:
    """Send finished goods to the location that needs them most; fault 9 follows habit instead."""
    level = state.scenario.level(9, cycle)
    pending = net + state.supply[:, :, day:].sum(axis=2) if finished else net
    for order in finished:
        i, units = order.item, order.actual_quantity
        share = location_shares(int(state.buyer.local[i]), level)[0]
        west = float(np.clip(share * (pending[:, i].sum() + units) - pending[0, i], 0, units))
        state.supply[0, i, order.actual_finish] += west
        state.supply[1, i, order.actual_finish] += units - west
        pending[0, i] += west
        pending[1, i] += units - west


def tables(state: Run) -> dict[str, pd.DataFrame]:
    """Turn what happened into the contract's tables."""
    company, scenario, seed = state.company, state.scenario, state.seed
    changes = forecasting.fence_changes(company, state.demand, state.forecasts, seed)
    lines = fulfilment.serve(company, state.demand, state.supply, state.opening, scenario)
    net = fulfilment.net_stock_by_day(state.demand, state.supply, state.opening)
    bought = state.buyer.lines
    found = governance.issues(company, state.forecasts, state.planner, state.floor, state.buffers, scenario, seed)
    return {
        "items": company.items,
        "forecast_snapshots": forecasting.snapshots_table(company, state.demand, state.forecasts, changes, seed),
        "forecast_changes": forecasting.changes_table(company, changes),
        "actual_demand": fulfilment.actual_demand_table(company, state.demand, fulfilment.stockout_days(net)),
        "order_lines": fulfilment.order_lines_table(company, lines, scenario, seed),
        "production_plan_snapshots": plan_snapshots_table(state),
        "production_orders": production_orders_table(state),
        "resources": masters.resources_table(),
        "capacity": capacity_table(state),
        "schedule_changes": schedule_changes_table(state),
        "purchase_orders": purchase_orders_table(company, bought),
        "purchase_order_changes": purchase_changes_table(bought),
        "suppliers": pd.DataFrame(
            [(s, *SUPPLIERS[s]) for s in SUPPLIERS], columns=["supplier_id", "name", "planned_lead_time_days"]
        ),
        "inventory_snapshots": inventory(state, net),
        "compensation_costs": ledger.compensation_costs(company, state.floor, bought, lines, scenario),
        "financials": ledger.financials(company, lines, scenario),
        **governance.assumption_tables(governance.register(state.floor, bought, seed), scenario),
        "decisions": governance.decisions_table(found, scenario, seed),
        "function_plans": forecasting.function_plans_table(state.demand, state.forecasts, seed),
        "events": governance.events_table(company, state.floor, scenario),
        "price_index": ledger.price_index(scenario),
        "kpi_objectives": masters.kpi_objectives(),
        "decision_rules": masters.decision_rules(),
        "process_roles": masters.process_roles(),
        "interview_answers": governance.interview_table(scenario, seed),
    }


def plan_snapshots_table(state: Run) -> pd.DataFrame:
    """The production plan as published in each cycle."""
    company = state.company
    c, i, k = (a.ravel() for a in np.indices((cal.CYCLES, company.count, HORIZON)))
    kept = company.made[i] & (state.demand.base[i, c + k + cal.WARM_UP] > 0)
    c, i, k = c[kept] + cal.WARM_UP, i[kept], k[kept]
    units = state.planner.plan[c, i, k]
    periods = np.array([cal.period(m) for m in range(cal.MONTHS + cal.HORIZON)], dtype=object)
    return pd.DataFrame(
        {
            "cycle": periods[c],
            "resource_id": company.resource[i],
            "item_id": company.items["item_id"].to_numpy()[i],
            "period": periods[c + k],
            "quantity": units.astype(int),
            "hours": np.round(units * company.standard_hours[i], 2),
        }
    )


def production_orders_table(state: Run) -> pd.DataFrame:
    """Production orders released since the first cycle; what happened after the extract is empty."""
    ids = state.company.items["item_id"].to_numpy()
    rows = []
    for o in state.floor.orders:
        if o.planned_start < cal.MONTH_DAY[cal.WARM_UP]:
            continue
        started, finished = o.done and o.actual_start < cal.AS_OF_DAY, o.done and o.actual_finish < cal.AS_OF_DAY
        rows.append(
            (
                f"000{4100000 + o.number}",
                RESOURCE_IDS[o.resource],
                ids[o.item],
                cal.iso(o.planned_start),
                cal.iso(o.planned_finish),
                cal.iso(o.actual_start) if started else "",
                cal.iso(o.actual_finish) if finished else "",
                int(o.quantity),
                int(o.actual_quantity) if finished else "",
                o.planned_sequence,
                o.actual_sequence if started else "",
                round(o.standard, 2),
                *(
                    (round(o.actual_hours, 2), round(o.setup, 2), round(o.queue, 1), round(o.overtime, 2))
                    if finished
                    else ("", "", "", "")
                ),
            )
        )
    return pd.DataFrame(
        rows,
        columns=[
            "production_order_id",
            "resource_id",
            "item_id",
            "planned_start",
            "planned_finish",
            "actual_start",
            "actual_finish",
            "planned_quantity",
            "actual_quantity",
            "planned_sequence",
            "actual_sequence",
            "standard_hours",
            "actual_hours",
            "setup_hours",
            "queue_hours",
            "overtime_hours",
        ],
    )


def capacity_table(state: Run) -> pd.DataFrame:
    """Hours of each resource in each closed month, and the plan for the months ahead."""
    capacity = state.floor.capacity
    rows = [
        (
            r,
            cal.period(m),
            round(capacity.planned[n, m], 1),
            round(capacity.planned_overtime[n, m], 1),
            round(capacity.available[n, m], 1) if m < cal.MONTHS else "",
        )
        for n, r in enumerate(RESOURCE_IDS)
        for m in range(cal.WARM_UP, cal.MONTHS + 1)
    ]
    return pd.DataFrame(
        rows, columns=["resource_id", "period", "planned_hours", "planned_overtime_hours", "available_hours"]
    )


def schedule_changes_table(state: Run) -> pd.DataFrame:
    """The log of changes to released schedules, one row per order, day and type."""
    ids = state.company.items["item_id"].to_numpy()
    rows = sorted(
        (
            cal.iso(x.day),
            RESOURCE_IDS[x.resource],
            f"000{4100000 + x.order}",
            ids[x.item],
            x.kind,
            x.reason,
            cal.iso(x.scheduled),
        )
        for x in state.floor.changes
        if cal.MONTH_DAY[cal.WARM_UP] <= x.day < cal.AS_OF_DAY and x.scheduled >= cal.MONTH_DAY[cal.WARM_UP]
    )
    return pd.DataFrame(
        rows,
        columns=[
            "changed_on",
            "resource_id",
            "production_order_id",
            "item_id",
            "change_type",
            "reason_code",
            "scheduled_start",
        ],
    )


def purchase_orders_table(company: Company, bought: list[PurchaseLine]) -> pd.DataFrame:
    """Purchase order lines placed since the first cycle; one order per supplier and day."""
    ids = company.items["item_id"].to_numpy()
    kept = [line for line in bought if cal.MONTH_DAY[cal.WARM_UP] <= line.ordered < cal.AS_OF_DAY]
    rows = []
    for line, (number, position) in zip(kept, order_numbers(kept), strict=True):
        here, told = line.received < cal.AS_OF_DAY, line.changed_on is not None and line.changed_on < cal.AS_OF_DAY
        rows.append(
            (
                number,
                position,
                ids[line.item],
                line.supplier,
                LOCATIONS[line.location],
                cal.iso(line.ordered),
                cal.iso(line.due),
                cal.iso(line.needed),
                line.planned_lead,
                cal.iso(line.new_due) if told else "",
                cal.iso(line.received) if here else "",
                int(line.quantity),
                int(line.received_quantity) if here else "",
                line.unit_price,
                line.standard_price,
                str(line.expedited).lower(),
                cal.iso(line.expedited_on) if line.expedited_on is not None else "",
                line.expedite_cost if line.expedited else "",
                line.reschedules if told else 0,
            )
        )
    return pd.DataFrame(
        rows,
        columns=[
            "purchase_order_id",
            "line_id",
            "item_id",
            "supplier_id",
            "location_id",
            "ordered_on",
            "due_on",
            "needed_on",
            "planned_lead_time_days",
            "rescheduled_due_on",
            "received_on",
            "ordered_quantity",
            "received_quantity",
            "unit_price",
            "standard_price",
            "expedited",
            "expedited_on",
            "expedite_cost",
            "reschedules",
        ],
    )


def purchase_changes_table(bought: list[PurchaseLine]) -> pd.DataFrame:
    """The log of changed dates on those lines."""
    kept = [line for line in bought if cal.MONTH_DAY[cal.WARM_UP] <= line.ordered < cal.AS_OF_DAY]
    rows = [
        (number, position, cal.iso(line.changed_on), cal.iso(line.due), cal.iso(line.new_due), line.changed_by)
        for line, (number, position) in zip(kept, order_numbers(kept), strict=True)
        if line.changed_on is not None and line.new_due is not None and line.changed_on < cal.AS_OF_DAY
    ]
    return pd.DataFrame(
        rows, columns=["purchase_order_id", "line_id", "changed_on", "old_due_on", "new_due_on", "function"]
    )


def order_numbers(kept: list[PurchaseLine]) -> list[tuple[str, int]]:
    """Number of the order and of the line in it."""
    orders: dict[tuple[int, str], int] = {}
    used: dict[int, int] = {}
    out = []
    for line in kept:
        number = orders.setdefault((line.ordered, line.supplier), len(orders))
        used[number] = used.get(number, 0) + 10
        out.append((f"00{4500000 + number}", used[number]))
    return out


def inventory(state: Run, net: np.ndarray) -> pd.DataFrame:
    """Month-end stock of the nodes that are alive: on sale, or still holding stock."""
    owed = np.zeros((cal.MONTHS, len(LOCATIONS), state.company.count))
    ends = cal.MONTH_DAY[1 : cal.MONTHS + 1]
    for line in state.buyer.lines:
        owed[(ends > line.ordered) & (ends <= line.received), line.location, line.item] += line.quantity
    table = fulfilment.inventory_table(state.company, net, state.buffers.history, owed)
    on_sale = np.concatenate(
        [np.tile(state.demand.base[:, m] > 0, len(LOCATIONS)) for m in range(cal.WARM_UP, cal.MONTHS)]
    )
    table.loc[~on_sale, "safety_stock"] = 0
    return table[on_sale | (table["on_hand"] > 0)]
