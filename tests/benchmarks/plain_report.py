"""`python -m tests.benchmarks.plain_report DATA OUT`: findings, figures, plan and page of a report in one process.

The cells of the notebooks run here instead of in kernels, all on one engagement.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import nbformat
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

from helpers.compare import recorded
from helpers.diagnosis import diagnose, open_engagement
from helpers.kept import Kept
from helpers.report import cells, stitch
from helpers.report.pages import notebook_paths
from helpers.report.realignment import planned
from helpers.report.write import page_html


def write_plain_report(data: Path, out: Path) -> None:
    """Write `findings.json` and `report.html` into `out`."""
    engagement = open_engagement(data, out)
    diagnosis = diagnose(engagement)
    (out / "findings.json").write_text(json.dumps(recorded(diagnosis)), encoding="utf-8")
    cells.open_data = lambda *_: engagement
    chapters = [stitch.chapter(path.stem, executed(path)) for path in notebook_paths()]
    ahead = planned(engagement, data, Kept(), lambda _: None)
    page = page_html(engagement, diagnosis, chapters, data, out, ahead=ahead)
    (out / "report.html").write_text(page, encoding="utf-8")


def executed(path: Path) -> Any:
    """A notebook with the outputs its cells have in this process."""
    notebook, shell = nbformat.read(path, as_version=4), InteractiveShell.instance()
    for cell in notebook.cells:
        if cell.cell_type == "code":
            with capture_output() as shown:
                shell.display_trap.hook = sys.displayhook  # else the shell shows the last line of a cell itself
                shell.run_cell(cell.source).raise_error()
            cell.outputs = [
                nbformat.v4.new_output("display_data", data=one.data, metadata=one.metadata) for one in shown.outputs
            ]
    return notebook


if __name__ == "__main__":
    write_plain_report(Path(sys.argv[1]), Path(sys.argv[2]))
