"""Small pieces of DuckDB SQL: quoting, and what counts as a blank cell."""

from __future__ import annotations

from collections.abc import Iterable

SPACES = " \t\r\n\u00a0\u202f\ufeff"
EMPTY_WORDS = ("NULL", "#N/A")
EMPTY_VALUES = ("NULL", "NAN", "NAT", "<NA>", "N/A", "NONE")


def name(identifier: str) -> str:
    """A quoted identifier."""
    return '"' + identifier.replace('"', '""') + '"'


def text(value: str) -> str:
    """A quoted text literal."""
    return "'" + value.replace("'", "''") + "'"


def texts(values: Iterable[str]) -> str:
    """Quoted text literals between commas."""
    return ", ".join(text(value) for value in values)


def cell(position: int) -> str:
    """The column that holds the client's text of a position of the header."""
    return f"c{position}"


def trimmed(expression: str) -> str:
    """The text without outer spaces; blank is NULL."""
    return f"nullif(trim({expression}, {text(SPACES)}), '')"


def cleaned(expression: str) -> str:
    """A cell as it is loaded: trimmed, and NULL where a database or a spreadsheet wrote its word for empty."""
    shown = trimmed(expression)
    for word in EMPTY_WORDS:
        shown = f"nullif({shown}, {text(word)})"
    return shown


def despaced(expression: str) -> str:
    """The same where only plain spaces can stand outside and the reader has already emptied the words; much faster."""
    return f"nullif(trim({expression}), '')"


def says_empty(expression: str) -> str:
    """Whether a cell that should hold a number, a date or a flag holds a word for empty."""
    return f"upper({expression}) IN ({texts(EMPTY_VALUES)})"
