"""Key 2 over several units: the same one again, enough of them on average, changes taken back."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from helpers.evidence import Limit
from helpers.judgement.repeated import mean_of_units, prolonged_bias, same_again, taken_back
from helpers.periods import Calendar
from tests.builders import cycles

MONTHS = cycles(13).as_unit("us")
CALENDAR = Calendar("month", MONTHS, MONTHS)
AMBER = Limit(0.15, 0.30, "share", "test")


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


def test_units_that_hold_a_fifth_of_the_weight_make_the_mean_count():
    """Two of four lines average 0.2; together they weigh half. One of four is not enough."""
    rows = [
        (unit, label, value) for label in MONTHS[:6] for unit, value in zip("abcd", (0.2, 0.2, 0.0, 0.0), strict=True)
    ]
    known = pd.DataFrame(rows, columns=["resource_id", "label", "value"]).assign(known_on=MONTHS[6], weight=1.0)

    assert mean_of_units(AMBER)(known)[0] is True
    assert mean_of_units(AMBER)(known.assign(value=known["value"].where(known["resource_id"] == "a", 0.0)))[0] is False
    assert mean_of_units(AMBER)(known.head(8))[0] is None


def test_a_bias_must_be_large_and_sure():
    """Twelve per cent for six labels is met; eight per cent is not, nor are five labels."""
    test = prolonged_bias("y", Limit(float(np.log(1.10)), 0.22, "log ratio", "test"))

    met = [test(pd.DataFrame({"y": [level, level * 1.01] * 3}))[0] for level in (0.12, 0.08)]

    assert met == [True, False]
    assert test(pd.DataFrame({"y": [0.12] * 5}))[0] is None


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
