"""One worked row a table, from the extract of the simulated sample company."""

from __future__ import annotations

import csv
import gzip
from itertools import islice
from pathlib import Path

LOOKED_AT = 2000


def example(folder: Path, table: str) -> dict[str, str]:
    """Of the first rows of the table the one that fills most columns; empty when the folder lacks the table."""
    plain, packed = folder / f"{table}.csv", folder / f"{table}.csv.gz"
    if plain.is_file():
        return _fullest(plain.read_text(encoding="utf-8").splitlines())
    if packed.is_file():
        with gzip.open(packed, "rt", encoding="utf-8", newline="") as lines:
            return _fullest(list(islice(lines, LOOKED_AT)))
    return {}


def _fullest(lines: list[str]) -> dict[str, str]:
    rows = islice(csv.DictReader(lines), LOOKED_AT)
    return max(rows, key=lambda row: sum(value != "" for value in row.values()), default={})
