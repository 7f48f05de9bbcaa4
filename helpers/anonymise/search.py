"""Searches for many names at once, as whole words, whatever the case, the accents and the signs between the words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator

BREAK = "\x1f"  # stands where one text ends and another begins; no name reaches across
# A decimal number is one word: its digits after the point are no number of an order.
TOKEN = re.compile(r"\d+(?:\.\d+)+(?![^\W_])|[^\W_]+|\x1f")
SHORTEST = 3
LONGEST_PLAIN_CODE = 5


def tokens(text: str) -> list[str]:
    """The words of a text, folded.

    >>> tokens("Süd-Line 4")
    ['sud', 'line', '4']
    """
    return TOKEN.findall(fold(text))


def fold(text: str) -> str:
    """Without case and accents."""
    if text.isascii():
        return text.lower()
    parts = unicodedata.normalize("NFKD", text.casefold())
    return "".join(sign for sign in parts if not unicodedata.combining(sign))


def phrase(text: str) -> str:
    """The words of a text with one blank between: what is searched for."""
    return " ".join(tokens(text))


def is_distinct(text: str) -> bool:
    """Whether a name can be told from other text at all.

    Too short is a name of fewer than three letters and digits; a plain number could be any figure, unless it leads with
    zeros and has five digits at least, as numbers of materials do.
    """
    words = tokens(text)
    joined = "".join(words)
    if len(joined) < SHORTEST:
        return False
    if all(word.replace(".", "").isdigit() for word in words):
        return len(words) == 1 and joined.startswith("0") and joined.isdigit() and len(joined) >= LONGEST_PLAIN_CODE
    return True


class Index:
    """Phrases to look for; a text is read once, whatever their number."""

    def __init__(self, phrases: Iterable[str]) -> None:
        self._phrases = frozenset(filter(None, phrases))
        self._lengths: dict[str, set[int]] = {}
        for wanted in self._phrases:
            words = wanted.split(" ")
            self._lengths.setdefault(words[0], set()).add(len(words))

    def found(self, words: list[str]) -> Iterator[str]:
        """The phrases that stand in `words`, as often as they do."""
        lengths = self._lengths
        for place, word in enumerate(words):
            for length in lengths.get(word, ()):
                candidate = word if length == 1 else " ".join(words[place : place + length])
                if candidate in self._phrases:
                    yield candidate
