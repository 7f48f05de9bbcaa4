"""The scenario desk: knobs, the question they ask, and the lines that keep it."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from helpers.explore.planner import Planner, lines
from helpers.report.scenario_parts import beside_approved
from helpers.scenarios.scenario import BOTTLENECK, Planning, Scenario, ScenarioFile, usual
from helpers.settings import read_part
from tests.scenarios.networks import network


@pytest.fixture
def planner() -> Planner:
    """A line that is ten hours short of what is asked, overtime at 3 an hour."""
    plant = network(
        {"A": [20.0, 20.0]},
        products={"A": {"is_critical": True}},
        made={"A": {"line": 1.0}},
        hours={"line": {"regular": 15.0, "overtime": 10.0, "rate": 3.0}},
        plan={"A": [20.0, 20.0]},
    )
    planning = Planning(plant, usual(plant, 1), None)
    return Planner(planning, lambda a, b: str(beside_approved("month", a, b)), lambda text: text)


def test_more_hours_at_the_bottleneck_save_overtime(planner: Planner) -> None:
    """A third more hours, 20 instead of 15: nothing is left to rescue; before, two times five hours at 3."""
    planner.sliders["hours"].value = 35
    planner.answer()

    assert planner.wish.more_hours == {BOTTLENECK: 0.35}
    assert "<td>30</td><td>0</td><td>-30</td>" in planner.state.value
    assert "0 hours of overtime on line instead of 10." in planner.state.value


def test_the_knobs_start_where_the_chosen_scenario_stands(planner: Planner) -> None:
    """Half of the rescue money, then demand a tenth up."""
    planner.start.value = "capped"
    assert planner.wish.rescue_share == 0.5

    planner.start.value = "demand_up"
    assert planner.wish.rescue_share is None
    assert planner.wish.demand == {"A": pytest.approx(1.1)}


def test_the_lines_said_are_a_scenario_file(planner: Planner, tmp_path: Path) -> None:
    """What the desk says can be kept in scenarios.yaml as it stands."""
    planner.start.value = "demonstrated"
    planner.sliders["rescue"].value = 40
    said = lines(planner.wish)
    file = tmp_path / "scenarios.yaml"
    file.write_text(said, encoding="utf-8")

    kept = read_part(file, ScenarioFile, "scenarios").scenarios["mine"]
    assert kept == Scenario(title="My scenario", rescue_share=0.4)
    assert yaml.safe_load(said)["scenarios"]["mine"] == {"title": "My scenario", "rescue_share": 0.4}
