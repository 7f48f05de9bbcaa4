"""When reality contradicts a planned value: two or three cycles for a fresh gap, twelve for a lasting one."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from helpers.measures import contradiction
from tests import builders

WIGGLE = [0.2, -0.2, 0.2, -0.2, 0.2, -0.2]


def gaps(values: list[float], area: str = "supplier") -> pd.DataFrame:
    """One unit with a gap (log ratio) a month."""
    fixed = {"unit": "A-1", "area": area, "subject": "S1", "planned": 30.0, "two_sided": False}
    return pd.DataFrame({"label": builders.cycles(len(values)), "gap": values}).assign(**fixed)


def test_three_cycles_of_a_clear_step_are_fresh() -> None:
    """Nine quiet cycles, then three at 1.5 material gaps: wrong now, though the mean of twelve is far below."""
    relative = np.array([*WIGGLE, 0.2, -0.2, 0.2, 1.5, 1.5, 1.5])

    assert contradiction.is_fresh(relative)
    assert not contradiction.is_lasting(relative)


def test_two_cycles_of_a_clear_step_are_fresh() -> None:
    """Two gaps of 1.5 after quiet cycles are beyond the swings; two of 0.9 are not material."""
    assert contradiction.is_fresh(np.array([*WIGGLE, 0.2, -0.2, 0.2, 1.5, 1.5]))
    assert not contradiction.is_fresh(np.array([*WIGGLE, 0.2, -0.2, 0.2, 0.9, 0.9]))


def test_two_material_cycles_among_swings_as_large_are_variability() -> None:
    """Twice 1.2 says nothing where cycles swing by 2.4: the deviation of one cycle is 2.1."""
    assert not contradiction.is_fresh(np.array([1.2, -1.2, 1.2, -1.2, 1.2, -1.2, 1.2, 1.2]))


def test_one_wild_cycle_is_not_fresh() -> None:
    """A single gap of four among small ones averages 1.33 over three, but two of them are 0: one disaster."""
    assert not contradiction.is_fresh(np.array([*WIGGLE, 0.0, 0.0, 4.0]))


def test_swings_as_large_as_the_gap_are_variability() -> None:
    """A mean of 1 over three cycles says nothing where cycles swing by four."""
    assert not contradiction.is_fresh(np.array([2.0, -2.0, 2.0, -2.0, 2.0, -2.0, 3.0, -1.0, 1.0]))


@pytest.mark.parametrize(("area", "expected"), [("supplier", False), ("capacity", True)])
def test_a_rate_that_is_seven_percent_off_matters_and_a_lead_time_does_not(area: str, expected: bool) -> None:
    """Material is a tenth, for capacity and yield a twentieth."""
    rows = gaps([0.07] * 8, area)

    assert contradiction.judged(rows, pd.DatetimeIndex(rows["label"]))["wrong"].iloc[-1] == expected


def test_two_of_an_area_must_be_wrong_together() -> None:
    """One of one, two of two to ten, three of forty."""
    assert [contradiction.fewest_wrong(units) for units in (1, 2, 10, 40)] == [1, 2, 2, 3]
