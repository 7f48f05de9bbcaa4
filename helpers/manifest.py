"""What intake hands on to the engagement: the tables stored, how full their columns are, their files."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

from helpers.disk import write

FILE_NAME = "intake.json"


@dataclass(frozen=True)
class TableIntake:
    """What became of one table.

    `filled` holds, for every column the client sent, the share of used rows with a value (0 to 1); a column that is
    absent from it was not sent. `problem` is set when the whole table was set aside. Rows read = used + rejected; of
    the rejected ones `total_rows` only say again what others say.
    """

    table: str
    files: tuple[str, ...] = ()
    rows_read: int = 0
    rows_used: int = 0
    rows_rejected: int = 0
    cells_emptied: int = 0
    filled: dict[str, float] = field(default_factory=dict)
    detected: dict[str, str] = field(default_factory=dict)
    ignored_columns: tuple[str, ...] = ()
    problem: str | None = None
    total_rows: int = 0

    @property
    def rows_sent(self) -> int:
        """The rows read that say something of their own, total rows not."""
        return self.rows_read - self.total_rows

    @property
    def rows_lost(self) -> int:
        """Those of them that were set aside."""
        return self.rows_rejected - self.total_rows


@dataclass(frozen=True)
class Manifest:
    """All tables that were found, in the contract's order, and the fingerprint of input and settings.

    `rows_stored`: rows of each stored table, fewer than are used where rows of one key were summed. `anonymised`: the
    tables hold pseudonyms; the counts are those of the extract as the client sent it.
    """

    fingerprint: str
    tables: tuple[TableIntake, ...]
    hashes: dict[str, str] = field(default_factory=dict)
    rows_stored: dict[str, int] = field(default_factory=dict)
    anonymised: bool = False

    def table(self, name: str) -> TableIntake | None:
        """What became of table `name`; `None` when it was not sent."""
        return next((t for t in self.tables if t.table == name), None)

    def save(self, store: Path) -> None:
        text = json.dumps(asdict(self), indent=1, ensure_ascii=False)
        write(store / FILE_NAME, text)


def load_manifest(store: Path) -> Manifest | None:
    """The manifest of a store, or `None` when the folder holds none that can be read."""
    path = store / FILE_NAME
    if not path.exists():
        return None
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        return Manifest(**{**raw, "tables": tuple(_table(entry) for entry in raw["tables"])})
    except (ValueError, KeyError, TypeError):
        return None


def _table(entry: dict[str, object]) -> TableIntake:
    lists = {key: tuple(value) for key, value in entry.items() if isinstance(value, list)}
    return TableIntake(**{**entry, **lists})  # type: ignore[arg-type]
