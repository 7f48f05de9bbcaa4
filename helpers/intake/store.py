"""The typed tables as Parquet: all columns of the contract, in its order."""

from __future__ import annotations

from pathlib import Path

import duckdb

from helpers.contract import Column, Table
from helpers.intake import sql
from helpers.intake.checks import TYPED
from helpers.intake.duplicates import kept, key_columns
from helpers.intake.mapping import Layout
from helpers.settings import TableSource

TYPES = {
    "text": "VARCHAR",
    "number": "DOUBLE",
    "count": "DOUBLE",
    "flag": "BOOLEAN",
    "date": "DATE",
    "bucket": "DATE",
}
ADDITIVE = ("units", "hours", "currency", "changes")
USED = f"(SELECT * FROM {TYPED} WHERE NOT aside)"


def write_table(
    con: duckdb.DuckDBPyConnection, table: Table, layout: Layout, spec: TableSource, path: Path
) -> tuple[int, dict[str, float]]:
    """Write the used rows; returns their number and the share of them that is filled, by column sent."""
    shares = ", ".join(f"avg(CAST({kept(name)} IS NOT NULL AS INTEGER))" for name in layout.sent)
    counted = con.execute(f"SELECT count(*), {shares} FROM {USED}").fetchone() or (0,)
    if counted[0]:
        con.execute(
            f"COPY ({_stored(table, layout, spec)}) TO {sql.text(str(path))} (FORMAT parquet, COMPRESSION zstd)"
        )
    order = [column.name for column in table.columns if column.name in layout.sent]
    filled = dict(zip(layout.sent, (round(share or 0.0, 6) for share in counted[1:]), strict=True))
    return int(counted[0]), {name: filled[name] for name in order}


def repaired_sql(table: Table, layout: Layout) -> str:
    """The used rows of `typed` as they are stored, with their line and in its order."""
    cells = ", ".join(_cell(column, layout, kept(column.name)) for column in table.columns)
    return f"SELECT line, {cells} FROM {USED} ORDER BY line"


def _stored(table: Table, layout: Layout, spec: TableSource) -> str:
    if spec.duplicates == "sum" and table.key:
        cells = ", ".join(_summed(table, column, layout) for column in table.columns)
        return f"SELECT {cells} FROM {USED} GROUP BY {', '.join(key_columns(table, layout))} ORDER BY min(line)"
    return f"SELECT {', '.join(_cell(column, layout, kept(column.name)) for column in table.columns)} FROM {USED}"


def _summed(table: Table, column: Column, layout: Layout) -> str:
    """Rows of one key in one: quantities, hours and money are added, of the rest the last filled one stands."""
    cell = kept(column.name)
    if column.name in table.key or column.name not in layout.sent:
        return _cell(column, layout, f"any_value({cell})")
    whole = f"sum({cell})" if column.unit in ADDITIVE else f"arg_max({cell}, line)"
    return _cell(column, layout, whole)


def _cell(column: Column, layout: Layout, expression: str) -> str:
    default = "NULL" if column.default is None else sql.text(column.default)
    value = f"coalesce({expression}, {default})" if column.name in layout.sent else default
    return f"CAST({value} AS {TYPES[column.type]}) AS {sql.name(column.name)}"
