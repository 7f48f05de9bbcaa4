"""Killed at any point of a run: before any operation on the disk, in the middle of a write, while notebooks run."""

from __future__ import annotations

import shutil
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.robustness.faults import kit
from tests.robustness.faults.kit import Blow, Order, Place
from tests.robustness.faults.whole import Results, copied, repeated, results, torn

AT_ONCE = 2
DIAGNOSE, REPORT = ("diagnose",), ("report",)
MOMENTS = (0.0, 0.2, 0.4, 0.8, 1.5, 2.5, 3.5, 5.0)  # kernels start, wait, are handed the findings, draw
SELDOM = {3: signal.SIGTERM, 7: signal.SIGINT}
ENDS = {signal.SIGKILL: -signal.SIGKILL, signal.SIGTERM: 143, signal.SIGINT: 130}


def outcomes(folder: Path, points: int, moments: int, *, printed: bool = False) -> dict[str, str]:
    """What came of a run killed at `points` operations of a diagnosis, and at `moments` of a report; nothing if well.

    Every tenth point is told to end instead, and every tenth interrupted. With `printed` a report is also killed while
    a browser prints it.
    """
    plain, paged = results(folder / "diagnose", *DIAGNOSE), results(folder / "report", *REPORT)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        named = {
            **{name: pool.submit(_killed_at, plain, DIAGNOSE, blow) for name, blow in _spread(plain, points)},
            **{name: pool.submit(_killed_at, paged, REPORT, blow) for name, blow in _spread(paged, moments)},
            **{
                f"report, {after} s after the first kernel": pool.submit(_killed_after, paged, after)
                for after in MOMENTS[:moments]
            },
            **({"report, while it is printed": pool.submit(_killed_printing, paged)} if printed else {}),
        }
        return {name: waiting.result() for name, waiting in named.items()}


def _spread(over: Results, count: int) -> Iterator[tuple[str, Blow]]:
    """Points spread evenly over all operations of the run, the first and the last among them."""
    for number in range(count):
        what = SELDOM.get(number % 10, signal.SIGKILL)
        at = 1 + round(number * (over.operations - 1) / max(1, count - 1))
        yield f"{over.place.root.name}, operation {at}, {what.name}", Blow(at, what)


def _killed_at(over: Results, command: tuple[str, ...], blow: Blow) -> str:
    place = copied(over.place, over.place.root.with_name(f"{over.place.root.name}-{blow.at}"))
    run = kit.start(Order([*command, "--data", "data", "--out", "out", "--fresh"], place, blow))
    status = run.end()
    wrong = [] if status == ENDS[signal.Signals(blow.what)] else [f"ended with {status}: {run.said[-300:]}"]
    where = run.operations[blow.at - 1 : blow.at]
    return _judged([*where, *wrong], bool(wrong), run, over, command)


def _killed_after(over: Results, after: float) -> str:
    place = copied(over.place, over.place.root.with_name(f"{over.place.root.name}-after-{after}"))
    run = kit.start(Order([*REPORT, "--data", "data", "--out", "out", "--fresh"], place))
    kit.awaited(lambda: len(kit.alive(run.mark)) > 1)
    time.sleep(after)
    listening = [f"listened on {port}" for port in kit.ports(run.mark)]
    run.process.kill()
    run.end()
    return _judged(listening, bool(listening), run, over, REPORT)


def _killed_printing(over: Results) -> str:
    """The browser ends by itself, and what it wrote goes with the next run."""
    place = copied(over.place, over.place.root.with_name(f"{over.place.root.name}-printed"))
    run = kit.start(Order([*REPORT, "--data", "data", "--out", "out", "--pdf"], place))
    kit.awaited(lambda: "report.pdf" in run.said and len(kit.alive(run.mark)) > 1)
    run.process.kill()
    run.end()
    return _judged([], False, run, over, REPORT)


def _judged(told: list[str], is_wrong: bool, run: kit.Run, over: Results, command: tuple[str, ...]) -> str:
    """What is wrong after the blow, and after the next run; nothing where all is well."""
    place = Place(run.log.parent)
    wrong = torn(place.out, over)
    if not kit.gone(run.mark):
        wrong.append(f"{len(kit.alive(run.mark))} processes live on")
    wrong += repeated(place, over.after["findings.json"], *command)
    shutil.rmtree(place.root)
    return "; ".join([*told, *wrong]) if is_wrong or wrong else ""
