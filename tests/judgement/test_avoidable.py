"""Avoidable cost: against the client's own healthy cycles, at the same activity, as a range."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.evidence import Range, State, Verdict
from helpers.judgement.avoidable import Spending, a_year, avoidable, governance_share, quiet_labels
from tests.builders import cycles

LABELS = cycles(12)
ALL = Range(1.0, 1.0, 1.0)
MISSING = float("nan")


def spending(amounts: list[float], activity: list[float] | None = None) -> Spending:
    """One cell that the sign owns throughout."""
    cell = pd.DataFrame([amounts], columns=LABELS[: len(amounts)])
    volume = pd.Series(activity or [1.0] * len(amounts), index=cell.columns)
    return Spending(cell, cell * 0 + 1.0, volume)


def verdict(breached: list[int], warned: int | None = None) -> Verdict:
    """Breaches at these places, first warning at `warned`."""
    states = () if warned is None else (State(LABELS[warned], "recurring"),)
    return Verdict("recurring", 0.8, states, tuple(LABELS[place] for place in breached))


def test_what_lies_above_the_healthy_cycles_is_avoidable() -> None:
    """Six cycles at 10, six at 30: 120 of 180."""
    found, words = avoidable(spending([10.0] * 6 + [30.0] * 6), LABELS[6:], LABELS[:6], ALL)

    assert (found.low, found.central, found.high) == pytest.approx((120.0, 120.0, 120.0))
    assert "6 cycles without a breach, before it began" in words


def test_a_busier_cycle_may_cost_more() -> None:
    """Twice the business at twice the cost: nothing to spare."""
    found, _ = avoidable(spending([10.0] * 6 + [20.0] * 6, [1.0] * 6 + [2.0] * 6), LABELS[6:], LABELS[:6], ALL)

    assert found.central == pytest.approx(0.0)


def test_a_month_whose_costs_are_missing_is_no_month_that_cost_nothing() -> None:
    """Five known months at 30 against 10: 100, where a baseline for the sixth would leave 90."""
    found, _ = avoidable(spending([10.0] * 6 + [30.0] * 5 + [MISSING]), LABELS[6:], LABELS[:6], ALL)

    assert (found.low, found.central, found.high) == pytest.approx((100.0, 100.0, 100.0))


def test_a_gap_in_one_cell_does_not_widen_the_range() -> None:
    """Two cells at a steady 10, one unknown in half of the healthy months: no noise, so no width; 2 x 6 x 20 spared."""
    cells = pd.DataFrame([[10.0] * 6 + [30.0] * 6, [MISSING] * 3 + [10.0] * 3 + [30.0] * 6], columns=LABELS)

    owned = pd.DataFrame(1.0, index=cells.index, columns=LABELS)

    found, _ = avoidable(Spending(cells, owned, pd.Series(1.0, LABELS)), LABELS[6:], LABELS[:6], ALL)

    assert (found.low, found.central, found.high) == pytest.approx((240.0, 240.0, 240.0))


def test_a_missing_month_is_not_the_cheapest_quarter() -> None:
    """No healthy cycle, 30 in each known month: nothing lies above its cheapest quarter, and 210 at most are spared."""
    found, _ = avoidable(spending([MISSING] * 5 + [30.0] * 7), LABELS, LABELS[:0], ALL)

    assert (found.low, found.high) == pytest.approx((0.0, 210.0))


def test_a_cell_known_in_part_is_held_against_the_months_it_is_known() -> None:
    """No healthy cycle, one cell of two known in six of twelve months, both steady: nothing lies above."""
    cells = pd.DataFrame([[30.0] * 12, [MISSING] * 6 + [10.0] * 6], columns=LABELS)

    owned = pd.DataFrame(1.0, index=cells.index, columns=LABELS)

    found, _ = avoidable(Spending(cells, owned, pd.Series(1.0, LABELS)), LABELS, LABELS[:0], ALL)

    assert (found.low, found.high) == pytest.approx((0.0, 420.0))


def test_noise_alone_is_not_added_up() -> None:
    """Cycles above and below the healthy mean cancel: cut off one by one they would make 30."""
    found, _ = avoidable(spending([5.0, 15.0] * 6), LABELS[6:], LABELS[:6], ALL)

    assert found.central == pytest.approx(0.0)


def test_what_the_client_allows_for_is_not_avoidable() -> None:
    """An allowance of 150 where health cost 60: 30 of 180 are left."""
    found, _ = avoidable(spending([10.0] * 6 + [30.0] * 6), LABELS[6:], LABELS[:6], ALL, allowance=150.0)

    assert found.central == pytest.approx(30.0)


def test_without_a_healthy_cycle_the_range_is_wide_and_says_why() -> None:
    """From what lies above the cheapest quarter up to everything."""
    found, words = avoidable(spending([10.0] + [30.0] * 11), LABELS, LABELS[:0], ALL)

    assert (found.low, found.high) == (0.0, 340.0)
    assert "no three cycles without a breach" in words


@given(
    st.lists(st.floats(0, 1e6), min_size=12, max_size=12),
    st.integers(0, 9),
    st.tuples(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1)).map(lambda t: Range(*sorted(t))),
    st.floats(0, 1e6),
)
def test_the_range_is_ordered_and_within_what_was_spent(amounts, quiet, gamma, allowance) -> None:  # type: ignore[no-untyped-def]
    """0 ≤ low ≤ central ≤ high ≤ spent, whatever the numbers."""
    found, _ = avoidable(spending(amounts), LABELS, LABELS[:quiet], gamma, allowance)

    assert 0 <= found.low <= found.central + 1e-6
    assert found.central <= found.high + 1e-6
    assert found.high <= sum(amounts) + 1e-6


def test_the_baseline_ends_where_the_breaches_began() -> None:
    """Warned at 9 after breaches at 6 and 8: 7 lies between them and is no baseline; the stray breach at 1 neither."""
    quiet = quiet_labels(verdict([1, 6, 8], warned=9), LABELS)

    assert quiet.tolist() == [LABELS[place] for place in (0, 2, 3, 4, 5)]


def test_with_too_little_before_all_quiet_cycles_count() -> None:
    """Misaligned from the second cycle on, healed later: the later ones stand in."""
    quiet = quiet_labels(verdict([1, 2, 3], warned=4), LABELS)

    assert quiet.tolist() == [LABELS[0], *LABELS[4:]]


@pytest.mark.parametrize(
    ("cause", "index", "share"),
    [
        ("governance", Range(0.6, 0.7, 0.8), Range(0.6, 0.9, 1.0)),
        ("undetermined", Range(0.2, 0.5, 0.9), Range(0.0, 0.9, 1.0)),
        ("undetermined", None, Range(0.0, 0.9, 1.0)),
        ("real_variability", Range(0.1, 0.2, 0.3), Range(0.1, 0.2, 0.3)),
    ],
)
def test_the_governance_share_follows_the_cause(cause, index, share) -> None:  # type: ignore[no-untyped-def]
    """A tenth of the money fell under outside events."""
    assert governance_share(cause, index, outside=0.1) == share


def test_a_year_needs_six_cycles() -> None:
    """Ten in six months are twenty a year; ten in eight quarters are five; ten in five months are not said."""
    assert a_year(Range(5.0, 10.0, 15.0), 6, 0.5) == Range(10.0, 20.0, 30.0)
    assert a_year(Range(5.0, 10.0, 15.0), 8, 2.0) == Range(2.5, 5.0, 7.5)
    assert a_year(Range(5.0, 10.0, 15.0), 5, 5 / 12) is None
