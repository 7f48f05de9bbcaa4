"""The book of names: which pseudonym stands for which name, in an order that only the secret explains."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from secrets import token_hex

from helpers.anonymise.kinds import LABELS, normal, space

REPLACED, UNPROVABLE, FOUND, ORDINARY = "replaced", "not provable", "found", "ordinary"


@dataclass(frozen=True)
class Entry:
    """One name of a kind with its pseudonym, and what the proof could say of it."""

    kind: str
    original: str
    pseudonym: str
    proof: str = REPLACED


def client_names(book: Book) -> list[str]:
    """What the client calls itself: never ordinary, whatever the kit says."""
    return [entry.original for entry in book.entries.values() if entry.kind == "client"]


@dataclass
class Book:
    """Names and pseudonyms; a new one has a secret of its own, one that was read goes on where it ended."""

    secret: str = field(default_factory=lambda: token_hex(16))
    entries: dict[tuple[str, str], Entry] = field(default_factory=dict)

    def enter(self, named: dict[str, set[str]]) -> None:
        """Give a pseudonym to every name that has none: `named` holds the names of each kind, first kinds first.

        Numbers that occur among the names themselves are passed over: a pseudonym is nobody's name.
        """
        taken = {text.casefold() for texts in named.values() for text in texts}
        taken |= {entry.original.casefold() for entry in self.entries.values()}
        for kind in LABELS:
            fresh = {(space(kind), normal(kind, text)): text for text in sorted(named.get(kind, ()))}
            new = [(key, text) for key, text in fresh.items() if key not in self.entries]
            self._number(kind, sorted(new, key=lambda pair: self._shuffled(pair[1])), taken)

    def of(self, kind: str, text: str) -> str:
        """The pseudonym of a name that was entered; `KeyError` for any other."""
        return self.entries[space(kind), normal(kind, text)].pseudonym

    def has(self, kind: str, text: str) -> bool:
        """Whether a name was entered."""
        return (space(kind), normal(kind, text)) in self.entries

    def also(self, kind: str, text: str, pseudonym: str) -> None:
        """Note a further name that is replaced by `pseudonym`; one that stands in the book already is left."""
        self.entries.setdefault((f"also {kind}", text), Entry(kind, text, pseudonym))

    def mark(self, originals: Iterable[str], proof: str) -> None:
        """Note what the proof said of some names; what a person declared ordinary stays so."""
        wanted = set(originals)
        for key, entry in self.entries.items():
            if entry.original in wanted and entry.proof != ORDINARY:
                self.entries[key] = replace(entry, proof=proof)

    def _number(self, kind: str, new: list[tuple[tuple[str, str], str]], taken: set[str]) -> None:
        label, width = LABELS[kind]
        used = [e.pseudonym for e in self.entries.values() if e.kind == kind and e.pseudonym.startswith(f"{label} ")]
        count = max((int(pseudonym.rpartition(" ")[2]) for pseudonym in used), default=0)
        for key, text in new:
            count += 1
            while f"{count:0{width}}" in taken or f"{label} {count:0{width}}".casefold() in taken:
                count += 1
            self.entries[key] = Entry(kind, text, f"{label} {count:0{width}}")

    def _shuffled(self, text: str) -> bytes:
        return hmac.new(self.secret.encode(), text.encode(), hashlib.sha256).digest()
