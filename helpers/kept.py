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
import re
import shutil
import sys
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

from helpers import disk
from helpers.errors import Unusable
from helpers.intake import is_whole
from helpers.manifest import FILE_NAME as MANIFEST
from helpers.runs import RUNS

VARIABLE = "SOP_KEPT"
MOST = 5
NAME = 32  # digits of the fingerprint that name a folder
TABLES, STORE, REJECTS = "tables", "store", "rejects"
LIBRARIES = (
    *("duckdb", "highspy", "ibis-framework", "jinja2", "linopy", "matplotlib", "numpy", "pandas", "pyarrow", "scipy"),
    *("statsmodels", "xarray"),
)
PACKAGE = Path(__file__).parent


@dataclass(frozen=True)
class Kept:
    """What is kept of one input and one as-of date; without a `folder` nothing is found and nothing is kept.

    It saves time and no more: where the disk is full or something is gone, the run goes on without.
    """

    folder: Path | None = None
    as_of: str = ""
    fresh: bool = False

    def of(self, fingerprint: str) -> Kept:
        """The same, if of the input that was in fact taken in; else nothing: the files changed in between."""
        return self if self.folder and fingerprint.startswith(self.folder.name) else Kept()

    def lay_tables(self, store: Path, rejects: Path) -> bool:
        """Put the typed tables and rejects of the input in place; False where none are kept or others stand there.

        Tables that are no longer whole are forgotten.
        """
        if self.folder is None or not (self.folder / TABLES).is_dir() or any(store.glob("*")):
            return False
        if not is_whole(self.folder / TABLES / STORE, self.folder / TABLES / REJECTS):
            shutil.rmtree(self.folder / TABLES, ignore_errors=True)
            return False
        with suppress(OSError):
            _lay(self.folder / TABLES / REJECTS, rejects)
            _lay(self.folder / TABLES / STORE, store)
            return True
        return False

    def keep_tables(self, store: Path, rejects: Path) -> None:
        """Keep the typed tables and rejects of the input as they stand now; done at once or not at all."""
        if self.folder is None or (self.folder / TABLES).is_dir():
            return
        with suppress(OSError), disk.placed(self.folder / TABLES) as new:
            _lay(rejects, new / REJECTS)
            _lay(store, new / STORE)

    def load(self, name: str) -> Any | None:
        """The work `name`, or nothing."""
        file = self._file(name)
        if file is None:
            return None
        try:
            return pickle.loads(file.read_bytes())  # noqa: S301 - written by this user into a private folder
        except Exception:  # noqa: BLE001 - a damaged file can raise anything, and is as good as none
            return None

    def save(self, name: str, work: object) -> None:
        """Keep the work `name`."""
        file = self._file(name)
        if file is not None:
            with suppress(OSError):
                disk.write_bytes(file, pickle.dumps(work, protocol=pickle.HIGHEST_PROTOCOL))

    def _file(self, name: str) -> Path | None:
        return self.folder and self.folder / f"{name}-{_mark(self.as_of)}.pickle"


def place() -> Path:
    """The folder in which everything is kept."""
    return Path(os.environ.get(VARIABLE) or RUNS / ".kept")


def kept(fingerprint: str, as_of: str | None, fresh: bool = False) -> Kept:
    """What is kept of the input with this `fingerprint`; `fresh` forgets it first.

    Raises
    ------
    Unusable
        The place that the user named for it is no folder.
    """
    root = place()
    if root.exists() and not root.is_dir():
        raise Unusable(f"{VARIABLE}: {root} is a file. Name a folder for what runs leave for the next, or none.")
    folder = root / fingerprint[:NAME]
    try:
        root.mkdir(parents=True, exist_ok=True, mode=0o700)
        if fresh:
            shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(exist_ok=True, mode=0o700)
        disk.sweep(folder)
        os.utime(folder)
        if not (_is_private(root) and _is_private(folder)):
            return Kept(fresh=fresh)
        _forget_oldest(root)
    except OSError:
        return Kept(fresh=fresh)
    return Kept(folder, as_of or "", fresh)


def _is_private(folder: Path) -> bool:
    """Whether nobody else could have put something there; Windows keeps a user's folders apart by itself."""
    if sys.platform == "win32":
        return True
    about = folder.stat()
    return about.st_uid == os.geteuid() and not about.st_mode & 0o022


def _forget_oldest(root: Path) -> None:
    """Only folders of our own are ever deleted, whatever else lies there."""
    ours = [path for path in root.iterdir() if re.fullmatch(f"[0-9a-f]{{{NAME}}}", path.name) and path.is_dir()]
    for folder in sorted(ours, key=lambda path: path.stat().st_mtime, reverse=True)[MOST:]:
        shutil.rmtree(folder, ignore_errors=True)


def _lay(source: Path, place: Path) -> None:
    """The files of a folder in another, the manifest last, so that tables which stand there are all there.

    Tables are second names of the same content where the disk can, for nothing ever changes one; what people may open
    and mend is copied.
    """
    place.mkdir(parents=True, exist_ok=True)
    files = [file for file in source.iterdir() if file.is_file()]
    for file in sorted(files, key=lambda file: file.name == MANIFEST):
        if not (file.suffix == ".parquet" and _linked(file, place / file.name)):
            with disk.replaced(place / file.name) as beside:
                shutil.copy2(file, beside)


def _linked(file: Path, name: Path) -> bool:
    try:
        os.link(file, name)
    except OSError:  # another disk, one that knows no second names, or something stands there
        return False
    return True


@cache
def _mark(as_of: str) -> str:
    """Fingerprint of the as-of date, the kit's own files and the libraries that work is made with."""
    digest = hashlib.sha256(f"{as_of} {sys.version} {[metadata.version(name) for name in LIBRARIES]}".encode())
    for folder in (PACKAGE, PACKAGE.parent / "notebooks", PACKAGE.parent / "templates"):
        for file in sorted(path for path in folder.rglob("*") if path.suffix in (".py", ".ipynb", ".j2", ".css")):
            digest.update(f"{file.name} ".encode() + file.read_bytes())
    return digest.hexdigest()[:16]
