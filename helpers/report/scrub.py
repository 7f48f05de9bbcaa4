"""Takes out of an executed notebook what must not leave the machine: parameters, paths, times, tracebacks."""

from __future__ import annotations

import re
from copy import deepcopy
from pathlib import Path
from typing import Any

NOTEBOOK_KEYS = ("kernelspec", "language_info")
CELL_KEYS = ("tags",)
ERROR_TAG = "papermill-error-cell-tag"
INJECTED_TAG = "injected-parameters"


def scrub(notebook: Any, folders: tuple[Path, ...] = ()) -> Any:
    """A copy without injected parameters, run times, machine paths, tracebacks and messages of errors and libraries.

    `folders` are replaced by their last name wherever they occur in an output.
    """
    clean = deepcopy(notebook)
    clean.metadata = type(clean.metadata)({key: clean.metadata[key] for key in NOTEBOOK_KEYS if key in clean.metadata})
    clean.metadata.get("language_info", {}).pop("version", None)
    clean.cells = [_clean_cell(cell, folders) for cell in clean.cells if not _is_foreign(cell)]
    return clean


def without_paths(text: str, folders: tuple[Path, ...]) -> str:
    """`text` with each folder replaced by its name, and any path below a home folder shortened to its file."""
    for folder in sorted(folders, key=lambda path: -len(str(path))):
        if folder != Path(folder.anchor):
            text = text.replace(str(folder), folder.name)
    return re.sub(
        r"(?:/(?:home|root|Users|tmp|var|private)|[A-Za-z]:\\)[^\s'\"<>:;,)]*[/\\]([^\s'\"<>/\\]+)", r"\1", text
    )


def _is_foreign(cell: Any) -> bool:
    tags = cell.metadata.get("tags", [])
    return INJECTED_TAG in tags or ERROR_TAG in tags


def _clean_cell(cell: Any, folders: tuple[Path, ...]) -> Any:
    cell.metadata = type(cell.metadata)({key: cell.metadata[key] for key in CELL_KEYS if cell.metadata.get(key)})
    if cell.cell_type == "code":
        cell.outputs = [_clean_output(output, folders) for output in cell.outputs if output.get("name") != "stderr"]
    return cell


def _clean_output(output: Any, folders: tuple[Path, ...]) -> Any:
    if output.output_type == "error":
        output.traceback, output.evalue = [], ""
    if output.output_type == "stream":
        output.text = without_paths(output.text, folders)
    for kind, content in output.get("data", {}).items():
        if kind.startswith("text/") and isinstance(content, str):
            output.data[kind] = _outside_images(content, folders)
    return output


def _outside_images(content: str, folders: tuple[Path, ...]) -> str:
    """Images are long and hold no paths: leave them alone."""
    parts = re.split(r'(src="data:[^"]*"|<style>.*?</style>)', content, flags=re.S)
    return "".join(part if place % 2 else without_paths(part, folders) for place, part in enumerate(parts))
