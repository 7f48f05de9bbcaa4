"""Two at once: on one folder, on one place of what is kept, with one key; and one after another that was killed."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

from tests.anonymise import clients
from tests.robustness.faults import kit
from tests.robustness.faults.kit import Blow, Order, Place
from tests.robustness.faults.whole import files, left

DIAGNOSE = ("diagnose", "--data", "data")
AT_WORK = "a run is at work"
OTHER = "the folder holds a run with other data"


def outcomes(folder: Path, few: bool = False) -> dict[str, str]:
    """What came of each case; nothing where it went as promised."""
    return dict(_cases(folder, few))


def _cases(folder: Path, few: bool) -> Iterator[tuple[str, str]]:
    yield "one folder, one input", _one_folder(folder / "same", DIAGNOSE, AT_WORK)
    yield "one key", _one_key(folder / "key")
    yield "a folder whose run was killed", _after_a_kill(folder / "killed")
    if few:
        return
    other = ("diagnose", "--data", "other")
    yield "one folder, another input", _one_folder(folder / "other", other, AT_WORK, OTHER)
    yield "one place of what is kept", _apart(folder / "kept", DIAGNOSE)
    yield "two inputs, two folders", _apart(folder / "apart", other)
    yield "two reports of one input", _apart(folder / "reports", ("report", "--data", "data"), "report")
    yield "runs of the same second without --out", _one_second(folder / "second")
    for late in (0.0, 0.2, 0.5, 1.0):
        yield (
            f"one folder, the second {late} s later",
            _one_folder(folder / f"late-{late}", DIAGNOSE, AT_WORK, late=late),
        )


def _one_folder(root: Path, second: tuple[str, ...], *refusals: str, late: float = 0) -> str:
    """At least one ends well; one that does not says why; what stands there is the result of the one that did."""
    place = _client(root)
    runs = [kit.start(Order([*DIAGNOSE, "--out", "out"], place))]
    time.sleep(late)
    runs.append(kit.start(Order([*second, "--out", "out"], place)))
    ends = [run.end() for run in runs]
    wrong = [] if sorted(ends) in ([0, 2], [0, 0]) else [f"ended with {ends}: {[run.said[-300:] for run in runs]}"]
    refused = [run for run, end in zip(runs, ends, strict=True) if end == 2]
    wrong += ["not said why"] if any(not any(word in run.said for word in refusals) for run in refused) else []
    winner = DIAGNOSE if ends[0] == 0 else second
    status, said = kit.done(*winner, "--out", "alone", place=place)
    same = status == 0 and files(place.out) == files(root / "alone")
    return "; ".join([*wrong, *([] if same else [f"not the result of a run alone: {said[-200:]}"]), *left(place)])


def _apart(root: Path, second: tuple[str, ...], first: str = "diagnose") -> str:
    """Both end well, with the findings of a run alone."""
    place = _client(root)
    commands = {"one": (first, "--data", "data"), "two": second}
    runs = {out: kit.start(Order([*command, "--out", out], place)) for out, command in commands.items()}
    wrong = [f"{out} ended with {end}" for out, run in runs.items() if (end := run.end()) != 0]
    for out, command in commands.items():
        kit.done("diagnose", *command[1:], "--out", f"{out}-alone", "--fresh", place=place)
        if _findings(root / out) != _findings(root / f"{out}-alone"):
            wrong.append(f"{out} has other findings than alone")
    return "; ".join([*wrong, *left(place)])


def _one_key(root: Path) -> str:
    """The second says so; the key leads back from the copy that was handed over."""
    place = _client(root)
    command = (*DIAGNOSE, "--anonymise", "--key", "key.csv", "--out")
    runs = [kit.start(Order([*command, out], place)) for out in ("one", "two")]
    ends = [run.end() for run in runs]
    wrong = [] if sorted(ends) == [0, 2] else [f"ended with {ends}"]
    wrong += [] if any(AT_WORK in run.said for run in runs) else ["not said why"]
    status, said = kit.done(*command, "three", place=place)
    wrong += [] if status == 0 else [f"the next run ended with {status}: {said[-300:]}"]
    return "; ".join([*wrong, *left(place)])


def _after_a_kill(root: Path) -> str:
    """The lock goes with the run that held it."""
    place = _client(root)
    kit.start(Order([*DIAGNOSE, "--out", "out"], place, Blow(at=40))).end()
    before = time.monotonic()
    status, said = kit.done(*DIAGNOSE, "--out", "out", place=place)
    wrong = [] if status == 0 else [f"ended with {status}: {said[-300:]}"]
    wrong += ["it waited"] if time.monotonic() - before > 60 else []
    return "; ".join([*wrong, *left(place)])


def _one_second(root: Path) -> str:
    """Each gets a folder of its own, or says that the one of this second is in use."""
    place = _client(root)
    runs = [kit.start(Order(DIAGNOSE, place)) for _ in range(3)]
    ends = [run.end() for run in runs]
    refused = [run for run, end in zip(runs, ends, strict=True) if end != 0]
    wrong = [] if 0 in ends and set(ends) <= {0, 2} else [f"ended with {ends}"]
    return "; ".join([*wrong, *(run.said[-300:] for run in refused if AT_WORK not in run.said), *left(place)])


def _findings(folder: Path) -> bytes:
    return (folder / "findings.json").read_bytes() if folder.exists() else b""


def _client(root: Path) -> Place:
    clients.write(root / "data")
    clients.write(root / "other", clients.SETTINGS.replace("Brumfield Dairies", "Another Dairy"))
    return Place(root)
