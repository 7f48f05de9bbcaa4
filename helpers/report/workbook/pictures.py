"""What a sign draws, as rows that a native chart can take: a block a picture, wide where it has series."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from helpers.charts.alt import describe
from helpers.evidence import Chart, Evidence, Limit, Metric
from helpers.report.wording import unit_of
from helpers.report.workbook.block import Block
from helpers.report.workbook.rows import front, head, headed_rows

NativeKind = Literal["line", "stack", "bar", "scatter"]
KINDS: dict[str, NativeKind] = {
    "trend": "line",
    "stack": "stack",
    "bars": "bar",
    "scatter": "scatter",
    "waterfall": "stack",  # what was added and what was taken away at each step, from zero up
}
SUMMED = ("stack", "waterfall")
MOST_SERIES, MOST_BARS = 8, 12


@dataclass(frozen=True, eq=False)
class Picture:
    """A native chart of the rows `first` to `last` (counted from 0) of a block.

    `across` is the column of the categories, `columns` those of the series, `limits` those of amber and red; `groups`
    are name, first and last row of each cloud of a scatter; `floor` is where the axis begins (missing: as Excel likes).
    """

    kind: NativeKind
    title: str
    block: str
    across: int
    columns: tuple[int, ...]
    last: int
    first: int = 0
    limits: tuple[int, ...] = ()
    groups: tuple[tuple[str, int, int], ...] = ()
    unit: str = ""
    words: str = ""
    floor: float | None = None


def headline(metric: Metric, rows: int) -> Picture:
    """The headline metric over the cycles, with its limits."""
    drawn = metric.values.rename("value").rename_axis("cycle").reset_index()
    unit = unit_of(metric)
    words = describe(Chart("trend", metric.title, drawn, "cycle", "value", unit=unit, limit=metric.limit))
    limits = (2, 3) if metric.limit else ()
    floor = _floor(metric.values.to_numpy(float))
    return Picture(
        "line", metric.title, "values", 0, (1,), rows - 1, limits=limits, unit=unit, words=words, floor=floor
    )


def _floor(values: np.ndarray) -> float | None:
    """A round number below lines that all keep far from 0, so that their course can be seen."""
    known = values[np.isfinite(values)]
    if known.size == 0 or known.min() <= known.max() / 2:
        return None
    step = 10 ** math.floor(math.log10(np.ptp(known) or known.max()))
    return float(math.floor(known.min() / step) * step)


def drivers(block: Block) -> Picture:
    """Bars of the dimension that carries most."""
    leading = str(block.rows.loc[0, "Dimension"])
    count = min(int((block.rows["Dimension"] == leading).sum()), MOST_BARS)
    named = block.rows.head(count)
    shares = zip(named["Value"].astype(str), named["Share"].astype(float), strict=True)
    words = ", ".join(f"{value} {share:.0%}" for value, share in shares)
    title = f"Who carries it, by {leading}"
    return Picture("bar", title, "drivers", 1, (2,), count - 1, unit="share", words=f"Ranked bars: {words}.")


def drawn(found: Evidence) -> list[tuple[Block, Picture | None]]:
    """A block for each chart the sign asks for, with its picture; a heat map is its block, coloured by the limit."""
    return [made for place, chart in enumerate(found.charts, 1) for made in _made(chart, f"chart_{place}", found)]


def _made(chart: Chart, name: str, found: Evidence) -> list[tuple[Block, Picture | None]]:
    rows = chart.rows.reset_index(drop=True)
    if rows.empty:
        return []
    if chart.kind == "bars":
        return [_bars(chart, rows, name)]
    if chart.kind == "scatter":
        return [_scatter(chart, rows, name)]
    spread = _spread(chart, rows, name)
    picture = None if chart.kind == "heatmap" or _is_headline(spread.rows, found) else _over_cycles(chart, spread)
    more = set(rows.columns) - {chart.x, chart.y, chart.series}
    behind = Block(f"{name}_rows", f"{chart.title}: rows behind", headed_rows(rows), units=_units(chart, rows))
    return [(spread, picture), *([(behind, None)] if more else [])]


def _units(chart: Chart, rows: pd.DataFrame) -> dict[str, str]:
    return {head(chart.y): chart.unit} if chart.y in rows else {}


def _spread(chart: Chart, rows: pd.DataFrame, name: str) -> Block:
    """One row a cycle, one column a series, the worst first; the limits beside them where lines are drawn."""
    by = chart.series or "series"
    named = rows if chart.series else rows.assign(series=head(chart.y))
    cells = named.groupby([chart.x, by], observed=True)[chart.y]
    wide = (cells.sum(min_count=1) if chart.kind in SUMMED else cells.mean()).unstack(by)
    if chart.kind == "waterfall":
        wide = wide.reindex(named[chart.x].drop_duplicates())
    if chart.kind != "heatmap":
        wide = wide[_worst_first(wide, chart)]
    series = [str(column) for column in wide.columns]
    wide = wide.set_axis(series, axis=1).rename_axis(head(chart.x)).reset_index()
    units = dict.fromkeys(series, chart.unit)
    limits = dict.fromkeys(series, chart.limit) if chart.limit else {}
    if chart.limit and chart.kind != "heatmap":
        wide = _with_limits(wide, chart.limit)
        units |= dict.fromkeys(("Amber", "Red"), chart.unit)
    return Block(name, chart.title, wide, chart.reading, units, limits=limits)


def _with_limits(wide: pd.DataFrame, limit: Limit) -> pd.DataFrame:
    """Two constant columns at the right end; a series of the same name keeps its own."""
    bounds = pd.DataFrame({"Amber": limit.amber, "Red": limit.red}, index=wide.index)
    return pd.concat([wide, bounds], axis=1)


def _worst_first(wide: pd.DataFrame, chart: Chart) -> list[object]:
    """As in the picture of the page: by the last six cycles, a stack by its sum."""
    size = wide.sum() if chart.kind in SUMMED else wide.tail(6).mean()
    lower = chart.limit is not None and chart.limit.lower_is_worse
    return list(size.sort_values(ascending=lower, kind="stable").index)


def _is_headline(wide: pd.DataFrame, found: Evidence) -> bool:
    """Whether a single line repeats the headline metric, which is drawn already."""
    values = found.metrics[0].values.dropna().to_numpy(float) if found.metrics else ()
    known = wide.iloc[:, 1].dropna().to_numpy(float)
    return len(values) > 0 and len(known) == len(values) and bool((known == values).all())


def _over_cycles(chart: Chart, block: Block) -> Picture:
    bounds = 2 if chart.limit else 0
    count = block.rows.shape[1] - 1 - bounds
    shown = min(count, MOST_SERIES)
    title = chart.title if shown == count else f"{chart.title} ({shown} of {count})"
    limits = (count + 1, count + 2) if chart.limit else ()
    last, columns = len(block.shown) - 1, tuple(range(1, shown + 1))
    kind, words = KINDS[chart.kind], describe(chart)
    floor = _floor(block.rows.iloc[:, 1 : shown + 1].to_numpy(float)) if kind == "line" else None
    return Picture(kind, title, block.name, 0, columns, last, limits=limits, unit=chart.unit, words=words, floor=floor)


def _bars(chart: Chart, rows: pd.DataFrame, name: str) -> tuple[Block, Picture]:
    lower = chart.limit is not None and chart.limit.lower_is_worse
    once = rows.groupby(chart.x, as_index=False)[[chart.y]].sum() if rows[chart.x].duplicated().any() else rows
    ranked = front(once, chart.x, chart.y).sort_values(chart.y, ascending=lower, kind="stable", ignore_index=True)
    limits = {head(chart.y): chart.limit} if chart.limit else {}
    block = Block(name, chart.title, headed_rows(ranked), chart.reading, _units(chart, rows), limits=limits)
    last = min(len(ranked), MOST_BARS) - 1
    return block, Picture("bar", chart.title, name, 0, (1,), last, unit=chart.unit, words=describe(chart))


def _scatter(chart: Chart, rows: pd.DataFrame, name: str) -> tuple[Block, Picture]:
    """Points grouped by series, so that each group is one run of rows."""
    by = [chart.series] if chart.series else []
    grouped = front(rows, *by, chart.x, chart.y).sort_values([*by, chart.x], kind="stable", ignore_index=True)
    block = Block(name, chart.title, headed_rows(grouped), chart.reading, _units(chart, rows))
    names = grouped[chart.series].astype(str) if chart.series else pd.Series(chart.title, index=grouped.index)
    groups = tuple(_runs(names.head(len(block.shown))))[:MOST_SERIES]
    across, last = len(by), len(block.shown) - 1
    words = describe(chart)
    return block, Picture(
        "scatter", chart.title, name, across, (across + 1,), last, groups=groups, unit=chart.unit, words=words
    )


def _runs(names: pd.Series) -> list[tuple[str, int, int]]:
    places = pd.DataFrame({"name": names, "place": range(len(names))}).groupby("name", sort=False)["place"]
    return [(str(name), int(group.min()), int(group.max())) for name, group in places]
