"""What a rescue may cost: the model pays up to the playbook's price, and not a cent beyond."""

from __future__ import annotations

import pandas as pd
import pytest

from helpers.scenarios.feasible import RESCUED
from helpers.scenarios.network import Network
from helpers.scenarios.outcome import misses, outcome, rescues
from helpers.scenarios.playbook import Lever, Playbook, Protected, policy_of
from helpers.scenarios.solve import Solution, solve
from tests.scenarios.networks import network

SEGMENTS = {"export": 0.5, "retail": 0.5}


def plant(rate: float = 5.0, **more: float) -> Network:
    """Twenty units asked for, half by each segment, ten regular hours, overtime at `rate`; a unit earns 4."""
    line = {"regular": 10.0, "overtime": 10.0, "rate": rate}
    return network({"A": [20.0]}, made={"A": {"line": 1.0}}, hours={"line": line}, shares=SEGMENTS, **more)


def planned(plant: Network, **rules: object) -> Solution:
    """The plan under a playbook that protects nobody unless it says so."""
    return solve(plant, policy_of(Playbook.model_validate(rules), plant))


def overtime(plan: Solution) -> float:
    """Hours of overtime."""
    return float(plan.amounts["over"]["value"].sum())


@pytest.mark.parametrize(("share", "hours"), [(1.0, 0.0), (1.25, 10.0), (2.0, 10.0), (0.0, 0.0)])
def test_overtime_is_paid_up_to_its_share_of_the_margin(share: float, hours: float) -> None:
    """An hour at 5 saves a unit that earns 4: from five quarters of the margin on it is worth it."""
    assert overtime(planned(plant(), overtime_up_to=share + 1e-6)) == pytest.approx(hours, abs=1e-4)


def test_who_is_protected_is_rescued_at_any_price() -> None:
    """Retail is served from the ten regular hours; at twelve hours' worth of demand two more are worked at 500."""
    dear = plant(rate=500.0)
    plan = planned(dear, protected={"segments": ["retail"]}, overtime_up_to=0)

    assert overtime(plan) == pytest.approx(0.0, abs=1e-4)
    assert misses(plan).set_index("segment")["missed"].round(3).to_dict() == {"export": 10.0, "retail": 0.0}

    both = planned(dear, protected={"segments": ["retail", "export"]}, overtime_up_to=0)
    assert overtime(both) == pytest.approx(10.0, abs=1e-4)


def test_who_is_cut_first_gets_no_rescue_but_what_is_free() -> None:
    """Overtime at 1 is worth it for B, which earns 4, not for A, which is cut; A gets the regular hours left."""
    two = network(
        {"A": [10.0], "B": [10.0]},
        made={"A": {"line": 1.0}, "B": {"line": 1.0}},
        hours={"line": {"regular": 5.0, "overtime": 20.0, "rate": 1.0}},
    )

    plan = planned(two, cut_first=["A"], overtime_up_to=1.0)

    late = misses(plan).set_index("product")["missed"]
    assert late.round(3).to_dict() == {"A": 10.0, "B": 0.0}
    assert overtime(plan) == pytest.approx(5.0, abs=1e-4)

    roomy = network({"A": [10.0]}, made={"A": {"line": 1.0}}, hours={"line": {"regular": 15.0}})
    assert misses(planned(roomy, cut_first=["A"]))["missed"].sum() == pytest.approx(0.0, abs=1e-4)


@pytest.mark.parametrize(("whom", "up_to", "sent"), [
    ("everyone", 1.0, 2.0), ("protected", 1.0, 1.0), ("nobody", 1.0, 0.0), ("everyone", 0.25, 0.0),
])  # fmt: skip
def test_couriers_go_for_whom_and_up_to_what_the_playbook_says(whom: str, up_to: float, sent: float) -> None:
    """A tenth of twenty units is urgent, a courier costs 2 where a unit earns 4."""
    calm = plant(rate=1.0, urgent=0.1, courier=2.0)
    rules = {"protected": {"segments": ["retail"]}, "couriers": {"whom": whom, "up_to": up_to}}

    plan = planned(calm, **rules)

    assert plan.amounts["sped"]["value"].sum() == pytest.approx(sent, abs=1e-4)
    assert outcome(plan).rescue["expedite_freight"] == pytest.approx(2 * sent, abs=1e-3)


def test_no_courier_is_paid_for_what_is_not_shipped() -> None:
    """Nothing can be made: everything is late, nothing is slow, and nobody drives."""
    nothing = network({"A": [20.0]}, made={"A": {"line": 1.0}}, hours={"line": {}}, urgent=0.5, courier=1.0)

    plan = solve(nothing, policy_of(Playbook(protected=Protected(families=("A",)), couriers=Lever()), nothing))

    assert plan.amounts["sped"]["value"].sum() == pytest.approx(0.0, abs=1e-6)
    assert misses(plan)["missed"].sum() == pytest.approx(20.0, abs=1e-4)


def test_a_playbook_that_names_everybody_protects_every_pair() -> None:
    """Families and segments add up: all of A, and retail everywhere."""
    two = network({"A": [1.0], "B": [1.0]}, shares=SEGMENTS)
    chosen = policy_of(Playbook(protected=Protected(families=("A",), segments=("retail",))), two).protected

    assert isinstance(chosen, pd.MultiIndex)
    assert sorted(chosen) == [("A", "export"), ("A", "retail"), ("B", "retail")]


@pytest.mark.parametrize(("extra", "bought"), [(1.9, True), (50.0, False)])
def test_a_rush_is_open_up_to_its_share_of_the_margin_where_it_can_be_ordered_as_usual_too(
    extra: float, bought: bool
) -> None:
    """Half of a margin of 4: the ordinary source costs nothing more and says nothing of the rushed one."""
    ways = [{"source": "usual", "product": "A", "lead": 2.0},
            {"source": "rushed", "product": "A", "extra": extra, "is_rush": True}]  # fmt: skip
    supply = network({"A": [20.0]}, sources=ways)
    rules = Playbook(protected=Protected(families=("A",)), rushed_purchases=Lever(whom="protected", up_to=0.5))

    assert policy_of(rules, supply).rushed_for == (frozenset({"A"}) if bought else frozenset())


def test_hours_whose_price_nobody_knows_are_worked_last() -> None:
    """A hundred are open and ten are needed: no more are worked, however little they seem to cost."""
    line = {"regular": 10.0, "overtime": 100.0, "rate": 0.0}
    loose = network({"A": [20.0]}, made={"A": {"line": 1.0}}, hours={"line": line}, plan={"A": [20.0]})
    figures = rescues(solve(loose, RESCUED, until="money"))

    assert figures["quantity"].sum() == pytest.approx(10.0, abs=1e-3)
    assert figures["amount"].isna().all()


def test_overtime_whose_price_nobody_knows_has_no_price() -> None:
    """Ten hours are worked, and what they cost is missing, not 0; so is what is left of the margin."""
    plan = solve(plant(rate=0.0), policy_of(Playbook(protected=Protected(families=("A",))), plant(rate=0.0)))

    figures = outcome(plan)
    assert overtime(plan) == pytest.approx(10.0, abs=1e-4)
    assert pd.isna(figures.rescue["overtime"])
    assert pd.isna(figures.compensation)
    assert pd.isna(figures.margin)
