"""The used rows as the measures see them: all columns of the contract, with its defaults."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from helpers.contract import Column
from helpers.intake.database.judged import Reading
from helpers.intake.database.twins import KEY, key_names
from helpers.intake.store import ADDITIVE
from helpers.store import DTYPES


def stored(used: ir.Table, reading: Reading) -> ir.Table:
    """One row a used row; where the settings sum duplicates, one a key."""
    rows = _summed(used, reading) if reading.spec.duplicates == "sum" and reading.key else used
    return rows.select(**{column.name: _cell(rows, column) for column in reading.table.columns})


def _summed(used: ir.Table, reading: Reading) -> ir.Table:
    """Quantities, hours and money are added; of the rest the largest stands, for rows of a database have no last."""
    others = [column for column in reading.sent if column.name not in reading.key]
    whole = {c.name: used[c.name].sum() if c.unit in ADDITIVE else used[c.name].max() for c in others}
    summed = used.group_by(key_names(reading)).aggregate(**whole)
    return summed.rename({name: KEY + name for name in reading.key})


def _cell(rows: ir.Table, column: Column) -> ir.Value:
    default = ibis.null(DTYPES[column.type]) if column.default is None else ibis.literal(column.default)
    if column.name not in rows.columns:
        return default.cast(DTYPES[column.type])
    cell = rows[column.name].cast(DTYPES[column.type])
    return cell if column.default is None else cell.fill_null(column.default)
