"""Real variability or poor governance: the mean of the sign's discriminators, `undetermined` when they cannot tell.

D1 revision noise · D2 plan amplification · D3 share without rule or decision · D4 rescue money no shock explains,
chance corrected · D5 knowable in advance · D7 what no exogenous event touched, chance corrected. Each lies in 0 to 1, 1
meaning governance.

A sign is asked only about what bears on it. D3 or D5 must be among what is known: who answered, and whether it could be
seen, tells governance from variability; that a sign recurs does not, so a pattern alone is undetermined. It is a
condition all the same: a bad cycle that did not repeat is never called governance. Discriminators that contradict each
other make the cause mixed, whatever their mean.
D4 and D7 can exonerate but not accuse: healthy simulated clients spend nearly all their rescue money where no shock
fell as well (D4 near 1 in all of them), so only a low value is evidence. D2 can accuse but not exonerate: it is known
only where the plan moved beyond its limit, and just beyond it two thirds of the movement were required.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers.evidence import Cause, Range

WINDOW = 12
FEWEST_LABELS = 6
TELLING = ("D3", "D5")
EXONERATING = ("D4", "D7")
ACCUSING = ("D2",)
EVEN = 0.50
FOR, AGAINST = 0.60, 0.40
WIDEST_INTERVAL = 0.50
BLOCK, DRAWS, SEED = 3, 499, 20240101


def decide(discriminators: pd.DataFrame, *, recurs: bool) -> tuple[Cause, str]:
    """The cause and the numbers behind it.

    Parameters
    ----------
    discriminators
        `label`, `name`, `value` known at the judging date; only the last twelve labels are used.
    recurs
        Whether the sign recurs; else it is a bad cycle.

    Returns
    -------
    The cause, and a sentence with the single numbers; `undetermined` without D3 and D5, or when the interval is wider
    than 0.5.
    """
    table = _measured(discriminators)
    if table.empty:
        return "undetermined", "nothing that tells variability from governance could be measured beside the pattern"
    low, high = _interval(table)
    means = table.mean()
    numbers = ", ".join(f"{name} {value:.2f}" for name, value in means.items())
    interval = f"80 % interval {low:.2f}–{high:.2f}"
    return _from_interval(means, low, high, recurs), f"governance index {means.mean():.2f} ({interval}): {numbers}"


def governance_index(discriminators: pd.DataFrame) -> Range | None:
    """The mean of the discriminators with its 80 % interval; `None` where neither D3 nor D5 is known."""
    table = _measured(discriminators)
    if table.empty:
        return None
    low, high = _interval(table)
    centre = float(table.mean().mean())
    return Range(min(low, centre), centre, max(high, centre))


def _measured(discriminators: pd.DataFrame) -> pd.DataFrame:
    """Discriminators known in enough of the last twelve labels: one row a label, one column a name.

    D4 and D7 are left out where they do not exonerate, D2 where it does not accuse; empty without D3 and D5.
    """
    table = discriminators.pivot_table(index="label", columns="name", values="value").sort_index().tail(WINDOW)
    enough = table.notna().sum() >= min(FEWEST_LABELS, max(1, len(table)))
    kept = table.loc[:, enough]
    accuses = kept.mean() >= EVEN
    says_nothing = (kept.columns.isin(EXONERATING) & accuses) | (kept.columns.isin(ACCUSING) & ~accuses)
    return kept.loc[:, ~says_nothing].dropna(how="all") if kept.columns.isin(TELLING).any() else kept.iloc[:0]


def _from_interval(means: pd.Series, low: float, high: float, recurs: bool) -> Cause:
    """Governance or variability where the whole interval lies on one side of a half and no discriminator objects."""
    if high - low > WIDEST_INTERVAL:
        return "undetermined"
    if low > EVEN and recurs and means.min() > AGAINST:
        return "governance"
    if high < EVEN and means.max() < FOR:
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
