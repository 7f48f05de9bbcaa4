"""Runs cases through the code of the command line, two at a time in warm processes."""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import os
import shutil
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any, TypeVar

import yaml
from typer.testing import CliRunner

from helpers.commands import app
from tests.robustness.broken.case import Case, Expected, Refused, Taken
from tests.robustness.broken.client import SETTINGS, Good
from tests.robustness.broken.judge import Judged, Ran, Reference, findings, judge
from tests.robustness.broken.rights import permissions_bind
from tests.robustness.broken.typed import typed
from tests.robustness.small import small_client

WORKERS = 2
TASKS = 25  # a worker is replaced after so many, with the memory it holds

RECURRING = frozenset({1, 3, 4, 5, 6, 7, 8})  # signs that recur in the unbroken client

T = TypeVar("T")


def command(*arguments: str | Path) -> tuple[int, str]:
    """Exit status and all that was said, with the traceback of what broke off, of a command in this process."""
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    said = result.output
    if result.exception and not isinstance(result.exception, SystemExit):
        said += "".join(traceback.format_exception(result.exception))
    return result.exit_code, said


def reference(folder: Path, kind: str = "diagnose") -> Reference:
    """The unbroken client and a good run of it, which no broken one may touch."""
    good, out = Good(small_client(folder / "good")), folder / "good-run"
    status, said = command(kind, "--data", good.folder, "--out", out)
    if status:
        raise RuntimeError(f"the unbroken client cannot be run: {said}")
    return Reference(good, out / "store", _recurring(out / "findings.json") if kind == "diagnose" else RECURRING)


def _recurring(findings: Path) -> frozenset[int]:
    signs = json.loads(findings.read_text(encoding="utf-8"))["signs"]
    return frozenset(sign["sign"] for sign in signs if sign["status"] == "recurring")


def intake(case: Case, folder: Path, known: Reference) -> tuple[Judged, str]:
    """The intake of a case beside few other tables, by its command, and the mark of what it leaves to diagnose."""
    copy = known.good.copy(folder / "data", case.tables)
    expected = case.change(copy)
    judged = judge(_run(case.by, case, folder), expected, copy, known)
    if isinstance(expected, Refused):
        judged.complaints += _touched(case, folder, known)
    return judged, mark(expected, copy.folder, known.good)


def diagnosis(case: Case, folder: Path, known: Reference) -> Judged:
    """The diagnosis of a case, with all other tables, by `diagnose`."""
    copy = known.good.copy(folder / "data")
    expected = case.change(copy)
    ran = _run("diagnose", case, folder)
    judged = judge(ran, expected, copy, known)
    if isinstance(expected, Taken) and ran.status == 0:
        judged.complaints += findings(ran, expected, known)
    return judged


def mark(expected: Expected, data: Path, good: Good) -> str:
    """Equal where typed tables and settings are; empty where there is nothing to diagnose, or nothing new."""
    if isinstance(expected, Refused):
        return ""
    told = []
    for name, fate in sorted(expected.fates.items()):
        rows = typed(name, fate.kept) if fate.kept else Counter()
        if rows != typed(name, good.grids[name]):
            told += [name, *sorted(map(repr, rows.items()))]
    own, usual = _settings(data), _settings(good.folder)
    told += [] if own == usual else [json.dumps(own, sort_keys=True, default=str)]
    return hashlib.sha256("\n".join(told).encode()).hexdigest() if told else ""


def each(
    work: Callable[[Case, Path, Reference], T], cases: Sequence[Case], folder: Path, known: Reference
) -> Iterator[T]:
    """What `work` makes of cases, in their order; each has a folder that is deleted afterwards."""
    context = multiprocessing.get_context("fork")  # cases hold functions, which no other way of starting hands on
    with context.Pool(WORKERS, _hand_over, (work, folder, known, cases), maxtasksperchild=TASKS) as pool:
        yield from pool.imap(_nth, range(len(cases)))


_IN_HAND: list[Any] = []


def _hand_over(*given: Any) -> None:
    """What a worker needs; it keeps what runs leave for others apart, and only as long as the cases run."""
    os.environ["SOP_KEPT"] = str(given[1] / f"kept-{os.getpid()}")
    _IN_HAND[:] = given


def _nth(number: int) -> Any:
    work, folder, known, cases = _IN_HAND
    own = folder / str(number)
    try:
        return work(cases[number], own, known)
    finally:
        shutil.rmtree(own, ignore_errors=True)


def _run(kind: str, case: Case, folder: Path, out: Path | None = None) -> Ran:
    out = out or folder / "out"
    data = folder / "data" / case.data if case.data else folder / "data"
    with permissions_bind() if case.bound else nullcontext():
        return Ran(*command(kind, "--data", data, "--out", out, "--fresh", *case.arguments(folder)), out)


def _touched(case: Case, folder: Path, known: Reference) -> Iterator[str]:
    """A refused client leaves the folder of a good run as it was."""
    out = known.store.parent
    before = _seen(out)
    ran = _run(case.by, case, folder, out)
    if ran.status != 2:
        yield f"exit status {ran.status} in place of 2 beside a good run"
    if _seen(out) != before:
        yield "the good run was touched"


def _seen(folder: Path) -> list[tuple[str, int, int]]:
    return sorted((str(path), path.stat().st_mtime_ns, path.stat().st_size) for path in folder.rglob("*"))


def _settings(folder: Path) -> object:
    """What the settings say beside where the tables are."""
    path = folder / SETTINGS
    said = yaml.safe_load(path.read_text(encoding="utf-8")) if path.is_file() else None
    return {key: value for key, value in said.items() if key != "tables"} if isinstance(said, dict) else said
