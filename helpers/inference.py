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


def diebold_mariano(gains: NDArray[np.float64], steps: int) -> float:
    """One-sided p-value of H₀: one forecast loses no less than another; `gains` are losses removed, target by target.

    Diebold & Mariano 1995 with autocovariances up to lag `steps` − 1, the small-sample factor
    √[(n + 1 − 2h + h(h − 1)/n)/n] of Harvey, Leybourne & Newbold 1997, and t with n − 1 degrees of freedom. Missing
    where the estimated variance is not above 0 or the targets are no more than the steps.
    """
    count = len(gains)
    centred = gains - gains.mean()
    covariances = [float(centred[lag:] @ centred[: count - lag]) / count for lag in range(min(steps, count))]
    variance = (covariances[0] + 2 * sum(covariances[1:])) / count
    if variance <= 0 or count <= steps:
        return float("nan")
    factor = np.sqrt((count + 1 - 2 * steps + steps * (steps - 1) / count) / count)
    return float(stats.t.sf(factor * gains.mean() / np.sqrt(variance), count - 1))
