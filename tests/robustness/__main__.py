"""`python -m tests.robustness`: broken clients, faults, hostile content and load, tried and counted."""

from __future__ import annotations

import argparse
import platform
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from pathlib import Path

from rich.console import Console

from tests.readme import README, markdown, publish
from tests.robustness import load, missing, other_ways
from tests.robustness.figures import Bench, Figure

# A part is a function `figures(bench)` of a module of its own, named here.
PARTS: dict[str, Callable[[Bench], Iterator[Figure]]] = {
    "missing": missing.figures,
    "other-ways": other_ways.figures,
    "load": load.figures,
}
HEADER = ("what", "promise", "tried", "held")


def main() -> None:
    """Run the parts asked for, print what fell and the table; `--write` puts it into the README."""
    console, asked = Console(), _options()
    with tempfile.TemporaryDirectory(prefix="robust") as folder:
        figures = list(run(asked.parts, Bench(Path(folder), lambda text: console.print(text, markup=False))))
    for figure in figures:
        for line in figure.fallen:
            console.print(f"fallen, {figure.kind}: {line}", markup=False, soft_wrap=True)
    text = table(figures, datetime.now().astimezone().date())
    console.print(text, markup=False, soft_wrap=True)
    if asked.write:
        publish("robustness", text)
        console.print(f"Written: the table in {README}.")
    sys.exit(not all(figure.holds for figure in figures))


def run(parts: Iterable[str], bench: Bench) -> Iterator[Figure]:
    """The figures of some parts, each in a folder of its own."""
    for part in parts:
        bench.say(f"part {part}")
        folder = bench.folder / part
        folder.mkdir()
        for figure in PARTS[part](Bench(folder, bench.say)):
            bench.say(f"  {figure.kind}: {figure.held} of {figure.tried}")
            yield figure


def table(figures: Sequence[Figure], day: date) -> str:
    """The date, the kind of machine, and a line a figure."""
    held = sum(figure.holds for figure in figures)
    head = f"Run of {day.isoformat()}, {platform.system()}, Python {platform.python_version()}."
    return f"{head} {held} of {len(figures)} hold.\n\n{markdown(HEADER, map(_row, figures))}"


def _row(figure: Figure) -> tuple[str, ...]:
    held = f"{figure.held:,}" if figure.holds else f"**{figure.held:,}**"
    return figure.kind, figure.promise, f"{figure.tried:,}", held


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.robustness", description=__doc__)
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS), help="what to try (default: all)")
    parser.add_argument("--write", action="store_true", help="write the table into the README; only of a whole run")
    asked = parser.parse_args()
    if asked.write and asked.parts != list(PARTS):
        parser.error("--write is for the whole run: leave out --parts.")
    return asked


if __name__ == "__main__":
    main()
