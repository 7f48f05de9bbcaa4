"""What earlier runs on the same input worked out, so that nothing is done twice: tables, diagnosis, pages.

Glossary
    input    the client's files, the settings and the code of the intake, in one fingerprint
    work     what was made of an input: named, and good for one as-of date, one code of the kit and one set of libraries

It lies beside the runs, apart from any of them, in a folder that its user alone may enter: what is kept is loaded as
it is. The folder can be deleted at any time. The five inputs used last are kept.
"""

from __future__ import annotations

import hashlib
import os
import pickle
import shutil
import sys
import tempfile
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

from helpers.runs import RUNS, write_bytes

VARIABLE = "SOP_KEPT"
MOST = 5
STORE, REJECTS = "store", "rejects"
LIBRARIES = ("duckdb", "ibis-framework", "jinja2", "matplotlib", "numpy", "pandas", "pyarrow", "scipy", "statsmodels")
PACKAGE = Path(__file__).parent


@dataclass(frozen=True)
class Kept:
    """What is kept of one input and one as-of date; without a `folder` nothing is found and nothing is kept."""

    folder: Path | None = None
    as_of: str = ""

    def lay_tables(self, store: Path, rejects: Path) -> bool:
        """Put the typed tables and rejects of the input in place; False where they are not kept."""
        if self.folder is None or not (self.folder / STORE).is_dir():
            return False
        for part, place in ((STORE, store), (REJECTS, rejects)):
            _link(self.folder / part, place)
        return True

    def keep_tables(self, store: Path, rejects: Path) -> None:
        """Keep the typed tables and rejects of the input as they stand now; done at once or not at all."""
        if self.folder is None or (self.folder / STORE).is_dir():
            return
        with tempfile.TemporaryDirectory(prefix=".new-", dir=self.folder) as fresh:
            for part, place in ((REJECTS, rejects), (STORE, store)):
                _link(place, Path(fresh) / part)
                if not (self.folder / part).exists():
                    (Path(fresh) / part).rename(self.folder / part)

    def load(self, name: str) -> Any | None:
        """The work `name`, or nothing."""
        file = self._file(name)
        if file is None or not file.is_file():
            return None
        try:
            return pickle.loads(file.read_bytes())  # noqa: S301 - written by this user into a private folder
        except (pickle.UnpicklingError, EOFError, AttributeError, ImportError):
            return None

    def save(self, name: str, work: object) -> None:
        """Keep the work `name`."""
        file = self._file(name)
        if file is not None:
            write_bytes(file, pickle.dumps(work, protocol=pickle.HIGHEST_PROTOCOL))

    def _file(self, name: str) -> Path | None:
        return self.folder and self.folder / f"{name}-{_mark(self.as_of)}.pickle"


def kept(mark: str, as_of: str | None, fresh: bool = False) -> Kept:
    """What is kept under the fingerprint `mark` of an input; `fresh` forgets it first."""
    root = Path(os.environ.get(VARIABLE, RUNS / ".kept"))
    folder = root / mark[:32]
    try:
        root.mkdir(parents=True, exist_ok=True, mode=0o700)
        if fresh:
            shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(exist_ok=True, mode=0o700)
        os.utime(folder)
    except OSError:  # a place that cannot be written keeps nothing, and the run goes on without
        return Kept()
    if not (_is_private(root) and _is_private(folder)):
        return Kept()
    _forget_oldest(root)
    return Kept(folder, as_of or "")


def _is_private(folder: Path) -> bool:
    """Whether nobody else could have put something there; Windows keeps a user's folders apart by itself."""
    if sys.platform == "win32":
        return True
    about = folder.stat()
    return about.st_uid == os.geteuid() and not about.st_mode & 0o022


def _forget_oldest(root: Path) -> None:
    folders = sorted((f for f in root.iterdir() if f.is_dir()), key=lambda f: f.stat().st_mtime, reverse=True)
    for folder in folders[MOST:]:
        shutil.rmtree(folder, ignore_errors=True)


def _link(source: Path, place: Path) -> None:
    """The files of a folder in another; second names of the same content where the disk can: none is ever changed."""
    place.mkdir(parents=True, exist_ok=True)
    for file in source.iterdir():
        if not file.is_file() or (place / file.name).exists():
            continue
        try:
            os.link(file, place / file.name)
        except OSError:
            shutil.copy2(file, place / file.name)


@cache
def _mark(as_of: str) -> str:
    """Fingerprint of the as-of date, the kit's own files and the libraries that work is made with."""
    digest = hashlib.sha256(f"{as_of} {sys.version} {[metadata.version(name) for name in LIBRARIES]}".encode())
    for folder in (PACKAGE, PACKAGE.parent / "notebooks", PACKAGE.parent / "templates"):
        for file in sorted(path for path in folder.rglob("*") if path.suffix in (".py", ".ipynb", ".j2", ".css")):
            digest.update(f"{file.name} ".encode() + file.read_bytes())
    return digest.hexdigest()[:16]
