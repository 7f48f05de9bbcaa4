"""The key file: a CSV for the consultant's eyes only that leads from pseudonyms back to names."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

from helpers.anonymise.book import Book, Entry
from helpers.anonymise.kinds import LABELS, normal, space
from helpers.disk import replaced
from helpers.errors import Unusable

HEADER = ["kind", "original", "pseudonym", "proof"]
SECRET = "secret"  # noqa: S105 - the name of a row
ALSO = ("client", "file", "title", "remark")
RUNNABLE = ("=", "+", "-", "@", "\t", "\r", "|", "＝", "＋", "－", "＠", "'")
WIDEST = 2**31 - 1
MOST_DIGITS = 12


def read_key(path: Path) -> Book:
    """The book in a key file; an empty one with a new secret when there is no file.

    Raises
    ------
    Unusable
        It is not a key that an earlier run wrote.
    """
    if not path.exists():
        return Book()
    csv.field_size_limit(WIDEST)
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            header, secret, *rows = list(csv.reader(lines))
        kept = [Entry(kind, _bare(original), pseudonym, proof) for kind, original, pseudonym, proof in rows]
    except (OSError, ValueError, csv.Error) as error:
        raise Unusable(_refused(path)) from error
    if header != HEADER or secret[:1] != [SECRET] or len(secret) != len(HEADER) or not secret[1]:
        raise Unusable(_refused(path))
    _refuse_strange(path, kept)
    return Book(secret[1], {_place(entry): entry for entry in kept})


def _refuse_strange(path: Path, kept: list[Entry]) -> None:
    """A pseudonym that was changed by hand would give the same name two, or two names the same."""
    owners: dict[tuple[str, str], tuple[str, str]] = {}
    for entry in kept:
        if entry.kind in ALSO:
            continue
        label = LABELS.get(entry.kind, ("", 0))[0]
        is_ours = re.fullmatch(rf"{label} [0-9]{{1,{MOST_DIGITS}}}", entry.pseudonym) if label else None
        if not is_ours or owners.setdefault((entry.kind, entry.pseudonym), _place(entry)) != _place(entry):
            raise Unusable(
                f"{path}: the row of the {entry.kind or 'kind ?'} with the pseudonym '{entry.pseudonym}' was changed: "
                f"expected '{label or 'a known kind'} ' and a number of its own. Only the column proof may be edited; "
                "take the key as it was written, or name a new file with --key."
            )


def write_key(path: Path, book: Book) -> None:
    """Put the key in place at once, readable by its owner only."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerows([HEADER, [SECRET, book.secret, "", "keep this file in the house"]])
    writer.writerows([e.kind, _harmless(e.original), e.pseudonym, e.proof] for e in book.entries.values())
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with replaced(path, 0o600) as beside:
            beside.write_bytes(out.getvalue().encode("utf-8-sig"))
    except OSError as error:
        raise Unusable(
            f"{path}: the key cannot be written: {error.strerror}. Choose another file with --key."
        ) from error


def _place(entry: Entry) -> tuple[str, str]:
    if entry.kind in ALSO:
        return f"also {entry.kind}", entry.original
    return space(entry.kind), normal(entry.kind, entry.original)


def _harmless(text: str) -> str:
    """What a spreadsheet would run, and what begins with an apostrophe itself, gets one in front."""
    return f"'{text}" if text.startswith(RUNNABLE) else text


def _bare(text: str) -> str:
    return text.removeprefix("'")


def _refused(path: Path) -> str:
    return (
        f"{path}: this is not a key of an anonymised run: expected a CSV with the columns {', '.join(HEADER)} and the "
        "secret in its first row. Name a new file, or the key of an earlier run, with --key."
    )
