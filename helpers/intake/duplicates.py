"""Rows that carry the key of another row. Fills the table `twins` with the reasons, marks the rows in `typed`."""

from __future__ import annotations

import duckdb

from helpers.contract import Table
from helpers.intake import sql
from helpers.intake.checks import TYPED
from helpers.intake.extract import RAW
from helpers.intake.mapping import Layout
from helpers.settings import TableSource

TWINS = "twins"


def find_twins(con: duckdb.DuckDBPyConnection, table: Table, layout: Layout, spec: TableSource) -> None:
    """Keep one of identical rows; set all of conflicting ones aside, unless the settings sum them or keep the last."""
    con.execute(f"CREATE OR REPLACE TABLE {TWINS} (line BIGINT, shown VARCHAR, rule VARCHAR)")
    if not table.key or spec.duplicates == "sum":
        return
    lines = _candidate_lines(con, table, layout)
    if lines:
        con.execute(f"INSERT INTO {TWINS} {_judged(table, layout, spec)}")
        con.execute(f"UPDATE {TYPED} SET aside = true WHERE line IN (SELECT line FROM {TWINS})")


def key_columns(table: Table, layout: Layout) -> list[str]:
    """SQL of the key of a row of `typed`; a key column that was not sent is the same for all rows."""
    columns = [table.column(name) for name in table.key if name in layout.sent]
    return [
        f"coalesce({sql.name(column.name)}, {sql.text(column.default)})" if column.default else sql.name(column.name)
        for column in columns
    ]


def kept(column: str) -> str:
    """SQL of a typed cell as it is stored: emptied where it broke a rule."""
    return f"CASE WHEN {sql.name('f_' + column)} = 0 THEN {sql.name(column)} END"


def _candidate_lines(con: duckdb.DuckDBPyConnection, table: Table, layout: Layout) -> int:
    """Hashes first: on large tables the exact comparison then meets a handful of rows."""
    hashed = f"hash({', '.join(key_columns(table, layout))})"
    con.execute(
        f"""CREATE OR REPLACE TEMP TABLE candidates AS WITH hashed AS (
            SELECT line, {hashed} AS h FROM {TYPED} WHERE NOT aside)
        SELECT line FROM hashed WHERE h IN (SELECT h FROM hashed GROUP BY h HAVING count(*) > 1)"""
    )
    (lines,) = con.execute("SELECT count(*) FROM candidates").fetchone() or (0,)
    return int(lines)


def _judged(table: Table, layout: Layout, spec: TableSource) -> str:
    keys = key_columns(table, layout)
    # Of a bucket the day as written: four weeks of one month are four rows, not one row four times.
    written = [sql.cell(layout.positions[n]) for n in layout.positions if table.column(n).type == "bucket"]
    whole = f"hash({', '.join([kept(name) for name in layout.sent] + written)})"
    days = f"hash({', '.join(written)})" if written else "0"
    names = ", ".join(name for name in table.key if name in layout.sent)
    shown = f"concat_ws(', ', {', '.join(f'CAST({key} AS VARCHAR)' for key in keys)})"
    same = "'the same row as line ' || first_line || '; one is kept'"
    if spec.duplicates == "last":
        is_twin, rule = (
            "line <> last_line",
            f"'the same {names} as line ' || last_line || ', the last one, which is kept'",
        )
    else:
        is_twin = "one_whole <> other_whole OR line <> first_line"
        conflict = (
            f"'the same {names} as line ' || CASE WHEN line = first_line THEN last_line ELSE first_line END || "
            "CASE WHEN one_day = other_day THEN ' with other values' ELSE ', on another day of the same bucket' END || "
            "'; all are set aside unless the settings say duplicates: sum or last'"
        )
        rule = f"CASE WHEN one_whole = other_whole THEN {same} ELSE {conflict} END"
    return f"""SELECT line, shown, {rule} FROM (
        SELECT line, {shown} AS shown, count(*) OVER twin AS n,
            min(line) OVER twin AS first_line, max(line) OVER twin AS last_line,
            min({days}) OVER twin AS one_day, max({days}) OVER twin AS other_day,
            min({whole}) OVER twin AS one_whole, max({whole}) OVER twin AS other_whole
        FROM {TYPED} JOIN {RAW} USING (line) WHERE line IN (SELECT line FROM candidates)
        WINDOW twin AS (PARTITION BY {", ".join(keys)}))
    WHERE n > 1 AND ({is_twin})"""
