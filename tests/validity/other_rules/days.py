"""Months, weeks and days of the other client; day 0 is the first day of the warm-up."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

WARM_UP = 10
CYCLES = 30
HORIZON = 6
MONTHS = WARM_UP + CYCLES
FIRST_CYCLE = pd.Timestamp("2023-07-01")
DAY_ZERO = FIRST_CYCLE - pd.DateOffset(months=WARM_UP)
MONTH_STARTS = pd.date_range(DAY_ZERO, periods=MONTHS + HORIZON + 1, freq="MS")
MONTH_DAY = ((MONTH_STARTS - DAY_ZERO) / pd.Timedelta(days=1)).to_numpy().astype(int)
MONTH_LENGTH = np.diff(MONTH_DAY)
START = int(MONTH_DAY[WARM_UP])
AS_OF = int(MONTH_DAY[MONTHS])
LAST = AS_OF + 150
MONDAYS = np.arange((7 - DAY_ZERO.weekday()) % 7, AS_OF, 7)
WEEK_MONTH = np.searchsorted(MONTH_DAY, MONDAYS, side="right") - 1
WORKDAYS = np.busday_count(MONTH_STARTS[:-1].to_numpy("datetime64[D]"), MONTH_STARTS[1:].to_numpy("datetime64[D]"))


def month_of(day: ArrayLike) -> np.ndarray:
    """Month number of each day number."""
    return np.searchsorted(MONTH_DAY, day, side="right") - 1


def dates(day: ArrayLike, shown: ArrayLike = True) -> pd.Series:
    """Dates of day numbers; missing where not `shown`."""
    number = pd.Series(np.asarray(day, dtype=float))
    return (DAY_ZERO + pd.to_timedelta(number, unit="D")).where(np.broadcast_to(shown, number.shape))


def periods(month: ArrayLike) -> pd.Series:
    """First day of each month number."""
    return dates(MONTH_DAY[np.asarray(month)])


def week_shares() -> np.ndarray:
    """Part of each month's working days that falls in each week, `[week, month]`."""
    share = np.zeros((len(MONDAYS), MONTHS + HORIZON))
    for weekday in range(5):
        month = month_of(MONDAYS + weekday)
        share[np.arange(len(MONDAYS)), month] += 1 / WORKDAYS[month]
    return share


WEEK_SHARE = week_shares()
