"""Texts that the kit reads words from: what it would find in them stays, the rest is withheld."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from importlib import import_module
from pkgutil import iter_modules

import helpers.measures
import helpers.signs
from helpers.anonymise.book import Book
from helpers.anonymise.kinds import SUBJECTS
from helpers.anonymise.ordinary import is_common, is_role
from helpers.anonymise.search import Index, phrase, tokens
from helpers.measures.objectives import kpi_group
from helpers.measures.parameter_values import DAYS_IN
from helpers.measures.rules import situations_named
from helpers.measures.sequence import PLANNED_REASONS
from helpers.settings import KpiGroup, KpiWords, Settings

WITHHELD = "text withheld"
FUNCTIONS = ("sales", "operations", "procurement", "finance")
UNITS = ("h", "hour", *DAYS_IN)
# In words of the client's own that are replaced, what the kit looks for in them.
LOOKED_FOR = {
    "reason": re.compile("|".join(PLANNED_REASONS)),
    "function": re.compile("supplier|vendor"),
    "unit": re.compile(rf"\b(?:{'|'.join(UNITS)})(?=s?\b)"),
}
SHORT_NUMBER = 6


@cache
def stems() -> tuple[str, ...]:
    """The stems that topics of decisions are searched for: every constant `…_WORDS` of the measures and the signs."""
    found = {stem for words in word_lists() for stem in words.split("|")}
    return (*sorted(found), *FUNCTIONS)


def word_lists() -> set[str]:
    """The regular expressions themselves; each is made of plain stems."""
    modules = [
        import_module(f"{package.__name__}.{entry.name}")
        for package in (helpers.measures, helpers.signs)
        for entry in iter_modules(package.__path__)
    ]
    named = (value for module in modules for name, value in vars(module).items() if name.endswith("_WORDS"))
    return {value for value in named if isinstance(value, str)}


class Topics:
    """Rewrites topics of decisions: stems the kit looks for, and pseudonyms of what a topic names."""

    def __init__(self, book: Book) -> None:
        self._names: dict[str, list[str]] = {}
        for entry in book.entries.values():
            if entry.kind in SUBJECTS:
                self._names.setdefault(phrase(entry.original), []).append(entry.pseudonym)
        self._index = Index(self._names)

    def rewritten(self, topic: str) -> str:
        """The topic in words that name nobody."""
        said = topic.lower()
        named = dict.fromkeys(name for found in self._index.found(tokens(topic)) for name in self._names[found])
        return ", ".join([*(stem for stem in stems() if stem in said), *named]) or WITHHELD


def situation(text: str, settings: Settings) -> str:
    """The codes of the situations a rule speaks of."""
    return ", ".join(situations_named(text, settings)) or WITHHELD


def stays(kind: str, text: str, settings: Settings, names: Index) -> bool:
    """Whether a word of the client's own may stay: it is ordinary, and holds no name."""
    if kind == "position":
        return text.isdigit() and len(text) <= SHORT_NUMBER
    if any(names.found(tokens(text))):
        return False
    if kind == "person":
        return is_role(text)
    if kind == "kpi" and kpi_group(text, settings) != kpi_group(text, Settings()):
        return False
    return is_common(text)


def word(kind: str, text: str, pseudonym: str) -> str:
    """What stands for a word that does not stay: its pseudonym, with what the kit looks for in it."""
    looked_for = LOOKED_FOR.get(kind)
    found = dict.fromkeys(looked_for.findall(text.lower())) if looked_for else {}
    return ", ".join([*found, pseudonym] if kind == "unit" else [pseudonym, *found])


def kpi_words(kpis: Iterable[str], book: Book, settings: Settings) -> dict[KpiGroup, KpiWords]:
    """The groups of replaced KPIs, told by their pseudonyms."""
    words: dict[KpiGroup, KpiWords] = {}
    for kpi in sorted(kpis):
        group, sense = kpi_group(kpi, settings)
        if group:
            own = (book.of("kpi", kpi),)
            add = KpiWords(maximise=own) if sense > 0 else KpiWords(minimise=own)
            words[group] = words.get(group, KpiWords()) + add
    return words
