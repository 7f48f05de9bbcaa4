"""The report on the sample against one plain process and against papermill's command line; and a second run.

Whole programs, with their start and imports.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks.bench import Bench
from tests.benchmarks.figures import Figure, peak, rounds, time_ratios
from tests.benchmarks.processes import KEPT, KIT, ROOT, Cost, program

SAMPLE = ROOT / "sample_data"
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


def figures(bench: Bench) -> Iterator[Figure]:
    """A first run against both, then a second run against a first."""
    reported, plain, papermill = rounds(
        bench.times(3),
        lambda: program(*_report(bench)),
        lambda: program(sys.executable, "-m", "tests.benchmarks.plain_report", SAMPLE, bench.new_folder()),
        lambda: _papermill(bench.new_folder()),
    )
    yield Figure(
        "`report`, sample", "the same in one plain process", 2.0, time_ratios(reported, plain), peak=peak(reported)
    )
    yield Figure("`report`, sample", "`papermill`, four times, and `plan`", 0.4, time_ratios(reported, papermill))
    firsts, seconds = zip(*(_twice(bench) for _ in range(bench.times(3))), strict=True)
    yield Figure("`report` again, same input", "the first run", 0.25, time_ratios(seconds, firsts), peak=peak(seconds))


def _report(bench: Bench) -> tuple[str | Path, ...]:
    """The command as a user gives it, into a folder of its own."""
    return *KIT, "report", "--data", SAMPLE, "--out", bench.new_folder()


def _twice(bench: Bench) -> tuple[Cost, Cost]:
    kept = {KEPT: str(bench.new_folder())}
    return program(*_report(bench), **kept), program(*_report(bench), **kept)


def _papermill(out: Path) -> Cost:
    """The command line once a notebook, then the plan, one after the other; what one keeps helps the next."""
    given = ("-p", "data_dir", str(SAMPLE), "-p", "out_dir", str(out / "run"))
    command = (sys.executable, "-m", "papermill")
    costs = [program(*command, path, out / path.name, *given, **{KEPT: str(out / "kept")}) for path in NOTEBOOKS]
    costs.append(program(*KIT, "plan", "--data", SAMPLE, "--out", out / "plan", **{KEPT: str(out / "kept")}))
    return Cost(sum(cost.seconds for cost in costs), peak(costs))
