"""Builders for tests: an engagement from a few rows a table, without files of a client."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from helpers import contract
from helpers.engagement import Engagement
from helpers.manifest import Manifest, TableIntake
from helpers.settings import Settings

SQL_TYPES = {
    "text": "VARCHAR",
    "number": "DOUBLE",
    "count": "DOUBLE",
    "flag": "BOOLEAN",
    "date": "DATE",
    "bucket": "DATE",
}


def engagement(folder: Path, tables: dict[str, pd.DataFrame], as_of: str | None = None, **settings: Any) -> Engagement:
    """An engagement over `tables`, each holding any of the contract's columns; the others count as not sent."""
    store = folder / "store"
    store.mkdir(exist_ok=True, parents=True)
    entries = tuple(_store(store, name, tables[name]) for name in contract.BY_NAME if name in tables)
    Manifest("test", entries).save(store)
    return Engagement(store, Settings(**settings), date.fromisoformat(as_of) if as_of else None)


def _store(store: Path, name: str, rows: pd.DataFrame) -> TableIntake:
    declared = contract.table(name)
    unknown = set(rows.columns) - {column.name for column in declared.columns}
    assert not unknown, f"{name}: {unknown} not in the contract"
    cells = ", ".join(_cell(column, column.name in rows) for column in declared.columns)
    connection = duckdb.connect()
    connection.register("sent", rows)
    connection.execute(f"COPY (SELECT {cells} FROM sent) TO '{store / name}.parquet' (FORMAT parquet)")
    filled = {column: float(rows[column].notna().mean()) for column in rows}
    return TableIntake(name, (f"{name}.csv",), len(rows), len(rows), 0, 0, filled)


def _cell(column: contract.Column, sent: bool) -> str:
    kind = SQL_TYPES[column.type]
    if sent:
        return f'CAST("{column.name}" AS {kind}) AS "{column.name}"'
    default = f"'{column.default}'" if column.default else "NULL"
    return f'CAST({default} AS {kind}) AS "{column.name}"'


def cycles(count: int, start: str = "2024-01-01") -> pd.DatetimeIndex:
    """`count` monthly cycles from `start`."""
    return pd.date_range(start, periods=count, freq="MS")


def items(**families: str) -> pd.DataFrame:
    """Items with unit cost 1: `items(a="Bread", b="Milk")` is item a of family Bread and item b of family Milk."""
    return pd.DataFrame({"item_id": list(families), "family": list(families.values()), "unit_cost": 1.0})
