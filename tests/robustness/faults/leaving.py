"""Killed on the way out: an anonymised copy, the data request and a comparison are there whole or not at all."""

from __future__ import annotations

import io
import shutil
import zipfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.anonymise import clients
from tests.robustness.faults import kit
from tests.robustness.faults.kit import Blow, Order, Place
from tests.robustness.faults.whole import Files, copied, files, left

AT_ONCE = 2
ANONYMISE = ("diagnose", "--data", "data", "--anonymise", "--key", "keys/key.csv", "--out")
REQUEST = ("request", "--out")
COMPARE = ("compare", "done", "done", "--out")
REFUSED = 2
Judge = Callable[[Place, Files], list[str]]


def outcomes(folder: Path, points: int) -> dict[str, str]:
    """What came of each command killed at `points` of its operations; nothing where it went as promised."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        named = {
            f"{command[0]}{' --anonymise' * (judge is _anonymous)} --out, operation {at}": pool.submit(
                _killed, start, command, at, judge, whole
            )
            for start, command, judge, whole, last in _undisturbed(folder)
            for at in _spread(last, points)
        }
        return {name: waiting.result() for name, waiting in named.items()}


def _undisturbed(folder: Path) -> Iterator[tuple[Place, Sequence[str], Judge, Files, int]]:
    """A place to start from, a command, what judges it, what it writes, and the number of its operations."""
    place = Place(folder / "leaving")
    clients.write(place.root / "data")
    kit.done("diagnose", "--data", "data", "--out", "done", place=place)
    kit.done(*ANONYMISE, "before/out", place=place)  # the key is there, with the pseudonyms it must keep
    for name, command, judge in (("a", ANONYMISE, _anonymous), ("r", REQUEST, _plain), ("c", COMPARE, _plain)):
        start = copied(place, folder / f"leaving-{name}")
        run = kit.start(Order([*command, "away/out"], copied(place, folder / f"leaving-{name}-whole")))
        if run.end() != 0:
            raise AssertionError(run.said)
        yield start, command, judge, files(run.log.parent / "away"), len(run.operations)


def _spread(last: int, count: int) -> list[int]:
    return sorted({1 + round(number * (last - 1) / max(1, count - 1)) for number in range(count)})


def _killed(start: Place, command: Sequence[str], at: int, judge: Judge, whole: Files) -> str:
    place = copied(start, start.root.with_name(f"{start.root.name}-{at}"))
    key = (place.root / "keys" / "key.csv").read_bytes()
    run = kit.start(Order([*command, "away/out"], place, Blow(at)))
    run.end()
    wrong = judge(place, whole)
    status, said = kit.done(*command, "away/out", place=place)
    there = status == REFUSED and files(place.root / "away").keys() == whole.keys()
    wrong += [] if status == 0 or there else [f"the next run ended with {status}: {said[-300:]}"]
    if there:
        kit.done(*command, "away/next", place=place)
    wrong += [] if (place.root / "keys" / "key.csv").read_bytes() == key else ["the key is another"]
    wrong += left(place)
    operation = run.operations[at - 1 : at]
    shutil.rmtree(place.root)
    return "; ".join([*operation, *wrong]) if wrong else ""


def _plain(place: Place, whole: Files) -> list[str]:
    """What was to be written is there, all of it, or nothing is."""
    found = files(place.root / "away")
    return [] if found.keys() in (set(), whole.keys()) else [f"{', '.join(found)} alone are there"]


def _anonymous(place: Place, whole: Files) -> list[str]:
    """The same, and no name of the client in any file beside or in the folder to be handed over, hidden ones too."""
    texts = [path.read_bytes() for path in (place.root / "away").rglob("*") if path.is_file()]
    names = {name for text in texts for name in clients.NAMES if name.encode() in _unpacked(text)}
    return [*_plain(place, whole), *(f"{name} can be read" for name in names)]


def _unpacked(content: bytes) -> bytes:
    if not content.startswith(b"PK"):
        return content
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        return b"".join(packed.read(name) for name in packed.namelist())
