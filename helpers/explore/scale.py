"""The scale of a limit's slider: from the values measured and the limit in force, in the unit a reader sees."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from helpers.charts.numbers import SHARES
from helpers.evidence import Metric

POSITIONS = 120
BEYOND = 3.0


@dataclass(frozen=True)
class Scale:
    """From `low` to `high` by `step`, all as shown; `factor` turns a value into what is shown (shares into percent)."""

    low: float
    high: float
    step: float
    factor: float
    unit: str

    @property
    def readout(self) -> str:
        """As many digits as a step has."""
        return f".{max(0, -math.floor(math.log10(self.step) + 1e-9))}f"

    def shown(self, value: float) -> float:
        """A limit as the slider shows it."""
        return round(value * self.factor, 10)

    def meant(self, position: float) -> float:
        """The limit that a position of the slider stands for."""
        return round(position / self.factor, 10)


def scale_of(metric: Metric) -> Scale:
    """The scale for a metric with a limit: all values, but no further than thrice the limits, and the limits inside."""
    limit = metric.limit
    if limit is None:
        raise ValueError(f"{metric.name} has no limit")
    unit = metric.unit or limit.unit
    is_share = unit.lower().split(" ")[0] in SHARES
    factor = 100.0 if is_share else 1.0
    known = metric.values.dropna().to_numpy(float)
    known = known[np.isfinite(known)]
    bounds = [limit.amber * factor, limit.red * factor]
    most = BEYOND * max(map(abs, bounds)) or 1.0
    values = np.clip(known * factor, -most, most)
    high = max([*values, *(1.5 * bound for bound in bounds)])
    high = min(high, 100.0) if is_share and max(bounds) <= 100.0 else high
    low = min([0.0, *values, *bounds])
    step = _step((high - low) / POSITIONS)
    return Scale(_down(low, step), -_down(-high, step), step, factor, "%" if is_share else unit)


def _step(rough: float) -> float:
    """1 or 5 times a power of ten, next to `rough`: limits have few digits and lie on such steps."""
    power = 10.0 ** math.floor(math.log10(rough))
    return float(5 * power if rough >= 5 * power else power)


def _down(value: float, step: float) -> float:
    return round(math.floor(value / step + 1e-9) * step, 10)
