"""The proof: every original name searched for in every finished file, in whatever the file holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from helpers.anonymise.ordinary import said_by_the_kit
from helpers.anonymise.search import Index, is_distinct, phrase, tokens
from helpers.anonymise.texts import texts

PRINT = "pdf"


@dataclass(frozen=True)
class Proof:
    """What the search could say: names looked for, those that cannot be told apart, files by kind, and what was found.

    A print is no searched file: its pages cannot be read, only what is written around them. `leaks` holds the names
    found, each with the kinds of files they stand in.
    """

    checked: frozenset[str]
    not_provable: frozenset[str]
    files: dict[str, int]
    leaks: dict[str, set[str]] = field(default_factory=dict)

    @property
    def holds(self) -> bool:
        return not self.leaks


def prove(
    folder: Path,
    names: Iterable[str],
    excused: Iterable[str] = (),
    remarks: Iterable[str] = (),
    always: Iterable[str] = (),
) -> Proof:
    """Search all files below a folder for names and remarks.

    Parameters
    ----------
    names
        Every original name. One that is too short, a plain number, or what the kit itself says, is not provable.
    excused
        Names that a person declared ordinary: not provable either.
    remarks
        Free texts, searched for as a whole where the kit does not say the same.
    always
        Names of the client itself, among `names`: searched for although they are short or the kit says the same.
    """
    wanted = {name: phrase(name) for name in names}
    spoken = set(excused)
    forced = {name: words for name in always if (words := wanted.get(name)) and name not in spoken}
    candidates = {name: words for name, words in wanted.items() if is_distinct(name) and name not in spoken}
    free = {phrase(text): text for text in remarks if text not in spoken}
    said = said_by_the_kit({*candidates.values(), *free})
    checked = {name: words for name, words in candidates.items() if words not in said} | forced
    by_phrase: dict[str, list[str]] = {words: [text] for words, text in free.items() if words not in said}
    for name, words in checked.items():
        by_phrase.setdefault(words, []).append(name)
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    leaks = _search(folder, files, by_phrase)
    kinds = Counter(_kind(path) for path in files if _kind(path) != PRINT)
    return Proof(frozenset(checked), frozenset(wanted.keys() - checked.keys()), dict(sorted(kinds.items())), leaks)


def _search(folder: Path, files: list[Path], by_phrase: dict[str, list[str]]) -> dict[str, set[str]]:
    index = Index(by_phrase)
    leaks: dict[str, set[str]] = {}
    for path in files:
        found: set[str] = set()
        for text in texts(path.relative_to(folder).as_posix(), path.read_bytes()):
            found.update(index.found(tokens(text)))
        for name in (name for words in found for name in by_phrase[words]):
            leaks.setdefault(name, set()).add(_kind(path))
    return leaks


def _kind(path: Path) -> str:
    return path.suffix.lstrip(".").lower() or "other"
