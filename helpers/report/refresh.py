"""`python -m helpers.report.refresh`: run the notebooks on `sample_data/` and keep their outputs in `notebooks/`."""

from __future__ import annotations

import sys
from pathlib import Path

import nbformat

from helpers.disk import working_folder, write
from helpers.report.markup import NOTEBOOKS, ROOT
from helpers.report.run import started
from helpers.report.scrub import scrub

SAMPLE = ROOT / "sample_data"


def refresh(folder: Path = NOTEBOOKS) -> tuple[str, ...]:
    """Execute every notebook of `folder` on the sample data and save it with its outputs; returns what failed.

    A notebook that fails is left as it was.
    """
    paths = sorted(folder.glob("*.ipynb"))
    with working_folder() as out:
        with started(paths, {"out_dir": str(out)}, ROOT, _say) as execution:
            executed = execution.finish()
        for path, page in zip(paths, executed, strict=True):
            if not page.failure:
                clean = scrub(page.notebook, (SAMPLE, out, ROOT, Path.home()))
                write(path, nbformat.writes(clean) + "\n")  # type: ignore[no-untyped-call]
    return tuple(f"{page.name}: {page.failure}" for page in executed if page.failure)


def _say(step: str) -> None:
    sys.stderr.write(f"{step}\n")


if __name__ == "__main__":
    sys.exit("\n".join(refresh()) or None)
