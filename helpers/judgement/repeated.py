"""Key 2 from repetition: the same unit again, changes taken back."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from helpers.judgement.confirm import UNDECIDED, WINDOW, Outcome
from helpers.periods import Calendar

LONG_WINDOW = 12
FLOOR_RATE, SAME_AGAIN_LEVEL = 0.05, 0.01
FEWEST_TO_COMPARE = 3
ALONE_IN_WINDOW, ALONE_IN_LONG = 4, 6
FEWEST_TARGETS = 6
SLOPE_LEVEL, SLOPE_OF_LOTS = 0.025, -0.35


def same_again(flags: pd.DataFrame, calendar: Calendar) -> pd.DataFrame:
    """Whether a unit breaches more often than the others explain, per cycle and unit.

    With three or more units p = min(1, U · P(Bin(n, rate of the others, at least 5 %) ≥ breaches)) over the last six
    labels, met at p ≤ 1 % because every cycle is a new look; with one or two, at least 4 breaches of 6 and 6 of 12.

    Returns
    -------
    `cycle`, `name`, `unit`, `met`, `p_value` (missing without others to compare with).
    """
    assessed = flags[flags["value"].notna()]
    units = [
        (str(unit), own["known_on"].to_numpy("datetime64[us]"), own["breach"].to_numpy(bool))
        for unit, own in assessed.groupby("unit")
    ]
    rows = [
        (cycle, "the same resource again", *outcome)
        for cycle in calendar.cycles
        for outcome in _same_again_at(cycle.to_datetime64(), units)
    ]
    return pd.DataFrame(rows, columns=["cycle", "name", "unit", "met", "p_value"])


Breaches = tuple[str, NDArray[np.datetime64], NDArray[np.bool_]]


def _same_again_at(cycle: np.datetime64, units: list[Breaches]) -> list[tuple[str, bool, float]]:
    known = [(unit, breach[known_on <= cycle]) for unit, known_on, breach in units if (known_on <= cycle).any()]
    hits = np.array([breach[-WINDOW:].sum() for _, breach in known])
    if len(known) < FEWEST_TO_COMPARE:
        long = [breach[-LONG_WINDOW:].sum() for _, breach in known]
        return [
            (unit, bool(own >= ALONE_IN_WINDOW and of_long >= ALONE_IN_LONG), float("nan"))
            for (unit, _), own, of_long in zip(known, hits, long, strict=True)
        ]
    seen = np.array([len(breach[-WINDOW:]) for _, breach in known])
    others = (hits.sum() - hits) / (seen.sum() - seen)
    p_values = np.minimum(1.0, len(known) * stats.binom.sf(hits - 1, seen, np.maximum(others, FLOOR_RATE)))
    return [(unit, bool(p <= SAME_AGAIN_LEVEL), float(p)) for (unit, _), p in zip(known, p_values, strict=True)]


def taken_back(known: pd.DataFrame) -> Outcome:
    """Slope of a plan change on the one before it, clustered by target period: met when below that of lot rounding.

    Plans redrawn at random have a slope of −0.5, rational ones 0; moving whole lots to and fro alone reaches −0.35.
    The rows need `period`, `product` (change × change before) and `square` (change before, squared).
    """
    by_target = known.groupby("period")[["product", "square"]].sum()
    n, total = len(by_target), by_target["square"].sum()
    if n < FEWEST_TARGETS or total <= 0:
        return UNDECIDED
    slope = by_target["product"].sum() / total
    scores = by_target["product"] - slope * by_target["square"]
    spread = float(np.sqrt((scores**2).sum() * n / (n - 1)) / total)
    beyond = float(slope) - SLOPE_OF_LOTS
    p_value = float(stats.t.cdf(beyond / spread, n - 1)) if spread > 0 else float(beyond >= 0)
    return p_value <= SLOPE_LEVEL, p_value
