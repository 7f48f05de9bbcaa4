"""Steps in demand: found in what the far forecast did not hold, and kept out of the noise test."""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers.measures import revisions, steps

MONTHS = pd.date_range("2024-01-01", periods=16, freq="MS").as_unit("us")
STEP = 10


def errors(demand: list[float], far: list[float]) -> pd.DataFrame:
    """One unit whose last forecast is off by 10 and whose far one, two lags ahead, is given."""
    actual = np.array(demand)
    near = pd.DataFrame({"period": MONTHS, "lag": 0, "error": 10.0, "actual": actual})
    return pd.concat([near, near.assign(lag=2, error=np.array(far) - actual)]).assign(unit="Milk")


def wobble(level: float, month: int) -> float:
    """A level with a little spread: about 14 above or below."""
    return level + (12.0 + 2 * (month % 3)) * (1 if month % 2 else -1)


def stepped() -> pd.DataFrame:
    """Demand of 1000 that is 1400 from month ten on; the far forecast learns it two months late."""
    demand = [wobble(1400.0 if month >= STEP else 1000.0, month) for month in range(16)]
    return errors(demand, [1400.0 if month >= STEP + 2 else 1000.0 for month in range(16)])


def test_a_step_lies_where_the_new_level_begins_and_is_known_when_two_months_show_it() -> None:
    """Month ten is the first of the step; the end of month eleven, the second of three at the new level, shows it."""
    found = steps.steps(stepped())

    assert [tuple(row) for row in found.to_numpy()] == [("Milk", MONTHS[STEP], MONTHS[STEP + 1], MONTHS[STEP + 1])]
    assert steps.steps(stepped().query("period < @MONTHS[@STEP + 1]")).empty
    assert "Milk 2024-11" in steps.said(stepped())


def test_a_season_that_the_forecast_holds_is_no_step() -> None:
    """Demand that rises by half for three months a year, as forecast, has no step."""
    season = [1500.0 if month % 12 in (8, 9, 10) else 1000.0 for month in range(16)]

    assert steps.steps(errors([wobble(level, month) for month, level in enumerate(season)], season)).empty


def test_the_two_targets_around_a_step_are_no_noise() -> None:
    """Planners feel for the new level, 600 up and down inside the fence; else a movement of 96 takes an error of 96.

    With the two targets the noise share reaches its limit of 0.30; once known as a step they are left out.
    """
    swing = np.where(np.isin(np.arange(16), (STEP, STEP + 1)), 600.0, np.sqrt(48.0))
    moved = pd.DataFrame(
        {"period": np.repeat(MONTHS, 2), "lag": [1, 0] * 16, "revision": np.repeat(swing, 2) * ([1, -1] * 16)}
    ).assign(unit="Milk")
    targets = revisions.movements(moved, stepped(), reach=2)

    assert revisions.noise(targets.assign(seen_in=pd.Timestamp.max), MONTHS[-1]).share >= 0.30
    assert revisions.noise(targets, MONTHS[-1]).share < 0.30
    assert revisions.noise(targets, MONTHS[STEP + 1]).share >= 0.30
