"""The functions' own plans: how far they lie apart, which way, and whether the same gap comes back.

Glossary
    horizon      the decision horizon H2: the three periods from the end of the demand fence on (lags f, f+1, f+2)
    log ratio    ln(first / second): above 0 the first function plans more than the second
    gap          what two functions lie apart over the horizon, as a share of the consensus
    carry-over   how much of the last cycle's log ratios is still there: 0 settled, 1 the same gap comes back
"""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd

from helpers import periods
from helpers.engagement import Engagement, once
from helpers.measures.demand import NEEDS as DEMAND
from helpers.measures.demand import family_demand
from helpers.measures.forecast import published, published_stage
from helpers.measures.joins import beside
from helpers.measures.rhythm import previous_cycles
from helpers.periods import Bucket

HORIZON = 3
FORECAST_ERRORS = 12
FEWEST_ERRORS = 6
UNIT = ["cycle", "family"]
CELL = ["cycle", "family", "period"]


@once
def function_plans(engagement: Engagement) -> pd.DataFrame:
    """Each function's own number, as known on the as-of date.

    Returns
    -------
    One row per `cycle`, `function` (lower case), `family`, `period` and `version` (`before`, `after` the consensus):
    `quantity` (units), `lag`. From `function_plans`; where that was not sent, the sales and operations stages of the
    forecast stand for those functions before the consensus.
    """
    rows = _sent_plans(engagement) if engagement.has("function_plans") else _stage_plans(engagement)
    return rows.assign(lag=periods.lag(rows["cycle"], rows["period"], engagement.settings.bucket))


def versions_spoken(engagement: Engagement) -> dict[str, set[str]]:
    """Which functions (lower case) gave a number in each version, in the extract as read.

    As read, so that an as-of run measures the same way as the full run.
    """
    if engagement.has("function_plans"):
        sent = engagement.standing("function_plans")
        rows = engagement.frame(sent.select("version", function=sent.function.strip().lower()).distinct())
    else:
        staged = engagement.standing("forecast_snapshots")
        rows = engagement.frame(staged.select(function=staged.stage).distinct()).assign(version="before")
    return {str(version): set(found["function"]) for version, found in rows.groupby("version")}


def _sent_plans(engagement: Engagement) -> pd.DataFrame:
    plans = engagement.table("function_plans")
    named = plans.mutate(function=plans.function.strip().lower())
    key = ("cycle", "function", "family", "period", "version")
    return engagement.frame(named.group_by(*key).aggregate(quantity=named.quantity.sum()))


def _stage_plans(engagement: Engagement) -> pd.DataFrame:
    items = engagement.table("items").select("item_id", "family")
    snapshots = engagement.table("forecast_snapshots")
    rows = snapshots.filter(snapshots.stage.isin(["sales", "operations"])).inner_join(items, "item_id")
    totals = rows.group_by("cycle", "family", "period", function=rows.stage).aggregate(quantity=rows.quantity.sum())
    return engagement.frame(totals).assign(version="before")


@once
def consensus_by_family(engagement: Engagement, plans: pd.DataFrame) -> pd.DataFrame:
    """The number the meeting agreed on, one row per `cycle`, `family`, `period`: `quantity` (units), `lag`.

    The published consensus forecast; where there is none, the mean of the functions' plans after the consensus, else of
    those before it.

    Parameters
    ----------
    plans
        From `function_plans`.
    """
    if engagement.has("forecast_snapshots") and published_stage(engagement) == "consensus":
        items = engagement.table("items").select("item_id", "family")
        rows = published(engagement).inner_join(items, "item_id")
        frame = engagement.frame(rows.group_by(*CELL).aggregate(quantity=rows.quantity.sum()))
        return frame.assign(lag=periods.lag(frame["cycle"], frame["period"], engagement.settings.bucket))
    version = "after" if plans["version"].eq("after").any() else "before"
    agreed = plans[plans["version"] == version]
    return agreed.groupby([*CELL, "lag"])["quantity"].mean().reset_index()


def in_horizon(rows: pd.DataFrame, fence: int) -> pd.DataFrame:
    """The rows of the decision horizon: `lag` from the fence's end on, three periods."""
    near: pd.DataFrame = rows[rows["lag"].between(fence, fence + HORIZON - 1)].copy()
    return near


def pair_cells(plans: pd.DataFrame, first: str, second: str, version: str) -> pd.DataFrame:
    """Two functions beside each other wherever both planned.

    Returns
    -------
    One row per `cycle`, `family`, `period`, `lag`: `first`, `second` (units), `log_ratio` (missing where one is 0).
    """
    of_version = plans[plans["version"] == version]
    key = [*CELL, "lag"]
    sides = [
        of_version[of_version["function"] == function].set_index(key)["quantity"].rename(side)
        for function, side in ((first, "first"), (second, "second"))
    ]
    cells = pd.concat(sides, axis=1, join="inner").sort_index().reset_index()
    return cells.assign(log_ratio=log_ratio(cells["first"], cells["second"]))


def log_ratio(first: pd.Series, second: pd.Series) -> pd.Series:
    """ln(first / second); missing where either side is 0 or missing."""
    ratio = first.astype(float).where(first > 0) / second.where(second > 0)
    return pd.Series(np.log(ratio.to_numpy(float)), index=ratio.index)


def pair_gaps(plans: pd.DataFrame, first: str, second: str, version: str, fence: int) -> pd.DataFrame:
    """How far two functions lie apart over the decision horizon.

    Returns
    -------
    One row per `cycle`, `family`: `first`, `second` (units over the periods of the horizon that both planned) and
    `log_ratio` of these sums. Three-period sums neutralise a shift in time.
    """
    cells = in_horizon(pair_cells(plans, first, second, version), fence)
    gaps = cells.groupby(UNIT, as_index=False)[["first", "second"]].sum()
    return gaps.assign(log_ratio=log_ratio(gaps["first"], gaps["second"]))


def relative_gaps(
    plans: pd.DataFrame, consensus: pd.DataFrame, first: str, second: str, version: str, fence: int
) -> pd.DataFrame:
    """`pair_gaps` with `gap` = |first − second| / consensus over the periods all three hold; missing at consensus 0.

    Returns
    -------
    One row per `cycle`, `family`: `first`, `second`, `consensus` (units), `gap` (share), `log_ratio`.
    """
    cells = in_horizon(pair_cells(plans, first, second, version), fence)
    agreed = consensus[[*CELL, "quantity"]].rename(columns={"quantity": "consensus"})
    together = cells.merge(agreed, on=CELL, validate="one_to_one")
    sums = together.groupby(UNIT, as_index=False)[["first", "second", "consensus"]].sum()
    return sums.assign(
        gap=lambda s: (s["first"] - s["second"]).abs() / s["consensus"].where(s["consensus"] > 0),
        log_ratio=lambda s: log_ratio(s["first"], s["second"]),
    )


def carry_over(cells: pd.DataFrame, bucket: Bucket) -> pd.DataFrame:
    """How much of each family's gaps of the cycle before is still there.

    Parameters
    ----------
    cells
        From `pair_cells`; several pairs may be stacked with a column `pair`, they are then pooled.

    Returns
    -------
    One row per `cycle`, `family` with a cycle before: `carry_over` = Σ g(c,s)·g(c−1,s) / Σ g(c−1,s)² over the targets s
    that both cycles hold; 0 settled, 1 the same gap again; missing where the cycle before had no gap.
    """
    pairs = [column for column in ("pair",) if column in cells]
    before = previous_cycles(cells["cycle"], bucket).dropna()
    now = cells.merge(before, on="cycle", validate="many_to_one")
    earlier = cells[[*CELL, *pairs, "log_ratio"]].rename(columns={"cycle": "previous", "log_ratio": "earlier"})
    common = now.merge(earlier, on=["previous", "family", "period", *pairs]).dropna(subset=["log_ratio", "earlier"])
    sums = (
        common.assign(kept=common["log_ratio"] * common["earlier"], was=common["earlier"] ** 2)
        .groupby(UNIT, as_index=False)[["kept", "was"]]
        .sum()
    )
    return sums.assign(carry_over=sums["kept"] / sums["was"].where(sums["was"] > 0))[[*UNIT, "carry_over"]]


def stacked_pairs(plans: pd.DataFrame, version: str) -> pd.DataFrame:
    """`pair_cells` of every pair of functions under each other, with a column `pair` (`finance / sales`)."""
    functions = sorted(plans["function"].unique())
    pairs = [
        pair_cells(plans, first, second, version).assign(pair=f"{first} / {second}")
        for first, second in combinations(functions, 2)
    ]
    return pd.concat(pairs, ignore_index=True) if pairs else pair_cells(plans, "", "", version).assign(pair="")


def dispersion(plans: pd.DataFrame, version: str, fence: int) -> pd.DataFrame:
    """How far all functions lie apart over the decision horizon.

    Returns
    -------
    One row per `cycle`, `family` that at least two functions planned: `dispersion` = standard deviation of the logs of
    their sums over the periods that all of them planned (= √ of the mean over pairs of squared log ratio / 2), and
    `functions`, how many. Missing where a function planned 0.
    """
    rows = in_horizon(plans[plans["version"] == version], fence)
    present = rows.groupby(UNIT)["function"].transform("nunique")
    planned_by = rows.groupby(CELL)["function"].transform("nunique")
    sums = rows[planned_by == present].groupby([*UNIT, "function"], as_index=False)["quantity"].sum()
    logs = sums.assign(log=np.log(sums["quantity"].where(sums["quantity"] > 0)))
    grouped = logs.groupby(UNIT)["log"]
    found = pd.DataFrame({"dispersion": grouped.std(ddof=1, skipna=False), "functions": grouped.size()})
    return found[found["functions"] >= 2].reset_index()


def distance_to_consensus(plans: pd.DataFrame, consensus: pd.DataFrame, version: str, fence: int) -> pd.DataFrame:
    """How far each function lies from the consensus over the decision horizon.

    Returns
    -------
    One row per `cycle`, `family`, `function`: `quantity`, `consensus` (units over common periods), `log_ratio`.
    """
    rows = in_horizon(plans[plans["version"] == version], fence)
    agreed = consensus[[*CELL, "quantity"]].rename(columns={"quantity": "consensus"})
    together = rows.merge(agreed, on=CELL, validate="many_to_one")
    sums = together.groupby([*UNIT, "function"], as_index=False)[["quantity", "consensus"]].sum()
    return sums.assign(log_ratio=log_ratio(sums["quantity"], sums["consensus"]))


def consensus_error(
    consensus: pd.DataFrame, demand: pd.DataFrame, cycles: pd.DatetimeIndex, fence: int, bucket: Bucket
) -> pd.DataFrame:
    """σ: the error of the consensus summed over the decision horizon, relative to demand.

    Parameters
    ----------
    demand
        From `measures.demand.family_demand`.

    Returns
    -------
    One row per `cycle` and `family`: `sigma` = root mean squared error of the last 12 horizon sums that were fully
    realised before the cycle, over the mean demand of the same horizons; missing with fewer than six of them.
    """
    actual = demand.rename(columns={"quantity": "actual"})
    cells = in_horizon(consensus, fence).merge(actual, on=["family", "period"], how="left", validate="many_to_one")
    sums = cells.groupby(UNIT, as_index=False).agg(
        quantity=("quantity", "sum"), actual=("actual", lambda a: a.sum(skipna=False)), last=("period", "max")
    )
    realised = sums.dropna(subset=["actual"])
    rows = [_relative_error(realised[realised["last"] < cycle], cycle) for cycle in cycles]
    nothing = realised[UNIT].head(0).assign(sigma=np.nan)
    return pd.concat(rows, ignore_index=True)[[*UNIT, "sigma"]] if rows else nothing


@once
def with_consensus_error(engagement: Engagement, cells: pd.DataFrame, consensus: pd.DataFrame) -> pd.DataFrame:
    """`cells` (by `cycle`, `family`) with `sigma` from `consensus_error`; missing where demand is not known."""
    if not engagement.has(DEMAND):
        return cells.assign(sigma=float("nan"))
    cycles, settings = pd.DatetimeIndex(cells["cycle"].unique()), engagement.settings
    sigma = consensus_error(consensus, family_demand(engagement), cycles, settings.demand_fence, settings.bucket)
    return cells.merge(sigma, on=UNIT, how="left", validate="one_to_one")


def _relative_error(realised: pd.DataFrame, cycle: pd.Timestamp) -> pd.DataFrame:
    recent = realised.sort_values(UNIT).groupby("family").tail(FORECAST_ERRORS)
    squared = recent.assign(squared=(recent["quantity"] - recent["actual"]) ** 2)
    found = squared.groupby("family").agg(squared=("squared", "mean"), actual=("actual", "mean"), sums=("last", "size"))
    usable = (found["sums"] >= FEWEST_ERRORS) & (found["actual"] > 0)
    sigma = (np.sqrt(found["squared"]) / found["actual"].where(found["actual"] > 0)).where(usable)
    return pd.DataFrame({"cycle": cycle, "family": sigma.index, "sigma": sigma.to_numpy(float)})


def forecast_beside_plan(engagement: Engagement, fence: int) -> pd.DataFrame:
    """The forecast beside the production plan of the same items, over the decision horizon, in units.

    Returns
    -------
    One row per `cycle`, `family`, `period`, `lag`: `first` (forecast) and `second` (planned) of the items that the
    cycle's plan holds, `covered` (their share of the family's forecast in the cycle) and `log_ratio`.
    """
    items = engagement.table("items").select("item_id", "family")
    rows = published(engagement)
    ahead = periods.buckets_ahead(rows.cycle, rows.period, engagement.settings.bucket)
    rows = rows.filter(ahead.between(fence, fence + HORIZON - 1))
    plan = engagement.table("production_plan_snapshots")
    held = plan.select("cycle", "item_id").distinct().mutate(held=1.0)
    asked = beside(rows, held, ["cycle", "item_id"]).inner_join(items, "item_id")
    both = asked.group_by(*CELL).aggregate(
        asked=asked.quantity.sum(), first=(asked.quantity * asked.held.fill_null(0.0)).sum()
    )
    made = plan.semi_join(rows, ["cycle", "item_id", "period"]).inner_join(items, "item_id")
    cells = beside(both, made.group_by(*CELL).aggregate(second=made.quantity.sum()), CELL)
    near = engagement.frame(cells.mutate(second=cells.second.fill_null(0.0)))
    near["lag"] = periods.lag(near["cycle"], near["period"], engagement.settings.bucket)
    totals = near.groupby(UNIT)[["first", "asked"]].transform("sum")
    near = near.assign(covered=totals["first"] / totals["asked"].where(totals["asked"] > 0))
    return near.assign(log_ratio=log_ratio(near["first"], near["second"])).drop(columns="asked").reset_index(drop=True)


def plan_gaps(engagement: Engagement, fence: int, covered: float) -> pd.DataFrame:
    """Forecast against production plan and free stock over the horizon; only a plan below the forecast is a gap.

    Returns
    -------
    One row per `cycle`, `family` whose plan holds at least the share `covered` of its forecast: `first`, `second`
    (units), `gap` (share of the forecast), `log_ratio`, `carry_over`.
    """
    rows = forecast_beside_plan(engagement, fence)
    rows = rows[rows["covered"] >= covered]
    cells = rows.groupby(UNIT, as_index=False)[["first", "second"]].sum()
    cells = cells.merge(stock_before(engagement, cells), on=UNIT, how="left", validate="one_to_one")
    cells["second"] += cells["free"].fillna(0.0)
    cells["log_ratio"] = log_ratio(cells["first"], cells["second"])
    cells["gap"] = ((cells["first"] - cells["second"]) / cells["first"].where(cells["first"] > 0)).clip(lower=0.0)
    again = carry_over(rows, engagement.settings.bucket)
    return cells.merge(again, on=UNIT, how="left", validate="one_to_one")


def free_stock(engagement: Engagement) -> pd.DataFrame:
    """Stock above safety stock and backorders at the end of a period, by `period`, `family`: `free` ≥ 0 (units)."""
    stock = engagement.table("inventory_snapshots")
    items = engagement.table("items").select("item_id", "family")
    owed = stock.safety_stock.fill_null(0.0) + stock.backorders.fill_null(0.0)
    above = stock.mutate(free=(stock.on_hand - owed).clip(lower=0.0)).inner_join(items, "item_id")
    return engagement.frame(above.group_by("period", "family").aggregate(free=above.free.sum()))


def stock_before(engagement: Engagement, cells: pd.DataFrame) -> pd.DataFrame:
    """`free_stock` of the last period closed before each cycle, by `cycle`, `family` of `cells`: `free` (units).

    0 where stock is not kept.
    """
    asked = cells[["cycle", "family"]].sort_values("cycle")
    if not engagement.has("inventory_snapshots"):
        return asked.assign(free=0.0)
    stock = free_stock(engagement).sort_values("period")
    last = pd.merge_asof(asked, stock, left_on="cycle", right_on="period", by="family", allow_exact_matches=False)
    return last.drop(columns="period")


def lot_cover(engagement: Engagement, demand: pd.DataFrame, cycles: pd.DatetimeIndex) -> pd.DataFrame:
    """Q̃: how many periods of demand a lot covers, volume-weighted, at most 1; one row per `cycle`, `family`: `lots`.

    0 where no lot size is kept. From the demand of the twelve periods before each cycle.
    """
    items = engagement.table("items")
    sizes = items.group_by("family").aggregate(lot=items.lot_size.mean(), count=items.count())
    by_family = engagement.frame(sizes).fillna({"lot": 0.0}).set_index("family")
    rows = []
    for cycle in cycles:
        past = demand[demand["period"] < cycle]
        recent = past[past["period"].isin(sorted(past["period"].unique())[-FORECAST_ERRORS:])]
        mean = recent.groupby("family")["quantity"].mean() / by_family["count"]
        rows.append(
            (by_family["lot"] / mean.where(mean > 0)).clip(upper=1.0).rename("lots").reset_index().assign(cycle=cycle)
        )
    return pd.concat(rows, ignore_index=True).fillna({"lots": 0.0})
