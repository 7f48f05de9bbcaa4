"""The kinds of names, what their pseudonyms are called, and which texts count as the same name."""

from __future__ import annotations

from collections.abc import Iterator

from helpers import contract
from helpers.contract import Column, Table
from helpers.measures.vocabulary import bare_words

# Word and digits of a pseudonym. None holds a word that the kit looks for in topics, hence "Vendor" for a supplier.
LABELS: dict[str, tuple[str, int]] = {
    "family": ("Family", 2),
    "item": ("Item", 4),
    "resource": ("Resource", 2),
    "supplier": ("Vendor", 2),
    "customer": ("Customer", 4),
    "segment": ("Segment", 2),
    "location": ("Location", 2),
    "order": ("Order", 6),
    "position": ("Position", 2),
    "rule": ("Rule", 2),
    "assumption": ("Assumption", 2),
    "decision": ("Decision", 4),
    "event": ("Event", 3),
    "subject": ("Subject", 2),
    "person": ("Person", 2),
    "function": ("Function", 2),
    "reason": ("Reason", 2),
    "unit": ("Unit", 2),
    "step": ("Step", 2),
    "kpi": ("KPI", 2),
}
# One text that names things of several kinds keeps one pseudonym, that of the first kind: what was equal stays equal.
THINGS = (
    *("family", "item", "resource", "supplier", "customer", "segment", "location", "order"),
    *("rule", "assumption", "decision", "event", "subject"),
)
SUBJECTS = ("family", "item", "resource", "supplier", "subject")
WORDS = ("position", "person", "function", "reason", "unit", "step", "kpi")
TEXTS = ("topic", "situation", "remark")


def space(kind: str) -> str:
    """Where a name must be unique: all things together, each other kind on its own."""
    return "thing" if kind in THINGS else kind


def normal(kind: str, text: str) -> str:
    """What the kit takes for the same: things by the letter, people and words in any case, KPIs by their words."""
    if kind in THINGS:
        return text
    return bare_words(text) if kind == "kpi" else text.strip().casefold()


def named_columns(*kinds: str) -> Iterator[tuple[Table, Column]]:
    """The columns of the contract that hold names of these kinds; all texts that are named without any."""
    for table in contract.TABLES:
        for column in table.columns:
            if column.names and (not kinds or column.names in kinds):
                yield table, column
