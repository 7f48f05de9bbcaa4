"""Who does what in the cycle: steps nobody checks or approves, steps approved by their proposer, ownerless decisions.

Nobody is named: the finest grain is the step.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from helpers.engagement import Engagement

WINDOW = 6
NAMES = ("proposer", "validator", "approver")


@dataclass(frozen=True)
class Roles:
    """Steps of the process by what they lack, and decisions without an owner over the last six labels.

    A list is `None` where its columns were not sent at all; `missing` names them.
    """

    steps: int
    without_validator: tuple[str, ...] | None
    without_approver: tuple[str, ...] | None
    approved_by_proposer: tuple[str, ...] | None
    decisions: int
    without_owner: int | None
    missing: tuple[str, ...]


def roles(engagement: Engagement) -> Roles:
    """Roles as they are described today, and ownership of the decisions raised lately.

    A column that is wholly empty was not sent; a single empty cell is a step without that role.
    """
    steps = engagement.frame(engagement.table("process_roles").select("step", *NAMES))
    named = {name: steps[name].fillna("").str.strip().str.casefold() for name in NAMES}
    told = {name: bool((values != "").any()) for name, values in named.items()}
    same = (named["proposer"] == named["approver"]) & (named["proposer"] != "")
    raised, ownerless = _ownerless(engagement)
    absent = tuple(f"process_roles.{name}" for name in NAMES if not told[name]) if len(steps) else ("process_roles",)
    return Roles(
        steps=len(steps),
        without_validator=_listed(steps, named["validator"] == "", told["validator"]),
        without_approver=_listed(steps, named["approver"] == "", told["approver"]),
        approved_by_proposer=_listed(steps, same, told["proposer"] and told["approver"]),
        decisions=raised,
        without_owner=ownerless,
        missing=(*absent, *engagement.missing("decisions.owner")),
    )


def approver_of_last_step(engagement: Engagement) -> str:
    """The role that approves the last step of the cycle; empty where none was sent."""
    if not engagement.has("process_roles.approver"):
        return ""
    steps = engagement.standing("process_roles")
    rows = engagement.frame(steps.select("step", "approver"))
    final = rows[rows["step"].str.contains("executive|s&op", case=False, na=False)]
    named = (final if len(final) else rows)["approver"].dropna()
    return str(named.iloc[-1]) if len(named) else ""


def _listed(steps: pd.DataFrame, hit: pd.Series, told: bool) -> tuple[str, ...] | None:
    return tuple(steps.loc[hit, "step"]) if told else None


def _ownerless(engagement: Engagement) -> tuple[int, int | None]:
    rows = engagement.frame(engagement.table("decisions").select("decision_id", "raised_on", "owner"))
    recent = rows[rows["raised_on"] >= engagement.calendar.cycles[-WINDOW - 1 :][0]]
    known = engagement.has("decisions.owner") and len(recent) > 0
    return len(recent), int(recent["owner"].isna().sum()) if known else None
