"""What the settings make of the client's rows before they are judged: columns joined to one, equal rows taken once."""

from __future__ import annotations

import duckdb

from helpers.intake import sql
from helpers.intake.checks import matching_rows
from helpers.intake.extract import RAW
from helpers.intake.mapping import JOINT, Layout


def join_columns(con: duckdb.DuckDBPyConnection, layout: Layout) -> None:
    """Add the joined cells to `raw`; a cell of which a part is empty is empty, for it would not identify anything."""
    for place, parts in layout.joined.items():
        whole = f" || {sql.text(JOINT)} || ".join(sql.cell(part) for part in parts)
        con.execute(f"ALTER TABLE {RAW} ADD COLUMN {sql.cell(place)} VARCHAR")
        con.execute(f"UPDATE {RAW} SET {sql.cell(place)} = {whole}")


def keep_distinct(con: duckdb.DuckDBPyConnection, layout: Layout) -> str:
    """Keep the first of the rows that are equal in every column that is used; returns what to show of it."""
    rows, places = matching_rows(layout), sorted({*layout.positions.values(), *layout.units.values()})
    (held,) = con.execute(f"SELECT count(*) FROM {rows}").fetchone() or (0,)
    con.execute(
        f"""DELETE FROM {RAW} WHERE line NOT IN (
            SELECT min(line) FROM {rows} GROUP BY {", ".join(sql.cell(place) for place in places)})"""
    )
    (kept,) = con.execute(f"SELECT count(*) FROM {RAW}").fetchone() or (0,)
    return f"{kept:,} different ones of {held:,}"
