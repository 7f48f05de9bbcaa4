"""Did people's changes help: error removed, and whether chance would have removed as much."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from helpers.inference import diebold_mariano
from helpers.measures import value_added

MONTHS = pd.date_range("2024-01-01", periods=30, freq="MS")


def test_late_value_added_is_the_error_removed_inside_the_fence() -> None:
    """Error 10 at the fence, 6 at last: 40 % of it, 4 % of a demand of 100; error 0 at the fence gives no share."""
    errors = pd.DataFrame(
        {"period": MONTHS[[0, 0, 1, 1]], "unit": "Milk", "lag": [2, 0, 2, 0], "error": [-10.0, 6.0, 0, 3]}
    ).assign(actual=100.0)
    added = value_added.late_value_added(errors, fence=2)

    assert added["value_added"].iloc[0] == pytest.approx(0.4)
    assert np.isnan(added["value_added"].iloc[1])
    assert added["gain"].tolist() == pytest.approx([0.04, -0.03])


def test_override_value_added_is_the_statistical_error_that_people_removed() -> None:
    """Statistical errors 10 and −10, published 5 and −10: a quarter removed; with both exact it is missing."""
    errors = pd.DataFrame(
        {"period": MONTHS[[0, 0, 1]], "unit": ["a", "b", "a"], "own": [5.0, -10.0, 0.0], "other": [10.0, -10.0, 0.0]}
    )
    added = value_added.override_value_added(errors)["value_added"]

    assert added.iloc[0] == pytest.approx(0.25)
    assert np.isnan(added.iloc[1])


def test_with_one_step_the_test_is_the_t_test() -> None:
    """With h = 1 the factor √((n − 1)/n) turns the variance over n into that over n − 1; 1, 2, 3 has t = 2√3, 2 df."""
    assert diebold_mariano(np.array([1.0, 2.0, 3.0]), 1) == pytest.approx(0.0371, abs=1e-4)


def test_with_two_steps_the_neighbours_count() -> None:
    """Gains 1, 1, 3, 3: variance (1 + 2·¼)/4, factor √((4 + 1 − 4 + ½)/4), both with root 0.6124: t = 2 with 3 df."""
    assert diebold_mariano(np.array([1.0, 1.0, 3.0, 3.0]), 2) == pytest.approx(0.0697, abs=1e-4)


def test_gains_without_spread_or_too_few_are_missing() -> None:
    """A variance of 0 has no test, nor do as many targets as steps."""
    assert np.isnan(diebold_mariano(np.array([1.0, 1.0, 1.0]), 1))
    assert np.isnan(diebold_mariano(np.array([1.0, 2.0]), 2))


def test_the_chance_is_known_from_the_eighth_target_on() -> None:
    """Seven targets are too few; a gain in every one of eight is no chance, a loss in every one nearly certain."""
    gains = pd.DataFrame({"period": MONTHS[:8], "gain": [0.04, 0.05] * 4})
    found = value_added.chance_of_no_gain(gains, steps=1)["p_value"]
    lost = value_added.chance_of_no_gain(gains.assign(gain=-gains["gain"]), steps=1)["p_value"]

    assert found.isna().tolist() == [True] * 7 + [False]
    assert found.iloc[-1] < 1e-6
    assert lost.iloc[-1] > 0.999
