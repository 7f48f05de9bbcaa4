"""Key 2 from repetition: the same unit again, changes taken back."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from helpers.judgement.repeated import same_again, taken_back
from helpers.periods import Calendar
from tests.builders import cycles

MONTHS = cycles(13).as_unit("us")
CALENDAR = Calendar("month", MONTHS, MONTHS)


def flags(**breaches: str) -> pd.DataFrame:
    """Breaches by unit as text: `x` a breach, `.` none; known a month later."""
    return pd.DataFrame(
        (unit, MONTHS[n], MONTHS[n + 1], 1.0, mark == "x")
        for unit, marks in breaches.items()
        for n, mark in enumerate(marks)
    ).set_axis(["unit", "label", "known_on", "value", "breach"], axis=1)


def last(rows: pd.DataFrame, unit: str) -> pd.Series:
    """What was said of a unit at the last cycle."""
    return rows[rows["unit"] == unit].iloc[-1]


def test_three_of_six_suffice_among_four_units_and_not_among_five():
    """U · P(Bin(6, .05) ≥ 3) is .0089 for four units and .011 for five."""
    four = same_again(flags(a="x.x.x.", b="......", c="......", d="......"), CALENDAR)
    five = same_again(flags(a="x.x.x.", b="......", c="......", d="......", e="......"), CALENDAR)

    assert last(four, "a")["met"]
    assert not last(five, "a")["met"]
    assert last(four, "a")["p_value"] == pytest.approx(4 * stats.binom.sf(2, 6, 0.05))


def test_one_of_a_plant_that_breaches_everywhere_does_not_stand_out():
    """All units breach in every label: p is 1."""
    rows = same_again(flags(a="xxxxxx", b="xxxxxx", c="xxxxxx"), CALENDAR)

    assert not rows["met"].any()


def test_a_lone_unit_needs_four_of_six_and_six_of_twelve():
    """With nothing to compare with, the pattern has to be long."""
    assert last(same_again(flags(a="x.x.x.xxx.x."), CALENDAR), "a")["met"]
    assert not last(same_again(flags(a="......xxx.x."), CALENDAR), "a")["met"]


def test_plans_redrawn_at_random_are_taken_back_and_news_is_not():
    """Independent noise around a fixed plan reverses by one half, beyond what lots explain; a random walk does not."""
    random = np.random.default_rng(1)
    noise = np.diff(random.standard_normal((24, 40, 6)), axis=2)
    walk = random.standard_normal((24, 40, 5))

    met = [taken_back(_products(changes))[0] for changes in (noise, walk)]

    assert met == [True, False]


def _products(changes: np.ndarray) -> pd.DataFrame:
    pairs = {"product": changes[..., 1:] * changes[..., :-1], "square": changes[..., :-1] ** 2}
    return (
        pd.DataFrame({name: values.sum(axis=(1, 2)) for name, values in pairs.items()})
        .rename_axis("period")
        .reset_index()
    )
