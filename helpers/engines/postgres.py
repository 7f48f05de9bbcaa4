"""PostgreSQL: the reductions run in the client's server; temporary views and tables are all that is written."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.operations as ops
import ibis.expr.types as ir
import pandas as pd
import psycopg
import sqlglot as sg
import sqlglot.expressions as sge
from ibis.backends.postgres import Backend
from ibis.backends.sql.compilers.postgres import PostgresCompiler

from helpers.engines.medians import Middle, in_two_steps
from helpers.errors import Unusable
from helpers.place import Database

PATIENCE = 15  # seconds until a server that does not answer is given up


class Compiler(PostgresCompiler):  # type: ignore[misc]
    """Ibis' SQL for PostgreSQL, taught where it refuses what the measures ask for or gives other numbers."""

    __slots__ = ()

    rewrites = (in_two_steps, *PostgresCompiler.rewrites)

    def visit_Cast(self, op: ops.Cast, *, arg: sge.Expression, to: dt.DataType) -> Any:
        """A flag counts as 0 or 1 in every numeric type; PostgreSQL knows that for the plain integer only."""
        if op.arg.dtype.is_boolean() and to.is_numeric():
            arg = self.cast(arg, dt.int32)
        return super().visit_Cast(op, arg=arg, to=to)

    def visit_Divide(self, op: ops.Divide, *, left: sge.Expression, right: sge.Expression) -> Any:
        """By zero as binary numbers divide: infinite, or not a number; PostgreSQL would end the query."""
        left, right = self.cast(left, dt.float64), self.cast(right, dt.float64)
        return self.if_(right.eq(0), left * self.POS_INF, self.binop(sge.Div, left, self.f.nullif(right, 0)))

    def visit_FloorDivide(self, op: ops.FloorDivide, *, left: sge.Expression, right: sge.Expression) -> Any:
        """Downwards on both sides of zero; PostgreSQL cuts whole numbers towards it."""
        return self.cast(self.f.floor(self.visit_Divide(op, left=left, right=right)), op.dtype)

    def visit_Round(self, op: ops.Round, *, arg: sge.Expression, digits: sge.Expression | None) -> Any:
        """A half is rounded away from zero; PostgreSQL rounds halves of binary numbers to the even side."""
        if op.dtype.is_integer():
            return self.cast(self.f.sign(arg) * self.f.floor(self.f.abs(arg) + 0.5), op.dtype)
        return super().visit_Round(op, arg=arg, digits=digits)

    def visit_Sqrt(self, op: ops.Sqrt, *, arg: sge.Expression) -> Any:
        """Of a number below zero not a number; PostgreSQL would end the query."""
        return self.if_(arg < 0, self.NAN, self.f.sqrt(arg))

    def visit_SortKey(self, op: ops.SortKey, *, arg: sge.Expression, **how: bool) -> Any:
        """Texts in the order of their bytes, whatever the language of the database."""
        return super().visit_SortKey(op, arg=_by_bytes(op.arg, arg), **how)

    def visit_Min(self, op: ops.Min, *, arg: sge.Expression, where: sge.Expression | None) -> Any:
        return super().visit_Min(op, arg=_by_bytes(op.arg, arg), where=where)

    def visit_Max(self, op: ops.Max, *, arg: sge.Expression, where: sge.Expression | None) -> Any:
        return super().visit_Max(op, arg=_by_bytes(op.arg, arg), where=where)

    def visit_Middle(self, op: Middle, *, arg: sge.Expression) -> Any:
        value = sg.to_identifier("value", quoted=True)
        in_order = sge.Order(expressions=[sge.Ordered(this=value)])
        median = sge.WithinGroup(this=self.f.percentile_cont(sge.convert(0.5)), expression=in_order)
        listed = sge.TableAlias(this=sg.to_identifier("listed", quoted=True), columns=[value])
        return sg.select(median).from_(sge.Unnest(expressions=[arg], alias=listed)).subquery()


class Postgres(Backend):  # type: ignore[misc]
    """One connection to a PostgreSQL server."""

    compiler = Compiler()
    place: Database

    def schemas(self) -> list[str]:
        """The schemas that are not the server's own."""
        return self._column("SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_|^information_schema$'")

    def names(self, asked: Iterable[str]) -> list[str]:
        """What the role may read, whatever is `asked`; of the search path where no schema was named."""
        there = (
            "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = %s "
            "AND c.relkind IN ('r', 'v', 'm', 'f', 'p') AND "
        )
        may = "(has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT'))"
        closed = sorted({*self._column(f"{there} NOT {may}", self._schema)} & {*asked})
        if closed:
            raise Unusable(
                f"{self.place}: the role may not read {', '.join(closed)}. Grant USAGE on the schema "
                f"'{self._schema}' and SELECT on its tables."
            )
        return self._column(f"{there} {may}", self._schema)

    def source(self, name: str) -> ir.Table:
        return self.table(name, database=self._schema)

    def empty(self, name: str, schema: ibis.Schema) -> ir.Table:
        return ibis.memtable([], schema=schema)

    def view(self, name: str, rows: ir.Table) -> ir.Table:
        return self._made(name, rows, "VIEW")

    def hold(self, name: str, rows: ir.Table) -> ir.Table:
        return self._made(name, rows, "TABLE")

    def frame(self, rows: ir.Table) -> pd.DataFrame:
        frame: pd.DataFrame = self.to_pandas(rows)
        return frame

    def value(self, scalar: ir.Scalar) -> Any:
        return self.execute(scalar)

    @property
    def _schema(self) -> str:
        return self.place.schema or str(self.current_database)

    def _column(self, query: str, *told: str) -> list[str]:
        with self.begin() as cursor:
            return sorted(str(row[0]) for row in cursor.execute(query, told).fetchall())

    def _made(self, name: str, rows: ir.Table, kind: str) -> ir.Table:
        self._run_pre_execute_hooks(rows)
        with self.begin() as cursor:
            cursor.execute(f'CREATE TEMPORARY {kind} "{name}" AS {self.compile(rows)}')
            if kind == "TABLE":  # nothing else would tell the planner how large it is
                cursor.execute(f'ANALYZE "{name}"')
        return ops.DatabaseTable(name, schema=rows.schema(), source=self, namespace=ops.Namespace()).to_expr()


def start(place: Database) -> Postgres:
    """A connection to the server, which sees the tables as they are now until it ends.

    Raises
    ------
    Unusable
        The server cannot be reached, refuses, or has no such schema.
    """
    try:
        connection = psycopg.connect(place.address, application_name="sop-alignment-kit", connect_timeout=PATIENCE)
    except (psycopg.Error, ValueError) as error:
        reason = " ".join(line.strip() for line in str(error).splitlines() if line.strip())
        raise Unusable(
            f"{place}: the database cannot be opened ({reason}). Check host, port, name and user; a password is taken "
            "from PGPASSWORD or ~/.pgpass."
        ) from error
    connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
    engine: Postgres = Postgres.from_connection(connection)
    engine.place = place
    # The planner cannot guess how many rows expressions leave; where it guesses few, nested loops run for minutes.
    engine.raw_sql("SET enable_nestloop = off").close()
    engine.raw_sql("SET jit = off").close()  # compiling queries this long takes longer than running them
    _may_hold(engine)
    if place.schema and place.schema not in engine.schemas():
        found = ", ".join(engine.schemas())
        raise Unusable(f"{place}: there is no schema '{place.schema}'. Found {found}. Correct ?schema=.")
    return engine


def _may_hold(engine: Postgres) -> None:
    """Intermediate tables live in the connection and end with it; even that can be forbidden."""
    try:
        engine.raw_sql("CREATE TEMPORARY TABLE sop_alignment_kit (nothing int)").close()
    except psycopg.Error as error:
        raise Unusable(
            f"{engine.place}: temporary tables are refused ({str(error).strip().splitlines()[0]}). The kit writes "
            "nothing else, but needs them: grant TEMPORARY on the database, and use a server that is no read-only copy."
        ) from error


def _by_bytes(value: ops.Value, arg: sge.Expression) -> sge.Expression:
    return sge.Collate(this=arg, expression=sg.to_identifier("C", quoted=True)) if value.dtype.is_string() else arg
