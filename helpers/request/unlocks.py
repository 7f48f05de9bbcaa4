"""What each table unlocks, worked out from the paths the signs declare.

A table enters a sign at the lowest level one of whose paths names it: with a table of the minimum path the sign can be
begun, with one of the full path it is measured better.
"""

from __future__ import annotations

from collections.abc import Sequence

from helpers import contract
from helpers.evidence import LEVELS, Path, Sign

WORDS = {"full": "full", "reduced": "reduced", "minimum": "minimum path"}
NOTHING = "–"
ONE_OF_SEVERAL = " *"


def matrix(signs: Sequence[Sign]) -> dict[str, tuple[str, ...]]:
    """A row a table of the contract, a cell a sign."""
    return {table.name: tuple(unlocks(sign, table.name) for sign in signs) for table in contract.TABLES}


def unlocks(sign: Sign, table: str) -> str:
    """The lowest level at which the sign uses the table; starred where another table would do as well."""
    for level in reversed(LEVELS):
        needs = [need for path in sign.paths if path.level == level for need in path.needs]
        naming = [tables_of(need) for need in needs if table in tables_of(need)]
        if naming:
            return WORDS[level] + ("" if {table} in naming else ONE_OF_SEVERAL)
    return NOTHING


def tables_of(need: str) -> set[str]:
    """The tables of which one meets the need: `a.x | b` gives a and b."""
    return {option.strip().partition(".")[0] for option in need.split("|")}


def in_words(path: Path) -> str:
    """The needs of a path in one line: `items.unit_cost or financials; order_lines`."""
    return "; ".join(" or ".join(option.strip() for option in need.split("|")) for need in path.needs)
