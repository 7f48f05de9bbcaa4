"""Key 2: tests that a window of cycles confirms the mechanism, each computed from what was known at that cycle."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from helpers.evidence import CONFIRMATION_COLUMNS
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
    outcomes = [(cycle, name, *test(rows[rows["known_on"] <= cycle])) for cycle in calendar.cycles]
    return pd.DataFrame(outcomes, columns=list(CONFIRMATION_COLUMNS))


def mean_reaches(column: str, limit: float, window: int = WINDOW, fewest: int = 3) -> Test:
    """Met when the mean of the last `window` values of `column` (one row a label) is at least `limit`."""

    def test(known: pd.DataFrame) -> Outcome:
        values = known[column].dropna().tail(window)
        return UNDECIDED if len(values) < fewest else (bool(values.mean() >= limit), float("nan"))

    return test


def often_reaches(column: str, limit: float, times: int, window: int = WINDOW) -> Test:
    """Met when at least `times` of the last `window` values of `column` (one row a label) are at least `limit`."""

    def test(known: pd.DataFrame) -> Outcome:
        values = known[column].dropna().tail(window)
        return UNDECIDED if len(values) < times else (bool((values >= limit).sum() >= times), float("nan"))

    return test
