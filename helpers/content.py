"""What a file holds, as a fingerprint; each file is read for it once a process, as long as it does not change."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

from helpers.machine import threads

CHUNK = 4 * 1024 * 1024
LOGS = (".wal", "-wal")  # of DuckDB and of SQLite


def sha256(path: Path) -> str:
    """The SHA-256 of a file's bytes, in hexadecimal; `OSError` when it cannot be read.

    Of a database with what its log holds beside it: that is read with it.
    """
    logs = [log for log in (path.with_name(path.name + end) for end in LOGS) if log.is_file()]
    found = [_sha256(file.resolve(), (about := file.stat()).st_size, about.st_mtime_ns) for file in (path, *logs)]
    return found[0] if not logs else hashlib.sha256(" ".join(found).encode()).hexdigest()


def sha256_of(paths: Iterable[Path]) -> None:
    """Read several files at once, so that `sha256` knows them; files that cannot be read are left for it to refuse."""
    with ThreadPoolExecutor(threads()) as pool:
        for waiting in [pool.submit(sha256, path) for path in paths]:
            waiting.exception()


@cache
def _sha256(path: Path, _size: int, _changed: int) -> str:
    digest, held = hashlib.sha256(), bytearray(CHUNK)
    with path.open("rb", buffering=0) as file:
        while count := file.readinto(held):
            digest.update(memoryview(held)[:count])
    return digest.hexdigest()
