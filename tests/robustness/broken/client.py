"""The small client in a folder of its own, where tables can be written anew; the others are second names of files."""

from __future__ import annotations

import csv
import gzip
import os
import shutil
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from tests.robustness.broken.grid import Grid, read_grid

SETTINGS = "settings.yaml"
NEEDED = ("items", "actual_demand")  # what a client must hold at least to be taken in


@dataclass(frozen=True)
class Good:
    """The unbroken client."""

    folder: Path

    @cached_property
    def grids(self) -> dict[str, Grid]:
        """All tables by name."""
        return {path.stem: read_grid(path) for path in sorted(self.folder.glob("*.csv"))}

    def copy(self, folder: Path, tables: Collection[str] | None = None) -> Copy:
        """The client, or some of its tables beside those that are always needed, in the new `folder`."""
        folder.mkdir(parents=True)
        for path in self.folder.iterdir():
            if tables is None or path.stem in (*tables, *NEEDED):
                _second_name(path, folder / path.name)
        (folder / SETTINGS).unlink(missing_ok=True)
        shutil.copy(self.folder / SETTINGS, folder / SETTINGS)
        return Copy(folder, self)


@dataclass
class Copy:
    """A copy that may be broken. `counts` says of each table written anew how to count its rows."""

    folder: Path
    good: Good
    counts: dict[str, Callable[[], int]] = field(default_factory=dict)

    @property
    def tables(self) -> list[str]:
        """The tables that lie there under their own names."""
        return [name for name in self.good.grids if (self.folder / f"{name}.csv").exists()]

    def grid(self, table: str) -> Grid:
        """A table of the unbroken client."""
        return self.good.grids[table]

    def write(
        self,
        table: str,
        grid: Grid | None = None,
        *,
        name: str | None = None,
        delimiter: str = ",",
        newline: str = "\n",
        encoding: str = "utf-8",
        quoting: int = csv.QUOTE_MINIMAL,
        head: str = "",
        foot: str = "",
    ) -> Path:
        """Write a table anew as delimited text; `head` and `foot` are lines before and after it."""
        text = head + (self.grid(table) if grid is None else grid).text(delimiter, newline, quoting) + foot
        return self.raw(name or f"{table}.csv", text.encode(encoding), table)

    def raw(self, name: str, content: bytes | str, table: str | None = None) -> Path:
        """Write a file anew; in place of that of a table, where it is one."""
        if table:
            (self.folder / f"{table}.csv").unlink(missing_ok=True)
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        content = content.encode() if isinstance(content, str) else content
        path.write_bytes(gzip.compress(content, mtime=0) if name.endswith(".gz") else content)
        return path

    def remove(self, *tables: str) -> None:
        """Leave tables out."""
        for table in tables:
            (self.folder / f"{table}.csv").unlink()

    def settings(self, **more: Any) -> None:
        """The client's settings with more keys."""
        known = yaml.safe_load((self.good.folder / SETTINGS).read_text(encoding="utf-8"))
        self.raw(SETTINGS, yaml.safe_dump({**known, **more}, allow_unicode=True))

    def mapped(self, name: str, /, **more: Any) -> None:
        """The client's settings with a word about one table."""
        self.settings(tables={name: more})


def _second_name(path: Path, name: Path) -> None:
    try:
        os.link(path, name)
    except OSError:
        shutil.copy(path, name)
