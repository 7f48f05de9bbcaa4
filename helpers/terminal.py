"""What the command line says and how: results on stdout, progress and errors on stderr, client text never as markup."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from helpers.plain import legible, plain

if TYPE_CHECKING:
    from helpers.compare import Comparison, Row
    from helpers.intake import Line
    from helpers.intake.sources import Source
    from helpers.manifest import Manifest, TableIntake
    from helpers.settings import Settings

OUT = Console(highlight=False)
ERR = Console(stderr=True, highlight=False)


@dataclass(frozen=True)
class Gap:
    """Something not sent: what to ask for, the signs it would make assessable, and those it would measure better.

    `came` says what became of it: it may have been sent and not be usable.
    """

    need: str
    unlocks: tuple[str, ...] = ()
    sharpens: tuple[str, ...] = ()
    came: str = "not sent"


class Progress:
    """Called with what the kit is at: one line that changes on a terminal, a line each elsewhere."""

    def __init__(self) -> None:
        self._status = ERR.status("") if ERR.is_terminal else None
        self._step = "the start"

    def __call__(self, step: str) -> None:
        self._step = plain(step)
        if self._status:
            self._status.update(_safe(self._step))
        else:
            ERR.print(_safe(f"  {self._step}"), soft_wrap=True)

    @contextmanager
    def running(self) -> Iterator[Progress]:
        """Shown from here until the block ends; what breaks off inside bears the step it was at as a note."""
        with self._status or nullcontext():
            try:
                yield self
            except Exception as error:
                error.add_note(self._step)
                raise


def say(message: str) -> None:
    """One result, on stdout."""
    OUT.print(_safe(message), soft_wrap=True)


def complain(message: str) -> None:
    """One message on stderr."""
    ERR.print(_safe(message, "red" if ERR.is_terminal else ""), soft_wrap=True)


def shown(path: Path) -> str:
    """The path as the user would type it here: relative where it lies below the working folder."""
    absolute, here = path.resolve(), Path.cwd()
    return str(absolute.relative_to(here)) if absolute.is_relative_to(here) else str(path)


def show_intake(lines: Sequence[Line]) -> None:
    """A line a table: rows read, used and set aside, cells emptied, what to know; then why some cannot be used."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("table", no_wrap=True)
    for heading in ("read", "used", "set aside", "cells emptied"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("note", overflow="fold")
    for line in lines:
        counts = (line.read, line.used, line.set_aside, line.cells_emptied)
        note = "set aside whole: see below" if line.problem else line.note
        table.add_row(line.table, *(f"{count:,}" for count in counts), _safe(plain(note)))
    OUT.print(table)
    for line in lines:
        if line.problem:
            say(plain(f"{line.table}: set aside whole: {line.problem}"))


def show_unread(sources: Mapping[str, Source], manifest: Manifest, strangers: Iterable[tuple[str, str | None]]) -> None:
    """Files that were not read, and tables that hold no rows."""
    for table, source in sources.items():
        if manifest.table(table) is None:
            say(f"{table}: {source.label} holds no rows; counted as not sent")
    for name, nearest in strangers:
        say(f"not read: {plain(name)}" + (f"; did you mean {nearest}?" if nearest else ""))


def show_gaps(gaps: Iterable[Gap]) -> None:
    """What to ask the client for, a line a table, what makes a sign assessable first."""
    by_table: dict[tuple[str, str], list[str]] = {}
    for gap in sorted(gaps, key=lambda gap: (not gap.unlocks, gap.need)):
        table, _, column = gap.need.partition(".")
        gains = [f"makes {', '.join(gap.unlocks)} assessable"] if gap.unlocks else []
        gains += [f"measures {', '.join(gap.sharpens)} better"] if gap.sharpens else []
        by_table.setdefault((gap.came, table), []).append(f"{column} {' and '.join(gains)}".lstrip())
    for (came, table), listed in by_table.items():
        say(plain(f"{came}: {table}: {'; '.join(listed)}"))


def show_sources(manifest: Manifest, settings: Settings) -> None:
    """What was mapped from files, columns and constants of other names, and the columns that were left alone."""
    for entry in manifest.tables:
        mapped = settings.tables.get(entry.table)
        said = [f"from {', '.join(entry.files)}"] if mapped else []
        said += [f"{ours} is '{theirs}'" for ours, theirs in mapped.columns.items()] if mapped else []
        said += [f"{ours} is always {value}" for ours, value in mapped.constants.items()] if mapped else []
        said += [f"not used: {', '.join(_unused(entry))}"] if entry.ignored_columns else []
        if said:
            say(plain(f"{entry.table}: {'; '.join(said)}"))


def _unused(entry: TableIntake) -> list[str]:
    from helpers.intake.mapping import look_alikes

    meant = {theirs: f" (did you mean {ours}?)" for ours, theirs in look_alikes(entry).items()}
    return [f"{name}{meant.get(name, '')}" for name in entry.ignored_columns]


def show_rejects(rejects: Path) -> None:
    """Faults of rows and cells by table and rule, most frequent first, each with its first example."""
    from helpers.intake.rejects import TABLE
    from helpers.report.rejected import rejected

    for fault in rejected(rejects):
        if fault.action == TABLE:  # said with the counts of the table
            continue
        first = fault.examples[0]
        where = f"{first.file} line {first.line}, {fault.column}: '{first.value}'"
        where += f" {first.hint}" if first.hint else ""
        say(plain(f"{fault.table}: {fault.count:,} × {fault.rule} ({fault.action}). First: {where}"))


def show_comparison(comparison: Comparison) -> None:
    """Two runs: which they are, what changed in words, the table, and what is not like for like."""
    from helpers.compare import BY_ORIGIN, points, rows

    for name, run in (("Before", comparison.before), ("Now", comparison.after)):
        say(plain(f"{name}: {run.client}, as of {run.as_of}, kit {run.kit_version}. {run.message or ''}"))
    for heading, text in points(comparison):
        say(plain(f"{heading}: {text}"))
    listed = rows(comparison)
    _show_changes(listed, comparison.after.currency if comparison.same_money else None)
    if any(row.cost.endswith("*") for row in listed):
        say(BY_ORIGIN)
    for row in listed:
        if row.notes:
            say(plain(f"{row.title}: {'; '.join(row.notes)}"))
    for caveat in comparison.caveats:
        say(plain(f"Not like for like: {caveat}"))


def _show_changes(listed: Iterable[Row], currency: str | None) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading, narrowest in (("sign", 12), ("change", 9), ("status", 10), ("strength", 4), ("first warning", 7)):
        table.add_column(heading, overflow="fold", min_width=narrowest)
    for heading in ("cost", "avoidable"):
        table.add_column(_safe(f"{heading}, {currency}" if currency else heading), overflow="fold")
    for row in listed:
        cells = (row.title, row.change, row.status, row.strength, row.first_warning, row.cost, row.avoidable)
        table.add_row(*map(_safe, cells))
    OUT.print(table)


def show_plan(plan: Mapping[str, Any]) -> None:
    """Of `scenarios.json`: whether the approved plan can be executed, scenarios side by side, rules replayed."""
    from helpers.charts.numbers import MISSING, number

    say(plain(plan["feasibility"]["message"]))
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("scenario", overflow="fold", min_width=12)
    table.add_column("", overflow="fold")
    for heading in ("service", "critical", "margin", "capital", "rescues"):
        table.add_column(heading, justify="right", no_wrap=True)
    for row in plan["scenarios"]:
        shares = (MISSING if row[name] is None else f"{row[name]:.1%}" for name in ("service", "critical"))
        money = (number(row[name]) for name in ("margin", "capital", "compensation"))
        table.add_row(_safe(plain(row["key"])), _safe(plain(row["title"])), *shares, *money)
    OUT.print(table)
    say(plain(plan["replay"]["message"]))
    for sentence in plan["simplified"]:
        say(plain(f"Taken as: {sentence}"))


def _safe(text: str, style: str = "") -> Text:
    """What any text goes through on its way to a terminal, which would obey control characters."""
    return Text(legible(text), style=style)
