"""Rows × cycles, coloured by value; cells that reach a limit carry a mark as well as a colour."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, Normalize

from helpers.charts import axis, style
from helpers.charts.alt import label
from helpers.charts.numbers import number
from helpers.charts.worst import level
from helpers.evidence import Chart, Limit

ROWS = 15


def draw_heatmap(axes: Axes, chart: Chart, wide: pd.DataFrame, accent: str) -> None:
    """Draw `wide` (rows × cycles), at most fifteen rows; missing cells stay blank with a point.

    The worst rows stand on top, unless the chart asks for its own order.
    """
    import seaborn

    shown = wide.head(ROWS) if chart.look.in_order else _worst_rows(wide, chart.limit)
    colours, norm = _scale(shown, chart.limit, accent)
    seaborn.heatmap(
        shown, ax=axes, cmap=colours, norm=norm, cbar=False, linewidths=1.2, linecolor=style.PAPER, xticklabels=False
    )
    for row, column in zip(*np.nonzero(shown.isna().to_numpy()), strict=True):
        axes.plot(column + 0.5, row + 0.5, ".", color=style.RULE, markersize=3)
    _mark(axes, shown, chart.limit)
    _fence(axes, shown, chart)
    _name(axes, shown, wide, chart)


def _worst_rows(wide: pd.DataFrame, limit: Limit | None) -> pd.DataFrame:
    lower = limit is not None and limit.lower_is_worse
    order = wide.mean(axis=1).sort_values(ascending=lower, kind="stable").index
    return wide.loc[order].head(ROWS)


def _scale(shown: pd.DataFrame, limit: Limit | None, accent: str) -> tuple[LinearSegmentedColormap, Normalize]:
    low, high = float(np.nanmin(shown.to_numpy(float))), float(np.nanmax(shown.to_numpy(float)))
    if limit is None:
        return LinearSegmentedColormap.from_list("plain", [style.BAND, accent]), Normalize(min(low, 0.0), high or 1.0)
    calm = (style.BAND, style.mixed(accent, 0.62))
    if limit.lower_is_worse:
        low, high = min(low, limit.red), max(high, limit.amber + 1e-9)
        stops = [
            (low, style.RED),
            (limit.red, style.RED),
            (limit.red, style.AMBER_FILL),
            (limit.amber, style.AMBER_FILL),
            (limit.amber, calm[1]),
            (high, calm[0]),
        ]
    else:
        low, high = min(low, 0.0), max(high, limit.red)
        stops = [
            (low, calm[0]),
            (limit.amber, calm[1]),
            (limit.amber, style.AMBER_FILL),
            (limit.red, style.AMBER_FILL),
            (limit.red, style.RED),
            (high, style.RED),
        ]
    width = (high - low) or 1.0
    places = [(float(np.clip((value - low) / width, 0, 1)), colour) for value, colour in stops]
    places[0], places[-1] = (0.0, places[0][1]), (1.0, places[-1][1])
    return LinearSegmentedColormap.from_list("limits", places, N=512), Normalize(low, high)


def _mark(axes: Axes, shown: pd.DataFrame, limit: Limit | None) -> None:
    if limit is None:
        return
    reached = shown.map(lambda value: level(value, limit))
    for name, marker, colour in (("amber", "o", style.INK), ("red", "D", style.PAPER)):
        rows, columns = np.nonzero((reached == name).to_numpy())
        axes.plot(columns + 0.5, rows + 0.5, marker, color=colour, markersize=3.2, markeredgewidth=0)


def _fence(axes: Axes, shown: pd.DataFrame, chart: Chart) -> None:
    """A line under the last row inside the fence, named on its side."""
    inside = np.flatnonzero([label(row) in chart.look.fence for row in shown.index])
    if len(inside) and inside[-1] + 1 < len(shown):
        axes.axhline(inside[-1] + 1, color=style.INK, linewidth=2.2)
    if len(inside):
        axes.annotate(
            "inside the fence",
            (0, 1),
            (0, 3),
            xycoords="axes fraction",
            textcoords="offset points",
            va="bottom",
            color=style.INK,
            fontsize=10.5,
        )


def _name(axes: Axes, shown: pd.DataFrame, wide: pd.DataFrame, chart: Chart) -> None:
    axes.set_yticks(
        np.arange(len(shown)) + 0.5,
        [axis.clipped(label(name), 22) for name in shown.index],
        rotation=0,
        color=style.INK,
    )
    axis.cycles(axes, shown.columns)
    places = axes.get_xticks()
    axes.set_xticks(np.asarray(places) + 0.5, [label(shown.columns[int(place)]) for place in places])
    axes.set_xlim(0, shown.shape[1])
    axes.set(xlabel="", ylabel="")
    axes.tick_params(length=0)
    axes.spines["bottom"].set_visible(False)
    rest = len(wide) - ROWS
    milder = "" if chart.look.in_order else ", milder"
    words = [f"{rest} more row{'s' if rest > 1 else ''}{milder}"] if rest > 0 else []
    if chart.limit:
        unit = chart.unit or chart.limit.unit
        words = [f"● amber {number(chart.limit.amber, unit)}", f"◆ red {number(chart.limit.red, unit)}", *words]
    else:
        values = shown.to_numpy(float)
        faint, strong = (number(float(end), chart.unit) for end in (np.nanmin(values), np.nanmax(values)))
        words = [f"faint {faint}, strong {strong}", *words]
    axes.annotate(
        "   ".join(words),
        (1.0, 1.0),
        (0, 3),
        xycoords="axes fraction",
        textcoords="offset points",
        ha="right",
        va="bottom",
        color=style.SOFT,
        fontsize=10.5,
    )
