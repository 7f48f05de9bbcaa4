"""Writes the three files of the pack; what is there already is never written over."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from helpers import disk
from helpers.errors import Unusable
from helpers.request.letters import WORKBOOK, cover_note, interview_guide, start_here
from helpers.request.workbook import workbook
from helpers.signs import registry

NOTE, GUIDE = "cover_note.md", "interview_guide.md"


def write_request(folder: Path, samples: Path) -> tuple[Path, ...]:
    """Write workbook, cover note and interview guide into `folder`; worked examples come from `samples`.

    Raises
    ------
    Unusable
        One of the files is there already, or the folder cannot be written to.
    """
    paths = tuple(folder / name for name in (WORKBOOK, NOTE, GUIDE))
    _refuse(folder, paths)
    signs = [entry.sign for entry in registry()]
    contents = (workbook(signs, start_here(), samples), cover_note().encode(), interview_guide(signs).encode())
    try:
        if folder.exists() and any(folder.iterdir()):
            for path, content in zip(paths, contents, strict=True):
                disk.write_bytes(path, content)
        else:
            with disk.placed(folder) as new:
                for path, content in zip(paths, contents, strict=True):
                    (new / path.name).write_bytes(content)
    except OSError as error:
        raise Unusable(disk.message(error, folder)) from error
    return paths


def _refuse(folder: Path, paths: Sequence[Path]) -> None:
    if folder.exists() and not folder.is_dir():
        raise Unusable(f"{folder}: this is a file. Choose a folder with --out.")
    there = [path.name for path in paths if path.exists() or path.is_symlink()]
    if there:
        raise Unusable(
            f"{folder}: {', '.join(there)} already there; nothing was written. Choose another folder with --out."
        )
