"""Real variability or poor governance: the mean of up to five discriminators, and `undetermined` when they cannot tell.

D1 revision noise · D2 plan amplification · D3 share without rule or decision · D4 link to exogenous shocks, chance
corrected · D5 knowable in advance. Each lies in 0 to 1, 1 meaning governance.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers.evidence import Cause

WINDOW = 12
FEWEST_LABELS = 6
FEWEST_DISCRIMINATORS = 3
DECISIVE = ("D3", "D5")
GOVERNANCE, VARIABILITY = 0.60, 0.40
WIDEST_INTERVAL = 0.50
BLOCK, DRAWS, SEED = 3, 499, 20240101


def decide(discriminators: pd.DataFrame) -> tuple[Cause, str]:
    """The cause and the numbers behind it.

    Parameters
    ----------
    discriminators
        `label`, `name`, `value` known at the judging date; only the last twelve labels are used.

    Returns
    -------
    The cause, and a sentence with the single numbers; `undetermined` with fewer than three discriminators, without any
    of D3 and D5 (unless D1, D2 and D4 agree), or when the interval is wider than 0.5.
    """
    table = discriminators.pivot_table(index="label", columns="name", values="value").sort_index().tail(WINDOW)
    table = table.loc[:, table.notna().sum() >= min(FEWEST_LABELS, max(1, len(table)))].dropna(
        axis="columns", how="all"
    )
    numbers = ", ".join(f"{name} {value:.2f}" for name, value in table.mean().items())
    if table.shape[1] < FEWEST_DISCRIMINATORS:
        return (
            "undetermined",
            f"{table.shape[1]} of 5 discriminators could be measured ({numbers or 'none'}); 3 are needed",
        )
    if not set(DECISIVE) & set(table.columns):
        return _reduced(table.mean()), f"without rule or decision data: {numbers}"
    low, high = _interval(table)
    centre = float(table.mean().mean())
    return _from_interval(
        centre, low, high
    ), f"governance index {centre:.2f} (80 % interval {low:.2f}–{high:.2f}): {numbers}"


def _reduced(means: pd.Series) -> Cause:
    if (means >= 0.50).all() and means.mean() >= 0.65:
        return "governance"
    if (means <= 0.50).all() and means.mean() <= 0.35:
        return "real_variability"
    return "undetermined"


def _from_interval(centre: float, low: float, high: float) -> Cause:
    if high - low > WIDEST_INTERVAL:
        return "undetermined"
    if centre >= GOVERNANCE and low > 0.50:
        return "governance"
    if centre <= VARIABILITY and high < 0.50:
        return "real_variability"
    return "mixed"


def _interval(table: pd.DataFrame) -> tuple[float, float]:
    """80 % interval of the index by bootstrap of blocks of labels, seeded."""
    rows, generator = table.to_numpy(float), np.random.default_rng(SEED)
    block = min(BLOCK, len(rows))
    starts = generator.integers(0, len(rows) - block + 1, size=(DRAWS, int(np.ceil(len(rows) / block))))
    picks = (starts[:, :, None] + np.arange(block)).reshape(DRAWS, -1)[:, : len(rows)]
    with np.errstate(invalid="ignore"):
        sums, counts = np.nansum(rows[picks], axis=1), (~np.isnan(rows[picks])).sum(axis=1)
        index = np.nanmean(np.where(counts > 0, sums / np.maximum(counts, 1), np.nan), axis=1)
    low, high = np.nanquantile(index, [0.10, 0.90])
    return float(low), float(high)
