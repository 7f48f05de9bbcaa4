"""From a client of the study to its tables, and to the tables it would have had with nothing wrong."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from sample_data.generator import Fault, Scenario, simulate
from sample_data.generator.scenario import PROMOTIONS
from tests.validity import other_rules
from tests.validity.clients import Client
from tests.validity.disturbances import mass_redating, missing_cycles, unanswered, unlogged

Tables = dict[str, pd.DataFrame]
BREAKDOWNS = (9, 11, 12, 14, 16, 17, 19, 21, 22, 24, 26, 27, 29)
FAILURES = (9, 11, 13, 15, 17, 19, 21, 23, 25)
STRUCK_SAMPLE: dict[str, object] = {
    "breakdowns": BREAKDOWNS,
    "supplier_failures": FAILURES,
    "failed_suppliers": ("000229", "000208", "000245", "000214", "000252"),
}
STRUCK_OTHER: dict[str, object] = {
    "breakdowns": BREAKDOWNS,
    "disasters": FAILURES,
    "failing": ("V-104", "V-102", "V-106", "V-103"),
}
DISTURBED_SAMPLE: dict[str, dict[str, object]] = {
    "promotions": {"promotions": PROMOTIONS},
    "launch": {"launch_cycle": 12},
    "phase_out": {"phase_out_cycle": 14},
    "step_up": {"step_cycle": 14, "step": 0.30},
    "step_down": {"step_cycle": 14, "step": -0.30},
    "growth": {"growth_per_year": 0.20},
    "mix": {"mix_shift_per_year": 0.15},
    "inflation": {"inflation_per_year": 0.08},
    "season": {"season": 0.30},
    "supplier_failure": {"supplier_failures": (14,)},
    "repeated_failures": {"supplier_failures": (12, 16, 20, 24)},
    "unlogged": STRUCK_SAMPLE,
    "unanswered": STRUCK_SAMPLE,
}
DISTURBED_OTHER: dict[str, dict[str, object]] = {
    "promotions": {"promotion": True},
    "launch": {"launch": True},
    "phase_out": {"phase_out": True},
    "step_up": {"step": 0.30},
    "step_down": {"step": -0.30},
    "growth": {"growth": 0.20},
    "mix": {"mix_shift": True},
    "inflation": {"inflation": 0.08},
    "season": {"season": 0.30},
    "missing_cycles": {"missing_cycles": True},
    "supplier_failure": {"disasters": (16,)},
    "repeated_failures": {"disasters": (12, 18, 24)},
    "unlogged": STRUCK_OTHER,
    "unanswered": STRUCK_OTHER,
    "mass_redating": {"mass_redating": True},
}
STORED = {"unlogged": unlogged, "unanswered": unanswered}
STORED_SAMPLE = {"missing_cycles": missing_cycles, "mass_redating": mass_redating}


def tables_of(client: Client) -> Tables:
    """Every table of the contract, as the client would send them all."""
    faults = {f.sign: Fault(f.strength, f.onset, f.places, f.ramp, f.lasts) for f in client.faults}
    tables = _other(client, faults) if client.rules == "other" else _sample(client, faults)
    stored = STORED.get(client.confounder)
    return stored(tables, client.seed) if stored else tables


def without_faults(client: Client) -> Tables:
    """The same client, the same market, the same luck, and nothing wrong."""
    return tables_of(replace(client, faults=()))


def _sample(client: Client, faults: dict[int, Fault]) -> Tables:
    disturbed = DISTURBED_SAMPLE.get(client.confounder, {})
    scenario = Scenario(volatility=client.volatility, faults=faults, **disturbed)  # type: ignore[arg-type]
    tables = simulate(scenario, client.seed)
    stored = STORED_SAMPLE.get(client.confounder)
    return stored(tables, client.seed) if stored else tables


def _other(client: Client, faults: dict[int, Fault]) -> Tables:
    disturbed = DISTURBED_OTHER.get(client.confounder, {})
    business = other_rules.Client(volatility=client.volatility, faults=faults, **disturbed)  # type: ignore[arg-type]
    return other_rules.simulate(business, client.seed)
