"""Column by column: sent or not, how full, and between which values, so that a wrong one is seen at a glance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from helpers import contract
from helpers.contract import Column, Table
from helpers.engagement import Engagement
from helpers.manifest import TableIntake
from helpers.report.rejected import clipped
from helpers.request.meanings import meaning

FEW = 6
LONGEST = 24


@dataclass(frozen=True)
class ColumnSeen:
    """A column of the contract as it came: `filled` is the share of used rows with a value, `None` when not sent.

    `origin` is the client's own name where the settings map one; `values` says what is in it, empty where nothing is.
    """

    name: str
    meaning: str
    is_required: bool
    origin: str
    filled: float | None
    values: str


def columns_seen(engagement: Engagement, intake: TableIntake) -> list[ColumnSeen]:
    """Every column of a table of which rows are used, in the contract's order; none of a table set aside whole."""
    table = contract.table(intake.table)
    if not intake.rows_used:
        return []
    sent = [column for column in table.columns if column.name in intake.filled]
    extremes = _extremes(engagement, table, sent)
    return [_seen(engagement, table, column, intake, extremes) for column in table.columns]


def share(fraction: float) -> str:
    """A share in whole percent; all and nothing are said of all and nothing only.

    >>> share(1.0), share(0.9996), share(0.62), share(0.0001), share(0.0)
    ('100%', 'over 99%', '62%', 'under 1%', '0%')
    """
    if 0.995 <= fraction < 1:
        return "over 99%"
    return "under 1%" if 0 < fraction < 0.005 else f"{fraction:.0%}"


def _seen(
    engagement: Engagement, table: Table, column: Column, intake: TableIntake, extremes: dict[str, Any]
) -> ColumnSeen:
    filled = intake.filled.get(column.name)
    values = _values(engagement, table, column, extremes) if filled else ""
    origin = _origin(engagement, table, column)
    return ColumnSeen(column.name, meaning(table, column), column.required, origin, filled, values)


def _origin(engagement: Engagement, table: Table, column: Column) -> str:
    mapped = engagement.settings.tables.get(table.name)
    if mapped is None:
        return ""
    if column.name in mapped.constants:
        return "the settings"
    named = mapped.columns.get(column.name, "")
    return clipped(named if isinstance(named, str) else " / ".join(named))


def _extremes(engagement: Engagement, table: Table, sent: list[Column]) -> dict[str, Any]:
    """Smallest, largest and number of different values of each column, in one pass over the table."""
    rows = engagement.standing(table.name)
    asked = {}
    for column in sent:
        cells = rows[column.name]
        asked[f"{column.name} distinct"] = cells.nunique()
        if column.type == "flag":
            asked[f"{column.name} share"] = cells.cast("float64").mean()
        else:
            asked[f"{column.name} low"], asked[f"{column.name} high"] = cells.min(), cells.max()
    return {str(name): value for name, value in engagement.frame(rows.aggregate(**asked)).iloc[0].items()}


def _values(engagement: Engagement, table: Table, column: Column, extremes: dict[str, Any]) -> str:
    if column.type == "flag":
        return f"yes in {share(extremes[f'{column.name} share'])}"
    low, high = (_plain(extremes[f"{column.name} {end}"]) for end in ("low", "high"))
    if column.type != "text":
        return low if low == high else f"{low} to {high}"
    different = int(extremes[f"{column.name} distinct"])
    if different <= FEW:
        return ", ".join(_listed(engagement, table, column))
    return f"{different:,} different, from {low} to {high}"


def _listed(engagement: Engagement, table: Table, column: Column) -> list[str]:
    rows = engagement.standing(table.name)
    return [_plain(value) for value in engagement.frame(rows.select(column.name).distinct())[column.name].dropna()]


def _plain(value: Any) -> str:
    """A value as a client writes it: dates in ISO form, numbers without idle zeros."""
    if isinstance(value, pd.Timestamp):
        return value.strftime("%Y-%m-%d")
    if isinstance(value, int | float):
        return f"{value:.4g}" if abs(value) < 1 else f"{value:,.2f}".rstrip("0").rstrip(".")
    return clipped(str(value), LONGEST)
