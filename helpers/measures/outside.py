"""What came from outside: whether an exogenous event had hit a subject by then, answered well or not."""

from __future__ import annotations

import pandas as pd

from helpers import periods
from helpers.engagement import Engagement, once

EFFECT_BUCKETS = 2
WINDOW = 12
FEWEST_LABELS = 6
COMMONEST = 0.60
SUBJECTS = ("family", "item", "supplier", "resource")


@once
def unexplained(engagement: Engagement, contributions: pd.DataFrame) -> pd.DataFrame:
    """D7: share of what a sign counts that fell where no exogenous event had hit, corrected for chance.

    With s the share that events touched and π the share of all cells they touched, both over the last twelve labels,
    D7 = 1 − clip((s − π) / (1 − π), 0, 1); missing where π is above 0.6. Of the dimensions whose members events name
    (family, item, supplier, resource) the one that explains most speaks.

    Parameters
    ----------
    contributions
        As in `Evidence.contributions`.

    Returns
    -------
    One row per `label`: `name` (D7), `value` in 0 to 1; no row without `events.exogenous`.
    """
    nothing = pd.DataFrame(columns=["label", "name", "value"])
    if not engagement.has("events.exogenous"):
        return nothing
    named = contributions[contributions["dimension"].isin(SUBJECTS)].dropna(subset=["value"])
    parts = [_by_dimension(engagement, rows) for _, rows in named.groupby("dimension")]
    found = pd.concat(parts, axis=1, sort=True).min(axis=1).dropna() if parts else pd.Series(dtype=float)
    return found.rename("value").rename_axis("label").reset_index().assign(name="D7") if len(found) else nothing


def _by_dimension(engagement: Engagement, rows: pd.DataFrame) -> pd.Series:
    """D7 by label from the cells of one dimension: every member from the label on in which it is first named."""
    amounts = rows.pivot_table(index="label", columns="value", values="amount", aggfunc="sum")
    cells = (
        amounts.fillna(0.0).where(amounts.notna().cummax()).reset_index().melt("label", value_name="amount").dropna()
    )
    cells["hit"] = touched(engagement, cells["label"], cells["value"])
    cells = cells.assign(counted=cells["amount"] * cells["hit"])
    sums = cells.groupby("label").agg(all=("amount", "sum"), hit=("counted", "sum"), common=("hit", "mean"))
    rolled = sums.rolling(WINDOW, min_periods=FEWEST_LABELS).mean()
    explained = rolled["hit"] / rolled["all"].where(rolled["all"] > 0)
    by_chance = rolled["common"].where(rolled["common"] <= COMMONEST)
    return 1 - ((explained - by_chance) / (1 - by_chance)).clip(0, 1)


@once
def touched(engagement: Engagement, labels: pd.Series, subjects: pd.Series) -> pd.Series:
    """Whether an exogenous event, known by then, hit the subject in the bucket of each label or the one before.

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


@once
def _named_events(engagement: Engagement) -> pd.DataFrame:
    """Exogenous events under their subject and, for items, under its family: `subject_id` and their dates."""
    events, items = engagement.table("events"), engagement.table("items")
    hit = events.filter(events.exogenous & events.subject_id.notnull())
    dated = hit.select("subject_id", "starts_on", "ends_on", "known_on")
    of_family = dated.inner_join(items.select(subject_id=items.item_id, family=items.family), "subject_id")
    lifted = of_family.select(subject_id=of_family.family, **{day: of_family[day] for day in dated.columns[1:]})
    return engagement.frame(dated.union(lifted))
