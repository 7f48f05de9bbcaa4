"""Scenarios by numbers a reader can check: the tightest resource, the frozen zone, what they are held against."""

from __future__ import annotations

from dataclasses import replace

import pytest

from helpers.errors import Unusable
from helpers.report.plan import write_plan
from helpers.report.plan_book.reading import without_anew
from helpers.scenarios.document import document
from helpers.scenarios.feasible import RESCUED
from helpers.scenarios.network import Network
from helpers.scenarios.playbook import Playbook
from helpers.scenarios.policy import Policy
from helpers.scenarios.realign import governed
from helpers.scenarios.scenario import APPROVED, Planning, Scenario, bottleneck, usual
from helpers.scenarios.solve import solve
from helpers.scenarios.words import differences
from helpers.settings import Settings
from tests.report.test_evidence_workbook import rows
from tests.scenarios.networks import START, network
from tests.scenarios.realigned import RULES, plant, small

ROUTES = {"A": {"full": 1.0}, "B": {"free": 1.0}}


def two_lines(asked: float, *, rate: float) -> Network:
    """Of ten hours each, one line is asked for `asked` units, the other for three."""
    line = {"regular": 10.0, "overtime": 10.0, "rate": rate}
    return network(
        {"A": [asked], "B": [3.0]}, made=ROUTES, hours={"free": line, "full": line}, plan={"A": [asked], "B": [3.0]}
    )


@pytest.mark.parametrize(("asked", "rate"), [(12.0, 3.0), (12.0, 0.0), (25.0, 0.0), (9.0, 3.0)])
def test_the_bottleneck_is_found_with_and_without_a_price_of_hours(asked: float, rate: float) -> None:
    """By what an hour saves, by the units it brings on time, else by how full a resource is."""
    assert bottleneck(solve(two_lines(asked, rate=rate), RESCUED)) == "full"


def test_where_nothing_is_made_there_is_no_bottleneck() -> None:
    """Who only buys."""
    assert bottleneck(solve(network({"A": [1.0]}), RESCUED)) is None


def test_a_bottleneck_that_is_named_too_is_refused() -> None:
    """Ten percent or twice the hours: nobody can tell which is meant."""
    asked = Scenario(title="More", more_hours={"bottleneck": 0.1, "full": 1.0})

    with pytest.raises(Unusable, match="scenario more: more_hours names full twice, for it is the bottleneck"):
        Planning(two_lines(12.0, rate=3.0), {}, None).ask("more", asked)


def test_what_is_asked_beyond_planning_anew_leaves_the_frozen_periods_alone() -> None:
    """All but the approved plan, which follows itself, and planning anew from today on."""
    asked = usual(plant(), frozen=2)

    assert {key: one.frozen for key, one in asked.items() if one.frozen != 2} == {"as_approved": 0, "demonstrated": 0}


def test_a_scenario_is_held_against_the_plan_anew_too() -> None:
    """Twice the hours save 30 EUR of overtime as approved and as planned anew; the plan anew has nothing on top."""
    found = document(small(), Settings(client="Acme"), START, "family")
    by_key = {one["key"]: one for one in found["scenarios"]}
    doubled = by_key["doubled"]

    assert [by_key[key]["on_top"] for key in ("as_approved", "frozen")] == [None, None]
    assert doubled["on_top"]["of"] == "frozen"
    assert without_anew(found) == ""
    for of in (doubled, doubled["on_top"]):
        assert of["difference"]["compensation"] == pytest.approx(-30.0)


def test_what_is_planned_otherwise_is_not_held_against_the_plan_anew() -> None:
    """Twice the hours while the approved plan is followed: the difference would be that of planning anew, too."""
    asked = {"frozen": Scenario(title="Frozen", frozen=1), "kept": Scenario(title="Kept", production="approved")}
    answers = tuple(Planning(plant(), asked, None).answers())
    found = document(small(answers=answers), Settings(client="Acme"), START, "family")

    assert [one["on_top"] for one in found["scenarios"]] == [None, None, None]
    assert without_anew(found).startswith("No scenario plans as frozen does")


def test_without_a_plan_anew_nothing_is_held_against_it() -> None:
    """A file that asks for other scenarios only."""
    answers = tuple(Planning(plant(), {"doubled": Scenario(title="Twice", more_hours={"line": 1.0})}, None).answers())
    found = document(small(answers=answers), Settings(client="Acme"), START, "family")

    assert [one["on_top"] for one in found["scenarios"]] == [None, None]
    assert without_anew(found).startswith("No scenario has the key frozen")


def test_the_rules_are_a_scenario_of_the_next_cycles_too() -> None:
    """Overtime at 3 a unit is paid where a unit earns 4; with half the margin as ceiling ten units are late instead."""
    strict = governed(Playbook(overtime_up_to=0.5), plant(), 1, is_draft=False)
    open_ = governed(Playbook(), plant(), 1, is_draft=True)

    assert (strict.key, strict.scenario.title, open_.scenario.title) == (
        "rules", "Under the rules", "Under the draft of the rules",
    )  # fmt: skip
    assert strict.figures.compensation == pytest.approx(0.0, abs=1e-3)
    assert open_.figures.compensation == pytest.approx(30.0, abs=1e-3)


def test_rules_say_what_they_change_for_those_they_protect() -> None:
    """Protected, all thirty of A leave on time for overtime, as approved; without any, ten are late."""
    approved = small().answers[0]
    kept = governed(RULES, plant(), 1, is_draft=False)
    closed = replace(kept, solution=replace(solve(plant(), Policy(can_rescue=False)), policy=kept.solution.policy))

    assert not any("protected" in sentence for sentence in differences(approved, kept))
    assert differences(approved, closed)[0] == "Of those protected 66.7% are on time instead of 100.0%."


def test_what_is_not_delivered_in_the_end_is_told_with_its_margin() -> None:
    """Half of the rescue money leaves five units of A waiting at a margin of 4."""
    by_key = {answer.key: answer for answer in small().answers}

    assert "A: 5 units more are not delivered when the plan ends, 20 EUR of margin." in differences(
        by_key[APPROVED], by_key["capped"]
    )


def test_where_the_client_has_rules_their_decisions_are_signed(tmp_path) -> None:
    """Without being asked; a draft is no rule yet."""
    ruled = governed(RULES, plant(), 1, is_draft=False)
    known = small(answers=(*small().answers, ruled))

    for is_draft, title in ((False, "Under the rules (rules)"), (True, "One month frozen (frozen)")):
        write_plan(replace(known, is_draft=is_draft), Settings(client="Acme"), START, "family", None, tmp_path)
        sheet = rows((tmp_path / "plan.xlsx").read_bytes(), "Decisions")
        assert title in [cell for row in sheet for cell in row]
