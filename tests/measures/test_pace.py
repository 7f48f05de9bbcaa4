"""Too slow, too fast, both or fitting: what the tests say together, and when they cannot tell."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from helpers.engagement import Engagement
from helpers.measures import pace
from helpers.measures.cadence import Times
from helpers.measures.pace import CadenceTest, SignLimits
from tests import builders

LIMITS = SignLimits(off_forum=0.25, orphans=0.50, noise=0.30, amplification_six=1.10)


def told(*answers: bool | None) -> tuple[CadenceTest, ...]:
    """Tests with these answers."""
    return tuple(CadenceTest("t", "T", 1.0, 1.0, "days", met) for met in answers)


def clock(cycle: float = 30, deciding: float = 10, protection: float = 20, lead: float = 60) -> Times:
    """A client's clock with one critical family."""
    family = {"family": "Bread", "lead": lead, "protection": protection, "critical": True, "fit": "fits"}
    return Times(cycle, 30.0, deciding, 5.0, 61.0, pd.DataFrame([family]))


def only_items(folder: Path, **tables: pd.DataFrame) -> Engagement:
    """An engagement with next to nothing sent."""
    sales = pd.DataFrame({"period": builders.cycles(8), "item_id": "a", "quantity": 1.0})
    return builders.engagement(folder, {"items": builders.items(a="Bread"), "actual_demand": sales, **tables})


def by_name(tests: tuple[CadenceTest, ...]) -> dict[str, CadenceTest]:
    """The tests by name."""
    return {test.name: test for test in tests}


@pytest.mark.parametrize(
    ("slow", "fast", "said"),
    [
        ((True, True, None, None), (False, False, None, None), "too_slow"),
        ((True, True, False, False), (None, None, None, None), "too_slow"),
        ((False, False, None, None), (True, True, False, None), "too_fast"),
        ((True, True, None, None), (True, True, None, None), "slow_and_replanned"),
        ((True, False, None, None), (False, True, None, None), "fits"),
        ((False, None, None, None), (False, False, False, None), "not_assessable"),
    ],
    ids=["slow", "slow, fast unknown", "fast", "both", "one met each way", "one answer is too few"],
)
def test_two_tests_make_a_side(slow: tuple[bool | None, ...], fast: tuple[bool | None, ...], said: str) -> None:
    """Two met tests are needed to speak, two answers to say that it fits."""
    assert pace.pace(told(*slow), told(*fast)) == said


@pytest.mark.parametrize(
    ("parts", "either", "both"),
    [((True, None), True, None), ((False, None), None, False), ((False, False), False, False), ((True,), True, True)],
)
def test_what_is_unknown_stays_unknown(parts: tuple[bool | None, ...], either: bool | None, both: bool | None) -> None:
    """A missing part decides nothing, unless the known one already does."""
    assert (pace.either(*parts), pace.both(*parts)) == (either, both)


def test_half_a_cycle_and_a_decision_must_be_longer_than_the_protection(tmp_path: Path) -> None:
    """15 + 10 days against 20 is too slow; against 25 it still is not."""
    engagement = only_items(tmp_path)

    assert by_name(pace.too_slow(engagement, clock(protection=20), LIMITS))["unprotected"].met is True
    assert by_name(pace.too_slow(engagement, clock(protection=25), LIMITS))["unprotected"].met is False


def test_a_decision_may_take_a_cycle_but_not_longer(tmp_path: Path) -> None:
    """30 days of a cycle of 30 are not too slow, 31 are."""
    engagement = only_items(tmp_path)

    assert by_name(pace.too_slow(engagement, clock(deciding=30), LIMITS))["decides_late"].met is False
    assert by_name(pace.too_slow(engagement, clock(deciding=31), LIMITS))["decides_late"].met is True


def test_a_cycle_shorter_than_a_quarter_of_the_lead_time_outruns_supply(tmp_path: Path) -> None:
    """7 days against 60 / 4 = 15; 15 days are enough."""
    engagement = only_items(tmp_path)

    assert by_name(pace.too_fast(engagement, clock(cycle=7), LIMITS))["outruns_supply"].met is True
    assert by_name(pace.too_fast(engagement, clock(cycle=15), LIMITS))["outruns_supply"].met is False


def test_what_was_not_sent_is_asked_for_and_never_green(tmp_path: Path) -> None:
    """With demand alone and an empty clock no test has an answer, and the columns to ask for are named."""
    nothing = float("nan")
    empty = clock(nothing, nothing, nothing, nothing)
    engagement = only_items(tmp_path)
    tests = by_name((*pace.too_slow(engagement, empty, LIMITS), *pace.too_fast(engagement, empty, LIMITS)))

    assert {test.met for test in tests.values()} == {None}
    assert tests["unprotected"].missing == ("decisions.decided_on", "inventory_snapshots.safety_stock")
    assert tests["bypassed"].missing == ("decisions.forum", "production_plan_snapshots")
    assert tests["rescued"].missing == ("forecast_snapshots", "order_lines.expedited")
    assert tests["taken_back"].missing == ("forecast_snapshots",)


def decided(folder: Path, forums: list[str]) -> CadenceTest:
    """The test of decisions that bypass the meeting; each forum is one decision of one month."""
    months = builders.cycles(len(forums))
    log = pd.DataFrame({"decision_id": [str(k) for k in range(len(forums))], "cycle": months, "forum": forums})
    log = log.assign(raised_on=months + pd.Timedelta(days=2), decided_on=months + pd.Timedelta(days=4))
    return by_name(pace.too_slow(only_items(folder, decisions=log), clock(), LIMITS))["bypassed"]


def test_the_meeting_is_bypassed_from_a_quarter_on(tmp_path: Path) -> None:
    """Two of the last six decisions outside the meeting are a third: met."""
    test = decided(tmp_path, ["s_and_op"] * 4 + ["informal"] * 2)

    assert (test.met, test.value) == (True, pytest.approx(1 / 3))


def test_without_a_plan_few_informal_decisions_settle_nothing(tmp_path: Path) -> None:
    """Plan changes without a decision could still bypass the meeting: unknown, and the plan is asked for."""
    test = decided(tmp_path, ["s_and_op"] * 6)

    assert test.met is None
    assert test.missing == ("production_plan_snapshots",)


def test_more_than_usual_is_more_than_the_own_share_before(tmp_path: Path) -> None:
    """A tenth of the lines is usual: two of ten are more, one of ten and two of twenty are not."""
    lines = pd.DataFrame(
        {
            "source": "order_lines",
            "label": builders.cycles(6),
            "family": "Bread",
            "lines": [10, 10, 10, 10, 10, 10],
            "expedited": [1, 1, 1, 2, 1, 3],
        }
    )

    rows = pace.more_than_usual(lines)

    assert rows["label"].tolist() == list(builders.cycles(6)[3:])
    assert rows["more"].tolist() == [True, False, True]
