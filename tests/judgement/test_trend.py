"""The trend arrow: rank trend corrected for autocorrelation, and the change chart."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from helpers.judgement.trend import arrow, cusum, has_risen_lately, mann_kendall, self_starting, sen_slope


def test_sen_slope_is_the_median_pairwise_slope() -> None:
    """Slopes of 1, 2, 6 are 1, 4 and 2.5; their median is 2.5."""
    assert sen_slope(np.array([1.0, 2.0, 6.0])) == 2.5


def test_mann_kendall_of_a_steady_rise_without_noise() -> None:
    """Eight rising values: S = 28, variance 65.33; the detrended rest is constant: the bias correction inflates."""
    z = 27 / np.sqrt(8 * 7 * 21 / 18)
    k = np.arange(1, 8)
    inflated = z / np.sqrt(1 + 2 * ((1 - k / 8) * (2 / 8) ** k).sum())

    p_value = mann_kendall(np.arange(8.0))

    assert p_value == pytest.approx(1 - _normal_cdf(inflated))
    assert p_value < 0.01


def _normal_cdf(z: float) -> float:
    from math import erf, sqrt

    return 0.5 * (1 + erf(z / sqrt(2)))


def test_a_constant_series_has_no_trend() -> None:
    """Every pair tied: the p-value is 1, not undefined."""
    assert mann_kendall(np.ones(10)) == 1.0


def test_fewer_than_eight_values_have_no_test() -> None:
    """Seven values give no p-value."""
    assert np.isnan(mann_kendall(np.arange(7.0)))


@pytest.mark.parametrize("autocorrelation", [0.0, 0.3, 0.5])
def test_false_trends_stay_near_five_percent_on_autocorrelated_series(autocorrelation: float) -> None:
    """On 400 trendless series of 24 points the one-sided test at 5 % fires in at most 9 %."""
    generator = np.random.default_rng(7)
    fired = 0
    for _ in range(400):
        noise = generator.normal(size=44)
        series = np.zeros(44)
        for t in range(1, 44):
            series[t] = autocorrelation * series[t - 1] + noise[t]
        fired += mann_kendall(series[20:]) <= 0.05

    assert fired / 400 <= 0.09


def test_q_compares_each_value_with_its_own_past_only() -> None:
    """Changing a later value leaves every earlier Q as it was; the first five are undefined."""
    values = np.array([1.0, 2.0, 1.5, 2.5, 2.0, 1.8, 2.2])
    changed = np.append(values[:-1], 99.0)

    assert np.isnan(self_starting(values)[:5]).all()
    assert self_starting(values)[5] == self_starting(changed)[5]


def test_the_chart_of_a_value_rests_on_those_up_to_it_and_stands_at_one_when_it_alarms() -> None:
    """Four values far above twelve calm ones reach 1; the chart of the calm ones stays, the first five have none."""
    calm = np.array([10.0, 11, 9, 10, 10.5, 9.5, 10, 11, 9, 10, 10.5, 9.5])
    risen = cusum(np.append(calm, [16.0, 16, 17, 16]))

    np.testing.assert_array_equal(risen[:12], cusum(calm))
    assert np.isnan(risen[:5]).all()
    assert risen[:12][5:].max() < 1 <= risen[12:].max()


def test_a_level_shift_raises_the_alarm() -> None:
    """Twelve calm values and four far above them alarm; sixteen calm ones do not."""
    calm = pd.Series([10.0, 11, 9, 10, 10.5, 9.5, 10, 11, 9, 10, 10.5, 9.5]).to_numpy()

    assert has_risen_lately(np.append(calm, [16.0, 16, 17, 16]))
    assert not has_risen_lately(np.append(calm, [10.0, 11, 9, 10]))


def monthly(values: list[float]) -> pd.Series:
    """Values of consecutive months."""
    return pd.Series(values, pd.date_range("2024-01-01", periods=len(values), freq="MS"))


def season(month: int) -> float:
    """A wave of a year, 20 up and down."""
    return float(20 * np.sin(2 * np.pi * month / 12))


def shown(values: list[float]) -> str | None:
    """The arrow of a metric that never breached."""
    return arrow(monthly(values), monthly([0.0] * len(values)).astype(bool), lower_is_worse=False)


@pytest.mark.parametrize("months", [24, 36])
def test_a_season_alone_is_stable(months: int) -> None:
    """Two or three years of the same wave go nowhere."""
    wobble = np.random.default_rng(3).normal(0, 2, months)

    assert shown([100 + season(month) + wobble[month] for month in range(months)]) == "stable"


def test_a_rise_is_seen_through_its_season() -> None:
    """Half a unit a month, hidden in a season of 20, is a deterioration all the same."""
    wobble = np.random.default_rng(3).normal(0, 2, 36)

    values = [100 + 0.5 * month + season(month) + wobble[month] for month in range(36)]
    assert mann_kendall(np.array(values[-24:])) > 0.05
    assert shown(values) == "deteriorating"


def test_less_than_two_years_of_a_season_show_no_arrow() -> None:
    """Twenty months of a season cannot tell a rise from the season; twenty without one show an arrow."""
    wobble = np.random.default_rng(3).normal(0, 2, 20)

    assert shown([100 + season(month) + wobble[month] for month in range(20)]) is None
    assert shown([100 + wobble[month] for month in range(20)]) is not None
