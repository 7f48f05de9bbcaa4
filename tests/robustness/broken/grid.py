"""A table as it is written, and ways to change it."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

Row = tuple[str, ...]


@dataclass(frozen=True)
class Grid:
    """Names of columns and rows of texts. Places of rows are counted from 0."""

    header: Row
    rows: tuple[Row, ...]

    def __len__(self) -> int:
        return len(self.rows)

    def column(self, name: str) -> list[str]:
        """The cells of a column."""
        place = self.header.index(name)
        return [row[place] for row in self.rows]

    def put(self, column: str, value: str | Callable[[str], str], at: Iterable[int] | None = None) -> Grid:
        """Another value in a column of some rows (default: all)."""
        place, chosen = self.header.index(column), set(range(len(self)) if at is None else at)
        return self._rows(
            (*row[:place], value(row[place]) if callable(value) else value, *row[place + 1 :]) if i in chosen else row
            for i, row in enumerate(self.rows)
        )

    def keep(self, at: Iterable[int]) -> Grid:
        """Only the rows at some places, in that order."""
        return self._rows(self.rows[i] for i in at)

    def without(self, at: Collection[int]) -> Grid:
        """All rows but those at some places."""
        return self._rows(row for i, row in enumerate(self.rows) if i not in at)

    def where(self, column: str, fits: Callable[[str], bool]) -> list[int]:
        """The places of the rows whose cell fits."""
        return [i for i, cell in enumerate(self.column(column)) if fits(cell)]

    def insert(self, at: int, *rows: Sequence[str]) -> Grid:
        """Rows in front of the one at a place."""
        return self._rows([*self.rows[:at], *map(tuple, rows), *self.rows[at:]])

    def add(self, *rows: Sequence[str]) -> Grid:
        """Rows at the end."""
        return self.insert(len(self), *rows)

    def drop(self, column: str) -> Grid:
        """Without a column."""
        place = self.header.index(column)
        header, *rows = ((*row[:place], *row[place + 1 :]) for row in (self.header, *self.rows))
        return Grid(header, tuple(rows))

    def rename(self, column: str, name: str) -> Grid:
        """A column under another name."""
        return Grid(tuple(name if own == column else own for own in self.header), self.rows)

    def extend(self, column: str, cells: str | Iterable[str] = "") -> Grid:
        """One more column at the end: one text for all rows, or a cell each."""
        filled = [cells] * len(self) if isinstance(cells, str) else list(cells)
        return Grid((*self.header, column), tuple((*row, c) for row, c in zip(self.rows, filled, strict=True)))

    def blank(self) -> Row:
        """An empty row."""
        return ("",) * len(self.header)

    def row(self, **cells: str) -> Row:
        """A row with some cells, the rest empty."""
        return tuple(cells.get(name, "") for name in self.header)

    def text(self, delimiter: str = ",", newline: str = "\n", quoting: int = csv.QUOTE_MINIMAL) -> str:
        """As delimited text."""
        out = io.StringIO()
        csv.writer(out, delimiter=delimiter, lineterminator=newline, quoting=quoting).writerows(  # type: ignore[arg-type]
            [self.header, *self.rows]
        )
        return out.getvalue()

    def _rows(self, rows: Iterable[Row]) -> Grid:
        return Grid(self.header, tuple(rows))


def read_grid(path: Path) -> Grid:
    """A plain CSV file."""
    with path.open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    return Grid(tuple(header), tuple(map(tuple, rows)))
