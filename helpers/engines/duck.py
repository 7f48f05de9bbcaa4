"""DuckDB in this process, over the Parquet that the intake stored: the default engine."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import ibis
import ibis.expr.types as ir
import pandas as pd
from ibis.backends.duckdb import Backend

from helpers import disk, machine
from helpers.engines import exact
from helpers.errors import Unusable

MEMORY = machine.GIGABYTE * 5 // 4  # a whole process then stays below 2 GB, whatever the client sent


class DuckDB(Backend):  # type: ignore[misc]
    """One database in memory that spills into the folder `place`."""

    place = Path()

    compiler = exact.Compiler()

    def parquet(self, path: Path, name: str) -> ir.Table:
        return self.read_parquet(path, table_name=name)

    def empty(self, name: str, schema: ibis.Schema) -> ir.Table:
        return self.create_table(name, schema=schema)

    def view(self, name: str, rows: ir.Table) -> ir.Table:
        return self.create_view(name, rows)

    def hold(self, name: str, rows: ir.Table) -> ir.Table:
        with _stoppable(self.place):
            return self.create_table(name, rows, temp=True)

    def frame(self, rows: ir.Table) -> pd.DataFrame:
        with _stoppable(self.place):
            frame: pd.DataFrame = self.to_pandas(rows)
        return frame

    def value(self, scalar: ir.Scalar) -> Any:
        with _stoppable(self.place):
            return self.execute(scalar)


@contextmanager
def _stoppable(place: Path) -> Iterator[None]:
    """Ctrl-C and a full disk come back as errors of DuckDB's own, which would pass for faults of the query."""
    try:
        yield
    except (duckdb.IOException, duckdb.OutOfMemoryException) as error:
        if refused := disk.refusal(error, place):
            raise Unusable(disk.message(refused)) from error
        raise
    except RuntimeError as error:
        if "interrupted" in str(error).lower():
            raise KeyboardInterrupt from error
        raise


def start(folder: Path) -> DuckDB:
    """A database of its own that spills into `folder`."""
    spill = folder / f"{disk.MARK}spill-{os.getpid()}"
    engine: DuckDB = DuckDB().connect(**machine.duckdb_config(spill, MEMORY))
    engine.place = folder
    engine.raw_sql("SET enable_progress_bar = false")  # the kit tells how far it is, sign by sign
    for macro in exact.MACROS:
        engine.raw_sql(macro)
    return engine
