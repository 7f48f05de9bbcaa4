"""Work in processes of its own: how long it took, and how much memory it held at most.

A whole program is timed from outside, with its start and its imports. A piece of work is timed inside: what prepares
it, imports first of all, is not counted. Memory is the largest resident set of one process; of a program that starts
others the largest of any of them, not their sum. A new process is charged with what the one that starts it holds, so
nothing heavy is imported here. Needs Linux or macOS.
"""

from __future__ import annotations

import importlib
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
KEPT = "SOP_KEPT"  # tells the kit where it keeps what a later run can use
KIT = (sys.executable, "-m", "helpers")
MAXRSS = 1e9 if sys.platform == "darwin" else 1e6  # bytes there, kilobytes here

Work = Callable[[], object]


@dataclass(frozen=True)
class Cost:
    """Seconds on the clock, GB held at most, and GB of it that the work itself added."""

    seconds: float
    peak: float
    added: float = float("nan")


def program(*command: str | Path, **environment: str) -> Cost:
    """What a whole program costs, run in the project's folder; its output is shown only if it fails.

    Raises
    ------
    RuntimeError
        It ended with another status than 0.
    """
    with _nothing_kept() as fresh, tempfile.TemporaryFile("w+") as said:
        started = time.perf_counter()
        running = subprocess.Popen(
            command, cwd=ROOT, env={**fresh, **environment}, stdin=subprocess.DEVNULL, stdout=said, stderr=said
        )
        _, status, used = os.wait4(running.pid, 0)
        seconds = time.perf_counter() - started
        running.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        _refuse_failure(command, running.returncode, said.read())
    return Cost(seconds, used.ru_maxrss / MAXRSS)


def work(prepare: Callable[..., Work], *arguments: object) -> Cost:
    """What a piece of work costs in a new process: `prepare(*arguments)`, given as texts, returns it ready to start.

    Raises
    ------
    RuntimeError
        It broke off.
    """
    named = f"{prepare.__module__}:{prepare.__name__}"
    command = [sys.executable, "-m", "tests.benchmarks.processes", named, *map(str, arguments)]
    with _nothing_kept() as fresh:
        ended = subprocess.run(command, cwd=ROOT, env=fresh, capture_output=True, text=True, check=False)
    _refuse_failure(command, ended.returncode, ended.stderr)
    return Cost(**json.loads(ended.stdout.splitlines()[-1]))


@contextmanager
def _nothing_kept() -> Iterator[dict[str, str]]:
    """The environment, with an empty folder for what the kit keeps: no earlier run helps."""
    with tempfile.TemporaryDirectory() as empty:
        yield {**os.environ, KEPT: empty}


def _timed(named: str, *arguments: str) -> Cost:
    module, _, name = named.partition(":")
    ready: Work = getattr(importlib.import_module(module), name)(*arguments)
    before, started = _peak(), time.perf_counter()
    ready()
    seconds, peak = time.perf_counter() - started, _peak()
    return Cost(seconds, peak, peak - before)


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MAXRSS


def _refuse_failure(command: Sequence[str | Path], status: int, said: str) -> None:
    if status:
        raise RuntimeError(f"{' '.join(map(str, command))} ended with status {status}:\n{said[-2000:]}")


if __name__ == "__main__":
    sys.stdout.write(f"{json.dumps(asdict(_timed(*sys.argv[1:])))}\n")
