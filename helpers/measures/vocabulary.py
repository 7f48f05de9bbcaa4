"""A client's own phrases beside the words of the kit: which KPI, which trade-off situation is meant."""

from __future__ import annotations

import re
from collections.abc import Iterable


def bare_words(text: str) -> str:
    """Lower case, one blank between words: `On-time  (OTIF)` and `on time otif` are the same."""
    return re.sub(r"[\W_]+", " ", text.lower()).strip()


def longest_match(text: str, phrases: Iterable[str]) -> int:
    """Length of the longest of `phrases` that stands in `text` as whole words, a plural included; 0 for none.

    Examples
    --------
    >>> longest_match("Stock-outs per month", ["stock out", "stock"])
    9
    >>> longest_match("Returns", ["turn"])
    0
    """
    said = bare_words(text)
    found = (phrase for phrase in map(bare_words, phrases) if re.search(rf"\b{re.escape(phrase)}(s|es)?\b", said))
    return max(map(len, found), default=0)
