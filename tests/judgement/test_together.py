"""Ten signs together: from none to severe."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from helpers.evidence import Cluster, Cost, Finding, State, Status, Verdict
from helpers.judgement.together import partial_conjunction, weigh
from tests.judgement.evidence_builder import sign

CLUSTERS: tuple[Cluster, ...] = (
    *("demand", "demand", "demand"),
    *("capacity", "capacity", "capacity"),
    *("procurement", "procurement", "procurement"),
    "governance",
)


def findings(*recurring: int, not_assessable: tuple[int, ...] = ()) -> list[Finding]:
    """Ten findings, those named recurring or not assessable."""
    return [_finding(n, recurring, not_assessable) for n in range(1, 11)]


def _finding(number: int, recurring: tuple[int, ...], not_assessable: tuple[int, ...]) -> Finding:
    status: Status = "recurring" if number in recurring else "absent"
    status = "not_assessable" if number in not_assessable else status
    strength = {"recurring": 0.8, "absent": 0.1}.get(status, 0.0)
    p_value = 0.001 if status == "recurring" else 1.0
    cycle = pd.Timestamp("2025-03-01")
    verdict = Verdict(status, strength, (State(cycle, status),), p_value=p_value)
    one = replace(sign(), number=number, cluster=CLUSTERS[number - 1], title=f"Sign {number}")
    return Finding(one, verdict, Cost(None, ""))


@pytest.mark.parametrize(
    ("recurring", "level"),
    [((), "none"), ((1,), "watch"), ((1, 2, 3), "emerging"), ((1, 2, 4), "clear"), ((1, 4, 7, 10), "severe")],
    ids=["no sign", "one", "three in one cluster", "three in two", "four in four"],
)
def test_three_or_four_recurring_signs_are_a_clear_message(recurring: tuple[int, ...], level: str) -> None:
    """The level grows with the number of recurring signs and the clusters they lie in."""
    overall = weigh(findings(*recurring))

    assert overall.level == level
    assert overall.recurring_signs == len(recurring)


def test_a_partial_view_never_goes_beyond_emerging() -> None:
    """With five signs assessed, four recurring ones are emerging and the message says why."""
    overall = weigh(findings(1, 2, 4, 7, not_assessable=(3, 5, 6, 9, 10)))

    assert overall.level == "emerging"
    assert "Partial view" in overall.message


def test_the_message_names_the_count_the_start_and_the_signs() -> None:
    """A reader of one sentence knows how many, since when and which."""
    message = weigh(findings(1, 4, 7)).message

    assert (
        "3 of 10 assessable warning signs recur, the first since March 2025; the strongest: sign 1, sign 4, sign 7"
        in message
    )


def test_nothing_assessable_is_said_and_has_no_index() -> None:
    """No sign assessed is not a clean bill of health."""
    overall = weigh(findings(not_assessable=tuple(range(1, 11))))

    assert overall.message == "No sign could be assessed with the data sent."
    assert overall.alignment_index is None


def test_partial_conjunction_is_the_corrected_uth_smallest_p() -> None:
    """Ten signs, third smallest p 0.001: (10 − 3 + 1) × 0.001."""
    assert partial_conjunction(findings(1, 4, 7), 3) == pytest.approx(0.008)
