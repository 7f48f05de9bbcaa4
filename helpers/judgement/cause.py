"""Real variability or poor governance: the mean of the sign's discriminators, `undetermined` when they cannot tell.

D1 revision noise · D2 plan amplification · D3 share without rule or decision · D4 rescue money no shock explains,
chance corrected · D5 knowable in advance · D6 pattern confirmed · D7 breaches no exogenous event touched. Each lies
in 0 to 1, 1 meaning governance.

A sign is asked only about what bears on it: its own D1, D2, D3, D5 and D7. D6 is 1 when the sign recurs, that is when
it is beyond what risk explains, persistent and confirmed by a second test, and 0 for a bad cycle that did not repeat.
D4 and D7 can exonerate but not accuse: healthy simulated clients spend nearly all their rescue money where no shock
fell as well (D4 near 1 in all of them), so only a low value is evidence.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers.evidence import Cause, Range, State

WINDOW = 12
FEWEST_LABELS = 6
FEWEST_DISCRIMINATORS = 2
EXONERATING = ("D4", "D7")
CLEARS_BELOW = 0.50
GOVERNANCE, VARIABILITY = 0.60, 0.40
WIDEST_INTERVAL = 0.50
BLOCK, DRAWS, SEED = 3, 499, 20240101


def confirmed(final: State) -> pd.DataFrame:
    """D6 of a sign from its last state, for the labels up to it."""
    return pd.DataFrame({"label": [final.cycle], "name": ["D6"], "value": [float(final.status == "recurring")]})


def decide(discriminators: pd.DataFrame) -> tuple[Cause, str]:
    """The cause and the numbers behind it.

    Parameters
    ----------
    discriminators
        `label`, `name`, `value` known at the judging date; only the last twelve labels are used.

    Returns
    -------
    The cause, and a sentence with the single numbers; `undetermined` when D6 stands alone or the interval is wider
    than 0.5.
    """
    table = _measured(discriminators)
    if table.shape[1] < FEWEST_DISCRIMINATORS:
        return "undetermined", "nothing that tells variability from governance could be measured beside the pattern"
    low, high = _interval(table)
    centre = float(table.mean().mean())
    numbers = ", ".join(f"{name} {value:.2f}" for name, value in table.mean().items())
    interval = f"80 % interval {low:.2f}–{high:.2f}"
    return _from_interval(centre, low, high), f"governance index {centre:.2f} ({interval}): {numbers}"


def governance_index(discriminators: pd.DataFrame) -> Range | None:
    """The mean of the discriminators with its 80 % interval; `None` where there are too few of them."""
    table = _measured(discriminators)
    if table.shape[1] < FEWEST_DISCRIMINATORS:
        return None
    low, high = _interval(table)
    centre = float(table.mean().mean())
    return Range(min(low, centre), centre, max(high, centre))


def _measured(discriminators: pd.DataFrame) -> pd.DataFrame:
    """Discriminators known in enough of the last twelve labels: one row a label, one column a name.

    D6 holds for the sign as a whole and stands in every row; D4 and D7 are left out where they do not exonerate.
    """
    table = discriminators.pivot_table(index="label", columns="name", values="value").sort_index().tail(WINDOW)
    whole = table.pop("D6").dropna() if "D6" in table else pd.Series(dtype=float)
    table = table.dropna(how="all")
    enough = table.notna().sum() >= min(FEWEST_LABELS, max(1, len(table)))
    kept = table.loc[:, enough].dropna(axis="columns", how="all")
    accusing = [name for name in EXONERATING if name in kept and kept[name].mean() >= CLEARS_BELOW]
    kept = kept.drop(columns=accusing)
    return kept.assign(D6=float(whole.iloc[-1])) if len(whole) and len(kept) else kept


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
