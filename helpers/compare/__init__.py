"""Two runs beside each other: what is new, gone, better, worse or unchanged, and what cannot be compared.

It reads saved findings only, never a client's data.

Glossary
    before, after   the two runs, in the order in which they were named
    kind            what became of a sign from one run to the other
    apart           a sign that at least one of the runs could not assess: neither better nor worse
    caveat          what keeps the two runs from being like for like
"""

from helpers.compare.comparison import Comparison, compare, document
from helpers.compare.saved import FINDINGS, load, recorded, settings_recorded
from helpers.compare.words import BY_ORIGIN, Row, points, rows

__all__ = [
    "BY_ORIGIN",
    "FINDINGS",
    "Comparison",
    "Row",
    "compare",
    "document",
    "load",
    "points",
    "recorded",
    "rows",
    "settings_recorded",
]
