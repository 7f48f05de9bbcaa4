"""Policy changes: from the date of one on, what came before no longer says how the company is run.

Only `events` of kind `policy_change` restart a sign. `decision_rules.effective_from` does not: a new rule is what this
kit itself advises, it does not say which sign it bears on, and a company that writes one would wipe its record clean
without having kept it.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from helpers.engagement import Engagement, once
from helpers.evidence import Judged

CYCLES_APART = 12


@once
def policy_changes(engagement: Engagement) -> pd.DataFrame:
    """Policy changes in force on the as-of date, one row each, ascending: `on`, `from_cycle`, `unit`.

    `on` is its first day, `from_cycle` the day from which it counts: then, or when it became known if that is later.
    `unit` is what it bears on (missing: on everything). One that follows another of the same unit within twelve cycles
    is left out, so that a company whose policy changes all the time is still judged.
    """
    events = engagement.table("events")
    rows = engagement.frame(
        events.filter(events.kind == "policy_change").select("starts_on", "known_on", unit=events.subject_id)
    )
    rows = rows.assign(on=rows["starts_on"], from_cycle=rows[["starts_on", "known_on"]].max(axis=1))
    known = rows[rows["from_cycle"] <= engagement.as_of].sort_values(["from_cycle", "on"])
    kept: dict[str | None, pd.Timestamp] = {}
    apart = [_is_apart(engagement, kept, *row) for row in zip(known["unit"], known["from_cycle"], strict=True)]
    return known.loc[apart, ["on", "from_cycle", "unit"]].reset_index(drop=True)


def bearing_on(engagement: Engagement, flags: pd.DataFrame, judged: Judged) -> pd.DataFrame:
    """The policy changes that restart a sign: those without a subject and, where each unit is judged, those of a unit.

    Of a sign judged over all units together the change of one leaves the others to be judged.
    """
    changes = policy_changes(engagement)
    return changes[changes["unit"].isna() | (changes["unit"].isin(flags["unit"]) & (judged == "each"))]


def _is_apart(engagement: Engagement, kept: dict[str | None, pd.Timestamp], unit: Any, day: pd.Timestamp) -> bool:
    """Whether the last change kept for the unit lies twelve cycles back or more; `kept` remembers it then."""
    cycles, name = engagement.calendar.cycles, None if pd.isna(unit) else unit
    if name in kept and ((cycles > kept[name]) & (cycles <= day)).sum() < CYCLES_APART:
        return False
    kept[name] = day
    return True


def said(changes: pd.DataFrame) -> str:
    """One sentence that names the changes after which judging began anew; empty without any."""
    if changes.empty:
        return ""
    places = changes["unit"].map(lambda unit: "" if pd.isna(unit) else f" for {unit}")
    named = ", ".join(f"{day:%Y-%m-%d}{place}" for day, place in zip(changes["on"], places, strict=True))
    return f" Judging began anew with the policy change of {named}: breaches before it no longer count."
