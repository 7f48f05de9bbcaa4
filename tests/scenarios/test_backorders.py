"""Who waits and how long: the others are lost, and nobody is lost who could have waited."""

from __future__ import annotations

import pandas as pd
import pytest

from helpers.scenarios.network import Network
from helpers.scenarios.outcome import misses
from helpers.scenarios.playbook import Playbook, policy_of
from helpers.scenarios.policy import Policy
from helpers.scenarios.solve import Solution, solve
from tests.scenarios.networks import months, network

SEGMENTS = {"export": 0.5, "retail": 0.5}


def planned(plant: Network, **rules: object) -> Solution:
    """The plan under a playbook."""
    return solve(plant, policy_of(Playbook.model_validate(rules), plant))


def total(plan: Solution, name: str) -> float:
    """A variable over everything."""
    return float(plan.amounts[name]["value"].sum())


@pytest.mark.parametrize(("whom", "lost"), [
    ("everyone", {"export": 0.0, "retail": 0.0}),
    ("protected", {"export": 10.0, "retail": 0.0}),
    ("nobody", {"export": 10.0, "retail": 10.0}),
])  # fmt: skip
def test_who_does_not_wait_is_lost(whom: str, lost: dict[str, float]) -> None:
    """Ten each in January, twenty come in February; retail is protected."""
    late = network({"A": [20.0, 0.0]}, arrivals={"A": [0.0, 20.0]}, shares=SEGMENTS)

    plan = planned(late, protected={"segments": ["retail"]}, backorders={"whom": whom})

    by_segment = plan.amounts["lost"].groupby("segment")["value"].sum()
    assert by_segment.to_dict() == pytest.approx(lost, abs=1e-4)
    assert total(plan, "ship") == pytest.approx(20.0 - sum(lost.values()), abs=1e-4)


@pytest.mark.parametrize(("longest", "shipped"), [(1, 0.0), (2, 10.0), (3, 10.0), (None, 10.0)])
def test_nobody_waits_longer_than_he_may(longest: int | None, shipped: float) -> None:
    """Ten asked for in January come in March, two months later."""
    late = network({"A": [10.0, 0.0, 0.0]}, arrivals={"A": [0.0, 0.0, 10.0]})

    plan = planned(late, backorders={"longest": longest})

    assert total(plan, "ship") == pytest.approx(shipped, abs=1e-4)
    assert total(plan, "lost") == pytest.approx(10.0 - shipped, abs=1e-4)


@pytest.mark.parametrize(("longest", "shipped"), [(1, 0.0), (2, 10.0)])
def test_backorders_at_the_start_have_waited_a_period(longest: int, shipped: float) -> None:
    """Ten owed, none comes in January: who waits one month at most is lost in it."""
    owing = network({"A": [0.0, 0.0]}, owed={"A": 10.0}, arrivals={"A": [0.0, 10.0]})

    assert total(planned(owing, backorders={"longest": longest}), "ship") == pytest.approx(shipped, abs=1e-4)


@pytest.mark.parametrize("families", [("A",), ()], ids=["protected", "not protected"])
def test_nobody_is_lost_who_could_have_waited(families: tuple[str, ...]) -> None:
    """Ten a month, five hours: fifteen cannot be served in three months, ten of them may still wait at the end.

    To lose all fifteen at once would keep the queue short.
    """
    queue = network({"A": [10.0] * 3}, made={"A": {"line": 1.0}}, hours={"line": {"regular": 5.0}})

    plan = planned(queue, protected={"families": families}, backorders={"longest": 1})

    assert total(plan, "lost") == pytest.approx(5.0, abs=1e-4)


def test_a_loss_is_worth_no_more_than_its_share_of_the_margin_where_nobody_waits() -> None:
    """A unit earns 4: an hour at 5 is not worked for it, an hour at 3 is."""
    dear, cheap = (
        network({"A": [10.0, 0.0, 0.0]}, made={"A": {"line": 1.0}}, hours={"line": {"overtime": 10.0, "rate": rate}})
        for rate in (5.0, 3.0)
    )

    assert total(planned(dear, backorders={"whom": "nobody"}), "lost") == pytest.approx(10.0, abs=1e-4)
    assert total(planned(cheap, backorders={"whom": "nobody"}), "lost") == pytest.approx(0.0, abs=1e-4)


@pytest.mark.parametrize(("asked", "lost", "shipped", "missed"), [(0.0, 10.0, 0.0, 0.0), (3.0, 1.0, 12.0, 1.0)])
def test_who_is_lost_after_waiting_was_missed_once(asked: float, lost: float, shipped: float, missed: float) -> None:
    """Ten of January wait. In February all ten are lost; or they are served first, and one of three new ones is not."""
    plant = network({"A": [10.0, asked]})
    key = pd.MultiIndex.from_product([["A"], ["all"], months(2)], names=["product", "segment", "period"])
    amounts = {"late": [10.0, 0.0], "lost": [0.0, lost], "slow": [0.0, 0.0], "ship": [0.0, shipped]}
    frames = {name: pd.Series(values, key, name="value").reset_index() for name, values in amounts.items()}

    cells = misses(Solution(plant, Policy(), frames, {}, pd.DataFrame()))

    assert cells["missed"].tolist() == [10.0, missed]
