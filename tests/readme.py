"""The README's tables that a command writes: each stands between two marks of its own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
README = ROOT / "README.md"


def publish(name: str, text: str) -> None:
    """Write `text` between the marks of the table `name`; `IndexError` where the README has no such marks."""
    start, end = f"<!-- {name}: start -->", f"<!-- {name}: end -->"
    page = README.read_text(encoding="utf-8")
    before, after = page.split(start)[0], page.split(end)[1]
    README.write_text(f"{before}{start}\n{text}\n{end}{after}", encoding="utf-8")


def markdown(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table, a line a row."""
    return "\n".join(f"| {' | '.join(row)} |" for row in (header, ("---",) * len(header), *rows))
