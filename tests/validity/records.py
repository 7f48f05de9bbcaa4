"""Readings kept on disk, one JSON file a client and level, so that a study that was stopped goes on where it stood.

They are kept by the code that made them: a folder's name holds a digest of everything that can change a reading, so
that figures of two versions are never mixed. Comments and docstrings do not count.
"""

from __future__ import annotations

import ast
import json
from hashlib import sha256
from pathlib import Path

from pydantic import TypeAdapter

from tests.validity.clients import Client
from tests.validity.levels import Level
from tests.validity.paths import read_paths
from tests.validity.reading import Reading, read

READING = TypeAdapter(Reading)
ROOT = Path(__file__).resolve().parents[2]
DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
ROOMS = ("helpers", "sample_data/generator", "tests/validity")
# What is drawn, told and scored after a reading was made.
BESIDE = ("helpers/charts", "helpers/report", "helpers/explore", "helpers/compare", "tests/validity/test_")
SCORING = (
    *(f"helpers/{name}.py" for name in ("__main__", "commands", "bootstrap", "terminal")),
    *(f"tests/validity/{name}.py" for name in ("__main__", "scores", "path_scores", "tables", "records")),
    "sample_data/generator/__main__.py",
)


def code_version() -> str:
    """Eight digits that change with any code a reading depends on."""
    found = sha256()
    modules = [path for room in ROOMS for path in (ROOT / room).rglob("*.py")]
    for path in sorted([*modules, ROOT / "tests/builders.py"]):
        name = path.relative_to(ROOT).as_posix()
        if not name.startswith(BESIDE) and name not in SCORING:
            found.update(name.encode())
            found.update(_bare(path).encode())
    return found.hexdigest()[:8]


def _bare(path: Path) -> str:
    """The code of a module without its docstrings."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, DOCUMENTED) and ast.get_docstring(node):
            node.body = node.body[1:]
    return ast.dump(tree)


def kept(folder: Path, client: Client, level: Level) -> Reading:
    """The reading of a client, from the folder if it is there, else worked out and kept."""
    path = _path(folder, client, level)
    if path.exists():
        return READING.validate_python(json.loads(path.read_text(encoding="utf-8")), strict=False)
    reading = read_paths(client) if level == "paths" else read(client, level)
    # Whole or not at all: a study that is stopped while it writes must be able to go on.
    unfinished = path.with_suffix(".part")
    unfinished.write_text(json.dumps(READING.dump_python(reading, mode="json")), encoding="utf-8")
    unfinished.replace(path)
    return reading


def is_kept(folder: Path, client: Client, level: Level) -> bool:
    """Whether this reading is in the folder."""
    return _path(folder, client, level).exists()


def _path(folder: Path, client: Client, level: Level) -> Path:
    return folder / f"{client.name}-{level}.json"
