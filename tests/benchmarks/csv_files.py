"""A client's Parquet files as CSV, clean or with a share of bad rows: the same numbers give the same bad cells.

A bad row has one fault: an item that is not in `items`, words for a number, or words for a date, of columns without
which a row cannot be used. Master data stay clean, so that a bad row costs itself and no other.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb

from helpers import contract
from helpers.contract import Column, Table

MASTERS = {"items", "resources", "suppliers"}
FINEST = 1_000_000
WRONG = {"text": "no-such-item", "number": "many", "count": "many", "date": "soon", "bucket": "soon"}


def write_csv(parquet: Path, folder: Path, bad_share: float = 0.0) -> None:
    """Write every table below `parquet`, and the settings, into the new `folder`."""
    folder.mkdir(parents=True)
    shutil.copy(parquet / "settings.yaml", folder)
    with duckdb.connect() as connection:
        for path in sorted(parquet.glob("*.parquet")):
            rows = f"read_parquet('{path}', file_row_number = true)"
            sent = [name for name, *_ in connection.execute(f"describe from '{path}'").fetchall()]
            cells = ", ".join(_cells(contract.table(path.stem), sent, bad_share))
            connection.execute(f"copy (select {cells} from {rows}) to '{folder / path.stem}.csv'")


def _cells(table: Table, sent: list[str], bad_share: float) -> list[str]:
    """Every column sent, with the faults it gets: the kinds of fault take turns."""
    spoiled = [column for column in table.columns if column.name in sent and _can_be_spoiled(table, column)]
    wrong = {column.name: _spoiled(table, column, turn, len(spoiled), bad_share) for turn, column in enumerate(spoiled)}
    return [wrong.get(name, f'"{name}"') for name in sent]


def _can_be_spoiled(table: Table, column: Column) -> bool:
    return table.name not in MASTERS and column.required and (column.type != "text" or column.name == "item_id")


def _spoiled(table: Table, column: Column, turn: int, kinds: int, bad_share: float) -> str:
    dice = f"hash(file_row_number, '{table.name}')"
    is_bad = f"{dice} % {FINEST} < {round(bad_share * FINEST)} and hash({dice}) % {kinds} = {turn}"
    return f"""case when {is_bad} then '{WRONG[column.type]}' else "{column.name}"::varchar end as "{column.name}\""""
