"""The consultant's notes on the page: beside each sign, and the agreed actions in one list."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from markupsafe import Markup

from helpers.evidence import Finding
from helpers.notes import Action, Notes, Remarks, load_notes
from helpers.report.markup import fill

ORDER = ("open", "done", "dropped")


@dataclass(frozen=True)
class Agreed:
    """An action, the key and title of the sign it is about (empty for the whole engagement), and whether it is late."""

    action: Action
    key: str
    title: str
    is_overdue: bool


@dataclass(frozen=True)
class Noted:
    """What the page shows: a block for each sign with remarks, by its key, and the list of all actions."""

    beside: Mapping[str, Markup]
    agreed: Markup

    def of(self, key: str) -> Markup:
        """The block of a sign; empty where nothing was written about it."""
        return self.beside.get(key, Markup())


def noted(data_dir: Path, findings: Sequence[Finding], shown: Collection[str], as_of: date) -> Noted:
    """What `notes.yaml` of the data folder says; `shown` are the keys of the signs that have a place on the page.

    A note on a sign without a place, because its notebook broke off, stands above the list of actions. An action is
    overdue when it was still open on `as_of`, not today: a page made again is the same page.
    """
    titles = {finding.sign.key: finding.sign.title for finding in findings}
    notes = load_notes(data_dir, list(titles))
    placed = {key: remarks for key, remarks in notes.signs.items() if key in shown and not remarks.is_empty}
    return Noted({key: _block(remarks, as_of) for key, remarks in placed.items()}, _list(notes, titles, placed, as_of))


def _block(remarks: Remarks, as_of: date) -> Markup:
    listed = [Agreed(action, "", "", action.is_overdue(as_of)) for action in remarks.actions]
    return fill("notes.html.j2", note=_text(remarks), listed=listed)


def _list(notes: Notes, titles: Mapping[str, str], placed: Collection[str], as_of: date) -> Markup:
    apart = [("", notes.general), *((titles[key], said) for key, said in notes.signs.items() if key not in placed)]
    texts = [(title, _text(remarks)) for title, remarks in apart if _text(remarks)]
    listed = _agreed(notes, titles, placed, as_of)
    if not texts and not listed:
        return Markup()
    return fill("agreed.html.j2", texts=texts, listed=listed, as_of=as_of)


def _agreed(notes: Notes, titles: Mapping[str, str], placed: Collection[str], as_of: date) -> list[Agreed]:
    """All actions: open ones first, the earliest day first, one without a day last."""
    listed = [Agreed(action, "", "", action.is_overdue(as_of)) for action in notes.general.actions]
    for key, title in titles.items():
        link = key if key in placed else ""
        actions = notes.signs.get(key, Remarks()).actions
        listed += [Agreed(action, link, title, action.is_overdue(as_of)) for action in actions]
    return sorted(listed, key=lambda a: (ORDER.index(a.action.status), a.action.due or date.max))


def _text(remarks: Remarks) -> str:
    return (remarks.note or "").strip()
