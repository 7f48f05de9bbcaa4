"""Which planned values reality contradicts, and which of them nobody corrected: judged unit by unit at every label.

Glossary
    material   the gap from which a wrong number matters: a tenth, for rates, hours and yield a twentieth, because a
               line that is planned at full load cannot make up for 5 % (the share at which capacity counts as short)
    fresh      the last two gaps are each material, or the last three average a material gap and two of them exceed half
               of it; beyond what the unit's own swings from cycle to cycle explain
    lasting    so do the last six to twelve, beyond chance above half a material gap
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from helpers.inference import t_above
from helpers.memory import alike

SHORTEST, LONGEST, RECENT, STRONG = 6, 12, 3, 2
MATERIAL = float(np.log(1.10))
MATERIAL_OF = {"capacity": float(np.log(1.05)), "yield": float(np.log(1.05))}
TOLERATED, LEVEL = 0.5, 0.05
UNCHANGED = 0.01
RANGE_TO_DEVIATION = 1.128
HEALTHY_RATE, ALPHA = 0.02, 0.05
ROUNDING = 1e-9

Numbers = NDArray[np.float64]
Judgement = tuple[str, str, float, float, float, bool, bool]


@alike
def judged(gaps: pd.DataFrame, labels: pd.DatetimeIndex) -> pd.DataFrame:
    """Which units are wrong, and which nobody corrected, from the gaps known at each label.

    A unit is wrong when its contradiction is fresh or lasting. The deviation of one cycle is taken from the moving
    range (Shewhart's individuals chart), which a step in the level does not inflate; a gap of a single cycle is never
    tested by the spread within that cycle, because the receipts of a month share their luck.

    Parameters
    ----------
    gaps
        Rows of `assumptions.registered_gaps` and its like.
    labels
        Closed labels, ascending.

    Returns
    -------
    One row per `label` and `unit` with at least six gaps, the last no older than twelve labels: `area`, `subject`,
    `mean` gap of the last twelve (log ratio), `relative` gap of this label (1: material; missing without a value),
    `detectable` (the smallest bias the lasting test could see, log ratio), `wrong`, `uncorrected`.
    """
    known = gaps.dropna(subset=["gap"]).sort_values("label")
    known = known.assign(place=labels.get_indexer(pd.DatetimeIndex(known["label"])))
    rows = [
        (labels[place], unit, *judgement)
        for unit, history in known.groupby("unit")
        for place, judgement in _judge_unit(_History(history), len(labels))
    ]
    columns = ["label", "unit", "area", "subject", "mean", "relative", "detectable", "wrong", "uncorrected"]
    return pd.DataFrame(rows, columns=columns)


def material(areas: pd.Series) -> pd.Series:
    """The material gap of each area (log ratio)."""
    return areas.map(MATERIAL_OF).astype(float).fillna(MATERIAL)


def fewest_wrong(units: int) -> int:
    """How many units of an area must be wrong and unanswered together, to be beyond chance; never one among several.

    The smallest x with P(Bin(units, 2 %) ≥ x) ≤ 5 %: a healthy unit is material, beyond its own swings and unanswered
    for three cycles far less often than the 5 % of a plain breach.
    """
    return min(units, max(2, int(stats.binom.isf(ALPHA, units, HEALTHY_RATE)) + 1))


class _History:
    """One unit's gaps in order of time as arrays: units × labels slices of a frame would take most of a run."""

    def __init__(self, rows: pd.DataFrame) -> None:
        self.place = rows["place"].to_numpy(int)
        self.gap = rows["gap"].to_numpy(float)
        self.planned = rows["planned"].to_numpy(float)
        self.two_sided = rows["two_sided"].to_numpy(bool)
        self.area = rows["area"].astype(str).to_numpy()
        self.subject = rows["subject"].astype(object).where(rows["subject"].notna(), "").astype(str).to_numpy()


def _judge_unit(history: _History, labels: int) -> Iterator[tuple[int, Judgement]]:
    """The judgement at each place among the labels at which the unit is alive."""
    for place in range(labels):
        seen = int(np.searchsorted(history.place, place, side="right"))
        if seen >= SHORTEST and place - history.place[seen - 1] < LONGEST:
            yield place, _judge_at(history, seen, place)


def _judge_at(history: _History, seen: int, place: int) -> Judgement:
    last, recent = seen - 1, slice(max(0, seen - LONGEST), seen)
    least = MATERIAL_OF.get(history.area[last], MATERIAL)
    gap = history.gap[recent]
    side = _side(gap) if history.two_sided[last] else 1.0
    relative = side * gap / least
    return (
        history.area[last],
        history.subject[last],
        float(side * gap.mean()),
        float(relative[-1]) if history.place[last] == place else float("nan"),
        float(least * (TOLERATED + 1.7 * relative.std(ddof=1) / np.sqrt(len(gap)))),
        side != 0 and (is_fresh(relative) or is_lasting(relative)),
        _is_uncorrected(history.planned[recent], relative),
    )


def _side(gap: Numbers) -> float:
    """The side of a two-sided unit, 0 unless five of its last six gaps lie on it."""
    side = float(np.sign(gap[-SHORTEST:].mean()))
    return side if (side * gap[-SHORTEST:] > 0).sum() >= SHORTEST - 1 else 0.0


def is_fresh(relative: Numbers) -> bool:
    """Whether the last two relative gaps reach 1 each, or the last three on average, beyond chance (p ≤ 5 %).

    Of the three two must exceed the tolerated half, because one disaster is one bad cycle whatever it does to a mean.
    """
    strong, recent = relative[-STRONG:], relative[-RECENT:]
    if strong.min() >= 1 - ROUNDING and _is_beyond_swings(strong, relative):
        return True
    return bool(recent.mean() >= 1 - ROUNDING and np.median(recent) >= TOLERATED) and _is_beyond_swings(
        recent, relative
    )


def _is_beyond_swings(some: Numbers, relative: Numbers) -> bool:
    """Whether the mean of these gaps lies above 0 by a t test with the deviation of one cycle from the moving range."""
    deviation = float(np.abs(np.diff(relative)).mean()) / RANGE_TO_DEVIATION
    score = some.mean() / (deviation / np.sqrt(len(some))) if deviation else np.inf
    return bool(score >= _critical(len(relative) - 1))


@cache
def _critical(freedom: int) -> float:
    """The score from which a one-sided t test is beyond the level."""
    return float(stats.t.isf(LEVEL, freedom))


def is_lasting(relative: Numbers) -> bool:
    """Whether all relative gaps average 1 and lie above the tolerated half by a one-sided t test (p ≤ 5 %)."""
    return bool(relative.mean() >= 1 - ROUNDING and t_above(relative, TOLERATED) <= LEVEL)


def _is_uncorrected(planned: Numbers, gap: Numbers) -> bool:
    """Planned value unchanged within 1 % for six observations, or the gap not half closed over the last three."""
    values = planned[-SHORTEST:]
    if not np.isnan(values).any() and values.min() > 0 and values.max() / values.min() - 1 <= UNCHANGED:
        return True
    late, before = float(np.median(gap[-3:])), float(np.median(gap[-6:-3]))
    return late > 0 and before > 0 and late >= 0.5 * before
