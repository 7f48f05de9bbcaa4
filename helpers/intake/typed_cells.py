"""Sources whose cells are typed one by one: workbooks and SQLite. A cell becomes the text that says the same."""

from __future__ import annotations

import math
import sqlite3
from abc import abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import date, datetime
from itertools import islice

import duckdb
from python_calamine import CalamineError, CalamineWorkbook

from helpers.errors import Unusable
from helpers.intake import sql
from helpers.intake.explosive import most_rows, refuse_endless
from helpers.intake.extract import FEW, Extract, RowSink
from helpers.intake.sources import Source
from helpers.settings import TableSource

Cell = object
LONGEST_VALUE = 4 * 1024 * 1024  # bytes of a text or of a row of an SQLite file


class CellExtract(Extract):
    """Rows of Python values. A position is native when none of its cells is text."""

    def __init__(self, source: Source, header: Sequence[str], header_line: int, spec: TableSource) -> None:
        super().__init__(source, header, header_line)
        self.decimals = _decimals(self.header, spec)
        self.serial_dates = True

    @abstractmethod
    def rows(self) -> Iterator[tuple[int, Sequence[Cell]]]:
        """Line and cells of every row below the header."""

    def load(self, con: duckdb.DuckDBPyConnection, positions: tuple[int, ...]) -> None:
        mixed = self._mixed()
        self.native = frozenset(range(len(self.header))) - mixed
        sink = RowSink(con, positions)
        for line, cells in self.rows():
            texts = [self._text(cell, self.decimals[place], place in mixed) for place, cell in enumerate(cells)]
            if any(texts):
                sink.add(line, texts)
        sink.flush()

    def _mixed(self) -> frozenset[int]:
        seen: set[int] = set()
        for _, cells in self.rows():
            seen.update(place for place, cell in enumerate(cells) if isinstance(cell, str) and cell.strip(sql.SPACES))
        return frozenset(seen)

    def _text(self, cell: Cell, decimal: str, mixed: bool) -> str | None:
        shown = cell_text(cell)
        if not (mixed and isinstance(cell, float) and shown and "." in shown):
            return shown
        # Beside text cells a number is written like them; three decimals would look like thousands.
        whole, _, decimals = shown.partition(".")
        return whole + decimal + (decimals + "0" if len(decimals) == 3 else decimals)


class SheetExtract(CellExtract):
    """One sheet of a workbook, read by calamine; the line is the row number of the sheet."""

    def below(self) -> Iterator[tuple[int, Sequence[str]]]:
        for line, cells in islice(self.rows(), FEW):
            yield line, [cell_text(cell) or "" for cell in cells]

    def rows(self) -> Iterator[tuple[int, Sequence[Cell]]]:
        for line, cells in sheet_rows(self.source):
            if line > self.header_line:
                yield line, cells


class SqliteExtract(CellExtract):
    """One table of an SQLite file; the line is the row's number in the table."""

    def rows(self) -> Iterator[tuple[int, Sequence[Cell]]]:
        most = most_rows(self.source.path)
        with _opened(self.source) as con:
            for line, cells in enumerate(con.execute(f"SELECT * FROM {sql.name(self.source.part or '')}"), 1):
                if line == most:
                    refuse_endless(self.source.path, self.source.part or "", line)
                yield line, cells


def _decimals(header: Sequence[str], spec: TableSource) -> list[str]:
    """The decimal sign in which the text cells of each column are written, by the settings."""
    if not isinstance(spec.decimal, dict):
        return [spec.decimal or "."] * len(header)
    named = {str(spec.columns.get(column, column)).casefold(): sign for column, sign in spec.decimal.items()}
    return [named.get(name.casefold(), ".") for name in header]


def cell_text(cell: Cell) -> str | None:
    """The text of a typed cell: 123.0 is 123, a day is ISO, empty and not-a-number are nothing."""
    if cell is None or cell == "" or (isinstance(cell, float) and math.isnan(cell)):
        return None
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, datetime):
        return cell.isoformat(" ") if cell.time() != datetime.min.time() else cell.date().isoformat()
    return cell.isoformat() if isinstance(cell, date) else str(cell)


def sheet_rows(source: Source) -> Iterator[tuple[int, Sequence[Cell]]]:
    """Row number and cells of a sheet."""
    try:
        with CalamineWorkbook.from_path(source.path) as book:
            yield from enumerate(book.get_sheet_by_name(source.part or "").iter_rows(), 1)
    except CalamineError as error:
        raise Unusable(
            f"{source.label}: the sheet cannot be read ({error}). Save the workbook again as .xlsx."
        ) from error


def open_sheet(source: Source, spec: TableSource) -> SheetExtract | None:
    """Open a sheet; the header is the first row with a value after `skip_rows`. `None` when there is none."""
    for line, cells in sheet_rows(source):
        texts = [cell_text(cell) or "" for cell in cells]
        if line > spec.skip_rows and any(text.strip() for text in texts):
            return SheetExtract(source, texts, line, spec)
    return None


def open_sqlite(source: Source, spec: TableSource) -> SqliteExtract:
    """Open a table of an SQLite file."""
    with _opened(source) as con:
        described = con.execute(f"SELECT * FROM {sql.name(source.part or '')} LIMIT 0").description
    return SqliteExtract(source, [column[0] for column in described], 0, spec)


@contextmanager
def _opened(source: Source) -> Iterator[sqlite3.Connection]:
    """The file, read only; a view of it that fails, or makes a text as long as a file, is a fault of the file."""
    try:
        with closing(sqlite3.connect(f"{source.path.as_uri()}?mode=ro", uri=True)) as con:
            con.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LONGEST_VALUE)
            yield con
    except sqlite3.Error as error:
        raise Unusable(f"{source.label}: cannot be read ({error}). Export it again.") from error
