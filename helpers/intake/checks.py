"""The contract's rules as SQL: every cell of a table is typed and judged in one pass over its rows.

The pass fills the table `typed`: `line`, one typed column per contract column that was sent, one fault code per column
(`f_<column>`, 0 for none), one per order rule (`o_<n>`), and `aside`, whether the row is set aside.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from helpers.contract import FIRST_YEAR, LARGEST, LAST_YEAR, Column, Table
from helpers.intake import sql
from helpers.intake.extract import RAW
from helpers.intake.formats import NATIVE_DATE, NATIVE_NUMBER, DateStyle, NumberStyle
from helpers.intake.mapping import Layout, Place, as_text
from helpers.settings import FactorByUnit, TableSource

TYPED = "typed"
KNOWN_ITEMS = "known_items"
FALLEN_ITEMS = "fallen_items"

EMPTY, UNREADABLE, BELOW, NOT_ABOVE, ABOVE_MAXIMUM, NOT_WHOLE, NOT_LISTED, UNKNOWN_ITEM, TOO_EARLY = range(1, 10)
NO_FACTOR, TOO_LARGE, FAR_DAY, FALLEN_ITEM = 10, 11, 12, 13
ALWAYS_FATAL = (NOT_LISTED, UNKNOWN_ITEM, TOO_EARLY, FALLEN_ITEM)

YES = ("true", "yes", "y", "1", "ja", "oui", "si", "sí")
NO = ("false", "no", "n", "0", "nein", "non")


@dataclass(frozen=True)
class Reading:
    """How the cells of one table are read: dates and numbers by column, and the bucket."""

    dates: Mapping[str, DateStyle]
    numbers: Mapping[str, NumberStyle]
    bucket: str


def matching_rows(layout: Layout) -> str:
    """SQL: the rows of `raw` that belong to the table under `where`."""
    conditions = [_agrees(sql.cell(place), allowed) for place, allowed in layout.where.items()]
    return f"(SELECT * FROM {RAW} WHERE {' AND '.join(conditions)})" if conditions else RAW


def typing_sql(table: Table, layout: Layout, spec: TableSource, reading: Reading) -> str:
    """The statement that types and judges all rows of a table."""
    sent = [column for column in table.columns if column.name in layout.sent]
    written = [f"{_text(column, layout, spec)} AS {sql.name('t_' + column.name)}" for column in sent]
    written += [f"{_factor(name, layout, spec)} AS {sql.name('u_' + name)}" for name in scaled(layout, spec)]
    texts = ", ".join(written)
    values = ", ".join(f"{_value(column, layout, spec, reading)} AS {sql.name(column.name)}" for column in sent)
    faults = [f"{_fault(table, column, layout, spec)} AS {sql.name('f_' + column.name)}" for column in sent]
    orders = [f"{code} AS o_{i}" for i, code in enumerate(_orders(table, layout))]
    names = ", ".join(sql.name(column.name) for column in sent)
    return f"""CREATE OR REPLACE TABLE {TYPED} AS
        SELECT *, {_aside(table, layout)} AS aside FROM (
            SELECT line, {names}, {", ".join(faults + orders)} FROM (
                SELECT *, {values} FROM (SELECT line, {texts} FROM {matching_rows(layout)})))"""


def judging_sql(table: Table, column: Column, layout: Layout, spec: TableSource, reading: Reading, rows: str) -> str:
    """The typed value `v`, the fault code `f` and the key's hash `h` of one column, for every row `i` of `rows`."""
    text, name = sql.name("t_" + column.name), sql.name(column.name)
    factor = f", {_factor(column.name, layout, spec)} AS u_{column.name}" if column.name in scaled(layout, spec) else ""
    keyed = f"coalesce({name}, {sql.text(column.default)})" if column.default else name
    return f"""SELECT i, {name} AS v, {_fault(table, column, layout, spec)} AS f, hash({keyed}) AS h
        FROM (SELECT *, {_value(column, layout, spec, reading)} AS {name}
            FROM (SELECT i, {_text(column, layout, spec)} AS {text}{factor} FROM {rows}))"""


def order_faults(table: Table, layout: Layout) -> list[tuple[str, str]]:
    """The order rules of the table that both dates were sent for, as (later, earlier)."""
    return [(r.later, r.earlier) for r in table.order if {r.later, r.earlier} <= set(layout.sent)]


def _agrees(text: str, allowed: tuple[object, ...] | Place) -> str:
    return f"{text} = {sql.cell(allowed.position)}" if isinstance(allowed, Place) else _is_one_of(text, allowed)


def _is_one_of(text: str, allowed: tuple[object, ...]) -> str:
    words = sql.texts(as_text(value) for value in allowed)  # type: ignore[arg-type]
    numbers = [repr(float(v)) for v in allowed if isinstance(v, int | float) and not isinstance(v, bool)]
    flags = [sql.texts(YES if value else NO) for value in allowed if isinstance(value, bool)]
    either = [f"{text} IN ({words})"]
    either += [f"try_cast({text} AS DOUBLE) IN ({', '.join(numbers)})"] if numbers else []
    either += [f"lower({text}) IN ({flag})" for flag in flags]
    return f"({' OR '.join(either)})"


def _text(column: Column, layout: Layout, spec: TableSource) -> str:
    """The client's text, with the settings' `values` put in its place."""
    if column.name in layout.constants:
        return sql.text(layout.constants[column.name])
    shown = sql.cell(layout.positions[column.name])
    swaps = spec.values.get(column.name, {})
    if not swaps:
        return shown
    cases = " ".join(f"WHEN {sql.text(old.strip())} THEN {sql.text(as_text(new))}" for old, new in swaps.items())
    return f"CASE {shown} {cases} ELSE {shown} END"


def scaled(layout: Layout, spec: TableSource) -> list[str]:
    """The numbers that are read from the file in another unit than the contract's."""
    return [name for name in spec.factors if name in layout.positions]


def _factor(name: str, layout: Layout, spec: TableSource) -> str:
    factor = spec.factors[name]
    if not isinstance(factor, FactorByUnit):
        return repr(float(factor))
    cases = " ".join(f"WHEN {sql.text(unit.strip())} THEN {value!r}" for unit, value in factor.of.items())
    rest = "NULL" if factor.otherwise is None else repr(factor.otherwise)
    return f"CASE {sql.cell(layout.units[name])} {cases} ELSE {rest} END"


def _value(column: Column, layout: Layout, spec: TableSource, reading: Reading) -> str:
    text = sql.name("t_" + column.name)
    if column.type == "text":
        return _code(column, text) if column.choices else text
    if column.type == "flag":
        lowered = f"lower({text})"
        return f"CASE WHEN {lowered} IN ({sql.texts(YES)}) THEN true WHEN {lowered} IN ({sql.texts(NO)}) THEN false END"
    if column.type in ("number", "count"):
        style = NATIVE_NUMBER if column.name in layout.constants else reading.numbers[column.name]
        factor = f" * {sql.name('u_' + column.name)}" if column.name in scaled(layout, spec) else ""
        return f"{style.read(text)}{factor}"
    dates = NATIVE_DATE if column.name in layout.constants else reading.dates[column.name]
    day = dates.read(text)
    return f"CAST(date_trunc('{reading.bucket}', {day}) AS DATE)" if column.type == "bucket" else day


def _code(column: Column, text: str) -> str:
    """A listed value in the contract's spelling; case does not matter."""
    cases = " ".join(f"WHEN {sql.text(choice.lower())} THEN {sql.text(choice)}" for choice in column.choices)
    return f"CASE WHEN {text} IN ({sql.texts(column.choices)}) THEN {text} ELSE CASE lower({text}) {cases} END END"


def _fault(table: Table, column: Column, layout: Layout, spec: TableSource) -> str:
    text, value = sql.name("t_" + column.name), sql.name(column.name)
    empty = EMPTY if column.required else 0
    cases = [f"WHEN {text} IS NULL THEN {empty}"]
    if column.type != "text":
        cases.append(f"WHEN {value} IS NULL AND {sql.says_empty(text)} THEN {empty}")
    if column.name in scaled(layout, spec):
        cases.append(f"WHEN {sql.name('u_' + column.name)} IS NULL THEN {NO_FACTOR}")
    cases.append(f"WHEN {value} IS NULL THEN {NOT_LISTED if column.choices else UNREADABLE}")
    cases += _bounds(column, value)
    if column.name == "item_id" and table.name != "items":
        cases.append(f"WHEN {value} IN (SELECT item_id FROM {FALLEN_ITEMS}) THEN {FALLEN_ITEM}")
        cases.append(f"WHEN {value} NOT IN (SELECT item_id FROM {KNOWN_ITEMS}) THEN {UNKNOWN_ITEM}")
    return f"CAST(CASE {' '.join(cases)} ELSE 0 END AS UTINYINT)"


def _bounds(column: Column, value: str) -> list[str]:
    """The cases of a value that could be read and cannot be."""
    cases = []
    if column.minimum is not None:
        cases.append(f"WHEN {value} < {column.minimum!r} THEN {BELOW}")
    if column.above is not None:
        cases.append(f"WHEN {value} <= {column.above!r} THEN {NOT_ABOVE}")
    if column.maximum is not None:
        cases.append(f"WHEN {value} > {column.maximum!r} THEN {ABOVE_MAXIMUM}")
    if column.type in ("number", "count"):
        cases.append(f"WHEN abs({value}) > {LARGEST!r} THEN {TOO_LARGE}")
    if column.type in ("date", "bucket"):
        cases.append(f"WHEN year({value}) NOT BETWEEN {FIRST_YEAR} AND {LAST_YEAR} THEN {FAR_DAY}")
    if column.type == "count":
        cases.append(f"WHEN {value} <> floor({value}) THEN {NOT_WHOLE}")
    return cases


def _orders(table: Table, layout: Layout) -> list[str]:
    return [
        f"CAST(CASE WHEN {sql.name(later)} < {sql.name(earlier)} THEN {TOO_EARLY} ELSE 0 END AS UTINYINT)"
        for later, earlier in order_faults(table, layout)
    ]


def _aside(table: Table, layout: Layout) -> str:
    fatal = []
    for column in table.columns:
        if column.name in layout.sent:
            code = sql.name("f_" + column.name)
            fatal.append(f"{code} > 0" if column.required else f"{code} IN {ALWAYS_FATAL}")
    fatal += [f"o_{i} > 0" for i in range(len(order_faults(table, layout)))]
    return "(" + " OR ".join(fatal) + ")"
