"""The figures as a Markdown table, and its place in the README."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from datetime import date

from tests.benchmarks.figures import Figure
from tests.benchmarks.processes import ROOT

README = ROOT / "README.md"
START, END = "<!-- benchmarks: start -->", "<!-- benchmarks: end -->"
HEADER = ("work", "against", "at most", "reached", "n", "peak memory")


def table(figures: Sequence[Figure], day: date) -> str:
    """The date, the kind of machine, and a line a figure; a target that is missed says so."""
    rows = [HEADER, ("---",) * len(HEADER), *map(_row, figures)]
    lines = [f"| {' | '.join(row)} |" for row in rows]
    missed = sum(not figure.is_met for figure in figures)
    met = f"{len(figures) - missed} of {len(figures)} targets met."
    return "\n".join([f"Run of {day.isoformat()}, {_machine()}. {met}", "", *lines])


def publish(text: str) -> None:
    """Write the table between the README's marks."""
    page = README.read_text(encoding="utf-8")
    before, after = page.split(START)[0], page.split(END)[1]
    README.write_text(f"{before}{START}\n{text}\n{END}{after}", encoding="utf-8")


def _row(figure: Figure) -> tuple[str, ...]:
    reached = f"{figure.reached:.2f} {figure.unit}".strip()
    return (
        figure.work,
        figure.against,
        f"{figure.target:g} {figure.unit}",
        reached if figure.is_met else f"**{reached}, missed**",
        str(len(figure.values)),
        f"{figure.peak:.2f} GB" if figure.peak else "",
    )


def _machine() -> str:
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 1e9
    return f"{os.cpu_count()} cores, {memory:.0f} GB of memory, {platform.system()}, Python {platform.python_version()}"
