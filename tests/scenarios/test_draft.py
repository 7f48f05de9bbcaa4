"""The drafted playbook: protected, cut and ruled as what happened suggests, in numbers that can be worked out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from helpers.engagement import Engagement
from helpers.scenarios.draft import DO, draft
from helpers.scenarios.feasible import Feasibility
from helpers.scenarios.network import Network
from helpers.scenarios.playbook import Decision, Lever, Playbook
from helpers.scenarios.policy import Policy
from helpers.scenarios.solve import Solution
from tests import builders
from tests.scenarios.networks import network

SEGMENTS = {"export": 0.5, "retail": 0.5}
WEEKS = pd.date_range("2026-01-05", periods=4, freq="7D")
HOURS = pd.DataFrame({"resource": ["line"], "missing": [5.0]})
NONE = pd.DataFrame()


def client(folder: Path, published: Sequence[pd.Timestamp] = (), **tables: pd.DataFrame) -> Engagement:
    """A client who sent demand, these tables, and forecasts published on these days."""
    sales = pd.DataFrame({"period": builders.cycles(4, "2025-10-01"), "item_id": "a", "quantity": 1.0})
    days = list(published)
    forecasts = {"forecast_snapshots": pd.DataFrame({"cycle": days, "item_id": "a", "period": days, "quantity": 1.0})}
    rows = {"items": builders.items(a="A"), "actual_demand": sales, **(forecasts if days else {}), **tables}
    bucket = "week" if days else "month"
    return builders.engagement(folder, rows, bucket=bucket)


def plant(**critical: bool) -> Network:
    """An hour of the line earns 2 with A, 4 with B, 3 with C; one of the oven 2 with B, 1 with C."""
    return network(
        {"A": [10.0], "B": [10.0], "C": [10.0]},
        products={name: {"price": 12.0 if name == "C" else 10.0, "is_critical": critical.get(name, False)}
                  for name in "ABC"},
        made={"A": {"line": 2.0}, "B": {"line": 1.0, "oven": 2.0}, "C": {"line": 2.0, "oven": 6.0}},
        hours={"line": {"regular": 10.0}, "oven": {"regular": 10.0}},
        shares=SEGMENTS,
    )  # fmt: skip


def solved(seen: Network, line: float = 0.0, oven: float = 0.0) -> Solution:
    """An approved plan in which one more hour of each resource is worth so much money, and nothing is made."""
    worth = pd.DataFrame({"resource": ["line", "oven"], "money": [line, oven], "service": 0.0})
    made = pd.DataFrame({"route": seen.routes["route"], "value": 0.0})
    return Solution(seen, Policy(), {"make": made}, {}, worth)


def happened(code: str = "T1", consistency: float = 1.0, answer: str | None = "retail") -> pd.DataFrame:
    """A situation that came up and was settled like this."""
    return pd.DataFrame({"code": [code], "consistency": [consistency], "answer": [answer]})


def drafted(
    engagement: Engagement, seen: Network, occurred: pd.DataFrame, hours: pd.DataFrame = NONE, line: float = 1.0
) -> Playbook:
    """The draft where the line is the bottleneck, or nothing is, and these hours are missing."""
    return draft(engagement, seen, solved(seen, line), occurred, Feasibility(hours, NONE, NONE, NONE))


def test_cut_first_is_the_family_that_earns_least_for_an_hour_of_the_bottleneck(tmp_path: Path) -> None:
    """A where the line is short; C, on which the oven spends six hours, where the oven is."""
    seen, sent, none = plant(), client(tmp_path), happened()[:0]
    short = Feasibility(NONE, NONE, NONE, NONE)

    assert draft(sent, seen, solved(seen, line=2.0, oven=1.0), none, short).cut_first == ("A",)
    assert draft(sent, seen, solved(seen, line=1.0, oven=2.0), none, short).cut_first == ("C",)


def test_critical_families_are_protected_and_never_cut(tmp_path: Path) -> None:
    """A earns least and is critical: C, next, is cut."""
    found = drafted(client(tmp_path), plant(A=True), happened()[:0])

    assert (found.protected.families, found.cut_first) == (("A",), ("C",))


def test_nobody_is_cut_first_where_nothing_tells_whom(tmp_path: Path) -> None:
    """No bottleneck; one family on it alone; all of them critical; nothing priced."""
    sent, none = client(tmp_path), happened()[:0]
    only = network({"A": [10.0]}, made={"A": {"line": 1.0}}, hours={"line": {"regular": 1.0}})

    assert drafted(sent, plant(), none, line=0.0).cut_first == ()
    assert drafted(sent, only, none).cut_first == ()
    assert drafted(sent, plant(A=True, B=True, C=True), none).cut_first == ()
    assert drafted(sent, replace(plant(), is_priced=False), none).cut_first == ()


@pytest.mark.parametrize(("occurred", "first"), [
    (happened(consistency=0.5), ("retail",)),
    (happened(consistency=0.49), ()),
    (happened(answer="wholesale"), ()),
    (happened(answer=None, consistency=float("nan")), ()),
    (happened(code="T2"), ()),
])  # fmt: skip
def test_the_segment_that_is_served_first_every_other_time_is_protected(
    tmp_path: Path, occurred: pd.DataFrame, first: tuple[str, ...]
) -> None:
    """From half of the shortages on, and only one that the network knows."""
    assert drafted(client(tmp_path), plant(), occurred).protected.segments == first


def test_rescues_are_open_to_the_protected_up_to_the_margin(tmp_path: Path) -> None:
    """Everything else is as without a file."""
    found = drafted(client(tmp_path), plant(), happened()[:0], line=0.0)

    assert found == Playbook(couriers=Lever(whom="protected"), rushed_purchases=Lever(whom="protected"))


def test_only_what_came_up_is_ruled(tmp_path: Path) -> None:
    """T2 came up; hours that are missing ask for a rule for overload too."""
    sent = client(tmp_path)

    assert set(drafted(sent, plant(), happened("T2")).decisions) == {"T2"}
    assert set(drafted(sent, plant(), happened("T2"), hours=HOURS).decisions) == {"T2", "T3"}
    assert drafted(sent, plant(), happened("T2")).rule("T2").do == DO["T2"]


def test_who_decides_is_who_owns_the_rule_in_force_else_who_approves_last(tmp_path: Path) -> None:
    """The owner of the rule for T1; for T2, which no rule is for, the approver of the last step; nobody is made up."""
    rules = pd.DataFrame({"rule_id": ["R1"], "situation": ["T1"], "owner": ["Head of Sales"]})
    steps = pd.DataFrame({"step": ["executive"], "approver": ["Chief"]})
    both = pd.concat([happened("T1"), happened("T2")])
    sent = client(tmp_path / "sent", decision_rules=rules, process_roles=steps)

    decided = drafted(sent, plant(), both).decisions
    assert {code: rule.who for code, rule in decided.items()} == {"T1": "Head of Sales", "T2": "Chief"}
    assert drafted(client(tmp_path / "none"), plant(), both).rule("T2").who == ""


def test_it_is_decided_within_ten_days_or_the_cycle_where_that_is_shorter(tmp_path: Path) -> None:
    """Weekly plans leave seven days, plans every other week ten; the cycle of a client without plans is not known."""
    weekly = drafted(client(tmp_path / "weekly", WEEKS), plant(), happened("T2"))
    other = drafted(client(tmp_path / "other", WEEKS[::2]), plant(), happened("T2"))
    unknown = drafted(client(tmp_path / "unknown"), plant(), happened("T2"))

    assert weekly.rule("T2") == Decision(do=DO["T2"], within_days=7)
    assert [rules.rule("T2").within_days for rules in (other, unknown)] == [10, 10]
