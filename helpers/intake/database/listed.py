"""`rejects/<table>.csv` of a database table, as for files; a row is named by its key instead of a line."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import ibis
import ibis.expr.types as ir

from helpers.disk import replaced
from helpers.engines import Engine
from helpers.intake import rejects
from helpers.intake.checks import Reading as Words
from helpers.intake.database.judged import ASIDE, FAULT, ORDER, TEXT, Reading
from helpers.intake.database.sums import Totals
from helpers.intake.database.twins import KINDS, ROWS, Twins, key_names
from helpers.plain import inert

MOST = 1000
Fault = tuple[str, str, str, str, str]


def write(path: Path, label: str, faults: list[Fault]) -> None:
    """Write the faults of a table; nothing is written where there are none."""
    if not faults:
        path.unlink(missing_ok=True)
        return
    with replaced(path) as beside, beside.open("w", encoding="utf-8", newline="") as out:
        lines = csv.writer(out, lineterminator="\n")
        lines.writerow(rejects.HEADER)
        lines.writerows([_shown(label), *map(_shown, fault[:3]), *fault[3:]] for fault in faults)


def _shown(text: str) -> str:
    return inert(text.strip()[: rejects.LONGEST_VALUE])


def faults(engine: Engine, rows: ir.Table, reading: Reading, counts: dict[str, int]) -> Iterator[Fault]:
    """The faults of the columns that have some, at most `MOST` a column: row, column, value, rule, action."""
    for column in reading.sent:
        code = FAULT + column.name
        if counts[code]:
            found = _fetched(engine, rows.filter(rows[code] > 0), column.name, reading, code=ibis._[code])
            for row in found:
                rule = rejects.rule_text(column, row["code"], Words({}, {}, reading.bucket))
                yield row["place"], column.name, row["shown"], rule, rejects.ROW if row["is_aside"] else rejects.CELL
            yield from _rest(column.name, counts[code])
    for i, (later, earlier) in enumerate(reading.orders):
        code = f"{ORDER}{i}"
        if counts[code]:
            day = ibis._[earlier].cast("string")
            good = rows[FAULT + later] == 0  # a day that is wrong by itself is told once
            for row in _fetched(engine, rows.filter(rows[code] & good), later, reading, day=day):
                yield row["place"], later, row["shown"], f"lies before {earlier} ({row['day'][:10]})", rejects.ROW
            yield from _rest(later, counts[code])


def of_twins(engine: Engine, twins: Twins, reading: Reading) -> Iterator[Fault]:
    """A line a key that stands more than once: how many of its rows are set aside, and why."""
    names = ", ".join(reading.key)
    place = _joined([twins.keys[name] for name in key_names(reading)])
    shown = twins.keys.select(place=place, rows=twins.keys[ROWS], kinds=twins.keys[KINDS]).order_by("place").limit(MOST)
    for row in _records(engine, shown):
        same = f"{row['rows']} identical rows; one is kept"
        other = f"{row['rows']} rows of the same {names} with other values; all are set aside"
        rule = same if row["kinds"] == 1 else f"{other} unless the settings say duplicates: sum"
        yield row["place"], names, row["place"], rule, rejects.ROW
    yield from _rest(names, int(engine.value(twins.keys.count())))


def of_totals(engine: Engine, totals: Totals, reading: Reading) -> Iterator[Fault]:
    """A line a total row."""
    named = reading.key or [column.name for column in reading.sent if column.required]
    cells = [totals.rows[name] for name in named]
    shown = totals.rows.select(place=_joined(cells), shown=totals.rows[totals.parts.name].fill_null(""))
    for row in _records(engine, shown.order_by("place").limit(MOST)):
        yield row["place"], totals.parts.name, row["shown"], totals.parts.rule, rejects.ROW
    yield from _rest(totals.parts.name, totals.aside)


def _fetched(engine: Engine, rows: ir.Table, name: str, reading: Reading, **more: ir.Value) -> list[dict[str, Any]]:
    named = reading.key or [column.name for column in reading.sent if column.required]
    place = _joined([rows[TEXT + column] for column in named])
    shown = rows[TEXT + name].fill_null("")
    found = rows.select(place=place, shown=shown, is_aside=rows[ASIDE], **more)
    return _records(engine, found.order_by("place").limit(MOST))


def _records(engine: Engine, rows: ir.Table) -> list[dict[str, Any]]:
    found = engine.frame(rows).sort_values("place", kind="stable")
    return [dict(zip(found.columns, row, strict=True)) for row in found.itertuples(index=False)]


def _joined(cells: list[ir.Value]) -> ir.StringValue:
    whole = cells[0].cast("string").fill_null("")
    for cell in cells[1:]:
        whole = whole + ", " + cell.cast("string").fill_null("")
    return whole


def _rest(name: str, count: int) -> Iterator[Fault]:
    if count > MOST:
        yield "", name, "", f"{count - MOST:,} more faults of this column are not listed", ""
