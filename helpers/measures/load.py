"""Load against what a resource has proved: the plan when it was approved, planned and demonstrated capacity."""

from __future__ import annotations

import pandas as pd

from helpers.engagement import Engagement, once
from helpers.measures import capacity

KEYS = ["label", "resource_id"]
CYCLES_SHOWN = 12
LOAD, BEYOND, PROVED, PLANNED = "planned load", "beyond proved", "demonstrated", "planned + overtime"


@once
def demonstrated_gap(engagement: Engagement) -> pd.DataFrame:
    """Planned load on demonstrated capacity when the plan was approved, and its `gap` to that on planned capacity.

    Returns
    -------
    One row per `label`, `resource_id`: `demonstrated` and `load` (ratios), `gap` = their difference, and in hours:
    `hours` planned, `capacity` (planned hours and planned overtime), `proved` and `beyond` from `proved_hours`.
    """
    fence = engagement.settings.demand_fence
    real = capacity.demonstrated_load(engagement, fence).rename(columns={"load": "demonstrated"})
    both = real.merge(capacity.planned_load(engagement, fence), on=KEYS, validate="one_to_one")
    proved = proved_hours(capacity.proved_by_bucket(engagement, fence))
    both = both.merge(proved, on=KEYS, validate="one_to_one")
    return both.assign(gap=both["demonstrated"] - both["load"])


def proved_hours(buckets: pd.DataFrame) -> pd.DataFrame:
    """Hours a resource has proved, and planned work beyond them: one row per `label`, `resource_id`.

    An idle week gives no hours to a full one: what lies beyond is found bucket by bucket, then both are added up.

    Parameters
    ----------
    buckets
        From `measures.capacity.proved_by_bucket`.

    Returns
    -------
    `proved`, missing where a bucket of the label has proved nothing yet, and `beyond` ≥ 0 of the buckets that have.
    """
    over = (buckets["work"] - buckets["proved"]).clip(lower=0.0)
    known = buckets["proved"].gt(0)
    rows = buckets.assign(beyond=over.where(known, 0.0), proved=buckets["proved"].where(known), known=known)
    sums = rows.groupby(KEYS, as_index=False).agg(
        proved=("proved", "sum"), beyond=("beyond", "sum"), known=("known", "all")
    )
    return sums.assign(proved=sums["proved"].where(sums["known"])).drop(columns="known")


def most_rescued(measured: pd.DataFrame) -> list[str]:
    """The two resources with most `severity` in the last twelve labels; the largest one where none has any.

    Parameters
    ----------
    measured
        One row per `label` and `resource_id`: `severity`, `planned_hours`.
    """
    last = measured[measured["label"].isin(sorted(measured["label"].unique())[-CYCLES_SHOWN:])]
    sums = last.groupby("resource_id")[["severity", "planned_hours"]].sum()
    ranked = sums.sort_values(["severity", "planned_hours"], ascending=False)
    return list(ranked.index[: max(1, min(2, int((ranked["severity"] > 0).sum())))])


def load_by_part(ahead: pd.DataFrame, resource: str) -> pd.DataFrame:
    """Hours of one resource, split at what it has proved: one row per `label` and `part`: `hours`.

    Parts: the planned `LOAD` up to the demonstrated capacity, and `BEYOND` it; and, to hold them against, the hours
    `PROVED` and `PLANNED` with overtime. Where nothing is demonstrated yet, the whole load is `LOAD` and `PROVED` is
    missing; no rows where it never is.

    Parameters
    ----------
    ahead
        From `demonstrated_gap`.
    """
    rows = ahead[ahead["resource_id"] == resource]
    if rows["proved"].isna().all():
        return pd.DataFrame(columns=["label", "part", "hours"])
    beyond, proved = rows["beyond"], rows["proved"]
    parts = {LOAD: rows["hours"] - beyond, BEYOND: beyond, PROVED: proved, PLANNED: rows["capacity"]}
    hours = [pd.DataFrame({"label": rows["label"], "part": part, "hours": amount}) for part, amount in parts.items()]
    return pd.concat(hours, ignore_index=True)
