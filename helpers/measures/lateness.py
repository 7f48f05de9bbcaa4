"""Does the forecast move later than it must: the share of its movement that falls inside the fence.

A forecast held still and released inside the fence can learn as much as it moves, so that movement against information
does not see it. The statistical forecast of the same targets shows how late the news itself came.
"""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd

from helpers.measures.revisions import winsorised

CYCLES, BLOCK = 6, 3
QUANTILE = 0.10
# Blocks of three neighbouring cycles of six, the last followed by the first: two of them make a resample, 36 in all,
# so that the whole distribution is at hand and nothing is drawn at random.
RESAMPLES = np.array(
    [
        [(start + step) % CYCLES for start in starts for step in range(BLOCK)]
        for starts in product(range(CYCLES), repeat=2)
    ]
)
SUMS = ["late", "all", "late_other", "all_other"]


def movement(revisions: pd.DataFrame, fence: int, reach: int) -> pd.DataFrame:
    """Squared movement of a cycle, inside the fence and at all lags below `reach`.

    Parameters
    ----------
    revisions
        From `measures.forecast.unit_revisions`.

    Returns
    -------
    One row per `cycle` and `unit` that moved targets of every lag: `late`, `all` (relative to the unit's mean forecast,
    squared; jumps clipped by what was known at the cycle).
    """
    found = [_moved_at(revisions[revisions["cycle"] <= cycle], cycle) for cycle in sorted(revisions["cycle"].unique())]
    rows = pd.concat(found, ignore_index=True) if found else revisions.assign(squared=0.0)
    rows = rows.assign(late=rows["squared"].where(rows["lag"] < fence, 0.0))
    sums = rows.groupby(["cycle", "unit"]).agg(late=("late", "sum"), all=("squared", "sum"), lags=("lag", "nunique"))
    return sums[sums["lags"] == reach].drop(columns="lags").reset_index()


def _moved_at(known: pd.DataFrame, cycle: pd.Timestamp) -> pd.DataFrame:
    clipped = known.assign(clipped=winsorised(known["revision"], known["unit"]))[known["cycle"] == cycle]
    scale = clipped.groupby("unit")["earlier"].transform("mean")
    return clipped.assign(squared=(clipped["clipped"] / scale.where(scale > 0)) ** 2).dropna(subset=["squared"])


def late_share(moved: pd.DataFrame) -> pd.Series:
    """Share of the movement of the last six cycles that fell inside the fence, by label.

    Parameters
    ----------
    moved
        From `movement`.
    """
    sums = moved.groupby("cycle")[["late", "all"]].sum().rolling(CYCLES).sum()
    return (sums["late"] / sums["all"].where(sums["all"] > 0)).rename("late_share").rename_axis("label")


def later_than(moved: pd.DataFrame, other: pd.DataFrame) -> pd.DataFrame:
    """By how much the late share exceeds that of another forecast of the same units, over the last six cycles.

    Parameters
    ----------
    moved, other
        From `movement`, of the published and of the other forecast.

    Returns
    -------
    One row per `label`: `lateness` (share, positive: later than the other), `low` (its 10 % quantile over resamples of
    whole cycles in blocks of three); missing before six cycles or where one of the two did not move.
    """
    pairs = moved.merge(other, on=["cycle", "unit"], suffixes=("", "_other"), validate="one_to_one")
    sums = pairs.groupby("cycle")[SUMS].sum()
    rows = [(sums.index[end - 1], *_later(sums.iloc[end - CYCLES : end])) for end in range(CYCLES, len(sums) + 1)]
    return pd.DataFrame(rows, columns=["label", "lateness", "low"])


def _later(window: pd.DataFrame) -> tuple[float, float]:
    values = window[SUMS].to_numpy(float)
    drawn = np.vstack([values.sum(axis=0), values[RESAMPLES].sum(axis=1)])
    with np.errstate(divide="ignore", invalid="ignore"):
        differences = drawn[:, 0] / drawn[:, 1] - drawn[:, 2] / drawn[:, 3]
    return float(differences[0]), float(np.quantile(differences[1:], QUANTILE))
