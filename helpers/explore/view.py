"""What the knobs are set to: other limits judge a sign anew, cycles and lines only narrow the pictures."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, replace

import pandas as pd

from helpers import diagnosis
from helpers.engagement import Engagement
from helpers.evidence import Chart, Finding
from helpers.settings import LimitOverride


@dataclass(frozen=True)
class View:
    """Setting of the knobs: `lines` are the families, resources or suppliers to show, all when empty."""

    amber: float | None = None
    red: float | None = None
    first: pd.Timestamp | None = None
    last: pd.Timestamp | None = None
    lines: tuple[str, ...] = ()


def judged_with(engagement: Engagement, finding: Finding, amber: float, red: float) -> Finding:
    """The finding again, its headline metric judged by other limits; the engagement itself is not changed."""
    metric = headline(finding)
    if metric is None:
        return finding
    key = f"{finding.sign.code.lower()}.{metric}"
    limits = {**engagement.settings.limits, key: LimitOverride(amber=amber, red=red)}
    other = copy(engagement)
    other.settings = engagement.settings.model_copy(update={"limits": limits})
    return diagnosis.examine(other, finding.sign.key)


def headline(finding: Finding) -> str | None:
    """Name of the first metric, if it has a limit to turn."""
    metrics = finding.evidence.metrics if finding.evidence else ()
    return metrics[0].name if metrics and metrics[0].limit and metrics[0].name in finding.sign.limits else None


def narrowed(chart: Chart, view: View) -> Chart:
    """`chart` with the cycles and lines of the view only."""
    rows = chart.rows
    if pd.api.types.is_datetime64_any_dtype(rows[chart.x]):
        if view.first is not None:
            rows = rows[rows[chart.x] >= view.first]
        if view.last is not None:
            rows = rows[rows[chart.x] <= view.last]
    names = line_column(chart)
    if view.lines and names:
        rows = rows[rows[names].astype(str).isin(view.lines)]
    return replace(chart, rows=rows)


def line_column(chart: Chart) -> str | None:
    """The column whose values are families, resources and the like: the series, or the bars' own names.

    Series in an order of their own are lags, outcomes and the like: no units to choose from.
    """
    if chart.look.in_order:
        return None
    if chart.series:
        return chart.series
    return chart.x if chart.kind == "bars" else None


def lines_of(finding: Finding) -> tuple[str, ...]:
    """Every line that some chart of the finding can show."""
    charts = finding.evidence.charts if finding.evidence else ()
    found = [chart.rows[column].astype(str) for chart in charts if (column := line_column(chart))]
    return tuple(sorted(set(pd.concat(found)))) if found else ()


def cycles_of(finding: Finding) -> list[pd.Timestamp]:
    """The cycles the charts of the finding span."""
    charts = finding.evidence.charts if finding.evidence else ()
    dated = [c.rows[c.x] for c in charts if pd.api.types.is_datetime64_any_dtype(c.rows[c.x])]
    return sorted(pd.concat(dated).dropna().unique()) if dated else []
