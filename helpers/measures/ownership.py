"""Ownership of open gaps: whether somebody took a dated decision about them before the next cycle."""

from __future__ import annotations

import pandas as pd

from helpers.engagement import Engagement

NEEDS = ("decisions", "decisions.decided_on")


def decided_families(engagement: Engagement, first: str, second: str) -> pd.DataFrame:
    """Families whose gap between two functions was decided inside the cycle's interval, by somebody with a name (M2.5).

    A decision without a family covers all of them. Where owners are not kept, the dated decision is enough. Once the
    log has named such a gap in a topic (both functions appear in it), only decisions that name it count, because
    the client keeps them apart then; before that, and without topics, any decision of the family does.

    Returns
    -------
    One row per `label` (cycle, fact-timed) and `family`.
    """
    decisions = engagement.table("decisions")
    items = engagement.table("items").select(named="family").distinct()
    topic = decisions.topic.fill_null("").lower()
    taken = decisions.mutate(names_gap=topic.contains(first) & topic.contains(second))
    if engagement.has("decisions.owner"):
        taken = taken.filter(taken.owner.notnull())
    covered = taken.inner_join(items, taken.family.isnull() | (taken.family == items.named))
    rows = engagement.frame(
        covered.group_by("names_gap", label=covered.cycle, family=covered.named).aggregate(
            decided=covered.decided_on.min(), raised=covered.raised_on.min()
        )
    )
    closed = engagement.calendar.known_on(rows["label"], "fact")
    named_since = rows.loc[rows["names_gap"], "raised"].min()
    counts = rows["names_gap"] | ~(named_since < closed)
    inside = counts & (rows["decided"] < closed)
    found: pd.DataFrame = rows.loc[inside, ["label", "family"]]
    return found.drop_duplicates(ignore_index=True)
