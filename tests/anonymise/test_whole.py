"""The whole way once: a real report with slides and a print, from an extract whose codes look like cells of a sheet."""

from __future__ import annotations

import json
import shutil
import zipfile
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from helpers.anonymise.key import read_key
from helpers.commands import app
from helpers.report.pdf import COMMANDS
from tests.anonymise import clients

CODES = {"KX-77": "A12", "SY-12": "B67", "QK-40": "C3", "FN-1": "R10", "TG-9": "F4"}
LONG = [name for name in clients.NAMES if name not in CODES]
HAS_BROWSER = any(map(shutil.which, COMMANDS))


@pytest.fixture(scope="module")
def handed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Result, Path]:
    """What the command said, and the folder with the copy `leaves/` and its key."""
    here = tmp_path_factory.mktemp("whole")
    for path in sorted(clients.write(here / "brumfield-2024").iterdir()):
        said = path.read_text(encoding="utf-8")
        for long, short in CODES.items():
            said = said.replace(long, short)
        path.write_text(said, encoding="utf-8")
    places = ("--data", here / "brumfield-2024", "--out", here / "leaves", "--key", here / "key.csv")
    asked = ("report", "--anonymise", "--slides", *(("--pdf",) if HAS_BROWSER else ()), *map(str, places))
    return CliRunner().invoke(app, list(asked)), here


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, and every part of those that are packed."""
    found = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    for name in [name for name in found if name.endswith((".xlsx", ".pptx"))]:
        with zipfile.ZipFile(folder / name) as parts:
            found |= {f"{name}/{part}": parts.read(part) for part in parts.namelist()}
    return found


def test_a_real_report_leaves_whole_and_proved(handed: tuple[Result, Path]) -> None:
    """Page, evidence, notebooks, slides and print; codes that look like cells raise no alarm."""
    said, here = handed
    left = {path.name for path in (here / "leaves").iterdir()}
    counted = json.loads((here / "leaves/anonymised.json").read_text(encoding="utf-8"))
    proofs = {entry.original: entry.proof for entry in read_key(here / "key.csv").entries.values()}

    assert said.exit_code == 0, said.output
    assert {"report.html", "evidence.xlsx", "findings.json", "slides.pptx", "notebooks"} < left
    assert ("report.pdf" in left, "report.pdf" in counted) == (HAS_BROWSER, HAS_BROWSER)
    assert (counted["names_found"], proofs["A12"], proofs["B67"]) == (0, "checked", "checked")


def test_no_name_is_in_any_file_that_leaves(handed: tuple[Result, Path]) -> None:
    """Looked for in the plain bytes of every file and of every part, without the search of the kit."""
    _, here = handed
    everything = contents(here / "leaves")
    spoken = {name: content.decode("utf-8", "ignore").lower() for name, content in everything.items()}

    assert [(name, word) for name, text in spoken.items() for word in LONG if word.lower() in text] == []
    assert [name for name, text in spoken.items() if "brumfield" in text or str(here) in text] == []
    assert [code for code in CODES.values() if f'"{code.lower()}"' in spoken["findings.json"]] == []
