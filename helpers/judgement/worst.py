"""The worst of many units: the more of them are asked, the further out the worst lies by chance alone.

A limit for the worst unit is simulated with eight of them. Šidák: with n units each gets the tail that leaves the worst
of n as rare as the worst of eight was. The tail of a squared excess is that of F with 2 and 8 degrees of freedom: two
cells inside the fence over an error known from eight targets. On healthy calibration clients of the validity study,
their families pooled, the worst of 38 reached the unscaled limit in 32 % of cycles and the worst of 101 in 62 %; with
the limit scaled so it is 8 % and 6 %, and 6 % for one client alone.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
from scipy import stats

from helpers.judgement.confirm import UNDECIDED, WINDOW, Outcome, Test

SIMULATED_UNITS = 8
CELLS, TARGETS = 2, 8
LEAST_WEIGHT, PART_OF_EVEN_SHARE = 0.02, 0.5
FEWEST_CYCLES = 3


def is_material(weight: pd.Series, units: pd.Series) -> pd.Series:
    """Whether a unit holds a fiftieth of the weight, or half of an even share of `units`, the smaller of the two.

    Below that it cannot raise a sign by itself. A weight that is not known (missing) takes no unit out.
    """
    return ~(weight < np.minimum(LEAST_WEIGHT, PART_OF_EVEN_SHARE / units))


def widened(units: pd.Series, limit: float) -> pd.Series:
    """By what factor `limit` on the excess of the worst of eight units grows for the worst of `units`; at least 1."""
    tail = stats.f.sf(limit**2, CELLS, TARGETS)
    each = -np.expm1(np.log1p(-tail) * SIMULATED_UNITS / units.to_numpy(float))
    factor = np.sqrt(stats.f.isf(each, CELLS, TARGETS)) / limit
    return pd.Series(factor, index=units.index, dtype=float).clip(lower=1.0)


@cache
def same_unit(share: float) -> Test:
    """Met when one unit breached in three of the last six labels and its mean `share` in them is at least this.

    The rows need `label`, `unit`, `breach` and `share`.
    """

    def test(known: pd.DataFrame) -> Outcome:
        recent = known[known["label"].isin(sorted(known["label"].unique())[-WINDOW:])]
        if recent["label"].nunique() < FEWEST_CYCLES:
            return UNDECIDED
        by_unit = recent.groupby("unit").agg(breaches=("breach", "sum"), share=("share", "mean"))
        met = (by_unit["breaches"] >= FEWEST_CYCLES) & (by_unit["share"] >= share)
        return bool(met.any()), float("nan")

    return test
