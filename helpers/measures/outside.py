"""What came from outside: whether an exogenous event had hit a subject by then, answered well or not."""

from __future__ import annotations

import pandas as pd

from helpers import periods
from helpers.engagement import Engagement

EFFECT_BUCKETS = 3


def touched(engagement: Engagement, labels: pd.Series, subjects: pd.Series) -> pd.Series:
    """Whether an exogenous event, known by then, hit the subject in the three buckets up to each label, row by row.

    An event on an item hits its family too. Covered or not: for the question whether the market or a mistake was at
    work, not for excuses.
    """
    if labels.empty:
        return pd.Series(dtype=bool, index=labels.index)
    named, bucket = _named_events(engagement), engagement.settings.bucket
    opens = [periods.shift(day, bucket, 1 - EFFECT_BUCKETS) for day in labels]
    window = pd.DataFrame({"row": labels.index, "subject_id": subjects, "opens": opens})
    met = window.assign(closed=engagement.calendar.known_on(labels, "fact")).merge(named, on="subject_id")
    seen = met["known_on"].fillna(met["starts_on"]) <= met["closed"]
    inside = seen & (met["starts_on"] < met["closed"]) & (met["ends_on"].fillna(met["starts_on"]) >= met["opens"])
    return pd.Series(labels.index.isin(met.loc[inside, "row"]), index=labels.index)


def _named_events(engagement: Engagement) -> pd.DataFrame:
    """Exogenous events under their subject and, for items, under its family: `subject_id` and their dates."""
    events, items = engagement.table("events"), engagement.table("items")
    hit = events.filter(events.exogenous & events.subject_id.notnull())
    dated = hit.select("subject_id", "starts_on", "ends_on", "known_on")
    of_family = dated.inner_join(items.select(subject_id=items.item_id, family=items.family), "subject_id")
    lifted = of_family.select(subject_id=of_family.family, **{day: of_family[day] for day in dated.columns[1:]})
    return engagement.frame(dated.union(lifted))
