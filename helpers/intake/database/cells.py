"""Cells of a database table as the contract's types; a number is a number there, and a date a date."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import reduce

import ibis
import ibis.expr.types as ir

from helpers.contract import Column
from helpers.intake.checks import NO, YES
from helpers.intake.mapping import JOINT, Layout, Place, as_text
from helpers.intake.sql import EMPTY_VALUES, EMPTY_WORDS
from helpers.settings import FactorByUnit, TableSource

WHOLE_BELOW = 1e15
FIRST_YEAR, LAST_YEAR = 1900, 9999
NUMBERS, DATES = ("number", "count"), ("date", "bucket")


def misfits(rows: ir.Table, columns: Iterable[Column], layout: Layout, label: str) -> list[str]:
    """What is wrong with columns of another kind than the contract's: text is not parsed in a database."""
    found = []
    for column in columns:
        if column.name not in layout.positions or column.type not in (*NUMBERS, *DATES):
            continue
        kind, wanted = _cell(rows, layout, column.name).type(), "number" if column.type in NUMBERS else "date"
        if not (kind.is_numeric() if wanted == "number" else kind.is_date() or kind.is_timestamp()):
            found.append(
                f"{label}: the column {layout.header[layout.positions[column.name]]} is of the type {kind}, expected a "
                f"{wanted} for {column.name}. Make a view in which it is one, and name the view in settings.yaml: "
                "tables: {…: {table: …}}."
            )
    return found


def matching(rows: ir.Table, layout: Layout) -> ir.Table:
    """The rows that belong to the table under the settings' `where`."""
    conditions = [_agrees(rows, layout, place, allowed) for place, allowed in layout.where.items()]
    return rows.filter(*conditions) if conditions else rows


def written(rows: ir.Table, column: Column, layout: Layout, spec: TableSource) -> ir.StringValue:
    """The text of a cell as files are read, with the settings' `values` put in its place."""
    if column.name in layout.constants:
        return ibis.literal(layout.constants[column.name])
    place = layout.positions[column.name]
    if place in layout.joined:  # a part that is empty empties the whole, for it would not identify anything
        parts = [_text(rows[layout.header[part]]) for part in layout.joined[place]]
        return reduce(lambda whole, part: whole + ibis.literal(JOINT) + part, parts)
    text = _text(rows[layout.header[place]])
    swaps = [(text == old.strip(), as_text(new)) for old, new in spec.values.get(column.name, {}).items()]
    return ibis.cases(*swaps, else_=text) if swaps else text


def value(rows: ir.Table, column: Column, layout: Layout, spec: TableSource) -> ir.Value:
    """The typed cell; missing where it is empty or cannot be read. A bucket is still the day as written."""
    if column.type in ("text", "flag"):
        return _read(column, written(rows, column, layout, spec))
    if column.name in layout.constants:
        return _constant(column, layout.constants[column.name])
    cell = _cell(rows, layout, column.name)
    if column.type in DATES:  # as in files, a day before 1900 is a misreading or stands for none
        day = cell.cast("date")
        return ibis.ifelse(day.year().between(FIRST_YEAR, LAST_YEAR), day, ibis.null("date"))
    number = cell.cast("float64")
    number = ibis.ifelse(number.isnan(), ibis.null("float64"), number) if cell.type().is_floating() else number
    return number * factor(rows, column.name, layout, spec) if column.name in spec.factors else number


def factor(rows: ir.Table, name: str, layout: Layout, spec: TableSource) -> ir.FloatingValue:
    """What turns the client's unit into the contract's; missing for a unit without a factor."""
    told = spec.factors[name]
    if not isinstance(told, FactorByUnit):
        return ibis.literal(float(told))
    unit = _text(rows[layout.header[layout.units[name]]])
    cases = [(unit == known.strip(), ibis.literal(float(amount))) for known, amount in told.of.items()]
    rest = ibis.null("float64") if told.otherwise is None else ibis.literal(float(told.otherwise))
    return ibis.cases(*cases, else_=rest)


def says_empty(text: ir.StringValue) -> ir.BooleanValue:
    """Whether a cell that should hold a flag holds nothing, or a word for it."""
    return text.isnull() | text.upper().isin(EMPTY_VALUES)


def _read(column: Column, text: ir.StringValue) -> ir.Value:
    if column.type == "flag":
        lowered = text.lower()
        return ibis.cases((lowered.isin(YES), True), (lowered.isin(NO), False), else_=ibis.null("boolean"))
    codes = [(text.lower() == choice.lower(), choice) for choice in column.choices]
    return ibis.cases(*codes, else_=ibis.null("string")) if codes else text


def _constant(column: Column, text: str) -> ir.Value:
    """The typed value of a constant of the settings; missing where it cannot be read as one."""
    try:
        return ibis.literal(float(text)) if column.type in NUMBERS else ibis.literal(date.fromisoformat(text))
    except ValueError:
        return ibis.null("float64" if column.type in NUMBERS else "date")


def _cell(rows: ir.Table, layout: Layout, name: str) -> ir.Value:
    return rows[layout.header[layout.positions[name]]]


def _text(cell: ir.Value) -> ir.StringValue:
    """A cell as text, trimmed; missing where it is blank or holds a word for empty."""
    kind = cell.type()
    if kind.is_floating() or kind.is_decimal():  # an identifier that was kept as a number loses its `.0`
        number = cell.cast("float64")
        is_whole = (number == number.floor()) & (number.abs() < WHOLE_BELOW)
        return ibis.ifelse(is_whole, number.cast("int64").cast("string"), number.cast("string"))
    shown = (cell if kind.is_string() else cell.cast("string")).strip().nullif("")
    return reduce(lambda text, word: text.nullif(word), EMPTY_WORDS, shown)


def _agrees(rows: ir.Table, layout: Layout, place: int, allowed: tuple[object, ...] | Place) -> ir.BooleanValue:
    cell = rows[layout.header[place]]
    text = _text(cell)
    if isinstance(allowed, Place):
        return text == _text(rows[layout.header[allowed.position]])
    either = text.isin([as_text(word) for word in allowed])  # type: ignore[arg-type]
    numbers = [float(v) for v in allowed if isinstance(v, int | float) and not isinstance(v, bool)]
    if numbers and cell.type().is_numeric():
        either = either | cell.cast("float64").isin(numbers)
    flags = [word for v in allowed if isinstance(v, bool) for word in (YES if v else NO)]
    return either | text.lower().isin(flags) if flags else either
