"""The figures as a Markdown table."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from datetime import date

from tests.benchmarks.figures import Figure
from tests.readme import markdown

HEADER = ("work", "against", "at most", "reached", "n", "peak memory")


def table(figures: Sequence[Figure], day: date) -> str:
    """The date, the kind of machine, and a line a figure; a target that is missed says so."""
    missed = sum(not figure.is_met for figure in figures)
    met = f"{len(figures) - missed} of {len(figures)} targets met."
    return f"Run of {day.isoformat()}, {_machine()}. {met}\n\n{markdown(HEADER, map(_row, figures))}"


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
