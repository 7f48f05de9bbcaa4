"""Whether the same item from the same supplier is rushed again and again, more often than by chance."""

from __future__ import annotations

import ibis
import numpy as np
import pandas as pd
from scipy import stats

from helpers.engagement import Engagement, once
from helpers.measures.purchasing import CELL, WINDOW, settled_lines


@once
def repeat_lift(engagement: Engagement, counts: pd.DataFrame) -> pd.DataFrame:
    """How much more often than by chance the same item–supplier pairs are rushed again.

    Over the six labels up to each one. Expected: each active cycle of a pair is rushed with its supplier's own rate.

    Parameters
    ----------
    counts
        From `rush_counts`: only lines of its labels, families and suppliers are looked at.

    Returns
    -------
    One row per `label`: `pairs` rushed at least once, `repeated` among them, `expected` repeated, `lift` = repeated /
    expected (missing without rushed pairs), `known_on`.
    """
    looked_at = ibis.memtable(counts[list(CELL)].drop_duplicates())
    lines = settled_lines(engagement).semi_join(looked_at, list(CELL))
    pair = lines.group_by("position", "item_id", "supplier_id").aggregate(hit=lines.is_rushed.any().cast("int64"))
    last = len(engagement.calendar.labels) - 1
    ahead = ibis.memtable(pd.DataFrame({"ahead": range(WINDOW)}))
    windows = pair.cross_join(ahead).mutate(at=lambda t: t.position + t.ahead).filter(lambda t: t.at <= last)
    of_pair = windows.group_by("at", "supplier_id", "item_id").aggregate(active=windows.count(), hits=windows.hit.sum())
    cells = of_pair.group_by("at", "supplier_id", "active").aggregate(
        cycles=of_pair.active.sum(),
        hits=of_pair.hits.sum(),
        pairs=(of_pair.hits >= 1).sum(),
        repeated=(of_pair.hits >= 2).sum(),
    )
    frame = engagement.frame(cells).astype({"cycles": float, "hits": float, "active": float})
    supplier = frame.groupby(["at", "supplier_id"])[["hits", "cycles"]].transform("sum")
    frame = frame.assign(expected=frame["pairs"] * _repeats(frame["active"], supplier["hits"] / supplier["cycles"]))
    lift = frame.groupby("at", as_index=False)[["pairs", "repeated", "expected"]].sum()
    labels = pd.Series(engagement.calendar.labels)
    lift = lift.assign(
        label=lift["at"].map(labels), lift=lift["repeated"] / lift["expected"].where(lift["expected"] > 0)
    )
    return lift.drop(columns="at").assign(known_on=engagement.calendar.known_on(lift["label"], "fact"))


def _repeats(active: pd.Series, rate: pd.Series) -> np.ndarray:
    """P(at least two hits | at least one) in `active` cycles at `rate` a cycle."""
    none = stats.binom.pmf(0, active, rate)
    once = stats.binom.pmf(1, active, rate)
    return np.where(none < 1, (1 - none - once) / np.where(none < 1, 1 - none, 1.0), 0.0)
