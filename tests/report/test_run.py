"""Execution of notebooks, and what is taken out of them before they are kept."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from helpers.errors import Unusable
from helpers.manifest import Manifest
from helpers.periods import Calendar
from helpers.report.handover import Handed
from helpers.report.run import started
from helpers.report.scrub import scrub, without_paths
from helpers.report.stitch import chapter
from helpers.settings import Settings

ROOT = Path(__file__).resolve().parents[2]

KERNEL = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}


def _notebook(folder: Path, *sources: str) -> Path:
    parameters = new_code_cell('data_dir: str = "none"  # where', metadata={"tags": ["parameters"]})
    cells = [parameters, *(new_code_cell(source) for source in sources)]
    path = folder / "page.ipynb"
    nbformat.write(new_notebook(cells=cells, metadata=KERNEL), path)
    return path


def test_a_failing_notebook_is_returned_with_what_it_had(tmp_path):
    """The cells before the fault keep their outputs; the failure names cell and error; nothing of the run is kept."""
    path = _notebook(tmp_path, "print(data_dir)", "1 / 0", "print('never')")

    with started([path], {"data_dir": str(tmp_path)}, tmp_path, lambda _: None) as execution:
        (page,) = execution.finish()
    clean = scrub(page.notebook, (tmp_path,))

    assert page.failure == "cell 4: ZeroDivisionError"
    assert [len(cell.outputs) for cell in clean.cells] == [0, 1, 1, 0]
    assert clean.cells[1].outputs[0].text == f"{tmp_path.name}\n"
    assert str(tmp_path) not in nbformat.writes(clean)
    assert set(clean.metadata) <= {"kernelspec", "language_info"}


def test_a_parameter_the_notebook_does_not_declare_is_refused(tmp_path):
    """Papermill only logs it; the report would be of the wrong data."""
    path = _notebook(tmp_path, "1")

    with (
        started([path], {"data_folder": "x"}, tmp_path, lambda _: None) as execution,
        pytest.raises(Unusable, match=r"page\.ipynb: no parameter 'data_folder'\. It declares: data_dir\."),
    ):
        execution.finish()


WAITING = "from helpers.report.handover import received\nprint(received().as_of)"


def handed(as_of: str) -> Handed:
    """What a run hands over, of a client without anything."""
    return Handed(Settings(), Manifest("", ()), pd.Timestamp(as_of), Calendar("month", *2 * [pd.DatetimeIndex([])]), ())


def test_a_notebook_waits_for_what_it_is_handed(tmp_path):
    """Its kernel starts while the run still measures; it goes on as soon as there is something to show."""
    path = _notebook(tmp_path, WAITING)

    with started([path], {}, ROOT, lambda _: None, waiting=True) as execution:
        time.sleep(1)
        assert not execution.pages[0].done()
        (page,) = execution.finish(handed("2026-03-01"))

    assert page.failure == ""
    assert page.notebook.cells[1].outputs[0].text.startswith("2026-03-01")


def test_no_kernel_outlives_a_run_that_breaks_off(tmp_path):
    """Whatever the notebooks are doing, waiting among it, and although nobody hands anything over."""
    path = _notebook(tmp_path, WAITING)

    with pytest.raises(Unusable), started([path], {}, ROOT, lambda _: None, waiting=True) as execution:  # noqa: PT012
        while not any(getattr(kernel.provisioner, "process", None) for kernel in list(execution.kernels.values())):
            time.sleep(0.05)
        kernels = [kernel.provisioner.process for kernel in execution.kernels.values()]
        raise Unusable("the extract cannot be read")

    assert [kernel.poll() is not None for kernel in kernels] == [True]


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="how a process fares is read from /proc")
def test_a_kernel_ends_when_the_run_that_started_it_is_killed(tmp_path):
    """Even a run that can clean nothing up leaves nothing running."""
    path = _notebook(tmp_path, WAITING)
    run = subprocess.Popen([sys.executable, "-c", RUN_AND_SAY, str(path)], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    kernel = int(run.stdout.readline())
    run.kill()
    run.wait()

    assert ended(kernel, within=15)


RUN_AND_SAY = """
import sys, time
from pathlib import Path
from helpers.report.run import started
with started([Path(sys.argv[1])], {}, Path.cwd(), lambda _: None, waiting=True) as execution:
    while not any(getattr(kernel.provisioner, "process", None) for kernel in list(execution.kernels.values())):
        time.sleep(0.05)
    print(execution.kernels[0].provisioner.process.pid, flush=True)
    time.sleep(60)
"""


def ended(process: int, within: float) -> bool:
    """Whether a process is gone within so many seconds; one that nobody has waited for counts as gone."""
    until = time.monotonic() + within
    while time.monotonic() < until:
        status = Path(f"/proc/{process}/stat")
        if not status.exists() or status.read_text().rpartition(")")[2].split()[0] == "Z":
            return True
        time.sleep(0.2)
    return False


def test_scrubbing_leaves_the_original_alone():
    """The executed notebook is copied before anything is taken out."""
    notebook = new_notebook(metadata={**KERNEL, "papermill": {"input_path": "/home/me/x"}})

    assert "papermill" not in scrub(notebook).metadata
    assert "papermill" in notebook.metadata


def test_images_are_left_alone_by_scrubbing():
    """Base64 may look like a path."""
    html = '<img src="data:image/svg+xml;base64,aa/home/bb" alt="at /home/me/file.csv">'
    cell = new_code_cell("x", outputs=[new_output("display_data", {"text/html": html})])

    kept = scrub(new_notebook(cells=[cell])).cells[0].outputs[0].data["text/html"]

    assert kept == '<img src="data:image/svg+xml;base64,aa/home/bb" alt="at file.csv">'


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("see /home/anna/client/items.csv now", "see items.csv now"),
        (r"see C:\Users\anna\items.csv now", "see items.csv now"),
        ("ratio a/b and 2024/2025", "ratio a/b and 2024/2025"),
    ],
    ids=["unix", "windows", "no path"],
)
def test_paths_are_shortened_to_their_file(text, left):
    """A path tells who ran the kit and where; the name of the file is enough."""
    assert without_paths(text, ()) == left


def test_sections_come_from_headings_and_fragments_from_outputs():
    """Prose and card stand under their heading; the style sheet and the arrival table are left out."""
    shown = [
        new_output("display_data", {"text/html": "<style>p{}</style>"}),
        new_output("display_data", {"text/html": '<div data-part="arrival">x</div>'}),
        new_output(
            "execute_result",
            {"text/html": '<article data-part="sign" data-sign="late">card</article>'},
            execution_count=1,
        ),
        new_output("display_data", {"text/html": '<figure class="chart">figure</figure>'}),
    ]
    notebook = new_notebook(
        cells=[
            new_markdown_cell("# Question?\n\nWhy."),
            new_markdown_cell("## First?\n\nBecause."),
            new_code_cell("x", outputs=shown),
            new_markdown_cell("## Limits\n\nNone."),
        ]
    )

    found = chapter("demand", notebook)

    assert (found.title, [section.key for section in found.shown]) == ("Question?", ["late"])
    assert (len(found.shown[0].fragments), len(found.shown[0].figures)) == (1, 1)
    assert [section.title for section in found.notes] == ["Limits"]
