"""Few units, again and again: when the same units breach too often for chance, they carry the sign without a majority.

The rule for units together asks how many of them breach at once, as if every cycle drew new ones. A quarrel in two of
eight families never passes it, however long it lasts. Chance does not pick the same families twice: with a healthy
breach rate of 5 %, a unit breaches now and in at least one of the five labels before in 1.1 % of its labels, and in at
least three of them in 0.006 %. The number of units needed follows from these rates as q(U) does from 5 %.

Among two to four units these rates would let one unit carry at its first return. Breaches of a unit follow each other,
though: with a lag-one correlation of 0.2 four healthy units would then repeat in 12 % of histories of 24 cycles. One
unit alone therefore always needs three breaches before, which leaves 1 % (simulated, 4,000 histories each).
"""

from __future__ import annotations

import pandas as pd
from scipy import stats

from helpers.judgement.breach import ALPHA, HEALTHY_BREACH_RATE

BEFORE = 5
TIMES_BEFORE, ALONE = (1, 3), 3
MATERIAL_WEIGHT = 0.10


def fewest_again(units: int, times: int) -> int:
    """How many of `units` must breach now and in at least `times` of the five labels before, to be beyond chance.

    At least two, unless they did so three times.
    """
    rate = HEALTHY_BREACH_RATE * float(stats.binom.sf(times - 1, BEFORE, HEALTHY_BREACH_RATE))
    return max(1 if times >= ALONE else 2, int(stats.binom.isf(ALPHA, units, rate)) + 1)


def let_returning_units_carry(flags: pd.DataFrame) -> pd.DataFrame:
    """`flags` in which units that breach again and again are at red, and the heaviest of them carries the sign.

    Only where those units hold a tenth of the weight; elsewhere the flags stay as they are. Which units are critical is
    the client's word and never changes here. A unit's past is its own five assessable labels before, so that a later
    label never changes an earlier one. Only rows marked `returning` count: breaches of the kind that is a pattern when
    it comes back.
    """
    counted = flags["breach"] & flags["returning"]
    if not counted.any():
        return flags
    assessed = flags.assign(counted=counted)[flags["value"].notna()].sort_values(["unit", "label"])
    earlier = assessed.groupby("unit")["counted"].transform(
        lambda b: b.astype(float).shift().rolling(BEFORE, min_periods=1).sum().fillna(0.0)
    )
    marked = flags.assign(counted=counted, before=earlier.reindex(flags.index).fillna(0.0))
    parts = [_carried(rows) for _, rows in marked.groupby("label")]
    return pd.concat(parts).sort_index()[flags.columns]


def _carried(rows: pd.DataFrame) -> pd.DataFrame:
    """One label: the units that return often enough, if there are enough of them and they weigh enough."""
    units = int(rows["value"].notna().sum())
    for times in TIMES_BEFORE:
        again = rows["counted"] & (rows["before"] >= times)
        enough = again.sum() >= fewest_again(units, times)
        if enough and rows.loc[again, "weight"].sum() >= MATERIAL_WEIGHT:
            heaviest = rows.loc[again, "weight"].idxmax()
            return rows.assign(severity=rows["severity"].mask(again, 1.0), carries=rows.index == heaviest)
    return rows
