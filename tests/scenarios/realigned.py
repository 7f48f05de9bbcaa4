"""A realignment small enough to work out by hand: one line that is ten hours short, one supplier."""

from __future__ import annotations

from functools import cache
from typing import Any

import pandas as pd

from helpers.scenarios.cases import Notice, Option
from helpers.scenarios.cycle import Cycle
from helpers.scenarios.feasible import feasibility
from helpers.scenarios.network import Network
from helpers.scenarios.playbook import Decision, Playbook, Protected
from helpers.scenarios.realign import Realignment, governed
from helpers.scenarios.replay import WORLDS, Replay
from helpers.scenarios.scenario import APPROVED, FROZEN, Planning, Scenario
from tests.scenarios.networks import network

ASKED = {
    APPROVED: Scenario(title="As approved", production="approved"),
    FROZEN: Scenario(title="One month frozen", frozen=1),
    "capped": Scenario(title="Half of the rescue money", rescue_share=0.5),
    "doubled": Scenario(title="Twice the hours", more_hours={"line": 1.0}, frozen=1),
}
NOTICE = Notice(pd.Timestamp(2026, 1, 1), "month", 1, again=pd.Timestamp(2026, 2, 1))
BUILD_AHEAD = Decision(do="Build ahead.", who="Plant manager")
RULES = Playbook(protected=Protected(families=("A",)), decisions={"T3": BUILD_AHEAD})


def plant(name: str = "A") -> Network:
    """Ten and twenty units of `name` on a line of ten hours a month, overtime at 3 EUR; eight of B, bought.

    B takes a month to come. No family is critical.
    """
    return network(
        {name: [10.0, 20.0], "B": [0.0, 8.0]},
        made={name: {"line": 1.0}},
        hours={"line": {"regular": 10.0, "overtime": 10.0, "rate": 3.0}},
        plan={name: [10.0, 20.0]},
        sources=[{"source": "B, ordered", "product": "B", "supplier": "S", "lead": 1.0}],
    )


def world(cycle: str, name: str, service: float, spent: float) -> dict[str, Any]:
    """One cycle of one world; all it spends is overtime."""
    shares = {"service": service, "critical": 1.0, "asked": 100.0, "asked_critical": 40.0}
    money = {"margin": 100.0 - spent, "capital": 50.0, "compensation": spent}
    kinds = {"overtime": spent, "premium_purchase": 0.0, "expedite_freight": 0.0}
    return {"cycle": pd.Timestamp(cycle), "world": name, **shares, **money, **kinds}


def replayed(recorded: float = 200.0, service: float = 0.8, critical: float = 1.0) -> Replay:
    """Two cycles with everybody on time at 50 EUR as it was decided, at 40 EUR planned anew; 20 EUR under the rules."""
    rows = [
        world(cycle, name, served, spent)
        for cycle in ("2025-11-01", "2025-12-01")
        for name, served, spent in ((WORLDS[0], 1.0, 50.0), (WORLDS[1], 1.0, 40.0), (WORLDS[2], service, 20.0))
    ]
    cycles = pd.DataFrame(rows)
    cycles.loc[cycles["world"] == WORLDS[2], "critical"] = critical
    return Replay(cycles, recorded)


@cache
def solved(name: str) -> dict[str, Any]:
    """What of a realignment takes solving."""
    known = plant(name)
    return {
        "network": known,
        "feasible": feasibility(known),
        "answers": tuple(Planning(known, ASKED, None).answers()),
    }


def raised() -> pd.DataFrame:
    """One exception for the meeting, and one that waits; the price of leaving it is not known."""
    options = (Option("overtime", 30.0, pd.Timestamp(2026, 1, 31)), Option("leave it", float("nan")))
    first = {
        "rank": 1, "kind": "hours", "tier": "margin", "what": "The line lacks 10 hours.", "place": "line",
        "families": ("A",), "period": pd.Timestamp(2026, 2, 1), "size": 10.0, "unit": "hours", "late": 10.0,
        "money": 40.0, "code": "T3", "options": options, "rule": "Build ahead.", "owner": "Plant manager",
        "decide_by": pd.Timestamp(2026, 1, 31), "is_in_meeting": True, "deferred": "",
    }  # fmt: skip
    waits = {"rank": 2, "what": "B is thin.", "money": float("nan"), "options": (), "decide_by": pd.NaT}
    return pd.DataFrame([first, {**first, **waits, "is_in_meeting": False, "deferred": "it comes in time"}])


def cycle() -> Cycle:
    """Two steps, one without an approver."""
    steps = pd.DataFrame(
        {"step": ["supply", "executive"], "kind": ["supply review", None], "proposer": "Planner", "validator": "",
         "approver": ["Chief", ""], "cadence_days": [30.0, float("nan")], "missing": ["", "approver"], "doubled": ""}
    )  # fmt: skip
    calendar = pd.DataFrame(
        {"step": ["supply", "executive S&OP"], "working_day": [8, 15],
         "ends_on": [pd.Timestamp(2026, 1, 12), pd.Timestamp(2026, 1, 21)], "proposes": "Planner",
         "validates": "to be named", "signs": ["Chief", "to be named"], "signed_on": ""}
    )  # fmt: skip
    latency = pd.DataFrame([{"family": "A", "deciding": 8.0, "reaction": 23.0, "protection": float("nan"),
                             "lead": 40.0, "uncovered": float("nan"), "share_of_lead": 0.2}])  # fmt: skip
    notes = ("The last approval is on working day 15: the length of the cycle.",)
    return Cycle(steps, latency, "too_slow", ("Deciding: 8 days against 5 days",), calendar, notes, ("decisions",))


def small(name: str = "A", is_draft: bool = True, **more: Any) -> Realignment:
    """The plant realigned; `more` replaces parts of it."""
    found = {
        **solved(name),
        "playbook": RULES,
        "is_draft": is_draft,
        "faults": ("T3: a rule without a day by which it is decided.",),
        "replay": replayed(),
        "raised": raised(),
        "notice": NOTICE,
        "room": (8, "the median of the meeting's decisions over the last six cycles"),
        "cycle": cycle(),
    }
    if not is_draft:
        found["answers"] = (*found["answers"], governed(RULES, found["network"], 1, is_draft=False))
    return Realignment(**{**found, **more})
