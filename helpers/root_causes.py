"""What lets the signs come back: objectives that pull apart, trade-offs without a rule, parameters with several values.

Root causes carry no verdict and change no status: they are questions, ranked.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import pandas as pd

from helpers.engagement import Engagement
from helpers.measures import objectives, parameters, tradeoffs

MOST_SUBJECTS = 100


@dataclass(frozen=True, eq=False)
class RootCauses:
    """The three root causes as measured, and what to ask for where one could not be.

    Parameters
    ----------
    conflicts
        From `measures.objectives.conflicts`; empty where the objectives were not sent.
    unmapped
        KPIs of which the kit does not know what they make people want.
    tradeoffs
        From `measures.tradeoffs.tradeoffs`.
    has_rules
        Whether rules were sent; without them no rule may be called missing.
    pairs
        From `measures.parameters.pairs`.
    subjects
        The hundred gravest rows at amber or red of `measures.parameters.disagreements`.
    objectives_missing, situations_missing, parameters_missing
        Columns to ask for: of the objectives, by situation code, by parameter.
    """

    conflicts: pd.DataFrame
    unmapped: tuple[str, ...]
    tradeoffs: pd.DataFrame
    has_rules: bool
    pairs: pd.DataFrame
    subjects: pd.DataFrame
    objectives_missing: tuple[str, ...]
    situations_missing: Mapping[str, tuple[str, ...]]
    parameters_missing: Mapping[str, tuple[str, ...]]


def root_causes(engagement: Engagement, recurring: Collection[int]) -> RootCauses:
    """The three root causes of an engagement, as known on its as-of date.

    Parameters
    ----------
    recurring
        Numbers of the signs that recur: they make a conflict of objectives live.
    """
    disagreements = parameters.disagreements(engagement)
    return RootCauses(
        conflicts=objectives.conflicts(engagement, recurring),
        unmapped=objectives.unmapped(objectives.objectives(engagement)),
        tradeoffs=tradeoffs.tradeoffs(engagement),
        has_rules=engagement.has("decision_rules"),
        pairs=parameters.pairs(disagreements),
        subjects=parameters.gravest(disagreements, MOST_SUBJECTS),
        objectives_missing=engagement.missing(*objectives.NEEDS),
        situations_missing=tradeoffs.not_seen(engagement),
        parameters_missing=parameters.missing_values(engagement),
    )
