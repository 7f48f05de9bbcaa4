"""Which plan is carried out, the consensus or one function's own."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd
from scipy import stats

from helpers import periods
from helpers.engagement import Engagement, once
from helpers.inference import t_above
from helpers.measures.demand import demand, family_demand
from helpers.measures.forecast import published
from helpers.measures.plans import function_plans, log_ratio

NEEDS = "production_orders.actual_finish | production_plan_snapshots"
MADE, AGREED = "what was made", "consensus"
CYCLES = 12
FEWEST_CYCLES = 6
SMALLEST_SPREAD = 0.02
DEMAND_STOOD, SHORT = 0.95, 0.05
SMALL, FEWEST_UNITS = 0.01, 5.0
COVERED_AT_LEAST = 0.5


def executed_output(engagement: Engagement) -> pd.DataFrame:
    """What was made, one row per closed `period` and `family`: `quantity` (units).

    Output of production orders by the day they finished; where that was not sent, the plan last published for a period.
    """
    items = engagement.table("items").select("item_id", "family")
    made = item_output(engagement).inner_join(items, "item_id")
    return engagement.frame(made.group_by("period", "family").aggregate(quantity=made.quantity.sum()))


def item_output(engagement: Engagement) -> ir.Table:
    """What was made, as `executed_output`, one row per `period` and `item_id`, in the engine."""
    bucket, as_of = engagement.settings.bucket, engagement.as_of.to_pydatetime()
    if engagement.has("production_orders.actual_finish"):
        orders = engagement.table("production_orders")
        done = orders.filter(orders.actual_finish.notnull()).mutate(
            period=lambda t: periods.bucket_of(t.actual_finish, bucket),
            made=lambda t: t.actual_quantity.fill_null(t.planned_quantity),
        )
        closed = done.filter(done.period < as_of)
        return closed.group_by("period", "item_id").aggregate(quantity=closed.made.sum())
    plan = engagement.table("production_plan_snapshots").inner_join(
        engagement.table("items").select("item_id", "family"), "item_id"
    )
    past = plan.filter(plan.period < as_of)
    last = past.cycle.max().over(ibis.window(group_by=["period", "family"]))
    latest = past.mutate(last=last).filter(lambda t: t.cycle == t["last"])
    return latest.group_by("period", "item_id").aggregate(quantity=latest.quantity.sum())


@once
def executed(engagement: Engagement) -> pd.DataFrame:
    """The consensus of the first period after the fence beside what was made, over the items that are made at all.

    Items without any output up to the period (bought, or made elsewhere) are left out on both sides.

    Returns
    -------
    One row per `family` and closed `period`: `agreed`, `made`, `asked` (demand, missing where none is known; all
    units), `covered` (share of the family's consensus in these items) and `executed` = ln(made / agreed), below 0: less
    was made than agreed. Where a family made nothing and others did, a hundredth of its mean agreed over twelve periods
    is added to both. `executed` is missing where demand is unknown or did not reach 95 % of the consensus: then less
    may have been made because less was wanted.
    """
    fence, snapshots = engagement.settings.demand_fence, published(engagement)
    opens = snapshots.period - (ibis.interval(months=fence) if _monthly(engagement) else ibis.interval(weeks=fence))
    agreed = snapshots.filter(snapshots.cycle == opens).group_by("item_id", "period")
    agreed = agreed.aggregate(agreed=lambda t: t.quantity.sum())
    output, wanted = item_output(engagement), demand(engagement)
    asked = wanted.group_by("item_id", "period").aggregate(asked=wanted.quantity.sum())
    since = output.group_by("item_id").aggregate(since=output.period.min())
    rows = agreed.inner_join(engagement.table("items").select("item_id", "family"), "item_id")
    rows = rows.left_join(since, "item_id").drop("item_id_right")
    rows = rows.left_join(output.rename(made="quantity"), ["item_id", "period"]).drop("item_id_right", "period_right")
    rows = rows.left_join(asked, ["item_id", "period"]).drop("item_id_right", "period_right")
    own = (rows.since <= rows.period).fill_null(ibis.literal(value=False)).cast("float64")
    sums = rows.group_by("family", "period").aggregate(
        whole=rows.agreed.sum(),
        agreed=(rows.agreed * own).sum(),
        made=(rows.made.fill_null(0.0) * own).sum(),
        asked=rows.asked.sum(where=own > 0),
    )
    frame = engagement.frame(sums.filter(sums.period < engagement.as_of.to_pydatetime()))
    stood = frame["asked"] >= DEMAND_STOOD * frame["agreed"]
    return frame.assign(
        covered=frame["agreed"] / frame["whole"].where(frame["whole"] > 0),
        executed=_made_of(frame.sort_values("period")).where(stood),
    ).drop(columns="whole")


@once
def beside_consensus(
    engagement: Engagement, plans: pd.DataFrame, consensus: pd.DataFrame, weights: pd.DataFrame
) -> pd.DataFrame:
    """Each function's plan and what was made, against the consensus of the first period after the fence.

    Plans after the consensus where there are any, else before it; what was made as in `executed`.

    Parameters
    ----------
    plans, consensus, weights
        From `measures.plans.function_plans`, `measures.alignment.agreed_number` and `measures.plans.family_weights`.

    Returns
    -------
    One row per `cycle` of the consensus and `who` (`MADE`, the functions, `AGREED`): `index`, the mean over families of
    plan or made ÷ consensus, by their share in demand; `AGREED` is 1. Families without weight or consensus are left
    out.
    """
    fence, version = engagement.settings.demand_fence, "after" if plans["version"].eq("after").any() else "before"
    own = plans[(plans["version"] == version) & (plans["lag"] == fence)]
    agreed = consensus.loc[consensus["lag"] == fence, ["cycle", "family", "period", "quantity"]]
    cells = own.merge(agreed.rename(columns={"quantity": "agreed"}), on=["cycle", "family", "period"])
    cells = cells.rename(columns={"function": "who"})[["cycle", "who", "family", "period", "quantity", "agreed"]]
    if engagement.has("forecast_snapshots", NEEDS):
        made = executed(engagement).rename(columns={"made": "quantity"}).assign(who=MADE)
        known = made.merge(agreed[["cycle", "period"]].drop_duplicates(), on="period", validate="many_to_one")
        cells = pd.concat([cells, known[list(cells.columns)]], ignore_index=True)
    shares = weights.rename(columns={"label": "cycle"})
    rows = cells.merge(shares, on=["cycle", "family"], validate="many_to_one").dropna(subset=["weight"])
    rows = rows.assign(part=rows["quantity"] / rows["agreed"].where(rows["agreed"] > 0) * rows["weight"])
    sums = rows.dropna(subset=["part"]).groupby(["who", "cycle"])[["part", "weight"]].sum()
    index = (sums["part"] / sums["weight"].where(sums["weight"] > 0)).rename("index").reset_index().dropna()
    level = index[["cycle"]].drop_duplicates().assign(who=AGREED, index=1.0)
    is_made = index["who"] == MADE
    return pd.concat([index[is_made], index[~is_made], level], ignore_index=True)


def _made_of(cells: pd.DataFrame) -> pd.Series:
    """ln(made / agreed) of cells in order of time; missing where nobody made anything, or none of the little agreed."""
    usual = cells.groupby("family")["agreed"].transform(lambda agreed: agreed.rolling(CYCLES, min_periods=1).mean())
    output = cells.groupby("period")["made"].transform("sum")
    floor = SMALL * usual.where((usual >= FEWEST_UNITS) & (output > 0))
    ratio = log_ratio(cells["made"] + floor, cells["agreed"].where(cells["agreed"] > 0) + floor)
    return log_ratio(cells["made"], cells["agreed"]).where(cells["made"] > 0, ratio)


def _monthly(engagement: Engagement) -> bool:
    return engagement.settings.bucket == "month"


def plan_over(plans: pd.DataFrame, function: str, realised: pd.DataFrame, fence: int) -> pd.DataFrame:
    """How far a function's plan lay above what came, for the first period after the fence: who was right.

    Plans after the consensus where there are any, else before it.

    Parameters
    ----------
    plans
        From `measures.plans.function_plans`.
    realised
        Demand or output, `period`, `family`, `quantity` (units).

    Returns
    -------
    One row per `family` and realised `period`: `log_ratio` = ln(plan / realised), above 0: planned too much.
    """
    version = "after" if plans["version"].eq("after").any() else "before"
    own = plans[(plans["version"] == version) & (plans["lag"] == fence) & (plans["function"] == function)]
    came = realised.rename(columns={"quantity": "came"})
    rows = own.merge(came, on=["family", "period"], validate="many_to_one")
    return rows.assign(log_ratio=log_ratio(rows["quantity"], rows["came"]))[["family", "period", "log_ratio"]]


@once
def what_came(engagement: Engagement, first: str, second: str) -> pd.DataFrame:
    """What came of the plans, mean over families, by the label of the target period.

    Returns
    -------
    Indexed by `label` (fact-timed): `executed`; `p_value` that it is no more than 5 % short, one-sided t over twelve
    labels; `first` and `second`, how far the first function's plan lay above demand and the second's above output (log
    ratios). Output of part of a family stands for all of it where that part is at least half of its consensus.
    """
    plans, fence = function_plans(engagement), engagement.settings.demand_fence
    made = executed(engagement)
    whole = made.assign(quantity=made["made"] / made["covered"].where(made["covered"] >= COVERED_AT_LEAST))
    came = {
        "executed": made.rename(columns={"executed": "log_ratio"}),
        "first": plan_over(plans, first, family_demand(engagement), fence),
        "second": plan_over(plans, second, whole[["family", "period", "quantity"]], fence),
    }
    means = {name: rows.groupby("period")["log_ratio"].mean() for name, rows in came.items()}
    by_period = pd.DataFrame(means).rename_axis("period").reset_index()
    labels = engagement.calendar.label_of(by_period["period"])
    by_label = by_period.assign(label=labels).groupby("label")[["executed", "first", "second"]].mean()
    return by_label.assign(p_value=chance_short(by_label["executed"]))


def chance_short(executed: pd.Series) -> pd.Series:
    """One-sided p-value of H₀: mean ≥ −5 %, over the last twelve values up to each; missing with fewer than six."""
    known = executed.dropna()
    windows = (known.iloc[max(0, end - CYCLES) : end].to_numpy(float) for end in range(1, len(known) + 1))
    p_values = [t_above(-window, SHORT) if len(window) >= FEWEST_CYCLES else float("nan") for window in windows]
    return pd.Series(p_values, index=known.index, dtype=float).reindex(executed.index)


@once
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
