"""Alternative text, composed from the rows that are drawn."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from helpers.charts.numbers import day, limit_words, number
from helpers.evidence import Chart, Limit

NAMED = 3


def describe(chart: Chart, recurring: Sequence[pd.Timestamp] = ()) -> str:
    """What the picture of `chart` shows, in words: range, first, last and extreme values, limit, recurring cycles."""
    rows = chart.rows.dropna(subset=[chart.y])
    if rows.empty:
        return "No values to show."
    parts = [_BY_KIND[chart.kind](chart, rows)]
    if chart.limit:
        parts.append(f"Limit: {limit_words(chart.limit, chart.unit)}.")
    if recurring and chart.kind in ("trend", "stack", "heatmap"):
        parts.append(f"The sign recurred from {day(recurring[0])} to {day(recurring[-1])}, {len(recurring)} cycles.")
    return " ".join(parts)


def label(value: object) -> str:
    """A category or a cycle as text."""
    return day(value) if isinstance(value, pd.Timestamp) else str(value)


def _trend(chart: Chart, rows: pd.DataFrame) -> str:
    if not chart.series:
        return f"Line chart. {_course(chart, rows)}"
    ranked = _ranked(chart, rows, chart.series)
    lines = [f"{label(name)}: {_course(chart, rows[rows[chart.series] == name])}" for name in ranked[:NAMED]]
    return f"Line chart with {len(ranked)} lines. {' '.join(lines)}"


def _course(chart: Chart, rows: pd.DataFrame) -> str:
    ordered = rows.sort_values(chart.x, kind="stable")
    first, last = ordered.iloc[0], ordered.iloc[-1]
    worst = _worst(chart, ordered)
    word = "lowest" if _lower(chart) else "highest"
    ends = f"{_value(chart, first)} in {label(first[chart.x])}, {_value(chart, last)} in {label(last[chart.x])}"
    return f"{ends}, {word} {_value(chart, worst)} in {label(worst[chart.x])}."


def _heatmap(chart: Chart, rows: pd.DataFrame) -> str:
    worst, lines = _worst(chart, rows), chart.series or chart.x
    size = f"{rows[lines].nunique()} rows by {rows[chart.x].nunique()} columns"
    place = f"{label(worst[lines])}, {label(worst[chart.x])}"
    crossed = f" {_crossed(rows[chart.y], chart.limit)} of {len(rows)} cells reach the limit." if chart.limit else ""
    return f"Heat map of {size}. Strongest cell {_value(chart, worst)} at {place}.{crossed}"


def _bars(chart: Chart, rows: pd.DataFrame) -> str:
    ranked = rows.sort_values(chart.y, ascending=False, kind="stable").head(5)
    pairs = zip(ranked[chart.x], ranked[chart.y], strict=True)
    listed = ", ".join(f"{label(name)} {number(float(value), chart.unit)}" for name, value in pairs)
    return f"Ranked bars, {len(rows)} in all. Largest: {listed}."


def _stack(chart: Chart, rows: pd.DataFrame) -> str:
    totals = rows.groupby(chart.x, sort=True)[chart.y].sum()
    first, last, peak = (
        f"{number(float(totals.iloc[place]), chart.unit)} in {label(totals.index[place])}"
        for place in (0, -1, int(totals.to_numpy(float).argmax()))
    )
    course = f"Total {first}, {last}, highest {peak}."
    if not chart.series:
        return f"Columns. {course}"
    shares = rows.groupby(chart.series)[chart.y].sum().sort_values(ascending=False).head(NAMED)
    listed = ", ".join(f"{label(name)} {number(amount, chart.unit)}" for name, amount in shares.items())
    return f"Stacked columns. {course} Largest parts over all cycles: {listed}."


def _scatter(chart: Chart, rows: pd.DataFrame) -> str:
    across = f"{chart.x.replace('_', ' ')} from {number(rows[chart.x].min())} to {number(rows[chart.x].max())}"
    low, high = number(rows[chart.y].min(), chart.unit), number(rows[chart.y].max(), chart.unit)
    return f"Scatter of {len(rows)} points; {across}, {chart.y.replace('_', ' ')} from {low} to {high}."


def _ranked(chart: Chart, rows: pd.DataFrame, by: str) -> list[object]:
    extreme = rows.groupby(by)[chart.y]
    values = extreme.min().sort_values() if _lower(chart) else extreme.max().sort_values(ascending=False)
    return list(values.index)


def _crossed(values: pd.Series, limit: Limit) -> int:
    return int((values <= limit.amber).sum() if limit.lower_is_worse else (values >= limit.amber).sum())


def _value(chart: Chart, row: pd.Series) -> str:
    return number(float(row[chart.y]), chart.unit)


def _worst(chart: Chart, rows: pd.DataFrame) -> pd.Series:
    values = rows[chart.y].to_numpy(float)
    return rows.iloc[int(values.argmin() if _lower(chart) else values.argmax())]


def _lower(chart: Chart) -> bool:
    return chart.limit is not None and chart.limit.lower_is_worse


_BY_KIND = {"trend": _trend, "heatmap": _heatmap, "bars": _bars, "stack": _stack, "scatter": _scatter}
