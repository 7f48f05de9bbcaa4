"""Avoidable cost: what was spent beyond the client's own healthy cycles, as far as governance is behind it.

    avoidable = (Σ cost − Σ baseline)⁺ × γ

`baseline` is what the same cells (kind and place) cost in the client's own cycles before the sign began, per unit of
activity, times the activity of the cycle; at least what the client allows for in the settings. A ratio of sums is used,
not a low percentile: rescue costs are skewed, so a quartile of healthy cycles lies below what health costs on average
and would call the difference avoidable. For the same reason costs and baseline are compared as sums: cutting each cycle
off at zero would add up the lucky side of the noise. Cycles before the sign began are used because later quiet cycles
sit between breaches and already carry part of the habit. `γ` is the part that governance could have spared.

The interval of the baseline is one of 95 %: rescue costs come in clusters and are skewed, and an 80 % interval of
Student's t, which knows neither, held the truth in 33–60 % of faulty clients for signs 1, 2, 3, 8 and 9.

Own definition. Simulated clients with and without one fault were compared to choose between a percentile and the mean
of healthy cycles, and between the governance index and its complement to outside events as central γ: with the mean and
the complement the central estimate is near the true difference, with the index it is too small by what the index lacks.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from helpers.evidence import Cause, Range, Verdict

WINDOW = 6
FEWEST_QUIET = 3
FEWEST_FOR_A_YEAR = 6
QUARTILE = 0.25
CONFIDENCE = 0.975


@dataclass(frozen=True, eq=False)
class Spending:
    """Money of some cells by label, and the part of it that is judged.

    `amounts` has one row a cell, one column a label (missing: not known there); `share`, of the same shape, is the part
    of the cell that belongs to the sign in that label (0 to 1, also where nothing was spent). `activity` is the volume
    of business by label.
    """

    amounts: pd.DataFrame
    share: pd.DataFrame
    activity: pd.Series

    @property
    def own(self) -> pd.Series:
        """The sign's own money by label."""
        return (self.amounts * self.share).sum()

    def reach(self, labels: pd.DatetimeIndex) -> pd.DataFrame:
        """The sign's part of the activity by cell and label, 0 where the money of the cell is not known."""
        return self.share[labels].mul(self.activity.reindex(labels), axis=1).where(self.amounts[labels].notna(), 0.0)


def governance_share(cause: Cause | None, index: Range | None, outside: float) -> Range:
    """γ: how much of what lies above the healthy cycles governance could have spared.

    The baseline has already taken out what this client's own market costs in good health; taking the governance index
    off once more would count variability twice. So the central share is all but the part that outside events hit
    (`outside`, 0 to 1), and the index is the cautious end: nothing where the cause is undetermined. Where the cause is
    real variability the excess itself is variability, and the index decides throughout.
    """
    if cause == "real_variability" and index is not None:
        return index
    low = 0.0 if cause == "undetermined" or index is None else index.low
    return Range(min(low, 1.0 - outside), 1.0 - outside, 1.0)


def quiet_labels(verdict: Verdict, assessed: pd.DatetimeIndex) -> pd.DatetimeIndex:
    """Assessed labels without a breach, before the breaches began that led to the first warning.

    Without a warning all labels without a breach. Where fewer than three lie before, all of any time.
    """
    bad = pd.DatetimeIndex([*verdict.breached, *verdict.excused])
    quiet = assessed.difference(bad)
    if verdict.first_warning is None:
        return quiet
    led_to_it = pd.DatetimeIndex(assessed[assessed < verdict.first_warning][-WINDOW:]).intersection(bad)
    before = quiet[quiet < (led_to_it.min() if len(led_to_it) else verdict.first_warning)]
    return before if len(before) >= FEWEST_QUIET else quiet


def avoidable(
    spending: Spending, window: pd.DatetimeIndex, quiet: pd.DatetimeIndex, gamma: Range, allowance: float = 0.0
) -> tuple[Range, str]:
    """What could have been spared in `window`, and how the baseline was found.

    Parameters
    ----------
    window
        The labels the cost is said for. Labels that are in `quiet` are the baseline and spare nothing.
    quiet
        From `quiet_labels`; only labels whose costs are known count.
    allowance
        What the client allows for in the window (currency).

    Returns
    -------
    Low, central and high estimate (currency, none above what was spent). The interval is that of γ, widened by the 95 %
    prediction interval of the baseline.
    """
    known = quiet.intersection(pd.DatetimeIndex(spending.amounts.columns[spending.amounts.notna().any()]))
    judged = window.difference(quiet).intersection(pd.DatetimeIndex(spending.amounts.columns))
    spent = float(spending.own.reindex(judged).sum())
    if len(known) < FEWEST_QUIET:
        return _without_quiet(spending, judged, gamma, allowance)
    baseline, error = _baseline(spending, judged, known)
    baseline = max(baseline, allowance)
    low, centre, high = (float(np.clip(spent - baseline + step, 0.0, spent)) for step in (-error, 0.0, error))
    words = f"{len(known)} cycles without a breach, {'before it began, ' if known.max() < judged.min() else ''}at"
    return Range(low * gamma.low, centre * gamma.central, high * gamma.high), f"its own {words} the same activity"


def _baseline(spending: Spending, judged: pd.DatetimeIndex, known: pd.DatetimeIndex) -> tuple[float, float]:
    """What the sign's cells would have cost in `judged` at the ratios of `known`, and half the interval's width.

    Only labels count in which the cost of a cell is known, in `known` and in `judged` alike.
    """
    usual, activity = spending.amounts[known], spending.activity.reindex(known)
    volume = usual.notna().mul(activity, axis=1).sum(axis=1)
    ratio, reach = usual.sum(axis=1) / volume.where(volume > 0), spending.reach(judged).sum(axis=1)
    # A cell that was never seen in good health is taken at its own cost: it spares nothing.
    unseen = (spending.amounts * spending.share)[judged].sum(axis=1)[volume <= 0].sum()
    by_cell = usual.div(activity.where(activity > 0), axis=1).T.fillna(ratio).T
    spread = float(by_cell.mul(reach, axis=0).sum().std(ddof=1)) * np.sqrt(1 / len(known) + 1 / max(1, len(judged)))
    return float((ratio * reach).sum() + unseen), float(spread * stats.t.ppf(CONFIDENCE, len(known) - 1))


def _without_quiet(spending: Spending, judged: pd.DatetimeIndex, gamma: Range, allowance: float) -> tuple[Range, str]:
    """Between what lies above the client's cheapest quarter of cycles and everything: no healthy cycle was seen."""
    own, reach = (spending.amounts * spending.share)[judged], spending.reach(judged)
    full = spending.share[judged].mul(spending.activity.reindex(judged), axis=1)
    # Cells unknown in a label stand at their own ratio there, so that the label is no cheap one; they spare nothing.
    ratio = own.sum(axis=1) / reach.sum(axis=1).where(lambda r: r > 0)
    gaps = (full - reach).mul(ratio, axis=0).sum()
    known = judged[(reach > 0).any()]
    spent, active = float(own.sum().sum()), spending.activity.reindex(known)
    per_unit = (own.sum() + gaps).reindex(known) / active.where(active > 0)
    cheapest = float(per_unit.quantile(QUARTILE)) if per_unit.notna().any() else 0.0
    baseline = min(spent, max(cheapest * float(active.sum()) - float(gaps.reindex(known).sum()), allowance, 0.0))
    above, most = spent - baseline, max(0.0, spent - allowance)
    words = "no three cycles without a breach: from what lies above its cheapest quarter of cycles up to everything"
    return Range(above * gamma.low, (above + most) / 2 * gamma.central, most * gamma.high), words


def a_year(estimate: Range, labels: int, years: float) -> Range | None:
    """The estimate over a year, from `labels` that together last `years`; `None` with fewer than six labels."""
    return estimate.times(1 / years) if labels >= FEWEST_FOR_A_YEAR else None
