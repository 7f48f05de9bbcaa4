"""Client strings as files can hold them: nothing that XML or a screen would trip over. The one place that says what."""

from __future__ import annotations


def legible(text: object) -> str:
    r"""`text` with its line breaks: other control characters become spaces, what cannot be shown is left out.

    >>> legible("Line\x0b4\ufffe")
    'Line 4'
    """
    kept = (char if char.isprintable() or char == "\n" else " " if _is_gap(char) else "" for char in str(text))
    return "".join(kept)


def _is_gap(char: str) -> bool:
    return char.isspace() or char < " "


def plain(text: object) -> str:
    """`text` made legible, on one line, with single blanks."""
    return " ".join(legible(text).split())
