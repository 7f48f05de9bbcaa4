"""What every kind of file is turned into: a DuckDB table of text cells with the line each row stands on."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence

import duckdb
import pyarrow as pa

from helpers.intake import sql
from helpers.intake.sources import Source

RAW = "raw"
BROKEN = "broken"
BATCH = 50_000
FEW = 20  # lines that titles and notes above a header may take


class Extract(ABC):
    """One opened source.

    `header` holds the client's column names, `header_line` their line. `native` are positions whose cells the file
    itself types (numbers with a point, ISO dates). `doubtful` is the encoding that was assumed where none is certain.
    """

    def __init__(self, source: Source, header: Sequence[str], header_line: int) -> None:
        self.source = source
        self.header = tuple(name.strip(sql.SPACES) for name in header)
        self.header_line = header_line
        self.detected: dict[str, str] = {}
        self.native: frozenset[int] = frozenset()
        self.doubtful: str | None = None
        self.serial_dates = False

    def below(self) -> Iterator[tuple[int, Sequence[str]]]:
        """The first lines under the header, in which the names may stand that it does not hold; none where typed."""
        return iter(())

    @abstractmethod
    def load(self, con: duckdb.DuckDBPyConnection, positions: tuple[int, ...]) -> None:
        """Fill the table `raw` (line, the cleaned cells at `positions`) and `broken` (line, value, rule)."""


def prepare(con: duckdb.DuckDBPyConnection, positions: tuple[int, ...]) -> None:
    """Empty tables `raw` and `broken`."""
    cells = "".join(f", {sql.cell(position)} VARCHAR" for position in positions)
    con.execute(f"CREATE OR REPLACE TABLE {RAW} (line BIGINT{cells})")
    prepare_broken(con)


def prepare_broken(con: duckdb.DuckDBPyConnection) -> None:
    """An empty table of records that could not be split into cells."""
    con.execute(f"CREATE OR REPLACE TABLE {BROKEN} (line BIGINT, value VARCHAR, rule VARCHAR)")


class RowSink:
    """Collects rows from Python and appends them to `raw` and `broken` in batches."""

    def __init__(self, con: duckdb.DuckDBPyConnection, positions: tuple[int, ...]) -> None:
        prepare(con, positions)
        self.con = con
        self.positions = positions
        self.rows: list[tuple[object, ...]] = []
        self.broken: list[tuple[object, ...]] = []
        self.tables: list[pa.Table] = []

    def add(self, line: int, fields: Sequence[str | None]) -> None:
        self.rows.append((line, *(fields[position] for position in self.positions)))
        if len(self.rows) >= BATCH:
            self.flush()

    def add_table(self, lines: pa.Array, cells: pa.Table) -> None:
        """Append rows that are split already; `cells` holds the columns at the positions, in their order."""
        self.tables.append(pa.table([lines, *cells.columns], ["line", *cells.column_names]))
        if sum(len(table) for table in self.tables) >= BATCH:
            self.flush()

    def refuse(self, line: int, value: str, rule: str) -> None:
        self.broken.append((line, value[:500], rule))
        if len(self.broken) >= BATCH:
            self.flush()

    def flush(self) -> None:
        """Write what has been collected."""
        self._append(RAW, self.rows)
        self._append(BROKEN, self.broken)
        self.rows, self.broken = [], []
        if self.tables:
            self._insert(RAW, pa.concat_tables(self.tables).columns)
            self.tables = []

    def _append(self, table: str, rows: list[tuple[object, ...]]) -> None:
        if not rows:
            return
        columns = list(zip(*rows, strict=True))
        arrays = [pa.array(columns[0], pa.int64()), *(pa.array(column, pa.string()) for column in columns[1:])]
        self._insert(table, arrays)

    def _insert(self, table: str, arrays: list[pa.Array | pa.ChunkedArray]) -> None:
        names = [f"x{i}" for i in range(len(arrays))]
        cells = ", ".join(sql.cleaned(name) for name in names[1:])
        batch = pa.Table.from_arrays(arrays, names=names)
        self.con.register("arriving", batch)
        self.con.execute(f"INSERT INTO {table} SELECT x0, {cells} FROM arriving")
        self.con.unregister("arriving")
