"""What must hold after a fault: the result that was there is whole, the next run works, nothing is left behind."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from tests.anonymise import clients
from tests.robustness.faults import kit
from tests.robustness.faults.kit import Place

MARK = ".sop-kit-"
NOTES = "general:\n  note: The second result is told from the first by this note.\n"
Files = dict[str, bytes]


@dataclass(frozen=True)
class Results:
    """A folder that holds an earlier result, and what stands in it before and after an undisturbed run."""

    place: Place
    before: Files
    after: Files
    operations: int


def results(root: Path, *arguments: str) -> Results:
    """Run the command of `arguments` twice on a small client: what the consultant notes between is the difference."""
    place = Place(root)
    clients.write(root / "data")
    command = (*arguments, "--data", "data", "--out", "out")
    _done(place, *command)
    before = files(place.out)
    (root / "data" / "notes.yaml").write_text(NOTES, encoding="utf-8")
    earlier = copied(place, root.with_name(f"{root.name}-earlier"))
    run = kit.start(kit.Order([*command, "--fresh"], place))
    if run.end() != 0:
        raise AssertionError(run.said)
    return Results(earlier, before, files(place.out), len(run.operations))


def copied(place: Place, root: Path) -> Place:
    """A place with the same content in another root."""
    shutil.copytree(place.root, root)
    return Place(root)


def files(folder: Path) -> Files:
    """Every file below a folder by its relative name, without what is hidden until it is whole."""
    found = (path for path in sorted(folder.rglob("*")) if path.is_file())
    named = {str(path.relative_to(folder)): path for path in found}
    return {name: path.read_bytes() for name, path in named.items() if MARK not in name}


def torn(folder: Path, results: Results) -> list[str]:
    """The files of a folder that are neither as they were before the run nor as they are after one."""
    found = files(folder)
    names = sorted(found.keys() | (results.before.keys() & results.after.keys()))
    return [f"{name} is torn" for name in names if found.get(name) not in _allowed(name, results)]


def _allowed(name: str, results: Results) -> list[bytes]:
    return [version[name] for version in (results.before, results.after) if name in version]


def left(place: Place) -> list[str]:
    """What a run has left in the folders that are none of the user's, and hidden ones in any."""
    foreign = [path for folder in (place.temporary, place.home) for path in folder.iterdir()]
    hidden = [path for path in place.root.rglob(f"{MARK}*") if path not in foreign]
    return [f"{path.relative_to(place.root)} is left" for path in (*foreign, *hidden)]


def repeated(place: Place, expected: bytes, *arguments: str) -> list[str]:
    """What is wrong with a next run, undisturbed, and with what it leaves; its findings must be as `expected`."""
    status, said = kit.done(*arguments, "--data", "data", "--out", "out", place=place)
    found = (place.out / "findings.json").read_bytes() if status == 0 else b""
    wrong = [] if status == 0 else [f"the next run ended with {status}: {said[-300:]}"]
    return [*wrong, *(["other findings"] if status == 0 and found != expected else []), *left(place)]


def _done(place: Place, *arguments: str) -> None:
    status, said = kit.done(*arguments, place=place)
    if status != 0:
        raise AssertionError(said)
