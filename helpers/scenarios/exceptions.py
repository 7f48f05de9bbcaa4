"""Exceptions worth a meeting: what the next cycle has to decide, ranked, priced, and cut to what one meeting can clear.

Critical service comes first, then margin, then efficiency; within them the money at stake.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from helpers.engagement import Engagement
from helpers.measures.ahead import Level
from helpers.measures.cadence import cycle_length
from helpers.measures.cycle_steps import approver_for
from helpers.measures.decisions import cleared_in_a_meeting
from helpers.measures.risk import DAYS
from helpers.measures.rules import owners_by_situation, rules_by_situation
from helpers.periods import shift
from helpers.scenarios.approved_plan import Plan
from helpers.scenarios.cases import NO_DAY, TIERS, Case, Notice
from helpers.scenarios.data_cases import data_cases
from helpers.scenarios.feasible import Feasibility
from helpers.scenarios.network import Network
from helpers.scenarios.plan_cases import plan_cases
from helpers.scenarios.playbook import Playbook
from helpers.scenarios.scenario import Answer

USUALLY_CLEARED = 10  # exceptions a meeting, where the log does not tell; by judgement
NOBODY = "nobody named"
NO_RULE = "no rule says what to do"
FIELDS = ("kind", "tier", "what", "place", "families", "period", "size", "unit", "late", "money", "code", "options")
COLUMNS = ("rank", *FIELDS, "rule", "owner", "decide_by", "is_in_meeting", "deferred")


def exceptions(
    engagement: Engagement,
    network: Network,
    feasible: Feasibility,
    approved: Answer,
    playbook: Playbook,
    level: Level = "family",
) -> pd.DataFrame:
    """What the next cycle has to decide, one row an exception: everything that has one cause is one.

    Parameters
    ----------
    feasible, approved
        What of the approved plan cannot be executed, and the plan as solved with its rescues.
    playbook
        The rules of the client, else the draft.

    Returns
    -------
    In the order of `rank`: `kind`, `tier`, `what` (a sentence), `place` (resource, supplier or family), `families`,
    `period` (the first it strikes), `size` in `unit`, `late` (units late because of it), `money` (currency at stake,
    not lost: the margin of all late or moved units, the amount of decisions, a year of carrying a buffer that is too
    high; what leaving it costs is the price of that option), `code` and `rule` (what is done by it), `owner`, `options`
    (a tuple of `Option`), `decide_by` (the last day on which all of them are open; the as-of date means now). Missing:
    not known, never 0. `is_in_meeting`, and for the others in `deferred` why not.
    """
    notice = notice_of(engagement)
    plan = Plan(network, feasible, approved, playbook, notice)
    found = [*plan_cases(plan), *data_cases(engagement, network, feasible, level)]
    ranked = sorted(found, key=_order)
    rows = pd.DataFrame([_row(engagement, playbook, case) for case in ranked], columns=[*COLUMNS[1:-2]])
    reasons = _deferred(engagement, ranked, notice)
    return rows.assign(
        rank=range(1, len(rows) + 1), is_in_meeting=[not reason for reason in reasons], deferred=reasons
    )[[*COLUMNS]]


def _order(case: Case) -> tuple[int, bool, float, float, str]:
    """Known money before unknown, the largest first; then the size, so that runs repeat."""
    unknown = pd.isna(case.money)
    return TIERS.index(case.tier), unknown, 0.0 if unknown else -case.money, -case.size, case.what


def _row(engagement: Engagement, playbook: Playbook, case: Case) -> dict[str, object]:
    values = {name: getattr(case, name) for name in FIELDS}
    ruled = {"rule": _rule(engagement, playbook, case.code), "owner": _owner(engagement, playbook, case)}
    return {**values, **ruled, "decide_by": case.decide_by}


def _rule(engagement: Engagement, playbook: Playbook, code: str) -> str:
    """What the playbook does in a situation, else the rules in force by their names."""
    said = playbook.rule(code).do.strip()
    rules = rules_by_situation(engagement)
    names = sorted(rules.loc[rules["code"] == code, "rule_id"])
    return said or (f"{', '.join(names)}; the playbook does not say more" if names else NO_RULE)


def _owner(engagement: Engagement, playbook: Playbook, case: Case) -> str:
    """Who has it already, else who decides by the playbook, by the rule in force, or approves the step."""
    in_force = owners_by_situation(engagement).get(case.code, "")
    named = (case.owner, playbook.rule(case.code).who.strip(), in_force)
    return next(filter(None, named), "") or approver_for(engagement, case.code) or NOBODY


# what one meeting can clear


def room_in_a_meeting(engagement: Engagement) -> tuple[int, str]:
    """How many exceptions one meeting can clear, at least one, and where the number comes from."""
    cleared = cleared_in_a_meeting(engagement)
    if pd.isna(cleared):
        return USUALLY_CLEARED, "by judgement: no log of the meeting's decisions was sent"
    return max(1, int(cleared)), "the median of the meeting's decisions over the last six cycles"


def notice_of(engagement: Engagement) -> Notice:
    """Until when what lies ahead can be changed, and when the next meeting is: a cycle after this one."""
    settings, today = engagement.settings, engagement.as_of
    return Notice(today, settings.bucket, settings.time_fences.frozen, _meets_again(engagement))


def _meets_again(engagement: Engagement) -> pd.Timestamp:
    """As many buckets ahead as a cycle holds, which some months are longer than; missing with a single cycle."""
    days, bucket = cycle_length(engagement), engagement.settings.bucket
    if pd.isna(days):
        return NO_DAY
    buckets = round(days / DAYS[bucket])
    return shift(engagement.as_of, bucket, buckets) if buckets else engagement.as_of + pd.Timedelta(days=days)


def _deferred(engagement: Engagement, ranked: Sequence[Case], notice: Notice) -> list[str]:
    """Why each exception stays out of the meeting; empty for those in it."""
    room, _ = room_in_a_meeting(engagement)
    reasons: list[str] = []
    for case in ranked:
        waits = case.tier != TIERS[0] and notice.can_wait(case.decide_by)
        reason = case.aside or ("the next meeting still comes in time" if waits else "")
        is_full = reasons.count("") >= room
        reasons.append(reason or (f"beyond the {room} that one meeting clears" if is_full else ""))
    return reasons
