"""How a forecast behaves, described without a limit: bias, size of its changes, changes taken back."""

from __future__ import annotations

import numpy as np
import pandas as pd

SIGNAL_TARGETS = 12
FEWEST_CHANGES = 6
FEWEST_REVISIONS = 2


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
