"""Axes of the pictures: cycles across, values up, limits as lines with their name beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from helpers.charts import style
from helpers.charts.alt import label
from helpers.charts.numbers import number, tick
from helpers.evidence import Chart, Limit

STEPS = (1, 2, 3, 6, 12, 24, 52)
LABELS = 6
NAME = 26
GAP = 0.085
NAME_GAP = 0.065
ABOVE = 1.35


def cycles(axes: Axes, index: pd.Index) -> None:
    """Evenly spaced cycles, labelled often enough to be read and no more."""
    step = next((s for s in STEPS if len(index) / s <= LABELS), STEPS[-1])
    places = np.arange(len(index))[::-1][::step][::-1]
    axes.set_xticks(places, [label(index[place]) for place in places])
    axes.set_xlim(-0.6, len(index) - 0.4)


def shade(axes: Axes, index: pd.Index, recurring: Sequence[pd.Timestamp]) -> None:
    """A quiet band behind the cycles at which the sign recurred."""
    places = np.flatnonzero(index.isin(list(recurring))) if len(recurring) else np.array([], dtype=int)
    for run in np.split(places, np.flatnonzero(np.diff(places) > 1) + 1) if len(places) else []:
        axes.axvspan(run[0] - 0.5, run[-1] + 0.5, color=style.BAND, linewidth=0, zorder=0)
        if len(run) > 3:
            place = (run[0] - 0.3, 1.0)
            axes.annotate(
                "recurring",
                place,
                (0, -3),
                xycoords=("data", "axes fraction"),
                textcoords="offset points",
                va="top",
                color=style.FAINT,
                fontsize=9.5,
            )


def values(axes: Axes, unit: str, drawn: np.ndarray, limit: Limit | None) -> None:
    """A value axis that shows zero and the amber limit, and the red one when it is near.

    A narrow range far from zero that has no limit is shown alone.
    """
    known = drawn[np.isfinite(drawn)]
    low, high = float(known.min(initial=0.0)), float(known.max(initial=0.0))
    if limit is not None and limit.lower_is_worse and known.size and known.min() > 0.5 * limit.red:
        low = min(float(known.min()), limit.red) - 0.15 * (high - min(float(known.min()), limit.red))
    if limit is None and known.size and known.min() > 0.5 * high:
        low = float(known.min()) - 0.25 * (high - float(known.min()))
    if limit is not None:
        near = [
            bound for bound in (limit.amber, limit.red) if bound <= max(high, 1e-12) * ABOVE or bound == limit.amber
        ]
        high = max([high, *near])
    pad = 0.12 * ((high - low) or 1.0)
    axes.set_ylim(low - (pad / 3 if low < 0 else 0), high + pad)
    axes.yaxis.set_major_locator(MaxNLocator(4))
    axes.yaxis.set_major_formatter(lambda value, _: tick(value, unit))
    axes.grid(axis="y")


def limits(axes: Axes, limit: Limit | None, unit: str, vertical: bool = False) -> None:
    """Amber and red limit as thin dashed lines named at their end."""
    if limit is None:
        return
    low, high = axes.get_xlim() if vertical else axes.get_ylim()
    for bound, colour in ((limit.amber, style.AMBER), (limit.red, style.RED)):
        if low <= bound <= high:
            (axes.axvline if vertical else axes.axhline)(bound, color=colour, linewidth=1, dashes=(4, 3), zorder=2)
            _name_limit(axes, bound, number(bound, unit or limit.unit), colour, vertical)
    (axes.set_xlim if vertical else axes.set_ylim)(low, high)


def _name_limit(axes: Axes, bound: float, words: str, colour: str, vertical: bool) -> None:
    name = ("amber " if colour == style.AMBER else "red ") + words
    if vertical:
        place, shift, where = (bound, 1.0), (0, 2), ("data", "axes fraction")
    else:
        place, shift, where = (0.0, bound), (3, 2), ("axes fraction", "data")
    axes.annotate(
        name,
        place,
        shift,
        xycoords=where,
        textcoords="offset points",
        va="bottom",
        ha="center" if vertical else "left",
        color=colour,
        fontsize=9.5,
    )


def end_labels(axes: Axes, lines: Mapping[str, pd.Series], tones: Sequence[str], chart: Chart, named: bool) -> None:
    """The last value, and the name where there are several lines, right of each line's end, pushed apart."""
    low, high = axes.get_ylim()
    ends = [(name, line.dropna(), tone) for (name, line), tone in zip(lines.items(), tones, strict=False)]
    wanted = [(float((line.iloc[-1] - low) / (high - low)), name, line, tone) for name, line, tone in ends if len(line)]
    taken = 0.0
    for height, name, line, tone in sorted(wanted, key=lambda end: end[0]):
        taken = max(height, taken)
        words = number(float(line.iloc[-1]), chart.unit)
        words = f"{clipped(name, 24)} {words}" if named else words
        axes.annotate(
            words,
            (1.01, taken),
            xycoords="axes fraction",
            va="center",
            color=tone,
            fontsize=10.5,
            fontweight="bold" if not named else "normal",
            annotation_clip=False,
        )
        taken += GAP


def stack_labels(axes: Axes, wide: pd.DataFrame, tones: Sequence[str]) -> None:
    """The parts of a stack named beside the last column, in the order they are stacked."""
    count = wide.shape[1]
    start = max(0.0, 0.5 - GAP * count / 2)
    for place, (name, tone) in enumerate(zip(wide.columns, tones, strict=True)):
        height = start + GAP * place
        axes.annotate(
            "■", (1.01, height), xycoords="axes fraction", va="center", color=tone, fontsize=11, annotation_clip=False
        )
        axes.annotate(
            clipped(label(name).replace("_", " "), 20),
            (1.01, height),
            (13, 0),
            xycoords="axes fraction",
            textcoords="offset points",
            va="center",
            color=style.INK,
            fontsize=10,
            annotation_clip=False,
        )


def tone(value: float, limit: Limit | None, accent: str) -> str:
    """Red or amber when the limit is reached, the accent otherwise."""
    if limit is None:
        return accent
    sign = -1 if limit.lower_is_worse else 1
    if sign * value >= sign * limit.red:
        return style.RED
    return style.AMBER if sign * value >= sign * limit.amber else accent


def clipped(name: str, length: int = NAME) -> str:
    """A name short enough for its place."""
    return name if len(name) <= length else f"{name[: length - 1]}…"


def say_empty(axes: Axes) -> None:
    """A picture without values says so."""
    axes.set_axis_off()
    axes.text(0.5, 0.5, "No values to show", ha="center", va="center", color=style.FAINT, transform=axes.transAxes)


def point_labels(axes: Axes, points: Sequence[tuple[str, float, float]]) -> None:
    """A name beside each point; a name that would cover another is lifted above it."""
    (left, right), (low, high) = axes.get_xlim(), axes.get_ylim()
    taken: list[tuple[float, float, float]] = []
    for name, across, up in sorted(points, key=lambda point: point[1]):
        start, height = (across - left) / (right - left) + 0.015, (up - low) / (high - low)
        width = 0.0145 * len(name)
        if start + width > 1.12:
            start -= width + 0.03
        while any(start < end and begin < start + width and abs(height - at) < NAME_GAP for begin, end, at in taken):
            height += NAME_GAP
        taken.append((start, start + width, height))
        axes.annotate(
            name,
            (start, height),
            xycoords="axes fraction",
            va="center",
            color=style.INK,
            fontsize=10,
            annotation_clip=False,
        )
