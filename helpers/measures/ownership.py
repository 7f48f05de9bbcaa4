"""Ownership of open gaps: whether somebody took a dated decision about them before the next cycle."""

from __future__ import annotations

import pandas as pd

from helpers.engagement import Engagement, once

NEEDS = ("decisions", "decisions.decided_on")


@once
def decided_families(engagement: Engagement, first: str, second: str) -> pd.DataFrame:
    """Families whose gap between two functions was decided inside the cycle's interval, by somebody with a name.

    A decision without a family covers all of them, where topics are kept only when its topic names the gap: a standing
    item of the agenda settles no quarrel. Where owners are not kept, the dated decision is enough. Once the log has
    named such a gap in a topic (both functions appear in it), only decisions that name it count, because the client
    keeps them apart then; before that, and without topics, any decision of the family does.

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
    general = taken.family.isnull() & (taken.names_gap | taken.topic.isnull())
    covered = taken.inner_join(items, general | (taken.family == items.named))
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


def knowable(rows: pd.DataFrame, is_open: pd.Series, blocked: pd.Series) -> pd.DataFrame:
    """How many of the open gaps could be seen before the plan was approved (D5).

    A gap could be seen when the positions before the meeting were that far apart already or when it had been open in
    the cycle before; a plan without the hours for it always could.

    Parameters
    ----------
    rows
        One row per `label` and `family`: `log_ratio` before the meeting, `amber` (the limit of the gap).
    is_open, blocked
        Which rows are open gaps, and which infeasible approvals.

    Returns
    -------
    One row per `label` with any of them: `name` (D5), `value` (share).
    """
    ordered = rows.assign(is_open=is_open).sort_values(["family", "label"])
    before = ordered.groupby("family")["is_open"].shift().eq(other=True).reindex(rows.index)
    seen = blocked | before | (rows["log_ratio"].astype(float).abs() >= rows["amber"].astype(float))
    share = seen[is_open | blocked].astype(float).groupby(rows["label"]).mean()
    return share.rename("value").reset_index().assign(name="D5")
