"""Finds rows that may carry the key of another row among any number of rows, in little memory.

Only hashes are kept, in a file; they are sorted one share at a time.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

SHARE = 1 << 23  # hashes that are sorted at a time
CHUNK = 1 << 20
FLAGS = 1 << 20
FACTOR = np.uint64(0x9E3779B97F4A7C15)

Hashes = np.ndarray[tuple[int], np.dtype[np.uint64]]
Rows = np.ndarray[tuple[int], np.dtype[np.int64]]


def combined(parts: list[Any], rows: int) -> Hashes:
    """One hash a row from the hashes of its key columns."""
    whole = np.zeros(rows, np.uint64)
    for part in parts:
        whole = whole * FACTOR + part
    return whole ^ (whole >> np.uint64(29))


class KeyFile:
    """The hashes of all rows, in their order."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.count = 0
        path.write_bytes(b"")

    def add(self, hashes: Hashes) -> None:
        with self.path.open("ab") as file:
            hashes.tofile(file)
        self.count += len(hashes)

    def repeated(self) -> Rows:
        """The rows, counted from 0, whose hash another row has as well."""
        bits = max(0, (self.count - 1) // SHARE).bit_length()
        twice = np.concatenate([_twice(self._share(number, bits)) for number in range(1 << bits)])
        if not len(twice):
            return np.zeros(0, np.int64)
        return np.concatenate([start + _among(hashes, twice) for start, hashes in self._chunks()])

    def _share(self, number: int, bits: int) -> Hashes:
        if not bits:
            return np.fromfile(self.path, np.uint64)
        last = np.uint64(64 - bits)
        return np.concatenate([hashes[hashes >> last == number] for _, hashes in self._chunks()])

    def _chunks(self) -> Iterator[tuple[int, Hashes]]:
        with self.path.open("rb") as file:
            for start in range(0, self.count, CHUNK):
                yield start, np.fromfile(file, np.uint64, CHUNK)


def _twice(hashes: Hashes) -> Hashes:
    """The hashes that are there more than once; halves are sorted faster and leave few to compare whole."""
    halves = hashes.astype(np.uint32)
    few = hashes[_among(halves, _repeats(halves.copy()))]
    return np.asarray(_repeats(few))


def _repeats(values: Any) -> Any:
    values.sort()
    return np.unique(values[1:][values[1:] == values[:-1]])


def _among(values: Any, wanted: Any) -> Rows:
    """Places of the values that are in `wanted`, which is sorted; a table of flags spares most of the search."""
    if not len(wanted):
        return np.zeros(0, np.int64)
    last = values.dtype.type(FLAGS - 1)
    flags = np.zeros(FLAGS, np.bool_)
    flags[wanted & last] = True
    places = np.flatnonzero(flags[values & last])
    found = np.searchsorted(wanted, values[places])
    return np.asarray(places[wanted[np.minimum(found, len(wanted) - 1)] == values[places]])
