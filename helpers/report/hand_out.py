"""What is handed out beside the page: the slides and the printed page, each only where it was asked for."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from helpers.diagnosis import Diagnosis
from helpers.engagement import Engagement
from helpers.faults import told

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Handed:
    """What was written, by name, and what broke off: the report stands all the same.

    `older` are files of an earlier go that still lie there: they do not say what the page says now.
    """

    paths: tuple[tuple[str, Path], ...]
    failures: tuple[str, ...]
    older: tuple[str, ...] = ()


def hand_out(
    engagement: Engagement,
    diagnosis: Diagnosis,
    data_dir: Path,
    page: Path,
    slides: bool,
    program: str,
    progress: Callable[[str], None],
) -> Handed:
    """Write `slides.pptx` if `slides`, and `report.pdf` if a `program` to print it with is named, beside the page."""
    from helpers.report.pdf import PDF, print_page
    from helpers.report.slides import SLIDES, write_slides

    asked: list[tuple[str, str, Callable[[], Path]]] = []
    if slides:
        asked.append(("Slides", SLIDES, lambda: write_slides(engagement, diagnosis, data_dir, page.parent)))
    if program:
        asked.append(("PDF", PDF, lambda: print_page(program, page)))
    paths: list[tuple[str, Path]] = []
    failures: list[str] = []
    for name, file, make in asked:
        progress(file)
        try:
            paths.append((name, make()))
        except Exception as error:
            log.exception("%s failed", file)
            failures.append(f"{file}: {told(error)}")
    made = {path.name for _, path in paths}
    older = tuple(name for name in (SLIDES, PDF) if name not in made and (page.parent / name).exists())
    return Handed(tuple(paths), tuple(failures), older)
