"""A delimited UTF-8 file cut into batches of whole lines, each split into columns of text cells.

Only what is regular passes: one record a line. What a batch cannot be split into is `Irregular`, and the file goes the
careful way.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.csv

from helpers.intake import sql
from helpers.intake.text_files import LONGEST_LINE, TextExtract, open_bytes

SIZE = 8 * 1024 * 1024
ODD_BYTES = (b" ", b"\t")
TEXT = pa.string()
CODED = pa.dictionary(pa.int32(), pa.string())

Places = np.ndarray[tuple[int], np.dtype[np.int64]]


class Irregular(Exception):
    """The file is not one record a line in UTF-8, or its formats cannot be told batch by batch."""


@dataclass(frozen=True)
class Batch:
    """Whole lines of a file: the number of the first, and the bytes of all, each ended by a line end."""

    first_line: int
    content: bytes
    lines: int

    @property
    def is_plain(self) -> bool:
        """Whether all of it is ASCII without quotation marks and spaces, and nothing but a line feed ends a line."""
        few = np.frombuffer(self.content, np.uint8) <= ord('"')
        return self.content.isascii() and np.count_nonzero(few) == self.lines

    def pick(self, places: Places) -> Batch:
        """The lines at `places`, counted from 0, as a batch of their own, numbered from 0."""
        ends = np.flatnonzero(np.frombuffer(self.content, np.uint8) == ord("\n")) + 1
        starts = np.concatenate(([0], ends[:-1]))[places].tolist()
        parts = [self.content[start:end] for start, end in zip(starts, ends[places].tolist(), strict=True)]
        return Batch(0, b"".join(parts), len(parts))


@dataclass(frozen=True)
class Split:
    """The cells of a batch by position, the line each row stands on (from 0), and the lines that are no rows.

    `tight`: no cell can have a space outside.
    """

    cells: pa.Table
    rows: Places
    broken: Places
    tight: bool


def cut(extract: TextExtract) -> Iterator[Batch]:
    """The lines below the header; blank ones at the end of the file are left out."""
    line, held = extract.header_line + 1, b""
    with open_bytes(extract.path) as file:
        _pass_over_header(file, extract.header_line)
        while chunk := file.read(SIZE):
            rest = file.readline(LONGEST_LINE)
            if len(rest) == LONGEST_LINE:
                raise Irregular
            content = held + chunk + rest
            held = b""
            if content[-2:] in (b"\n\n", b"\r\n") or content[-1:] != b"\n":  # blank lines may be the last ones
                end = content.rfind(b"\n", 0, _written(content)) + 1
                content, held = content[:end], content[end:]
            if content:
                batch = _batch(line, content)
                line += batch.lines
                yield batch
    last = held.rstrip(b"\r\n")
    if last:
        yield _batch(line, last + (b"\r\n" if held[len(last) :].startswith(b"\r\n") else b"\n"))


def split(batch: Batch, extract: TextExtract, wanted: Mapping[int, pa.DataType]) -> Split:
    """The cells of a batch at the wanted positions; NULL where they are empty.

    Raises
    ------
    Irregular
        A record spans lines, or the bytes are not UTF-8.
    """
    content = batch.content
    plain = batch.is_plain
    if not plain:
        _refuse_odd_bytes(batch)
    names = [sql.cell(place) for place in range(len(extract.header))]
    bad: list[int] = []

    def pass_over(row: pa.csv.InvalidRow) -> str:
        bad.append(row.number - 1)
        return "skip"

    quoted = not plain and b'"' in content
    if quoted and content.count(b'"') % 2:
        raise Irregular
    try:
        cells = pa.csv.read_csv(
            pa.BufferReader(content),
            read_options=pa.csv.ReadOptions(use_threads=False, block_size=len(content) + 1, column_names=names),
            parse_options=pa.csv.ParseOptions(
                delimiter=extract.delimiter, quote_char='"' if quoted else False, invalid_row_handler=pass_over
            ),
            convert_options=pa.csv.ConvertOptions(
                check_utf8=False,
                column_types={sql.cell(place): kind for place, kind in wanted.items()},
                include_columns=[sql.cell(place) for place in wanted],
                null_values=["", *sql.EMPTY_WORDS],
                strings_can_be_null=True,
            ),
        )
    except pa.ArrowInvalid as error:
        raise Irregular from error
    everything = np.arange(batch.lines)
    if cells.num_rows + len(bad) != batch.lines:
        if quoted:
            raise Irregular
        return Split(cells.slice(0, 0), everything[:0], everything, False)
    broken = np.array(bad, np.int64)
    tight = plain or (content.isascii() and not any(odd in content for odd in ODD_BYTES))
    return Split(cells, np.delete(everything, broken), broken, tight)


def _pass_over_header(file: BinaryIO, lines: int) -> None:
    for _ in range(lines):
        line = file.readline().rstrip(b"\r\n")
        if b"\r" in line or line.count(b'"') % 2:
            raise Irregular


def _written(content: bytes) -> int:
    """The length up to the last byte that is no line end."""
    end = len(content)
    while end and content[end - 1] in b"\r\n":
        end -= 1
    return end


def _batch(first_line: int, content: bytes) -> Batch:
    return Batch(first_line, content, int(np.count_nonzero(np.frombuffer(content, np.uint8) == ord("\n"))))


def _refuse_odd_bytes(batch: Batch) -> None:
    content = batch.content
    if b"\r" in content and not (content.count(b"\r\n") == content.count(b"\r") == batch.lines):
        raise Irregular
    if not content.isascii():
        try:
            content.decode()
        except UnicodeDecodeError as error:
            raise Irregular from error
    if b"\x00" in content:
        raise Irregular
