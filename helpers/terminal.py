"""What the command line says and how: results on stdout, progress and errors on stderr, client text never as markup."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from helpers.intake import Line
    from helpers.intake.sources import Source
    from helpers.manifest import Manifest
    from helpers.settings import Settings

OUT = Console(highlight=False)
ERR = Console(stderr=True, highlight=False)


@dataclass(frozen=True)
class Gap:
    """Something not sent: what to ask for, the signs it would make assessable, and those it would measure better."""

    need: str
    unlocks: tuple[str, ...] = ()
    sharpens: tuple[str, ...] = ()


class Progress:
    """Called with what the kit is at: one line that changes on a terminal, a line each elsewhere."""

    def __init__(self) -> None:
        self._status = ERR.status("") if ERR.is_terminal else None

    def __call__(self, step: str) -> None:
        if self._status:
            self._status.update(Text(step))
        else:
            ERR.print(Text(f"  {step}"), soft_wrap=True)

    @contextmanager
    def running(self) -> Iterator[Progress]:
        """Shown from here until the block ends."""
        if self._status:
            with self._status:
                yield self
        else:
            yield self


def say(message: str) -> None:
    """One result, on stdout."""
    OUT.print(Text(message), soft_wrap=True)


def complain(message: str) -> None:
    """One message on stderr."""
    ERR.print(Text(message, style="red" if ERR.is_terminal else ""), soft_wrap=True)


def shown(path: Path) -> str:
    """The path as the user would type it here: relative where it lies below the working folder."""
    absolute, here = path.resolve(), Path.cwd()
    return str(absolute.relative_to(here)) if absolute.is_relative_to(here) else str(path)


def show_intake(lines: Iterable[Line]) -> None:
    """A line a table: rows read, used and set aside, cells emptied, and what to know."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("table", no_wrap=True)
    for heading in ("read", "used", "set aside", "cells emptied"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("note", overflow="fold")
    for line in lines:
        counts = (line.read, line.used, line.set_aside, line.cells_emptied)
        table.add_row(Text(line.table), *(f"{count:,}" for count in counts), Text(line.note))
    OUT.print(table)


def show_unread(sources: Mapping[str, Source], manifest: Manifest, strangers: Iterable[tuple[str, str | None]]) -> None:
    """Files that were not read, and tables that hold no rows."""
    for table, source in sources.items():
        if manifest.table(table) is None:
            say(f"{table}: {source.label} holds no rows; counted as not sent")
    for name, nearest in strangers:
        say(f"not read: {name}" + (f"; did you mean {nearest}?" if nearest else ""))


def show_gaps(gaps: Iterable[Gap]) -> None:
    """What to ask the client for, what makes a sign assessable first."""
    for gap in sorted(gaps, key=lambda gap: (not gap.unlocks, gap.need)):
        gains = [f"makes {', '.join(gap.unlocks)} assessable"] if gap.unlocks else []
        gains += [f"measures {', '.join(gap.sharpens)} better"] if gap.sharpens else []
        say(f"not sent: {gap.need}: {'; '.join(gains)}")


def show_sources(manifest: Manifest, settings: Settings) -> None:
    """What was mapped from files, columns and constants of other names, and the columns that were left alone."""
    for entry in manifest.tables:
        mapped = settings.tables.get(entry.table)
        said = [f"from {', '.join(entry.files)}"] if mapped else []
        said += [f"{ours} is '{theirs}'" for ours, theirs in mapped.columns.items()] if mapped else []
        said += [f"{ours} is always {value}" for ours, value in mapped.constants.items()] if mapped else []
        said += [f"not used: {', '.join(entry.ignored_columns)}"] if entry.ignored_columns else []
        if said:
            say(f"{entry.table}: {'; '.join(said)}")


def show_rejects(rejects: Path) -> None:
    """Faults by table and rule, most frequent first, each with its first example."""
    for path in sorted(rejects.glob("*.csv")):
        counts, examples = _faults(path)
        for (rule, action), count in counts.most_common():
            first = examples[rule, action]
            where = f"{first['file']} line {first['line']}, {first['column']}: {_printable(first['value'])}"
            say(f"{path.stem}: {count:,} × {rule} ({action}). First: {where}")


def _faults(path: Path) -> tuple[Counter[tuple[str, str]], dict[tuple[str, str], dict[str, str]]]:
    counts: Counter[tuple[str, str]] = Counter()
    examples: dict[tuple[str, str], dict[str, str]] = {}
    with path.open(encoding="utf-8-sig", newline="") as lines:
        for fault in csv.DictReader(lines):
            kind = (fault["rule"], fault["action"])
            counts[kind] += 1
            examples.setdefault(kind, fault)
    return counts, examples


def _printable(value: str, longest: int = 60) -> str:
    """A client's value on one line: control characters, which a terminal would obey, are left out."""
    plain = "".join(character for character in value if character.isprintable())
    return f"'{plain[:longest]}…'" if len(plain) > longest else f"'{plain}'"
