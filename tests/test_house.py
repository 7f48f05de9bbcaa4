"""The house rules of DESIGN, kept by the suite: rooms, imports, libraries, and that every sign is whole."""

from __future__ import annotations

import ast
import importlib
import json
import re
import sys
import tomllib
from functools import cache
from importlib import metadata
from pathlib import Path
from types import ModuleType

import pytest

from helpers import contract
from helpers.bootstrap import pins
from helpers.errors import MalformedSign
from helpers.signs import HEADINGS, explanation, register, registry

ROOT = Path(__file__).resolve().parents[1]
MODULES = sorted(path for path in (ROOT / "helpers").rglob("*.py"))
TOP_LEVEL = {
    "README.md",
    "requirements.txt",
    "pyproject.toml",
    "LICENSE",
    "CHANGELOG.md",
    "notebooks",
    "helpers",
    "templates",
    "sample_data",
    "tests",
}
# What a machine leaves behind; .gitignore keeps it out of a commit.
LEFT_BEHIND = {"runs", "clients", "data", "build"}

# A room imports from storeys above it in this list only, and never from a neighbour on its own.
STOREYS = (
    {"errors", "contract", "periods", "inference", "memory", "bootstrap", "plain", "machine"},
    {"spreadsheet", "place", "content", "disk", "faults", "yaml_file"},
    {"evidence", "manifest", "settings", "engines"},
    {"store", "doubts"},
    {"engagement", "intake", "notes"},
    {"runs", "measures", "judgement"},
    {"kept"},
    {"signs", "root_causes", "costing"},
    {"process", "request", "anonymise"},
    {"diagnosis", "charts"},
    {"scenarios"},
    {"findings", "explore"},
    {"compare"},
    {"report"},
    {"terminal", "options"},
    {"work"},
    {"commands"},
    {"__main__"},
)
STOREY = {room: number for number, rooms in enumerate(STOREYS) for room in rooms}

# Libraries that one room has to itself.
ONLY_IN = {
    "matplotlib": {"charts"},
    "seaborn": {"charts"},
    "ipywidgets": {"explore"},
    "papermill": {"report"},
    "psycopg": {"engines"},
    "pyspark": {"engines"},
    "python_calamine": {"intake"},
    "pydantic": {"settings", "notes", "scenarios"},
    "yaml": {"yaml_file"},
    "typer": {"commands", "options"},
    "rich": {"terminal"},
    "pptx": {"report"},
    "xlsxwriter": {"spreadsheet"},
    "highspy": {"scenarios"},
    "linopy": {"scenarios"},
    "xarray": {"scenarios"},
}
# Pinned without being imported: programs that are started, plug-ins, types.
STARTED = {
    "jupyterlab",
    "nbval",
    "pytest-xdist",
    "ruff",
    "mypy",
    "pandas-stubs",
    "scipy-stubs",
    "types-PyYAML",
}
# Imported without a pin of their own: they belong to a library that is pinned.
BELONGS_TO = {
    "IPython": "jupyterlab",
    "click": "typer",
    "ipykernel": "jupyterlab",
    "jupyter_client": "papermill",
    "markupsafe": "Jinja2",
    "mistune": "jupyterlab",
    "nbclient": "papermill",
    "nbformat": "papermill",
    "numpy": "pandas",
    "packaging": "jupyterlab",
    "pydantic_core": "pydantic",
    "py4j": "pyspark",
    "sqlglot": "ibis-framework",
    "xarray": "linopy",
}
CASES = {"fires", "quiet", "limit", "not_assessable", "invariant", "as_of"}
EVERY_MODULE = pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
EVERY_SIGN = pytest.mark.parametrize("entry", registry(), ids=lambda entry: entry.sign.key)


@cache
def imports(path: Path) -> tuple[str, ...]:
    """The dotted names a module imports, wherever in it."""
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    plain = [name.name for node in nodes if isinstance(node, ast.Import) for name in node.names]
    parts = [f"{node.module}.{name.name}" for node in nodes if isinstance(node, ast.ImportFrom) for name in node.names]
    return (*plain, *parts)


def room_of(path: Path) -> str:
    """`helpers/measures/demand.py` is in the room measures."""
    return path.relative_to(ROOT / "helpers").parts[0].removesuffix(".py")


def rooms_used(path: Path) -> set[str]:
    """The other rooms a module imports from; the version in `helpers/__init__.py` belongs to no room."""
    names = (name.split(".") for name in imports(path))
    used = {parts[1] for parts in names if parts[0] == "helpers" and len(parts) > 1}
    return used - {room_of(path), "__version__"}


def libraries(paths: list[Path]) -> set[str]:
    """Third-party packages that some modules import."""
    found = {name.partition(".")[0] for path in paths for name in imports(path)}
    return found - set(sys.stdlib_module_names) - {"helpers", "tests", "sample_data"}


# layout


def test_the_top_level_is_as_designed():
    """Nothing lies about beside the rooms; dotfiles and what a machine leaves behind aside."""
    names = {path.name for path in ROOT.iterdir() if not path.name.startswith(".")}

    assert {name for name in names - LEFT_BEHIND if not name.endswith(".egg-info")} == TOP_LEVEL


@EVERY_MODULE
def test_every_module_lives_in_a_room_that_is_known(path):
    """A new room is placed in the order of imports on purpose."""
    assert room_of(path) in STOREY or path == ROOT / "helpers" / "__init__.py"


@pytest.mark.parametrize("folder", ["helpers", "tests", "sample_data"])
def test_a_helper_lives_where_its_noun_lives(folder):
    """No drawer for odds and ends."""
    drawers = {"utils", "util", "common", "misc", "tools", "lib", "base", "shared"}

    assert [path.name for path in (ROOT / folder).rglob("*.py") if path.stem in drawers] == []


def test_tests_are_laid_out_like_the_rooms():
    """A folder of tests is named after the room it tests."""
    rooms = {path.name for path in (ROOT / "helpers").iterdir() if path.is_dir()}
    folders = {path.parent.name for path in (ROOT / "tests").rglob("test_*.py")} - {"tests"}

    assert folders <= rooms | {"sample_data", "notebooks", "real_data", "validity", "benchmarks", "robustness"}


# who imports whom


@EVERY_MODULE
def test_imports_point_one_way(path):
    """Nothing below a room knows the rooms above it."""
    own = STOREY.get(room_of(path), 0)

    assert {room for room in rooms_used(path) if STOREY[room] >= own} == set()


@EVERY_MODULE
def test_the_kit_never_imports_its_tests_or_its_sample(path):
    """A formula that knew the simulator would find what it planted."""
    assert {name.partition(".")[0] for name in imports(path)} & {"tests", "sample_data"} == set()


@EVERY_MODULE
def test_a_library_with_a_room_of_its_own_is_imported_there_only(path):
    """Only charts draws, only intake opens workbooks, only the terminal prints in colour."""
    used = libraries([path])

    assert {name for name in used if room_of(path) not in ONLY_IN.get(name, {room_of(path)})} == set()


@pytest.mark.parametrize("name", ["__init__", "bootstrap", "__main__"])
def test_what_runs_before_the_set_up_needs_the_standard_library_only(name):
    """`packaging` comes with the requirements and is only asked for a marker once they are there."""
    path = ROOT / "helpers" / f"{name}.py"

    assert libraries([path]) <= {"packaging"}
    assert rooms_used(path) <= {"bootstrap", "commands"}


@pytest.mark.parametrize("path", sorted((ROOT / "helpers" / "measures").glob("*.py")), ids=lambda path: path.stem)
def test_measures_open_no_file(path):
    """Formulas see the data through the engagement only."""
    reads = {
        "open",
        "read_csv",
        "read_parquet",
        "read_text",
        "read_bytes",
        "write_text",
        "to_csv",
        "to_parquet",
        "connect",
    }
    calls = (node.func for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call))
    named = {call.attr if isinstance(call, ast.Attribute) else getattr(call, "id", "") for call in calls}

    assert named & reads == set()


# libraries


def test_every_pinned_library_is_used():
    """Nothing unused stays in requirements.txt."""
    sources = [path for folder in ("helpers", "tests", "sample_data") for path in (ROOT / folder).rglob("*.py")]
    imported = libraries(sources)
    modules = {name: {module for module, owners in _owners().items() if name in owners} for name, _ in pins()}

    assert {name for name, own in modules.items() if not own & imported} - STARTED == set()


def test_every_library_imported_is_pinned_or_belongs_to_a_pinned_one():
    """A fresh machine gets what the kit imports."""
    sources = [path for folder in ("helpers", "tests", "sample_data") for path in (ROOT / folder).rglob("*.py")]
    pinned = {name for name, _ in pins()} | _extras()
    unpinned = {module for module in libraries(sources) if not pinned & {module, *_owners().get(module, ())}}

    assert {module for module in unpinned if BELONGS_TO.get(module) not in pinned} == set()


def test_what_is_tested_is_what_is_pinned():
    """The suite runs on the versions of requirements.txt."""
    assert {name: metadata.version(name) for name, _ in pins()} == dict(pins())


def test_requirements_are_exact_and_end_with_the_kit_itself():
    """`==` throughout, what these bring along too; `-e .` last, so that `import helpers` works from any notebook."""
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").split("\n")
    said = [line for line in lines if line and not line.startswith("#")]

    assert said[-1] == "-e ."
    assert said[0] == "-c .constraints.txt"
    assert [line for line in said[1:-1] if not re.fullmatch(r"[\w.-]+(\[\w+\])?==[\w.]+", line)] == []


# signs


def test_the_ten_signs_are_there_in_order():
    """Numbers 1 to 10, keys and clusters as in the contract."""
    assert {entry.sign.number: (entry.sign.key, entry.sign.cluster) for entry in registry()} == {
        1: ("late_forecast_changes", "demand"),
        2: ("sales_operations_conflict", "demand"),
        3: ("unvalidated_assumptions", "demand"),
        4: ("constant_replanning", "capacity"),
        5: ("hidden_bottlenecks", "capacity"),
        6: ("otif_by_compensation", "capacity"),
        7: ("recurring_expediting", "procurement"),
        8: ("safety_stock_creep", "procurement"),
        9: ("stockout_and_overstock", "procurement"),
        10: ("parallel_plans", "governance"),
    }


def test_every_file_of_a_sign_is_registered():
    """No module of the folder is passed over."""
    assert len(registry()) == len(list((ROOT / "helpers" / "signs").glob("s[0-9][0-9]_*.py")))


@EVERY_SIGN
def test_a_sign_explains_itself(entry):
    """Each heading has a text; it feeds the report and the documents."""
    assert [heading for heading in HEADINGS if len(explanation(entry.sign.key)[heading].split()) < 5] == []


@EVERY_SIGN
def test_a_limit_has_a_unit_and_says_where_it_comes_from(entry):
    """Red lies beyond amber, on the side where it is worse."""
    for name, limit in entry.sign.limits.items():
        assert limit.unit, name
        assert len(limit.source) > 3, name
        assert (limit.red < limit.amber) if limit.lower_is_worse else (limit.red > limit.amber), name


@EVERY_SIGN
def test_a_sign_needs_only_columns_of_the_contract(entry):
    """A misspelt need could never be met and would make the sign not assessable for ever."""
    needs = [option for path in entry.sign.paths for need in path.needs for option in need.split("|")]

    for need in needs:
        table, _, column = need.strip().partition(".")
        assert contract.table(table)
        assert not column or contract.table(table).column(column)


@EVERY_SIGN
def test_the_paths_of_a_sign_go_from_best_to_worst(entry):
    """The first path that can be met is taken."""
    order = ["full", "reduced", "minimum"]
    levels = [order.index(path.level) for path in entry.sign.paths]

    assert levels == sorted(levels)
    assert len({path.name for path in entry.sign.paths}) == len(levels) > 0


@EVERY_SIGN
def test_a_sign_says_what_to_ask_and_what_to_do(entry):
    """Two questions at least, and a remedy of each kind."""
    assert len(entry.sign.questions) >= 2
    assert all(len(text.split()) >= 4 for text in vars(entry.sign.remedies).values())


@EVERY_SIGN
def test_a_sign_is_examined_in_exactly_one_notebook(entry):
    """In the notebook of its cluster, and in no other."""
    homes = [path.stem for path in sorted((ROOT / "notebooks").glob("*.ipynb")) if entry.sign.key in _code(path)]

    assert homes == [entry.sign.cluster]


@EVERY_SIGN
def test_a_sign_is_in_the_readme(entry):
    """By its title, as the report calls it."""
    assert entry.sign.title in (ROOT / "README.md").read_text(encoding="utf-8")


@EVERY_SIGN
def test_a_sign_has_the_six_cases(entry):
    """Fires, quiet, at the limit, not assessable, invariant, as of: in the file of its own name."""
    path = ROOT / "tests" / "signs" / f"test_s{entry.sign.number:02d}_{entry.sign.key}.py"
    marked = set(re.findall(r"mark\.case\(\s*\"(\w+)\"", path.read_text(encoding="utf-8")))

    assert marked == CASES


def test_no_room_but_signs_knows_a_sign_by_name():
    """An eleventh sign is one new file: everything else walks the registry."""
    keys = {entry.sign.key for entry in registry()}
    others = [path for path in MODULES if room_of(path) != "signs"]

    assert {path.name: found for path in others if (found := keys & _strings(path))} == {}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"SIGN": None}, "s01_late_forecast_changes.py: expected SIGN, a Sign; found NoneType"),
        ({"gather": None}, "s01_late_forecast_changes.py: expected a function gather(engagement, path)"),
        ({"__doc__": "S01."}, "s01_late_forecast_changes.py: its docstring lacks the heading 'Why it matters'"),
        (
            {"__name__": "helpers.signs.s11_new"},
            "s11_new.py: expected the file name s01_late_forecast_changes.py",
        ),
    ],
    ids=["no SIGN", "no gather", "no heading", "wrong name"],
)
def test_a_malformed_sign_stops_the_kit_and_names_its_file(change, said):
    """Nothing is skipped in silence."""
    whole = importlib.import_module("helpers.signs.s01_late_forecast_changes")
    broken = ModuleType(whole.__name__)
    vars(broken).update({**vars(whole), **change})

    with pytest.raises(MalformedSign) as refused:
        register(broken)

    assert str(refused.value) == said


# documents and set-up


def test_the_readme_names_the_two_commands():
    """From clone to report, and the whole suite."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")

    assert "python -m helpers report" in readme
    assert "python -m helpers test" in readme


def test_ci_runs_the_command_of_the_readme():
    """What the documents promise is what is checked."""
    assert "\npython -m helpers test" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


def test_actions_are_pinned_and_have_no_permission_by_default():
    """Each action names its version; a job asks for what it needs."""
    workflow = (ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8")

    assert "\npermissions: {}\n" in workflow
    assert all("@" in line for line in workflow.splitlines() if "uses:" in line)


def test_the_changelog_tells_the_version():
    """Either the version has a heading or the changes wait under Unreleased."""
    from helpers import __version__

    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")

    assert f"## [{__version__}]" in changes or "## [Unreleased]" in changes


def _extras() -> set[str]:
    """The libraries of the package's extras, pinned as well."""
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    lines = [line for lines in extras.values() for line in lines]
    assert [line for line in lines if "==" not in line] == []
    return {re.split(r"[\[=]", line)[0] for line in lines}


@cache
def _owners() -> dict[str, list[str]]:
    pinned = {re.sub(r"[-_.]+", "-", name).lower(): name for name, _ in pins()}
    owners = metadata.packages_distributions()
    return {
        module: [pinned.get(re.sub(r"[-_.]+", "-", name).lower(), name) for name in names]
        for module, names in owners.items()
    }


def _code(notebook: Path) -> str:
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    return "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")


def _strings(path: Path) -> set[str]:
    nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    return {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
