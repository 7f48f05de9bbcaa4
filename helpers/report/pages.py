"""The notebooks of a run as pages of its report: executed beside the diagnosis, scrubbed, their chapters taken out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from helpers.diagnosis import Diagnosis
from helpers.kept import Kept
from helpers.place import Origin, home
from helpers.report.handover import Handed
from helpers.report.markup import NOTEBOOKS, ROOT
from helpers.report.run import Executed, started
from helpers.report.scrub import scrub, without_paths
from helpers.report.stitch import Chapter, chapter

CHAPTERS = ("demand", "capacity", "procurement", "governance")
NOTHING_KEPT = Kept()
WORK = "pages"


@dataclass(frozen=True)
class Page:
    """An executed notebook without what must not leave the machine, as the text of its file, and its chapter."""

    name: str
    text: str
    chapter: Chapter


Made: TypeAlias = Callable[[], tuple[Page, ...]]
Making: TypeAlias = Callable[[Diagnosis], Made]


@contextmanager
def pages(
    data: Origin,
    out_dir: Path,
    settings_file: Path | None = None,
    as_of: str | None = None,
    progress: Callable[[str], None] = lambda _: None,
    kept: Kept = NOTHING_KEPT,
) -> Iterator[Making]:
    """Start the notebooks at once; what is yielded hands them the diagnosis, as soon as there is one.

    They draw beside whatever the caller does next; what it gets back waits for them and makes their pages. Pages that
    an earlier run on the same input kept are taken as they are.
    """
    known: tuple[Page, ...] | None = kept.load(WORK)
    if known is not None:
        progress("notebooks: as in an earlier run on the same input; --fresh runs them anew")
    folders = (home(data, settings_file).resolve(), out_dir.resolve(), ROOT, *_home())
    parameters = {
        "data_dir": str(data.resolve() if isinstance(data, Path) else data),
        "out_dir": str(out_dir.resolve()),
        "settings_file": str(settings_file.resolve()) if settings_file else "",
        "as_of": as_of or "",
    }
    with started([] if known else notebook_paths(), parameters, ROOT, progress, waiting=True) as execution:

        def begin(diagnosis: Diagnosis) -> Made:
            fitting = kept.of(diagnosis.manifest.fingerprint)
            if known and fitting.folder:
                return lambda: known
            if known:
                execution.start(notebook_paths())
            execution.hand(_handed(diagnosis))
            return lambda: end(diagnosis, fitting)

        def end(diagnosis: Diagnosis, fitting: Kept) -> tuple[Page, ...]:
            made = tuple(_page(executed, folders) for executed in execution.finish())
            if not any(page.chapter.failure for page in made) and not diagnosis.failures:
                fitting.save(WORK, made)
            return made

        yield begin


def _home() -> tuple[Path, ...]:
    """The user's folder; a user of a container may have none."""
    try:
        return (Path.home(),)
    except RuntimeError:
        return ()


def notebook_paths() -> list[Path]:
    """The notebooks in the order of the report; one that is not among the known four comes last."""
    found = {path.stem: path for path in sorted(NOTEBOOKS.glob("*.ipynb"))}
    return [found[name] for name in (*CHAPTERS, *(n for n in found if n not in CHAPTERS)) if name in found]


def _handed(diagnosis: Diagnosis) -> Handed:
    return Handed(
        diagnosis.settings, diagnosis.manifest, diagnosis.as_of, diagnosis.calendar, diagnosis.findings
    )  # fmt: skip


def _page(executed: Executed, folders: tuple[Path, ...]) -> Page:
    import nbformat

    clean = scrub(executed.notebook, folders)
    text = nbformat.writes(clean) + "\n"  # type: ignore[no-untyped-call]
    return Page(executed.name, text, chapter(executed.name, clean, without_paths(executed.failure, folders)))
