"""Exogenous link: how much of the rescue money fell where the market or a supplier really surprised the plan (D4)."""

from __future__ import annotations

import pandas as pd

from helpers.engagement import Engagement
from helpers.measures.compensation import compensation
from helpers.measures.forecast import unit_demand, unit_errors

NEEDS = ("forecast_snapshots", "actual_demand | order_lines", "compensation_costs")
WINDOW = 12
FEWEST_ERRORS = 6
SURPRISE = 1.96
WIDEST_SHOCK = 0.60
REACH = 1


def exogenous_link(engagement: Engagement) -> pd.DataFrame:
    """Share of compensation that shocks do not explain, corrected for chance, over the last twelve labels.

    Returns
    -------
    One row per `label`: `value` in 0 to 1 = 1 − clip((s − π) / (1 − π)), s the share of compensation cost in shock
    cells
    (family × label, an effect may follow one label later), π the volume share of shock cells. 1: the money was spent
    where
    nothing surprised the plan (governance); missing without cost in the window or where π is above 0.6.
    """
    if not engagement.has(*NEEDS):
        return pd.DataFrame({"label": [], "value": []})
    shocked = _shock_share(engagement)
    costs = _costs_by_unit(engagement)
    cells = costs.merge(shocked, on=["label", "unit"], how="inner", validate="one_to_one")
    cells = cells.assign(hit=cells["amount"] * cells["is_shock"], volume_hit=cells["volume"] * cells["is_shock"])
    sums = cells.groupby("label")[["amount", "hit", "volume", "volume_hit"]].sum().sort_index()
    rolled = sums.rolling(WINDOW, min_periods=FEWEST_ERRORS).sum()
    explained = rolled["hit"] / rolled["amount"].where(rolled["amount"] > 0)
    by_chance = (rolled["volume_hit"] / rolled["volume"].where(rolled["volume"] > 0)).where(lambda p: p <= WIDEST_SHOCK)
    link = ((explained - by_chance) / (1 - by_chance)).clip(0, 1)
    return (1 - link).rename("value").reset_index()


def shock_cells(engagement: Engagement) -> pd.DataFrame:
    """Cells in which demand ran further from the forecast at the fence than that forecast's own earlier errors allow.

    Returns
    -------
    One row per `unit` and closed `period` with six earlier errors: `label` (missing where its interval is still open),
    `volume` (units of demand), `shock`: the error is beyond 1.96 times the root mean square of the earlier ones.
    """
    fence = engagement.settings.demand_fence
    errors = unit_errors(engagement, fence)
    at_fence = errors[errors["lag"] == fence].sort_values("period")
    spread = at_fence.groupby("unit")["error"].transform(
        lambda e: (e**2).expanding(FEWEST_ERRORS).mean().shift() ** 0.5
    )
    surprised = at_fence.assign(
        shock=(at_fence["error"].abs() > SURPRISE * spread) & spread.notna(), ready=spread.notna()
    )
    volume = unit_demand(engagement, fence).rename(columns={"actual": "volume"})
    cells = volume.merge(surprised[["unit", "period", "shock", "ready"]], on=["unit", "period"], validate="one_to_one")
    cells = cells[cells["ready"]].sort_values(["unit", "period"], ignore_index=True)
    label = engagement.calendar.label_of(cells["period"])
    return cells.assign(label=label)[["unit", "period", "label", "volume", "shock"]]


def _shock_share(engagement: Engagement) -> pd.DataFrame:
    """Cells that a shock may have reached, per `label` and `unit`: `is_shock` (0 or 1), `volume` (units of demand)."""
    cells = shock_cells(engagement)
    lagged = cells.groupby("unit")["shock"].transform(lambda s: s.astype(float).rolling(1 + REACH, min_periods=1).max())
    cells = cells.assign(is_shock=lagged).dropna(subset="label")
    return cells.groupby(["label", "unit"], as_index=False).agg(is_shock=("is_shock", "max"), volume=("volume", "sum"))


def _costs_by_unit(engagement: Engagement) -> pd.DataFrame:
    """Compensation cost per `label` and `unit`, the family it was booked on; rows without a family say nothing here."""
    return compensation(engagement, "family").dropna(subset="family").rename(columns={"family": "unit"})
