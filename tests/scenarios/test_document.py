"""`scenarios.json`: figures that can be worked out by hand, undefined ones as null, keys as the schema says."""

from __future__ import annotations

import copy
import json
import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from helpers.scenarios.document import document, number
from helpers.scenarios.feasible import feasibility
from helpers.scenarios.replay import WORLDS
from helpers.scenarios.said import feasible_said, replay_said
from helpers.scenarios.scenario import Planning
from helpers.settings import Settings
from tests.scenarios import realigned
from tests.scenarios.networks import network
from tests.scenarios.realigned import ASKED, plant, replayed, small
from tests.schema import SCENARIOS, faults

AS_OF = pd.Timestamp(2026, 1, 1)


@pytest.fixture(scope="module")
def whole() -> dict[str, Any]:
    """The small plant's document."""
    return document(small(), Settings(client="Acme"), AS_OF, "family")


@pytest.fixture
def found(whole) -> dict[str, Any]:
    """A copy to be damaged."""
    return copy.deepcopy(whole)


def scenario(found: dict[str, Any], key: str) -> dict[str, Any]:
    """One scenario by its key."""
    return next(one for one in found["scenarios"] if one["key"] == key)


# figures


def test_missing_hours_stand_with_their_price(found):
    """Twenty hours of work in February, ten to be had: ten are missing and cost 30 EUR as overtime."""
    expected = {"needed": 20.0, "offered": 10.0, "missing": 10.0, "price": 30.0, "beyond": 0.0}

    assert found["feasibility"]["hours"] == [{"resource": "line", "period": "2026-02-01", **expected}]
    assert found["feasibility"]["feasible"] is False


def test_a_rescue_stands_by_kind_and_place(found):
    """Ten hours on the line; nothing stays late."""
    (rescue,) = found["feasibility"]["rescue"]

    assert (rescue["kind"], rescue["at"]) == ("overtime", "line")
    assert (rescue["quantity"], rescue["amount"]) == pytest.approx((10.0, 30.0))
    assert found["feasibility"]["unrescued"] == []


def test_a_rescue_that_is_rounding_of_the_solver_is_not_told():
    """A hundredth of a unit for a fifth of a cent beside 30 EUR, though it is the only rush."""
    known = small()
    rush = {"kind": "premium_purchase", "at": "S", "product": "B", "period": AS_OF, "quantity": 0.011, "amount": 0.002}
    rescue = pd.concat([known.feasible.rescue, pd.DataFrame([rush])], ignore_index=True)
    found = document(replace(known, feasible=replace(known.feasible, rescue=rescue)), Settings(), AS_OF, "family")

    assert [row["kind"] for row in found["feasibility"]["rescue"]] == ["overtime"]


def test_a_difference_is_the_figure_less_that_of_the_approved_plan(found):
    """Half the money, 15 EUR, buys five hours: five of 38 units late, and 15 EUR not spent."""
    capped = scenario(found, "capped")

    assert capped["service"] == pytest.approx(33 / 38, abs=1e-6)
    assert capped["difference"]["service"] == pytest.approx(-5 / 38, abs=2e-6)
    assert capped["compensation"] == pytest.approx(15.0, abs=1e-5)
    assert capped["difference"]["compensation"] == pytest.approx(-15.0, abs=1e-5)


def test_the_approved_plan_comes_first_and_differs_from_nothing(found):
    """What all the others are held against."""
    first = found["scenarios"][0]

    assert (first["key"], first["difference"], first["reasons"]) == ("as_approved", None, [])
    assert first["by_kind"] == pytest.approx(
        {"overtime": 30.0, "premium_purchase": 0.0, "expedite_freight": 0.0}, abs=1e-5
    )


def test_a_reason_names_what_changed(found):
    """With twice the hours no overtime is left."""
    assert "0 hours of overtime on line instead of 10." in scenario(found, "doubled")["reasons"]


def test_totals_are_means_of_shares_and_sums_of_money(found):
    """Two cycles of 20 EUR each, at 80% each."""
    under = found["replay"]["totals"]["under the rules"]

    assert (under["service"], under["compensation"], under["capital"]) == (0.8, 40.0, 50.0)
    assert found["replay"]["recorded"] == 200.0


NUMBERS = [(math.nan, None), (math.inf, None), (-1e-9, 0.0), (1.23456789, 1.234568)]


def test_an_exception_stands_with_its_options_and_days(found):
    """What is not known is null, a day is a day, and what waits says why."""
    first, second = found["exceptions"]["raised"]
    known = {"do": "overtime", "price": 30.0, "by": "2026-01-31"}

    assert first["options"] == [known, {"do": "leave it", "price": None, "by": None}]
    assert (first["decide_by"], first["families"], first["is_in_meeting"]) == ("2026-01-31", ["A"], True)
    assert (second["decide_by"], second["money"], second["deferred"]) == (None, None, "it comes in time")


def test_the_calendar_stands_with_its_days(found):
    """Working day and date of each step, and who signs it."""
    supply, executive = found["cycle"]["calendar"]

    assert (supply["working_day"], supply["ends_on"], supply["signs"]) == (8, "2026-01-12", "Chief")
    assert executive["signs"] == "to be named"
    assert found["cycle"]["steps"][1]["kind"] is None


@pytest.mark.parametrize(("value", "expected"), NUMBERS)
def test_a_number_that_is_not_known_is_null(value, expected):
    """JSON knows neither infinity nor what is no number; a signed zero is zero."""
    assert number(value) == expected
    assert math.copysign(1.0, number(value) or 0.0) == 1.0


def test_without_critical_families_their_service_is_null(found):
    """Undefined is never zero."""
    assert [one["critical"] for one in found["scenarios"]] == [None] * 4
    assert json.dumps(found, allow_nan=False)


# sentences


def test_a_plan_that_cannot_be_executed_says_what_is_short_late_and_paid(found):
    """In this order, each with its number."""
    assert found["feasibility"]["message"] == (
        "The approved plan cannot be executed as it stands. 10 hours are missing at one resource, most at line in "
        "2026-02 (10). Without a rescue 10 units of A would be late. Rescuing it costs 30 EUR: 30 overtime."
    )


def test_a_plan_that_can_be_executed_says_so():
    """Ten hours for ten units."""
    easy = network({"A": [10.0]}, made={"A": {"line": 1.0}}, hours={"line": {"regular": 10.0}}, plan={"A": [10.0]})

    assert feasible_said(feasibility(easy), easy, "month") == (
        "The approved plan can be executed: hours and lead times keep every promise from 2026-01 to 2026-01."
    )


def test_what_no_rescue_can_save_is_said():
    """Ten hours missing, none of overtime: ten units stay late."""
    stuck = network({"A": [20.0]}, made={"A": {"line": 1.0}}, hours={"line": {"regular": 10.0}}, plan={"A": [20.0]})

    assert feasible_said(feasibility(stuck), stuck, "month").endswith(
        "Without a rescue 10 units of A would be late. Even so 10 units of A stay late while it is followed."
    )


def test_the_replay_says_what_falls_and_what_the_model_sees_of_the_booked_money(found):
    """40 instead of 100 EUR; 100 of 200 EUR booked are half of it."""
    assert found["replay"]["message"] == (
        "Under the draft the last 2 cycles would have spent 40 EUR on rescues instead of 100, with 60 EUR more "
        "margin. Planning anew alone saves 20 EUR of rescues, with 20 EUR more margin; on top of it the draft saves "
        "40 EUR of rescues, most of it overtime (40), with 40 EUR more margin. Of critical families 100.0% would have"
        " been on time instead of 100.0%. Of all demand 80.0% would have been on time instead of 100.0% (planned anew"
        " without the draft 100.0%). What falls is demand that is not protected: it is not on time where a rescue "
        "would have been bought. The draft was written knowing these cycles, which favours it. Not the booked money: "
        "200 EUR were booked in these cycles, and the model spends 100, 50% of it where it repeats what was decided. "
        "Read the difference between the two, not their level."
    )


def test_rules_below_the_target_say_so():
    """80 % of all demand under the rules."""
    below = "80.0% is below the OTIF target of 95.0%"

    assert below in replay_said(replayed(), "EUR", is_draft=False, target=0.95)
    assert "OTIF target" not in replay_said(replayed(), "EUR", is_draft=False, target=0.80)


def test_what_does_not_change_is_not_told_as_money():
    """Worlds that come out alike but for the last digits."""
    found = replayed(service=1.0)
    money = ["margin", "compensation", "overtime"]
    alike = found.cycles.loc[found.cycles["world"] == WORLDS[0], money].to_numpy()
    for world, apart in ((WORLDS[1], 1e-8), (WORLDS[2], -1e-8)):
        found.cycles.loc[found.cycles["world"] == world, money] = alike + apart

    assert "Planning anew alone leaves rescues as they are; on top of it the playbook leaves rescues as they are." in (
        replay_said(found, "EUR", is_draft=False)
    )


def test_a_fall_by_planning_anew_is_not_laid_to_protection():
    """All demand falls to 80 % in both worlds alike."""
    found = replayed()
    found.cycles.loc[found.cycles["world"] == WORLDS[1], "service"] = 0.8

    assert "What falls is demand that is not protected" not in replay_said(found, "EUR", is_draft=False)


def test_rules_are_not_blamed_for_what_planning_anew_costs():
    """Critical families lose in both worlds alike."""
    found = replayed()
    found.cycles.loc[found.cycles["world"] != WORLDS[0], "critical"] = 0.9

    assert "Critical families lose: by planning anew, not by the rules." in replay_said(found, "EUR", is_draft=False)


def test_rules_that_cost_critical_families_are_not_praised():
    """Where they lose, that is said instead of who is late."""
    said = replay_said(replayed(critical=0.9), "EUR", is_draft=False)

    assert "Critical families lose: change the rules before agreeing on them." in said
    assert "What falls" not in said


def test_without_a_price_of_hours_no_sum_is_said():
    """What the cycles would have spent is not known; what was booked is."""
    unknown = replayed()
    unknown.cycles["compensation"] = math.nan
    said = replay_said(unknown, "EUR", is_draft=False)

    assert said.startswith("What the last 2 cycles would have spent under the rules is not known")
    assert said.endswith("200 EUR were booked in these cycles.")
    assert "nan" not in said


def test_the_rescue_that_changes_most_is_one_that_changes_as_the_sum_does():
    """60 more overtime and 100 fewer of others are 40 less: most of it is no overtime."""
    found = replayed()
    is_ruled = found.cycles["world"] == WORLDS[2]
    found.cycles.loc[is_ruled, ["overtime", "premium_purchase", "expedite_freight"]] = [70.0, -25.0, -25.0]

    assert "most of it" not in replay_said(found, "EUR", is_draft=False)


def test_without_booked_money_no_share_of_it_is_said():
    """Not known, with what to ask for."""
    assert replay_said(replayed(recorded=math.nan), "EUR", is_draft=True).endswith(
        "What was booked in these cycles is not known: compensation_costs was not sent."
    )


# the schema


def test_what_the_kit_writes_is_described_in_full(found):
    """No key beyond the schema."""
    assert faults(found, closed=True, schema=SCENARIOS) == []


def test_a_client_without_prices_stock_or_segments_keeps_to_the_schema():
    """Free of everything that can be missing."""
    bare = network({"A": [0.0, 0.0]}, plan={})
    found = small(network=bare, feasible=feasibility(bare), answers=tuple(Planning(bare, {}, None).answers()))
    said = document(replace(found, replay=replayed(recorded=math.nan)), Settings(), AS_OF, "item")

    assert faults(said, closed=True, schema=SCENARIOS) == []
    assert said["scenarios"][0]["service"] is None


DAMAGE: dict[str, Callable[[dict[str, Any]], object]] = {
    "another version": lambda found: found.update(schema_version="2"),
    "no periods": lambda found: found.update(periods=[]),
    "a period with a time": lambda found: found["periods"].append("2026-08-01T00:00:00"),
    "another level": lambda found: found.update(level="plant"),
    "no scenarios": lambda found: found.update(scenarios=[]),
    "service in percent": lambda found: found["scenarios"][0].update(service=95.0),
    "an infinite margin": lambda found: found["scenarios"][0].update(margin="inf"),
    "a scenario without a title": lambda found: found["scenarios"][0].pop("title"),
    "a difference without margin": lambda found: found["scenarios"][1]["difference"].pop("margin"),
    "four reasons": lambda found: found["scenarios"][1].update(reasons=["why"] * 4),
    "feasible with missing hours": lambda found: found["feasibility"].update(feasible=True),
    "a negative price": lambda found: found["feasibility"]["hours"][0].update(price=-1.0),
    "an unknown rescue": lambda found: found["feasibility"]["rescue"][0].update(kind="prayer"),
    "a ninth situation": lambda found: found["playbook"]["rules"]["decisions"].update(T9={}),
    "a rule for half a day": lambda found: found["playbook"]["rules"]["decisions"]["T3"].update(within_days=0.5),
    "a rescue for friends": lambda found: found["playbook"]["rules"]["couriers"].update(whom="friends"),
    "a fourth tier": lambda found: found["exceptions"]["raised"][0].update(tier="whim"),
    "an exception on no day": lambda found: found["exceptions"]["raised"][0].update(decide_by="soon"),
    "a step on half a day": lambda found: found["cycle"]["calendar"][0].update(working_day=1.5),
    "a fourth world": lambda found: found["replay"]["cycles"][0].update(world="as we wish"),
    "two worlds only": lambda found: found["replay"]["totals"].pop("under the rules"),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_a_damaged_document_is_refused(found, name):
    """Each in one place; undamaged it passes."""
    damaged = copy.deepcopy(found)
    DAMAGE[name](damaged)

    assert faults(found, schema=SCENARIOS) == []
    assert faults(damaged, schema=SCENARIOS) != []


def test_the_same_realignment_gives_the_same_bytes(found):
    """Solved twice."""
    again = document(small(**realigned.solved.__wrapped__("A")), Settings(client="Acme"), AS_OF, "family")

    assert json.dumps(again) == json.dumps(found)
    assert [one["key"] for one in again["scenarios"]] == [*ASKED]
    assert again["periods"] == [f"{period:%Y-%m-%d}" for period in plant().periods]
