"""Coverage: which cycles and families had a decision in time, so that a reaction was governed, not improvised."""

from __future__ import annotations

import ibis
import pandas as pd

from helpers.engagement import Engagement
from helpers.measures.intervals import in_intervals


def decided_families(engagement: Engagement) -> pd.DataFrame:
    """Families with a decision of the cycle taken before its interval closed, one row per `label` and `family`.

    A decision without a family covers every family: it appears once for each family of `items`.
    """
    dated = in_intervals(engagement, engagement.table("decisions"), "cycle")
    taken = dated.filter(dated.decided_on < dated.ends_on).select("label", "family").distinct()
    families = engagement.table("items").select(of_item="family").distinct()
    covered = taken.join(families, [taken.family.isnull() | (taken.family == families.of_item)])
    return engagement.frame(covered.select("label", family=ibis._.of_item).distinct())


def has_governance(engagement: Engagement) -> bool:
    """Whether the client keeps decisions, so that a missing one means something."""
    return engagement.has("decisions.decided_on")
