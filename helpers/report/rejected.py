"""The faults in `rejects/`, gathered by table, column and rule: how often, and the first examples of each."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from pathlib import Path

from helpers.plain import plain

EXAMPLES = 3
LONGEST = 60
# The parts of a rule that speak of one case: the nearest value, the date it is held against, the other row, the item's.
OF_ONE_CASE = re.compile(
    r"; (the nearest is '.*?')(?= \(column '|$)| \((\d{4}-\d\d-\d\d)\)|(?<=as )line (\d+)|(?<=in items) \(line (\d+)\)"
)


@dataclass(frozen=True)
class Example:
    """One fault: where it stands, what was found, and what the rule says of this case only."""

    file: str
    line: str
    value: str
    hint: str


@dataclass(frozen=True)
class Fault:
    """Rows or cells of one column that broke one rule; `column` is empty for a record that could not be read.

    The examples are the first of different values.
    """

    table: str
    column: str
    rule: str
    action: str
    count: int
    examples: tuple[Example, ...]


def rejected(rejects: Path) -> list[Fault]:
    """All faults, by table; within one the most frequent first."""
    return [fault for path in sorted(rejects.glob("*.csv")) for fault in _of_table(path)]


def general(rule: str) -> str:
    """A rule without what it says of one case.

    >>> general("not one of A, B; the nearest is 'A'")
    'not one of A, B'
    >>> general("the same row as line 7; one is kept")
    'the same row as another line; one is kept'
    """
    return OF_ONE_CASE.sub(lambda found: "another line" if found[3] else "", rule)


def clipped(value: str, longest: int = LONGEST) -> str:
    """A client's text short enough for a line, without control characters."""
    line = plain(value)
    return f"{line[:longest]}…" if len(line) > longest else line


def _of_table(path: Path) -> list[Fault]:
    counts: dict[tuple[str, str, str], int] = {}
    examples: dict[tuple[str, str, str], dict[str, Example]] = {}
    with path.open(encoding="utf-8-sig", newline="") as lines:
        for row in csv.DictReader(lines):
            kind = (row["column"], general(row["rule"]), row["action"])
            counts[kind] = counts.get(kind, 0) + 1
            shown = examples.setdefault(kind, {})
            if len(shown) < EXAMPLES and row["value"] not in shown:
                shown[row["value"]] = _example(row)
    ranked = sorted(counts, key=lambda kind: -counts[kind])
    return [Fault(path.stem, *kind, counts[kind], tuple(examples[kind].values())) for kind in ranked]


def _example(row: dict[str, str]) -> Example:
    return Example(clipped(row["file"]), row["line"], clipped(row["value"]), clipped(_hint(row["rule"])))


def _hint(rule: str) -> str:
    found = OF_ONE_CASE.search(rule)
    if found is None:
        return ""
    nearest, day, line, item = found.groups()
    if item:
        return f"set aside on line {item} of items"
    return nearest or (f"against {day}" if day else f"as line {line}")
