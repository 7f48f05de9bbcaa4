"""Where a series is heading: rank trend corrected for autocorrelation, and a change chart for the arrow."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from helpers.evidence import Trend

FEWEST_FOR_TREND = 8
LONGEST = 24
ALPHA = 0.05
ALARM_RECENT = 3
SEASON = 0.30
TWO_YEARS = 24
FEWEST_COME_TWICE = 6
FIRST_CHARTED = 5

Numbers = NDArray[np.float64]


def sen_slope(values: Numbers) -> float:
    """Median of the slopes between all pairs of points (Theil 1950, Sen 1968), per step."""
    later, earlier = np.triu_indices(len(values), 1)[::-1]
    return float(np.median((values[later] - values[earlier]) / (later - earlier)))


def mann_kendall(values: Numbers) -> float:
    """One-sided p-value of an upward trend (Mann–Kendall), its variance inflated for lag-1 autocorrelation.

    The inflation uses the lag-1 autocorrelation of the series less its Sen slope, corrected for its small-sample bias
    (after Yue & Wang 2004). A downward trend has p near 1. Missing with fewer than eight values.
    """
    n = len(values)
    if n < FEWEST_FOR_TREND:
        return float("nan")
    first, second = np.triu_indices(n, 1)
    score = np.sign(values[second] - values[first]).sum()
    ties = np.unique(values, return_counts=True)[1]
    variance = (n * (n - 1) * (2 * n + 5) - (ties * (ties - 1) * (2 * ties + 5)).sum()) / 18
    if variance <= 0:
        return 1.0
    z = (score - np.sign(score)) / np.sqrt(variance * _inflation(values))
    return float(stats.norm.sf(z))


def lag_one(values: Numbers) -> float:
    """Lag-1 autocorrelation; 0 for a constant series."""
    centred = values - values.mean()
    total = (centred**2).sum()
    return float((centred[1:] * centred[:-1]).sum() / total) if total > 0 else 0.0


def _inflation(values: Numbers) -> float:
    n = len(values)
    r1 = lag_one(values - sen_slope(values) * np.arange(n))
    rho = float(np.clip(r1 + (2 + 4 * r1) / n, 0, 0.9))
    k = np.arange(1, n)
    return float(1 + 2 * ((1 - k / n) * rho**k).sum())


def self_starting(values: Numbers) -> Numbers:
    """Quesenberry's Q: each value against mean and spread of those before it, as a standard normal; NaN before 6."""
    q = np.full(len(values), np.nan)
    for t in range(FIRST_CHARTED, len(values)):
        past = values[:t]
        spread = past.std(ddof=1)
        if spread > 0:
            statistic = np.sqrt(t / (t + 1)) * (values[t] - past.mean()) / spread
            q[t] = stats.norm.ppf(np.clip(stats.t.cdf(statistic, t - 1), 1e-12, 1 - 1e-12))
    return q


def evened(values: Numbers) -> Numbers:
    """Logarithms where all values are positive or zero: right skew would triple the chart's false alarms.

    1 % of the mean is added so that zeros count; the sign convention is the caller's.
    """
    if (values < 0).any() or not values.any():
        return values
    logs: Numbers = np.log(values + 0.01 * values.mean())
    return logs


def has_risen_lately(values: Numbers) -> bool:
    """Whether a one-sided CUSUM on Q is in alarm in the last three values; wider when values are autocorrelated."""
    return bool(max(_levels(values)[-ALARM_RECENT:], default=0.0) >= _alarm_height(values))


def cusum(values: Numbers) -> Numbers:
    """The one-sided CUSUM on Q over its alarm height, each value from those up to it: 1 is an alarm; NaN before 6."""
    heights = np.array([_alarm_height(values[: t + 1]) for t in range(len(values))])
    reach: Numbers = np.array(_levels(values)) / heights
    reach[:FIRST_CHARTED] = np.nan
    return reach


def _levels(values: Numbers) -> list[float]:
    level, levels = 0.0, []
    for q in np.nan_to_num(self_starting(values)):
        level = max(0.0, level + q - 0.5)
        levels.append(level)
    return levels


def _alarm_height(values: Numbers) -> float:
    r1 = abs(lag_one(values))
    return 4.0 if r1 < 0.15 else 5.5 if r1 <= 0.40 else 7.0


def is_seasonal(monthly: pd.Series) -> bool:
    """Whether month medians explain more than 30 % of the variance, and more than chance does (F-test at 5 %).

    Parameters
    ----------
    monthly
        One value a month, ascending (index of monthly periods); its Sen slope is taken out first. False in the first
        year and a half: fewer than six months have come twice.
    """
    n, months = len(monthly), pd.PeriodIndex(monthly.index).month
    if n < months.nunique() + FEWEST_COME_TWICE:
        return False
    level = monthly - sen_slope(monthly.to_numpy(float)) * np.arange(n)
    of_month = level.groupby(months)
    within, total = ((level - of_month.transform("mean")) ** 2).sum(), ((level - level.mean()) ** 2).sum()
    left = ((level - of_month.transform("median")) ** 2).sum()
    if total <= 0 or 1 - left / total <= SEASON:
        return False
    between, free = of_month.ngroups - 1, n - of_month.ngroups
    return bool(within <= 0 or stats.f.sf((total - within) / between / (within / free), between, free) <= ALPHA)


def _recent(known: pd.Series) -> Numbers:
    """The last 24 values, evened, without their season; none where less than two years of a season are known."""
    even = pd.Series(evened(known.to_numpy(float)), known.index)
    days = pd.DatetimeIndex(even.index)
    monthly = even.groupby(days.to_period("M")).mean()
    if not is_seasonal(monthly):
        return evened(known.tail(LONGEST).to_numpy(float))
    if len(monthly) < TWO_YEARS:
        return np.array([])
    usual = monthly.groupby(pd.PeriodIndex(monthly.index).month).median()
    season = usual.reindex(days.month).set_axis(even.index)
    return np.asarray((even - season).tail(LONGEST), dtype=np.float64)


def arrow(values: pd.Series, breaches: pd.Series, lower_is_worse: bool) -> Trend | None:
    """Improving, stable or deteriorating over the last 24 labels; `None` with fewer than eight.

    A season is taken out before: what is left of a value above the median of its month. `None` where there is a season
    and less than two years of it. On simulated series (400 of each kind, autocorrelation 0 and 0.4) with a season of
    one and a half deviations 5–8 % showed a false rise with it taken out, and 48–55 % a rise of two deviations in 32
    cycles, of which 2 % at most were seen with the season in.

    Parameters
    ----------
    values
        The headline metric, ascending by label (dates).
    breaches
        Whether the sign breached, ascending by label.
    """
    recent = _recent(values.dropna())
    if len(recent) < FEWEST_FOR_TREND:
        return None
    worse = -recent if lower_is_worse else recent
    if mann_kendall(worse) <= ALPHA or has_risen_lately(worse):
        return "deteriorating"
    late, before = int(breaches.tail(6).sum()), int(breaches.iloc[:-6].tail(6).sum())
    if mann_kendall(-worse) <= ALPHA or (before >= 3 and late <= before / 2):
        return "improving"
    return "stable"
