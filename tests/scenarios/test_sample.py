"""What the model says of the sample company, whose story is known, and of its healthy twin."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from helpers.diagnosis import open_engagement
from helpers.engagement import Engagement
from helpers.measures.service import otif
from helpers.measures.tradeoffs import tradeoffs
from helpers.scenarios.draft import draft
from helpers.scenarios.feasible import RESCUED, feasibility
from helpers.scenarios.gather import network_of
from helpers.scenarios.replay import WORLDS, replay
from helpers.scenarios.solve import solve

ROOT = Path(__file__).resolve().parents[2]
SLOW_LINE, SINCE = (
    "R50",
    pd.Timestamp(2025, 10, 1),
)  # the line that is slower than its card; seven cycles before OTIF falls


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Engagement:
    """The sample company, taken in."""
    return open_engagement(ROOT / "sample_data", tmp_path_factory.mktemp("sample"))


@pytest.fixture(scope="module")
def twin(tmp_path_factory: pytest.TempPathFactory) -> Engagement:
    """Its healthy twin, taken in."""
    return open_engagement(ROOT / "sample_data/healthy_twin", tmp_path_factory.mktemp("twin"))


def test_the_plan_is_infeasible_before_service_falls(sample: Engagement) -> None:
    """Seven cycles before OTIF falls two points below target, hours of the slow line make promises late."""
    service = otif(sample).set_index("label")["otif"]
    falls = service[service < sample.settings.otif.target - 0.02].index
    found = feasibility(network_of(sample.at(SINCE)))

    late = found.units[found.units["constraint"] == "hours"]
    assert falls.min() > SINCE + pd.DateOffset(months=6)
    assert set(late["at"]) == {SLOW_LINE}
    assert late["late"].sum() > 0
    assert found.rescue.loc[found.rescue["kind"] == "overtime", "at"].unique().tolist() == [SLOW_LINE]


def test_the_plan_of_the_healthy_twin_keeps_its_promises(twin: Engagement) -> None:
    """The same cycle of a volatile but healthy business: nothing is late for want of hours."""
    found = feasibility(network_of(twin.at(SINCE)))

    assert "hours" not in set(found.units["constraint"])


def test_the_rules_cost_less_and_serve_critical_customers_no_worse(sample: Engagement) -> None:
    """Compensation falls against what was decided and against planning anew; who is protected is no later."""
    network = network_of(sample)
    playbook = draft(sample, network, solve(network, RESCUED), tradeoffs(sample), feasibility(network))

    replayed = replay(sample, playbook, last=3)

    before, anew, after = (replayed.total(world) for world in WORLDS)
    for other in (before, anew):  # the rules themselves save, not only that everything is planned anew
        assert after["compensation"] < 0.8 * other["compensation"]
        assert after["critical"] >= other["critical"] - 1e-4
        assert after["margin"] >= other["margin"]
    assert before["compensation"] / replayed.recorded == pytest.approx(1 / 3, abs=0.1)  # README: a third
