"""One table from its source to its Parquet file: read, lay out, tell formats, check, set aside, store."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb

from helpers import contract
from helpers.contract import Column, Table
from helpers.errors import Unusable
from helpers.intake import checks, duplicates, formats, rejects, shaping, sql, store
from helpers.intake.checks import KNOWN_ITEMS, TYPED, Reading
from helpers.intake.extract import BROKEN, RAW, Extract
from helpers.intake.formats import Ambiguous, DateStyle, NumberStyle
from helpers.intake.mapping import Layout, lay_out
from helpers.intake.reading import open_source
from helpers.intake.sources import Source
from helpers.manifest import TableIntake
from helpers.settings import Settings, TableSource


@dataclass(frozen=True)
class Desk:
    """Where the work is done: the database, the working folder, and where Parquet and rejects are laid down."""

    con: duckdb.DuckDBPyConnection
    work: Path
    parquet: Path
    rejects: Path
    settings: Settings
    progress: Callable[[str], None]


def take_table(desk: Desk, source: Source) -> TableIntake | None:
    """Take one table in; `None` when it holds no rows, which counts as not sent.

    Raises
    ------
    Unusable
        The source cannot be read, or a column allows more than one reading and the settings do not decide.
    """
    table = contract.table(source.table)
    spec = desk.settings.tables.get(source.table, TableSource())
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
        return _set_aside(desk, extract, layout.problem, rows)
    _refuse_doubtful_text(desk.con, extract, layout, table)
    reading, shown = _tell_formats(desk, extract, layout, spec)
    desk.con.execute(checks.typing_sql(table, layout, spec, reading))
    _refuse_bad_constants(desk.con, table, layout, reading)
    return _check_and_store(desk, extract, layout, spec, reading, {**extract.detected, **layout.notes, **shown}, rows)


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


def _check_and_store(
    desk: Desk,
    extract: Extract,
    layout: Layout,
    spec: TableSource,
    reading: Reading,
    detected: dict[str, str],
    rows: int,
) -> TableIntake:
    source, table = extract.source, contract.table(extract.source.table)
    duplicates.find_twins(desk.con, table, layout, spec)
    rejects.collect(desk.con, table, layout, reading)
    emptied = rejects.write(desk.con, source.label, desk.rejects / f"{table.name}.csv")
    used, filled = store.write_table(desk.con, table, layout, spec, desk.parquet / f"{table.name}.parquet")
    if table.name == "items":
        desk.con.execute(f"CREATE OR REPLACE TABLE {KNOWN_ITEMS} AS SELECT item_id FROM {store.USED}")
    return TableIntake(
        table=table.name,
        files=(source.label,),
        rows_read=rows,
        rows_used=used,
        rows_rejected=rows - used,
        cells_emptied=emptied,
        filled=filled if used else {},
        detected=detected,
        ignored_columns=layout.ignored,
        problem=None if used else _nothing_left(desk.con, source, rows),
    )


def _nothing_left(con: duckdb.DuckDBPyConnection, source: Source, rows: int) -> str:
    rule, count, line, value = con.execute(
        f"""SELECT concat_ws(': ', nullif(col, ''), regexp_replace(rule, 'line \\d+', 'another')), count(*) AS n,
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


def _tell_formats(desk: Desk, extract: Extract, layout: Layout, spec: TableSource) -> tuple[Reading, dict[str, str]]:
    table = contract.table(extract.source.table)
    dates: dict[str, DateStyle] = {}
    numbers: dict[str, NumberStyle] = {}
    shown: dict[str, str] = {}
    asks = []
    for column in table.columns:
        if column.name not in layout.positions:
            continue
        try:
            if column.type in ("date", "bucket"):
                dates[column.name], shown[column.name] = _date_style(desk, extract, layout, spec, column)
            elif column.type in ("number", "count"):
                numbers[column.name], shown[column.name] = _number_style(desk, extract, layout, spec, column)
        except Ambiguous as doubt:
            asks.append(_ask(extract.source, layout, column, doubt))
    if asks:
        raise Unusable("\n".join(asks))
    return Reading(dates, numbers, desk.settings.bucket), {name: text for name, text in shown.items() if text}


def _date_style(
    desk: Desk, extract: Extract, layout: Layout, spec: TableSource, column: Column
) -> tuple[DateStyle, str]:
    place = layout.positions[column.name]
    named = formats.named_date(spec, column.name)
    if named:
        _refuse_bad_format(desk.con, extract.source.table, column.name, named)
    if place in extract.native:
        return DateStyle(formats.ISO, serial=extract.serial_dates), ""
    if named:
        return DateStyle(named.formats, named=True, beside=extract.serial_dates), ""
    return formats.detect_date(desk.con, checks.matching_rows(layout), sql.cell(place), extract.serial_dates)


def _number_style(
    desk: Desk, extract: Extract, layout: Layout, spec: TableSource, column: Column
) -> tuple[NumberStyle, str]:
    place = layout.positions[column.name]
    if place in extract.native:
        return formats.NATIVE_NUMBER, ""
    named = formats.named_number(spec)
    if named:
        return named, ""
    return formats.detect_number(desk.con, checks.matching_rows(layout), sql.cell(place))


def _ask(source: Source, layout: Layout, column: Column, doubt: Ambiguous) -> str:
    name = layout.header[layout.positions[column.name]]
    setting = (
        f'{{dates: {{{column.name}: "%d/%m/%Y"}}}}, with the format that is meant'
        if column.type in ("date", "bucket")
        else '{decimal: ","} or {decimal: "."}'
    )
    return (
        f"{source.label}, column {name}: the column allows more than one reading: {doubt}. "
        f"Say in settings.yaml which one is meant: tables: {{{source.table}: {setting}}}."
    ).replace("}, with the format that is meant}.", "}}, with the format that is meant.")


def _refuse_bad_format(con: duckdb.DuckDBPyConnection, table: str, column: str, style: DateStyle) -> None:
    try:
        con.execute(f"SELECT {style.read(sql.text('2024-01-01'))}").fetchall()
    except duckdb.Error as error:
        raise Unusable(
            f"settings, tables.{table}.dates: '{style.formats[0]}' for {column} is not a date format. "
            'Formats are written like "%d.%m.%Y".'
        ) from error


def _refuse_bad_constants(con: duckdb.DuckDBPyConnection, table: Table, layout: Layout, reading: Reading) -> None:
    for name, value in layout.constants.items():
        (fault,) = con.execute(f"SELECT max({sql.name('f_' + name)}) FROM {TYPED}").fetchone() or (0,)
        if fault:
            rule = rejects.rule_text(table.column(name), fault, reading)
            raise Unusable(f"settings, tables.{table.name}.constants.{name}: '{value}' is {rule}. Correct the value.")
