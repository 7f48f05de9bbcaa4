"""What people's changes do to the forecast, cycle by cycle, in one place: bias, stability, value added, lateness."""

from __future__ import annotations

import pandas as pd

from helpers.engagement import Engagement, once
from helpers.measures import lateness, stability, value_added
from helpers.measures.forecast import published_stage, stage_errors, stages_sent, unit_revisions

BASELINE = "statistical"


def has_baseline(engagement: Engagement) -> bool:
    """Whether a statistical forecast was sent beside the published one."""
    return BASELINE in stages_sent(engagement) and published_stage(engagement) != BASELINE


@once
def later_than_news(engagement: Engagement, revisions: pd.DataFrame, reach: int) -> pd.DataFrame:
    """How much later the published forecast moves than the statistical one; without that, than an even spread.

    Returns
    -------
    One row per `label`: `lateness` (share), `low` (its 10 % quantile; always missing against an even spread).
    """
    fence = engagement.settings.demand_fence
    moved = lateness.movement(revisions, fence, reach)
    if not has_baseline(engagement):
        even = lateness.late_share(moved) - fence / reach
        return even.rename("lateness").reset_index().assign(low=float("nan"))
    return lateness.later_than(moved, lateness.movement(unit_revisions(engagement, reach, BASELINE), fence, reach))


@once
def described(
    engagement: Engagement, revisions: pd.DataFrame, errors: pd.DataFrame | None, reach: int
) -> dict[str, pd.Series]:
    """Series by label that describe and judge nothing; those of errors only where demand is known.

    Returns
    -------
    Plan-timed `change_size`, `scaled_change`, `flip_flop_index`; fact-timed, by the label of the target,
    `tracking_signal` (of the forecast the fence was entered with), `late_value_added`, `late_value_chance`,
    `override_value_added` (only with a statistical forecast).
    """
    found = {"change_size": stability.change_size(revisions), "flip_flop_index": stability.flip_flop_index(revisions)}
    if errors is None:
        return found
    fence = engagement.settings.demand_fence
    late = value_added.late_value_added(errors, fence)
    chance = value_added.chance_of_no_gain(late, fence + 1)
    signal = stability.tracking_signal(errors, fence)
    found |= {
        "scaled_change": stability.scaled_change(revisions, errors),
        "tracking_signal": _labelled(engagement, signal, "signal"),
        "late_value_added": _labelled(engagement, late, "value_added"),
        "late_value_chance": _labelled(engagement, chance, "p_value"),
    }
    if has_baseline(engagement):
        override = value_added.override_value_added(stage_errors(engagement, reach, BASELINE))
        found["override_value_added"] = _labelled(engagement, override, "value_added")
    return found


def _labelled(engagement: Engagement, rows: pd.DataFrame, column: str) -> pd.Series:
    labels = engagement.calendar.label_of(rows["period"])
    return rows.assign(label=labels).dropna(subset=["label"]).groupby("label")[column].last().astype(float)
