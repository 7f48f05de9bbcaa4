"""A kernel that is killed, that hangs, or that never starts: the page says which part failed, the others are whole."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import nbformat
from nbformat.v4 import new_code_cell, new_notebook

from tests.anonymise import clients
from tests.robustness.faults import kit
from tests.robustness.faults.kit import Order, Place
from tests.robustness.faults.whole import left

NOTEBOOKS = kit.ROOT / "notebooks"
BROKEN = "capacity"
OTHERS = ("demand", "procurement", "governance")
REPORT = ("report", "--data", "data", "--out", "out")
PARTLY_FAILED = 3
LIMIT = 45  # seconds: the other notebooks draw in a few, on a machine that is busy in more
DIES = "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)"
HANGS = "import time\ntime.sleep(3600)"
DEAF = "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass"
SLEEPS = [sys.executable, "-c", "import time; time.sleep(3600)"]
ENDS = [sys.executable, "-c", "import sys; sys.exit('no such kernel')"]
ABSENT = ["/nowhere/python", "-f", "{connection_file}"]


def outcomes(folder: Path, few: bool = False) -> dict[str, str]:
    """What came of each case; nothing where it went as promised."""
    return dict(_cases(folder, few))


def _cases(folder: Path, few: bool) -> Iterator[tuple[str, str]]:
    yield "a cell hangs", _one(folder / "hangs", HANGS, LIMIT)
    if few:
        return
    yield "a kernel dies in a cell", _one(folder / "dies", DIES)
    yield "a cell hangs and hears nothing", _one(folder / "deaf", DEAF, LIMIT)
    yield "a kernel is killed as soon as it is there", _killed(folder / "early", 0)
    yield "a kernel is killed while it waits", _killed(folder / "waiting", 1)
    yield "no kernel answers", _none(folder / "silent", SLEEPS, {"helpers.report.run.PATIENCE": 5})
    yield "every kernel ends at once", _none(folder / "ends", ENDS, {})
    yield "there is no kernel to start", _none(folder / "absent", ABSENT, {})


def _one(root: Path, cell: str, limit: float = 900) -> str:
    """One notebook with such a cell at its end: it fails, with a sentence; the next run is whole."""
    place = _client(root)
    patches = {"helpers.report.run.LIMIT": limit, "helpers.report.pages.NOTEBOOKS": _with(root, cell)}
    run = kit.start(Order(REPORT, place, patches=patches))
    return _judged(place, run, run.end(), (BROKEN,), OTHERS)


def _killed(root: Path, after: float) -> str:
    """One of the kernels is killed from outside."""
    place = _client(root)
    run = kit.start(Order(REPORT, place))
    kernel = _kernel(run)
    time.sleep(after)
    os.kill(kernel, signal.SIGKILL)
    return _judged(place, run, run.end(), (), ())


def _none(root: Path, command: list[str], patches: Mapping[str, Any]) -> str:
    place = _client(root)
    run = kit.start(Order(REPORT, place, patches={"helpers.report.run.KERNEL": command, **patches}))
    return _judged(place, run, run.end(), (BROKEN, *OTHERS), ())


def _judged(place: Place, run: kit.Run, status: int | None, broken: tuple[str, ...], others: tuple[str, ...]) -> str:
    """What is missing: status 3, the part that failed by name, the others drawn, the findings; a whole next run."""
    page = _text(place.out / "report.html")
    findings = _text(place.out / "findings.json")
    wrong = [] if status == PARTLY_FAILED else [f"ended with {status}"]
    wrong += [] if "A part failed" in run.said and "Traceback" not in run.said else ["not one message"]
    wrong += [f"{name} is not named on the terminal" for name in broken if f"  {name}: " not in run.said]
    wrong += [f"{name} is not named in the page" for name in broken if f"{name}: " not in page]
    wrong += [f"{name} drew nothing" for name in others if not _drawn(place, name)]
    wrong += [f"{name} shows what it did not measure" for name in broken if _drawn(place, name)]
    wrong += [] if findings and json.loads(findings) else ["no findings"]
    wrong += [] if kit.gone(run.mark) else ["a kernel lives on"]
    told = f": {run.said[-500:]}" if wrong else ""
    status, said = kit.done(*REPORT, place=place)
    wrong += [] if status == 0 else [f"the next run ended with {status}: {said[-300:]}"]
    wrong += [] if _text(place.out / "findings.json") == findings else ["the next run found something else"]
    return "; ".join([*wrong, *left(place)]) + told


def _drawn(place: Place, name: str) -> bool:
    """Whether a notebook of the result has any output."""
    path = place.out / "notebooks" / f"{name}.ipynb"
    notebook = nbformat.read(path, as_version=4) if path.exists() else new_notebook()
    return any(cell.outputs for cell in notebook.cells if cell.cell_type == "code")


def _with(root: Path, cell: str) -> Path:
    """The notebooks of the kit, one of them with one more cell."""
    folder = root / "notebooks"
    folder.mkdir()
    for path in NOTEBOOKS.glob("*.ipynb"):
        notebook = nbformat.read(path, as_version=4)
        notebook.cells += [new_code_cell(cell)] if path.stem == BROKEN else []
        nbformat.write(notebook, folder / path.name)
    return folder


def _kernel(run: kit.Run) -> int:
    """A process of the run that is a kernel, as soon as there is one."""
    return kit.awaited(lambda: next((one for one in kit.alive(run.mark) if one != run.process.pid), 0))


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


def _client(root: Path) -> Place:
    clients.write(root / "data")
    return Place(root)
