"""Builds a client's data folder of a few lines and takes it in."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from helpers.intake import take_in
from helpers.manifest import Manifest
from helpers.settings import Settings

ITEMS = "item_id,family\n00123,Dairy\nA2,Bakery\n"
DEMAND = "period,item_id,quantity\n2024-01-01,00123,10\n"


@dataclass
class Taken:
    """The result of one run: the manifest, and what lies in the two folders."""

    manifest: Manifest
    store: Path
    rejects: Path

    def counts(self, table: str) -> tuple[int, int, int, int]:
        """Rows read, used, set aside; cells emptied."""
        entry = self.manifest.table(table)
        assert entry is not None
        return entry.rows_read, entry.rows_used, entry.rows_rejected, entry.cells_emptied

    def rows(self, table: str) -> pd.DataFrame:
        return duckdb.sql(f"SELECT * FROM read_parquet('{self.store / table}.parquet')").df()

    def column(self, table: str, column: str) -> list[Any]:
        path = self.store / f"{table}.parquet"
        return [row[0] for row in duckdb.sql(f"SELECT {column} FROM read_parquet('{path}')").fetchall()]

    def faults(self, table: str) -> list[dict[str, str]]:
        path = self.rejects / f"{table}.csv"
        if not path.exists():
            return []
        with path.open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))


def folder(tmp_path: Path, **files: str | bytes) -> Path:
    """A data folder with `items` and a demand table; a file is named by its table, `__` stands for the dot."""
    data = tmp_path / "data"
    data.mkdir(exist_ok=True)
    for name, content in {"items__csv": ITEMS, "actual_demand__csv": DEMAND, **files}.items():
        path = data / name.replace("__", ".")
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return data


def taken(tmp_path: Path, data: Path, tables: dict[str, Any] | None = None, **settings: Any) -> Taken:
    """Take the folder in with settings given as plain values."""
    store, rejects = tmp_path / "store", tmp_path / "rejects"
    manifest = take_in(data, store, rejects, Settings.model_validate({"tables": tables or {}, **settings}))
    return Taken(manifest, store, rejects)


def demand(tmp_path: Path, content: str | bytes, **spec: Any) -> Taken:
    """Take in one demand file beside the usual items."""
    data = folder(tmp_path, actual_demand__csv=content)
    return taken(tmp_path, data, {"actual_demand": spec} if spec else None)
