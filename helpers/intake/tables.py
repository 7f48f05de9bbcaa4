"""One table from its source to its Parquet file: read, lay out, tell formats, check, set aside, store."""

from __future__ import annotations

import duckdb

from helpers import contract
from helpers.contract import Table
from helpers.errors import Unusable
from helpers.intake import checks, duplicates, rejects, shaping, sql, store, totals
from helpers.intake.batches import Irregular
from helpers.intake.checks import FALLEN_ITEMS, KNOWN_ITEMS, TYPED, Reading
from helpers.intake.desk import Desk
from helpers.intake.extract import BROKEN, RAW, Extract
from helpers.intake.large import Checked, is_large, take_large
from helpers.intake.mapping import Layout, held, lay_out
from helpers.intake.reading import open_source
from helpers.intake.sources import Source
from helpers.intake.styles import LoadedTexts, tell_formats
from helpers.manifest import TableIntake
from helpers.settings import TableSource


def take_table(desk: Desk, source: Source) -> TableIntake | None:
    """Take one table in; `None` when it holds no rows, which counts as not sent.

    Raises
    ------
    Unusable
        The source cannot be read, or a column allows more than one reading and the settings do not decide.
    """
    spec = desk.settings.tables.get(source.table, TableSource())
    if is_large(source, spec):
        try:
            return _taken(desk, take_large(desk, source, spec))
        except Irregular:
            desk.progress(f"{source.table}: {source.label} has to be loaded whole")
    return _take_whole(desk, source, spec)


def _take_whole(desk: Desk, source: Source, spec: TableSource) -> TableIntake | None:
    """The way of every table that is not large: all cells as text first."""
    table = contract.table(source.table)
    extract = open_source(desk.con, source, spec, table, desk.work)
    if extract is None:
        return None
    layout = lay_out(table, spec, extract.header, source.label)
    extract.load(desk.con, layout.read or (0,))
    shaping.join_columns(desk.con, layout)
    if spec.distinct:
        extract.detected["rows"] = shaping.keep_distinct(desk.con, layout)
    rows = _rows_read(desk.con, layout)
    if rows == 0:
        return None
    if layout.problem:
        return _set_aside(desk, extract, _title_above(extract, table, spec) or layout.problem, rows)
    _refuse_doubtful_text(desk.con, extract, layout, table)
    texts = LoadedTexts(desk.con, layout, extract.serial_dates)
    reading, shown = tell_formats(desk.con, desk.settings.bucket, extract, layout, spec, texts)
    desk.con.execute(checks.typing_sql(table, layout, spec, reading))
    _refuse_bad_constants(desk.con, table, layout, reading)
    duplicates.find_twins(desk.con, table, layout, spec)
    totals.set_aside(desk.con, table, layout, totals.in_rows(desk, table, layout, store.USED, typed=True))
    rejects.collect(desk.con, table, layout, reading)
    emptied = rejects.write(desk.con, source.label, desk.rejects / f"{table.name}.csv")
    used, filled = store.write_table(desk.con, table, layout, spec, desk.parquet / f"{table.name}.parquet")
    detected = {**extract.detected, **layout.notes, **shown}
    (again,) = desk.con.execute(f"SELECT count(*) FROM {totals.TOTALS}").fetchone() or (0,)
    return _taken(desk, Checked(extract, layout, detected, rows, used, filled, emptied, again))


def _title_above(extract: Extract, table: Table, spec: TableSource) -> str | None:
    """What to say where the line taken for the header is a title, and the names stand some lines below."""
    label = extract.source.label
    for line, names in extract.below():
        if lay_out(table, spec, tuple(names), label).problem is None:
            return (
                f"{label}: expected the names of columns on line {extract.header_line}, found "
                f"'{held(extract.header)}'; they stand on line {line}. Say so in settings.yaml: "
                f"tables: {{{table.name}: {{skip_rows: {line - 1}}}}}, or delete the lines above."
            )
    return None


def _rows_read(con: duckdb.DuckDBPyConnection, layout: Layout) -> int:
    (rows,) = con.execute(f"SELECT count(*) FROM {checks.matching_rows(layout)}").fetchone() or (0,)
    (broken,) = con.execute(f"SELECT count(*) FROM {BROKEN}").fetchone() or (0,)
    return int(rows) + int(broken)


def _set_aside(desk: Desk, extract: Extract, problem: str, rows: int) -> TableIntake:
    source = extract.source
    rejects.write_whole(desk.rejects / f"{source.table}.csv", source.label, extract.header_line, problem)
    return TableIntake(
        table=source.table,
        files=(source.label,),
        rows_read=rows,
        rows_rejected=rows,
        detected=extract.detected,
        problem=problem,
    )


def _taken(desk: Desk, checked: Checked) -> TableIntake | None:
    """What became of a table whose rows are stored and whose faults are listed."""
    source, used, rows = checked.extract.source, checked.used, checked.rows_read
    if not rows:
        return None
    if source.table == "items" and used:
        _note_items(desk)
    return TableIntake(
        table=source.table,
        files=(source.label,),
        rows_read=rows,
        rows_used=used,
        rows_rejected=rows - used,
        total_rows=checked.total_rows,
        cells_emptied=checked.emptied,
        filled=checked.filled if used else {},
        detected=checked.detected,
        ignored_columns=checked.layout.ignored,
        problem=None if used else _nothing_left(desk.con, source, rows),
    )


def _note_items(desk: Desk) -> None:
    """The items that other tables may refer to, and those that were set aside, with the first line of each."""
    stored = sql.text(str(desk.parquet / "items.parquet"))
    desk.con.execute(f"CREATE OR REPLACE TABLE {KNOWN_ITEMS} AS SELECT item_id FROM read_parquet({stored})")
    desk.con.execute(
        f"""CREATE OR REPLACE TABLE {FALLEN_ITEMS} AS SELECT item_id, min(line) AS line FROM {TYPED}
        WHERE aside AND item_id IS NOT NULL AND item_id NOT IN (SELECT item_id FROM {KNOWN_ITEMS}) GROUP BY item_id"""
    )


def _nothing_left(con: duckdb.DuckDBPyConnection, source: Source, rows: int) -> str:
    rule, count, line, value = con.execute(
        f"""SELECT concat_ws(': ', nullif(col, ''), {rejects.general("rule")}), count(*) AS n,
            min(line), arg_min(coalesce(value, ''), line)
        FROM {rejects.FAULTS} WHERE action = '{rejects.ROW}' GROUP BY 1 ORDER BY n DESC, 1 LIMIT 1"""
    ).fetchone() or ("", 0, 0, "")
    return (
        f"{source.label}: none of its rows can be used ({rows:,} read). "
        f"Most often: {rule} ({count:,} times, first '{value}' on line {line})."
    )


def _refuse_doubtful_text(con: duckdb.DuckDBPyConnection, extract: Extract, layout: Layout, table: Table) -> None:
    """An assumed encoding does no harm where all text that is used is ASCII; elsewhere the settings must decide."""
    places = sorted(set(layout.positions.values()))
    if extract.doubtful is None or not places:
        return
    whole = "concat_ws(' ', " + ", ".join(sql.cell(place) for place in places) + ")"
    found = con.execute(f"SELECT {whole} FROM {RAW} WHERE regexp_matches({whole}, '[^\\x00-\\x7F]') LIMIT 1").fetchone()
    if found:
        word = next(word for word in str(found[0]).split() if not word.isascii())
        raise Unusable(
            f"{extract.source.label}: the encoding cannot be told: the file is not UTF-8. "
            f"Read as {extract.doubtful} it holds '{word}'. If that is right, say so in settings.yaml: "
            f"tables: {{{table.name}: {{encoding: {extract.doubtful}}}}}; if not, name the encoding it was saved in."
        )


def _refuse_bad_constants(con: duckdb.DuckDBPyConnection, table: Table, layout: Layout, reading: Reading) -> None:
    for name, value in layout.constants.items():
        (fault,) = con.execute(f"SELECT max({sql.name('f_' + name)}) FROM {TYPED}").fetchone() or (0,)
        if fault:
            rule = rejects.rule_text(table.column(name), fault, reading)
            raise Unusable(f"settings, tables.{table.name}.constants.{name}: '{value}' is {rule}. Correct the value.")
