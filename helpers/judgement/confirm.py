"""Key 2: tests that a window of cycles confirms the mechanism, each computed from what was known at that cycle."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from helpers.evidence import CONFIRMATION_COLUMNS
from helpers.memory import alike
from helpers.periods import Calendar

WINDOW = 6
Outcome = tuple[bool | None, float]
Test = Callable[[pd.DataFrame], Outcome]
UNDECIDED: Outcome = (None, float("nan"))


def at_each_cycle(calendar: Calendar, rows: pd.DataFrame, name: str, test: Test) -> pd.DataFrame:
    """`test` applied at every cycle to the rows known by then.

    Parameters
    ----------
    rows
        Any frame with a column `known_on`; handed to `test` in its own order.
    test
        From the known rows to (met, p): met is `None` when it cannot tell, p is NaN for share criteria.

    Returns
    -------
    One row per cycle: `cycle`, `name`, `met`, `p_value`.
    """
    return pd.DataFrame(outcomes(calendar, rows, name, test), columns=list(CONFIRMATION_COLUMNS))


def outcomes(calendar: Calendar, rows: pd.DataFrame, name: str, test: Test) -> list[tuple[pd.Timestamp, str, Any, Any]]:
    """The rows of `at_each_cycle`, not yet a frame."""
    found = _outcomes(calendar.cycles, rows, test)
    return [(cycle, name, *outcome) for cycle, outcome in zip(calendar.cycles, found, strict=True)]


@alike
def _outcomes(cycles: pd.DatetimeIndex, rows: pd.DataFrame, test: Test) -> list[Outcome]:
    """A cycle at which nothing new was known has the outcome of the one before."""
    dated = rows[rows["known_on"].notna()]
    known_on = dated["known_on"].to_numpy("datetime64[us]")
    in_order = bool((known_on[1:] >= known_on[:-1]).all())
    found: dict[int, Outcome] = {}
    counts = [int((known_on <= cycle.to_datetime64()).sum()) for cycle in cycles]
    for count, cycle in zip(counts, cycles, strict=True):
        if count not in found:
            found[count] = test(dated.iloc[:count] if in_order else dated[known_on <= cycle.to_datetime64()])
    return [found[count] for count in counts]


def last(known: pd.DataFrame, column: str, window: int) -> NDArray[np.float64]:
    """The last `window` values of a column that are not missing."""
    values: NDArray[np.float64] = known[column].to_numpy(float)
    return values[~np.isnan(values)][-window:]


@cache  # the same test again is the same object, so that its outcomes are remembered
def mean_reaches(column: str, limit: float, window: int = WINDOW, fewest: int = 3) -> Test:
    """Met when the mean of the last `window` values of `column` (one row a label) is at least `limit`."""

    def test(known: pd.DataFrame) -> Outcome:
        values = last(known, column, window)
        return UNDECIDED if len(values) < fewest else (bool(values.mean() >= limit), float("nan"))

    return test


@cache
def often_reaches(column: str, limit: float, times: int, window: int = WINDOW) -> Test:
    """Met when at least `times` of the last `window` values of `column` (one row a label) are at least `limit`."""

    def test(known: pd.DataFrame) -> Outcome:
        values = last(known, column, window)
        return UNDECIDED if len(values) < times else (bool((values >= limit).sum() >= times), float("nan"))

    return test
