"""Many clients in one process: one after another and at once, equal to single runs, and nothing stays behind."""

from __future__ import annotations

import gc
import hashlib
import json
import os
import tempfile
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import combinations
from multiprocessing import get_context
from pathlib import Path

from typer.testing import CliRunner

from helpers.commands import app
from helpers.compare import recorded
from helpers.diagnosis import diagnose, open_engagement
from helpers.engagement import Engagement
from tests.robustness.figures import Bench, Figure, counted
from tests.robustness.small import SAMPLE, small_client

FAMILIES = ("Baking Mixes", "Biscuits", "Desserts", "Gift Boxes", "Ready Meals", "Sauces", "Soups", "Spreads")
CLIENTS, AT_ONCE, REPORTS = 24, 4, 4
SETTLED = 4  # clients after which caches are filled and the libraries have what they keep
GROWTH = 30.0  # MB a process may grow from then on: less than two clients' tables and frames, so that a leak shows
WORKERS = os.cpu_count() or 1


@dataclass(frozen=True)
class After:
    """What a process holds after a client: memory (MB), open files, threads, open extracts, temporary files."""

    findings: str
    memory: float
    files: int
    threads: int
    extracts: int
    temporary: int
    processes: int


def figures(bench: Bench) -> Iterator[Figure]:
    """Twenty-four clients one after another, four at once, each held against a run of its own; four whole reports."""
    sent = clients(bench.folder, CLIENTS)
    yield from tried(bench, sent, AT_ONCE, SETTLED)
    yield from reported(bench, sent[0], REPORTS)


def clients(folder: Path, count: int, tables: Collection[str] = ()) -> list[Path]:
    """Clients of two families each, every third from the healthy twin."""
    pairs = list(combinations(FAMILIES, 2))[:count]
    sources = [SAMPLE / "healthy_twin" if number % 3 == 2 else SAMPLE for number in range(count)]
    return [
        small_client(folder / f"client {number}", pair, tables, source)
        for number, (pair, source) in enumerate(zip(pairs, sources, strict=True))
    ]


def tried(bench: Bench, sent: Sequence[Path], at_once: int, settled: int) -> Iterator[Figure]:
    """The figures of the clients `sent`, of which `at_once` are run together; memory counts from `settled` on."""
    with get_context("spawn").Pool(WORKERS, maxtasksperchild=1) as pool:
        alone = dict(zip(sent, pool.map(of_one, sent, chunksize=1), strict=True))
    bench.say("  each alone: done")
    with _process() as pool:
        in_turn = pool.submit(one_after_another, sent).result()
    bench.say("  one after another: done")
    told = {path.name: _told(after.findings, alone[path]) for path, after in zip(sent, in_turn, strict=True)}
    yield counted("clients one after another in one process", "equal to a single run", told)
    grown = [grew(in_turn[settled - 1], after) for after in in_turn[settled:]]
    yield counted("the same: memory, files, threads, extracts", "no more than after the first few", _by_number(grown))
    with _process() as pool:
        before, together, after = pool.submit(all_at_once, sent[:at_once]).result()
    told = {path.name: _told(found, alone[path]) for path, found in zip(sent, together, strict=False)}
    yield counted("clients at once in one process", "equal to a single run", told)
    again = {"the second time": left(before, after)}
    yield counted("the same: files, threads, extracts", "no more than after the first time", again)


def reported(bench: Bench, data: Path, times: int) -> Iterator[Figure]:
    """The figures of whole reports of one client, made anew one after another in one process."""
    with _process() as pool:
        written = pool.submit(report_after_report, data, bench.folder / "reports", times).result()
    (_, first), again = written[0], written[1:]
    unequal = [", ".join(sorted(name for name, _ in first.items() ^ files.items())) for _, files in again]
    yield counted("reports made again: pages, pictures, workbook", "equal to the last byte", _by_number(unequal))
    grown = [grew(written[0][0], after) for after, _ in again]
    yield counted("the same: memory, files, threads, kernels", "no more than after the first", _by_number(grown))


def _by_number(outcomes: Sequence[str]) -> dict[str, str]:
    return {f"number {number}": outcome for number, outcome in enumerate(outcomes, start=1)}


def _told(found: str, alone: str) -> str:
    return "" if found == alone else "says anything else than alone"


def grew(settled: After, now: After) -> str:
    """What a process holds more than after the first few clients; nothing where it is flat."""
    more = now.memory - settled.memory
    return f"{more:.0f} MB more" if more > GROWTH else left(settled, now)


def left(before: After, now: After) -> str:
    """What of the kit's own stayed behind."""
    names = ("files", "threads", "extracts", "temporary", "processes")
    grown = [f"{getattr(now, name)} {name}, before {getattr(before, name)}" for name in names]
    return "; ".join(
        text for text, name in zip(grown, names, strict=True) if getattr(now, name) > getattr(before, name)
    )


@contextmanager
def _process() -> Iterator[ProcessPoolExecutor]:
    """A fresh process with a temporary folder of its own, in which nobody else leaves anything."""
    with (
        tempfile.TemporaryDirectory(prefix="load") as home,
        ProcessPoolExecutor(1, get_context("spawn"), initializer=_live_in, initargs=(home,)) as pool,
    ):
        yield pool


# in the processes


def _live_in(home: str) -> None:
    os.environ["TMPDIR"] = tempfile.tempdir = home


def of_one(data: Path) -> str:
    """The fingerprint of a client's findings."""
    with tempfile.TemporaryDirectory() as out:
        found = json.dumps(recorded(diagnose(open_engagement(data, Path(out)))), allow_nan=False)
    return hashlib.sha256(found.encode()).hexdigest()


def one_after_another(sent: Sequence[Path]) -> list[After]:
    """All clients in this process, with what it holds after each."""
    return [held(of_one(data)) for data in sent]


def all_at_once(sent: Sequence[Path]) -> tuple[After, list[str], After]:
    """All clients in threads of this process, twice, with what it held after the first and the second time.

    The libraries start as many threads of their own as ever have work at once, and keep them.
    """
    _together(sent)
    before = held("")
    return before, _together(sent), held("")


def _together(sent: Sequence[Path]) -> list[str]:
    with ThreadPoolExecutor(len(sent)) as pool:
        return list(pool.map(of_one, sent))


def report_after_report(data: Path, folder: Path, times: int) -> list[tuple[After, dict[str, str]]]:
    """Reports of a client by the command line, each with what the process holds after it and a digest of every file."""
    os.environ["SOP_KEPT"] = str(folder / "kept")
    written = []
    for out in (folder / str(number) / "report" for number in range(times)):
        said = CliRunner().invoke(app, ["report", "--fresh", "--slides", "--data", str(data), "--out", str(out)])
        if said.exit_code:
            raise RuntimeError(said.output)
        files = [path for path in out.rglob("*") if path.is_file()]
        digests = {str(path.relative_to(out)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
        written.append((held(""), digests))
    return written


def held(findings: str) -> After:
    """What this process holds now that garbage is gone; Linux says it in /proc."""
    gc.collect()
    process = Path("/proc/self")
    pages = int((process / "statm").read_text(encoding="ascii").split()[1])
    return After(
        findings,
        pages * os.sysconf("SC_PAGE_SIZE") / 1e6,
        len(list((process / "fd").iterdir())),
        len(list((process / "task").iterdir())),
        sum(isinstance(thing, Engagement) for thing in gc.get_objects()),
        len(list(Path(tempfile.gettempdir()).iterdir())),
        sum(len(task.read_text(encoding="ascii").split()) for task in process.glob("task/*/children")),
    )
