"""A full disk under what a run writes: `python -m tests.robustness.faults.full FOLDER` tells what came of each case.

It mounts small disks of its own, which nobody else sees and which go with it: `isolated` starts it so.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import ibis

from helpers.engines import duck
from helpers.errors import Unusable
from tests.anonymise import clients
from tests.robustness.faults import kit
from tests.robustness.faults.kit import Place
from tests.robustness.faults.whole import files, left

UNSHARE = ["unshare", "--map-root-user", "--mount"]
SAID = ("the disk is full", "Free some space there")
SIZE = 8 * 1024 * 1024
PAGE = 4096


def is_possible() -> bool:
    """Whether this user may mount a disk of memory where nobody else sees it."""
    command = [*UNSHARE, "mount", "-t", "tmpfs", "tmpfs", "/mnt"]
    return bool(shutil.which("unshare")) and subprocess.run(command, capture_output=True, check=False).returncode == 0


def outcomes(folder: Path, few: bool = False) -> dict[str, str]:
    """What came of each case in a process of its own; nothing where it went as promised."""
    command = [*UNSHARE, sys.executable, "-m", __name__, str(folder), *(["--few"] if few else [])]
    folder.mkdir(exist_ok=True)
    environment = {**os.environ, "PYTHONPATH": str(kit.ROOT)}
    told = subprocess.run(command, capture_output=True, text=True, cwd=kit.ROOT, env=environment, check=False)
    if told.returncode:
        raise AssertionError(told.stderr)
    found: dict[str, str] = json.loads(told.stdout)
    return found


def _cases(folder: Path, few: bool) -> Iterator[tuple[str, str]]:
    for pages in (12,) if few else (0, 2, 4, 8, 12, 16):
        yield f"--out with {pages} pages left", _out(folder / f"out-{pages}", pages)
    for pages in (4,) if few else (0, 2, 4, 6, 8):
        yield f"--out over a result, {pages} pages left", _over(folder / f"over-{pages}", pages)
    yield "SOP_KEPT", _kept(folder / "kept")
    yield "TMPDIR, --anonymise", _anonymised(folder / "private", "temporary")
    yield "--out, --anonymise", _anonymised(folder / "departed", "away")
    yield "request --out", _refused(folder / "request", "request", "--out", "full/pack")
    yield "--out on a disk that can only be read", _read_only(folder / "read")
    yield "a file larger than the system allows", _too_large(folder / "large")
    if not few:
        yield "where DuckDB spills", _spilled(folder / "spilled")
        yield "compare --out", _compared(folder / "compare")
        yield "TMPDIR, notebooks", _notebooks(folder / "notebooks")
        yield "HOME, notebooks", _at_home(folder / "home")


def _out(root: Path, pages: int) -> str:
    """A first run: nothing of it is left."""
    place = _client(root)
    with _disk(root / "full", pages):
        wrong = _told(place, "full", "diagnose", "--data", "data", "--out", "full/out")
        return "; ".join([*wrong, *(["the folder is not as it was"] if (root / "full" / "out").exists() else [])])


def _over(root: Path, pages: int) -> str:
    """A run over an earlier result: that stays, and the next run with space works."""
    place = _client(root)
    with _disk(root / "full", None) as disk:
        command = ("diagnose", "--data", "data", "--out", "full/out")
        status, said = kit.done(*command, place=place)
        before = files(root / "full" / "out")
        _fill(disk, pages)
        # what it replaces file by file is of the same bytes
        status, said = kit.done(*command, "--fresh", place=place)
        wrong = _message(status, said, "full")
        wrong += [] if files(root / "full" / "out") == before else ["the earlier result is not whole"]
        (disk / "filler").unlink()
        status, said = kit.done(*command, place=place)
        wrong += [] if status == 0 else [f"the next run ended with {status}: {said[-300:]}"]
        return "; ".join([*wrong, *left(place)])


def _kept(root: Path) -> str:
    place = _client(root)
    with _disk(place.kept, 1):
        status, said = kit.done("diagnose", "--data", "data", "--out", "out", place=place)
        return "" if status == 0 else f"ended with {status}: {said[-300:]}"


def _anonymised(root: Path, where: str) -> str:
    place = _client(root)
    with _disk(root / where, 2):
        wrong = _told(place, where, "diagnose", "--data", "data", "--out", "away/out", "--anonymise")
        kept = [name for name in files(root / "away") if name != "filler"] if (root / "away").exists() else []
        return "; ".join([*wrong, *(f"{name} was handed over" for name in kept)])


def _compared(root: Path) -> str:
    place = _client(root)
    kit.done("diagnose", "--data", "data", "--out", "out", place=place)
    with _disk(root / "full", 0):
        return "; ".join(_told(place, "full/change.json", "compare", "out", "out", "--out", "full/change.json"))


def _notebooks(root: Path) -> str:
    place = _client(root)
    with _disk(place.temporary, 2):
        return "; ".join(_told(place, "temporary", "report", "--data", "data", "--out", "out"))


def _spilled(folder: Path) -> str:
    """A query that memory cannot hold, on a disk that cannot either: no fault of the sign that asked it."""
    with _disk(folder, 100):
        engine = duck.start(folder)
        engine.raw_sql("SET memory_limit = '40MB'")
        numbers = ibis.range(3_000_000).unnest().name("number").as_table()
        try:
            engine.hold("sorted", numbers.mutate(text=numbers.number.hash().cast("string")).order_by("text"))
        except Unusable as refused:
            return "; ".join(_message(2, str(refused), str(folder)))
        return "the query found room"


def _at_home(root: Path) -> str:
    place = _client(root)
    with _disk(place.home, 0):
        status, said = kit.done("report", "--data", "data", "--out", "out", place=place)
        return "" if status == 0 else f"ended with {status}: {said[-300:]}"


def _refused(root: Path, *arguments: str) -> str:
    place = Place(root)
    with _disk(root / "full", 0):
        return "; ".join(_told(place, "full/pack", *arguments))


def _read_only(root: Path) -> str:
    place = _client(root)
    with _disk(root / "full", None) as disk:
        _mount("-o", "remount,ro", disk)
        status, said = kit.done("diagnose", "--data", "data", "--out", "full/out", place=place)
        return "; ".join(_message(status, said, "full", ("can be written on this disk", "Choose another place")))


def _too_large(root: Path) -> str:
    place = _client(root)
    status, said = kit.done("diagnose", "--data", "data", "--out", "out", place=place, largest=8000)
    return "; ".join(_message(status, said, "out", ("larger than a file may be there", "Choose another place")))


def _told(place: Place, where: str, *arguments: str) -> list[str]:
    status, said = kit.done(*arguments, place=place)
    return _message(status, said, where)


def _message(status: int | None, said: str, where: str, words: tuple[str, ...] = SAID) -> list[str]:
    """What is missing of the one message with status 2: the place, what it is, what to do; and no traceback."""
    wrong = [] if status == 2 else [f"ended with {status}"]
    wrong += [f"not said: {word}" for word in (where, *words) if word not in said]
    wrong += ["a traceback"] if "Traceback" in said else []
    return [*wrong, said[-600:]] if wrong else []


def _client(root: Path) -> Place:
    clients.write(root / "data")
    return Place(root)


@contextmanager
def _disk(folder: Path, pages: int | None) -> Iterator[Path]:
    """A small disk at `folder` with so many pages of space left, with all where none are named."""
    folder.mkdir(parents=True, exist_ok=True)
    _mount("-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", folder)
    try:
        if pages is not None:
            _fill(folder, pages)
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def _fill(disk: Path, pages: int) -> None:
    free = os.statvfs(disk)
    (disk / "filler").write_bytes(b"x" * (free.f_bavail * free.f_bsize - pages * PAGE))


def _mount(*arguments: str | Path) -> None:
    subprocess.run(["mount", *map(str, arguments)], check=True)


if __name__ == "__main__":
    told = dict(_cases(Path(sys.argv[1]), "--few" in sys.argv))
    sys.stdout.write(json.dumps(told))
