"""Are revisions of the forecast information or noise? Every value uses only targets realised before its cycle.

For rational forecasts revisions are uncorrelated with each other and with the final error, so that the movement from
the far lag to the last forecast equals the error it took away: E Σ r² = E[(F_K − A)²] − E[(F_0 − A)²] (martingale model
of forecast evolution: Graves et al. 1986, Heath & Jackson 1994; movement and uncertainty reduction: Augenblick & Rabin
2021; bounds: Patton & Timmermann 2012). What moves beyond that is noise.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from helpers.measures import steps
from helpers.memory import alike

LEARNING_WINDOW = 24
NOISE_TARGETS, FEWEST_TARGETS = 8, 6
FEWEST_REALISED = 8
FEWEST_FAR = 4
SMALLEST_GAIN = 0.05
OUTLIER = 5.0
FEWEST_TO_CLIP = 8
FLIP_WINDOW = 8
FEWEST_CLUSTERS = 6
FOCUS_WINDOW = 6
CHURN_LEVEL = 0.025
ORDINARY_CYCLES = 12

Numbers = NDArray[np.float64]


def winsorised(values: pd.Series, units: pd.Series) -> pd.Series:
    """`values` clipped at the median ± 5 normalised median absolute deviations of their unit.

    So that one jump is not squared; units with fewer than eight values or without spread stay as they are.
    """
    grouped = values.groupby(units)
    centre = grouped.transform("median")
    spread = 1.4826 * (values - centre).abs().groupby(units).transform("median")
    clip = (grouped.transform("size") >= FEWEST_TO_CLIP) & (spread > 0)
    return values.clip(centre - OUTLIER * spread, centre + OUTLIER * spread).where(clip, values)


@dataclass(frozen=True)
class Learned:
    """What was known at a cycle of the forecast's errors.

    `mse` is each unit's mean squared error of the last forecast (units²); `gain` (j²) the information gained per step,
    pooled over units: the squared error of the far forecast above that of the last, relative to it, per lag.
    """

    mse: pd.Series
    gain: float


def learned(errors: pd.DataFrame, cycle: pd.Timestamp, reach: int) -> Learned:
    """Last-forecast error and information gain from targets realised before `cycle`.

    Parameters
    ----------
    errors
        From `measures.forecast.unit_errors`.
    """
    past = errors[errors["period"] < cycle]
    recent = past[past["period"].isin(sorted(past["period"].unique())[-LEARNING_WINDOW:])]
    squares = {lag: _squared_errors(recent[recent["lag"] == lag]) for lag in (0, reach)}
    last = squares[0].groupby("unit").agg(["mean", "size"])
    mse = last["mean"].where((last["size"] >= FEWEST_REALISED) & (last["mean"] > 0)).dropna()
    both = pd.concat([squares[0].rename("last"), squares[reach].rename("far")], axis=1, join="inner")
    means = both.groupby("unit").mean()[both.groupby("unit").size() >= FEWEST_FAR]
    relative = ((means["far"] - means["last"]) / mse).dropna()
    gain = max(SMALLEST_GAIN, float(relative.mean()) / reach) if len(relative) else float("nan")
    return Learned(mse, gain)


def _squared_errors(errors: pd.DataFrame) -> pd.Series:
    squared = winsorised(errors["error"], errors["unit"]) ** 2
    return squared.set_axis(pd.MultiIndex.from_frame(errors[["unit", "period"]]))


@alike
def revision_excess(
    revisions: pd.DataFrame, errors: pd.DataFrame, cycles: pd.DatetimeIndex, fence: int, reach: int
) -> pd.DataFrame:
    """REx: late movement over what information would explain, by unit.

    Parameters
    ----------
    revisions, errors
        From `measures.forecast.unit_revisions` and `unit_errors`.

    Returns
    -------
    One row per `label` (cycle, plan-timed) and `unit`: `excess` = √(Σ r² over the fence / (f · j² · last-forecast error
    squared)); about 1 when late revisions carry only information. Units with fewer than eight realised targets, and
    cycles without a snapshot just before, have no row. `movement` = Σ|r| over the fence (units).
    """
    rows = [_excess_at(revisions, errors, cycle, fence, reach) for cycle in cycles]
    columns = ["label", "unit", "excess", "movement"]
    found = [row for row in rows if len(row)]
    return pd.concat(found, ignore_index=True)[columns] if found else pd.DataFrame(columns=columns)


def _excess_at(
    revisions: pd.DataFrame, errors: pd.DataFrame, cycle: pd.Timestamp, fence: int, reach: int
) -> pd.DataFrame:
    known = revisions[(revisions["cycle"] <= cycle) & (revisions["lag"] < fence)]
    now = known["cycle"] == cycle
    if not now.any():
        return pd.DataFrame()
    clipped = known.assign(squared=winsorised(known["revision"], known["unit"]) ** 2, size=known["revision"].abs())[now]
    sums = clipped.groupby("unit").agg(squared=("squared", "sum"), movement=("size", "sum"), cells=("squared", "size"))
    whole = sums[sums["cells"] == fence]
    state = learned(errors, cycle, reach)
    excess = np.sqrt(whole["squared"] / (fence * state.gain * state.mse.reindex(whole.index)))
    return whole.assign(excess=excess, label=cycle).dropna(subset=["excess"]).reset_index()


def pooled(excess: pd.DataFrame) -> pd.Series:
    """The client's revision excess: root mean square over units, by label."""
    squared = (excess["excess"] ** 2).groupby(excess["label"]).mean()
    return squared.pow(0.5).rename("excess")


@alike
def movements(revisions: pd.DataFrame, errors: pd.DataFrame, reach: int) -> pd.DataFrame:
    """Movement and information gained per realised target.

    Returns
    -------
    One row per `period` and `unit` whose whole path from the far lag to the last forecast is known: `movement` = Σ r²,
    `unexplained` = movement − (far error² − last error²), `last` = last error² (all units²); `seen_in`, see
    `measures.steps`.
    """
    clipped = revisions.assign(squared=revisions["revision"] ** 2)
    path = clipped.groupby(["period", "unit"]).agg(movement=("squared", "sum"), steps=("lag", "nunique"))
    squared = errors.assign(squared=errors["error"] ** 2)
    far, last = (
        squared[squared["lag"] == lag].set_index(["period", "unit"])["squared"].rename(name)
        for lag, name in ((reach, "far"), (0, "last"))
    )
    whole = path[path["steps"] == reach].join([far, last], how="inner")
    whole["unexplained"] = whole["movement"] - (whole["far"] - whole["last"])
    found = whole.reset_index().sort_values(["period", "unit"], ignore_index=True)
    return found.assign(seen_in=steps.seen_in(found, errors))


@dataclass(frozen=True)
class Noise:
    """The noise share ν over the last realised targets.

    One-sided p-values of churn (ν > 0) and of late recognition (ν < 0); `targets` counts the periods, `by_unit` holds
    each unit's own share. All missing with fewer than six targets.
    """

    share: float
    p_churn: float
    p_sluggish: float
    targets: int
    by_unit: pd.Series


UNKNOWN = Noise(float("nan"), float("nan"), float("nan"), 0, pd.Series(dtype=float))


def noise(targets: pd.DataFrame, before: pd.Timestamp) -> Noise:
    """ν = Σ unexplained / Σ movement over the last eight targets realised before `before`.

    Both are divided by each unit's mean last-forecast error squared, averaged over units per period; the test is a t
    over periods. 0: movement equals information; iid noise of variance ω² gives 2Kω²/(information + 2Kω²).

    Parameters
    ----------
    targets
        From `movements`; those around a step in demand that was known by then are left out.
    """
    past = targets[(targets["period"] < before) & ~(targets["seen_in"] < before)]
    recent = past[past["period"].isin(sorted(past["period"].unique())[-NOISE_TARGETS:])]
    if recent["period"].nunique() < FEWEST_TARGETS:
        return UNKNOWN
    scale = recent.groupby("unit")["last"].transform("mean")
    scaled = recent[scale > 0].assign(
        unexplained=lambda r: r["unexplained"] / scale, movement=lambda r: r["movement"] / scale
    )
    per_period = scaled.groupby("period")["unexplained"].mean().to_numpy(float)
    if len(per_period) < FEWEST_TARGETS or scaled["movement"].sum() <= 0:
        return UNKNOWN
    result = stats.ttest_1samp(per_period, 0.0, alternative="greater")
    by_unit = scaled.groupby("unit")[["unexplained", "movement"]].sum()
    return Noise(
        share=float(scaled["unexplained"].sum() / scaled["movement"].sum()),
        p_churn=float(result.pvalue),
        p_sluggish=float(1 - result.pvalue),
        targets=len(per_period),
        by_unit=by_unit["unexplained"] / by_unit["movement"].where(by_unit["movement"] > 0),
    )


@alike
def noise_by_cycle(targets: pd.DataFrame, cycles: pd.DatetimeIndex, excess: pd.DataFrame, limit: float) -> pd.DataFrame:
    """`noise` of the units in focus as known at each cycle: `label`, `share`, `p_churn`, `p_sluggish`."""
    rows = [(cycle, *_row(noise(in_focus(targets, excess, cycle, limit), cycle))) for cycle in cycles]
    return pd.DataFrame(rows, columns=["label", "share", "p_churn", "p_sluggish"])


def in_focus(rows: pd.DataFrame, excess: pd.DataFrame, cycle: pd.Timestamp, limit: float) -> pd.DataFrame:
    """The `rows` of units whose own excess reached `limit` in the last six labels up to `cycle`; all where none did.

    Choosing units by how far they moved does not bias the test: were the movement information, it would be
    uncorrelated with the error that is left, however large it is (Augenblick & Rabin 2021). What it avoids is that
    noise in one family is hidden by seven that behave.
    """
    known = excess[excess["label"] <= cycle]
    recent = known[known["label"].isin(sorted(known["label"].unique())[-FOCUS_WINDOW:])]
    chosen = rows["unit"].isin(recent.loc[recent["excess"] >= limit, "unit"])
    return rows[chosen] if chosen.any() else rows


def _row(found: Noise) -> tuple[float, float, float]:
    return found.share, found.p_churn, found.p_sluggish


def successive(revisions: pd.DataFrame) -> pd.DataFrame:
    """Each revision beside the one before it of the same target.

    Returns
    -------
    One row per `cycle`, `unit`, `period` with both: `revision`, `before` (units), `scale`, which is the forecast
    before the change (units), from which a unit's revisions are made comparable.
    """
    ordered = revisions.sort_values(["unit", "period", "cycle"], ignore_index=True)
    grouped = ordered.groupby(["unit", "period"])
    before, lag_before = grouped["revision"].shift(), grouped["lag"].shift()
    follows = lag_before == ordered["lag"] + 1
    pairs = ordered.assign(before=before, scale=ordered["earlier"])[follows]
    return pairs[["cycle", "unit", "period", "revision", "before", "scale"]].reset_index(drop=True)


@alike
def flip_flop(pairs: pd.DataFrame) -> tuple[float, float]:
    """Slope b of a revision on the one before it, and the one-sided p-value of b < 0 (Nordhaus 1987).

    b < 0: changes are taken back (flip-flop); b > 0: news is worked in slowly. Clustered by target period; missing with
    fewer than six targets.

    Parameters
    ----------
    pairs
        From `successive`, rows known by then; the last eight cycles are used.
    """
    recent = pairs[pairs["cycle"].isin(sorted(pairs["cycle"].unique())[-FLIP_WINDOW:])]
    scale = recent.groupby("unit")["scale"].transform("mean")
    known = recent[scale > 0]
    product = (known["revision"] * known["before"] / scale**2).groupby(known["period"]).sum().to_numpy(float)
    square = (known["before"] ** 2 / scale**2).groupby(known["period"]).sum().to_numpy(float)
    clusters = len(product)
    if clusters < FEWEST_CLUSTERS or square.sum() <= 0:
        return float("nan"), float("nan")
    slope = product.sum() / square.sum()
    error = np.sqrt(((product - slope * square) ** 2).sum() * clusters / (clusters - 1)) / square.sum()
    return float(slope), float(stats.t.cdf(slope / error, clusters - 1)) if error > 0 else float(slope >= 0)


@alike
def late_ratio(revisions: pd.DataFrame, cycles: pd.DatetimeIndex, fence: int, reach: int) -> pd.DataFrame:
    """LR: late movement against the client's own ordinary movement further out; needs no actuals.

    Returns
    -------
    One row per `label` and `unit`: `excess` = √(mean r² inside the fence) / √(mean over units and the last twelve
    cycles of mean r² from the fence to the far lag), revisions as a share of the unit's mean forecast; `movement`.
    """
    rows = [_ratio_at(revisions[revisions["cycle"] <= cycle], cycle, fence, reach) for cycle in cycles]
    columns = ["label", "unit", "excess", "movement"]
    found = [row for row in rows if len(row)]
    return pd.concat(found, ignore_index=True)[columns] if found else pd.DataFrame(columns=columns)


def _ratio_at(known: pd.DataFrame, cycle: pd.Timestamp, fence: int, reach: int) -> pd.DataFrame:
    scale = known.groupby("unit")["earlier"].transform("mean")
    relative = known[scale > 0].assign(
        squared=(winsorised(known["revision"], known["unit"]) / scale) ** 2, movement=known["revision"].abs()
    )
    inside = relative["lag"] < fence
    late = (
        relative[inside & (relative["cycle"] == cycle)]
        .groupby("unit")
        .agg(squared=("squared", "mean"), movement=("movement", "sum"), cells=("squared", "size"))
    )
    cycles = sorted(relative["cycle"].unique())[-ORDINARY_CYCLES:]
    ordinary = relative[~inside & relative["cycle"].isin(cycles)].groupby(["cycle", "unit"])["squared"].mean()
    usual = ordinary.groupby("cycle").mean().mean() if len(cycles) >= FEWEST_REALISED else float("nan")
    whole = late[late["cells"] == fence]
    return whole.assign(excess=np.sqrt(whole["squared"] / usual), label=cycle).dropna(subset=["excess"]).reset_index()


def late_volume(revisions: pd.DataFrame, fence: int) -> pd.Series:
    """LCV: Σ|change| inside the fence over the forecast it changed, by label; missing where that was 0."""
    inside = revisions[revisions["lag"] < fence].assign(size=lambda r: r["revision"].abs())
    sums = inside.groupby("cycle")[["size", "earlier"]].sum()
    return (sums["size"] / sums["earlier"].where(sums["earlier"] > 0)).rename("late_volume").rename_axis("label")


def leave_one_out(excess: pd.DataFrame) -> pd.DataFrame:
    """How much the pooled excess of a label would fall without each unit: `label`, `unit`, `amount` ≥ 0."""
    squared = excess.assign(squared=excess["excess"] ** 2)
    total = squared.groupby("label")["squared"].transform("sum")
    units = squared.groupby("label")["squared"].transform("size")
    rest = (total - squared["squared"]) / (units - 1).where(units > 1)
    effect = (total / units).pow(0.5) - rest.clip(lower=0).pow(0.5).fillna(0.0)
    return squared[["label", "unit"]].assign(amount=effect.clip(lower=0))
