"""What the kit says of one client, and what is true of it: one flat record, so that scoring needs no second run."""

from __future__ import annotations

import tempfile
from dataclasses import asdict, dataclass, field
from pathlib import Path

import pandas as pd

from helpers.diagnosis import finding
from helpers.engagement import Engagement
from helpers.evidence import Finding
from helpers.measures.pulse import pulse
from helpers.settings import Settings
from helpers.signs import registry
from tests import builders
from tests.validity import market
from tests.validity.baselines import Alarms, alarms
from tests.validity.clients import Client, Injected
from tests.validity.levels import Level, Tables, at_level

TARGET = 0.95
SETTINGS = {"critical_families": (), "otif": {"target": TARGET}}
HOLDING, BY_ORIGIN = (8, 9), (1, 2, 3, 10)
LETTER = {"recurring": "r", "isolated": "i", "absent": "a", "not_assessable": "n"}


@dataclass(frozen=True)
class Said:
    """What was said of one sign.

    `states` has one letter a cycle (r, i, a, n), as known at that cycle; `driver` is the largest of the sign's own
    dimension and `drivers` all of them; `amount` and `avoidable` are money of the last twelve closed cycles.
    """

    sign: int
    states: str
    strength: float
    path: str
    cause: str | None
    drivers: tuple[tuple[str, str, float], ...]
    breached: tuple[int, ...]
    amount: float | None
    avoidable: tuple[float, float, float] | None


@dataclass(frozen=True)
class Reading:
    """One client at one level of data.

    `otif` has one value a cycle, missing where none is closed; `onsets` is the cycle number of each fault's onset;
    `avoidable` is the true difference to the same client without its faults and `usual` what that one spends, both in
    money of the last twelve closed cycles, by sign.
    """

    client: Client
    level: Level
    signs: tuple[Said, ...]
    otif: tuple[float, ...]
    baselines: dict[str, Alarms]
    onsets: dict[int, int]
    avoidable: dict[int, float]
    usual: dict[int, float] = field(default_factory=dict)

    def record(self) -> dict[str, object]:
        """JSON-ready."""
        return asdict(self)


def read(client: Client, level: Level) -> Reading:
    """Simulate the client, diagnose it at one level of data."""
    tables = market.tables_of(client)
    with tempfile.TemporaryDirectory() as folder:
        engagement = opened(Path(folder), at_level(tables, level))
        findings = [finding(engagement, entry) for entry in registry()]
        checks = pulse(engagement).set_index("cycle").astype(float).reindex(engagement.calendar.cycles)
    spent = _true_cost(client, tables) if client.kind == "fault" else {}
    if failed := [f"{found.sign.code}: {found.failure}" for found in findings if found.failure]:
        raise RuntimeError(f"{client.name} at {level}: {'; '.join(failed)}")
    return Reading(
        client,
        level,
        tuple(said_of(found, engagement) for found in findings),
        tuple(checks["otif"]),
        alarms(checks),
        {fault.sign: cycle_number(engagement, tables, fault.onset) for fault in client.faults},
        {sign: faulty - usual for sign, (faulty, usual) in spent.items()},
        {sign: usual for sign, (_, usual) in spent.items()},
    )


def opened(folder: Path, tables: Tables) -> Engagement:
    """The tables as the intake would have stored them."""
    return builders.engagement(folder, {name: table.replace("", None) for name, table in tables.items()}, **SETTINGS)


def said_of(found: Finding, engagement: Engagement) -> Said:
    """What a finding says, flat."""
    verdict, cost = found.verdict, found.cost
    position = {cycle: number for number, cycle in enumerate(engagement.calendar.cycles)}
    avoidable = getattr(cost, "avoidable", None)
    return Said(
        found.sign.number,
        "".join(LETTER[state.status] for state in verdict.states),
        verdict.strength,
        found.evidence.path.name if found.evidence else "",
        found.cause,
        verdict.drivers,
        tuple(position[cycle] for cycle in verdict.breached if cycle in position),
        cost.amount,
        (avoidable.low, avoidable.central, avoidable.high) if avoidable else None,
    )


def cycle_number(engagement: Engagement, tables: Tables, onset: int) -> int:
    """Place among the kit's cycles of the simulation's cycle `onset`."""
    published = pd.to_datetime(tables["forecast_snapshots"]["cycle"]).sort_values().unique()
    return int(engagement.calendar.cycles.get_loc(published[onset]))


def _true_cost(client: Client, tables: Tables) -> dict[int, tuple[float, float]]:
    """Money its sign owns, with the fault and in the same client with the same luck without it.

    Signs that see money by its origin see both kinds: compensation, and the stock that a fault piled up. Stock that it
    drained is no saving.
    """
    fault, healthy = client.faults[0], market.without_faults(client)
    measure = _carrying if fault.sign in HOLDING else _compensation
    spent, usual = measure(tables, fault), measure(healthy, fault)
    if fault.sign in BY_ORIGIN:
        spent += max(0.0, _carrying(tables, fault) - _carrying(healthy, fault))
    return {fault.sign: (spent, usual)}


def _compensation(tables: Tables, fault: Injected) -> float:
    """Compensation of the last year in the kinds of the fault's sign; all of it for signs that own no kind."""
    costs = tables["compensation_costs"]
    costs = costs[costs["period"].isin(_last_year(tables))]
    inbound = costs["supplier_id"].fillna("") != ""
    hours = costs["kind"].isin(["overtime", "subcontracting"])
    owned = {
        4: costs["kind"] == "out_of_window_production",
        5: hours & costs["resource_id"].isin(fault.places),
        6: hours | ((costs["kind"] == "expedite_freight") & ~inbound),
        7: (costs["kind"] == "premium_purchase") | ((costs["kind"] == "expedite_freight") & inbound),
    }
    kept = costs[owned[fault.sign]] if fault.sign in owned else costs
    return float(kept["amount"].astype(float).sum())


def _carrying(tables: Tables, fault: Injected) -> float:
    """Carrying the stock of the last twelve periods at the default rate a year."""
    stock = tables["inventory_snapshots"].merge(tables["items"][["item_id", "unit_cost"]], on="item_id")
    stock = stock[stock["period"].isin(_last_year(tables))]
    value = (stock["on_hand"].astype(float) * stock["unit_cost"].astype(float)).sum()
    return float(value * Settings().carrying_cost_rate / 12)


def _last_year(tables: Tables) -> list[str]:
    return sorted(tables["actual_demand"]["period"].unique())[-12:]
