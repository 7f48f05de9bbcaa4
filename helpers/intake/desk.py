"""Where the work on a table is done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb

from helpers.settings import Settings


@dataclass(frozen=True)
class Desk:
    """Where the work is done: the database, the working folder, and where Parquet and rejects are laid down."""

    con: duckdb.DuckDBPyConnection
    work: Path
    parquet: Path
    rejects: Path
    settings: Settings
    progress: Callable[[str], None]
