"""Did people's changes help: error removed by late changes, and by everything added to the statistical forecast."""

from __future__ import annotations

import pandas as pd

from helpers.inference import diebold_mariano

TARGETS, FEWEST_TARGETS = 24, 8


def late_value_added(errors: pd.DataFrame, fence: int) -> pd.DataFrame:
    """Did late changes help: error removed from the fence to the last forecast, as a share of the error before.

    Parameters
    ----------
    errors
        From `measures.forecast.unit_errors`.

    Returns
    -------
    One row per closed `period`: `value_added`, negative where late changes made the forecast worse; `gain`, the same
    error removed as a share of demand. Missing where the error before, or demand, was 0.
    """
    absolute = errors.assign(size=errors["error"].abs())
    sides = absolute.pivot_table(index=["period", "unit"], columns="lag", values="size")
    if not {0, fence} <= set(sides.columns):
        return pd.DataFrame(columns=["period", "value_added", "gain"])
    actual = errors[errors["lag"] == 0].set_index(["period", "unit"])["actual"]
    sums = sides[[0, fence]].assign(actual=actual).dropna().groupby("period").sum()
    removed = sums[fence] - sums[0]
    shares = {
        "value_added": removed / sums[fence].where(sums[fence] > 0),
        "gain": removed / sums["actual"].where(sums["actual"] > 0),
    }
    return pd.DataFrame(shares).reset_index()


def chance_of_no_gain(gains: pd.DataFrame, steps: int) -> pd.DataFrame:
    """One-sided p-value of the hypothesis that late changes remove no error, from the test of Diebold & Mariano.

    Parameters
    ----------
    gains
        From `late_value_added`.
    steps
        Steps ahead of the earlier of the two forecasts (a forecast for the period that opens is one step ahead).

    Returns
    -------
    One row per closed `period`: `p_value` from the last 24 targets up to it; missing with fewer than eight.
    """
    known = gains.dropna(subset=["gain"]).sort_values("period", ignore_index=True)
    p_values = [
        diebold_mariano(known["gain"].iloc[max(0, end - TARGETS) : end].to_numpy(float), steps)
        if end >= FEWEST_TARGETS
        else float("nan")
        for end in range(1, len(known) + 1)
    ]
    return known[["period"]].assign(p_value=pd.Series(p_values, dtype=float))


def override_value_added(errors: pd.DataFrame) -> pd.DataFrame:
    """Forecast value added by people: error of the statistical forecast that the published one removed, as a share.

    Source: Gilliland, forecast value added.

    Parameters
    ----------
    errors
        From `measures.forecast.stage_errors`.

    Returns
    -------
    One row per closed `period`: `value_added`, negative where the published forecast was worse; missing where the
    statistical one had no error.
    """
    sums = errors.assign(own=errors["own"].abs(), other=errors["other"].abs()).groupby("period")[["own", "other"]].sum()
    added = (sums["other"] - sums["own"]) / sums["other"].where(sums["other"] > 0)
    return added.rename("value_added").reset_index()
