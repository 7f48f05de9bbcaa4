"""The cycle to sign: roles that are missing or doubled, decisions that take longer than stock lasts, days that fit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from helpers.engagement import Engagement
from helpers.measures.cadence import Times
from helpers.measures.cycle_steps import approver_for, kind_of
from helpers.measures.pace import Pace
from helpers.process import Cadence
from helpers.scenarios.cycle import NO_STEP, ROLE_COLUMNS, Cycle, cycle_table
from helpers.scenarios.proposal import BEFOREHAND, TO_BE_NAMED
from tests import builders

MONTHS = builders.cycles(8, "2025-05-01")  # as of 2026-01-01, a Thursday
SALES = pd.DataFrame({"period": MONTHS, "item_id": "a", "quantity": 1.0})
NOTHING = pd.DataFrame({"rank": [], "decide_by": [], "is_in_meeting": [], "owner": []})
USUAL = pd.DataFrame(
    {
        "step": ["executive S&OP", "demand review", "supply review", "Pre-S&OP"],
        "proposer": ["Office", "Planner", "Plant Head ", "Office"],
        "validator": ["Finance", "Sales", "Buyer", None],
        "approver": ["Chief", "Sales", "plant head", "Chief"],
    }
)


def client(folder: Path, roles: pd.DataFrame | None = None, **more: Any) -> Engagement:
    """A client who sent demand and these roles; a month is frozen unless told otherwise."""
    tables = {"items": builders.items(a="Bread"), "actual_demand": SALES}
    sent = tables if roles is None else {**tables, "process_roles": roles}
    return builders.engagement(folder, sent, **{"time_fences": {"frozen": 1}, **more})


def clock(pace: Pace = "fits", cycle: float = 30.4375, protection: float = 14.0) -> Cadence:
    """A clock on which a decision takes eight days; one critical family that takes forty to supply."""
    families = pd.DataFrame({"family": ["Bread", "Milk"], "lead": [40.0, 9.0], "protection": [protection, 2.0]})
    times = Times(cycle, np.nan, 8.0, np.nan, 30.0, families.assign(critical=[True, False]))
    return Cadence(times, (), (), pace, fence_declared=True)


def asked(days: list[str], is_in_meeting: bool = True) -> pd.DataFrame:
    """Exceptions to be decided by these days."""
    dates = pd.to_datetime(days)
    return pd.DataFrame(
        {"rank": range(1, len(days) + 1), "decide_by": dates, "is_in_meeting": is_in_meeting, "owner": "Buyer"}
    )


def last_day(cycle: Cycle) -> int:
    """The working day of the last approval."""
    return int(cycle.calendar["working_day"].iloc[-1])


@pytest.mark.parametrize(
    ("step", "kind"),
    [
        ("Demand Review Meeting", "demand review"),
        ("supplier review", "procurement review"),
        ("Pre-S&OP", "reconciliation"),
        ("S&OP", "executive S&OP"),
        ("Monday coffee", None),
    ],
)
def test_a_step_is_known_by_its_words(step: str, kind: str | None) -> None:
    """What the words do not tell is not guessed."""
    assert kind_of(step) == kind


def test_missing_and_doubled_roles_are_said_step_by_step(tmp_path: Path) -> None:
    """In the order of a cycle; case and blanks do not matter."""
    steps = cycle_table(client(tmp_path, USUAL), NOTHING, clock()).steps.set_index("step")

    assert steps.index.tolist() == ["demand review", "supply review", "Pre-S&OP", "executive S&OP"]
    assert steps["missing"].tolist() == ["", "", "validator", ""]
    assert steps["doubled"].tolist() == ["the validator approves", "the proposer approves", "", ""]


def test_a_usual_step_that_nobody_holds_is_missing_itself(tmp_path: Path) -> None:
    """No reconciliation among the steps: it stands in its place; who buys nothing needs no procurement review."""
    steps = cycle_table(client(tmp_path, USUAL[USUAL["step"] != "Pre-S&OP"]), NOTHING, clock()).steps

    assert steps["step"].tolist() == ["demand review", "supply review", "reconciliation", "executive S&OP"]
    assert steps["missing"].tolist() == ["", "", NO_STEP, ""]


def test_steps_with_names_of_their_own_are_taken_as_they_are(tmp_path: Path) -> None:
    """None of the usual words: nothing is said to be missing."""
    roles = pd.DataFrame({"step": ["round one", "round two"], "proposer": "x", "approver": "y"})

    steps = cycle_table(client(tmp_path, roles), NOTHING, clock()).steps

    assert steps["step"].tolist() == ["round one", "round two"]
    assert steps["missing"].tolist() == ["", ""]


def test_a_step_twice_with_different_people_is_doubled(tmp_path: Path) -> None:
    """Two approvers for one step are one too many; the same row twice is not."""
    roles = pd.DataFrame({"step": ["Demand review", "demand  review"], "proposer": "x", "approver": ["y", "z"]})

    doubled = cycle_table(client(tmp_path, roles), NOTHING, clock()).steps["doubled"].tolist()
    same = cycle_table(client(tmp_path / "same", roles.assign(approver="y")), NOTHING, clock()).steps

    assert doubled[:2] == ["the step stands twice, with different people"] * 2
    assert same["doubled"].tolist()[:2] == ["", ""]


def test_a_column_nobody_sent_is_asked_for_and_not_missing(tmp_path: Path) -> None:
    """No validator anywhere is no finding about a step."""
    found = cycle_table(client(tmp_path, USUAL.drop(columns="validator")), NOTHING, clock())

    assert found.steps["missing"].tolist() == ["", "", "", ""]
    assert "process_roles.validator" in found.asks


def test_latency_is_held_against_protection_and_lead_time(tmp_path: Path) -> None:
    """Half of 30 days and 8 to decide are 23, while stock lasts 14; 8 of 40 days of lead time are a fifth."""
    (row,) = cycle_table(client(tmp_path), NOTHING, clock(cycle=30.0)).latency.to_dict("records")

    assert (row["family"], row["reaction"], row["uncovered"], row["share_of_lead"]) == ("Bread", 23.0, 9.0, 0.2)


def test_without_roles_the_usual_steps_are_proposed_and_asked_for(tmp_path: Path) -> None:
    """Twenty working days of a month in five steps; nobody is made up, and nobody has signed."""
    found = cycle_table(client(tmp_path), NOTHING, clock())

    assert found.steps.empty
    assert found.calendar["working_day"].tolist() == [4, 8, 12, 16, 20]
    assert found.calendar["ends_on"].iloc[0] == pd.Timestamp("2026-01-06")
    assert set(found.calendar["signs"]) == {TO_BE_NAMED}
    assert set(found.calendar["signed_on"]) == {""}
    assert set(ROLE_COLUMNS) <= set(found.asks)


def test_who_proposes_does_not_sign(tmp_path: Path) -> None:
    """The plant head proposes the supply review and is not asked to approve it."""
    signs = cycle_table(client(tmp_path, USUAL), NOTHING, clock()).calendar.set_index("step")["signs"]

    assert signs["supply review"] == "to be named, not the Plant Head, who proposes"
    assert signs["executive S&OP"] == "Chief"


def test_weekly_cycles_have_five_working_days(tmp_path: Path) -> None:
    """A week, and never beyond it."""
    weeks = pd.DataFrame({"period": pd.date_range("2025-11-03", periods=8, freq="W-MON"), "item_id": "a"})
    tables = {"items": builders.items(a="Bread"), "actual_demand": weeks.assign(quantity=1.0)}
    weekly = builders.engagement(tmp_path, tables, bucket="week")

    assert last_day(cycle_table(weekly, NOTHING, clock(cycle=7.0))) == 5


def test_the_last_approval_comes_before_the_first_period_that_can_be_changed_opens(tmp_path: Path) -> None:
    """Quarterly cycles have sixty working days, but February opens after the 22 of January."""
    found = cycle_table(client(tmp_path), NOTHING, clock(cycle=91.3125))

    assert last_day(found) == 22
    assert found.calendar["ends_on"].iloc[-1] == pd.Timestamp("2026-01-30")
    assert "opens on 2026-02-01" in found.notes[0]


def test_an_exception_pulls_the_meeting_forward_and_one_that_cannot_wait_comes_before_it(tmp_path: Path) -> None:
    """The fifteenth is working day 11; what has to be decided today leaves no day for five steps."""
    found = cycle_table(client(tmp_path), asked(["2026-01-15", "2026-01-01"]), clock())

    assert last_day(found) == 11
    assert found.calendar["step"].iloc[0] == f"{BEFOREHAND}: 2"
    assert (found.calendar["working_day"].iloc[0], found.calendar["signs"].iloc[0]) == (1, "Buyer")


def test_exceptions_outside_the_meeting_move_nothing(tmp_path: Path) -> None:
    """Deferred is deferred."""
    found = cycle_table(client(tmp_path), asked(["2026-01-15", "2026-01-01"], is_in_meeting=False), clock())

    assert (len(found.calendar), last_day(found)) == (5, 20)


@pytest.mark.parametrize(
    ("pace", "protection", "day"), [("too_slow", 14.0, 10), ("fits", 14.0, 20), ("too_slow", 2.0, 5)]
)
def test_a_cycle_that_is_too_slow_ends_while_stock_still_protects(
    tmp_path: Path, pace: Pace, protection: float, day: int
) -> None:
    """Fourteen days from a Thursday hold ten working days; each step keeps a day of its own."""
    assert last_day(cycle_table(client(tmp_path), NOTHING, clock(pace, protection=protection))) == day


def test_who_approves_a_situation_is_who_approves_its_step(tmp_path: Path) -> None:
    """More work than hours belongs to the supply review; a situation whose step nobody holds to the last step."""
    sent = client(tmp_path, USUAL)

    assert approver_for(sent, "T3") == "plant head"
    assert approver_for(sent, "T2") == "Chief"
    assert approver_for(client(tmp_path / "none"), "T3") == ""
