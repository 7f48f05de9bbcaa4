"""No permission to write, here or there: one clear message, or a run that does without."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.anonymise import clients
from tests.robustness.faults import kit
from tests.robustness.faults.kit import Place
from tests.robustness.faults.whole import files

# Root may write anywhere, unless it is started without the right to pass over permissions.
POWERS = "-dac_override,-dac_read_search,-fowner"
BOUND = ["setpriv", f"--bounding-set={POWERS}"]
START = "import sys; sys.argv[0] = 'helpers'; from helpers.commands import run; run()"
DIAGNOSE = ("diagnose", "--data", "data")
SAID = "no permission to"


def is_possible() -> bool:
    """Whether permissions hold for this user, or can be made to."""
    return os.geteuid() != 0 or bool(shutil.which("setpriv"))


def outcomes(folder: Path, few: bool = False) -> dict[str, str]:
    """What came of each case; nothing where it went as promised."""
    return dict(_cases(folder, few))


def _cases(folder: Path, few: bool) -> Iterator[tuple[str, str]]:
    yield "--out below a folder that may not be written", _refused(folder / "above", "locked", "--out", "locked/out")
    yield "a folder inside the result may not be written", _inside(folder / "inside")
    yield "the data may not be written", _read_only_data(folder / "data")
    if few:
        return
    yield "--out may not be written", _refused(folder / "out", "out", "--out", "out")
    yield "runs/ may not be written", _refused(folder / "runs", "runs")
    yield "runs/ may not be made", _refused(folder / "here", ".")
    yield "files of the result may not be written", _files(folder / "files")
    yield "a table may not be read", _unreadable(folder / "unreadable")
    yield "the place of what is kept may not be written", _kept(folder / "kept")
    yield (
        "the key's folder may not be written",
        _refused(folder / "key", "locked", "--out", "away", "--anonymise", "--key", "locked/key.csv"),
    )
    yield "HOME may not be written", _homeless(folder / "home", "home")
    yield "HOME is not there", _homeless(folder / "nowhere", "nowhere")
    yield "TMPDIR may not be written", _run(_client(folder / "temporary"), "temporary", *DIAGNOSE, "--out", "out")[1]


def _refused(root: Path, locked: str, *more: str) -> str:
    """One message with status 2 that names what may not be written, and nothing written."""
    place = _client(root)
    (root / locked).mkdir(exist_ok=True)
    before = files(root)
    status, said = _kit(place, locked, *DIAGNOSE, *more)
    wrong = [] if status == 2 else [f"ended with {status}"]
    wrong += [] if SAID in said and "Traceback" not in said else [said[-400:]]
    wrong += [] if files(root) == before else ["something was written"]
    return "; ".join(wrong)


def _inside(root: Path) -> str:
    """A run over an earlier result in which a folder is locked: the result stays."""
    place = _client(root)
    _run(place, "", *DIAGNOSE, "--out", "out")
    before = files(place.out)
    status, said = _kit(place, "out/store", *DIAGNOSE, "--out", "out", "--fresh")
    wrong = [] if (status, SAID in said, "Traceback" in said) == (2, True, False) else [f"{status}: {said[-400:]}"]
    wrong += [] if files(place.out) == before else ["the earlier result is not whole"]
    return "; ".join([*wrong, _run(place, "", *DIAGNOSE, "--out", "out")[1]]).strip("; ")


def _files(root: Path) -> str:
    """Files are replaced, never written into: that they are locked keeps nobody from a new result."""
    place = _client(root)
    _run(place, "", *DIAGNOSE, "--out", "out")
    for path in place.out.rglob("*.*"):
        path.chmod(0o444)
    return _run(place, "", *DIAGNOSE, "--out", "out", "--fresh")[1]


def _read_only_data(root: Path) -> str:
    place = _client(root)
    before = files(root / "data")
    for path in (root / "data").iterdir():
        path.chmod(0o444)
    wrong = _run(place, "data", *DIAGNOSE, "--out", "out")[1]
    return wrong or ("" if files(root / "data") == before else "something was written among the data")


def _unreadable(root: Path) -> str:
    place = _client(root)
    (root / "data" / "actual_demand.csv").chmod(0)
    status, said = _kit(place, "", *DIAGNOSE, "--out", "out")
    good = status == 2 and "actual_demand.csv" in said and "Traceback" not in said and not place.out.exists()
    return "" if good else f"{status}: {said[-400:]}"


def _kept(root: Path) -> str:
    place = _client(root)
    place.kept.mkdir()
    return _run(place, "kept", *DIAGNOSE, "--out", "out")[1]


def _homeless(root: Path, home: str) -> str:
    """The notebooks run, and nothing is left among the temporary files."""
    place = _client(root)
    wrong = _run(place, home if (root / home).exists() else "", "report", "--data", "data", "--out", "out", home=home)
    left = [path.name for path in place.temporary.iterdir()]
    return "; ".join(filter(None, [wrong[1], f"left: {', '.join(left)}" if left else ""]))


def _run(place: Place, locked: str, *arguments: str, home: str = "home") -> tuple[int, str]:
    """Status and what is wrong with a run that must work."""
    status, said = _kit(place, locked, *arguments, home=home)
    return status, "" if status == 0 and "Traceback" not in said else f"ended with {status}: {said[-400:]}"


def _kit(place: Place, locked: str, *arguments: str, home: str = "home") -> tuple[int, str]:
    """Run the command line while one folder is locked; the folder is opened again afterwards."""
    folder = place.root / (locked or "home")
    environment = {**os.environ, **place.environment, "PYTHONPATH": str(kit.ROOT), "HOME": str(place.root / home)}
    if home == "home" and locked != "home":
        environment["MPLCONFIGDIR"] = kit.drawing()
    command = [*(BOUND if os.geteuid() == 0 else []), sys.executable, "-c", START, *arguments]
    mode = folder.stat().st_mode
    if locked:
        folder.chmod(0o555)
    try:
        told = subprocess.run(command, cwd=place.root, env=environment, capture_output=True, text=True, check=False)
    finally:
        folder.chmod(mode)
    return told.returncode, told.stdout + told.stderr


def _client(root: Path) -> Place:
    clients.write(root / "data")
    return Place(root)
