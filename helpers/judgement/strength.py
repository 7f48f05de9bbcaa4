"""Strength: the evidence that a sign recurs, 0 to 1, comparable between signs and clients. It ranks, never decides."""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers.evidence import Level, Metric, Status

CAPS: dict[Level, float] = {"full": 1.0, "reduced": 0.90, "minimum": 0.80}
SHORT_HISTORY = 12
SHORT_HISTORY_CAP = 0.80


def evidence_score(severity: float, share_breached: float, p_value: float, weight: float) -> float:
    """0 to 1 from how severe, how often, how unlikely by chance and how much of the business."""
    unlikely = float(np.clip(np.log10(0.10 / max(p_value, 1e-12)) / 2, 0, 1))
    return 0.40 * severity + 0.30 * share_breached + 0.20 * unlikely + 0.10 * weight


def closeness(metric: Metric, labels: pd.Series) -> float:
    """How near the headline metric came to amber over `labels`, 0 to 1; 0 where it has no limit."""
    if metric.limit is None:
        return 0.0
    values = metric.values.reindex(labels).dropna()
    amber = metric.limit.amber
    reach = amber / values.where(values > 0) if metric.limit.lower_is_worse else values / amber
    return float(reach.clip(0, 1).mean()) if len(values) else 0.0


def strength(status: Status, score: float, near: float, level: Level, assessable: int) -> float:
    """The score in the band of its status: below 0.15 absent, below 0.5 isolated, from 0.5 recurring."""
    cap = min(CAPS[level], SHORT_HISTORY_CAP if assessable < SHORT_HISTORY else 1.0)
    bands = {
        "absent": 0.149 * near,
        "isolated": min(0.49, 0.15 + 0.34 * score),
        "recurring": min(cap, 0.50 + 0.50 * score),
        "not_assessable": 0.0,
    }
    return round(float(bands[status]), 3)
