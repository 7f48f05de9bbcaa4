"""How the cells of a table are read: what the settings name, what the file itself types, and what its texts show."""

from __future__ import annotations

from abc import ABC, abstractmethod

import duckdb

from helpers import contract
from helpers.contract import Column
from helpers.errors import Unusable
from helpers.intake import checks, formats, sql
from helpers.intake.checks import Reading
from helpers.intake.extract import Extract
from helpers.intake.formats import Ambiguous, DateStyle, NumberStyle
from helpers.intake.mapping import Layout
from helpers.intake.sources import Source
from helpers.settings import Bucket, TableSource


class Texts(ABC):
    """The texts of a table's columns, asked for what they show; both answers come with what to show of them."""

    @abstractmethod
    def date(self, column: str) -> tuple[DateStyle, str]:
        """The style of a date column; `Ambiguous` when its texts leave two."""

    @abstractmethod
    def number(self, column: str) -> tuple[NumberStyle, str]:
        """The style of a number column; `Ambiguous` when its texts leave two."""


class LoadedTexts(Texts):
    """The texts of the table `raw`."""

    def __init__(self, con: duckdb.DuckDBPyConnection, layout: Layout, serial: bool) -> None:
        self.con, self.rows, self.serial = con, checks.matching_rows(layout), serial
        self.positions = layout.positions

    def date(self, column: str) -> tuple[DateStyle, str]:
        return formats.detect_date(self.con, self.rows, sql.cell(self.positions[column]), self.serial)

    def number(self, column: str) -> tuple[NumberStyle, str]:
        return formats.detect_number(self.con, self.rows, sql.cell(self.positions[column]))


def tell_formats(
    con: duckdb.DuckDBPyConnection, bucket: Bucket, extract: Extract, layout: Layout, spec: TableSource, texts: Texts
) -> tuple[Reading, dict[str, str]]:
    """The style of every date and number, and what to show of those that are out of the ordinary.

    Raises
    ------
    Unusable
        Columns allow more than one reading; the message asks for all of them at once.
    """
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
                dates[column.name], shown[column.name] = _date_style(con, extract, layout, spec, column, texts)
            elif column.type in ("number", "count"):
                numbers[column.name], shown[column.name] = _number_style(extract, layout, spec, column, texts)
        except Ambiguous as doubt:
            asks.append(_ask(extract.source, layout, column, doubt))
    if asks:
        raise Unusable("\n".join(asks))
    return Reading(dates, numbers, bucket), {name: text for name, text in shown.items() if text}


def _date_style(
    con: duckdb.DuckDBPyConnection, extract: Extract, layout: Layout, spec: TableSource, column: Column, texts: Texts
) -> tuple[DateStyle, str]:
    named = formats.named_date(spec, column.name)
    if named:
        _refuse_bad_format(con, extract.source.table, column.name, named)
    if layout.positions[column.name] in extract.native:
        return DateStyle(formats.ISO, serial=extract.serial_dates), ""
    if named:
        return DateStyle(named.formats, named=True, beside=extract.serial_dates), ""
    return texts.date(column.name)


def _number_style(
    extract: Extract, layout: Layout, spec: TableSource, column: Column, texts: Texts
) -> tuple[NumberStyle, str]:
    if layout.positions[column.name] in extract.native:
        return formats.NATIVE_NUMBER, ""
    named = formats.named_number(spec, column.name)
    return (named, "") if named else texts.number(column.name)


def _ask(source: Source, layout: Layout, column: Column, doubt: Ambiguous) -> str:
    name = layout.header[layout.positions[column.name]]
    is_date = column.type in ("date", "bucket")
    answer = _date_answer(column.name, doubt.example) if is_date else _number_answer(column.name, doubt.example)
    return (
        f"{source.label}, column {name}: the column allows more than one reading: {doubt}. "
        f"Say in settings.yaml which one is meant: tables: {{{source.table}: {answer}."
    )


def _date_answer(column: str, example: str) -> str:
    day_first, month_first = formats.written_like(example)
    return f'{{dates: {{{column}: "{day_first}"}}}}}} where the day comes first, "{month_first}" where the month does'


def _number_answer(column: str, example: str) -> str:
    if not example:
        return f'{{decimal: {{{column}: ","}}}}}} for a decimal comma, "." for a decimal point'
    written, other = (",", ".") if "," in example else (".", ",")
    return f'{{decimal: {{{column}: "{other}"}}}}}} where it is a thousand, "{written}" where it is a decimal'


def _refuse_bad_format(con: duckdb.DuckDBPyConnection, table: str, column: str, style: DateStyle) -> None:
    try:
        con.execute(f"SELECT {style.read(sql.text('2024-01-01'))}").fetchall()
    except duckdb.Error as error:
        raise Unusable(
            f"settings, tables.{table}.dates: '{style.formats[0]}' for {column} is not a date format. "
            'Formats are written like "%d.%m.%Y".'
        ) from error
