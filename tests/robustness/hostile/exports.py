"""The files a person opens in an office program: nothing in them runs, links out or stops them from being opened."""

from __future__ import annotations

import re
import shutil
import subprocess
import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from xml.etree import ElementTree

from python_calamine import CalamineWorkbook

from tests.robustness.hostile.strings import TEXTS, visible

OFFICE = shutil.which("soffice") or shutil.which("libreoffice")
WHOLE = 300  # characters by which a long text is known
AS_CSV = "CSV:44,34,76,1"  # comma, quotation mark, UTF-8, from the first line
ALIVE = {
    "a formula": rb"<(?:x:)?f[ >/]|calculatedColumnFormula|table:formula=",
    "a reference of a chart that is none": rb"<c:f>(?!(?:'[^'<]+'|\w+)!\$[A-Z]+\$\d+(?::\$[A-Z]+\$\d+)?<)",
    "a link to outside": rb'TargetMode="External"|xlink:href="(?!#|\.{0,2}"|(?:\./)?(?:Object|Pictures/))',
    "an action": rb"hlinkClick|hlinkHover|presentation:event-listener|<script:event",
    "a foreign entity": rb"<!DOCTYPE|<!ENTITY",
}
FOREIGN = re.compile(r"vbaProject|externalLink|oleObject|activeX|ctrlProp|customUI|connections\.xml|queryTable|Basic/")
PDF_ALIVE = (b"/JavaScript", b"/JS", b"/Launch", b"/URI", b"/EmbeddedFile", b"/OpenAction", b"/GoToR", b"/SubmitForm")


def faults_of(path: Path) -> list[str]:
    """What a workbook, a deck or a document of an office program holds and should not, itself or in what it holds."""
    return list(_faults(path.name, path))


def _faults(told: str, file: Path | BytesIO) -> Iterator[str]:
    with zipfile.ZipFile(file) as parts:
        for name in parts.namelist():
            content, place = parts.read(name), f"{told}, {name}"
            if FOREIGN.search(name):
                yield f"{place}: should not be there"
            if name.endswith(".xlsx"):
                yield from _faults(place, BytesIO(content))
            if name.endswith((".xml", ".rels")) and not name.startswith(("META-INF", "manifest")):
                yield from (f"{place}: holds {what}" for what, alive in ALIVE.items() if re.search(alive, content))
                yield from _unreadable(place, content)


def _unreadable(place: str, content: bytes) -> Iterator[str]:
    try:
        ElementTree.fromstring(content)
    except ElementTree.ParseError as error:
        yield f"{place}: cannot be read: {error}"


def faults_of_pdf(path: Path) -> list[str]:
    """What a print holds and should not."""
    content = path.read_bytes()
    return [f"{path.name}: holds {what.decode()}" for what in PDF_ALIVE if re.search(re.escape(what) + rb"\b", content)]


def converted(path: Path, folder: Path, to: str = "ods", reader: str = "") -> Path:
    """The file as LibreOffice reads it, in another of its formats."""
    assert OFFICE is not None
    command = [OFFICE, "--headless", f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--convert-to", to]
    command += [f"--infilter={reader}"] if reader else []
    subprocess.run([*command, "--outdir", str(folder), str(path)], capture_output=True, timeout=300, check=True)
    return folder / f"{path.stem}.{to.partition(':')[0]}"


def texts_of(path: Path) -> set[str]:
    """All cells of a workbook that are text, as a reader sees them."""
    with CalamineWorkbook.from_path(path) as book:
        sheets = [book.get_sheet_by_name(name).to_python() for name in book.sheet_names]
    return {visible(cell) for rows in sheets for row in rows for cell in row if isinstance(cell, str)}


def unlike(written: Path, opened: Path) -> Iterator[str]:
    """Texts of a workbook that an office program does not show as they were written."""
    shown = {"".join(text.split()) for text in texts_of(opened)}
    for text in texts_of(written):
        if "".join(text.split()) not in shown:
            yield f"{written.name}: {text[:60]!a} is not shown as it was written"


def said_by(path: Path) -> str:
    """The text of a document, wherever in it, without gaps."""
    with zipfile.ZipFile(path) as parts:
        roots = [ElementTree.fromstring(parts.read(name)) for name in parts.namelist() if _holds_text(name)]
    return "".join("".join(piece.split()) for root in roots for piece in root.itertext())


def among(shown: str) -> list[str]:
    """The hostile strings that stand in a text without gaps, told by their beginning."""
    return [text for text in TEXTS if len(visible(text)) > 4 and "".join(visible(text)[:WHOLE].split()) in shown]


def _holds_text(name: str) -> bool:
    return bool(re.search(r"slide\d+\.xml$|notesSlide\d+\.xml$|sharedStrings\.xml$|content\.xml$", name))
