"""A large delimited table from its file to its Parquet file in one pass.

The formats are guessed from a sample and told again from everything that was read; where the guess was wrong, the pass
is made once more.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

from helpers import contract
from helpers.contract import Column
from helpers.errors import Unusable
from helpers.intake import checks, duplicates, formats, rejects, sql, store, totals
from helpers.intake.batches import Irregular, Places
from helpers.intake.cells import Reader
from helpers.intake.checks import TYPED, Reading
from helpers.intake.desk import Desk
from helpers.intake.extract import BROKEN, RAW, Extract, RowSink
from helpers.intake.formats import DateStyle, NumberStyle
from helpers.intake.keys import combined
from helpers.intake.mapping import Layout, lay_out
from helpers.intake.sources import Source
from helpers.intake.stream import Pass, Sieve
from helpers.intake.styles import LoadedTexts, Texts, tell_formats
from helpers.intake.text_files import LONGEST_LINE, TextExtract, open_bytes, open_delimited, take_record
from helpers.settings import Bucket, FactorByUnit, TableSource

LARGE = 8 * 1024 * 1024  # bytes from which one pass is faster than loading all cells first
PACKED = 8  # how much smaller a zipped file is
SPOTS, LINES_A_SPOT = 20, 100
PASSES = 2
VARIED = 0.5  # distinct texts a row of the sample from which a column is not read by its words


@dataclass(frozen=True)
class Checked:
    """A table after its checks; its clean rows lie in the Parquet file, its faults in `faults`."""

    extract: Extract
    layout: Layout
    detected: dict[str, str]
    rows_read: int
    used: int
    filled: dict[str, float]
    emptied: int
    total_rows: int = 0


def is_large(source: Source, spec: TableSource) -> bool:
    """Whether the table is worth the one pass, and its settings ask for nothing that needs all rows at once."""
    packed = PACKED if source.path.name.lower().endswith(".gz") else 1
    return (
        source.kind == "text"
        and source.path.stat().st_size * packed >= LARGE
        and not (spec.where or spec.distinct or spec.duplicates == "sum")
        and not any(isinstance(factor, FactorByUnit) for factor in spec.factors.values())
    )


def take_large(desk: Desk, source: Source, spec: TableSource) -> Checked:
    """Check and store a large table.

    Raises
    ------
    Irregular
        The file is not one record a line in UTF-8, or holds total rows, or nothing can be said before all cells are
        loaded.
    """
    table = contract.table(source.table)
    try:
        extract = open_delimited(source, spec, table, desk.work, trusting=True)
        layout = lay_out(table, spec, extract.header, source.label) if extract else None
        if extract is None or layout is None or layout.problem or layout.joined:
            raise Irregular
        passed, reading, shown = _passed(desk, extract, layout, spec)
    except (Unusable, UnicodeDecodeError, OSError, EOFError, zlib.error) as doubt:
        raise Irregular from doubt
    if passed.rows and totals.in_rows(desk, table, layout, f"read_parquet({sql.text(str(passed.path))})"):
        raise Irregular
    return _checked(desk, passed, layout, spec, reading, {**extract.detected, **layout.notes, **shown})


class _MetTexts(Texts):
    """The texts a pass has met: the words and days of its readers, and the cells in `raw`."""

    def __init__(self, con: duckdb.DuckDBPyConnection, readers: dict[str, Reader]) -> None:
        self.con, self.readers = con, readers

    def date(self, column: str) -> tuple[DateStyle, str]:
        reader = self.readers[column]
        con, rows = self._rows(reader, [*reader.words, *reader.days])
        return formats.detect_date(con, rows, "v", serial=False)

    def number(self, column: str) -> tuple[NumberStyle, str]:
        reader = self.readers[column]
        con, rows = self._rows(reader, reader.words)
        signs = reader.signs | formats.signs(con, rows, "v")
        if formats.only_points(signs):
            return formats.POINT, ""
        if reader.separators is None:
            raise Irregular
        return formats.number_style(reader.separators | formats.separators(con, rows, "v"), signs)

    def _rows(self, reader: Reader, texts: Iterable[str | None]) -> tuple[duckdb.DuckDBPyConnection, str]:
        con = self.con.cursor()
        con.register("met", pa.table({"x": pa.array(texts, pa.string())}))
        return con, f"(SELECT {sql.cleaned('x')} AS v FROM met UNION ALL SELECT {sql.cell(reader.place)} FROM {RAW})"


def _passed(
    desk: Desk, extract: TextExtract, layout: Layout, spec: TableSource
) -> tuple[Pass, Reading, dict[str, str]]:
    """The rows parted under the formats that all of them show."""
    reading, varied = _guess(desk, extract, layout, spec)
    path = desk.work / f"{extract.source.table}.clean.parquet"
    for _ in range(PASSES):
        passed = Pass(desk, extract, Sieve(desk, extract, layout, spec, reading, varied), layout.read, path)
        passed.run()
        texts = _MetTexts(desk.con, passed.sieve.readers)
        told, shown = tell_formats(desk.con, desk.settings.bucket, extract, layout, spec, texts)
        if told == reading:
            return passed, reading, shown
        reading = told
    raise Irregular


def _guess(desk: Desk, extract: TextExtract, layout: Layout, spec: TableSource) -> tuple[Reading, frozenset[int]]:
    """The formats of a few lines from all over the file, and the positions that hardly repeat a text.

    Of a zipped file its first lines are taken.
    """
    sink = RowSink(desk.con, layout.read)
    for text in _sample(extract):
        take_record(sink, 0, text, extract)
    sink.flush()
    bucket: Bucket = desk.settings.bucket
    reading, _ = tell_formats(desk.con, bucket, extract, layout, spec, LoadedTexts(desk.con, layout, serial=False))
    counts = ", ".join(f"count(DISTINCT {sql.cell(place)}) / count(*)" for place in layout.read)
    [shares] = desk.con.execute(f"SELECT {counts} FROM {RAW}").fetchall()
    varied = {place for place, share in zip(layout.read, shares, strict=True) if (share or 0) > VARIED}
    # Items are looked up and days are few in the end: both pay by words, however varied the sample.
    table = contract.table(extract.source.table)
    kept = {place for name, place in layout.positions.items() if _is_worded(table.column(name))}
    return reading, frozenset(varied - kept)


def _is_worded(column: Column) -> bool:
    return column.name == "item_id" or column.type in ("date", "bucket")


def _sample(extract: TextExtract) -> Iterator[str]:
    zipped, size = extract.path.name.lower().endswith(".gz"), extract.path.stat().st_size
    with open_bytes(extract.path) as file:
        for _ in range(extract.header_line):
            file.readline()
        for spot in range(SPOTS):
            if spot and not zipped:
                file.seek(spot * size // SPOTS)
                file.readline(LONGEST_LINE)
            for _ in range(LINES_A_SPOT):
                if line := file.readline(LONGEST_LINE):
                    yield line.decode()


def _checked(
    desk: Desk, passed: Pass, layout: Layout, spec: TableSource, reading: Reading, detected: dict[str, str]
) -> Checked:
    con, table = desk.con, passed.sieve.table
    con.execute(checks.typing_sql(table, layout, spec, reading))
    recalled, lines = _recall_twins(desk, passed, layout)
    if len(recalled):
        con.execute(checks.typing_sql(table, layout, spec, reading))
    was_filled = _filled(con, layout, "line IN (SELECT unnest(?))", lines.tolist())
    duplicates.find_twins(con, table, layout, spec)
    totals.set_aside(con, table, layout, [])
    rejects.collect(con, table, layout, reading)
    emptied = rejects.write(con, passed.extract.source.label, desk.rejects / f"{table.name}.csv")
    repaired = con.cursor().sql(store.repaired_sql(table, layout)).to_arrow_table()
    used = passed.rows - len(recalled) + repaired.num_rows
    _lay_down(passed, recalled, repaired, desk.parquet / f"{table.name}.parquet", used)
    is_filled = _filled(con, layout, "NOT aside")
    (others,) = con.execute(f"SELECT (SELECT count(*) FROM {RAW}) + (SELECT count(*) FROM {BROKEN})").fetchone() or (0,)
    shares = {n: (passed.filled[n] - was_filled[n] + is_filled[n]) / (used or 1) for n in layout.sent}
    return Checked(
        extract=passed.extract,
        layout=layout,
        detected=detected,
        rows_read=passed.rows - len(recalled) + int(others),
        used=used,
        filled={column.name: round(shares[column.name], 6) for column in table.columns if column.name in shares},
        emptied=emptied,
    )


def _recall_twins(desk: Desk, passed: Pass, layout: Layout) -> tuple[Places, Places]:
    """Bring the clean rows to `raw` that may carry the key of another row: their numbers and lines."""
    keys, table = passed.sieve.keys, passed.sieve.table
    if not keys:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    hashes = ", ".join(f"hash({key}) AS h{i}" for i, key in enumerate(duplicates.key_columns(table, layout)))
    found = desk.con.cursor().sql(f"SELECT {hashes} FROM {TYPED} WHERE NOT aside").to_arrow_table()
    parts = [found.column(i).to_numpy() for i in range(found.num_columns)]
    passed.keys.add(combined(parts, found.num_rows))
    repeated = passed.keys.repeated()
    recalled = repeated[repeated < passed.rows]
    return recalled, passed.recall(recalled) if len(recalled) else np.zeros(0, np.int64)


def _filled(con: duckdb.DuckDBPyConnection, layout: Layout, rows: str, *given: list[int]) -> dict[str, int]:
    """How many cells of some rows of `typed` are filled, by column."""
    counts = ", ".join(f"count({duplicates.kept(name)})" for name in layout.sent)
    found = con.execute(f"SELECT {counts} FROM {TYPED} WHERE {rows}", given).fetchone() or ()
    return dict(zip(layout.sent, map(int, found), strict=True))


def _lay_down(passed: Pass, recalled: Places, repaired: pa.Table, path: Path, used: int) -> None:
    """The clean rows are the table as they stand, unless some have left them or come back to them."""
    if len(recalled) or repaired.num_rows:
        passed.rewrite(recalled, repaired, path)
    elif used:
        passed.path.rename(path)
    if not used:
        path.unlink(missing_ok=True)
    passed.path.unlink(missing_ok=True)
