"""Spark: the reductions run in its session; temporary views and cached frames are all that is made."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterable
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

import ibis
import ibis.expr.operations as ops
import ibis.expr.types as ir
import pandas as pd
import pyarrow as pa
import sqlglot.expressions as sge
from ibis.backends.pyspark import Backend
from ibis.backends.pyspark.datatypes import PySparkType
from ibis.backends.sql.compilers.base import SQLGlotCompiler
from ibis.backends.sql.compilers.pyspark import PySparkCompiler
from ibis.formats.pandas import PandasData
from pyspark.errors import AnalysisException, PySparkException
from pyspark.sql import SparkSession

from helpers.errors import Unusable
from helpers.place import Database

LOCAL_OPTIONS: dict[str, bool | float | int | str | None] = {
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "ERROR",
    "spark.sql.shuffle.partitions": str(os.cpu_count() or 1),
}
SESSION_OPTIONS = {
    "spark.sql.ansi.enabled": "false",  # the kit's own rules say what is missing; no row ends a query
    "spark.sql.session.timeZone": "UTC",
}
CONNECT_PORT = 15002
PATIENCE = 15  # seconds until a server that does not answer is given up, where Spark would try for minutes
UTC = pa.timestamp("us", "UTC")


class Compiler(PySparkCompiler):  # type: ignore[misc]
    """Ibis' SQL for Spark, where it would give other numbers than DuckDB."""

    __slots__ = ()

    visit_IsNull = SQLGlotCompiler.visit_IsNull  # noqa: N815
    visit_NotNull = SQLGlotCompiler.visit_NotNull  # noqa: N815

    def visit_Divide(self, op: ops.Divide, *, left: sge.Expression, right: sge.Expression) -> Any:
        """By zero as binary numbers divide: infinite, or not a number; Spark says missing."""
        return self.if_(right.eq(0), left * self.POS_INF, self.binop(sge.Div, left, right))

    def visit_FirstValue(self, op: ops.Value, *, arg: sge.Expression) -> Any:
        """The first of a frame, missing where that is missing."""
        return self.f.first(arg)

    def visit_LastValue(self, op: ops.Value, *, arg: sge.Expression) -> Any:
        return self.f.last(arg)


class Spark(Backend):  # type: ignore[misc]
    """One Spark session, of this process or behind Spark Connect."""

    compiler = Compiler()
    place: Database
    found: dict[str, Any]

    def names(self, asked: Iterable[str]) -> list[str]:
        if self.place.path:
            return sorted(name for name in dict.fromkeys(asked) if self._parquet(name) is not None)
        try:
            tables = self._session.catalog.listTables(self.place.schema)
        except AnalysisException as error:
            raise Unusable(
                f"{self.place}: there is no schema '{self.place.schema}' in the session's catalog. Correct ?schema=."
            ) from error
        return sorted(table.name for table in tables if not table.isTemporary)

    def source(self, name: str) -> ir.Table:
        if self.place.schema:
            return self.table(name, database=self.place.schema)
        frame = self._parquet(name)
        return self._view(name, ibis.Schema(PySparkType.to_ibis(frame.schema)), frame)

    def empty(self, name: str, schema: ibis.Schema) -> ir.Table:
        return self.view(name, ibis.memtable([], schema=schema))

    def view(self, name: str, rows: ir.Table) -> ir.Table:
        return self._named(name, rows, self._run(rows))

    def hold(self, name: str, rows: ir.Table) -> ir.Table:
        # Not cached but cut off from what it came from: else every later query is planned with all of it again.
        return self._named(name, rows, self._run(rows).localCheckpoint())

    def frame(self, rows: ir.Table) -> pd.DataFrame:
        frame: pd.DataFrame = PandasData.convert_table(self._run(rows).toArrow().to_pandas(), rows.schema())
        return frame

    def value(self, scalar: ir.Scalar) -> Any:
        return self.frame(scalar.as_table()).iloc[0, 0]

    def _register_in_memory_table(self, op: ops.InMemoryTable) -> None:
        table = op.data.to_pyarrow(op.schema)
        types = [UTC if pa.types.is_timestamp(field.type) else field.type for field in table.schema]
        typed = table.cast(pa.schema(zip(table.column_names, types, strict=True)))
        self._session.createDataFrame(typed).createOrReplaceTempView(op.name)

    def _parquet(self, name: str) -> Any:
        """One table of a folder: a file of its name, or a folder of files; `None` when there is neither."""
        for end in (".parquet", "") if name not in self.found else ():
            with suppress(AnalysisException):
                frame = self._session.read.parquet(f"{self.place.path.rstrip('/')}/{name}{end}")
                frame.schema  # noqa: B018 - only now does Spark Connect look
                self.found[name] = frame
                break
        return self.found.get(name)

    def _run(self, rows: ir.Table) -> Any:
        self._run_pre_execute_hooks(rows)
        return self._session.sql(self.compile(rows))

    def _named(self, name: str, rows: ir.Table, frame: Any) -> ir.Table:
        return self._view(name, rows.schema(), frame)

    def _view(self, name: str, schema: ibis.Schema, frame: Any) -> ir.Table:
        own = ibis.util.gen_name(name)  # the session may be shared
        frame.createOrReplaceTempView(own)
        return ops.DatabaseTable(own, schema=schema, source=self, namespace=ops.Namespace()).to_expr()


def start(place: Database) -> Spark:
    """A session at `place`; in this process the one that runs already if there is one, which then counts in UTC.

    Raises
    ------
    Unusable
        No session can be had.
    """
    Spark.register_options()
    engine = Spark()
    engine.do_connect(_session(place), **SESSION_OPTIONS)
    engine.place, engine.found = place, {}
    return engine


def _session(place: Database) -> SparkSession:
    try:
        if not place.address.startswith("sc://"):
            return SparkSession.getActiveSession() or SparkSession.builder.config(map=LOCAL_OPTIONS).getOrCreate()
        server = urlsplit(place.address)
        socket.create_connection((server.hostname or "", server.port or CONNECT_PORT), PATIENCE).close()
        return SparkSession.builder.remote(place.address).create()  # never one that is open to another server
    except (PySparkException, OSError) as error:
        raise Unusable(
            f"{place}: Spark cannot be reached ({str(error).strip().splitlines()[0]}). Check host and port; a session "
            "in this process needs Java 17."
        ) from error
