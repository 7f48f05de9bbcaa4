"""From a client of the study to its tables, and to the tables it would have had with nothing wrong."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from sample_data.generator import Fault, Scenario, simulate
from sample_data.generator.scenario import PROMOTIONS
from tests.validity.clients import Client
from tests.validity.disturbances import mass_redating, missing_cycles

Tables = dict[str, pd.DataFrame]
DISTURBED: dict[str, dict[str, object]] = {
    "promotions": {"promotions": PROMOTIONS},
    "launch": {"launch_cycle": 12},
    "phase_out": {"phase_out_cycle": 14},
    "step_up": {"step_cycle": 14, "step": 0.30},
    "step_down": {"step_cycle": 14, "step": -0.30},
    "growth": {"growth_per_year": 0.20},
    "mix": {"mix_shift_per_year": 0.15},
    "inflation": {"inflation_per_year": 0.08},
    "season": {"season": 0.30},
    "supplier_failure": {"supplier_failure_cycle": 14},
}
STORED = {"missing_cycles": missing_cycles, "mass_redating": mass_redating}


def tables_of(client: Client) -> Tables:
    """Every table of the contract, as the client would send them all."""
    tables = _sample(client)
    return STORED[client.confounder](tables, client.seed) if client.confounder in STORED else tables


def without_faults(client: Client) -> Tables:
    """The same client, the same market, the same luck, and nothing wrong."""
    return tables_of(replace(client, faults=()))


def _sample(client: Client) -> Tables:
    disturbed = DISTURBED.get(client.confounder, {})
    faults = {f.sign: Fault(f.strength, f.onset, f.places, lasts=f.lasts) for f in client.faults}
    scenario = Scenario(volatility=client.volatility, faults=faults, **disturbed)  # type: ignore[arg-type]
    return simulate(scenario, client.seed)
