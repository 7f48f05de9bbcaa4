"""Feasibility: whether a published plan could be made with the hours that were known when it was approved."""

from __future__ import annotations

import ibis
import numpy as np
import pandas as pd

from helpers import periods
from helpers.engagement import Engagement, once
from helpers.measures.capacity import plan_work, rate_gaps
from helpers.periods import Bucket

HORIZON = 3
HOURS_WINDOW = 12
RATE_WINDOW = 6
FEWEST_RATES = 3
NEEDS = (
    "production_plan_snapshots",
    "capacity",
    "production_plan_snapshots.hours | items.standard_hours_per_unit",
)


@once
def infeasible_work(engagement: Engagement, *, rated: bool) -> pd.DataFrame:
    """How much of a plan was approved on resources that could not carry it.

    The next three periods count together, so that a lumpy lot is not an overload. Hours are planned hours and planned
    overtime: those of the current period, and for later ones, which are not known yet, the median per working day of
    the last twelve known periods.

    Parameters
    ----------
    rated
        Hours are scaled down by what the last six labels showed of them: available over planned hours, standard over
        actual hours; never up.

    Returns
    -------
    One row per `cycle`, `resource_id`, `family`: `work` planned, `infeasible` (its share of what lies above the hours
    of the resource), both in hours, and `load` of the resource. Resources without known hours are left out.
    """
    planned = _planned(engagement)
    by_resource = planned.groupby(["cycle", "resource_id", "period"])["work"].sum().reset_index()
    hours = _hours_known(engagement, by_resource[["cycle", "resource_id", "period"]])
    both = by_resource.merge(hours, on=["cycle", "resource_id", "period"], validate="one_to_one")
    load = both.groupby(["cycle", "resource_id"], as_index=False)[["work", "hours"]].sum()
    if rated:
        load = load.merge(rated_share(engagement), on=["cycle", "resource_id"], how="left", validate="one_to_one")
        load["hours"] *= load["rated"].fillna(1.0)
    load["load"] = load["work"] / load["hours"].where(load["hours"] > 0)
    rows = planned.groupby(["cycle", "resource_id", "family"], as_index=False)["work"].sum()
    joined: pd.DataFrame = rows.merge(load[["cycle", "resource_id", "load"]].dropna(), on=["cycle", "resource_id"])
    return joined.assign(infeasible=joined["work"] * (1 - 1 / joined["load"].clip(lower=1.0)))


def _planned(engagement: Engagement) -> pd.DataFrame:
    """Work of the next three periods by cycle, resource, family and period."""
    plan = plan_work(engagement)
    step = ibis.interval(months=HORIZON) if engagement.settings.bucket == "month" else ibis.interval(weeks=HORIZON)
    items = engagement.table("items").select("item_id", "family")
    near = plan.filter(plan.period < plan.cycle + step).inner_join(items, "item_id")
    return engagement.frame(near.group_by("cycle", "resource_id", "family", "period").aggregate(work=near.work.sum()))


def _hours_known(engagement: Engagement, cells: pd.DataFrame) -> pd.DataFrame:
    """Hours each cell had, as known at its cycle: its own where the period had opened, else the usual ones per day."""
    capacity = engagement.table("capacity")
    sums = capacity.group_by("resource_id", "period").aggregate(
        hours=(capacity.planned_hours + capacity.planned_overtime_hours.fill_null(0.0)).sum()
    )
    bucket = engagement.settings.bucket
    known = engagement.frame(sums)
    known["daily"] = known["hours"] / working_days(known["period"], bucket)
    usual = pd.concat([_usual(known, cycle) for cycle in engagement.calendar.cycles], ignore_index=True)
    rows = cells.merge(usual, on=["cycle", "resource_id"], how="left", validate="many_to_one")
    rows = rows.merge(known[["resource_id", "period", "hours"]], on=["resource_id", "period"], how="left")
    expected = rows["usual"] * working_days(rows["period"], bucket)
    rows["hours"] = rows["hours"].where(rows["period"] <= rows["cycle"], expected)
    return rows.dropna(subset=["hours"])[["cycle", "resource_id", "period", "hours"]]


def _usual(known: pd.DataFrame, cycle: pd.Timestamp) -> pd.DataFrame:
    recent = known[known["period"] <= cycle].sort_values("period").groupby("resource_id").tail(HOURS_WINDOW)
    return recent.groupby("resource_id")["daily"].median().rename("usual").reset_index().assign(cycle=cycle)


def working_days(opens: pd.Series, bucket: Bucket) -> pd.Series:
    """Weekdays of each bucket, so that a short month is not called a smaller capacity."""
    first = pd.to_datetime(opens)
    ends = first.map(lambda day: periods.shift(day, bucket, 1))
    days = np.busday_count(first.to_numpy().astype("datetime64[D]"), ends.to_numpy().astype("datetime64[D]"))
    return pd.Series(days, index=opens.index, dtype=float)


def rated_share(engagement: Engagement) -> pd.DataFrame:
    """Share of its planned hours that a resource turned into standard hours, as known at each cycle.

    Returns
    -------
    One row per `cycle`, `resource_id`: `rated` (0 to 1) = available ÷ planned × standard ÷ actual hours, median of the
    last six labels; no row with fewer than three labels.
    """
    gaps = rate_gaps(engagement)
    known = gaps.assign(
        known_on=engagement.calendar.known_on(gaps["label"], "fact"),
        gap=gaps[["rate", "hours"]].sum(axis=1, min_count=1),
    ).dropna(subset=["gap"])
    rows: list[pd.DataFrame] = []
    for cycle in engagement.calendar.cycles:
        recent = known[known["known_on"] <= cycle].sort_values("label").groupby("resource_id").tail(RATE_WINDOW)
        found = recent.groupby("resource_id")["gap"].agg(["median", "size"])
        enough = found.loc[found["size"] >= FEWEST_RATES, "median"].clip(lower=0.0)
        rated = np.exp(-enough.to_numpy(float))
        rows.append(pd.DataFrame({"cycle": cycle, "resource_id": enough.index, "rated": rated}))
    return pd.concat(rows, ignore_index=True)


def infeasible_share(work: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """KIA: infeasible over planned work, one row per `by`: `infeasible_share`; missing where nothing was planned."""
    sums = work.groupby(by, as_index=False)[["work", "infeasible"]].sum()
    return sums.assign(infeasible_share=sums["infeasible"] / sums["work"].where(sums["work"] > 0))
