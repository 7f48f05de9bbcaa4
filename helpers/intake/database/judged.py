"""The contract's rules on the rows of a database table: a fault code a column, and whether the row is set aside."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from operator import or_

import ibis
import ibis.expr.types as ir

from helpers import contract, periods
from helpers.contract import Column
from helpers.intake import checks
from helpers.intake.database import cells
from helpers.intake.mapping import Layout
from helpers.settings import Bucket, TableSource

ASIDE, UNKNOWN, DAY, TEXT, FAULT, ORDER = "aside", "item_is_known", "day_", "text_", "fault_", "order_"
FALLEN = "item_is_fallen"


@dataclass(frozen=True)
class Reading:
    """One table and how it is read; `items` are the identifiers that the table items holds, none for itself.

    `fallen` are those of which all rows of items were set aside, none where there are none.
    """

    table: contract.Table
    layout: Layout
    spec: TableSource
    bucket: Bucket
    items: ir.Table | None
    fallen: ir.Table | None = None

    @property
    def sent(self) -> list[Column]:
        """The contract's columns that were sent, in its order."""
        return [column for column in self.table.columns if column.name in self.layout.sent]

    @property
    def key(self) -> list[str]:
        """What tells rows apart: the key as far as it was sent."""
        return [name for name in self.table.key if name in self.layout.sent]

    @property
    def refers(self) -> bool:
        """Whether a row must name an item of the table items."""
        return any(column.name == "item_id" for column in self.sent)

    @property
    def orders(self) -> list[tuple[str, str]]:
        """The order rules both dates were sent for, as (later, earlier)."""
        return checks.order_faults(self.table, self.layout)


def judged(rows: ir.Table, reading: Reading, suspects: frozenset[str] | None = None) -> ir.Table:
    """Typed values, `text_` as the client wrote it, `fault_` codes (0 for none), `order_` faults, `aside`.

    A bucket is normalised; its `day_` is the day as written. Of `suspects`, where they are given, and of nothing else
    the faults are looked for: once it is known which rules are broken, the others need not weigh on every query.
    """
    typed = _typed(rows, reading)
    if reading.items is not None and reading.refers and (suspects is None or f"{FAULT}item_id" in suspects):
        typed = _with_items(typed, reading.items, UNKNOWN)
        typed = typed if reading.fallen is None else _with_items(typed, reading.fallen, FALLEN)
    faults = {FAULT + column.name: (_fault(typed, column, reading), column) for column in reading.sent}
    asked = {name: fault for name, fault in faults.items() if suspects is None or name in suspects}
    orders = {
        f"{ORDER}{i}": (typed[later] < typed[earlier]).fill_null(False)
        for i, (later, earlier) in enumerate(reading.orders)
        if suspects is None or f"{ORDER}{i}" in suspects
    }
    coded = typed.mutate(**{name: code for name, (code, _) in asked.items()}, **orders)
    fatal = [_is_fatal(coded[name], column) for name, (_, column) in asked.items()] + [coded[o] for o in orders]
    return coded.mutate(**{ASIDE: reduce(or_, fatal, ibis.literal(False))})


def kept(rows: ir.Table, name: str) -> ir.Value:
    """A typed cell as it is used: emptied where it broke a rule."""
    if FAULT + name not in rows.columns:
        return rows[name]
    return ibis.ifelse(rows[FAULT + name] == 0, rows[name], ibis.null(rows[name].type()))


def _typed(rows: ir.Table, reading: Reading) -> ir.Table:
    own = cells.matching(rows, reading.layout)
    texts, values, days = {}, {}, {}
    for column in reading.sent:
        texts[TEXT + column.name] = cells.written(own, column, reading.layout, reading.spec)
        read = cells.value(own, column, reading.layout, reading.spec)
        if column.type == "bucket":
            days[DAY + column.name], read = read, periods.bucket_of(read, reading.bucket).cast("date")
        values[column.name] = read
    units = {
        f"unit_{name}": cells.factor(own, name, reading.layout, reading.spec)
        for name in checks.scaled(reading.layout, reading.spec)
    }
    typed = own.select(**texts, **values, **days, **units)
    return typed.distinct() if reading.spec.distinct else typed


def _with_items(typed: ir.Table, items: ir.Table, found: str) -> ir.Table:
    """`found` is true where the row names one of the items, missing elsewhere."""
    known = items.select(known_item="item_id", **{found: ibis.literal(True)}).distinct()
    return typed.left_join(known, typed.item_id == known.known_item).drop("known_item")


def _fault(rows: ir.Table, column: Column, reading: Reading) -> ir.IntegerValue:
    text, value = rows[TEXT + column.name], rows[column.name]
    empty = checks.EMPTY if column.required else 0
    is_empty = cells.says_empty(text) if column.type == "flag" else text.isnull()
    cases: list[tuple[ir.BooleanValue, int]] = []
    if column.type in cells.NUMBERS and column.name not in reading.layout.constants:
        if f"unit_{column.name}" in rows.columns:
            cases.append((text.notnull() & rows[f"unit_{column.name}"].isnull(), checks.NO_FACTOR))
        cases.append((value.isnull(), empty))
    else:
        cases += [(is_empty, empty), (value.isnull(), checks.NOT_LISTED if column.choices else checks.UNREADABLE)]
    cases += _bounds(column, value)
    if column.name == "item_id" and FALLEN in rows.columns:
        cases.append((rows[FALLEN].notnull(), checks.FALLEN_ITEM))
    if column.name == "item_id" and UNKNOWN in rows.columns:
        cases.append((rows[UNKNOWN].isnull(), checks.UNKNOWN_ITEM))
    return ibis.cases(*cases, else_=0)


def _bounds(column: Column, value: ir.Value) -> list[tuple[ir.BooleanValue, int]]:
    """The cases of a value that is of the right kind and cannot be."""
    cases: list[tuple[ir.BooleanValue, int]] = []
    if column.minimum is not None:
        cases.append((value < column.minimum, checks.BELOW))
    if column.above is not None:
        cases.append((value <= column.above, checks.NOT_ABOVE))
    if column.maximum is not None:
        cases.append((value > column.maximum, checks.ABOVE_MAXIMUM))
    if column.type in cells.NUMBERS:
        cases.append((value.abs() > contract.LARGEST, checks.TOO_LARGE))
    if column.type in cells.DATES:
        cases.append((~value.year().between(contract.FIRST_YEAR, contract.LAST_YEAR), checks.FAR_DAY))
    if column.type == "count":
        cases.append((value != value.floor(), checks.NOT_WHOLE))
    return cases


def _is_fatal(code: ir.IntegerValue, column: Column) -> ir.BooleanValue:
    return code > 0 if column.required else code.isin(checks.ALWAYS_FATAL)
