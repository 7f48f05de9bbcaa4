"""Client strings as files can hold them: nothing that XML or a screen would trip over. The one place that says what."""

from __future__ import annotations

import os
import re
from pathlib import Path

UNSURE = re.compile(r"[^\n -~]")
TURNING = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
# A spreadsheet runs what begins like this; some take a semicolon or a tab for the end of a cell. For DuckDB as well.
RUN = "((?:^|[;\\t\\r\\n])[;\\t\\r\\n]*)([=+\\-@|＝＋－＠])"
PLAIN_NUMBER = "[+-]?\\d+([.,]\\d+)*"


def legible(text: object) -> str:
    r"""`text` with its line breaks: other control characters become spaces, what cannot be shown is left out.

    >>> legible("Line\x0b4\ufffe")
    'Line 4'
    """
    return UNSURE.sub(_shown, str(text))


def _shown(found: re.Match[str]) -> str:
    char = found[0]
    return char if char.isprintable() else " " if char.isspace() or char < " " else ""


def straight(text: str) -> str:
    """`text` as a page can hold it: without controls, and without marks behind which all the rest reads backwards."""
    return TURNING.sub("", text)


def inert(text: str) -> str:
    r"""`text` as a CSV file can hold it: an apostrophe before what a spreadsheet would run; plain numbers stay.

    >>> inert("=1+1"), inert("-5"), inert("x;=1+1"), inert("\t\n=1+1")
    ("'=1+1", '-5', "x;'=1+1", "\t\n'=1+1")
    """
    return text if re.fullmatch(PLAIN_NUMBER, text) else re.sub(RUN, r"\1'\2", text)


def plain(text: object) -> str:
    """`text` made legible, on one line, with single blanks."""
    return " ".join(legible(text).split())


def file_name(path: Path) -> str:
    r"""The name of a file as text that can be written down: bytes that are no UTF-8 show as `\xff`."""
    return os.fsencode(path.as_posix()).decode("utf-8", "backslashreplace")


def is_text(path: Path) -> bool:
    """Whether a path can be written down as it is: every name in it is UTF-8."""
    return file_name(path) == path.as_posix()
