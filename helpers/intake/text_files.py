"""Delimited text, plain or gzipped: encoding, delimiter, header, and rows with the line they stand on.

DuckDB streams a well-formed UTF-8 file. What it refuses, and whatever would make its row count differ from the file's
lines, goes through `records`, which is slower and knows every line number.
"""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, partial
from itertools import islice
from pathlib import Path
from typing import BinaryIO, TextIO

import duckdb

from helpers.contract import Table
from helpers.errors import Unusable
from helpers.intake import sql
from helpers.intake.explosive import open_gzip
from helpers.intake.extract import FEW, RAW, Extract, RowSink, prepare_broken
from helpers.intake.records import Record, records
from helpers.intake.sources import Source
from helpers.settings import TableSource

CHUNK = 8 * 1024 * 1024
LONGEST_LINE = 4 * 1024 * 1024
DELIMITERS = (",", ";", "\t", "|")
DELIMITER_NAMES = {"\t": "tab", " ": "space"}
ODD_SPACES = (b"\t", "\u00a0".encode(), "\u202f".encode(), b" NULL", b"NULL ", b" #N/A", b"#N/A ")
ASSUMED = "cp1252"
BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

# What a file of another kind begins with: what it is, and what it should be called.
OTHER_KINDS = {
    b"PK\x03\x04": ("a ZIP archive or an Excel workbook", "Unpack it, or name it .xlsx"),
    b"\xd0\xcf\x11\xe0": ("an Excel workbook of the old kind", "Name it .xls"),
    b"PAR1": ("Parquet", "Name it .parquet"),
    b"\x1f\x8b": ("gzip", "Name it .csv.gz"),
    b"%PDF": ("a PDF", "Ask for the table behind it"),
}
NOT_TEXT = re.compile("[\x00-\x08\x0e-\x1f]")


@dataclass(frozen=True)
class Scan:
    """What one pass over the bytes of a file tells: valid UTF-8, lines to the last written one, blank lines between.

    `has_odd_spaces`: tabs or non-breaking spaces, which a plain trim would leave.
    """

    is_utf8: bool
    lines: int
    has_gaps: bool
    has_odd_spaces: bool


class TextExtract(Extract):
    """A delimited text file in UTF-8: the client's own, or a transcoded copy in the working folder."""

    def __init__(self, source: Source, path: Path, header: Record, delimiter: str) -> None:
        super().__init__(source, header.fields, header.line)
        self.path = path
        self.delimiter = delimiter

    @property
    def scan(self) -> Scan:
        """What one pass over the bytes tells."""
        return scan_bytes(self.path)

    def below(self) -> Iterator[tuple[int, Sequence[str]]]:
        """A title hides the delimiter, so each is tried."""
        for delimiter in DELIMITERS:
            for record in islice(_from_line(self.path, delimiter, self.header_line + 1), FEW):
                yield record.line, record.fields

    def load(self, con: duckdb.DuckDBPyConnection, positions: tuple[int, ...]) -> None:
        if self.scan.has_gaps or not self._load_fast(con, positions):
            self._load_carefully(con, positions)

    def _load_fast(self, con: duckdb.DuckDBPyConnection, positions: tuple[int, ...]) -> bool:
        """Whether DuckDB read every line as one record; only then is a row's number its line."""
        prepare_broken(con)
        clean = sql.cleaned if self.scan.has_odd_spaces else sql.despaced
        cells = "".join(f", {clean(sql.cell(place))} AS {sql.cell(place)}" for place in positions)
        every = [sql.cell(position) for position in range(len(self.header))]
        columns = "{" + ", ".join(f"'{cell}': 'VARCHAR'" for cell in every) + "}"
        blank = f"trim(concat({', '.join(every)}), {sql.text(sql.SPACES)}) = ''"
        try:
            con.execute(
                f"""CREATE OR REPLACE TABLE {RAW} AS
                SELECT row_number() OVER () + {self.header_line} AS line{cells}, {blank} AS is_blank
                FROM read_csv(?, header = false, auto_detect = false, skip = {self.header_line}, columns = {columns},
                    delim = {sql.text(self.delimiter)}, quote = '"', escape = '"',
                    nullstr = ['', {sql.texts(sql.EMPTY_WORDS)}])""",
                [str(self.path)],
            )
        except duckdb.Error:
            return False
        (rows,) = con.execute(f"SELECT count(*) FROM {RAW}").fetchone() or (0,)
        con.execute(f"DELETE FROM {RAW} WHERE is_blank")
        con.execute(f"ALTER TABLE {RAW} DROP COLUMN is_blank")
        return bool(rows == max(0, self.scan.lines - self.header_line))

    def _load_carefully(self, con: duckdb.DuckDBPyConnection, positions: tuple[int, ...]) -> None:
        sink = RowSink(con, positions)
        for record in _from_line(self.path, self.delimiter, self.header_line):
            if record.line != self.header_line:
                _take(sink, record, self)
        sink.flush()


def take_record(sink: RowSink, line: int, text: str, extract: TextExtract) -> None:
    """Hand a line that is a record of its own to the sink; a blank one is left out."""
    for record in records((text,), extract.delimiter, line):
        _take(sink, record, extract)


def _take(sink: RowSink, record: Record, extract: TextExtract) -> None:
    fault = record.fault or _count_fault(record.fields, len(extract.header))
    if fault:
        sink.refuse(record.line, extract.delimiter.join(record.fields), fault)
    elif any(field.strip(sql.SPACES) for field in record.fields):
        sink.add(record.line, record.fields)


def open_delimited(
    source: Source, spec: TableSource, table: Table, work: Path, trusting: bool = False
) -> TextExtract | None:
    """Open a delimited file; `None` when it holds no header at all.

    `trusting`: what is not marked or named otherwise is taken for UTF-8 without looking at all of it.

    Raises
    ------
    Unusable
        It is no text, encoding or delimiter cannot be told, or the named ones do not fit.
    """
    path, encoding, doubtful = _as_utf8(source, spec, work, trusting)
    delimiter = spec.delimiter or _delimiter(source, path, spec, table)
    header = next(_from_line(path, delimiter, spec.skip_rows + 1), None)
    if header is None:
        return None
    if 2 * sum(bool(NOT_TEXT.search(name)) for name in header.fields) > len(header.fields):  # one may be a slip
        raise _not_text(source, "what no text holds", "Export the table as CSV")
    extract = TextExtract(source, path, header, delimiter)
    extract.doubtful = doubtful
    if spec.encoding is None and encoding not in ("utf-8", "utf-8-sig"):
        extract.detected["encoding"] = encoding
    if spec.delimiter is None and delimiter != ",":
        extract.detected["delimiter"] = DELIMITER_NAMES.get(delimiter, delimiter)
    return extract


def open_bytes(path: Path) -> BinaryIO:
    """The bytes of a file, unzipped where its name ends in .gz."""
    return open_gzip(path) if path.name.lower().endswith(".gz") else path.open("rb")


def open_text(path: Path, encoding: str = "utf-8-sig") -> TextIO:
    """The text of a file with its line ends as they are."""
    return io.TextIOWrapper(open_bytes(path), encoding=encoding, newline="")


def scan_bytes(path: Path) -> Scan:
    """One pass over a file; the answer is kept as long as the file does not change."""
    about = path.stat()
    return _scan(path, about.st_mtime_ns, about.st_size)


@cache
def _scan(path: Path, _changed: int, _size: int) -> Scan:
    decoder = codecs.getincrementaldecoder("utf-8")()
    lines, has_gaps, has_odd_spaces, held = 0, False, False, b""
    try:
        with open_bytes(path) as file:
            while chunk := file.read(CHUNK):
                decoder.decode(chunk)
                whole = held + chunk
                written = whole.rstrip(b"\r\n")
                held = whole[len(written) :]
                lines += written.count(b"\n")
                has_odd_spaces = has_odd_spaces or any(odd in written for odd in ODD_SPACES)
                has_gaps = has_gaps or b"\n\n" in written or b"\n\r\n" in written
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return Scan(False, 0, False, False)
    return Scan(True, lines + 1, has_gaps, has_odd_spaces)


def _count_fault(fields: list[str], width: int) -> str | None:
    surplus = fields[width:]
    if len(fields) < width or any(field.strip(sql.SPACES) for field in surplus):
        return f"{len(fields)} fields where the header has {width}: a delimiter is missing, or stands inside a value"
    return None


def _from_line(path: Path, delimiter: str, first: int) -> Iterator[Record]:
    """The records from line `first` on; the line itself is the first that is not blank."""
    return records(islice(_lines(path), first - 1, None), delimiter, first)


def _lines(path: Path) -> Iterator[str]:
    """The lines of a file; a single one that is larger than whole tables would fill the memory."""
    with open_text(path) as file:
        for number, line in enumerate(iter(partial(file.readline, LONGEST_LINE), ""), 1):
            if len(line) == LONGEST_LINE:
                raise Unusable(
                    f"{path.name}: line {number:,} is longer than {LONGEST_LINE:,} characters, expected a row of a "
                    "table. Export it again, one row a line."
                )
            yield line


def _as_utf8(source: Source, spec: TableSource, work: Path, trusting: bool) -> tuple[Path, str, str | None]:
    """A path to the text in UTF-8, its encoding, and the encoding again when it is only assumed."""
    encoding = _named_encoding(source, spec) or _marked_encoding(source)
    if trusting and encoding in (None, "utf-8", "utf-8-sig"):
        return source.path, encoding or "utf-8", None
    try:
        if encoding is None:
            encoding = "utf-8" if scan_bytes(source.path).is_utf8 else ASSUMED
            doubtful = None if encoding == "utf-8" else encoding
        else:
            doubtful = None
        if encoding in ("utf-8", "utf-8-sig") and not (spec.encoding and not scan_bytes(source.path).is_utf8):
            return source.path, encoding, doubtful
        return _transcode(source, encoding, work, "replace" if doubtful else "strict"), encoding, doubtful
    except (OSError, EOFError) as error:
        raise Unusable(f"{source.file}: the file cannot be read ({error}). Send it again.") from error


def _named_encoding(source: Source, spec: TableSource) -> str | None:
    if spec.encoding is None:
        return None
    try:
        "".encode(spec.encoding)  # Python knows codecs that make no text, as base64
        return codecs.lookup(spec.encoding).name
    except (LookupError, UnicodeError):
        raise Unusable(
            f"settings, tables.{source.table}.encoding: '{spec.encoding}' is not an encoding. "
            "Usual ones are utf-8, cp1252, utf-16 and cp1250."
        ) from None


def _marked_encoding(source: Source) -> str | None:
    try:
        with open_bytes(source.path) as file:
            start = file.read(4)
    except (OSError, EOFError) as error:
        raise Unusable(f"{source.file}: the file cannot be read ({error}). Send it again.") from error
    for mark, (kind, remedy) in OTHER_KINDS.items():
        if start.startswith(mark):
            raise _not_text(source, kind, remedy)
    marked = next((encoding for mark, encoding in BOMS if start.startswith(mark)), None)
    if marked is None and b"\x00" in start:
        return "utf-16-le" if start[1:2] == b"\x00" else "utf-16-be"
    return marked


def _not_text(source: Source, found: str, remedy: str) -> Unusable:
    return Unusable(f"{source.file}: expected delimited text; the file holds {found}, not text. {remedy}.")


def _transcode(source: Source, encoding: str, work: Path, errors: str) -> Path:
    copy = work / f"{source.table}.utf8.csv"
    try:
        with open_bytes(source.path) as raw, copy.open("w", encoding="utf-8", newline="") as out:
            decoder = codecs.getincrementaldecoder(encoding)(errors)
            while chunk := raw.read(CHUNK):
                out.write(decoder.decode(chunk))
            out.write(decoder.decode(b"", final=True))
    except UnicodeError as error:
        shown = isinstance(error, UnicodeDecodeError) and f"byte 0x{error.object[error.start]:02x} does not fit"
        raise Unusable(
            f"{source.file}: cannot be read as {encoding}: {shown or error}. "
            f"Correct tables.{source.table}.encoding in settings.yaml; Excel on Windows usually writes cp1252."
        ) from error
    return copy


def _delimiter(source: Source, path: Path, spec: TableSource, table: Table) -> str:
    """The delimiter that splits the header into names the contract or the settings know."""
    known = {column.name for column in table.columns} | {*spec.client_columns}
    wanted = {name.strip().casefold() for name in known}
    splits = {delimiter: _header(path, delimiter, spec.skip_rows) for delimiter in DELIMITERS}
    scores = {d: (len(wanted & {name.strip().casefold() for name in names}), len(names)) for d, names in splits.items()}
    best = max(scores.values())
    winners = [delimiter for delimiter, score in scores.items() if score == best]
    if best[1] <= 1:
        return ","
    if len(winners) > 1:
        raise Unusable(
            f"{source.file}: the delimiter cannot be told; {' and '.join(repr(w) for w in winners)} both split the "
            f'header. Name it in settings.yaml: tables: {{{source.table}: {{delimiter: "{winners[0]}"}}}}.'
        )
    return winners[0]


def _header(path: Path, delimiter: str, skip_rows: int) -> list[str]:
    first = next(_from_line(path, delimiter, skip_rows + 1), None)
    return first.fields if first else []
