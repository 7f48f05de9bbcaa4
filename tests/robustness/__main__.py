"""`python -m tests.robustness`: broken clients, faults, hostile content and load, tried and counted."""

from __future__ import annotations

import argparse
import platform
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from pathlib import Path

from rich.console import Console

from tests.readme import README, markdown, publish
from tests.robustness import faults, hostile, load, missing, other_ways, secrecy
from tests.robustness.broken.corpus import figures as broken
from tests.robustness.figures import Bench, Figure
from tests.robustness.records import Record, kept, known

# A part is a function `figures(bench)` of a module of its own, named here.
PARTS: dict[str, Callable[[Bench], Iterator[Figure]]] = {
    "broken": broken,
    "faults": faults.figures,
    "hostile": hostile.figures,
    "secrecy": secrecy.figures,
    "other-ways": other_ways.figures,
    "missing": missing.figures,
    "load": load.figures,
}
HEADER = ("what", "promise", "tried", "held")


def main() -> None:
    """Run the parts asked for and print what fell and the table; `--write` puts it into the README."""
    console, asked = Console(), _options()
    with tempfile.TemporaryDirectory(prefix="robust") as folder:
        bench = Bench(Path(folder), lambda text: console.print(text, markup=False))
        ran = [kept(part, run(part, bench)) for part in asked.parts]
    for figure in (figure for record in ran for figure in record.figures):
        for line in figure.fallen:
            console.print(f"fallen, {figure.kind}: {line}", markup=False, soft_wrap=True)
    text = table(known(PARTS))
    console.print(text, markup=False, soft_wrap=True)
    if asked.write:
        publish("robustness", text)
        console.print(f"Written: the table in {README}.")
    sys.exit(not all(figure.holds for record in ran for figure in record.figures))


def run(part: str, bench: Bench) -> Iterator[Figure]:
    """The figures of a part, tried in a folder of its own."""
    bench.say(f"part {part}")
    folder = bench.folder / part
    folder.mkdir()
    for figure in PARTS[part](Bench(folder, bench.say)):
        bench.say(f"  {figure.kind}: {figure.held:,} of {figure.tried:,}")
        yield figure


def table(records: Sequence[Record]) -> str:
    """When each part ran and with which code, the kind of machine, and a line a figure."""
    figures = [figure for record in records for figure in record.figures]
    held = sum(figure.holds for figure in figures)
    runs: dict[tuple[date, str], list[str]] = {}
    for record in records:
        runs.setdefault((record.day, record.code), []).append(record.part)
    told = "; ".join(f"{day.isoformat()}, code {code}: {', '.join(parts)}" for (day, code), parts in runs.items())
    head = f"{told}. {platform.system()}, Python {platform.python_version()}. {held} of {len(figures)} hold."
    return f"{head}\n\n{markdown(HEADER, map(_row, figures))}"


def _row(figure: Figure) -> tuple[str, ...]:
    held = f"{figure.held:,}" if figure.holds else f"**{figure.held:,}**"
    return figure.kind, figure.promise, f"{figure.tried:,}", held


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.robustness", description=__doc__)
    parser.add_argument("--parts", nargs="*", choices=PARTS, default=list(PARTS), help="what to try (default: all)")
    parser.add_argument("--write", action="store_true", help="write the table of all parts' last runs into the README")
    return parser.parse_args()


if __name__ == "__main__":
    main()
