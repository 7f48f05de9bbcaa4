"""What is usual for a unit: the median of its first values, so that getting used to trouble does not hide it."""

from __future__ import annotations

import pandas as pd

from helpers.engagement import Engagement
from helpers.measures.capacity import capacity_hours, planned_quantity

FEWEST_PAST, OWN_PAST = 3, 12


def first_median(own: pd.Series) -> pd.Series:
    """Median of the values before each one, never of more than the first twelve; missing before the fourth value."""
    medians = own.expanding(FEWEST_PAST).median().iloc[:OWN_PAST]
    return medians.reindex(own.index).ffill().shift()


def planned_pace(engagement: Engagement) -> pd.DataFrame:
    """What the last plan asked of a planned hour against what it usually asks, by `label` and `resource_id`: `pace`.

    1 = as ever; missing before the resource has a past. Stands in for its load where the plan knows no hours.
    """
    keys = ["label", "resource_id"]
    rows = capacity_hours(engagement).merge(planned_quantity(engagement), on=keys, how="left", validate="one_to_one")
    rows = rows.sort_values(["resource_id", "label"], ignore_index=True)
    rows["asked"] = rows["quantity"] / rows["planned_hours"].where(rows["planned_hours"] > 0)
    usual = rows.groupby("resource_id")["asked"].transform(first_median)
    return rows.assign(pace=rows["asked"] / usual.where(usual > 0))[[*keys, "pace"]]
