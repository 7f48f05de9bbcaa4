"""The worst of many: limits that widen with the number asked, and units too small to be asked."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from helpers.judgement.confirm import UNDECIDED
from helpers.judgement.worst import is_material, same_unit, widened
from tests import builders


def known(volume: str, share: float = 0.7) -> pd.DataFrame:
    """One unit, one label for each letter; `x` is a breach."""
    rows = pd.DataFrame({"label": builders.cycles(len(volume)), "breach": [letter == "x" for letter in volume]})
    return rows.assign(unit="Milk", share=share)


def test_the_limit_widens_so_that_the_worst_stays_as_rare() -> None:
    """F(2, 8) has the tail (1 + x/4)^-4: 0.9 % beyond 3², half of it beyond 3.38², and so 16 units share 3.38."""
    assert widened(pd.Series([16]), 3.0).item() * 3.0 == pytest.approx(3.384, abs=0.002)
    for units in (12, 30, 100):
        each = (1 + (3 * widened(pd.Series([units]), 3.0).item()) ** 2 / 4) ** -4
        assert 1 - (1 - each) ** units == pytest.approx(1 - (1 - (13 / 4) ** -4) ** 8)


def test_few_units_keep_the_limit() -> None:
    """Up to eight units the limit is the one that was simulated, however few they are or far out it lies."""
    assert widened(pd.Series([1, 4, 8]), 3.0).tolist() == [1.0, 1.0, 1.0]
    assert widened(pd.Series([8]), 90.0).item() == pytest.approx(1.0)


def test_a_unit_below_a_fiftieth_is_not_asked() -> None:
    """At 2 % of the weight it is, just below it is not; a weight that is not known takes no unit out."""
    assert is_material(pd.Series([0.02, 0.0199, np.nan]), pd.Series([8, 8, 8])).tolist() == [True, False, True]


def test_of_a_hundred_even_units_each_is_asked() -> None:
    """An even share is 1 %, half of it 0.5 %: at that a unit is asked, below it is not."""
    assert is_material(pd.Series([0.01, 0.005, 0.0049]), pd.Series([100] * 3)).tolist() == [True, True, False]


def test_one_unit_in_three_of_six_labels_is_met_when_its_share_is_reached() -> None:
    """Three breaches in the last six labels, mean share 0.7: met at 0.7, not at 0.71; two labels are too few."""
    assert same_unit(0.7)(known("x.x..x"))[0] is True
    assert same_unit(0.71)(known("x.x..x"))[0] is False
    assert same_unit(0.7)(known("xxx.....x"))[0] is False
    assert same_unit(0.7)(known("xx")) is UNDECIDED
