"""Governed money: the part of compensation that a decision of its cycle covers."""

from __future__ import annotations

import pandas as pd

from helpers.engagement import Engagement, once
from helpers.measures.compensation import compensation
from helpers.measures.coverage import RESCUE_WORDS
from helpers.measures.decisions import decided_families
from helpers.measures.queues import resource_families


@once
def ungoverned_compensation(engagement: Engagement) -> pd.DataFrame:
    """Compensation costs that nobody decided on, one row per `label`: `amount`, `ungoverned` (currency).

    Money is covered when a decision about rescues was taken before the interval closed for its family, or for a family
    that its resource makes: overtime is agreed for a line, whoever is named.
    """
    spent = compensation(engagement, "family", "resource_id")
    decided = decided_families(engagement, RESCUE_WORDS).assign(decided=True)
    made = resource_families(engagement)[["label", "resource_id", "family"]].merge(decided, on=["label", "family"])
    lines = made[["label", "resource_id"]].drop_duplicates().assign(line=True)
    both = spent.merge(decided, on=["label", "family"], how="left", validate="many_to_one")
    both = both.merge(lines, on=["label", "resource_id"], how="left", validate="many_to_one")
    both["ungoverned"] = both["amount"].where(both["decided"].isna() & both["line"].isna(), 0.0)
    return both.groupby("label", as_index=False)[["amount", "ungoverned"]].sum()
