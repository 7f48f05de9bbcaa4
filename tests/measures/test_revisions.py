"""Revisions: movement against information, checked by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from helpers.measures import revisions
from helpers.measures.rhythm import previous_cycles

MONTHS = pd.date_range("2024-01-01", periods=40, freq="MS")


def targets(unexplained: list[float], movement: float = 4.0) -> pd.DataFrame:
    """Realised targets of one unit with a last error of 1 squared."""
    return pd.DataFrame(
        {
            "period": MONTHS[: len(unexplained)],
            "unit": "Milk",
            "movement": movement,
            "unexplained": unexplained,
            "far": 0.0,
            "last": 1.0,
            "seen_in": pd.NaT,
        }
    )


def test_the_noise_share_is_unexplained_over_all_movement() -> None:
    """Targets that move 4 of which 1.5 ± 0.5 is unexplained: a share of 0.375, far from chance."""
    found = revisions.noise(targets([1.0, 2.0] * 6), MONTHS[12])

    assert found.share == pytest.approx(0.375)
    assert found.p_churn < 0.001


def test_five_targets_are_too_few_for_a_noise_share() -> None:
    """Fewer than six realised targets give a missing share."""
    assert np.isnan(revisions.noise(targets([1.0] * 12), MONTHS[5]).share)


def test_the_test_looks_at_the_units_that_moved_too_far() -> None:
    """Of two units the one whose excess reached the limit within six labels is in focus; without any, both are."""
    rows = pd.DataFrame({"unit": ["Milk", "Bread"]})
    excess = pd.DataFrame({"label": MONTHS[[0, 0, 6]], "unit": ["Milk", "Bread", "Bread"], "excess": [3.0, 1.0, 1.0]})

    assert revisions.in_focus(rows, excess, MONTHS[0], 2.5)["unit"].tolist() == ["Milk"]
    assert len(revisions.in_focus(rows, excess, MONTHS[0], 3.5)) == 2


def test_movement_less_the_error_it_took_away_is_unexplained() -> None:
    """Revisions of 3 and 1 (movement 10), error from 4 to 2 (gain 12): −2, information came late."""
    moved = pd.DataFrame({"period": MONTHS[0], "unit": "Milk", "lag": [1, 0], "revision": [3.0, 1.0]})
    errors = pd.DataFrame({"period": MONTHS[0], "unit": "Milk", "lag": [2, 0], "error": [4.0, 2.0], "actual": 9.0})

    assert revisions.movements(moved, errors, reach=2)["unexplained"].tolist() == [-2.0]


def test_changes_taken_back_have_a_slope_of_minus_one() -> None:
    """Each revision exactly undoes the one before it."""
    pairs = pd.DataFrame(
        {"cycle": MONTHS[:12], "unit": "Milk", "period": MONTHS[1:13], "revision": -5.0, "before": 5.0, "scale": 100.0}
    )
    slope, _ = revisions.flip_flop(pairs.assign(revision=-5.0 + 0.01 * np.arange(12)))

    assert slope == pytest.approx(-1.0, abs=0.05)


def test_one_jump_is_clipped_and_a_flat_history_is_left_alone() -> None:
    """A value of 1000 among ±1 falls to the median plus five deviations; without spread nothing is clipped."""
    jump = pd.Series([-1.0, 1.0] * 6 + [1000.0])
    flat = pd.Series([0.0] * 12 + [1000.0])
    unit = pd.Series(["Milk"] * 13)

    assert revisions.winsorised(jump, unit).iloc[-1] < 20
    assert revisions.winsorised(flat, unit).iloc[-1] == 1000.0


def test_the_effect_of_a_unit_is_what_the_pooled_value_falls_without_it() -> None:
    """Units at 3 and 1: pooled √5; without the first 1, without the second 3, which would not fall."""
    rows = pd.DataFrame({"label": MONTHS[0], "unit": ["a", "b"], "excess": [3.0, 1.0]})

    assert revisions.leave_one_out(rows)["amount"].tolist() == pytest.approx([np.sqrt(5) - 1, 0.0])


def test_a_cycle_left_out_has_no_cycle_before_it() -> None:
    """January, February, April: April does not follow February; a quarterly table follows itself."""
    monthly = previous_cycles(pd.Series(MONTHS[[0, 1, 3]]), "month")["previous"]
    quarterly = previous_cycles(pd.Series(MONTHS[[0, 3, 6]]), "month")["previous"]

    assert monthly.isna().tolist() == [True, False, True]
    assert quarterly.isna().tolist() == [True, False, False]
