"""When a forecast moves: inside the fence or before it, against another forecast of the same targets."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from helpers.measures import lateness

MONTHS = pd.date_range("2024-01-01", periods=12, freq="MS")


def moves(inside: float, outside: float, cycles: int = 8) -> pd.DataFrame:
    """One unit of 100 a target; in every cycle two lags inside the fence move by `inside`, two outside by `outside`."""
    rows = [
        (MONTHS[cycle], "Milk", MONTHS[cycle] + pd.DateOffset(months=lag), lag, inside if lag < 2 else outside, 100.0)
        for cycle in range(cycles)
        for lag in range(4)
    ]
    return pd.DataFrame(rows, columns=["cycle", "unit", "period", "lag", "revision", "earlier"])


def test_the_late_share_is_squared_movement_inside_over_all() -> None:
    """Moves of 3 inside and 1 outside: 18 of 20, from the sixth cycle on."""
    shares = lateness.late_share(lateness.movement(moves(3.0, 1.0), fence=2, reach=4))

    assert shares.isna().tolist() == [True] * 5 + [False] * 3
    assert shares.iloc[-1] == pytest.approx(0.9)


def test_lateness_is_the_late_share_above_that_of_the_other_forecast() -> None:
    """0.9 against an even 0.5 is 0.4 in every cycle, so that each resample says the same."""
    late, even = (lateness.movement(moves(inside, 1.0), fence=2, reach=4) for inside in (3.0, 1.0))
    found = lateness.later_than(late, even)

    assert found["label"].tolist() == list(MONTHS[5:8])
    assert found[["lateness", "low"]].to_numpy() == pytest.approx(np.full((3, 2), 0.4))


def test_one_late_cycle_of_six_leaves_the_lower_bound_low() -> None:
    """One cycle that moves only late lifts the share; blocks without that cycle are more than a tenth and stay even."""
    even = lateness.movement(moves(1.0, 1.0, cycles=6), fence=2, reach=4)
    once = even.assign(late=even["late"].mask(even["cycle"] == MONTHS[2], even["all"]))
    found = lateness.later_than(once, even).iloc[-1]

    assert found["lateness"] == pytest.approx(0.5 / 6)
    assert found["low"] == pytest.approx(0.0)


def test_every_resample_holds_two_blocks_of_three_neighbours() -> None:
    """36 resamples in which each of the six cycles occurs equally often: nothing is drawn, so nothing can differ."""
    assert lateness.RESAMPLES.shape == (36, 6)
    assert np.bincount(lateness.RESAMPLES.ravel()).tolist() == [36] * 6
    assert (np.diff(lateness.RESAMPLES[:, :3]) % 6 == 1).all()


def test_a_forecast_that_does_not_move_has_no_lateness() -> None:
    """Without any change of the other forecast the difference is missing, not 0."""
    found = lateness.later_than(*(lateness.movement(moves(size, size), fence=2, reach=4) for size in (1.0, 0.0)))

    assert found["lateness"].isna().all()


def test_a_cycle_without_all_its_lags_does_not_count() -> None:
    """A cycle that held only two of four lags has no movement to compare."""
    rows = moves(1.0, 1.0, cycles=2)
    kept = rows[(rows["cycle"] == MONTHS[0]) | (rows["lag"] < 2)]

    assert lateness.movement(kept, fence=2, reach=4)["cycle"].tolist() == [MONTHS[0]]
