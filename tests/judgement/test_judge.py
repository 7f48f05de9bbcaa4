"""The judge: what turns breaches into absent, isolated and recurring, cycle by cycle."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.judgement.judge import judge
from tests.judgement.evidence_builder import evidence, sign

CALM, BAD, AWFUL = 1.0, 2.0, 4.0


def test_no_breach_is_absent() -> None:
    """Twelve quiet cycles leave the sign absent with a strength below 0.15."""
    verdict = judge(sign(), *evidence([CALM] * 12))

    assert verdict.status == "absent"
    assert 0 < verdict.strength < 0.15


def test_one_bad_month_is_isolated_not_recurring() -> None:
    """A single breach, however severe, never makes a pattern."""
    verdict = judge(sign(), *evidence([CALM] * 10 + [AWFUL, CALM]))

    assert verdict.status == "isolated"
    assert verdict.first_warning is None
    assert verdict.strength < 0.5


def test_one_long_event_of_three_cycles_is_isolated() -> None:
    """Three breaches in one run are one event; it takes two episodes or a run of four."""
    verdict = judge(sign(), *evidence([CALM] * 8 + [BAD] * 3 + [CALM]))

    assert verdict.status == "isolated"


def test_three_breaches_in_two_episodes_recur() -> None:
    """Three of six in two episodes is a pattern, first seen on the day after the third interval closed."""
    verdict = judge(sign(), *evidence([CALM] * 6 + [BAD, CALM, BAD, BAD]))

    assert verdict.status == "recurring"
    assert verdict.first_warning == pd.Timestamp("2024-11-01")
    assert verdict.strength >= 0.5


def test_early_sensitivity_takes_any_three_of_six() -> None:
    """With `sensitivity: early` one run of three is enough."""
    case, calendar = evidence([CALM] * 8 + [BAD] * 3 + [CALM])

    assert judge(sign(), case, calendar, early=True).status == "recurring"


def test_a_pattern_without_its_mechanism_stays_unconfirmed() -> None:
    """Key 1 without key 2 is isolated and says so."""
    verdict = judge(sign(), *evidence([CALM] * 6 + [BAD] * 5, confirmed=False))

    assert verdict.status == "isolated"
    assert verdict.unconfirmed


def test_a_sign_without_a_second_key_needs_persistence_only() -> None:
    """Where the sign declares no confirming test, the pattern decides."""
    case, calendar = evidence([CALM] * 6 + [BAD] * 5, confirmed=None)

    assert judge(sign(has_confirmation=False), case, calendar).status == "recurring"


def test_too_few_cycles_cannot_be_judged() -> None:
    """Two assessable cycles are not assessable, whatever they show."""
    verdict = judge(sign(), *evidence([BAD, BAD]))

    assert verdict.status == "not_assessable"
    assert verdict.strength == 0


def test_a_short_history_may_raise_but_never_recur() -> None:
    """Five cycles of breaches are isolated and provisional."""
    verdict = judge(sign(), *evidence([BAD] * 5))

    assert verdict.status == "isolated"
    assert verdict.provisional


def test_a_raise_only_path_never_clears_a_sign() -> None:
    """What a weak path cannot see may still be there: nothing found is not assessable."""
    assert judge(sign(), *evidence([CALM] * 12, raise_only=True)).status == "not_assessable"
    assert judge(sign(), *evidence([CALM] * 6 + [BAD] * 6, raise_only=True)).status == "recurring"


def test_a_recurring_sign_leaves_only_when_one_breach_is_left() -> None:
    """Two breaches in the window keep it recurring, one ends it: no flicker."""
    pattern = [CALM] * 6 + [BAD] * 4
    still = judge(sign(), *evidence([*pattern, *[CALM] * 4]))
    gone = judge(sign(), *evidence([*pattern, *[CALM] * 5]))

    assert (still.status, gone.status) == ("recurring", "isolated")
    assert gone.first_warning == still.first_warning


def test_missing_values_are_not_assessable_labels() -> None:
    """Cycles without a value are skipped, not counted as calm."""
    gaps = [float("nan")] * 8
    verdict = judge(sign(), *evidence([*gaps, CALM, CALM]))

    assert verdict.status == "not_assessable"


def test_a_value_at_the_limit_counts_as_a_breach() -> None:
    """Reaching amber is crossing it; just below is not."""
    at = judge(sign(), *evidence([CALM] * 6 + [2.0] * 5))
    below = judge(sign(), *evidence([CALM] * 6 + [1.999] * 5))

    assert (at.status, below.status) == ("recurring", "absent")


def test_one_unit_of_eight_does_not_make_the_sign() -> None:
    """Of eight units three must breach together."""
    quiet = {f"family {n}": [CALM] * 12 for n in range(7)}
    one = {**quiet, "family 7": [CALM] * 6 + [BAD] * 6}
    three = {**quiet, **{f"family {n}": [CALM] * 6 + [BAD] * 6 for n in (4, 5, 6)}, "family 7": [CALM] * 12}

    assert judge(sign("units"), *evidence([CALM] * 12, units=one)).status == "absent"
    assert judge(sign("units"), *evidence([CALM] * 12, units=three)).status == "recurring"


def test_each_resource_may_raise_the_sign_alone() -> None:
    """Judged each, the worst unit counts and leads."""
    units = {"line 1": [CALM] * 12, "line 2": [CALM] * 6 + [BAD] * 6}
    verdict = judge(sign("each"), *evidence([CALM] * 12, units=units))

    assert verdict.status == "recurring"
    assert verdict.leading_unit == "line 2"


def test_a_recurring_sign_names_the_units_beyond_chance() -> None:
    """Lines of five and four breaches in six (p = 2·P(Bin(6, .1) ≥ k)) are named, surest first; one breach is luck."""
    units = {
        "line 1": [CALM] * 6 + [CALM, CALM, BAD, BAD, BAD, BAD],
        "line 2": [CALM] * 6 + [CALM, BAD, BAD, BAD, BAD, BAD],
        "line 3": [CALM] * 11 + [BAD],
        "line 4": [CALM] * 12,
    }

    assert judge(sign("each"), *evidence([CALM] * 12, units=units)).units_beyond_chance == ("line 2", "line 1")


def test_where_is_never_said_of_a_sign_that_does_not_recur_or_has_one_unit() -> None:
    """The correction says where a sign recurs, not whether it does."""
    units = {"line 1": [CALM] * 6 + [BAD] * 6, "line 2": [CALM] * 12}
    unconfirmed = judge(sign("each"), *evidence([CALM] * 12, units=units, confirmed=False))
    company = judge(sign(), *evidence([CALM] * 6 + [BAD] * 6))

    assert (unconfirmed.status, unconfirmed.units_beyond_chance) == ("isolated", ())
    assert (company.status, company.units_beyond_chance) == ("recurring", ())


def test_many_healthy_units_raise_the_bar_for_each() -> None:
    """Three breaches in six (p = .032) stand out among two lines, not among ten: .032 × 10 > .10."""
    bad = {"bad": [CALM] * 6 + [BAD, CALM, BAD, CALM, BAD, CALM]}
    few = bad | {"line 1": [CALM] * 12}
    many = bad | {f"line {number}": [CALM] * 12 for number in range(9)}

    assert judge(sign("each"), *evidence([CALM] * 12, units=few)).units_beyond_chance == ("bad",)
    assert judge(sign("each"), *evidence([CALM] * 12, units=many)).units_beyond_chance == ()


def test_drivers_are_shares_of_the_evidence_largest_first() -> None:
    """Two families of severity 1.0 and 0.5 carry two thirds and one third."""
    units = {"A": [CALM] * 6 + [AWFUL] * 6, "B": [CALM] * 6 + [BAD] * 6}
    verdict = judge(sign("units"), *evidence([CALM] * 12, units=units))

    assert verdict.drivers == (("family", "A", 0.6667), ("family", "B", 0.3333))


def test_a_minimum_path_caps_the_strength() -> None:
    """Weak data cannot give more than 0.80."""
    strong = judge(sign(), *evidence([CALM] * 12 + [AWFUL] * 12))
    weak = judge(sign(), *evidence([CALM] * 12 + [AWFUL] * 12, level="minimum"))

    assert strong.strength == 1.0
    assert weak.strength == 0.8


def test_an_excuse_dated_later_takes_the_breach_away_from_then_on() -> None:
    """Before the day of the excuse the breach counts, after it does not."""
    case, calendar = evidence([CALM] * 6 + [BAD] * 4 + [CALM])
    case.flags["excused_on"] = pd.Timestamp("2024-12-01").as_unit("us")
    verdict = judge(sign(), case, calendar)

    assert verdict.first_warning == pd.Timestamp("2024-11-01")
    assert verdict.states[-1].breaches_in_window == 0
    assert verdict.breached == ()


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from([CALM, BAD, AWFUL, float("nan")]), min_size=1, max_size=30))
def test_strength_is_half_or_more_exactly_when_recurring(values: list[float]) -> None:
    """0.5 is where the status turns, on any history."""
    verdict = judge(sign(), *evidence(values))

    assert (verdict.strength >= 0.5) == (verdict.status == "recurring")
    assert 0 <= verdict.strength <= 1


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from([CALM, BAD, AWFUL, float("nan")]), min_size=8, max_size=24), st.data())
def test_the_state_at_a_cycle_never_depends_on_what_came_later(values: list[float], data: st.DataObject) -> None:
    """A run that ends at cycle t says at t what the full run says of t."""
    cut = data.draw(st.integers(min_value=3, max_value=len(values)))
    full = judge(sign(), *evidence(values))
    earlier = judge(sign(), *evidence(values[:cut]))

    assert [state.status for state in earlier.states] == [state.status for state in full.states[: cut + 1]]


@pytest.mark.parametrize(
    ("values", "expected"),
    [([1.0] * 7, None), ([1.0 + 0.1 * n for n in range(16)], "deteriorating"), ([1.0, 1.1] * 8, "stable")],
    ids=["too short", "rising", "flat"],
)
def test_the_arrow_needs_eight_values_and_a_real_trend(values: list[float], expected: str | None) -> None:
    """Below eight values there is no arrow; a steady rise deteriorates."""
    assert judge(sign(), *evidence(values)).trend == expected
