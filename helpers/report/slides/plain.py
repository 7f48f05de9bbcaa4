"""Client strings as a slide can hold them: one line, nothing that XML or a screen would trip over, short enough."""

from __future__ import annotations

import math

POINTS = 72
GLYPH = 0.475
LEADING = 1.2


def plain(text: object) -> str:
    """`text` on one line: control characters become spaces, other characters that cannot be shown are left out."""
    said = str(text)
    kept = (char if char.isprintable() else " " if char.isspace() or char < " " else "" for char in said)
    return " ".join("".join(kept).split())


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
