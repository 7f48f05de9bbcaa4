"""One report on a hostile client, with slides and print, and what each of its media makes of the strings."""

from __future__ import annotations

import base64
import json
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from mistune import html as markdown
from playwright.sync_api import Browser

from tests.robustness.hostile import exports
from tests.robustness.hostile.browser import WAYS, Seen, look_at, missing
from tests.robustness.hostile.client import harmless_client, hostile_client
from tests.robustness.hostile.kit import Ran, run
from tests.robustness.hostile.strings import TEXTS, obeyed, visible

SVG = re.compile(r"data:image/svg\+xml;base64,([A-Za-z0-9+/=]+)")
NOTEBOOK = "<!doctype html><meta charset='utf-8'><title>Notebook</title>{}"
PATIENCE = 600


@dataclass(frozen=True)
class Runs:
    """The folder of a client `data`, its `report` and its `check`, and what both commands said."""

    folder: Path
    reported: Ran
    checked: Ran

    @property
    def report(self) -> Path:
        return self.folder / "report"

    @property
    def quality(self) -> Path:
        return self.folder / "check" / "data_quality.html"

    @cached_property
    def notebooks(self) -> dict[str, str]:
        """Every executed notebook as a front end shows one that is trusted: its Markdown and its outputs, raw."""
        return {
            path.stem: _shown(json.loads(path.read_text("utf-8"))) for path in self.report.glob("notebooks/*.ipynb")
        }


def hostile_runs(folder: Path, turn: int = 0) -> Runs:
    """The commands on a hostile client."""
    hostile_client(folder / "data", turn)
    return Runs(folder, _command(folder, "report", "--slides", "--pdf"), _command(folder, "check"))


def harmless_runs(folder: Path) -> Runs:
    """The same on its twin, without slides and print."""
    harmless_client(folder / "data")
    return Runs(folder, _command(folder, "report"), _command(folder, "check"))


def _command(folder: Path, command: str, *more: str) -> Ran:
    return run(command, *more, "--data", "data", "--out", command, folder=folder, patience=PATIENCE)


def _shown(notebook: Any) -> str:
    pieces = []
    for cell in notebook["cells"]:
        if cell["cell_type"] == "markdown":
            pieces.append(markdown("".join(cell["source"])))
        pieces += ["".join(output.get("data", {}).get("text/html", "")) for output in cell.get("outputs", ())]
    return "\n".join(pieces)


# pages


def on_pages(browser: Browser, runs: Runs) -> dict[str, str]:
    """Each string, and what is wrong with it on the page; each page as well, and each notebook."""
    seen = {path.name: look_at(browser, path) for path in (runs.report / "report.html", runs.quality)}
    for name, html in runs.notebooks.items():
        path = runs.folder / f"{name}.html"
        path.write_text(NOTEBOOK.format(html), encoding="utf-8")
        seen[f"{name}.ipynb"] = look_at(browser, path, WAYS[:1])  # it has no policy
    gone = set(missing(seen["report.html"]))
    said = {ascii(text[:60]): "is not on the page as it was written" if text in gone else "" for text in TEXTS}
    return said | {name: "; ".join(page.faults) for name, page in seen.items()}


def like_the_twin(browser: Browser, runs: Runs, twin: Runs) -> dict[str, str]:
    """Kinds of elements that the hostile client's pages have and the twin's have not."""
    pairs = {
        page.name: (look_at(browser, page), look_at(browser, other))
        for page, other in ((runs.report / "report.html", twin.report / "report.html"), (runs.quality, twin.quality))
    }
    return {name: _strange(seen, other) for name, (seen, other) in pairs.items()}


def _strange(seen: Seen, other: Seen) -> str:
    return "; ".join(f"<{shape}>" for shape in sorted(seen.shape - other.shape))


def pictures(runs: Runs) -> Iterator[tuple[str, str]]:
    """Every picture of the notebooks: a reader of XML must be able to show it."""
    for name, html in runs.notebooks.items():
        for place, found in enumerate(SVG.findall(html), 1):
            drawing = base64.b64decode(found)
            yield f"picture {place} of {name}", _as_xml(drawing)


def _as_xml(drawing: bytes) -> str:
    try:
        root = ElementTree.fromstring(drawing)
    except ElementTree.ParseError as error:
        return f"cannot be shown: {error}"
    names = {part.tag.rpartition("}")[2] for part in root.iter()}
    return f"holds {', '.join(names & SCRIPTED)}" if names & SCRIPTED else ""


SCRIPTED = {"script", "foreignObject", "a", "animate", "set", "image"}


# terminal and log


def on_the_terminal(runs: Runs) -> dict[str, str]:
    """What the commands said, and every line of the log: nothing in it that a terminal obeys."""
    said = {"report": runs.reported, "check": runs.checked}
    found = {}
    for name, ran in said.items():
        found[f"{name}, stdout"] = _silent(ran.out)
        found[f"{name}, stderr"] = _silent(ran.err)
    for path in runs.report.glob("*.log"):
        found[path.name] = _silent(path.read_text("utf-8"))
    return found


def _silent(text: str) -> str:
    return f"holds {', '.join(obeyed(text))}" if obeyed(text) else ""


# exports


def in_exports(runs: Runs) -> dict[str, str]:
    """Workbook, deck and print as they are written; which strings were in them is part of the name."""
    found = {}
    for name in ("evidence.xlsx", "slides.pptx"):
        path = runs.report / name
        held = len(exports.among(exports.said_by(path)))
        found[name] = "; ".join(exports.faults_of(path)) or ("" if held else "holds none of the strings")
    found["report.pdf"] = "; ".join(exports.faults_of_pdf(runs.report / "report.pdf"))
    return found


def in_office(runs: Runs) -> dict[str, str]:
    """What LibreOffice shows of workbook, deck and rejected rows: texts, each as it was written."""
    folder = runs.folder / "office"
    folder.mkdir(exist_ok=True)
    book = exports.converted(runs.report / "evidence.xlsx", folder)
    deck = exports.converted(runs.report / "slides.pptx", folder, "odp")
    listed = {
        path: exports.converted(path, folder, "ods", exports.AS_CSV) for path in runs.report.glob("rejects/*.csv")
    }
    found = {
        "evidence.xlsx": [*exports.faults_of(book), *exports.unlike(runs.report / "evidence.xlsx", book)],
        "slides.pptx": [*exports.faults_of(deck), *_lost(runs.report / "slides.pptx", deck)],
        **{path.name: [*exports.faults_of(opened), *_not_listed(path, opened)] for path, opened in listed.items()},
    }
    return {name: "; ".join(faults[:5]) for name, faults in found.items()}


def _lost(written: Path, opened: Path) -> Iterator[str]:
    shown = exports.said_by(opened)
    for text in exports.among(exports.said_by(written)):
        if "".join(visible(text)[: exports.WHOLE].split()) not in shown:
            yield f"{written.name}: {text[:60]!a} is not shown as it was written"


def _not_listed(written: Path, opened: Path) -> Iterator[str]:
    """Strings of the cells that were emptied; what a spreadsheet takes for a number is one, and an apostrophe goes."""
    if written.stem == "order_lines":
        held = exports.among("".join("".join(text.replace("'", "").split()) for text in exports.texts_of(opened)))
        wanted = [text for text in TEXTS if len(visible(text)) > 4 and "'" not in text and not _is_number(text)]
        yield from (f"{text[:60]!a} is not listed" for text in wanted if text not in held)


def _is_number(text: str) -> bool:
    return bool(re.fullmatch(r"[\d.e-]+", text.strip()))


def refused_by_the_pdf_reader(runs: Runs) -> str:
    """Whether another reader of PDF opens the print."""
    ended = subprocess.run(["pdftotext", runs.report / "report.pdf", "-"], capture_output=True, check=False)
    return "" if ended.returncode == 0 and ended.stdout.strip() else "pdftotext cannot read report.pdf"
