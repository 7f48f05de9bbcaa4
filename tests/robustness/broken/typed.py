"""The values that cells written plainly stand for: told by the contract's types, without the kit's readers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq

from helpers import contract
from helpers.contract import Column
from tests.robustness.broken.grid import Grid

Value = str | float | bool | date | None
Rows = Counter[tuple[Value, ...]]


def typed(table: str, grid: Grid) -> Rows:
    """The rows of a table: ISO dates, decimal points, true and false; a bucket is a month."""
    columns = contract.table(table).columns
    cells = [_column(column, grid) for column in columns]
    return Counter(zip(*cells, strict=True)) if len(grid) else Counter()


def stored(store: Path, table: str) -> Rows:
    """The rows that the kit stored."""
    path = store / f"{table}.parquet"
    if not path.exists():
        return Counter()
    found = pq.read_table(path).select([column.name for column in contract.table(table).columns])
    return Counter(zip(*(column.to_pylist() for column in found.columns), strict=True))


def _column(column: Column, grid: Grid) -> Iterable[Value]:
    if column.name not in grid.header:
        return [column.default] * len(grid)
    return [_value(column, cell) for cell in grid.column(column.name)]


def _value(column: Column, cell: str) -> Value:
    if cell == "":
        return column.default
    if column.type == "text":
        return cell
    if column.type == "flag":
        return {"true": True, "false": False}[cell]
    if column.type in ("number", "count"):
        return float(cell)
    day = date.fromisoformat(cell)
    return day.replace(day=1) if column.type == "bucket" else day
