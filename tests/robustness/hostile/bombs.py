"""Input that would unfold, run, reach out of the folder or never end, and what the kit makes of it.

A case holds when the command ends in time and within the memory, with exit 0 or with exit 2 and one message, without a
traceback, and when nothing that the case set a trap for has happened.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.robustness.hostile import databases, packed, written
from tests.robustness.hostile.kit import Ran, run
from tests.robustness.hostile.strings import obeyed

LONGEST, LARGEST = 60.0, 2.0  # seconds, GB
SPRUNG = "sprung"  # the file that a trap would leave behind
TABLES = ("items", "actual_demand")


@dataclass(frozen=True)
class Trap:
    """One case: what is laid into a folder that holds a good `items` and `actual_demand`, and how it must end.

    `said` is a part of the message; with status 0 the trap is read as what it says.
    """

    name: str
    lay: Callable[[Path], None]
    status: int
    said: str = ""
    quick: bool = True


def traps() -> Iterator[Trap]:
    """All cases."""
    for name, text, status, said in written.SETTINGS:
        yield Trap(f"settings: {name}", lambda folder, text=text: written.settings(folder, text), status, said)
        if status == 2 and name in written.IN_NOTES:
            yield Trap(f"notes: {name}", lambda folder, text=text: written.notes(folder, text), status, said)
    for name, lay, status, said in written.PLACES:
        yield Trap(f"place: {name}", lay, status, said)
    for name, lay, said, quick in packed.FILES:
        yield Trap(f"file: {name}", lay, 2 if said else 0, said, quick)
    for name, lay, said, quick in databases.FILES:
        yield Trap(f"database: {name}", lay, 2 if said else 0, said, quick)


def sprung(trap: Trap, small: Path, folder: Path) -> str:
    """What went wrong with a case; empty where it held. `small` is a client whose two tables are taken."""
    data = folder / "data"
    data.mkdir(parents=True)
    for table in TABLES:
        shutil.copy(small / f"{table}.csv", data)
    trap.lay(data)
    ran = run("check", "--data", data, "--out", folder / "out", folder=folder, patience=2 * LONGEST)
    found = _judged(trap, ran)
    if (folder / SPRUNG).exists() or (data / SPRUNG).exists():
        found = "the trap was sprung"
    shutil.rmtree(folder, ignore_errors=True)
    return found


def _judged(trap: Trap, ran: Ran) -> str:
    if ran.status is None:
        return f"did not end within {2 * LONGEST:.0f} s"
    if "Traceback" in ran.said or "panicked" in ran.said:
        return f"a traceback: {ran.said.strip().splitlines()[-1]}"
    if ran.status != trap.status or trap.said not in ran.said:
        last = ran.said.strip().splitlines()[-1:] or [""]
        return f"status {ran.status} instead of {trap.status} with '{trap.said}': {last[0][:200]}"
    if ran.seconds > LONGEST or ran.peak > LARGEST:
        return f"took {ran.seconds:.0f} s and {ran.peak:.1f} GB"
    return f"the terminal got {', '.join(obeyed(ran.said))}" if obeyed(ran.said) else ""
