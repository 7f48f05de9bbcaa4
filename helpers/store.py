"""Where the typed tables are: the engine that holds them, how each is opened, and what the intake said of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import ibis
import ibis.expr.types as ir

from helpers import contract
from helpers.contract import Table
from helpers.engines import duck
from helpers.engines.engine import Engine
from helpers.errors import Unusable
from helpers.manifest import Manifest, load_manifest

DTYPES = {
    "text": "string",
    "number": "float64",
    "count": "float64",
    "flag": "boolean",
    "date": "timestamp(6)",
    "bucket": "timestamp(6)",
}


@dataclass(frozen=True, eq=False)
class Store:
    """The tables of one extract; `find` gives a table as it was taken in, `None` when it was not sent."""

    engine: Engine
    manifest: Manifest
    find: Callable[[str], ir.Table | None]
    opened: dict[str, ir.Table] = field(default_factory=dict)

    def table(self, name: str) -> ir.Table:
        """Table `name` with the columns and types of the contract; no rows when it was not sent."""
        if name not in self.opened:  # engagements of several dates look at one store
            schema = schema_of(contract.table(name))
            found = self.find(name)
            sent = self.engine.empty(f"stored_{name}", schema) if found is None else found.cast(dict(schema.items()))
            self.opened[name] = sent
        return self.opened[name]


def schema_of(table: Table) -> ibis.Schema:
    """The columns of the contract as the measures see them: dates are timestamps, counts are numbers."""
    return ibis.schema({column.name: DTYPES[column.type] for column in table.columns})


def open_folder(folder: Path) -> Store:
    """The typed Parquet that the intake stored, read by DuckDB in this process.

    Raises
    ------
    Unusable
        The folder holds no typed tables.
    """
    manifest = load_manifest(folder)
    if manifest is None:
        raise Unusable(f"{folder}: no typed tables found. Run the intake first: python -m helpers check --data DIR.")
    engine = duck.start(folder)

    def find(name: str) -> ir.Table | None:
        path = folder / f"{name}.parquet"
        return engine.parquet(path, f"stored_{name}") if path.exists() else None

    return Store(engine, manifest, find)
