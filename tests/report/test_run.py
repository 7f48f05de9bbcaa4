"""Execution of notebooks, and what is taken out of them before they are kept."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from helpers.errors import Unusable
from helpers.report.run import execute_all
from helpers.report.scrub import scrub, without_paths
from helpers.report.stitch import chapter

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

    (page,) = execute_all([path], {"data_dir": str(tmp_path)}, tmp_path, lambda _: None)
    clean = scrub(page.notebook, (tmp_path,))

    assert page.failure == "cell 4: ZeroDivisionError: division by zero"
    assert [len(cell.outputs) for cell in clean.cells] == [0, 1, 1, 0]
    assert clean.cells[1].outputs[0].text == f"{tmp_path.name}\n"
    assert str(tmp_path) not in nbformat.writes(clean)
    assert set(clean.metadata) <= {"kernelspec", "language_info"}


def test_a_parameter_the_notebook_does_not_declare_is_refused(tmp_path):
    """Papermill only logs it; the report would be of the wrong data."""
    path = _notebook(tmp_path, "1")

    with pytest.raises(Unusable, match=r"page\.ipynb: no parameter 'data_folder'\. It declares: data_dir\."):
        execute_all([path], {"data_folder": "x"}, tmp_path, lambda _: None)


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
