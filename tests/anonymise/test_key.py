"""The key: read back as it was written, for its owner only, and never mistaken for another file."""

from __future__ import annotations

import csv
import stat
import sys
from pathlib import Path

import pytest

from helpers.anonymise.book import ORDINARY, Book
from helpers.anonymise.key import read_key, write_key
from helpers.errors import Unusable

HOSTILE = {"=1+1", "'quoted", "@x", "-3", 'a,"b"', "two\nlines", "Söder", " outer "}


def book() -> Book:
    """Names that a spreadsheet or a CSV could stumble over, a person, and the client."""
    found = Book()
    found.enter({"item": HOSTILE, "person": {"Marta Oldacre"}})
    found.also("client", "Brumfield", "Anonymised client")
    return found


def test_a_key_comes_back_as_it_was_written(tmp_path: Path) -> None:
    """Names, pseudonyms, secret and what the proof said."""
    ours = book()
    ours.mark({"Söder"}, "checked")
    write_key(tmp_path / "keys" / "key.csv", ours)

    assert read_key(tmp_path / "keys" / "key.csv") == ours


def test_no_name_in_a_key_runs_in_a_spreadsheet(tmp_path: Path) -> None:
    """What would be a formula has an apostrophe in front."""
    write_key(tmp_path / "key.csv", book())
    with (tmp_path / "key.csv").open(encoding="utf-8-sig", newline="") as lines:
        cells = [cell for row in csv.reader(lines) for cell in row]

    assert [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))] == []


@pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps no modes")
def test_a_key_is_readable_by_its_owner_only(tmp_path: Path) -> None:
    """Also when it replaces one that was open to all."""
    path = tmp_path / "key.csv"
    write_key(path, book())
    path.chmod(0o644)
    write_key(path, book())

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [file.name for file in tmp_path.iterdir()] == ["key.csv"]


@pytest.mark.parametrize(
    "content",
    [
        b"item_id,family\na,Bread\n",
        b"",
        b"kind,original,pseudonym,proof\nitem,a,Item 0001,x\n",
        b"kind,original,pseudonym,proof\n\nitem,a,Item 0001,x\n",
        b"kind,original,pseudonym,proof\nsecret\n",
        b"\xff\xfe\x00",
    ],
    ids=["a table", "empty", "no secret", "blank second row", "half a secret", "not text"],
)
def test_a_file_that_is_no_key_is_refused(tmp_path: Path, content: bytes) -> None:
    """One message, and the file stands as it was."""
    path = tmp_path / "items.csv"
    path.write_bytes(content)

    with pytest.raises(Unusable, match="this is not a key of an anonymised run"):
        read_key(path)

    assert path.read_bytes() == content


@pytest.mark.parametrize(
    "row", ["item,b,Item x,", "item,b,Article 0002,", "item,b,Item 0001,", "colour,b,Colour 01,", "item,b,,"]
)
def test_a_pseudonym_that_was_changed_is_refused(tmp_path: Path, row: str) -> None:
    """Not a number of its kind, or that of another name: told before any work."""
    path = tmp_path / "key.csv"
    path.write_text(f"kind,original,pseudonym,proof\nsecret,s,,\nitem,a,Item 0001,\n{row}\n", encoding="utf-8")

    with pytest.raises(Unusable, match="was changed: expected"):
        read_key(path)


def test_why_a_key_cannot_be_written_is_said(tmp_path: Path) -> None:
    """What is tidied up afterwards does not hide it."""
    (tmp_path / "file").touch()

    with pytest.raises(Unusable, match="the key cannot be written"):
        write_key(tmp_path / "file" / "key.csv", book())


def test_what_a_person_declared_ordinary_stays_so() -> None:
    """A later proof does not take the decision back."""
    ours = book()
    ours.mark({"Söder"}, ORDINARY)
    ours.mark({"Söder"}, "checked")

    assert [entry.proof for entry in ours.entries.values() if entry.original == "Söder"] == [ORDINARY]
