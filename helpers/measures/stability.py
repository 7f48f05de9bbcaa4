"""How a forecast behaves, described without a limit: bias, size of changes, changes taken back, path to what came."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd

from helpers.memory import alike

SIGNAL_TARGETS = 12
FEWEST_CHANGES = 6
FEWEST_REVISIONS = 2
PATH_PERIODS = 12


def tracking_signal(errors: pd.DataFrame, lag: int) -> pd.DataFrame:
    """Bias against ordinary error: Σ(forecast − demand) over the mean absolute error, of the last twelve targets.

    Positive: forecasts too high. Within ±4 by convention. Units do not cancel: the one farthest from 0 speaks.

    Parameters
    ----------
    errors
        From `measures.forecast.unit_errors`; the forecasts of `lag` are taken.

    Returns
    -------
    One row per closed `period`: `signal`; missing before a unit has twelve targets or where all of them were exact.
    """
    rows = errors[errors["lag"] == lag].sort_values(["unit", "period"], ignore_index=True)
    grouped = rows.groupby("unit")["error"]
    total = grouped.transform(lambda error: error.rolling(SIGNAL_TARGETS).sum())
    usual = grouped.transform(lambda error: error.abs().rolling(SIGNAL_TARGETS).mean())
    signals = rows.assign(signal=total / usual.where(usual > 0)).dropna(subset=["signal"])
    farthest = signals.loc[signals["signal"].abs().groupby(signals["period"]).idxmax()]
    return farthest[["period", "signal"]].reset_index(drop=True)


def change_size(revisions: pd.DataFrame) -> pd.Series:
    """Symmetric mean absolute change of the forecast, by label: mean of 2·|new − old| / (new + old), 0/0 as 0.

    Source: Van Belle et al. 2023, there in percent.

    Parameters
    ----------
    revisions
        From `measures.forecast.unit_revisions`.
    """
    both = 2 * revisions["earlier"] + revisions["revision"]
    relative = (2 * revisions["revision"].abs() / both.where(both > 0)).fillna(0.0)
    return relative.groupby(revisions["cycle"]).mean().rename("change_size").rename_axis("label")


def scaled_change(revisions: pd.DataFrame, errors: pd.DataFrame) -> pd.Series:
    """Root mean squared change of the forecast over that of demand from one period to the next, by label.

    Mean over units; demand as realised before the cycle. Missing for units with fewer than six changes of demand or
    none at all. Source: Van Belle et al. 2023.

    Parameters
    ----------
    revisions, errors
        From `measures.forecast.unit_revisions` and `unit_errors`.
    """
    demand = errors[errors["lag"] == 0].sort_values(["unit", "period"])
    steps = demand.assign(squared=demand.groupby("unit")["actual"].diff() ** 2)
    steps["usual"] = steps.groupby("unit")["squared"].transform(lambda s: s.expanding(FEWEST_CHANGES).mean())
    moved = (
        revisions.assign(squared=revisions["revision"] ** 2)
        .groupby(["cycle", "unit"], as_index=False)
        .agg(squared=("squared", "mean"))
        .sort_values("cycle")
    )
    known = steps[["period", "unit", "usual"]].sort_values("period")
    both = pd.merge_asof(moved, known, left_on="cycle", right_on="period", by="unit", allow_exact_matches=False)
    ratio = (both["squared"] / both["usual"].where(both["usual"] > 0)).pow(0.5)
    return ratio.groupby(both["cycle"]).mean().rename("scaled_change").rename_axis("label")


def flip_flop_index(revisions: pd.DataFrame) -> pd.Series:
    """Change taken back on the way to the last forecast, by label (the cycle of that forecast), mean over units.

    [Σ|change| − (highest − lowest)] / (snapshots − 2) of a target's snapshots, as a share of its mean forecast; 0 where
    it only rose or only fell. Needs three snapshots in a row, the last of lag 0. Source: Griffiths et al. 2019.

    Parameters
    ----------
    revisions
        From `measures.forecast.unit_revisions`.
    """
    ordered = revisions.sort_values(["unit", "period", "lag"], ascending=[True, True, False])
    targets = [(*key, _flip_flop(rows)) for key, rows in ordered.groupby(["period", "unit"])]
    frame = pd.DataFrame(targets, columns=["label", "unit", "index"])
    return frame.groupby("label")["index"].mean().rename("flip_flop_index")


def _flip_flop(target: pd.DataFrame) -> float:
    count = len(target)
    if count < FEWEST_REVISIONS or target["lag"].tolist() != list(range(count - 1, -1, -1)):
        return float("nan")
    path = np.append(target["earlier"].iloc[0], target["earlier"] + target["revision"])
    back = np.abs(np.diff(path)).sum() - np.ptp(path)
    return float(back / (count - 1) / path.mean()) if path.mean() > 0 else float("nan")


STEPS: dict[object, str] = {"first": "first forecast", "last": "last forecast", "actual": "what came", 0: "current"}


def said_of(step: object) -> str:
    """A lag, or the end of a forecast's path, in a planner's words: `current`, `2 ahead`, `first forecast`."""
    return STEPS.get(step, f"{step} ahead")


@alike
def change_by_lag(revisions: pd.DataFrame) -> pd.DataFrame:
    """Σ|change| of the forecast over the forecast before, all units: one row per `cycle` and `lag`: `share`.

    Parameters
    ----------
    revisions
        From `measures.forecast.unit_revisions`; missing where the forecast before was 0.
    """
    sums = revisions.assign(size=revisions["revision"].abs()).groupby(["lag", "cycle"], as_index=False)
    totals = sums[["size", "earlier"]].sum()
    return totals.assign(share=totals["size"] / totals["earlier"].where(totals["earlier"] > 0))[
        ["cycle", "lag", "share"]
    ]


@alike
def recent_targets(revisions: pd.DataFrame, errors: pd.DataFrame | None, reach: int) -> pd.DataFrame:
    """How the forecast of each target of the last twelve periods moved, and what came.

    A target is a period of a unit that was followed through every lag below `reach` and, where errors are known, is
    realised. What enters or leaves the forecast between two snapshots counts as change of the later one.

    Parameters
    ----------
    revisions, errors
        From `measures.forecast.unit_revisions` and `unit_errors`; without errors nothing is said of what came.

    Returns
    -------
    By `unit`, `period`: the first number in column `reach`, the forecast after each lag from `reach` - 1 to 0, and with
    errors `actual`.
    """
    rows = revisions.assign(after=revisions["earlier"] + revisions["revision"])
    after = rows.pivot(index=["unit", "period"], columns="lag", values="after")
    before = rows[rows["lag"] == reach - 1].set_index(["unit", "period"])["earlier"].rename(reach)
    paths = pd.concat([before, after.reindex(columns=range(reach - 1, -1, -1))], axis=1)
    if errors is not None:
        paths = paths.join(errors[errors["lag"] == 0].set_index(["unit", "period"])["actual"])
    paths = paths.dropna()
    recent = sorted(paths.index.get_level_values("period").unique())[-PATH_PERIODS:]
    return paths[paths.index.get_level_values("period").isin(recent)]


def periods_said(targets: pd.DataFrame) -> str:
    """Which targets those of `recent_targets` are, in words: `The last 12 periods together`."""
    count = targets.index.get_level_values("period").nunique()
    return "The last period" if count == 1 else f"The last {count} periods together"


def forecast_path(targets: pd.DataFrame) -> pd.DataFrame:
    """How the forecast of all targets together came from its first number to its last, and what came.

    Parameters
    ----------
    targets
        From `recent_targets`.

    Returns
    -------
    In order of time, as shares of the first forecast: `step` (`first`, the lags down to 0, `last`, `actual` where it is
    known), `move` (`level`, `raised`, `cut`) and `share` ≥ 0. No rows without a target or where its first number is 0.
    """
    lags = [column for column in targets if column != "actual"]
    first = float(targets[lags[0]].sum())
    if not first > 0:
        return pd.DataFrame(columns=["step", "move", "share"])
    rows: list[tuple[object, str, float]] = [("first", "level", first)]
    for earlier, lag in pairwise(lags):
        step = targets[lag] - targets[earlier]
        rows += [(lag, "raised", float(step.clip(lower=0).sum())), (lag, "cut", float(-step.clip(upper=0).sum()))]
    rows.append(("last", "level", float(targets[lags[-1]].sum())))
    if "actual" in targets:
        rows.append(("actual", "level", float(targets["actual"].sum())))
    found = pd.DataFrame(rows, columns=["step", "move", "share"])
    return found.assign(share=found["share"] / first)
