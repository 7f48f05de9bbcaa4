"""Cells that break a rule of their column, in every table: required ones set their row aside, others are emptied."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from helpers import contract
from tests.robustness.broken.case import CELL, ROW, Case, Fate, Fault, Taken
from tests.robustness.broken.client import Copy

SOME = (1, 3)  # places of the rows that are broken where nothing speaks for others
UNKNOWN = "not an item_id of the table items"
FALLEN = "its item was set aside in items (line "
# By type: what the case is called, the value, and the rule it breaks.
REQUIRED = {
    "text": ("empty", "", "required, and empty"),
    "number": ("no number", "n.a.", "not a number"),
    "date": ("no date", "tbd", "not a date"),
    "bucket": ("no period", "tbd", "not a date"),
}
OPTIONAL = {
    "number": ("no number", "?", "not a number"),
    "date": ("no date", "tbd", "not a date"),
    "flag": ("no flag", "maybe", "neither yes nor no"),
}


def line(place: int) -> int:
    """The line of a row in a CSV file with one record a line."""
    return place + 2


def cell(
    name: str,
    table: str,
    column: str,
    value: str,
    rule: str,
    action: str = ROW,
    at: Sequence[int] = SOME,
    shown: str | None = None,
) -> Case:
    """A value in a column of some rows that breaks a rule, which sets the rows aside or empties the cells.

    `shown`: how it is listed, where not as it is written.
    """

    def change(copy: Copy) -> Taken:
        grid = copy.grid(table)
        copy.write(table, grid.put(column, value, at))
        faults = tuple(Fault(line(i), column, rule, action, value if shown is None else shown) for i in at)
        return Taken({table: Fate(grid.without(at) if action == ROW else grid.put(column, "", at), faults)})

    return Case(name, change, (table,))


def read(name: str, table: str, column: str, value: str, plain: str, at: Sequence[int] = SOME) -> Case:
    """A value that is read as `plain`: nothing is wrong with it."""

    def change(copy: Copy) -> Taken:
        copy.write(table, copy.grid(table).put(column, value, at))
        return Taken({table: Fate(copy.grid(table).put(column, plain, at))})

    return Case(name, change, (table,))


def cascade(copy: Copy, items: set[str], rule: str = FALLEN) -> dict[str, Fate]:
    """What becomes of the tables beside items when some items are set aside."""
    fates = {}
    for name in copy.tables:
        grid = copy.grid(name)
        if name == "items" or "item_id" not in grid.header:
            continue
        lost = grid.where("item_id", items.__contains__)
        if lost:
            fates[name] = Fate(grid.without(lost), tuple(Fault(line(i), "item_id", rule) for i in lost))
    return fates


def cases() -> Iterator[Case]:
    """Every table with a cell of each kind that breaks its rule."""
    for table in contract.TABLES:
        if table.name != "items":
            yield from _of(table)
    yield _item("cells/an item without family", "family", "", "required, and empty")
    yield _item("cells/an item without id", "item_id", "", "required, and empty")
    yield _item("cells/a class that is not listed", "abc_class", "D", "not one of A, B, C")
    yield cell("cells/a fraction in percent", "items", "service_target", "97", "a fraction: 95 % is 0.95", CELL)


def _of(table: contract.Table) -> Iterator[Case]:
    """The first column of each type, required and optional; a code that is not listed; an item that is unknown."""
    for action, wrong in ((ROW, REQUIRED), (CELL, OPTIONAL)):
        for kind, (name, value, rule) in wrong.items():
            yield from _first(table, kind, action, name, value, rule)
    yield from _first(table, "number", ROW, "negative", "-7", "below 0", bounded=True)
    for column in [column for column in table.columns if column.choices][:1]:
        typo, rule = column.choices[0][:-1] + "x", f"nearest is '{column.choices[0]}'"
        yield cell(f"cells/{table.name} {column.name} not listed", table.name, column.name, typo, rule)
    if any(column.name == "item_id" for column in table.columns):
        yield cell(f"cells/{table.name} item unknown", table.name, "item_id", "999999", UNKNOWN)


def _first(
    table: contract.Table, kind: str, action: str, name: str, value: str, rule: str, bounded: bool = False
) -> Iterator[Case]:
    required = action == ROW
    fit = [c for c in table.columns if c.type == kind and c.required == required and c.name != "item_id"]
    for column in [column for column in fit if not column.choices and (column.minimum == 0 or not bounded)][:1]:
        yield cell(f"cells/{table.name} {column.name} {name}", table.name, column.name, value, rule, action)


def _item(name: str, column: str, value: str, rule: str) -> Case:
    def change(copy: Copy) -> Taken:
        grid = copy.grid("items")
        copy.write("items", grid.put(column, value, SOME))
        lost = {grid.column("item_id")[i] for i in SOME}
        faults = tuple(Fault(line(i), column, rule) for i in SOME)
        rows = UNKNOWN if column == "item_id" else FALLEN
        return Taken({"items": Fate(grid.without(SOME), faults), **cascade(copy, lost, rows)})

    return Case(name, change, None)
