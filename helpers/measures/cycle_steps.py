"""The steps of an S&OP cycle in their order, and which of them each step of the client's own process is.

Steps are known by the words of their names; the words are defaults by judgement.
"""

from __future__ import annotations

import re

import pandas as pd

from helpers.engagement import Engagement
from helpers.measures.roles import NAMES, approver_of_last_step
from helpers.settings import Situation

DEMAND, SUPPLY, PROCUREMENT = "demand review", "supply review", "procurement review"
RECONCILIATION, EXECUTIVE = "reconciliation", "executive S&OP"
STEPS = (DEMAND, SUPPLY, PROCUREMENT, RECONCILIATION, EXECUTIVE)
# The first that fits: a "pre-S&OP" reconciles, a "supplier review" buys.
WORDS = {
    RECONCILIATION: r"reconcil|pre.?s&op|pre.?sop\b|integrat",
    PROCUREMENT: r"procur|purchas|supplier|sourcing",
    DEMAND: r"demand|sales review|commercial",
    SUPPLY: r"supply|produc|capacit|plant",
    EXECUTIVE: r"executive|s&op|\bsop\b|management",
}
# Which step a situation is prepared in, and whose approver decides it where no rule names somebody.
ANSWERS_FOR: dict[Situation, str] = {
    "T1": DEMAND,
    "T2": PROCUREMENT,
    "T3": SUPPLY,
    "T4": SUPPLY,
    "T5": SUPPLY,
    "T6": DEMAND,
    "T7": RECONCILIATION,
    "T8": DEMAND,
}


def kind_of(step: str) -> str | None:
    """Which of the usual steps a step is, by the words of its name; `None` where they do not tell."""
    return next((kind for kind, words in WORDS.items() if re.search(words, step.casefold())), None)


def steps_sent(engagement: Engagement) -> pd.DataFrame:
    """The client's steps in the order of a cycle; what is none of the usual steps stands before reconciliation.

    Returns
    -------
    One row per row sent: `step`, `kind` (missing where the name does not tell), `proposer`, `validator`, `approver`
    (trimmed, empty where nobody is named) and `cadence_days`.
    """
    rows = engagement.frame(engagement.table("process_roles").select("step", *NAMES, "cadence_days"))
    named = rows.assign(**{name: rows[name].fillna("").str.strip() for name in NAMES})
    kinds = [kind_of(step) for step in named["step"]]
    place = [STEPS.index(kind or RECONCILIATION) - (kind is None) / 2 for kind in kinds]
    ordered = named.assign(kind=pd.Series(kinds, index=named.index, dtype=object), place=place)
    found: pd.DataFrame = ordered.sort_values(["place", "step"], ignore_index=True)
    return found[["step", "kind", *NAMES, "cadence_days"]]


def approver_for(engagement: Engagement, code: str) -> str:
    """The role that approves the step a situation is prepared in, else the last step; empty where none was sent."""
    step = next((step for situation, step in ANSWERS_FOR.items() if situation == code), None)
    rows = steps_sent(engagement)
    named = rows.loc[(rows["kind"] == step) & (rows["approver"] != ""), "approver"]
    return str(named.iloc[0]) if len(named) else approver_of_last_step(engagement)
