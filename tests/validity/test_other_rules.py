"""The second simulated client: it repeats, it fits the contract, it is sane in health, and each fault does its harm."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from helpers import contract
from helpers.intake import take_in
from helpers.settings import Settings
from sample_data.generator.scenario import Fault
from tests.validity.other_rules import DEFAULT_PLACES, Client, simulate

SEED = 5
ONSET = pd.Timestamp("2024-07-01")
STRONG = 0.75
EVERY_DISTURBANCE = {
    "launch": True,
    "phase_out": True,
    "promotion": True,
    "step": 0.3,
    "growth": 0.2,
    "mix_shift": True,
    "inflation": 0.08,
    "missing_cycles": True,
    "disasters": (16,),
    "season": 0.3,
    "mass_redating": True,
}
EVERY_FAULT = {sign: Fault(STRONG) for sign in range(1, 11)}
Tables = dict[str, pd.DataFrame]


@lru_cache(maxsize=3)
def healthy(volatility: float = 0.3) -> Tables:
    """The client with nothing wrong inside."""
    return simulate(Client(volatility=volatility), SEED)


def faulty(sign: int) -> Tables:
    """The same client with the cause of one sign at work in its usual places."""
    return simulate(Client(faults={sign: Fault(STRONG)}), SEED)


@lru_cache(maxsize=1)
def ailing() -> Tables:
    """The client with all ten causes at work."""
    return simulate(Client(faults=EVERY_FAULT), SEED)


def otif(tables: Tables) -> pd.Series:
    """Share of lines delivered in full by their promise, by month of the promise."""
    lines = tables["order_lines"]
    kept = (lines["delivered_on"] <= lines["promised_on"]) & (lines["delivered_quantity"] >= lines["ordered_quantity"])
    return kept.groupby(lines["promised_on"].dt.to_period("M")).mean()


def naked_otif(tables: Tables) -> float:
    """The same over all lines, had no courier saved a day."""
    lines = tables["order_lines"]
    saved = pd.to_timedelta(lines["days_saved"].fillna(0), unit="D")
    in_full = lines["delivered_quantity"] >= lines["ordered_quantity"]
    return float(((lines["delivered_on"] + saved <= lines["promised_on"]) & in_full).mean())


def taken_in(tables: Tables, folder: Path) -> dict[str, tuple[int, int, int]]:
    """Rows read, set aside and cells emptied by table, after the kit's own intake."""
    data = folder / "data"
    data.mkdir()
    for name, table in tables.items():
        table.to_parquet(data / f"{name}.parquet", index=False)
    manifest = take_in(data, folder / "store", folder / "rejects", Settings())
    return {t.table: (t.rows_read, t.rows_rejected, t.cells_emptied) for t in manifest.tables}


def test_the_same_seed_gives_the_same_client():
    """Every cell repeats; another seed is another client."""
    again, other = simulate(Client(), SEED), simulate(Client(), SEED + 1)

    for name, table in healthy().items():
        pd.testing.assert_frame_equal(table, again[name])
    assert not other["actual_demand"].equals(again["actual_demand"])


def test_every_table_of_the_contract_passes_intake_whole(tmp_path):
    """With every fault and every disturbance at once all tables are sent, no row set aside, no cell emptied."""
    tables = simulate(Client(faults=EVERY_FAULT, **EVERY_DISTURBANCE), SEED)

    found = taken_in(tables, tmp_path)

    assert set(found) == set(contract.BY_NAME)
    assert found == {name: (len(table), 0, 0) for name, table in tables.items()}


@pytest.mark.parametrize("volatility", [0.1, 0.3, 0.6])
def test_a_healthy_client_keeps_its_promises_by_buffers(volatility):
    """OTIF near the target of .95 in calm and wild markets, nearly all of it without couriers or overtime."""
    tables = healthy(volatility)
    planned_hours = tables["capacity"]["planned_hours"].sum()

    assert 0.91 <= otif(tables).mean() <= 0.985
    assert otif(tables).mean() - naked_otif(tables) < 0.01
    assert tables["production_orders"]["overtime_hours"].sum() < 0.05 * planned_hours
    assert tables["purchase_orders"]["expedited"].mean() < 0.05


def test_volatility_is_the_variation_of_demand():
    """The median item's coefficient of variation follows the switch."""
    found = []
    for volatility in (0.1, 0.6):
        demand = healthy(volatility)["actual_demand"]
        monthly = demand.groupby(["item_id", "period"])["quantity"].sum().unstack("item_id")
        found.append((monthly.std() / monthly.mean()).median())

    assert found == pytest.approx([0.1, 0.6], rel=0.25)


def forecast_churn(tables: Tables) -> float:
    """Units changed inside the fence since the onset, over demand."""
    log = tables["forecast_changes"][lambda t: t["changed_on"] >= ONSET]
    return float((log["new_quantity"] - log["old_quantity"]).abs().sum() / tables["actual_demand"]["quantity"].sum())


def gap_after_the_meeting(tables: Tables) -> float:
    """Mean distance of the Sales and the Operations number after the meeting, in logs."""
    plans = tables["function_plans"][lambda t: (t["version"] == "after") & (t["cycle"] >= ONSET)]
    side = plans.pivot_table(index=["cycle", "family", "period"], columns="function", values="quantity")
    return float(np.log(side["sales"] / side["operations"]).abs().mean())


def lead_time_beyond_plan(tables: Tables) -> float:
    """Realised over planned lead time of a supplier whose parameter nobody checks."""
    lines = tables["purchase_orders"][lambda t: (t["supplier_id"] == DEFAULT_PLACES[3][0]) & (t["ordered_on"] >= ONSET)]
    days = (lines["received_on"] - lines["ordered_on"]).dt.days
    return float((days / lines["planned_lead_time_days"]).median())


def orders_out_of_sequence(tables: Tables) -> float:
    """Share of orders on the restless cells that did not run in their place of the week."""
    orders = tables["production_orders"][
        lambda t: t["resource_id"].isin(DEFAULT_PLACES[4]) & (t["planned_start"] >= ONSET)
    ]
    return float((orders["planned_sequence"] != orders["actual_sequence"]).mean())


def overtime_at_the_bottleneck(tables: Tables) -> float:
    """Overtime hours of the cell whose capacity is overrated."""
    return float(
        tables["production_orders"][lambda t: t["resource_id"].isin(DEFAULT_PLACES[5])]["overtime_hours"].sum()
    )


def propped_service(tables: Tables) -> float:
    """OTIF that couriers hold up."""
    return float(otif(tables).mean() - naked_otif(tables))


def expedited_purchases(tables: Tables) -> float:
    """Share of purchase lines that were expedited."""
    return float(tables["purchase_orders"]["expedited"].mean())


def final_safety_stock(tables: Tables) -> float:
    """Safety stock of the ratcheting families at the end."""
    stock = tables["inventory_snapshots"].merge(tables["items"][["item_id", "family"]])
    last = stock[(stock["period"] == stock["period"].max()) & stock["family"].isin(DEFAULT_PLACES[8])]
    return float(last["safety_stock"].sum())


def misplaced_stock(tables: Tables) -> float:
    """Spread between nodes of their mean net stock over safety stock, in months of demand."""
    stock = tables["inventory_snapshots"][lambda t: t["period"] >= ONSET]
    net = (stock["on_hand"] - stock["backorders"] - stock["safety_stock"]).groupby(
        [stock["item_id"], stock["location_id"]]
    )
    demand = tables["actual_demand"].groupby(["item_id", "location_id"])["quantity"].mean()
    return float((net.mean() / demand).std())


def informal_decisions(tables: Tables) -> float:
    """Share of decisions taken outside the forum."""
    return float((tables["decisions"]["forum"] == "informal").mean())


HARM = {
    1: (forecast_churn, 1.15),
    2: (gap_after_the_meeting, 5.0),
    3: (lead_time_beyond_plan, 1.2),
    4: (orders_out_of_sequence, 3.0),
    5: (overtime_at_the_bottleneck, 2.0),
    6: (propped_service, 5.0),
    7: (expedited_purchases, 5.0),
    8: (final_safety_stock, 1.3),
    9: (misplaced_stock, 1.3),
    10: (informal_decisions, 5.0),
}


@pytest.mark.parametrize("sign", sorted(HARM))
def test_a_fault_does_its_own_harm(sign):
    """Against its paired twin the fault's raw quantity rises by a clear factor; demand is the same."""
    measure, factor = HARM[sign]
    tables = faulty(sign)

    pd.testing.assert_frame_equal(tables["actual_demand"].drop(columns="stockout_days"), without_stockouts())
    assert measure(tables) > factor * measure(healthy())


def without_stockouts() -> pd.DataFrame:
    """Demand of the healthy twin; how often shelves were empty is the client's own doing."""
    return healthy()["actual_demand"].drop(columns="stockout_days")


def test_propped_lines_are_served_from_stock_in_the_healthy_twin():
    """Most lines that a courier saves under fault 6 arrive in time without one when nothing is wrong."""
    keys = ["order_id", "line_id"]
    rescued = faulty(6)["order_lines"][lambda t: t["expedited"].astype(bool)][keys]

    twin = rescued.merge(healthy()["order_lines"], on=keys, validate="one_to_one")

    assert len(twin) == len(rescued)
    assert (~twin["expedited"] & (twin["delivered_on"] <= twin["promised_on"])).mean() > 0.6


@pytest.mark.parametrize("name", ["forecast_changes", "schedule_changes", "purchase_orders"])
def test_nothing_differs_before_the_onset(name):
    """Until its first cycle a faulty client is its healthy twin."""
    dated = {"forecast_changes": "changed_on", "schedule_changes": "changed_on", "purchase_orders": "ordered_on"}[name]
    every_fault = ailing()

    before = [t[name][t[name][dated] < ONSET - pd.Timedelta(days=60)].iloc[:, 1:8] for t in (every_fault, healthy())]

    pd.testing.assert_frame_equal(*(rows.reset_index(drop=True) for rows in before))


def test_one_cycle_of_a_fault_stays_one_cycle():
    """An event of sign 6 in one cycle has couriers in the lines of that month only."""
    once = simulate(Client(faults={6: Fault(STRONG, 16, lasts=1)}), SEED)["order_lines"]
    extra = once["expedited"].astype(int).sub(healthy()["order_lines"]["expedited"].astype(int))

    by_month = extra.groupby(once["promised_on"].dt.to_period("M")).sum()

    assert by_month.abs().gt(10).sum() == 1
