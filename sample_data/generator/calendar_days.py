"""Months, weeks and days of the simulation; day 0 is the first day of the warm-up."""

from itertools import pairwise

import numpy as np
import pandas as pd

WARM_UP = 12
CYCLES = 30
HORIZON = 8
MONTHS = WARM_UP + CYCLES
FIRST_CYCLE = pd.Timestamp("2024-01-01")
DAY_ZERO = FIRST_CYCLE - pd.DateOffset(months=WARM_UP)
MONTH_STARTS = pd.date_range(DAY_ZERO, periods=MONTHS + HORIZON + 1, freq="MS")
MONTH_DAY = ((MONTH_STARTS - DAY_ZERO) / pd.Timedelta(days=1)).to_numpy().astype(int)
MONTH_LENGTH = np.diff(MONTH_DAY)
AS_OF_DAY = int(MONTH_DAY[MONTHS])
DAYS = AS_OF_DAY + 200
MONDAYS = np.arange((7 - DAY_ZERO.weekday()) % 7, AS_OF_DAY, 7)
WEEK_MONTH = np.searchsorted(MONTH_DAY, MONDAYS, side="right") - 1
WORKDAYS = np.array([np.busday_count(a.date(), b.date()) for a, b in pairwise(MONTH_STARTS)])
CALENDAR = (DAY_ZERO + pd.to_timedelta(np.arange(DAYS + 400), unit="D")).strftime("%Y-%m-%d").to_numpy(dtype=object)


def iso(day: int | float) -> str:
    """ISO date of a day number."""
    return str(CALENDAR[int(day)])


def known(day: int | float) -> str:
    """ISO date of a day number; empty when that day lies after the extract."""
    return iso(day) if day < AS_OF_DAY else ""


def period(month: int) -> str:
    """ISO date of the first day of a month number."""
    return iso(MONTH_DAY[month])


def weeks_of(month: int) -> np.ndarray:
    """Week numbers whose Monday falls in the month."""
    return np.flatnonzero(month == WEEK_MONTH)
