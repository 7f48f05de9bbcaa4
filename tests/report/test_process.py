"""The sections on cadence, roles and interviews: one sentence each, and what to ask for where data are missing."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from helpers.measures.cadence import Times
from helpers.measures.pace import CadenceTest, Pace
from helpers.measures.roles import Roles
from helpers.process import Cadence, Interviews, Process
from helpers.report.cadence import ASK, MEANS, cadence_words
from helpers.report.voices import voices
from helpers.report.write import page_html
from tests.report import fakes

FAMILIES = pd.DataFrame(
    {
        "family": ["Bread", fakes.HOSTILE],
        "lead": 60.0,
        "protection": 10.0,
        "critical": True,
        "fit": ["fits", "too long"],
    }
)
UNKNOWN = CadenceTest("t", "Days to decide", float("nan"), 30.0, "days", None, ("decisions.decided_on",))
NOBODY = Interviews(
    pd.DataFrame(columns=["sign", "function", "score", "answers"]),
    pd.DataFrame(columns=["sign", "perception_gap", "blind_spot", "felt_not_seen"]),
    ("interview_answers",),
)


def around(pace: Pace = "too_slow", interviews: Interviews = NOBODY) -> Process:
    """A process with one test that could not tell, one step approved by its proposer, one decision of four unowned."""
    times = Times(31.0, float("nan"), float("nan"), 5.0, 60.9, FAMILIES)
    roles = Roles(2, (), None, ("demand review",), 4, 1, ("process_roles.approver",))
    return Process(Cadence(times, (UNKNOWN,), (), pace, fence_declared=False), roles, interviews)


def heard(**row: object) -> Interviews:
    """Sales and operations on sign 1."""
    medians = pd.DataFrame({"sign": 1, "function": ["operations", "sales"], "score": [4.0, 2.0], "answers": 3})
    plain = {"sign": 1, "score": 3.0, "answers": 6, "status": "recurring", "lowest": "sales", "highest": "operations"}
    marks = {"gap": 2.0, "perception_gap": False, "blind_spot": False, "felt_not_seen": False}
    return Interviews(medians, pd.DataFrame([{**plain, **marks, **row}]))


@pytest.mark.parametrize("pace", list(MEANS))
def test_each_pace_has_a_meaning_and_a_question(pace: Pace) -> None:
    """One plain sentence of what it means, one question to ask."""
    said = cadence_words(around(pace))

    assert (said.means, said.ask) == (MEANS[pace], ASK[pace])
    assert said.ask.endswith("?")


def test_a_test_that_cannot_tell_is_not_assessed_and_its_columns_are_asked_for() -> None:
    """Missing is a dash and never a pass; each column is asked for once."""
    said = cadence_words(around())
    (_, (row,)), _ = said.sides

    assert (row.value, row.answer, row.met) == ("–", "not assessed", False)
    assert said.gaps == ("decisions.decided_on", "process_roles.approver")


def test_fence_and_roles_are_said_in_sentences() -> None:
    """Families by name, steps by name, decisions by count."""
    said = cadence_words(around())

    assert said.fence.startswith("The fence of 61 days fits 1 of 2 families. Too long for ")
    assert said.roles == (
        "Proposed and approved by the same role in demand review.",
        "1 of the last 4 decisions have no owner (25%).",
    )


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"perception_gap": True}, "Perception gap: operations meets it more often than sales."),
        ({"blind_spot": True}, "Blind spot: the data show a pattern that people seldom feel."),
        (
            {"felt_not_seen": True, "status": "absent"},
            "Felt, not seen: people meet it often, the data do not show it.",
        ),
        ({}, ""),
    ],
    ids=["gap", "blind spot", "felt", "agreed"],
)
def test_what_stands_out_is_said_of_each_sign(row: dict[str, object], said: str) -> None:
    """One sentence for each difference, none where people and data agree."""
    (voice,) = voices(heard(**row), fakes.findings()).rows

    assert voice.means == said
    assert (voice.scores, voice.score) == (("4", "2"), "3")


def test_the_page_shows_both_sections_after_the_watchlists(tmp_path: Path) -> None:
    """Names from the client are text, and where nobody was asked the page says what to ask for."""
    diagnosis = fakes.diagnosis()
    object.__setattr__(diagnosis, "process", around())

    page = page_html(fakes.engagement(), diagnosis, [], tmp_path, tmp_path)

    places = [page.index(f'id="{part}"') for part in ("watchlists", "cadence", "voices", "unassessed")]
    assert places == sorted(places)
    assert "Nobody was asked." in page
    assert "<code>interview_answers</code>" in page
    assert fakes.HOSTILE not in page


def test_a_page_without_the_process_leaves_the_sections_out(tmp_path: Path) -> None:
    """What broke off is named above; no empty headings."""
    page = page_html(fakes.engagement(), fakes.diagnosis(), [], tmp_path, tmp_path)

    assert 'id="cadence"' not in page
