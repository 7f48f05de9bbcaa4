"""The notebooks' form: one question, declared parameters, three cells a sign, no logic, nothing of a machine."""

from __future__ import annotations

import ast
import re

import nbformat
import pytest

from helpers.report.markup import NOTEBOOKS
from helpers.report.pages import notebook_paths
from helpers.signs import registry

PARAMETERS = {"data_dir", "out_dir", "settings_file", "as_of"}
PATHS = sorted(NOTEBOOKS.glob("*.ipynb"))
LOGIC = (ast.FunctionDef, ast.ClassDef, ast.For, ast.While, ast.If, ast.Lambda, ast.Try, ast.comprehension)


@pytest.fixture(params=PATHS, ids=lambda path: path.stem)
def notebook(request):
    """Each committed notebook in turn."""
    return nbformat.read(request.param, as_version=4)


def _code(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def test_there_is_one_notebook_for_each_cluster():
    """Demand, capacity, procurement, governance, in the order of the report."""
    assert [path.stem for path in notebook_paths()] == ["demand", "capacity", "procurement", "governance"]


def test_exactly_one_first_heading_which_is_a_question(notebook):
    """The notebook opens with the question of its cluster."""
    headings = [
        line for c in notebook.cells if c.cell_type == "markdown" for line in re.findall(r"^# .+", c.source, re.M)
    ]

    assert len(headings) == 1
    assert notebook.cells[0].source.startswith(headings[0])
    assert headings[0].endswith("?")


def test_parameters_are_declared_the_way_papermill_reads_them(notebook):
    """One assignment a line, a plain type, a comment without an equals sign."""
    (cell,) = [cell for cell in _code(notebook) if "parameters" in cell.metadata.get("tags", [])]
    lines = [re.fullmatch(r"(\w+): (str|bool) = ([^#=]+)  # [^=]+", line) for line in cell.source.splitlines()]

    assert {line[1] for line in lines if line} == PARAMETERS
    assert all(lines)


def test_cells_are_short_and_hold_no_logic(notebook):
    """At most six lines, no def, for, if, lambda or comprehension."""
    for cell in _code(notebook):
        assert len(cell.source.splitlines()) <= 6, cell.source
        assert not [node for node in ast.walk(ast.parse(cell.source)) if isinstance(node, LOGIC)], cell.source


@pytest.mark.parametrize("sign", [entry.sign for entry in registry()], ids=lambda sign: sign.code)
def test_every_registered_sign_has_its_three_cells_in_its_clusters_notebook(sign):
    """Question, card, charts; the suite names whichever is missing."""
    cells = nbformat.read(NOTEBOOKS / f"{sign.cluster}.ipynb", as_version=4).cells
    name = sign.code.lower()
    asked = [place for place, cell in enumerate(cells) if f'examine(engagement, "{sign.key}")' in cell.source]

    assert len(asked) == 1, f"{sign.cluster}.ipynb: no cell examines {sign.key}"
    before, card, after = cells[asked[0] - 1 : asked[0] + 2]
    assert before.source.startswith(f"## {sign.question}\n"), f"{sign.code}: the heading is not its question"
    assert card.source.startswith(f"{name} = ")
    assert after.source == f"draw({name})"


def test_a_notebook_ends_at_its_desks(notebook):
    """The desk, and where scenarios are asked theirs; what is committed stands still, without a widget's state."""
    desks = [cell for cell in notebook.cells if cell.source in ("desk(engagement)", "scenarios(engagement)")]

    assert notebook.cells[-1] in desks
    assert desks[0].source == "desk(engagement)"
    for cell in desks:
        assert [sorted(output.data) for output in cell.outputs] == [["text/html", "text/plain"]]
        assert 'data-part="desk"' in cell.outputs[0].data["text/html"]
    assert "widgets" not in notebook.metadata


def test_prose_states_no_result(notebook):
    """Results change with every client: no digit in Markdown."""
    assert not [c.source for c in notebook.cells if c.cell_type == "markdown" and re.search(r"\d", c.source)]


def test_committed_outputs_hold_nothing_of_a_machine(notebook):
    """No path, no time, no parameter, no message of a library."""
    text = re.sub(r"data:image/[^\"\\]+", "", nbformat.writes(notebook))

    assert not re.findall(r"/(?:home|root|Users|tmp|work|private)/[^\s\"']*|[A-Z]:\\\\\\\\", text)
    assert "papermill" not in notebook.metadata
    assert not [
        o for cell in _code(notebook) for o in cell.outputs if o.output_type == "error" or o.get("name") == "stderr"
    ]


def test_committed_outputs_are_those_of_a_whole_run(notebook):
    """Every code cell but imports and parameters shows something."""
    silent = {"parameters"}
    empty = [c.source for c in _code(notebook) if not c.outputs and not silent & set(c.metadata.get("tags", []))]

    assert not empty
