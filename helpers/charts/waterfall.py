"""Floating bars from a first level to the last: what was added points up, what was taken away points down."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from helpers.charts import style
from helpers.charts.alt import label
from helpers.charts.numbers import number, tick
from helpers.evidence import Chart

SPACIOUS = 7
HALF = 0.38
ROOM = 0.16


@dataclass(frozen=True)
class Bar:
    """One floating bar: where it stands, from where to where it reaches, what it is, and its size (≥ 0)."""

    place: float
    width: float
    start: float
    end: float
    move: str
    size: float


def bars(chart: Chart, rows: pd.DataFrame) -> list[Bar]:
    """The bars in order; raise and cut of a step stand side by side, each beginning where the one before ended."""
    places = {step: place for place, step in enumerate(dict.fromkeys(rows[chart.x]))}
    found, reached = [], 0.0
    for step, move, value in zip(rows[chart.x], rows[chart.series], rows[chart.y].astype(float), strict=True):
        if move == "level":
            found.append(Bar(places[step], 2 * HALF, 0.0, value, move, value))
            reached = value
            continue
        end = reached + (value if move == "raised" else -value)
        side = -HALF / 2 if move == "raised" else HALF / 2
        found.append(Bar(places[step] + side, HALF, reached, end, move, value))
        reached = end
    return found


def draw_waterfall(axes: Axes, chart: Chart, rows: pd.DataFrame, accent: str) -> None:
    """Draw the steps of `rows`: levels solid, raises light, cuts hatched; steps inside the fence on a band."""
    drawn = bars(chart, rows)
    steps = list(dict.fromkeys(label(step) for step in rows[chart.x]))
    bottom = _scale(axes, drawn, chart.unit)
    _fence(axes, steps, chart.look.fence)
    for bar in drawn:
        _draw(axes, bar, bottom, accent)
    for before, after in pairwise(drawn):
        if after.move != "level" or before.move != "level":
            axes.plot([before.place, after.place], [before.end] * 2, color=style.SOFT, linewidth=0.8, zorder=2)
    _name_bars(axes, drawn, chart.unit, spacious=len(steps) <= SPACIOUS)
    spaced = steps if len(steps) <= SPACIOUS else [step.removesuffix(" ahead") for step in steps]
    axes.set_xticks(range(len(steps)), [step.replace(" ", "\n", 1) for step in spaced])
    axes.set_xlim(-0.6, len(steps) - 0.4)


def _scale(axes: Axes, drawn: list[Bar], unit: str) -> float:
    """From zero, unless the bars move in a narrow range far above it; returns where the axis begins."""
    ends = np.array([[bar.end, bar.end if bar.move == "level" else bar.start] for bar in drawn])
    low, high = float(ends.min()), float(ends.max())
    narrow = low > 0.5 * high
    room = ROOM * ((high - low) or high)
    bottom = max(0.0, low - 2.5 * room) if narrow else min(0.0, low)
    axes.set_ylim(bottom, high + 1.8 * room)
    axes.yaxis.set_major_locator(MaxNLocator(4))
    axes.yaxis.set_major_formatter(lambda value, _: tick(value, unit))
    axes.grid(axis="y")
    if bottom > 0:
        words, fraction = f"the axis begins at {number(bottom, unit)}", "axes fraction"
        axes.annotate(words, (0, 1), (0, 3), fraction, "offset points", va="bottom", color=style.SOFT, fontsize=10.5)
    return bottom


def _fence(axes: Axes, steps: list[str], fence: tuple[str, ...]) -> None:
    inside = [place for place, step in enumerate(steps) if step in fence]
    if not inside:
        return
    axes.axvspan(inside[0] - 0.5, inside[-1] + 0.5, color=style.BAND, linewidth=0, zorder=0)
    middle, place = (inside[0] + inside[-1]) / 2, ("data", "axes fraction")
    axes.annotate(
        "inside the fence", (middle, 1.0), (0, 3), xycoords=place, textcoords="offset points", ha="center", va="bottom",
        color=style.SOFT, fontsize=10.5,
    )  # fmt: skip


def _draw(axes: Axes, bar: Bar, bottom: float, accent: str) -> None:
    start = bottom if bar.move == "level" else bar.start
    looks: dict[str, dict[str, object]] = {
        "level": {"color": accent},
        "raised": {"color": style.mixed(accent, 0.45)},
        "cut": {"facecolor": style.PAPER, "edgecolor": accent, "hatch": style.HATCH, "linewidth": 1.0},
    }
    axes.bar(bar.place, bar.end - start, bottom=start, width=bar.width, zorder=3, **looks[bar.move])  # type: ignore[arg-type]


def _name_bars(axes: Axes, drawn: list[Bar], unit: str, *, spacious: bool) -> None:
    """The amount over each raise and level and under each cut; where it is crowded, levels and large moves only."""
    largest = max((bar.size for bar in drawn if bar.move != "level"), default=0.0)
    for bar in drawn:
        up = bar.move == "raised"
        if bar.move == "level":
            _name(axes, bar, number(bar.end, unit), above=True)
        elif spacious or bar.size > largest / 2:
            _name(axes, bar, f"{'▲' if up else '▼'}{number(bar.size, unit)}", above=up)


def _name(axes: Axes, bar: Bar, words: str, *, above: bool) -> None:
    axes.annotate(
        words, (bar.place, bar.end), (0, 3 if above else -3), textcoords="offset points", ha="center",
        va="bottom" if above else "top", color=style.INK, fontsize=10.5, zorder=5,
        fontweight="bold" if bar.move == "level" else "normal",
    )  # fmt: skip
