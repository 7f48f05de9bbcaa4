"""The scenario desk: where it starts, what its knobs change and keep, and the lines that hold it fast."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from helpers.explore.planner import Planner, lines
from helpers.report.scenario_parts import beside_approved
from helpers.scenarios.network import Network
from helpers.scenarios.scenario import BOTTLENECK, Answer, Planning, Scenario, load_scenarios, usual
from tests.scenarios.networks import network

# What the knobs show of it: production free, hours +10 % at the bottleneck, A a tenth up, T a period late.
CROWDED = Scenario(
    title="A crowded summer",
    frozen=1,
    rescue_share=0.333,
    more_hours={BOTTLENECK: 0.10, "spare": -0.20},
    demand={"A": 1.1, "B": 0.9, "C": 1.0},
    supplier_late={"S": 2, "T": 1, "U": 1, "V": 0},
    in_lots=True,
)
UNSEEN = "also: B ×0.9, spare hours -20%, S late by 2 periods, U late by a period, rescue money at most 33.3% of that"


def line(critical: tuple[str, ...] = ("A",)) -> Network:
    """A line that is ten hours short of what is asked of A, overtime at 3 an hour; nobody asks for B and C, bought."""
    bought = [{"source": f"B from {name}", "product": "B", "supplier": name} for name in "STUV"]
    return network(
        {"A": [20.0, 20.0], "B": [0.0, 0.0], "C": [0.0, 0.0]},
        products={name: {"is_critical": True} for name in critical},
        made={"A": {"line": 1.0}},
        hours={"line": {"regular": 15.0, "overtime": 10.0, "rate": 3.0}, "spare": {"regular": 5.0}},
        plan={"A": [20.0, 20.0]},
        sources=bought,
    )


def planner(*own: Scenario, critical: tuple[str, ...] = ("A",)) -> Planner:
    """The desk over the line; on `own` scenarios, keyed by their place, where there are any, else the usual ones."""
    plant = line(critical)
    asked = {str(place): scenario for place, scenario in enumerate(own)} or usual(plant, 1)
    return Planner(Planning(plant, asked, None), lambda a, b: str(beside_approved("month", a, b)), lambda text: text)


def turned(scenario: Scenario, **knobs: Any) -> Scenario:
    """The wish after some knobs were turned from where they stood for a scenario."""
    desk = planner(scenario)
    for name, value in knobs.items():
        desk.knobs[name].value = value
    return desk.wish


def test_more_hours_at_the_bottleneck_save_overtime() -> None:
    """A third more hours, 20 instead of 15: nothing is left to rescue; before, two times five hours at 3."""
    desk = planner()
    desk.knobs["bottleneck"].value = 35
    desk.answer()

    assert desk.wish.more_hours == {BOTTLENECK: 0.35}
    assert "<td>30</td><td>0</td><td>-30</td>" in desk.state.value
    assert "0 hours of overtime on line instead of 10." in desk.state.value


def test_the_knobs_start_where_the_chosen_scenario_stands() -> None:
    """Half of the rescue money, then demand a tenth up."""
    desk = planner()
    desk.start.value = "capped"
    assert (desk.knobs["rescue"].value, desk.knobs["demand"].value) == (50, 0)

    desk.start.value = "demand_up"
    assert (desk.knobs["rescue"].value, desk.knobs["demand"].value) == (100, 10)


@pytest.mark.parametrize("scenario", [CROWDED, *usual(line(), 1).values()], ids=lambda found: found.title)
def test_nothing_turned_asks_the_scenario_as_it_is(scenario: Scenario) -> None:
    """Not even the title changes."""
    assert planner(scenario).wish == scenario


def test_nothing_turned_gives_the_answer_of_the_scenario() -> None:
    """14 % fewer hours and half a tenth more demand: 21 - 12.9 = 8.1 hours of overtime twice, at 3: 48.60."""
    asked = Scenario(title="Lean", more_hours={"line": -0.14}, demand={"A": 1.05})
    shown: list[Answer] = []
    planning = Planning(line(), {"lean": asked}, None)
    desk = Planner(planning, lambda _, other: shown.append(other) or "", lambda text: text)
    desk.answer()

    (found,) = shown
    assert (found.key, found.scenario) == ("lean", asked)
    assert found.figures.compensation == pytest.approx(48.6)
    assert found.figures.compensation == planning.ask("lean", asked).figures.compensation


def test_what_the_knobs_do_not_show_is_said_in_one_line() -> None:
    """T is on its knob, C and V are as usual; the slider stands at 33 of 33.3 %."""
    desk = planner(CROWDED)

    assert {name: desk.knobs[name].value for name in ("bottleneck", "demand", "rescue", "late")} == {
        "bottleneck": 10,
        "demand": 10,
        "rescue": 33,
        "late": "T",
    }
    assert desk.also.value == f'<p class="note">{UNSEEN} approved, in whole lots</p>'


def test_nothing_is_said_where_the_knobs_show_all() -> None:
    """None of the usual scenarios asks for more than the knobs can."""
    desk = planner()

    for key in usual(line(), 1):
        desk.start.value = key
        assert desk.also.value == ""


@pytest.mark.parametrize(
    ("knob", "value", "changed"),
    [
        ("production", "approved", {"production": "approved"}),
        ("hours", "planned", {"hours": "planned"}),
        ("safety_stock", "required", {"safety_stock": "required"}),
        ("frozen", 2, {"frozen": 2}),
        ("bottleneck", 25, {"more_hours": {BOTTLENECK: 0.25, "spare": -0.20}}),
        ("bottleneck", 0, {"more_hours": {"spare": -0.20}}),
        ("demand", -7, {"demand": {"A": 0.93, "B": 0.9, "C": 1.0}}),
        ("demand", 0, {"demand": {"B": 0.9, "C": 1.0}}),
        ("rescue", 40, {"rescue_share": 0.4}),
        ("rescue", 100, {"rescue_share": None}),
        ("late", "S", {"supplier_late": {"S": 1, "U": 1, "V": 0}}),
        ("late", "", {"supplier_late": {"S": 2, "U": 1, "V": 0}}),
    ],
)
def test_a_knob_changes_what_it_shows_and_nothing_else(knob: str, value: Any, changed: dict[str, Any]) -> None:
    """All else stays as the scenario to start from has it; the title becomes the user's own."""
    assert turned(CROWDED, **{knob: value}) == CROWDED.model_copy(update={"title": "My scenario", **changed})


def test_a_knob_turned_back_leaves_the_scenario_as_it_was() -> None:
    """From 10 to 15 and back to 10 per cent: its own title again."""
    desk = planner(CROWDED)
    for value in (15, 10):
        desk.knobs["demand"].value = value

    assert desk.wish == CROWDED


def test_critical_families_that_differ_are_said_until_their_knob_is_turned() -> None:
    """A up and B down cannot stand on one slider; turned, it sets both, and back at zero neither differs."""
    desk = planner(Scenario(title="Apart", demand={"A": 1.1, "B": 0.9, "C": 1.2}), critical=("A", "B"))
    assert desk.knobs["demand"].value == 0
    assert desk.also.value == '<p class="note">also: A ×1.1, B ×0.9, C ×1.2</p>'

    desk.knobs["demand"].value = 20
    assert desk.wish.demand == {"A": 1.2, "B": 1.2, "C": 1.2}
    assert desk.also.value == '<p class="note">also: C ×1.2</p>'

    desk.knobs["demand"].value = 0
    assert desk.wish.demand == {"C": 1.2}


@pytest.mark.parametrize(
    ("wish", "knob", "stands", "said"),
    [
        ({"more_hours": {BOTTLENECK: 0.8}}, "bottleneck", 50, "bottleneck hours +80%"),
        ({"more_hours": {BOTTLENECK: 0.125}}, "bottleneck", 12, "bottleneck hours +12.5%"),
        ({"demand": {"A": 2.0}}, "demand", 30, "A ×2"),
        ({"frozen": 9}, "frozen", 2, "9 periods as approved"),
        ({"rescue_share": 1.0}, "rescue", 100, "rescue money at most 100% of that approved"),
        ({"supplier_late": {"S": 2}}, "late", "", "S late by 2 periods"),
        ({"supplier_late": {"<b>": 1}}, "late", "", "&lt;b&gt; late by a period"),
    ],
)
def test_what_a_knob_cannot_reach_is_kept_and_said(wish: dict[str, Any], knob: str, stands: Any, said: str) -> None:
    """The knob stands where it comes nearest, the scenario keeps its own value."""
    asked = Scenario(title="Far", **wish)
    desk = planner(asked)

    assert desk.knobs[knob].value == stands
    assert desk.also.value == f'<p class="note">also: {said}</p>'
    assert desk.wish == asked


def test_a_wish_that_cannot_be_solved_says_why_in_the_place_of_its_answer() -> None:
    """Nobody supplies from Z; the answer shown before goes."""
    desk = planner(Scenario(title="As it is"), Scenario(title="Typo", supplier_late={"Z": 1}))
    desk.answer()
    assert desk.state.value

    desk.start.value = "1"
    desk.answer()
    assert desk.state.value == ""
    assert desk.said.value == "scenarios.yaml: 1.supplier_late: 'Z' is not known. Known are S, T, U, V."


def test_an_answer_fades_once_something_else_is_asked() -> None:
    """Turned after it was solved: what stands below is of an earlier wish."""
    desk = planner()
    desk.answer()
    assert "kit-judging" not in desk.state._dom_classes

    desk.knobs["rescue"].value = 40
    assert "kit-judging" in desk.state._dom_classes


NAMED = Scenario(title="9: #1", demand={"yes": 0.93, "01": 2.0}, supplier_late={"Öl & Söhne: *": 2}, rescue_share=0.07)


@pytest.mark.parametrize(
    "wish", [CROWDED, NAMED, Scenario(title="As approved", production="approved")], ids=lambda found: found.title
)
def test_the_lines_said_are_a_scenario_file(wish: Scenario, tmp_path: Path) -> None:
    """What the desk says can be kept in scenarios.yaml as it stands."""
    (tmp_path / "scenarios.yaml").write_text(lines(wish), encoding="utf-8")

    assert load_scenarios(tmp_path) == {"mine": wish}


def test_the_lines_hold_what_differs_from_the_defaults() -> None:
    """A title and the one knob that was turned."""
    desk = planner(Scenario(title="As it is"))
    desk.knobs["rescue"].value = 40
    desk.answer()

    assert yaml.safe_load(desk.said.value) == {"scenarios": {"mine": {"title": "My scenario", "rescue_share": 0.4}}}
