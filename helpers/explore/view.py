"""What the knobs are set to: other limits judge a sign anew, cycles and lines only narrow the picture and its table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import pandas as pd

from helpers.evidence import Chart, Finding, Limit, Metric

if TYPE_CHECKING:
    from helpers.engagement import Engagement

Moved = Mapping[str, tuple[float, float]]
COURSE = "The measure whose limit is turned; cycles at which the sign recurs are shaded."


@dataclass(frozen=True)
class View:
    """Setting of the knobs: `moved` limits by metric (amber, red), the chart by its place, cycles and lines to show.

    `lines` are families, resources, suppliers and the like; all of them when empty.
    """

    moved: Moved = field(default_factory=dict)
    chart: int = 0
    first: pd.Timestamp | None = None
    last: pd.Timestamp | None = None
    lines: tuple[str, ...] = ()


def judged_with(engagement: Engagement, finding: Finding, moved: Moved) -> Finding:
    """The finding again, some metrics judged by other limits; the engagement itself is not changed."""
    if not moved:
        return finding
    from helpers import diagnosis  # the engine behind it is not needed to look at what is drawn
    from helpers.settings import LimitOverride

    limits = {metric: LimitOverride(amber=amber, red=red) for metric, (amber, red) in moved.items()}
    return diagnosis.examine(diagnosis.at_limits(engagement, finding.sign.key, limits), finding.sign.key)


def with_limits(shown: Finding, found: Finding, moved: Moved) -> Finding:
    """`shown` with moved limits drawn in, nothing judged anew: what can be seen before the judgement is done.

    A chart does not say whose limit it draws: where two metrics have the same one, it waits for the judgement.
    """
    if shown.evidence is None:
        return shown
    own_limits = {metric.name: metric.limit for metric in adjustable(found) if metric.limit}
    by_name = {
        name: replace(own_limits[name], amber=amber, red=red)
        for name, (amber, red) in moved.items()
        if name in own_limits
    }
    shared = Counter(own_limits.values())
    turned = {own_limits[name]: limit for name, limit in by_name.items() if shared[own_limits[name]] == 1}
    places = zip(shown.evidence.charts, charts_of(found), strict=False)
    charts = tuple(replace(now, limit=turned.get(own.limit, own.limit)) if own.limit else now for now, own in places)
    metrics = tuple(
        replace(now, limit=by_name.get(now.name, own_limits.get(now.name, now.limit))) for now in shown.evidence.metrics
    )
    return replace(shown, evidence=replace(shown.evidence, charts=charts, metrics=metrics))


def adjustable(finding: Finding) -> tuple[Metric, ...]:
    """The metrics whose limit can be turned, the headline first."""
    metrics = finding.evidence.metrics if finding.evidence else ()
    return tuple(metric for metric in metrics if metric.limit and metric.name in finding.sign.limits)


def charts_of(finding: Finding) -> tuple[Chart, ...]:
    """The charts of a finding; none where it has no evidence."""
    return finding.evidence.charts if finding.evidence else ()


def pictures_of(finding: Finding, metric: str | None) -> tuple[Chart, ...]:
    """What can be looked at: the course of the metric whose limit is turned, then the charts of the sign."""
    return (*(course(found) for found in adjustable(finding) if found.name == metric), *charts_of(finding))


def course(metric: Metric) -> Chart:
    """A metric over the cycles with its limits."""
    rows = metric.values.rename_axis("cycle").reset_index(name="value")
    unit = metric.unit or (metric.limit.unit if metric.limit else "")
    return Chart("trend", metric.title, rows, "cycle", "value", unit=unit, limit=metric.limit, reading=COURSE)


def narrowed(chart: Chart, view: View) -> Chart:
    """`chart` with the cycles and lines of the view only."""
    rows = chart.rows
    if is_dated(chart):
        if view.first is not None:
            rows = rows[rows[chart.x] >= view.first]
        if view.last is not None:
            rows = rows[rows[chart.x] <= view.last]
    names = line_column(chart)
    if view.lines and names:
        rows = rows[rows[names].astype(str).isin(view.lines)]
    return replace(chart, rows=rows)


def table_of(chart: Chart) -> pd.DataFrame:
    """The rows of a chart as a table: cycle, line and value, the latest cycle or the largest value first."""
    columns = dict.fromkeys(column for column in (chart.x, chart.series, chart.y) if column)
    rows = chart.rows.dropna(subset=[chart.y])[list(columns)]
    if is_dated(chart):
        ties = [chart.series] if chart.series else []
        return rows.sort_values([chart.x, *ties], ascending=[False, *(True for _ in ties)], ignore_index=True)
    return rows.sort_values(chart.y, ascending=False, ignore_index=True)


def is_dated(chart: Chart) -> bool:
    """Whether the chart runs over cycles."""
    return bool(pd.api.types.is_datetime64_any_dtype(chart.rows[chart.x]))


def line_column(chart: Chart) -> str | None:
    """The column whose values are families, resources and the like: the series, or the bars' own names.

    Series in an order of their own are lags, outcomes and the like: no units to choose from.
    """
    if chart.look.in_order:
        return None
    if chart.series:
        return chart.series
    return chart.x if chart.kind == "bars" and not is_dated(chart) else None


def lines_of(chart: Chart) -> tuple[str, ...]:
    """Every line that the chart can show."""
    column = line_column(chart)
    return tuple(sorted(set(chart.rows[column].dropna().astype(str)))) if column else ()


def line_word(chart: Chart, unit: str) -> str:
    """What the lines of a chart are, in a word: `family`, `supplier`; the sign's own `unit` where it says just that."""
    column = (line_column(chart) or "line").removesuffix("_id").replace("_", " ")
    return unit if column == "unit" else "line" if column in ("series", "what", "when") else column


def cycles_of(finding: Finding) -> list[pd.Timestamp]:
    """The cycles the charts of the finding span."""
    dated = [chart.rows[chart.x] for chart in charts_of(finding) if is_dated(chart)]
    return sorted(pd.concat(dated).dropna().unique()) if dated else []


def in_order(amber: float, red: float, limit: Limit, step: float, held: str) -> tuple[float, float]:
    """Amber and red with red on the worse side; the one that is `held` stays, the other gives way by a step."""
    gap = -step if limit.lower_is_worse else step
    if (red - amber) / gap >= 1 - 1e-9:
        return amber, red
    return (amber, amber + gap) if held == "amber" else (red - gap, red)


def settings_lines(finding: Finding, moved: Moved) -> str:
    """The lines of `settings.yaml` that make moved limits those in force; empty when none was moved."""
    code = finding.sign.code.lower()
    lines = [f"  {code}.{name}: {{amber: {amber:g}, red: {red:g}}}" for name, (amber, red) in moved.items()]
    return "\n".join(["limits:", *lines]) if lines else ""
