"""Opens a source of any kind and loads it as text cells with line numbers."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from helpers.contract import Table
from helpers.errors import Unusable
from helpers.intake import sql
from helpers.intake.explosive import most_rows, refuse_endless, refuse_explosive_parquet
from helpers.intake.extract import RAW, Extract, prepare_broken
from helpers.intake.sources import Source
from helpers.intake.text_files import open_delimited
from helpers.intake.typed_cells import open_sheet, open_sqlite
from helpers.settings import TableSource

FLOATS = ("FLOAT", "DOUBLE", "DECIMAL")
ATTACHED = "client"


class TypedExtract(Extract):
    """Parquet or a DuckDB table: columns are typed as a whole; the line is the row's number, from 1."""

    def __init__(self, source: Source, relation: str, columns: list[tuple[str, str]], header: list[str]) -> None:
        super().__init__(source, header, 0)
        self.relation = relation
        self.columns = columns
        self.native = frozenset(i for i, (_, type_) in enumerate(columns) if type_ not in ("VARCHAR", "BLOB"))

    def load(self, con: duckdb.DuckDBPyConnection, positions: tuple[int, ...]) -> None:
        prepare_broken(con)
        cells = "".join(f", {sql.cleaned(_as_text(*self.columns[place]))} AS {sql.cell(place)}" for place in positions)
        try:
            con.execute(
                f"CREATE OR REPLACE TABLE {RAW} AS SELECT row_number() OVER () AS line{cells} FROM {self.relation}"
            )
        except duckdb.Error as error:
            raise _unreadable(self.source, error) from error
        if self.source.part:
            (rows,) = con.execute(f"SELECT count(*) FROM {RAW}").fetchone() or (0,)
            refuse_endless(self.source.path, self.source.part, rows)


def open_source(
    con: duckdb.DuckDBPyConnection, source: Source, spec: TableSource, table: Table, work: Path
) -> Extract | None:
    """Open a source; `None` when it holds not even a header.

    Raises
    ------
    Unusable
        The file cannot be read, or its encoding or delimiter cannot be told.
    """
    if source.kind == "text":
        return open_delimited(source, spec, table, work)
    if source.kind == "workbook":
        return open_sheet(source, spec)
    if source.kind == "sqlite":
        return open_sqlite(source, spec)
    return _open_typed(con, source)


def _open_typed(con: duckdb.DuckDBPyConnection, source: Source) -> TypedExtract:
    try:
        if source.kind == "parquet":
            refuse_explosive_parquet(source.path)
            relation = f"read_parquet({sql.text(str(source.path))})"
            header = _names(source.path)
        else:
            con.execute(f"DETACH DATABASE IF EXISTS {ATTACHED}")
            con.execute(f"ATTACH {sql.text(str(source.path))} AS {ATTACHED} (READ_ONLY)")
            whole = f"{ATTACHED}.main.{sql.name(source.part or '')}"
            relation = f"(SELECT * FROM {whole} LIMIT {most_rows(source.path)})"
            header = None
        described = con.execute(f"DESCRIBE SELECT * FROM {relation}").fetchall()
    except (duckdb.Error, pa.ArrowException, OSError) as error:
        raise _unreadable(source, error) from error
    columns = [(str(row[0]), str(row[1])) for row in described]
    return TypedExtract(source, relation, columns, header or [name for name, _ in columns])


def _names(path: Path) -> list[str] | None:
    """The columns of a Parquet file as they are called, for DuckDB gives twins other names; none where it is odd."""
    try:
        return list(pq.read_schema(path).names)
    except pa.ArrowException:
        return None


def _unreadable(source: Source, error: Exception) -> Unusable:
    return Unusable(f"{source.label}: cannot be read ({str(error).splitlines()[0]}). Export it again.")


def _as_text(column: str, type_: str) -> str:
    """Text of a typed column; a whole number kept as a float (an identifier after a gap) loses its `.0`."""
    quoted = sql.name(column)
    if type_ == "BLOB":
        return f"CAST(try(decode({quoted})) AS VARCHAR)"
    if not type_.startswith(FLOATS):
        return f"CAST({quoted} AS VARCHAR)"
    whole = f"{quoted} = trunc({quoted}) AND abs({quoted}) < 1e15"
    shown = f"CASE WHEN {whole} THEN CAST(try_cast({quoted} AS BIGINT) AS VARCHAR) ELSE CAST({quoted} AS VARCHAR) END"
    return shown if type_.startswith("DECIMAL") else f"CASE WHEN NOT isnan({quoted}) THEN {shown} END"
