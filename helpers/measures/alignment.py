"""How well the functions' plans become one: what the meeting closes, what comes back, who keeps an own number.

Families are weighted by their share of demand at unit value; everything is plan-timed, one value a cycle.
"""

from __future__ import annotations

import pandas as pd

from helpers.engagement import Engagement, once
from helpers.measures import plans
from helpers.measures.demand import NEEDS, family_demand
from helpers.measures.forecast import published_stage

NOISE_PART, SMALLEST_NOISE = 0.5, 0.05
OWN_DISTANCE = 0.03
CELL = ["cycle", "family"]


def agreed_number(engagement: Engagement, spoken: pd.DataFrame) -> pd.DataFrame:
    """The consensus, one row per `cycle`, `family`, `period`: `quantity` (units), `lag`.

    Where no consensus forecast was sent, the median of the functions' plans: their mean would follow one function that
    stands alone, and then all the others would seem to stand apart.
    """
    if engagement.has("forecast_snapshots") and published_stage(engagement) == "consensus":
        return plans.consensus_by_family(engagement, spoken)
    version = "after" if spoken["version"].eq("after").any() else "before"
    rows = spoken[spoken["version"] == version]
    return rows.groupby([*CELL, "period", "lag"])["quantity"].median().reset_index()


def weighted_mean(cells: pd.DataFrame, column: str, weights: pd.DataFrame) -> pd.Series:
    """Mean of `column` over families by weight, one value a `label`; families without a value are left out."""
    rows = cells.merge(weights.rename(columns={"label": "cycle"}), on=CELL, validate="one_to_one").dropna(
        subset=[column]
    )
    sums = rows.assign(part=rows[column] * rows["weight"]).groupby("cycle")[["part", "weight"]].sum()
    return (sums["part"] / sums["weight"].where(sums["weight"] > 0)).rename(column).rename_axis("label")


def own_plans(distances: pd.DataFrame, weights: pd.DataFrame, apart: float | pd.Series = OWN_DISTANCE) -> pd.Series:
    """OWNP: how many functions lie at least `apart` from the consensus, in logs, one count a `label`.

    Parameters
    ----------
    distances
        From `plans.distance_to_consensus`.
    apart
        One distance for all, or one for each row of `distances`.
    """
    cells = distances.assign(apart=distances["log_ratio"].abs() / apart)
    rows = cells.merge(weights.rename(columns={"label": "cycle"}), on=CELL, validate="many_to_one").dropna(
        subset=["apart"]
    )
    sums = rows.assign(part=rows["apart"] * rows["weight"]).groupby(["cycle", "function"])[["part", "weight"]].sum()
    far = (sums["part"] / sums["weight"].where(sums["weight"] > 0)) >= 1
    return far.groupby("cycle").sum().rename_axis("label")


@once
def convergence(
    engagement: Engagement, spoken: pd.DataFrame, consensus: pd.DataFrame, weights: pd.DataFrame, apart: float
) -> pd.DataFrame:
    """What the meeting closes of the spread between the functions' plans.

    Parameters
    ----------
    apart
        Only families whose spread before the meeting is at least this can converge.

    Returns
    -------
    One row per `label`: `spread_before`, `spread_after`; `convergence` = 1 − after / before, missing where all families
    agreed beforehand; `closed` = before − after, unweighted; `own_plans`, functions apart from the consensus after it.
    """
    fence = engagement.settings.demand_fence
    before, after = (plans.dispersion(spoken, version, fence) for version in ("before", "after"))
    both = before.merge(after, on=CELL, suffixes=("", "_after"), validate="one_to_one")
    both = both.assign(
        closed=both["dispersion"] - both["dispersion_after"],
        share=(1 - both["dispersion_after"] / both["dispersion"]).where(both["dispersion"] >= apart),
    )
    series = {
        "spread_before": weighted_mean(before, "dispersion", weights),
        "spread_after": weighted_mean(after, "dispersion", weights),
        "convergence": weighted_mean(both, "share", weights),
        "closed": both.groupby("cycle")["closed"].mean(),
        "own_plans": own_plans(plans.distance_to_consensus(spoken, consensus, "after", fence), weights),
    }
    return pd.DataFrame(series).rename_axis("label").reset_index()


def openings(
    engagement: Engagement, spoken: pd.DataFrame, consensus: pd.DataFrame, weights: pd.DataFrame, floor: float
) -> pd.DataFrame:
    """The functions' positions before the meeting, against forecast noise and against the cycle before.

    Parameters
    ----------
    floor
        Spread that is tolerated where forecast noise is smaller or unknown.

    Returns
    -------
    One row per `label`: `spread_before`; `spread_over_noise` = spread / max(floor, forecast noise); `carry_over` of all
    pairs of functions; `own_plans`, functions apart from the consensus by more than half of the noise.
    """
    settings = engagement.settings
    before = plans.dispersion(spoken, "before", settings.demand_fence)
    cells = before.merge(_noise(engagement, before, consensus), on=CELL, how="left", validate="one_to_one")
    noise = cells["sigma"].astype(float)
    over = cells.assign(over=cells["dispersion"] / noise.fillna(0.0).clip(lower=floor))
    distances = plans.distance_to_consensus(spoken, consensus, "before", settings.demand_fence)
    apart = distances.merge(cells[[*CELL, "sigma"]], on=CELL, how="left", validate="many_to_one")["sigma"]
    apart = (NOISE_PART * apart.astype(float)).clip(lower=SMALLEST_NOISE).fillna(SMALLEST_NOISE)
    again = plans.carry_over(plans.stacked_pairs(spoken, "before"), settings.bucket)
    series = {
        "spread_before": weighted_mean(before, "dispersion", weights),
        "spread_over_noise": weighted_mean(over, "over", weights),
        "carry_over": weighted_mean(again, "carry_over", weights),
        "own_plans": own_plans(distances, weights, apart),
    }
    return pd.DataFrame(series).rename_axis("label").reset_index().dropna(subset=["spread_before"], ignore_index=True)


def _noise(engagement: Engagement, before: pd.DataFrame, consensus: pd.DataFrame) -> pd.DataFrame:
    if not engagement.has(NEEDS):
        return pd.DataFrame(columns=[*CELL, "sigma"])
    settings, cycles = engagement.settings, pd.DatetimeIndex(sorted(before["cycle"].unique()))
    demand = family_demand(engagement)
    return plans.consensus_error(consensus, demand, cycles, settings.demand_fence, settings.bucket)


@once
def shares_of_distance(
    engagement: Engagement, spoken: pd.DataFrame, consensus: pd.DataFrame, weights: pd.DataFrame, version: str
) -> pd.DataFrame:
    """Weighted distance from the consensus, one row per `label`, `family`, `function`: `amount`, `weight`."""
    distances = plans.distance_to_consensus(spoken, consensus, version, engagement.settings.demand_fence)
    rows = distances.merge(weights.rename(columns={"label": "cycle"}), on=CELL, validate="many_to_one")
    rows = rows.assign(amount=rows["log_ratio"].abs() * rows["weight"]).rename(columns={"cycle": "label"})
    return rows[["label", "family", "function", "amount", "weight"]]
