"""What is worse: a value at its limit, and which line is to be read first."""

from __future__ import annotations

from collections.abc import Hashable

import pandas as pd

from helpers.evidence import Chart, Limit

RECENT = 6


def level(value: float, limit: Limit | None) -> str:
    """`red` or `amber` where `value` reaches the limit; empty below it, without a limit, and where nothing is known."""
    if limit is None:
        return ""
    sign = -1 if limit.lower_is_worse else 1
    return "red" if sign * value >= sign * limit.red else "amber" if sign * value >= sign * limit.amber else ""


def lower(chart: Chart) -> bool:
    """Whether low values are the bad ones."""
    return chart.limit is not None and chart.limit.lower_is_worse


def ranked(chart: Chart, rows: pd.DataFrame) -> list[Hashable]:
    """The lines of a `trend` that are no reference: in the chart's own order, else by the last six cycles, worst first.

    A line without a value in them stands last.
    """
    if chart.look.in_order:
        order = list(dict.fromkeys(rows[chart.series]))
    else:
        recent = rows[rows[chart.x].isin(sorted(rows[chart.x].unique())[-RECENT:])]
        means = recent.groupby(chart.series, observed=True)[chart.y].mean()
        means = means.reindex(sorted(rows[chart.series].unique(), key=str))
        order = list(means.sort_values(ascending=lower(chart), kind="stable").index)
    return [name for name in order if name not in chart.look.beside]
