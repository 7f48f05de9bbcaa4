"""Alternative text, composed from the rows that are drawn: the message first, then what the picture is made of."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from helpers.charts.numbers import day, limit_words, number
from helpers.charts.worst import level, lower, ranked
from helpers.evidence import Chart, Limit

NAMED = 3
RECENT = 12
CLEAR = 0.5


def describe(chart: Chart, recurring: Sequence[pd.Timestamp] = ()) -> str:
    """What the picture of `chart` says, in words, the message first; then its parts, limit and recurring cycles."""
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
        return f"{_course(chart, rows)} {_extreme(chart, rows)} Line chart."
    lines = {label(name): rows[rows[chart.series] == name] for name in ranked(chart, rows)}
    message = _gap(chart, lines) or _from_reference(chart, rows, lines) or _ends(chart, lines)
    courses = [f"{name}, {_lowered(_course(chart, line))}" for name, line in list(lines.items())[:NAMED]]
    return f"{message} {' '.join(courses)} Line chart with {len(lines)} lines."


def _course(chart: Chart, rows: pd.DataFrame) -> str:
    """Whether the values rise or fall, from where to where, and how often they reached the limit lately."""
    ordered = rows.sort_values(chart.x, kind="stable")
    first, last, values = ordered.iloc[0], ordered.iloc[-1], ordered[chart.y].to_numpy(float)
    ends = f"{_value(chart, first)} in {label(first[chart.x])} to {_value(chart, last)} in {label(last[chart.x])}"
    if not chart.limit:
        return f"{direction(values)}: {ends}."
    lately = ordered[chart.y].tail(RECENT)
    side = "below" if chart.limit.lower_is_worse else "above"
    often = f"{_crossed(lately, chart.limit)} of the last {len(lately)} cycles"
    return f"{direction(values)}: {ends}, at or {side} the amber limit in {often}."


def direction(values: np.ndarray) -> str:
    """Rising or falling where order of time and order of size agree clearly; else level, or without a trend."""
    if np.ptp(values) == 0:
        return "Level"
    ranks = pd.Series(values).rank().to_numpy()
    agree = float(np.corrcoef(np.arange(len(values)), ranks)[0, 1])
    return "Rising" if agree >= CLEAR else "Falling" if agree <= -CLEAR else "Without a trend"


def _extreme(chart: Chart, rows: pd.DataFrame) -> str:
    worst = _worst(chart, rows)
    return f"{'Lowest' if lower(chart) else 'Highest'}: {_value(chart, worst)} in {label(worst[chart.x])}."


def _gap(chart: Chart, lines: dict[str, pd.DataFrame]) -> str:
    """How wide a named gap between two lines is at the end, and where it was widest."""
    if chart.look.gap is None or not {*chart.look.gap[:2]} <= {*lines}:
        return ""
    upper, lower = (lines[name].set_index(chart.x)[chart.y].astype(float) for name in chart.look.gap[:2])
    gap = (upper - lower).dropna().sort_index()
    if gap.empty:
        return ""
    if not (gap > 0).any():
        return f"{chart.look.gap[2].capitalize()}: nothing."
    ends = (len(gap) - 1, int(gap.to_numpy(float).argmax()))
    last, most = (f"{number(max(float(gap.iloc[at]), 0.0), chart.unit)} in {label(gap.index[at])}" for at in ends)
    return f"{chart.look.gap[2].capitalize()}: {last}, at most {most}."


def _from_reference(chart: Chart, rows: pd.DataFrame, lines: dict[str, pd.DataFrame]) -> str:
    """How far each line lay from the one it is held against, farthest first."""
    name = next(iter(chart.look.beside), "")
    level = rows[rows[chart.series].map(label) == name].set_index(chart.x)[chart.y].astype(float)
    if level.empty:
        return ""
    off = {line: (own.set_index(chart.x)[chart.y] - level).abs().tail(RECENT).mean() for line, own in lines.items()}
    far = sorted(((line, float(value)) for line, value in off.items() if pd.notna(value)), key=lambda pair: -pair[1])
    listed = ", ".join(f"{line} {number(value, chart.unit)}" for line, value in far)
    return f"Mean distance from the {name}, last {RECENT} cycles: {listed}." if far else ""


def _ends(chart: Chart, lines: dict[str, pd.DataFrame]) -> str:
    """Which line ends highest and which lowest."""
    ends = {name: float(line.sort_values(chart.x)[chart.y].iloc[-1]) for name, line in lines.items()}
    high, low = max(ends, key=lambda name: ends[name]), min(ends, key=lambda name: ends[name])
    top, bottom = (number(ends[name], chart.unit) for name in (high, low))
    return f"At the end {high} is highest at {top}" + (f", {low} lowest at {bottom}." if high != low else ".")


def _lowered(words: str) -> str:
    return f"{words[:1].lower()}{words[1:]}"


def _heatmap(chart: Chart, rows: pd.DataFrame) -> str:
    lines = chart.series or chart.x
    size = f"Heat map of {rows[lines].nunique()} rows by {rows[chart.x].nunique()} columns."
    worst = _worst(chart, rows)
    strongest = f"Strongest cell {_value(chart, worst)} at {label(worst[lines])}, {label(worst[chart.x])}."
    if chart.look.fence:
        return f"{_either_side(chart, rows, rows[lines].map(label))} {strongest} {size}"
    if not chart.limit:
        means = rows.groupby(lines, observed=True)[chart.y].mean()
        top = f"Highest row on average: {label(means.idxmax())}, {number(float(means.max()), chart.unit)}."
        return f"{top if len(means) > 1 else ''} {strongest} {size}".strip()
    hits = rows[_reached(rows[chart.y], chart.limit)]
    if hits.empty:
        return f"No cell reaches the limit. {strongest} {size}"
    where = hits.groupby(lines, observed=True).size().sort_values(ascending=False, kind="stable")
    listed = ", ".join(f"{label(name)} {count}" for name, count in where.head(NAMED).items())
    return f"{len(hits)} of {len(rows)} cells reach the limit, most in {listed}. {strongest} {size}"


def _either_side(chart: Chart, rows: pd.DataFrame, names: pd.Series) -> str:
    """The mean inside the fence beside that outside it, over the last cycles, as far as there are such rows."""
    recent = rows[chart.x].isin(sorted(rows[chart.x].unique())[-RECENT:])
    inside = names.isin(chart.look.fence)
    sides = (("inside the fence", recent & inside), ("outside the fence", recent & ~inside))
    means = [(where, float(rows.loc[side, chart.y].mean())) for where, side in sides if side.any()]
    said = ", ".join(f"{where} {number(mean, chart.unit)}" for where, mean in means)
    return f"{said.capitalize()}, on average over the last {rows.loc[recent, chart.x].nunique()} cycles."


def _bars(chart: Chart, rows: pd.DataFrame) -> str:
    ranked = rows.sort_values(chart.y, ascending=lower(chart), kind="stable").head(5)
    listed = zip(ranked[chart.x], ranked[chart.y], strict=True)
    pairs = [f"{label(name)} {number(float(value), chart.unit)}" for name, value in listed]
    first = f"{'Lowest' if lower(chart) else 'Largest'}: {pairs[0]}."
    rest = f" Then {', '.join(pairs[1:])}." if len(pairs) > 1 else ""
    return f"{first}{rest} Ranked bars, {len(rows)} in all."


def _stack(chart: Chart, rows: pd.DataFrame) -> str:
    named = rows.assign(part=rows[chart.series].map(label) if chart.series else "")
    parts = named[~named["part"].isin(chart.look.beside)]
    totals = parts.groupby(chart.x, sort=True)[chart.y].sum()
    course = f"Total {_lowered(_course(chart, totals.reset_index()))}"
    if not chart.series:
        return f"{course} Columns."
    means = (parts.groupby("part")[chart.y].sum() / len(totals)).sort_values(ascending=False).head(NAMED)
    listed = ", ".join(f"{str(name).replace('_', ' ')} {number(float(v), chart.unit)}" for name, v in means.items())
    beside = [line for name in chart.look.beside if len(line := named[named["part"] == name])]
    said = [*_hatched(chart, parts, totals), *(_last(chart, line) for line in beside)]
    return " ".join([*said, course, f"Largest parts, on average a cycle: {listed}. Stacked columns."])


def _hatched(chart: Chart, parts: pd.DataFrame, totals: pd.Series) -> list[str]:
    """How often the part occurs that should not be there, and its share."""
    if not chart.look.hatched or not totals.sum() > 0:
        return []
    apart = parts[parts["part"].isin(chart.look.hatched) & (parts[chart.y] > 0)]
    name = chart.look.hatched[0].capitalize()
    if apart.empty:
        return [f"{name}: in no cycle."]
    share = number(float(apart[chart.y].sum() / totals.sum()), "share")
    return [f"{name}: in {apart[chart.x].nunique()} of {len(totals)} cycles, {share} of the total."]


def _last(chart: Chart, line: pd.DataFrame) -> str:
    last = line.sort_values(chart.x).iloc[-1]
    return f"{str(last['part']).capitalize()}: {_value(chart, last)} in {label(last[chart.x])}."


def _scatter(chart: Chart, rows: pd.DataFrame) -> str:
    across, up = chart.x.replace("_", " "), chart.y.replace("_", " ")
    left, right = number(rows[chart.x].min()), number(rows[chart.x].max())
    low, high = number(rows[chart.y].min(), chart.unit), number(rows[chart.y].max(), chart.unit)
    plain = f"Scatter of {len(rows)} points; {across} from {left} to {right}, {up} from {low} to {high}."
    if chart.look.corners and chart.series:
        both = (rows[chart.x] > rows[chart.x].mean()) & (rows[chart.y] > rows[chart.y].mean())
        names = ", ".join(label(name) for name in rows.loc[both, chart.series].head(NAMED)) or "none"
        return f"{chart.look.corners[1].capitalize()}: {names}. {plain}"
    worst = _worst(chart, rows)
    named = f"{label(worst[chart.series])}, " if chart.series else ""
    return f"Strongest point: {named}{up} {_value(chart, worst)} at {across} {number(float(worst[chart.x]))}. {plain}"


def _waterfall(chart: Chart, rows: pd.DataFrame) -> str:
    moves = rows[rows[chart.series] != "level"]
    inside = moves[chart.x].map(label).isin(chart.look.fence)
    both = (("inside the fence", inside), ("outside it", ~inside)) if inside.any() else (("on the way", ~inside),)
    sides = [f"{where} {_moved(chart, moves[side])}" for where, side in both if side.any()]
    levels = rows[rows[chart.series] == "level"]
    pairs = zip(levels[chart.x], levels[chart.y], strict=True)
    listed = ", ".join(f"{label(step)} {number(float(value), chart.unit)}" for step, value in pairs)
    said = ", ".join(sides)
    return f"{said[:1].upper()}{said[1:]}. From step to step: {listed}. Waterfall."


def _moved(chart: Chart, moves: pd.DataFrame) -> str:
    sums = moves.groupby(chart.series)[chart.y].sum()
    added, cut = (number(float(sums.get(move, 0.0)), chart.unit) for move in ("raised", "cut"))
    return f"{added} was added and {cut} cut"


def _crossed(values: pd.Series, limit: Limit) -> int:
    return int(_reached(values, limit).sum())


def _reached(values: pd.Series, limit: Limit) -> pd.Series:
    return values.map(lambda value: level(value, limit)) != ""


def _value(chart: Chart, row: pd.Series) -> str:
    return number(float(row[chart.y]), chart.unit)


def _worst(chart: Chart, rows: pd.DataFrame) -> pd.Series:
    values = rows[chart.y].to_numpy(float)
    return rows.iloc[int(values.argmin() if lower(chart) else values.argmax())]


_BY_KIND = {
    "trend": _trend,
    "heatmap": _heatmap,
    "bars": _bars,
    "stack": _stack,
    "scatter": _scatter,
    "waterfall": _waterfall,
}
