"""Total rows of a database table, found by the same rule as those of a file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import reduce
from operator import or_

import ibis
import ibis.expr.types as ir
import pandas as pd

from helpers.engines import Engine
from helpers.intake.database.judged import Reading
from helpers.intake.totals import KNOWN_BY, PARTS, Name, Parts, names_of_totals


@dataclass(frozen=True)
class Totals:
    """The rows of totals among the used ones, how many they are, and what is left without them."""

    parts: Parts
    rows: ir.Table
    aside: int
    others: ir.Table


def find(engine: Engine, used: ir.Table, reading: Reading, taken: Mapping[str, ir.Table]) -> Totals | None:
    """The total rows among the used ones; `taken` are the used rows of the tables judged before."""
    parts = PARTS.get(reading.table.name)
    if parts is None or parts.name not in reading.layout.sent:
        return None
    within = [name for name in parts.within if name in reading.layout.sent]
    sums = engine.frame(used.group_by([*within, parts.name]).aggregate(total=used[parts.amount].sum()))
    cells = sums.astype(object).where(sums.notna(), None)
    names = names_of_totals(cells.itertuples(index=False, name=None), set(_known(engine, parts.name, taken)))
    if not names:
        return None
    named, others = used.filter(_is_one(used, parts, names)), used.filter(~_is_one(used, parts, names))
    rows, alone = named.semi_join(others, within), named.anti_join(others, within)
    return Totals(parts, rows, int(engine.value(rows.count())), others.union(alone))


def _is_one(used: ir.Table, parts: Parts, names: list[Name]) -> ir.BooleanValue:
    cell = used[parts.name]
    each = [cell.isnull() if name is None else (cell == name).fill_null(False) for name in names]
    return reduce(or_, each, ibis.literal(False))


def _known(engine: Engine, column: str, taken: Mapping[str, ir.Table]) -> Iterator[str]:
    for table, named in KNOWN_BY[column]:
        if table in taken:
            names: pd.Series = engine.frame(taken[table].select(named).distinct())[named]
            yield from names.dropna().astype(str)
