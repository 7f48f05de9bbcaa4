"""The few tests of classical statistics that measures and judgement share."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import stats


def t_above(values: NDArray[np.float64], bound: float = 0.0) -> float:
    """One-sided p-value of H₀: mean ≤ `bound`, t with n − 1 degrees of freedom; without spread 0 above, 1 otherwise."""
    spread = values.std(ddof=1)
    if spread == 0:
        return 0.0 if values.mean() > bound else 1.0
    return float(stats.t.sf((values.mean() - bound) / (spread / np.sqrt(len(values))), len(values) - 1))


def wilson_lower(count: float, lines: float, confidence: float = 0.90) -> float:
    """Lower Wilson bound of a share, two-sided `confidence`; missing without lines."""
    if lines <= 0:
        return float("nan")
    z = stats.norm.ppf(0.5 + confidence / 2)
    share, spread = count / lines, z**2 / lines
    centre = share + spread / 2
    margin = z * np.sqrt(share * (1 - share) / lines + spread / (4 * lines))
    return float((centre - margin) / (1 + spread))
