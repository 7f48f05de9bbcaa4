"""Where: who carries the evidence, and whether one unit stands out or many share it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from helpers.judgement.persistence import history, persistence_p
from helpers.periods import Calendar

MOST_DRIVERS = 5
SMALLEST_SHARE = 0.005
SMALLEST_LEAD = 0.25
FEWEST_LABELS = 3
LOW_QUANTILE = 0.10
DRAWS, SEED = 499, 20240101
FALSE_DISCOVERIES = 0.10

Driver = tuple[str, str, float]
Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Place:
    """The unit that stands out (`None`: none does) and over how many units the evidence is spread."""

    stands_out: str | None
    units: int


def drivers(contributions: pd.DataFrame, labels: pd.Series, unit: str) -> tuple[Driver, ...]:
    """Who carries the evidence in `labels`: (dimension, value, share), at most five a dimension, largest first.

    The sign's own unit comes before other dimensions of the same share. Amounts without a value count in the total of
    their dimension but are not listed.
    """
    inside = _inside(contributions, labels)
    found: list[Driver] = []
    for dimension, rows in inside.groupby("dimension", sort=False):
        amounts = rows.groupby("value")["amount"].sum().sort_values(ascending=False, kind="stable")
        shares = (amounts / rows["amount"].sum()).head(MOST_DRIVERS)
        found += [(str(dimension), str(value), round(float(share), 4)) for value, share in shares.items()]
    return tuple(
        sorted((d for d in found if d[2] >= SMALLEST_SHARE), key=lambda driver: (-driver[2], driver[0] != unit))
    )


def place(contributions: pd.DataFrame, labels: pd.Series, unit: str) -> Place:
    """Whether one value of the sign's own dimension stands out in `labels`.

    It does when it carries at least a quarter of the evidence and, over bootstrap draws of the labels, the 10 %
    quantile of its share stays above the median share of the runner-up. Fewer than three labels cannot tell.
    """
    own = _inside(contributions, labels)
    own = own[(own["dimension"] == unit) & own["value"].notna()]
    if own.empty:
        return Place(None, 0)
    amounts = own.pivot_table(index="label", columns="value", values="amount", aggfunc="sum", fill_value=0.0)
    shares = amounts.sum() / amounts.to_numpy().sum()
    units = int((shares >= SMALLEST_SHARE).sum())
    ranked = shares.sort_values(ascending=False, kind="stable")
    if units == 1:
        return Place(str(ranked.index[0]), 1)
    if ranked.iloc[0] < SMALLEST_LEAD or len(amounts) < FEWEST_LABELS:
        return Place(None, units)
    first, second = (amounts.columns.get_loc(name) for name in ranked.index[:2])
    drawn = _drawn_shares(amounts.to_numpy(float))
    leads = np.quantile(drawn[:, first], LOW_QUANTILE) > np.median(drawn[:, second])
    return Place(str(ranked.index[0]) if leads else None, units)


def beyond_chance(flags: pd.DataFrame, calendar: Calendar) -> tuple[str, ...]:
    """Units that breach more often than healthy ones would, surest first; none where there is one unit only.

    Persistence p-values of all units as known at the last cycle, at most a tenth of those named by chance (Benjamini &
    Hochberg 1995). It says where a sign recurs, never whether: ask it of recurring signs only.
    """
    known = flags[flags["value"].notna()].sort_values("label")
    now = len(calendar.cycles) - 1
    p_values = {
        str(unit): persistence_p(history(rows, calendar).at(calendar.cycles[now].to_datetime64()), now)
        for unit, rows in known.groupby("unit")
    }
    if len(p_values) < 2:
        return ()
    adjusted = stats.false_discovery_control(list(p_values.values()), method="bh")
    named = [unit for unit, p_value in zip(p_values, adjusted, strict=True) if p_value <= FALSE_DISCOVERIES]
    return tuple(sorted(named, key=lambda unit: (p_values[unit], unit)))


def _inside(contributions: pd.DataFrame, labels: pd.Series) -> pd.DataFrame:
    return contributions[contributions["label"].isin(labels) & (contributions["amount"] > 0)]


def _drawn_shares(amounts: Numbers) -> Numbers:
    """Shares of each column over draws of the rows with replacement, seeded."""
    picks = np.random.default_rng(SEED).integers(0, len(amounts), size=(DRAWS, len(amounts)))
    totals: Numbers = amounts[picks].sum(axis=1)
    shares: Numbers = totals / totals.sum(axis=1, keepdims=True)
    return shares
