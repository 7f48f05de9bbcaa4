"""Draws the six kinds of chart a sign may ask for."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from helpers.charts import alt, axis, style
from helpers.charts.cloud import clouds_of, said_of_points
from helpers.charts.heatmap import draw_heatmap
from helpers.charts.numbers import number, tick
from helpers.charts.picture import Picture, to_svg
from helpers.charts.waterfall import draw_waterfall
from helpers.charts.worst import lower, ranked
from helpers.evidence import Chart

LINES = 5
BARS = 12
PARTS = 6
ROW = 24
MARKERS = ("o", "s", "^", "D", "v", "P")


def draw_chart(chart: Chart, recurring: Sequence[pd.Timestamp] = (), accent: str = style.ACCENT) -> Picture:
    """The picture of `chart`; cycles at which the sign recurred are shaded.

    Parameters
    ----------
    chart
        What the sign asked for. Missing values are left out, categories beyond the largest are counted, not drawn.
    recurring
        Cycles to shade where the horizontal axis holds cycles.
    accent
        The one colour of ordinary values; amber and red are kept for limits.
    """
    words = alt.describe(chart, recurring)
    rows = chart.rows.dropna(subset=[chart.y])
    with style.canvas(height=_height(chart, rows)) as (figure, (axes,)):
        if rows.empty:
            axis.say_empty(axes)
        else:
            _BY_KIND[chart.kind](axes, chart, rows, recurring, style.readable(accent))
        return Picture(to_svg(figure), chart.title, words, chart.reading)


def _height(chart: Chart, rows: pd.DataFrame) -> int:
    if chart.kind == "bars":
        return 44 + ROW * min(rows[chart.x].nunique() or 3, BARS + 1)
    if chart.kind == "heatmap":
        return 64 + ROW * min(rows[chart.series].nunique() or 3, 16)
    return style.HEIGHT + (24 if chart.kind == "waterfall" else 0)


def _trend(axes: Axes, chart: Chart, rows: pd.DataFrame, recurring: Sequence[pd.Timestamp], accent: str) -> None:
    wide = _wide(chart, rows)
    axis.cycles(axes, wide.index)
    axis.shade(axes, wide.index, recurring)
    beside = [name for name in chart.look.beside if name in wide]
    lines = ranked(chart, rows) if chart.series else list(wide.columns)
    tones = [*style.line_tones(accent), *[style.RULE] * len(lines)]
    for reference in beside:
        _line(axes, wide[reference].to_numpy(float), style.SOFT, style.REFERENCE, 1.1)
    for place, name in reversed(list(enumerate(lines))):
        dashes = style.DASHES[place] if place < LINES else style.DASHES[0]
        _line(axes, wide[name].to_numpy(float), tones[place], dashes, 2.3 if place == 0 else 1.6)
    axis.values(axes, chart.unit, wide.to_numpy(float), chart.limit)
    axis.limits(axes, chart.limit, chart.unit)
    _gap(axes, chart, wide, accent)
    named = {alt.label(name): (wide[name], tone) for name, tone in zip(lines[:LINES], tones, strict=False)}
    named |= {alt.label(name): (wide[name], style.SOFT) for name in beside}
    axis.end_labels(axes, named, chart)


def _gap(axes: Axes, chart: Chart, wide: pd.DataFrame, accent: str) -> None:
    """What lies between two lines, hatched where the first is above the second, named at its widest."""
    if chart.look.gap is None or not {*chart.look.gap[:2]} <= {*wide.columns}:
        return
    upper, lower = (wide[name].to_numpy(float) for name in chart.look.gap[:2])
    across, pale = np.arange(len(wide)), style.mixed(accent, 0.7)
    axes.fill_between(
        across, lower, upper, where=upper > lower, interpolate=True, facecolor="none", edgecolor=pale,
        hatch=style.HATCH, linewidth=0, zorder=1,
    )  # fmt: skip
    axis.name_gap(axes, across, upper, lower, chart.look.gap[2])


def _line(axes: Axes, values: np.ndarray, tone: str, dashes: tuple[int, ...], width: float) -> None:
    across = np.arange(len(values))
    axes.plot(across, values, color=tone, linewidth=width, dashes=dashes, zorder=3)
    gaps = pd.Series(values).isna()
    lonely = ~gaps & gaps.shift(1, fill_value=True) & gaps.shift(-1, fill_value=True)
    axes.plot(across[lonely], values[lonely], "o", color=tone, markersize=4, zorder=4)


def _bars(axes: Axes, chart: Chart, rows: pd.DataFrame, recurring: Sequence[pd.Timestamp], accent: str) -> None:
    totals = (
        rows.groupby(chart.x, observed=True)[chart.y].sum()
        if rows[chart.x].duplicated().any()
        else rows.set_index(chart.x)[chart.y]
    )
    ordered = totals.sort_values(ascending=lower(chart), kind="stable")
    shown = ordered.head(BARS)
    places = np.arange(len(shown))
    tones = [axis.tone(value, chart.limit, accent) for value in shown]
    axes.barh(places, shown.to_numpy(float), color=tones, height=0.62)
    for place, value in zip(places, shown, strict=True):
        axes.annotate(
            number(value, chart.unit),
            (max(value, 0), place),
            (5, 0),
            textcoords="offset points",
            va="center",
            color=style.INK,
        )
    names = [axis.clipped(alt.label(name)) for name in shown.index]
    if len(ordered) > BARS:
        axes.annotate(
            f"and {len(ordered) - BARS} more, {'larger' if lower(chart) else 'smaller'}",
            (0, len(shown) - 0.2),
            (0, 0),
            textcoords="offset points",
            va="center",
            color=style.FAINT,
            fontsize=10.5,
        )
    axes.set_yticks(places, names, color=style.INK)
    axes.set_ylim(len(shown) - 0.4 + (0.6 if len(ordered) > BARS else 0), -0.6)
    axes.set_xticks([])
    axes.margins(x=0.14)
    axes.spines["bottom"].set_visible(False)
    axes.axvline(0, color=style.RULE, linewidth=1)
    axis.limits(axes, chart.limit, chart.unit, vertical=True)


def _stack(axes: Axes, chart: Chart, rows: pd.DataFrame, recurring: Sequence[pd.Timestamp], accent: str) -> None:
    everything = _wide(chart, rows)
    beside = [name for name in chart.look.beside if name in everything]
    wide = everything.drop(columns=beside).fillna(0.0)
    largest = list(wide.sum().sort_values(ascending=False).index)
    wide = _few_parts(wide[_in_order(wide, chart, rows) if chart.look.in_order else largest])
    axis.cycles(axes, wide.index)
    axis.shade(axes, wide.index, recurring)
    hatched, floor = [name in chart.look.hatched for name in wide.columns], np.zeros(len(wide))
    plain = iter(style.tints(accent, len(hatched) - sum(hatched)))
    keys = [axis.Key(name, accent if apart else next(plain), apart) for name, apart in zip(wide, hatched, strict=True)]
    for key in keys:
        _part(axes, wide[key.name].to_numpy(float), floor, key)
        floor = floor + wide[key.name].to_numpy(float)
    for name in beside:
        is_first = name == chart.look.beside[0]
        dashes, tone = ((1, 0), style.INK) if is_first else (style.REFERENCE, style.SOFT)
        _line(axes, everything[name].to_numpy(float), style.PAPER, (1, 0), 4.0)
        _line(axes, everything[name].to_numpy(float), tone, dashes, 1.6 if is_first else 1.1)
        keys.append(axis.Key(name, tone, is_line=True, dashes=dashes))
    drawn = np.concatenate([floor, [0.0], everything[beside].to_numpy(float).ravel()])
    axis.values(axes, chart.unit, drawn, chart.limit)
    axis.limits(axes, chart.limit, chart.unit)
    if len(keys) > 1:
        axis.stack_labels(axes, keys)


def _part(axes: Axes, values: np.ndarray, floor: np.ndarray, key: axis.Key) -> None:
    look = {"color": key.tone, "edgecolor": style.PAPER, "linewidth": 0.5}
    if key.is_hatched:
        look = {"facecolor": style.PAPER, "edgecolor": key.tone, "hatch": style.HATCH, "linewidth": 0.8}
    seen = values > 0
    axes.bar(np.flatnonzero(seen), values[seen], bottom=floor[seen], width=0.74, **look)  # type: ignore[arg-type]


def _few_parts(wide: pd.DataFrame) -> pd.DataFrame:
    if wide.shape[1] <= PARTS:
        return wide
    kept = wide.iloc[:, : PARTS - 1]
    return kept.assign(**{f"{wide.shape[1] - PARTS + 1} others": wide.iloc[:, PARTS - 1 :].sum(axis=1)})


def _scatter(axes: Axes, chart: Chart, rows: pd.DataFrame, recurring: Sequence[pd.Timestamp], accent: str) -> None:
    clouds = clouds_of(chart, rows, LINES)
    for place, cloud in reversed(list(enumerate(clouds))):
        axes.scatter(
            cloud.shown[chart.x],
            cloud.shown[chart.y],
            s=18 if cloud.is_rest else 26,
            alpha=0.85,
            linewidths=0,
            label=cloud.name,
            color=style.PALE if cloud.is_rest else (*style.line_tones(accent), style.FAINT)[place],
            marker="o" if cloud.is_rest else MARKERS[place],
        )
    axes.grid(axis="both")
    axes.spines["bottom"].set_visible(False)
    money = chart.look.corners is not None and chart.unit
    across = f"{chart.x.replace('_', ' ')}{f', {chart.unit}' if money else ''}"
    axes.set_xlabel(f"{across}{said_of_points(clouds, len(rows))}")
    axes.set_ylabel(f"{chart.y.replace('_', ' ')}{f', {chart.unit}' if money else ''}")
    axes.margins(0.13 if chart.look.corners else 0.06)
    axes.xaxis.set_major_locator(MaxNLocator(6))
    axes.xaxis.set_major_formatter(lambda value, _: tick(value))
    axes.yaxis.set_major_formatter(lambda value, _: tick(value, chart.unit))
    axis.limits(axes, chart.limit, chart.unit)
    if chart.look.corners:
        axis.quarters(axes, rows[chart.x].mean(), rows[chart.y].mean(), chart.look.corners)
    if len(clouds) > 1 and rows[chart.series].is_unique:
        names = [axis.clipped(alt.label(name), 16) for name in rows[chart.series]]
        axis.point_labels(axes, list(zip(names, rows[chart.x].astype(float), rows[chart.y].astype(float), strict=True)))
    elif len(clouds) > 1:
        _legend(axes, [cloud.name for cloud in clouds])


def _legend(axes: Axes, names: list[str]) -> None:
    axes.legend(
        reverse=True,
        frameon=False,
        loc="lower left",
        bbox_to_anchor=(0, 1),
        ncols=max(1, min(6, 62 // (max(map(len, names)) + 4))),
        handletextpad=0.1,
        columnspacing=1,
        borderpad=0,
    )


def _heatmap(axes: Axes, chart: Chart, rows: pd.DataFrame, recurring: Sequence[pd.Timestamp], accent: str) -> None:
    wide = _wide(chart, rows)
    draw_heatmap(axes, chart, wide[_in_order(wide, chart, rows)].T if chart.look.in_order else wide.T, accent)


def _waterfall(axes: Axes, chart: Chart, rows: pd.DataFrame, recurring: Sequence[pd.Timestamp], accent: str) -> None:
    draw_waterfall(axes, chart, rows, accent)


def _wide(chart: Chart, rows: pd.DataFrame) -> pd.DataFrame:
    if not chart.series:
        return (
            rows.groupby(chart.x, sort=True)[[chart.y]].sum(min_count=1)
            if chart.kind == "stack"
            else rows.groupby(chart.x, sort=True)[[chart.y]].mean()
        )
    return rows.pivot_table(
        index=chart.x,
        columns=chart.series,
        values=chart.y,
        aggfunc="sum" if chart.kind == "stack" else "mean",
        observed=True,
    )


def _in_order(wide: pd.DataFrame, chart: Chart, rows: pd.DataFrame) -> list[object]:
    return [name for name in dict.fromkeys(rows[chart.series]) if name in wide.columns]


_BY_KIND: dict[str, Callable[[Axes, Chart, pd.DataFrame, Sequence[pd.Timestamp], str], None]] = {
    "trend": _trend,
    "heatmap": _heatmap,
    "bars": _bars,
    "stack": _stack,
    "scatter": _scatter,
    "waterfall": _waterfall,
}
