"""A policy change: what came before no longer counts, and nothing is clear until enough came after."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from helpers import diagnosis
from helpers.evidence import Verdict
from helpers.judgement.judge import judge
from helpers.measures import policy
from helpers.signs import registry
from tests import builders
from tests.judgement.evidence_builder import evidence, sign
from tests.signs.demand_cases import company, market, realised

CALM, BAD = 1.0, 2.0
BEFORE = [CALM] * 3 + [BAD] * 6
CHANGE = pd.Timestamp("2024-10-01")


def change(unit: str | None = None) -> pd.DataFrame:
    """A policy change after nine months."""
    return pd.DataFrame({"on": [CHANGE], "from_cycle": [CHANGE], "unit": pd.Series([unit], dtype=object)})


def said(verdict: Verdict) -> list[str]:
    """Status at each cycle from the change on."""
    return [state.status for state in verdict.states if state.cycle >= CHANGE]


def test_the_old_policy_no_longer_counts_but_clears_nothing() -> None:
    """Recurring until the change; of the quiet months after it only the sixth makes the sign absent."""
    case, calendar = evidence(BEFORE + [CALM] * 6)
    verdict = judge(sign(), case, calendar, restarts=change())

    assert "recurring" in [state.status for state in verdict.states if state.cycle < CHANGE]
    assert said(verdict) == ["not_assessable"] * 6 + ["absent"]
    assert said(judge(sign(), case, calendar))[:3] == ["recurring"] * 3


def test_what_goes_on_after_the_change_recurs_again() -> None:
    """Breaches that go on are isolated and provisional first, recurring when six months came after the change."""
    verdict = judge(sign(), *evidence(BEFORE + [BAD] * 6), restarts=change())

    assert said(verdict) == ["not_assessable"] * 3 + ["isolated"] * 3 + ["recurring"]


@pytest.mark.parametrize(("unit", "expected"), [("A", "not_assessable"), ("C", "recurring")])
def test_a_change_of_one_unit_restarts_that_unit_only_and_clears_nothing(unit: str, expected: str) -> None:
    """Each unit judged by itself: the change of A takes its breaches but leaves no clear sign; that of C none."""
    months = [CALM] * 2
    case, calendar = evidence(BEFORE + months, units={"A": BEFORE + months, "B": [CALM] * 11})

    assert judge(sign("each"), case, calendar, restarts=change(unit)).status == expected


def test_a_unit_that_ended_before_the_change_is_not_waited_for() -> None:
    """A line closed in March shows nothing new for ever; a year after the change the others are clear without it."""
    closed = [CALM] * 3 + [float("nan")] * 18
    case, calendar = evidence([CALM] * 21, units={"A": closed, "B": [CALM] * 21})

    verdict = judge(sign("each"), case, calendar, restarts=change())

    assert said(verdict)[:3] == ["not_assessable"] * 3
    assert verdict.status == "absent"


def events(*rows: tuple[str, str, str | None]) -> pd.DataFrame:
    """Events of a kind, a first day and a subject."""
    frame = pd.DataFrame(rows, columns=["kind", "starts_on", "subject_id"])
    return frame.assign(event_id=[f"E{number}" for number in frame.index], exogenous=False)


def test_a_policy_that_changes_all_the_time_restarts_once_a_year(tmp_path: Path) -> None:
    """Of changes after 3, 9 and 16 months the second is left out; other events and other units are their own."""
    sent = events(
        ("policy_change", "2024-04-01", None),
        ("policy_change", "2024-10-01", None),
        ("policy_change", "2024-10-01", "Bread"),
        ("policy_change", "2025-05-01", None),
        ("promotion", "2024-06-01", None),
    )
    demand = pd.DataFrame({"period": builders.cycles(20), "item_id": "a", "quantity": 1.0})
    tables = {"items": builders.items(a="Bread"), "actual_demand": demand, "events": sent}
    found = policy.policy_changes(builders.engagement(tmp_path, tables))

    assert found["on"].dt.strftime("%Y-%m").tolist() == ["2024-04", "2024-10", "2025-05"]
    assert "2024-10-01 for Bread" in policy.said(found)
    assert policy.policy_changes(builders.engagement(tmp_path / "then", tables, "2024-03-01")).empty


def test_a_sign_of_a_client_begins_anew_and_says_so(tmp_path: Path) -> None:
    """A forecast rewritten late recurs; two months after a change of policy it is not assessable, and says why."""
    first = registry()[0]
    forecast, demand = market(noise=0.15), realised(market())
    changed = events(("policy_change", "2026-01-01", None))
    alone = company(tmp_path / "before", forecast_snapshots=forecast, actual_demand=demand)
    told = company(tmp_path / "after", forecast_snapshots=forecast, actual_demand=demand, events=changed)
    before, after = diagnosis.measured(alone, first), diagnosis.measured(told, first)

    assert (before.verdict.status, after.verdict.status) == ("recurring", "not_assessable")
    assert after.evidence is not None
    assert "policy change of 2026-01-01" in after.evidence.basis
