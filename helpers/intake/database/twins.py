"""Rows that carry the key of another row: one of identical rows is kept, conflicting ones are all set aside."""

from __future__ import annotations

from dataclasses import dataclass

import ibis
import ibis.expr.types as ir

from helpers.engines import Engine
from helpers.intake.database.judged import DAY, FAULT, Reading, kept

KEY, ROWS, KINDS, EMPTIED = "key_", "rows_of_key", "kinds_of_key", "emptied_cells"


@dataclass(frozen=True)
class Twins:
    """Keys that more than one row carries, with the number of their rows and of different ones; rows set aside."""

    keys: ir.Table
    aside: int


def used(rows: ir.Table, reading: Reading) -> ir.Table:
    """The cells that are used, and how many were emptied.

    `key_` columns hold the key with its defaults, `day_` the day as written of a bucket.
    """
    cells = {column.name: kept(rows, column.name) for column in reading.sent}
    # Four weeks of one month are four rows of it, not one row four times.
    days = [
        DAY + column.name for column in reading.sent if column.type == "bucket" and DAY + column.name in rows.columns
    ]
    keys = {KEY + name: _or_default(cells[name], reading.table.column(name).default) for name in reading.key}
    broken = [rows[FAULT + c.name] > 0 for c in reading.sent if FAULT + c.name in rows.columns]
    emptied = sum((cell.cast("int64") for cell in broken), ibis.literal(0, "int64"))
    return rows.select(*days, **cells, **keys, **{EMPTIED: emptied})


def find(engine: Engine, rows: ir.Table, reading: Reading) -> Twins | None:
    """The twins among the used rows; `None` where each key stands once, as it should."""
    if not reading.key or reading.spec.duplicates == "sum":
        return None
    names = key_names(reading)
    twice = rows.group_by(names).aggregate(**{ROWS: rows.count()}).filter(lambda key: key[ROWS] > 1)
    if not engine.value(twice.count()):
        return None
    held = engine.hold(f"twice_{reading.table.name}", twice)
    kinds = rows.semi_join(held, names).distinct().group_by(names).aggregate(**{KINDS: ibis._.count()})
    keys = engine.hold(f"twins_{reading.table.name}", held.inner_join(kinds, names))
    aside = ibis.ifelse(keys[KINDS] == 1, keys[ROWS] - 1, keys[ROWS])
    return Twins(keys, int(engine.value(aside.sum())))


def without(rows: ir.Table, twins: Twins, reading: Reading) -> ir.Table:
    """`rows` with one of each identical ones, and none of conflicting ones."""
    names = key_names(reading)
    same = twins.keys.filter(twins.keys[KINDS] == 1)
    return rows.anti_join(twins.keys, names).union(rows.semi_join(same, names).distinct())


def key_names(reading: Reading) -> list[str]:
    """The columns that hold the key."""
    return [KEY + name for name in reading.key]


def _or_default(cell: ir.Value, default: str | None) -> ir.Value:
    return cell if default is None else cell.fill_null(default)
