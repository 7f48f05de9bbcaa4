"""What a playbook leaves open or says twice: each sentence said where it holds, and silent where it does not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from helpers.scenarios.feasible import RESCUED
from helpers.scenarios.network import Network
from helpers.scenarios.playbook import Playbook, faults, policy_of
from helpers.scenarios.policy import Policy
from helpers.scenarios.solve import solve
from helpers.scenarios.words import scarce
from tests.scenarios.networks import network

SEGMENTS = {"export": 0.5, "retail": 0.5}
RULE = {"do": "Build ahead.", "who": "Head of Plants", "within_days": 5}
SOUND: dict[str, Any] = {"protected": {"segments": ["retail"]}, "cut_first": ["B"]}
SHUT: dict[str, Any] = {
    "couriers": {"whom": "nobody"}, "rushed_purchases": {"whom": "nobody"}, "overtime_up_to": 0, "protected": {},
}  # fmt: skip
CLOSED = "No rescue is open to anybody: say what is to happen where the plan fails a protected customer."
LOST = "Nobody waits and no rescue is open: whatever the plan fails is lost. Say who waits, or open a rescue."
KEPT = "safety_stock_for: nobody: protected customers are rescued at any price while stock lies there. Say protected."
UNPRICED = (
    "Neither costs nor prices were sent: up_to, overtime_up_to and cut_first are not kept to, and everybody is rescued "
    "to whom a rescue is open. Send items.unit_cost."
)


def plant() -> Network:
    """Half of the demand by each segment, as much of A as of B, at one price."""
    return network({"A": [10.0], "B": [10.0]}, shares=SEGMENTS)


def said(rules: Mapping[str, Any], came_up: str | None = None, seen: Network | None = None) -> list[str]:
    """The faults of sound rules with these changed, where cycles take 30 days; `came_up` three times."""
    occurred = pd.DataFrame({"code": [came_up], "situation": ["It happened"], "occurrences": [3]})
    playbook = Playbook.model_validate({**SOUND, **rules})
    return list(faults(playbook, seen or plant(), occurred if came_up else occurred[:0], 30.0))


def test_sound_rules_have_no_fault() -> None:
    """Half of demand protected, one family cut first, rescues at their price."""
    assert said({}) == []


@pytest.mark.parametrize(
    ("rules", "sentence"),
    [
        ({"cut_first": ["B"], "protected": {"families": ["B"]}}, "B: protected and cut first. Say which."),
        (
            {"protected": {}},
            "Nobody is protected: name the families or segments whose promises come first.",
        ),
        (
            {"protected": {"families": ["A"], "segments": ["retail"]}},
            "75% of demand is protected: in a shortage that protects nobody. Name fewer.",
        ),
        ({"safety_stock_for": "nobody"}, KEPT),
        ({"rescue_at_most": 0}, CLOSED),
        (SHUT, CLOSED),
        ({**SHUT, "backorders": {"whom": "nobody"}}, LOST),
        (
            {"backorders": {"whom": "nobody", "longest": 2}},
            "backorders: nobody waits, and no longer than 2 periods. Say which.",
        ),
        (
            {"cut_first": [], "decisions": {"T3": RULE}},
            "T3: where there is more work than hours, no family is cut first. Name one in cut_first.",
        ),
        (
            {"couriers": {"up_to": 1.5}, "decisions": {"T8": RULE}},
            "T8: a rescue above the margin has a rule, and couriers.up_to pays 150% of it anyway. Say 1.",
        ),
        (
            {"rushed_purchases": {"up_to": 2}, "decisions": {"T8": RULE}},
            "T8: a rescue above the margin has a rule, and rushed_purchases.up_to pays 200% of it anyway. Say 1.",
        ),
        ({"decisions": {"T1": {**RULE, "who": " "}}}, "T1: a rule without anybody who decides."),
        ({"decisions": {"T1": {**RULE, "within_days": None}}}, "T1: a rule without a day by which it is decided."),
        (
            {"decisions": {"T1": {**RULE, "within_days": 31}}},
            "T1: decided within 31 days, after the next cycle has begun (30 days).",
        ),
    ],
)
def test_what_is_open_or_said_twice_is_a_sentence(rules: dict[str, Any], sentence: str) -> None:
    """Whole sentences, so that each says what to do."""
    assert sentence in said(rules)


@pytest.mark.parametrize(
    "rules",
    [
        {"protected": {"families": ["A"]}},
        {"safety_stock_for": "protected"},
        {"safety_stock_for": "nobody", "rescue_at_most": 0},
        {"rescue_at_most": 1},
        {**SHUT, "protected": SOUND["protected"]},
        {"backorders": {"whom": "nobody"}},
        {"backorders": {"whom": "protected", "longest": 2}},
        {"decisions": {"T3": RULE}},
        {"cut_first": [], "decisions": {"T1": RULE}},
        {"couriers": {"up_to": 1.5}},
        {"couriers": {"up_to": 1}, "decisions": {"T8": RULE}},
        {"couriers": {"up_to": 1.5, "whom": "nobody"}, "decisions": {"T8": RULE}},
        {"decisions": {"T1": {**RULE, "within_days": 30}}},
        {"decisions": {"T1": {"do": ""}}},
    ],
)
def test_what_is_settled_is_no_fault(rules: dict[str, Any]) -> None:
    """Each is close to a fault and none, but for rescues that are closed on purpose."""
    assert [fault for fault in said(rules) if fault != CLOSED or rules.get("rescue_at_most") != 0] == []


def test_a_situation_that_came_up_needs_a_rule() -> None:
    """T2 came up three times; one that says what to do is enough."""
    assert said({}, came_up="T2") == ["T2, It happened: came up 3 time(s), and no rule says what to do."]
    assert said({"decisions": {"T2": RULE}}, came_up="T2") == []


def test_more_work_than_hours_that_came_up_needs_somebody_to_cut() -> None:
    """Without a rule for it too."""
    assert "T3: where there is more work than hours, no family is cut first. Name one in cut_first." in said(
        {"cut_first": []}, came_up="T3"
    )


# nothing priced


def unpriced() -> Network:
    """Couriers at 50 and rushed units at 9 where a unit counts 1; nobody knows what it earns."""
    priced = network(
        {"A": [10.0]},
        products={"A": {"price": 1.0, "cost": 1.0}},
        sources=[{"source": "rushed", "product": "A", "is_rush": True, "extra": 9.0}],
        shares=SEGMENTS,
        urgent=0.1,
        courier=50.0,
    )
    return replace(priced, is_priced=False)


@pytest.mark.parametrize(("whom", "couriered", "rushed"), [
    ("everyone", {"export", "retail"}, {"A"}), ("protected", {"retail"}, {"A"}), ("nobody", set(), set()),
])  # fmt: skip
def test_without_prices_a_rescue_is_open_to_whom_it_is_open_at_any_price(
    whom: str, couriered: set[str], rushed: set[str]
) -> None:
    """No share of a margin can be kept to, so everybody is served before money is looked at."""
    levers = {"couriers": {"whom": whom}, "rushed_purchases": {"whom": whom}}

    found = policy_of(Playbook.model_validate({**SOUND, **levers}), unpriced())

    assert isinstance(found.couriers_for, pd.MultiIndex)
    assert set(found.couriers_for.get_level_values("segment")) == couriered
    assert found.rushed_for == rushed
    assert found.serves_all


def test_with_prices_nothing_above_the_margin_is_open() -> None:
    """The same network, priced: no margin, no rescue."""
    found = policy_of(Playbook.model_validate(SOUND), replace(unpriced(), is_priced=True))

    assert isinstance(found.couriers_for, pd.MultiIndex)
    assert (len(found.couriers_for), found.rushed_for, found.serves_all) == (0, frozenset(), False)


def test_rules_that_cannot_be_kept_to_without_prices_are_named() -> None:
    """Where prices were sent nothing is said."""
    assert UNPRICED in said({}, seen=replace(plant(), is_priced=False))
    assert UNPRICED not in said({})


@pytest.mark.parametrize("line", ["line", "other"])
def test_a_family_that_is_cut_in_vain_is_named(line: str) -> None:
    """A is protected; B is made on the same line, or on another."""
    hours = {name: {"regular": 9.0} for name in ("line", "other")}
    made = network({"A": [1.0], "B": [1.0]}, made={"A": {"line": 1.0}, "B": {line: 1.0}}, hours=hours)
    vain = "B: cut first, and frees no hour for those protected: it shares no resource with them."

    assert said({"protected": {"families": ["A"]}}, seen=made) == [vain] * (line == "other")


# what the next hour does


def test_an_hour_spares_waiting_and_is_not_told_as_units_on_time() -> None:
    """Three months at five hours for ten units: an hour of January spares one unit three months of waiting."""
    queue = network({"A": [10.0] * 3}, made={"A": {"line": 1.0}}, hours={"line": {"regular": 5.0}})

    assert scarce(solve(queue, Policy()), "month") == [
        "One more hour of line in 2026-01 would spare protected customers a month of waiting for up to 3 units."
    ]


def test_an_hour_that_only_lets_more_of_an_unneeded_plan_be_made_is_worth_nothing() -> None:
    """In January twice what the hours allow was approved of A, which stock covers; in March B lacks ten hours."""
    line = {"regular": 10.0, "overtime": 15.0, "rate": 3.0}
    plant = network(
        {"A": [1.0, 1.0, 1.0], "B": [0.0, 0.0, 20.0]},
        products={"A": {"stock": 50.0, "carrying": 0.5}, "B": {"carrying": 0.5}},
        made={"A": {"line": 1.0}, "B": {"line": 1.0}},
        hours={"line": line},
        plan={"A": [20.0, 0.0, 0.0], "B": [0.0, 0.0, 20.0]},
    )
    found = solve(plant, RESCUED)

    worth = found.worth_of_hours["money"].tolist()
    for month, told in enumerate(worth):
        hours = plant.hours.assign(regular=plant.hours["regular"] + (plant.hours["period"] == plant.periods[month]))
        again = solve(replace(plant, hours=hours), RESCUED, until="money")
        assert told == pytest.approx(found.reached["money"] - again.reached["money"], abs=1e-3)
    assert worth[0] < 0 < worth[2]
    assert scarce(found, "month") == ["One more hour of line in 2026-03 would save up to 3 EUR."]
