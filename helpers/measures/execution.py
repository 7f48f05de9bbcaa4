"""Which plan is carried out, the consensus or one function's own."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats

from helpers import periods
from helpers.engagement import Engagement
from helpers.measures.plans import log_ratio

NEEDS = "production_orders.actual_finish | production_plan_snapshots"
CYCLES = 12
FEWEST_CYCLES = 6
SMALLEST_SPREAD = 0.02


def executed_output(engagement: Engagement) -> pd.DataFrame:
    """What was made, one row per closed `period` and `family`: `quantity` (units).

    Output of production orders by the day they finished; where that was not sent, the plan last published for a period.
    """
    items = engagement.table("items").select("item_id", "family")
    bucket, as_of = engagement.settings.bucket, engagement.as_of.to_pydatetime()
    if engagement.has("production_orders.actual_finish"):
        orders = engagement.table("production_orders").inner_join(items, "item_id")
        done = orders.filter(orders.actual_finish.notnull()).mutate(
            period=lambda t: periods.bucket_of(t.actual_finish, bucket)
        )
        done = done.mutate(made=done.actual_quantity.fill_null(done.planned_quantity))
        closed = done.filter(done.period < as_of)
        return engagement.frame(closed.group_by("period", "family").aggregate(quantity=closed.made.sum()))
    plan = engagement.table("production_plan_snapshots").inner_join(items, "item_id")
    cells = (
        plan.filter(plan.period < as_of)
        .group_by("cycle", "period", "family")
        .aggregate(quantity=lambda t: t.quantity.sum())
    )
    latest = engagement.frame(cells).sort_values(["period", "family", "cycle"])
    return latest.drop_duplicates(["period", "family"], keep="last", ignore_index=True).drop(columns="cycle")


def pulls(engagement: Engagement, plans: pd.DataFrame, consensus: pd.DataFrame, output: pd.DataFrame) -> pd.DataFrame:
    """How far output and each function's plan lay from the consensus, for the first period after the fence.

    Plans after the consensus where there are any, else before it.

    Returns
    -------
    One row per `cycle`, `family`, `function`: `pull` = ln(output / consensus), `wish` = ln(plan / consensus),
    `known_on` (the day after the period); zero quantities are left out.
    """
    fence, bucket = engagement.settings.demand_fence, engagement.settings.bucket
    version = "after" if plans["version"].eq("after").any() else "before"
    wishes = plans[(plans["version"] == version) & (plans["lag"] == fence)]
    agreed = consensus[["cycle", "family", "period", "quantity"]].rename(columns={"quantity": "agreed"})
    made = output.rename(columns={"quantity": "made"})
    rows = wishes.merge(agreed, on=["cycle", "family", "period"], validate="many_to_one")
    rows = rows.merge(made, on=["family", "period"], validate="many_to_one")
    rows = rows.assign(
        pull=log_ratio(rows["made"], rows["agreed"]),
        wish=log_ratio(rows["quantity"], rows["agreed"]),
        known_on=rows["period"].map(lambda day: periods.shift(day, bucket, 1)),
    )
    return rows.dropna(subset=["pull", "wish"])[["cycle", "family", "function", "pull", "wish", "known_on"]]


def followed(known: pd.DataFrame) -> pd.DataFrame:
    """How far output follows each function's own plan over the last twelve cycles in `known`.

    Returns
    -------
    One row per `function`: `weight` b = Σ pull·wish / Σ wish² (0: the consensus rules, 1: the function's plan is the
    real one), `p_value` one-sided for b > 0, clustered by cycle, t with n − 1 degrees of freedom. Functions whose plan
    hardly differs from the consensus, or with fewer than six cycles, are left out.
    """
    recent = known[known["cycle"].isin(sorted(known["cycle"].unique())[-CYCLES:])]
    fits = [_fit(function, rows) for function, rows in recent.groupby("function")]
    return pd.DataFrame([fit for fit in fits if fit], columns=["function", "weight", "p_value"])


def _fit(function: object, rows: pd.DataFrame) -> tuple[object, float, float] | None:
    wish, pull = rows["wish"].to_numpy(float), rows["pull"].to_numpy(float)
    cycles = rows["cycle"].nunique()
    if cycles < FEWEST_CYCLES or wish.std() < SMALLEST_SPREAD:
        return None
    square = float((wish**2).sum())
    weight = float((wish * pull).sum() / square)
    scores = pd.Series(wish * (pull - weight * wish)).groupby(rows["cycle"].to_numpy()).sum()
    error = float(np.sqrt((scores**2).sum() * cycles / (cycles - 1)) / square)
    p_value = float(stats.t.sf(weight / error, cycles - 1)) if error > 0 else float(weight <= 0)
    return function, weight, p_value
