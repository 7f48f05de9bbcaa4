"""Splits delimited text into records and keeps the line each one starts on.

DuckDB reads a well-formed file faster; this reads what it refuses, and says exactly where.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

QUOTE = '"'
LONGEST_RECORD = 200  # lines; a quotation mark open for longer was never meant to span lines

csv.field_size_limit(2**31 - 1)


@dataclass(frozen=True)
class Record:
    """One record: the line it starts on, its fields, and the reason why it cannot be read, if any."""

    line: int
    fields: list[str]
    fault: str | None = None


def records(lines: Iterable[str], delimiter: str, first_line: int = 1) -> Iterator[Record]:
    """The records of `lines`; blank lines are left out, a quoted field may span lines."""
    waiting = _Pushback(lines, first_line)
    for number, line in waiting:
        if QUOTE not in line:
            if line.strip():
                yield Record(number, line.rstrip("\r\n").split(delimiter))
        else:
            yield _quoted(number, line, waiting, delimiter)


class _Pushback:
    """Numbered lines that can be handed back after looking ahead."""

    def __init__(self, lines: Iterable[str], first_line: int) -> None:
        self._lines = enumerate(lines, first_line)
        self._returned: list[tuple[int, str]] = []

    def __iter__(self) -> Iterator[tuple[int, str]]:
        while (following := self.take()) is not None:
            yield following

    def take(self) -> tuple[int, str] | None:
        return self._returned.pop() if self._returned else next(self._lines, None)

    def give_back(self, lines: list[tuple[int, str]]) -> None:
        self._returned += reversed(lines)


def _quoted(number: int, line: str, waiting: _Pushback, delimiter: str) -> Record:
    state = _state(line, delimiter)
    if state != "open":
        return Record(number, _split(line, delimiter))
    ahead: list[tuple[int, str]] = []
    whole = line
    while state == "open" and len(ahead) < LONGEST_RECORD and (following := waiting.take()) is not None:
        ahead.append(following)
        whole += following[1]
        state = _state(whole, delimiter) if QUOTE in following[1] else state
    if state == "whole":
        return Record(number, _split(whole, delimiter))
    waiting.give_back(ahead)
    return Record(number, [line.rstrip("\r\n")], "a quotation mark is opened and not closed")


def _state(text: str, delimiter: str) -> str:
    """`whole`; `open` when a quoted field goes on; `odd` when text follows a closing quotation mark."""
    try:
        next(csv.reader([text], delimiter=delimiter, strict=True))
    except csv.Error as error:
        return "open" if "unexpected end of data" in str(error) else "odd"
    return "whole"


def _split(text: str, delimiter: str) -> list[str]:
    return next(csv.reader([text], delimiter=delimiter))
