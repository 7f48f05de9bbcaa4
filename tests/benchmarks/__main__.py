"""`python -m tests.benchmarks`: how fast the kit is, as ratios of works done in turn on the same machine.

Everything takes about an hour, eight GB of disk and six of memory; run it on a quiet machine.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from pathlib import Path

from rich.console import Console

from tests.benchmarks import engine, intake, measures, report, start
from tests.benchmarks.bench import Bench
from tests.benchmarks.figures import Figure
from tests.benchmarks.tables import table
from tests.readme import README, publish

PARTS: dict[str, Callable[[Bench], Iterator[Figure]]] = {
    "diagnose": engine.figures,
    "intake": intake.figures,
    "measures": measures.figures,
    "report": report.figures,
    "start": start.figures,
}


def main() -> None:
    """Run the parts asked for and print their table; `--write` puts it into the README."""
    console, asked = Console(), _options()
    bench = Bench(asked.folder.resolve(), *asked.items, asked.repeats, lambda text: console.print(text, markup=False))
    try:
        text = table(list(run(asked.parts, bench)), datetime.now().astimezone().date())
    finally:
        bench.tidy()
    console.print(text, markup=False, soft_wrap=True)
    if asked.write:
        publish("benchmarks", text)
        console.print(f"Written: the table in {README}.")


def run(parts: Iterable[str], bench: Bench) -> Iterator[Figure]:
    """The figures of some parts, each told as soon as it is known."""
    for part in parts:
        bench.say(f"part {part}")
        for figure in PARTS[part](bench):
            bench.say(
                f"  {figure.work} / {figure.against or 'as it is'}: {figure.reached:.3f} {figure.unit} "
                f"({' '.join(f'{value:.3f}' for value in figure.values)}), at most {figure.target:g}"
            )
            yield figure


def _options() -> argparse.Namespace:
    whole = Bench(Path("runs/benchmarks"))
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS), help="what to measure (default: all)")
    parser.add_argument(
        "--items",
        nargs=2,
        type=int,
        metavar=("SMALL", "LARGE"),
        default=(whole.small, whole.large),
        help="items of the two clients, 1,020 forecast rows each (default: 1000 20000)",
    )
    parser.add_argument("--repeats", type=int, help="rounds of every work (default: 3; 7 for short ones)")
    parser.add_argument(
        "--folder", type=Path, default=whole.folder, help="where the clients are kept (default: runs/benchmarks)"
    )
    parser.add_argument("--write", action="store_true", help="write the table into the README; only of a whole run")
    asked = parser.parse_args()
    is_whole = asked.parts == list(PARTS) and tuple(asked.items) == (whole.small, whole.large)
    if asked.write and not (is_whole and asked.repeats is None):
        parser.error("--write is for the whole run: leave out --parts, --items and --repeats.")
    return asked


if __name__ == "__main__":
    main()
