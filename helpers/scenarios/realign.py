"""Everything a client needs to decide on the next cycle: feasibility, scenarios, rules, their replay."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from helpers.engagement import Engagement
from helpers.measures import ahead
from helpers.measures.ahead import Level
from helpers.measures.cadence import cycle_length
from helpers.measures.demand import NEEDS as DEMAND
from helpers.measures.tradeoffs import tradeoffs
from helpers.scenarios.cases import Notice
from helpers.scenarios.cycle import Cycle, cycle_table
from helpers.scenarios.draft import draft
from helpers.scenarios.exceptions import exceptions, notice_of, room_in_a_meeting
from helpers.scenarios.feasible import Feasibility, feasibility
from helpers.scenarios.gather import network_of
from helpers.scenarios.network import Network
from helpers.scenarios.outcome import outcome
from helpers.scenarios.playbook import Playbook, check_names, faults, load_playbook, policy_of
from helpers.scenarios.replay import Replay, replay
from helpers.scenarios.scenario import APPROVED, RULES, Answer, Planning, Scenario, load_scenarios, usual
from helpers.scenarios.scenario import check_names as check_scenarios
from helpers.scenarios.solve import solve

Progress = Callable[[str], None]


@dataclass(frozen=True, eq=False)
class Realignment:
    """From findings to decisions.

    `feasible` is what of the approved plan cannot be executed; `answers` the scenarios, the approved plan first and the
    rules last; `playbook` the rules of the client's file, else a draft (`is_draft`), `faults` what it leaves open or
    says twice; `replay` the last cycles under it; `raised` what the next cycle has to decide and `room`, how much one
    meeting clears; `notice` until when what lies ahead can be changed; `cycle` who does what by when, today and as
    proposed.
    """

    network: Network
    feasible: Feasibility
    answers: tuple[Answer, ...]
    playbook: Playbook
    is_draft: bool
    faults: tuple[str, ...]
    replay: Replay
    raised: pd.DataFrame
    room: tuple[int, str]
    notice: Notice
    cycle: Cycle


def realign(engagement: Engagement, data_dir: Path | None, progress: Progress, level: Level = "family") -> Realignment:
    """Solve, compare and replay.

    Parameters
    ----------
    data_dir
        Where `scenarios.yaml` and `playbook.yaml` may lie; `None` where there is no folder.

    Raises
    ------
    NotAssessable
        The model lacks its data; the columns to ask for are named.
    Unusable
        A file names what is not known, or no plan keeps to its limits.
    """
    rules = load_playbook(data_dir) if data_dir else None
    progress("scenarios: the connected model")
    planning = planning_of(engagement, data_dir, level)
    network = planning.network
    check_scenarios(planning.scenarios, network)
    if rules:
        check_names(rules, network)
    found = feasibility(network)
    progress("scenarios: what the next cycles could be")
    solved = planning.answers()
    occurred = tradeoffs(engagement)
    playbook = rules or draft(engagement, network, solved[0].solution, occurred, found)
    solved.append(governed(playbook, network, engagement.settings.time_fences.frozen, is_draft=rules is None))
    raised = exceptions(engagement, network, found, solved[0], playbook, level)
    progress("scenarios: the last cycles under the rules")
    return Realignment(
        network=network,
        feasible=found,
        answers=tuple(solved),
        playbook=playbook,
        is_draft=rules is None,
        faults=tuple(faults(playbook, network, occurred, cycle_length(engagement))),
        replay=replay(engagement, playbook, level),
        raised=raised,
        room=room_in_a_meeting(engagement),
        notice=notice_of(engagement),
        cycle=cycle_table(engagement, raised),
    )


def governed(playbook: Playbook, network: Network, frozen: int, *, is_draft: bool) -> Answer:
    """The next cycles under the playbook: planned anew behind the `frozen` periods, rescued as far as the rules go."""
    asked = Scenario(title=f"Under the {'draft of the rules' if is_draft else 'rules'}", frozen=frozen)
    solution = solve(network, policy_of(playbook, network, frozen))
    return Answer(RULES, asked, solution, outcome(solution))


def planning_of(engagement: Engagement, data_dir: Path | None, level: Level = "family") -> Planning:
    """What the next cycles are asked: the scenarios of the client's file, where there are any, else the usual ones.

    The approved plan stands first, whether the file names it or not.

    Raises
    ------
    NotAssessable, Unusable
        As for `realign`.
    """
    own = load_scenarios(data_dir) if data_dir else None
    network = network_of(engagement, level)
    ordinary = usual(network, engagement.settings.time_fences.frozen)
    asked = {APPROVED: ordinary[APPROVED], **(own or ordinary)}
    return Planning(network, asked, _required_stock(engagement, level))


def _required_stock(engagement: Engagement, level: Level) -> pd.DataFrame | None:
    """The safety stock that measured risk asks for, where stock and demand were sent."""
    return ahead.required_stock(engagement, level) if engagement.has("inventory_snapshots", DEMAND) else None
