"""One client from start to end: weeks of making and buying, months of planning, then the tables."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from tests.validity.other_rules import company as masters
from tests.validity.other_rules import days, governance, service, tables
from tests.validity.other_rules.client import Client
from tests.validity.other_rules.company import BRANCH_SHARE, Company, build_company
from tests.validity.other_rules.floor import Floor
from tests.validity.other_rules.governance import Voices, voices
from tests.validity.other_rules.market import Market, build_market
from tests.validity.other_rules.planning import Buffers, Capacity, Planner, build_capacity
from tests.validity.other_rules.supply import Buyer

TRANSIT_DAYS = 2


@dataclass(frozen=True)
class Life:
    """Everything that happened to one client."""

    client: Client
    seed: int
    company: Company
    market: Market
    spoken: Voices
    capacity: Capacity
    planner: Planner
    floor: Floor
    buffers: Buffers
    buyer: Buyer
    supply: np.ndarray


def simulate(client: Client, seed: int) -> dict[str, pd.DataFrame]:
    """Return the tables of one client, named and laid out as in the contract."""
    return extract(live(client, seed))


def live(client: Client, seed: int) -> Life:
    """Run warm-up and extract week by week."""
    company = build_company(client, seed)
    market = build_market(client, company, seed)
    spoken = voices(client, seed)
    capacity = build_capacity(client, company, market, seed)
    planner = Planner(client, company, market, capacity, seed, spoken.own[1])
    buffers = Buffers(client, company, market, seed)
    floor = Floor(client, company, capacity, planner, seed)
    buyer = Buyer(client, company, market, buffers, seed, spoken.own[2])
    supply = np.zeros_like(market.by_day)
    life = Life(client, seed, company, market, spoken, capacity, planner, floor, buffers, buyer, supply)
    supply[:, :, 0] = opening_stock(life)
    net, until, month = np.zeros(supply.shape[:2]), 0, -1
    for week, monday in enumerate(days.MONDAYS):
        net += (supply[:, :, until:monday] - market.by_day[:, :, until:monday]).sum(axis=2)
        until = int(monday)
        while month < days.WEEK_MONTH[week]:
            month += 1
            buffers.review(month)
            position = net.sum(axis=0) + supply[:, :, until:].sum(axis=(0, 2)) + floor.waiting
            planner.publish(month, position, buffers.targets(month).sum(axis=0))
        made = floor.run_week(week, planner.plan[month])
        send(life, week, month, net, made)
        if week % 2 == 0:
            buyer.review(week, net, supply)
    return life


def opening_stock(life: Life) -> np.ndarray:
    """Buffers, working stock and, for bought items, what would be on its way."""
    c = life.company
    ahead = np.where(c.made, np.where(c.campaign, 1.2, 0.6), (c.lead_days + 14) / 30.4)
    return np.ceil(life.buffers.stock + BRANCH_SHARE[:, None] * c.base * life.market.index[:, 0] * ahead + c.lot / 2)


def send(life: Life, week: int, month: int, net: np.ndarray, made: np.ndarray) -> None:
    """Send what was made to the branches so that both are equally far from their targets."""
    today = int(days.MONDAYS[week])
    target = life.buffers.targets(month)
    target[1] += TRANSIT_DAYS * BRANCH_SHARE[1] * life.market.consensus[month, :, 0] / 30.4
    held = net + life.supply[:, :, today:].sum(axis=2)
    units = made.sum(axis=1)
    surplus = held.sum(axis=0) + units - target.sum(axis=0)
    coast = np.round(np.clip(target[1] + BRANCH_SHARE[1] * surplus - held[1], 0, units))
    part = np.divide(coast, units, out=np.zeros_like(units), where=units > 0)
    for item, weekday in zip(*np.nonzero(made), strict=True):
        there = round(made[item, weekday] * part[item])
        life.supply[1, item, today + weekday + 1 + TRANSIT_DAYS] += there
        life.supply[0, item, today + weekday + 1] += made[item, weekday] - there


def extract(life: Life) -> dict[str, pd.DataFrame]:
    """Turn what happened into the contract's tables."""
    client, company, market, seed = life.client, life.company, life.market, life.seed
    served = service.serve(client, company, market, life.supply, seed)
    orders = life.floor.orders()
    bought = tables.with_supplier(company, life.buyer.frame())
    released, numbers = tables.production_orders(company, orders)
    found = governance.issues(client, company, life.spoken, life.floor, life.buffers.raised, seed)
    snapshots = {
        "forecast_snapshots": tables.forecast_snapshots(company, market, life.spoken, seed),
        "production_plan_snapshots": tables.production_plan_snapshots(company, life.planner),
        "function_plans": governance.function_plans(company, market, life.spoken, seed),
    }
    return {
        "items": company.items,
        **{name: tables.without_missing_cycles(client, table) for name, table in snapshots.items()},
        "forecast_changes": tables.forecast_changes(company, market, seed),
        "order_lines": tables.order_lines(client, company, served),
        "production_orders": released,
        "schedule_changes": tables.schedule_changes(company, life.floor, numbers),
        "capacity": tables.capacity_table(life.capacity, life.planner),
        **tables.purchase_orders(client, company, bought),
        **tables.stock_tables(company, market, life.supply, life.buffers.history, bought),
        **tables.money_tables(client, company, served, bought, life.floor),
        **governance.assumptions(client, orders, bought, seed),
        "decisions": governance.decisions(client, found, seed),
        "events": governance.events(client, company),
        "interview_answers": governance.interviews(client, seed),
        **masters.master_tables(),
    }
