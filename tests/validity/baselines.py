"""What clients use today, on the same clients: fixed limits on raw KPIs, and control charts on them."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from helpers.diagnosis import Diagnosis
from helpers.engagement import Engagement

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


def alarms(engagement: Engagement, diagnosis: Diagnosis) -> dict[str, Alarms]:
    """Alarms per KPI of the pulse; KPIs that the data cannot give are left out."""
    pulse = diagnosis.pulse.set_index("cycle").astype(float)
    position = {cycle: number for number, cycle in enumerate(engagement.calendar.cycles)}
    found: dict[str, Alarms] = {}
    for name in [column for column in pulse if pulse[column].notna().sum() >= FEWEST]:
        values = pulse[name].dropna()
        found[str(name)] = Alarms(
            tuple(position[cycle] for cycle in values.index[_beyond_fixed(str(name), values)]),
            tuple(position[cycle] for cycle in values.index[_outside_chart(str(name), values)]),
        )
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
