"""Two sets of findings number by number: every number of one beside that of the other, texts and verdicts too."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

RELATIVE = 1e-9


@dataclass
class Compared:
    """How many numbers were compared, the largest relative difference, and what differs."""

    numbers: int = 0
    largest: float = 0.0
    different: list[str] = field(default_factory=list)


def compare(one: Any, other: Any) -> Compared:
    """Compare two JSON documents, all the way down."""
    result = Compared()
    for place, left, right in _pairs(one, other, ""):
        if isinstance(left, int | float) and isinstance(right, int | float) and not isinstance(left, bool):
            result.numbers += 1
            result.largest = max(result.largest, abs(left - right) / max(abs(left), abs(right), 1e-300))
            if not math.isclose(left, right, rel_tol=RELATIVE, abs_tol=0.0):
                result.different.append(f"{place}: {left!r} and {right!r}")
        elif left != right:
            result.different.append(f"{place}: {left!r} and {right!r}")
    return result


def _pairs(one: Any, other: Any, place: str) -> Iterator[tuple[str, Any, Any]]:
    if isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys():
        for key in one:
            yield from _pairs(one[key], other[key], f"{place}.{key}")
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for index, (left, right) in enumerate(zip(one, other, strict=True)):
            yield from _pairs(left, right, f"{place}[{index}]")
    else:
        yield place, one, other
