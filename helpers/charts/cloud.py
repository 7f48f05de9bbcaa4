"""The points of a scatter: the worst groups by name, the others as one pale cloud, few enough for a small drawing."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from helpers.charts import axis
from helpers.charts.alt import label
from helpers.charts.worst import lower
from helpers.evidence import Chart

NAME = 16
OWN_POINTS, OTHER_POINTS, LONE_POINTS = 100, 500, 1000
GRIDS = (240, 160, 120, 80, 60, 40, 30, 20, 15)


@dataclass(frozen=True)
class Cloud:
    """Points drawn alike: their name, what is drawn of them, and whether they are all those that have no own colour."""

    name: str
    shown: pd.DataFrame
    is_rest: bool = False


def clouds_of(chart: Chart, rows: pd.DataFrame, most: int) -> list[Cloud]:
    """The points by series, the worst on average first; beyond `most` series the rest together, unless it is one."""
    if not chart.series:
        return [Cloud("", thinned(chart, rows, rows, LONE_POINTS))]
    means = rows.groupby(chart.series, observed=True)[chart.y].mean()
    order = list(means.sort_values(ascending=lower(chart), kind="stable").index)
    named = order if len(order) <= most + 1 else order[:most]
    found = []
    for name in named:
        shown = thinned(chart, rows[rows[chart.series] == name], rows, OWN_POINTS)
        found.append(Cloud(axis.clipped(label(name), NAME), shown))
    others = rows[~rows[chart.series].isin(named)]
    if others.empty:
        return found
    shown = thinned(chart, others, rows, OTHER_POINTS)
    return [*found, Cloud(f"{len(order) - most} others", shown, is_rest=True)]


def said_of_points(clouds: list[Cloud], count: int) -> str:
    """How many of `count` points are drawn, where it is not all of them."""
    drawn = sum(len(cloud.shown) for cloud in clouds)
    return f" ({drawn:,} of {count:,} points drawn)" if drawn < count else ""


def thinned(chart: Chart, points: pd.DataFrame, everything: pd.DataFrame, most: int) -> pd.DataFrame:
    """`points`, of those that lie close together only the first: on the finest grid that leaves no more than `most`."""
    if len(points) <= most:
        return points
    for cells in GRIDS:
        places = [_cell(points[column], everything[column], cells) for column in (chart.x, chart.y)]
        kept = points[~pd.concat(places, axis=1).duplicated().to_numpy()]
        if len(kept) <= most:
            return kept
    return kept


def _cell(values: pd.Series, everything: pd.Series, cells: int) -> pd.Series:
    low, high = float(everything.min()), float(everything.max())
    return ((values - low) / ((high - low) or 1.0) * cells).round()
