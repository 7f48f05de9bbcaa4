"""What clients use today, on the same clients: fixed limits on raw KPIs, and control charts on them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

# Customary targets of the four KPIs on a steering page; below (stability, OTIF) or above (cost index) is red.
FIXED = {"forecast_stability": 0.85, "production_plan_stability": 0.85, "otif": 0.95}
COST_INDEX = 1.20
XMR = 2.66
FEWEST = 8


@dataclass(frozen=True)
class Alarms:
    """Cycle numbers at which a KPI alarms: against a fixed limit, and outside its individuals chart (XmR)."""

    fixed: tuple[int, ...]
    chart: tuple[int, ...]


def alarms(pulse: pd.DataFrame) -> dict[str, Alarms]:
    """Alarms per KPI of the pulse, one row a cycle; KPIs that the data cannot give are left out."""
    cycles = np.arange(len(pulse))
    found: dict[str, Alarms] = {}
    for name in [str(column) for column in pulse if pulse[column].notna().sum() >= FEWEST]:
        values = pulse[name].dropna()
        place = cycles[pulse[name].notna()]
        fixed, chart = _beyond_fixed(name, values), _outside_chart(name, values)
        found[name] = Alarms(tuple(place[fixed].tolist()), tuple(place[chart].tolist()))
    return found


def _beyond_fixed(name: str, values: pd.Series) -> pd.Series:
    if name in FIXED:
        return values < FIXED[name]
    return values > COST_INDEX * values.expanding(6).median().shift()


def _outside_chart(name: str, values: pd.Series) -> pd.Series:
    """Outside the limits that the values before it give; the bad side only."""
    centre = values.expanding(FEWEST).mean().shift()
    width = XMR * values.diff().abs().expanding(FEWEST).mean().shift()
    return values > centre + width if name == "compensation_cost" else values < centre - width
