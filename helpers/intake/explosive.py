"""Files that unfold to far more than they weigh, or would fill the memory before their first row: refused by name.

A packed file may grow a hundredfold; planning extracts grow ten- to thirtyfold, a bomb a thousandfold.
"""

from __future__ import annotations

import gzip
import io
import subprocess
import sys
import zipfile
import zlib
from functools import cache
from pathlib import Path
from typing import BinaryIO, cast

import pyarrow as pa
import pyarrow.parquet as pq

from helpers import machine
from helpers.errors import Unusable

TIMES = 100
SMALL = 64 * 1024 * 1024  # unpacked bytes that harm nobody, however they were packed
CHUNK = 1024 * 1024
FOOTER = 16 * 1024 * 1024  # bytes; that of a table with a thousand row groups of thirty columns takes three million
A_ROW = 8  # bytes of a row that a database file makes, at the least
LEAST_ROW = 0.1  # bytes of a Parquet file for a row of many, whose key at least is its own
MANY_ROWS = 10_000_000
PATIENCE = 600  # seconds to open a workbook; a full sheet of ten columns takes fifteen
MEMORY = 2 * machine.GIGABYTE
# Sheets are held as rectangles: two cells in opposite corners ask for more memory than there is, and the library that
# reads them ends the process. So a process of its own goes first; what is only unreadable is left to the intake to say.
TRIAL = """
import sys
from python_calamine import CalamineError, CalamineWorkbook
try:
    import resource
    resource.setrlimit(resource.RLIMIT_AS, (int(sys.argv[2]), int(sys.argv[2])))
except (ImportError, OSError, ValueError):
    pass
try:
    with CalamineWorkbook.from_path(sys.argv[1]) as book:
        for name in book.sheet_names:
            book.get_sheet_by_name(name)
except (CalamineError, OSError):
    pass
"""


class _Unzipped(io.RawIOBase):
    """The bytes of a gzipped file, as long as they stand in a reasonable relation to what they were packed in."""

    def __init__(self, path: Path) -> None:
        self._path, self._packed = path, path.open("rb")
        self._bytes, self._count = gzip.GzipFile(fileobj=self._packed), 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        try:
            count = self._bytes.readinto(buffer)  # type: ignore[arg-type]
        except zlib.error as error:
            raise gzip.BadGzipFile(str(error)) from error
        self._count += count
        _refuse(self._path, self._count, self._packed.tell())
        return count

    def close(self) -> None:
        self._packed.close()
        super().close()


def open_gzip(path: Path) -> BinaryIO:
    """The bytes in a gzipped file.

    Raises
    ------
    Unusable
        Later, while reading: they are more than a hundred times what they were packed in.
    """
    return cast(BinaryIO, io.BufferedReader(_Unzipped(path), CHUNK))


def refuse_explosive_parquet(path: Path) -> None:
    """`Unusable` for a Parquet file whose rows or pages unfold without end; a damaged one is left to its reader."""
    with path.open("rb") as file:
        file.seek(-min(8, path.stat().st_size), io.SEEK_END)
        end = file.read()
    if end[4:] == b"PAR1" and int.from_bytes(end[:4], "little") > FOOTER:
        raise Unusable(
            f"{path.name}: its table of contents alone takes more than {FOOTER // 1024**2} MB. "
            "Export it again with larger row groups, and without metadata of programs."
        )
    try:
        about = pq.read_metadata(path)
    except (pa.ArrowException, OSError):
        return
    if about.num_rows > MANY_ROWS and path.stat().st_size < about.num_rows * LEAST_ROW:
        raise Unusable(
            f"{path.name}: {about.num_rows:,} rows in {path.stat().st_size:,} bytes cannot differ from each other. "
            "Export it again, each row once."
        )
    _refuse(path, sum(about.row_group(i).total_byte_size for i in range(about.num_row_groups)), path.stat().st_size)


def most_rows(path: Path) -> int:
    """How many rows a table or view of a database file can have; a view can go on for ever."""
    return max(SMALL, TIMES * path.stat().st_size) // A_ROW


def refuse_endless(path: Path, part: str, rows: int) -> None:
    """`Unusable` for a table or view of a database file that has more rows than such a file can hold."""
    if rows >= most_rows(path):
        raise Unusable(
            f"{path.name} [{part}]: more than {rows:,} rows in a file of {path.stat().st_size:,} bytes: the view "
            "goes on without end. Make a table of it: CREATE TABLE … AS SELECT …"
        )


def refuse_explosive_workbook(path: Path) -> None:
    """`Unusable` for a workbook that cannot be held in memory; one that is damaged is left to its reader."""
    about = path.stat()
    _tried(path, about.st_mtime_ns, about.st_size)


@cache
def _tried(path: Path, _changed: int, size: int) -> None:
    try:
        with zipfile.ZipFile(path) as parts:
            _refuse(path, sum(part.file_size for part in parts.infolist()), size)
    except (zipfile.BadZipFile, OSError):
        pass  # an old workbook, or none
    command = [sys.executable, "-I", "-c", TRIAL, str(path), str(MEMORY)]
    try:
        ended = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE, check=False)
    except subprocess.TimeoutExpired:
        raise _too_much(path, f"takes more than {PATIENCE} seconds to open") from None
    if ended.returncode < 0 or b"MemoryError" in ended.stderr:
        raise _too_much(path, f"does not fit into {MEMORY // machine.GIGABYTE} GB of memory")
    if ended.returncode:
        raise Unusable(f"{path.name}: the workbook breaks off whatever reads it. Save it again, or send CSV.")


def _refuse(path: Path, unpacked: int, packed: int) -> None:
    if unpacked > max(SMALL, TIMES * packed):
        raise Unusable(
            f"{path.name}: {packed:,} bytes unfold to more than {TIMES} times as many, which no planning extract does. "
            "Look at what it holds, and export it again."
        )


def _too_much(path: Path, what: str) -> Unusable:
    return Unusable(
        f"{path.name}: the workbook {what}. Delete what stands far below or right of the tables and save it again, or "
        "send the tables as CSV."
    )
