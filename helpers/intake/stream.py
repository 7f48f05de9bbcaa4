"""A large delimited file in one pass, batch by batch: memory does not grow with the data.

A row without a fault goes straight to Parquet. Every other row, and every row whose key another row may carry, goes
with its text to `raw`, where it is checked like any small table; what is used of it comes back to its place.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from helpers import contract
from helpers.contract import Column, Table
from helpers.intake import checks
from helpers.intake.batches import TEXT, Batch, Irregular, Places, cut, split
from helpers.intake.cells import STORED, Hashes, Judged, Reader
from helpers.intake.checks import Reading
from helpers.intake.desk import Desk
from helpers.intake.extract import RowSink
from helpers.intake.keys import KeyFile, combined
from helpers.intake.mapping import Layout
from helpers.intake.text_files import TextExtract, take_record
from helpers.machine import threads
from helpers.settings import TableSource

AHEAD = 2  # batches that wait for each thread

Mask = np.ndarray[tuple[int], np.dtype[np.bool_]]


@dataclass(frozen=True)
class Sifted:
    """A batch after the checks: the rows without a fault as they are stored, and the places of all other lines."""

    batch: Batch
    clean: pa.Table
    filled: dict[str, int]
    keys: Hashes
    others: Places


@dataclass
class Ledger:
    """Which line each row of the Parquet file came from, batch by batch."""

    first_lines: list[int] = field(default_factory=list)
    kept: list[int] = field(default_factory=list)
    others: list[Places] = field(default_factory=list)

    def add(self, sifted: Sifted) -> None:
        self.first_lines.append(sifted.batch.first_line)
        self.kept.append(sifted.clean.num_rows)
        self.others.append(sifted.others)

    def lines(self, number: int, rows: Places) -> Places:
        """The lines of some rows of one batch; row and batch are counted from 0."""
        others = self.others[number]
        passed = np.searchsorted(others - np.arange(len(others)), rows, side="right")
        return np.asarray(self.first_lines[number] + rows + passed)

    def by_batch(self, rows: Places) -> Iterator[tuple[int, Places]]:
        """Rows of the whole file, ascending, as batches and rows within them."""
        starts = np.concatenate(([0], np.cumsum(self.kept)))
        cuts = np.searchsorted(rows, starts)
        for number, (start, end) in enumerate(pairwise(cuts)):
            if end > start:
                yield number, rows[start:end] - starts[number]


class Sieve:
    """Checks the batches of one table under one reading, from several threads at once."""

    def __init__(
        self,
        desk: Desk,
        extract: TextExtract,
        layout: Layout,
        spec: TableSource,
        reading: Reading,
        varied: frozenset[int] = frozenset(),
    ) -> None:
        self.table = contract.table(extract.source.table)
        self.extract = extract
        read = [column for column in self.table.columns if column.name in layout.positions]
        self.readers = {
            c.name: Reader(desk.con, self.table, c, layout, spec, reading, layout.positions[c.name] in varied)
            for c in read
        }
        self.constants = {name: _constant(desk, self.table, name, layout, spec, reading) for name in layout.constants}
        self.orders = checks.order_faults(self.table, layout)
        self.keys = [name for name in self.table.key if name in layout.sent]  # in the order of the table's key

    def sift(self, batch: Batch) -> Sifted:
        """Judge all rows of a batch.

        Raises
        ------
        Irregular
            The batch cannot be split.
        """
        parted = split(batch, self.extract, {reader.place: reader.kind for reader in self.readers.values()})
        judged = {name: reader.judge(parted) for name, reader in self.readers.items()}
        rows = parted.cells.num_rows
        judged |= {name: constant.at(np.zeros(rows, np.int64)) for name, constant in self.constants.items()}
        good = self._good(judged, rows)
        values = {name: _where(found.values, good) for name, found in judged.items()}
        kept = int(np.count_nonzero(good))
        return Sifted(
            batch=batch,
            clean=_complete(self.table, values, kept),
            filled={name: kept - column.null_count for name, column in values.items()},
            keys=combined([judged[name].hashes for name in self.keys], rows)[good],
            others=np.union1d(parted.rows[~good], parted.broken),
        )

    def _good(self, judged: dict[str, Judged], rows: int) -> Mask:
        bad = np.zeros(rows, np.bool_)
        for found in judged.values():
            bad |= found.faults > 0
        for later, earlier in self.orders:
            before = pc.less(judged[later].values, judged[earlier].values)
            bad |= pc.fill_null(before, False).to_numpy(zero_copy_only=False)
        return ~bad


class Pass:
    """The rows of one file, parted: the clean ones in a Parquet file, the others in `raw`."""

    def __init__(self, desk: Desk, extract: TextExtract, sieve: Sieve, positions: tuple[int, ...], path: Path) -> None:
        self.desk, self.extract, self.sieve, self.path = desk, extract, sieve, path
        self.sink = RowSink(desk.con, positions)
        self.ledger = Ledger()
        self.filled = dict.fromkeys([*sieve.readers, *sieve.constants], 0)
        self.keys = KeyFile(desk.work / f"{sieve.table.name}.keys")

    def run(self) -> None:
        """Take all batches."""
        with self._writer(self.path) as out:
            for sifted in in_order(self.sieve.sift, cut(self.extract)):
                self._take(sifted, out)
        self.sink.flush()

    @property
    def rows(self) -> int:
        """The number of clean rows."""
        return sum(self.ledger.kept)

    def recall(self, rows: Places) -> Places:
        """Bring clean rows, ascending, to `raw` as well; returns their lines."""
        wanted = {number: self.ledger.lines(number, places) for number, places in self.ledger.by_batch(rows)}
        for number, batch in enumerate(cut(self.extract)):
            if number in wanted:
                self._take_lines(batch, wanted[number] - batch.first_line)
        self.sink.flush()
        return np.concatenate([*wanted.values(), np.zeros(0, np.int64)]).astype(np.int64)

    def rewrite(self, without: Places, repaired: pa.Table, path: Path) -> None:
        """The clean rows again, without some of them, and with repaired ones (ascending by `line`) in their place."""
        leaving = dict(self.ledger.by_batch(without))
        lines, group = repaired.column("line").to_numpy(), 0
        sent = [name for name in schema(self.sieve.table).names if name in self.filled]
        cells = repaired.select(sent)
        with pq.ParquetFile(self.path) as source, self._writer(path) as out:
            for number, kept in enumerate(self.ledger.kept):
                rows = source.read_row_group(group, sent) if kept else cells.slice(0, 0)
                group += bool(kept)
                stays = np.delete(np.arange(kept), leaving.get(number, []))
                end = self.ledger.first_lines[number + 1] if number + 1 < len(self.ledger.kept) else None
                start, stop = np.searchsorted(lines, [self.ledger.first_lines[number], end or np.iinfo(np.int64).max])
                come = np.arange(kept, kept + stop - start)
                order = np.argsort(np.concatenate((self.ledger.lines(number, stays), lines[start:stop])), kind="stable")
                whole = pa.concat_tables([rows, cells.slice(start, stop - start).cast(rows.schema)])
                rows = whole.combine_chunks().take(pa.array(np.concatenate((stays, come))[order]))
                if rows.num_rows:
                    found = {name: rows.column(name) for name in sent}
                    out.write_table(_complete(self.sieve.table, found, rows.num_rows), row_group_size=rows.num_rows)

    def _writer(self, path: Path) -> pq.ParquetWriter:
        """Dictionaries pay where texts repeat, least and greatest values where they narrow a question down."""
        table, varied = self.sieve.table, {name for name, reader in self.sieve.readers.items() if reader.is_plain}
        return pq.ParquetWriter(
            path,
            schema(table),
            compression="zstd",
            use_dictionary=[column.name for column in table.columns if column.name not in varied],
            write_statistics=[column.name for column in table.columns if column.type != "text"],
            store_schema=False,
        )

    def _take(self, sifted: Sifted, out: pq.ParquetWriter) -> None:
        self.ledger.add(sifted)
        self.keys.add(sifted.keys)
        for name, count in sifted.filled.items():
            self.filled[name] += count
        if sifted.clean.num_rows:
            out.write_table(sifted.clean, row_group_size=sifted.clean.num_rows)
        if len(sifted.others):
            self._take_lines(sifted.batch, sifted.others)

    def _take_lines(self, batch: Batch, places: Places) -> None:
        """Bring some lines to `raw`; those that are no rows, or have no cell that is used, one by one."""
        lines, picked = batch.first_line + places, batch.pick(places)
        try:
            parted = split(picked, self.extract, dict.fromkeys(self.sink.positions, TEXT))
            filled = np.zeros(parted.cells.num_rows, np.bool_)
            for column in parted.cells.columns:
                filled |= column.is_valid().to_numpy()
            rows, others = parted.rows[filled], np.union1d(parted.broken, parted.rows[~filled])
            self.sink.add_table(pa.array(lines[rows]), parted.cells.filter(pa.array(filled)))
        except Irregular:
            others = np.arange(len(places))
        for place in others.tolist():
            take_record(self.sink, int(lines[place]), picked.pick(np.array([place])).content.decode(), self.extract)


def in_order(work: object, items: Iterable[Batch]) -> Iterator[Sifted]:
    """What becomes of the batches in their own order, worked on by all threads; only a few are held at a time."""
    waiting: deque[Future[Sifted]] = deque()
    with ThreadPoolExecutor(threads()) as pool:
        try:
            for item in items:
                waiting.append(pool.submit(work, item))  # type: ignore[arg-type]
                if len(waiting) >= AHEAD * threads():
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for left in waiting:
                left.cancel()


def schema(table: Table) -> pa.Schema:
    """The columns of a stored table."""
    return pa.schema([(column.name, STORED[column.type]) for column in table.columns])


def _constant(desk: Desk, table: Table, name: str, layout: Layout, spec: TableSource, reading: Reading) -> Judged:
    query = checks.judging_sql(table, table.column(name), layout, spec, reading, "(SELECT 0 AS i)")
    found = desk.con.cursor().sql(query).to_arrow_table()
    if found.column("f")[0].as_py():
        raise Irregular
    value = pa.array([found.column("v")[0].as_py()], STORED[table.column(name).type])
    return Judged(value, np.zeros(1, np.uint8), found.column("h").to_numpy())


def _where(values: pa.Array, good: Mask) -> pa.Array:
    return values if good.all() else values.filter(pa.array(good))


def _complete(table: Table, values: Mapping[str, pa.Array], rows: int) -> pa.Table:
    """All columns of the contract, those that were not sent as well."""
    return pa.table([_stored(column, values.get(column.name), rows) for column in table.columns], schema(table))


def _stored(column: Column, values: pa.Array | None, rows: int) -> pa.Array:
    if values is None:
        return pa.repeat(pa.scalar(column.default, STORED[column.type]), rows)
    return values if column.default is None else values.fill_null(column.default)
