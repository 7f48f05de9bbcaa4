"""Axes of the pictures: cycles across, values up, limits as lines with their name beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator

from helpers.charts import style
from helpers.charts.alt import label
from helpers.charts.numbers import number, tick
from helpers.charts.worst import level
from helpers.evidence import Chart, Limit

STEPS = (1, 2, 3, 6, 12, 24, 52)
LABELS = 6
NAME = 26
GAP = 0.085
POINT = 0.008
NAME_GAP = 0.065
ABOVE = 1.35
LETTER = 0.016
NAMED_POINTS = 10


@dataclass(frozen=True)
class Key:
    """One entry of the key beside a stack: a part, or a line drawn over it."""

    name: object
    tone: str
    is_hatched: bool = False
    is_line: bool = False
    dashes: tuple[int, ...] = (1, 0)


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
                fontsize=10.5,
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
        fontsize=10.5,
    )


def end_labels(axes: Axes, lines: Mapping[str, tuple[pd.Series, str]], chart: Chart) -> None:
    """The last value, and the name where there are several lines, right of each line's end, pushed apart.

    Parameters
    ----------
    lines
        Values and tone of each line by its name.
    """
    low, high = axes.get_ylim()
    named = len(lines) > 1
    ends = [(name, line.dropna(), tone) for name, (line, tone) in lines.items()]
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


def name_gap(axes: Axes, across: np.ndarray, upper: np.ndarray, lower: np.ndarray, words: str) -> None:
    """`words` in the gap between two lines where it is widest, if there is any room for them."""
    width = np.nan_to_num(upper - lower, nan=0.0)
    low, high = axes.get_ylim()
    if width.max(initial=0.0) < NAME_GAP * (high - low):
        return
    place = int(width.argmax())
    side = "right" if place > 0.8 * len(across) else "left" if place < 0.2 * len(across) else "center"
    axes.text(
        across[place], (upper[place] + lower[place]) / 2, words, ha=side, va="center", color=style.INK, fontsize=10.5,
        bbox={"facecolor": style.PAPER, "edgecolor": "none", "pad": 1.5}, zorder=5,
    )  # fmt: skip


def quarters(axes: Axes, across: float, up: float, names: Sequence[str]) -> None:
    """The four quarters of a plane, parted at a point and named in their outer corners, from top left by rows."""
    for line, value in ((axes.axvline, across), (axes.axhline, up)):
        line(value, color=style.SOFT, linewidth=1, dashes=style.REFERENCE, zorder=1)
    for name, (end, side) in zip(names, product(("top", "bottom"), ("left", "right")), strict=True):
        corner = (0.0 if side == "left" else 1.0, 1.0 if end == "top" else 0.0)
        axes.annotate(
            name, corner, (0, -2 if end == "top" else 2), "axes fraction", "offset points", ha=side, va=end,
            color=style.SOFT, fontsize=10.5,
        )  # fmt: skip


def stack_labels(axes: Axes, keys: Sequence[Key]) -> None:
    """What each part and line is, beside the last column, the parts in the order they are stacked."""
    start = max(0.0, 0.5 - GAP * len(keys) / 2)
    for place, key in enumerate(keys):
        height = start + GAP * place
        _swatch(axes, key, height)
        axes.annotate(
            clipped(label(key.name).replace("_", " "), 20),
            (1.01, height),
            (17, 0),
            xycoords="axes fraction",
            textcoords="offset points",
            va="center",
            color=style.INK,
            fontsize=10.5,
            annotation_clip=False,
        )


def _swatch(axes: Axes, key: Key, height: float) -> None:
    """A small patch or a piece of line, right of the picture, as the part or line is drawn."""
    if key.is_line:
        piece = Line2D([1.012, 1.042], [height] * 2, color=key.tone, linewidth=1.6, dashes=key.dashes, clip_on=False)
        axes.add_artist(piece).set_transform(axes.transAxes)
        return
    face, hatch = (style.PAPER, style.HATCH) if key.is_hatched else (key.tone, None)
    patch = Rectangle((1.014, height - 0.022), 0.024, 0.044, clip_on=False, edgecolor=key.tone, linewidth=0.8)
    patch.set(facecolor=face, hatch=hatch)
    axes.add_artist(patch).set_transform(axes.transAxes)


def tone(value: float, limit: Limit | None, accent: str) -> str:
    """Red or amber when the limit is reached, the accent otherwise."""
    return {"red": style.RED, "amber": style.AMBER}.get(level(value, limit), accent)


def clipped(name: str, length: int = NAME) -> str:
    """A name short enough for its place."""
    return name if len(name) <= length else f"{name[: length - 1]}…"


def say_empty(axes: Axes) -> None:
    """A picture without values says so."""
    axes.set_axis_off()
    axes.text(0.5, 0.5, "No values to show", ha="center", va="center", color=style.FAINT, transform=axes.transAxes)


def point_labels(axes: Axes, points: Sequence[tuple[str, float, float]]) -> None:
    """A name beside each of the worst points, inside the axes; one that would cover another is moved and tied.

    A name that finds no place is left out.
    """
    (left, right), (low, high) = axes.get_xlim(), axes.get_ylim()
    placed = [(name, (across - left) / (right - left), (up - low) / (high - low)) for name, across, up in points]
    taken = [(across - POINT, across + POINT, up) for _, across, up in placed]
    for name, across, up in _worst_points(placed):
        width = LETTER * len(name)
        place = _free(taken, across, up, width)
        if place is None:
            continue
        start, height = place
        taken.append((start, start + width, height))
        near, side = (start, "left") if start > across else (start + width, "right")
        if height != up:
            tie = Line2D((across, near), (up, height), color=style.FAINT, linewidth=0.7)
            axes.add_artist(tie).set_transform(axes.transAxes)
        words = axes.annotate(
            name, (near, height), xycoords="axes fraction", ha=side, va="center", color=style.INK, fontsize=10.5,
        )  # fmt: skip
        words.set_in_layout(False)


def _worst_points(points: list[tuple[str, float, float]]) -> list[tuple[str, float, float]]:
    """Those far out on either axis, farthest first."""
    across = pd.Series([point[1] for point in points]).rank(ascending=False)
    up = pd.Series([point[2] for point in points]).rank(ascending=False)
    order = pd.DataFrame({"best": np.minimum(across, up), "both": across + up}).sort_values(["best", "both"])
    return [points[place] for place in order.index[:NAMED_POINTS]]


def _free(
    taken: list[tuple[float, float, float]], across: float, up: float, width: float
) -> tuple[float, float] | None:
    """Where a name of that width begins, right of its point or left, there or a few lines above or below it."""
    for step, side in product((0, 1, -1, 2, -2, 3, -3), (across + 0.015, across - 0.015 - width)):
        height = up + step * NAME_GAP
        inside = side >= 0 and side + width <= 1 and NAME_GAP <= height <= 1 - NAME_GAP
        apart = all(end <= side or side + width <= begin or abs(height - at) >= NAME_GAP for begin, end, at in taken)
        if inside and apart:
            return side, height
    return None
