"""Where the results of a run go: a folder of its own, in which nothing of another run is ever written over.

Glossary
    mark    `run.json`, written first: which input, settings, as-of date and kit the folder belongs to
    claim   taking a folder for a run: a new one, an empty one, or one whose mark says it is the same run
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from uuid import uuid4

from helpers import __version__
from helpers.content import sha256, sha256_of
from helpers.errors import Unusable
from helpers.intake.sources import find_sources
from helpers.place import Database, Origin, name_of
from helpers.settings import Settings

MARK = "run.json"
RUNS = Path("runs")
UNNAMED = Settings().client


def identity(data: Origin, settings: Settings, as_of: str | None) -> str:
    """Fingerprint of everything a run depends on: the files it reads, the settings, the as-of date, the kit.

    What a database holds cannot be told without reading it all, so that no two runs on one pass for the same.

    Raises
    ------
    Unusable
        The data folder holds nothing a run could read.
    """
    told = [__version__, settings.model_dump_json(), as_of or "end of the extract"]
    if isinstance(data, Database):
        told += [str(data), str(uuid4())]
        return hashlib.sha256("\n".join(told).encode()).hexdigest()
    sources = find_sources(data, settings)
    sha256_of(source.path for source in sources.values())
    read = [f"{name} {source.label} {sha256(source.path)}" for name, source in sources.items()]
    return hashlib.sha256("\n".join([*told, *read]).encode()).hexdigest()


@contextmanager
def claim(out_dir: Path, run: str) -> Iterator[Path]:
    """`out_dir` for the run `run`; when the input turns out unusable, a new folder is left as it was found.

    Raises
    ------
    Unusable
        A file, a folder of other things or another run stands there.
    """
    existed, fresh = out_dir.exists(), _is_free(out_dir, run)
    try:
        out_dir.mkdir(parents=True, exist_ok=True)
        if fresh:
            write(out_dir / MARK, json.dumps({"kit": __version__, "run": run}))
        yield out_dir
    except Unusable:
        if fresh:
            _clear(out_dir, existed)
        raise
    except PermissionError as error:
        raise Unusable(f"{error.filename}: no permission to read or write here.") from error


def new_folder(data: Origin, settings: Settings, kind: str = "", parent: Path = RUNS) -> Path:
    """A name not in use under `runs/`: client (or place of the data), kind of run where it is no report, date, time."""
    name = slug(name_of(data) if settings.client == UNNAMED else settings.client)
    stem = "-".join(part for part in (name, kind, f"{datetime.now().astimezone():%Y%m%d-%H%M%S}") if part)
    names = (stem if count == 1 else f"{stem}-{count}" for count in range(1, 1000))
    return next(parent / name for name in names if not (parent / name).exists())


def slug(name: str) -> str:
    """Lower-case ASCII words joined by hyphens: `Molkerei Süd & Söhne` becomes `molkerei-sud-sohne`."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return "-".join(re.findall(r"[a-z0-9]+", plain.lower()))[:60] or "run"


def write(path: Path, text: str) -> None:
    """Put `text` in place at once: a reader sees the old file or the new one, never half of it."""
    write_bytes(path, text.encode("utf-8"))


def write_bytes(path: Path, content: bytes) -> None:
    """The same for what is not text."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    beside.write_bytes(content)
    beside.replace(path)


def _marked(mark: Path) -> str | None:
    """The identity of the run that wrote the mark; `None` when the mark cannot be read."""
    try:
        found = json.loads(mark.read_text(encoding="utf-8")).get("run")
    except ValueError:
        return None
    return found if isinstance(found, str) else None


def _is_free(out_dir: Path, run: str) -> bool:
    """True for a new or empty folder, False for an earlier go at the same run."""
    if not out_dir.exists():
        return True
    if not out_dir.is_dir():
        raise Unusable(f"{out_dir}: this is a file. Choose a folder with --out.")
    if not any(out_dir.iterdir()):
        return True
    mark = out_dir / MARK
    if not mark.is_file():
        raise Unusable(f"{out_dir}: the folder holds other files. Choose a new or empty folder with --out.")
    if _marked(mark) != run:
        raise Unusable(
            f"{out_dir}: the folder holds a run with other data, settings, as-of date or version of the kit. "
            "Choose another folder with --out."
        )
    return False


def _clear(out_dir: Path, keep: bool) -> None:
    for entry in out_dir.iterdir():
        shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
    if not keep:
        out_dir.rmdir()
