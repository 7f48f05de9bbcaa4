"""`python -m tests.validity`: simulate the clients, diagnose them, and write what the signs got right."""

from __future__ import annotations

import argparse
import logging
import os
import random
from concurrent.futures import ProcessPoolExecutor, as_completed
from datetime import datetime
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from tests.readme import README
from tests.validity.clients import RULES, Client, Seeds, clients, every_third_fault, every_third_healthy
from tests.validity.levels import STUDIED, Level
from tests.validity.reading import Reading
from tests.validity.records import code_version, is_kept, kept
from tests.validity.tables import RESULTS, publish, report

Work = tuple[Client, Level]
ORDER = 5


def main() -> None:
    """Run the study and print its tables; `--write` puts them into the repository."""
    options = _options()
    version = code_version()
    folder: Path = options.records / options.seeds / version
    folder.mkdir(parents=True, exist_ok=True)
    work = design(options.seeds, options.repeats, options.levels)
    planned = len(work)
    if options.kept:
        work = [(client, level) for client, level in work if is_kept(folder, client, level)]
    readings = run(work, folder, options.workers)
    text = report(readings, options.seeds, datetime.now().astimezone().date(), planned, version)
    Console().print(text, markup=False, soft_wrap=True)
    if options.write:
        publish(text)
        Console().print(f"Written: {RESULTS}, and the table in {README}.")


def design(seeds: Seeds, repeats: int, levels: list[Level]) -> list[Work]:
    """All clients of both generators with all data, then poorer data of the sample rules, then each path on its own.

    Poorer data are tried on every healthy and shocked client and on a third of the faulty ones, balanced over strength
    and volatility; each path on its own on a third of the healthy and of the faulty ones. Within a step clients come in
    a random order, so that a study that was stopped has seen a fair part.
    """
    full: list[Level] = [level for level in levels if level == "full"]
    poorer: list[Level] = [level for level in levels if level in ("reduced", "minimal")]
    alone: list[Level] = [level for level in levels if level == "paths"]
    once = {rules: clients(seeds, rules) for rules in RULES}
    kept_apart = [c for c in once["sample"] if c.kind in ("healthy", "shocks")] + every_third_fault(once["sample"])
    steps: list[list[Work]] = [
        [(client, level) for level in full for rules in RULES for client in once[rules]],
        [(client, level) for level in poorer for client in kept_apart],
        [(client, level) for level in alone for rules in RULES for client in _a_third(once[rules])],
        [(c, level) for level in full for rules in RULES for c in clients(seeds, rules, repeats)[len(once[rules]) :]],
    ]
    for step in steps:
        random.Random(ORDER).shuffle(step)
    return [work for step in steps for work in step]


def _a_third(found: list[Client]) -> list[Client]:
    return every_third_healthy(found) + every_third_fault(found)


def run(work: list[Work], folder: Path, workers: int) -> list[Reading]:
    """All readings, in parallel, with progress; clients already in `folder` are not run again."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with (
        Progress(*columns, TimeRemainingColumn()) as progress,
        ProcessPoolExecutor(workers, initializer=_quiet) as pool,
    ):
        task = progress.add_task("clients", total=len(work))
        waiting = [pool.submit(kept, folder, client, level) for client, level in work]
        for _ in as_completed(waiting):
            progress.advance(task)
        return [done.result() for done in waiting]


def _quiet() -> None:
    logging.disable(logging.CRITICAL)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.validity", description=__doc__)
    parser.add_argument(
        "--seeds", choices=("calibration", "report"), default="report", help="which clients (default: report)"
    )
    parser.add_argument(
        "--repeats", type=int, default=1, help="healthy clients per cell of the design with all data (default: 1)"
    )
    parser.add_argument(
        "--levels", nargs="+", choices=STUDIED, default=list(STUDIED), help="levels of data (default: all)"
    )
    parser.add_argument("--workers", type=int, default=os.cpu_count(), help="processes (default: one a core)")
    parser.add_argument(
        "--records", type=Path, default=Path("runs/validity"), help="where readings are kept (default: runs/validity)"
    )
    parser.add_argument("--kept", action="store_true", help="tables of what is kept so far; run nothing")
    parser.add_argument("--write", action="store_true", help="write the tables into the repository")
    return parser.parse_args()


if __name__ == "__main__":
    main()
