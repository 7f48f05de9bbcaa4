"""Client strings as a slide can hold them: one line, short enough for its place."""

from __future__ import annotations

import math

from helpers.plain import plain

POINTS = 72
GLYPH = 0.475
LEADING = 1.2


def clip(text: object, length: int) -> str:
    """`text` made plain and cut at the last whole word that leaves room for `…`."""
    said = plain(text)
    if len(said) <= length:
        return said
    head = said[: length - 1]
    whole = head.rpartition(" ")[0]
    return f"{(whole if len(whole) > length // 2 else head).rstrip(' ,;:.')}…"


def sentence(text: str) -> str:
    """`text` with a capital first letter; the others stay as they are."""
    return text[:1].upper() + text[1:]


def lines_of(text: str, width: float, size: float) -> int:
    """How many lines `text` takes in a column of `width` inches at `size` points, by the average glyph."""
    return max(1, math.ceil(len(text) / _a_line(width, size)))


def fitted(text: object, width: float, size: float, lines: int) -> str:
    """`text` clipped to `lines` lines of `width` inches at `size` points."""
    return clip(text, lines * _a_line(width, size) - 2)


def inches(lines: float, size: float) -> float:
    """The height of `lines` lines at `size` points."""
    return lines * size * LEADING / POINTS


def _a_line(width: float, size: float) -> int:
    return max(4, int(width * POINTS / (size * GLYPH)))
