"""A word-sized course of one metric, drawn by hand: small enough to sit in a table."""

from __future__ import annotations

from html import escape

import numpy as np
import pandas as pd

from helpers.charts import style
from helpers.charts.numbers import day, number
from helpers.evidence import Metric

WIDTH, HEIGHT, PAD = 96, 24, 3
CYCLES = 24


def spark(metric: Metric, accent: str = style.ACCENT) -> str:
    """The last 24 values of a metric as inline SVG, its amber limit as a thin line, its last value as a point."""
    values = metric.values.tail(CYCLES)
    known = values.dropna()
    if len(known) < 2:
        return ""
    bounds = [metric.limit.amber] if metric.limit else []
    low, high = float(min([*known, *bounds])), float(max([*known, *bounds]))
    across = np.linspace(PAD, WIDTH - PAD, len(values))
    up = HEIGHT - PAD - (values.to_numpy(float) - low) / ((high - low) or 1.0) * (HEIGHT - 2 * PAD)
    limit = ""
    if bounds:
        height = HEIGHT - PAD - (bounds[0] - low) / ((high - low) or 1.0) * (HEIGHT - 2 * PAD)
        ends = f'x1="0" x2="{WIDTH}" y1="{height:.1f}" y2="{height:.1f}"'
        limit = f'<line {ends} stroke="{style.AMBER}" stroke-dasharray="3 2" stroke-width="1"/>'
    last = np.flatnonzero(np.isfinite(up))[-1]
    words = escape(_words(metric, known))
    size = f'viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}"'
    return (
        f'<svg class="spark" role="img" aria-label="{words}" {size}><title>{words}</title>{limit}'
        f'<path d="{_path(across, up)}" fill="none" stroke="{accent}" stroke-width="1.6"/>'
        f'<circle cx="{across[last]:.1f}" cy="{up[last]:.1f}" r="2.6" fill="{accent}"/></svg>'
    )


def _path(across: np.ndarray, up: np.ndarray) -> str:
    steps, drawing = [], False
    for x, y in zip(across, up, strict=True):
        if np.isfinite(y):
            steps.append(f"{'L' if drawing else 'M'}{x:.1f} {y:.1f}")
        drawing = bool(np.isfinite(y))
    return "".join(steps)


def _words(metric: Metric, known: pd.Series) -> str:
    unit = metric.unit or (metric.limit.unit if metric.limit else "")
    first, last = number(float(known.iloc[0]), unit), number(float(known.iloc[-1]), unit)
    return f"{metric.title}: {first} in {day(known.index[0])}, {last} in {day(known.index[-1])}"
