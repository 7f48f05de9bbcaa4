"""One column of a batch read and judged by the contract's SQL.

A column that repeats itself is read by its distinct texts, each of them once a table; the others cell by cell.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from itertools import filterfalse

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from helpers.contract import Column, Table
from helpers.intake import checks, formats, sql
from helpers.intake.batches import CODED, ODD_BYTES, TEXT, Split
from helpers.intake.checks import Reading
from helpers.intake.formats import Separators, Signs
from helpers.intake.mapping import Layout
from helpers.settings import TableSource

MOST_WORDS = 500_000  # distinct texts of a column that are remembered
ROWS_PER_WORD = 4  # a column with fewer rows a distinct text is read cell by cell
STORED = {
    "text": pa.string(),
    "number": pa.float64(),
    "count": pa.float64(),
    "flag": pa.bool_(),
    "date": pa.date32(),
    "bucket": pa.date32(),
}
ARRIVING = "arriving"

Codes = np.ndarray[tuple[int], np.dtype[np.uint8]]
Hashes = np.ndarray[tuple[int], np.dtype[np.uint64]]


@dataclass(frozen=True)
class Judged:
    """Typed values, fault codes and hashes of the key, one a row; outside the key the hashes may be anything."""

    values: pa.Array
    faults: Codes
    hashes: Hashes

    def at(self, codes: np.ndarray[tuple[int], np.dtype[np.int64]]) -> Judged:
        return Judged(self.values.take(pa.array(codes)), self.faults[codes], self.hashes[codes])

    def __add__(self, other: Judged) -> Judged:
        return Judged(
            pa.concat_arrays([self.values, other.values]),
            np.concatenate([self.faults, other.faults]),
            np.concatenate([self.hashes, other.hashes]),
        )


class Reader:
    """Reads the cells of one column of a table, from several threads at once.

    Gathers on the way what tells the formats of the column in the end: its distinct words, the days of a date column
    and the separators of a number column that was read cell by cell.
    """

    def __init__(
        self,
        con: duckdb.DuckDBPyConnection,
        table: Table,
        column: Column,
        layout: Layout,
        spec: TableSource,
        reading: Reading,
        is_plain: bool = False,
    ) -> None:
        self.column = column
        self.place = layout.positions[column.name]
        self._in_key = column.name in table.key
        self.is_plain = is_plain
        self.days: set[str] = set()
        self.signs = Signs()
        self.separators: Separators | None = Separators()
        self._con = con
        self._own = threading.local()
        self._lock = threading.Lock()
        is_free = column.type == "text" and not column.choices and column.name not in spec.values
        self._verbatim = is_free and column.name != "item_id"
        self._sql = {t: checks.judging_sql(table, column, layout, spec, reading, self._rows(t)) for t in (True, False)}
        self._words: dict[str | None, int] = {None: 0}
        self._known = self._read(pa.array([None], TEXT))

    @property
    def kind(self) -> pa.DataType:
        """How the column is best split: as codes of its distinct texts, or as texts."""
        return TEXT if self.is_plain else CODED

    @property
    def words(self) -> list[str | None]:
        """The distinct texts met, as they stand in the file."""
        return list(self._words)

    def judge(self, split: Split) -> Judged:
        """The column of a batch."""
        cells = _one(split.cells.column(sql.cell(self.place)))
        if isinstance(cells, pa.DictionaryArray):
            return self._by_word(cells)
        tight = split.tight or _is_tight(cells)
        return self._as_written(cells) if self._verbatim and tight else self._cell_by_cell(cells, tight)

    def _by_word(self, cells: pa.DictionaryArray) -> Judged:
        texts: list[str | None] = cells.dictionary.to_pylist()
        known, codes = self._places([*texts, None])
        self.is_plain |= len(texts) * ROWS_PER_WORD > len(cells) or len(self._words) > MOST_WORDS
        return known.at(codes[cells.indices.fill_null(len(texts)).to_numpy()])

    def _places(self, texts: list[str | None]) -> tuple[Judged, np.ndarray[tuple[int], np.dtype[np.int64]]]:
        with self._lock:
            new = [*filterfalse(self._words.__contains__, texts)]
            if new:
                self._known += self._read(pa.array(new, TEXT))
                self._words.update(zip(new, range(len(self._words), len(self._words) + len(new)), strict=True))
            return self._known, np.fromiter(map(self._words.__getitem__, texts), np.int64, len(texts))

    def _as_written(self, cells: pa.Array) -> Judged:
        empty = checks.EMPTY if self.column.required else 0
        faults = cells.is_null().to_numpy(zero_copy_only=False).astype(np.uint8) * np.uint8(empty)
        unused = np.broadcast_to(np.uint64(0), len(cells))
        return Judged(cells, faults, self._read(cells, tight=True).hashes if self._in_key else unused)

    def _cell_by_cell(self, cells: pa.Array, tight: bool) -> Judged:
        read = self._read(cells, tight)
        if self.column.type in ("date", "bucket"):
            self._note_days(self._rows(tight))
        elif self.column.type in ("number", "count"):
            self._note_separators(cells, self._rows(tight))
        return read

    def _read(self, texts: pa.Array, tight: bool = False) -> Judged:
        """Judge texts with the contract's SQL; a join in it may change the order of the rows."""
        con = self._cursor()
        con.register(ARRIVING, pa.table({"i": pa.array(np.arange(len(texts))), "x": texts}))
        found = con.sql(self._sql[tight]).to_arrow_table().combine_chunks()
        places = found.column("i").to_numpy()
        if len(places) > 1 and (places[1:] < places[:-1]).any():
            found = found.take(pa.array(np.argsort(places)))
        values = pc.cast(_one(found.column("v")), STORED[self.column.type])
        return Judged(values, found.column("f").to_numpy(), found.column("h").to_numpy())

    def _note_days(self, rows: str) -> None:
        cell = formats.day_text(sql.cell(self.place))
        found = self._cursor().execute(f"SELECT DISTINCT {cell} FROM {rows}").fetchall()
        with self._lock:
            self.days.update(day for (day,) in found if day is not None)

    def _note_separators(self, cells: pa.Array, rows: str) -> None:
        """At a glance where that is enough; whether the glance was enough shows at the end of the file."""
        text = _written(cells)
        if b"," not in text and (b"." not in text or self.signs.decimals):
            self.separators = None if b"." in text else self.separators
            return
        con, cell = self._cursor(), sql.cell(self.place)
        glance = formats.signs(con, rows, cell)
        full: Separators | None = Separators()
        if glance.points or glance.commas:
            full = None if formats.only_points(glance) else formats.separators(con, rows, cell)
        with self._lock:
            self.signs = self.signs | glance
            self.separators = None if self.separators is None or full is None else self.separators | full

    def _cursor(self) -> duckdb.DuckDBPyConnection:
        if not hasattr(self._own, "con"):
            self._own.con = self._con.cursor()
        con: duckdb.DuckDBPyConnection = self._own.con
        return con

    def _rows(self, tight: bool) -> str:
        return f"(SELECT i, {'x' if tight else sql.cleaned('x')} AS {sql.cell(self.place)} FROM {ARRIVING})"


def _one(column: pa.ChunkedArray) -> pa.Array:
    return pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], TEXT).cast(column.type)


def _is_tight(cells: pa.Array) -> bool:
    """Whether no cell can have a space outside."""
    text = _written(cells)
    return text.isascii() and not any(odd in text for odd in ODD_BYTES)


def _written(cells: pa.Array) -> bytes:
    """All texts of a column in one."""
    return bytes(cells.buffers()[2] or b"")
