"""Where the results of a run go: a folder of its own, in which nothing of another run is ever written over.

Glossary
    mark    `run.json`, written first: which input, settings, as-of date and kit the folder belongs to
    claim   taking a folder for a run: a new one, an empty one, or one whose mark says it is the same run
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import datetime
from pathlib import Path
from uuid import uuid4

from helpers import __version__, disk
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
    """`out_dir` for the run `run` alone; when the run cannot be done, a new folder is left as it was found.

    Raises
    ------
    Unusable
        A file, a folder of other things or another run stands there, another run is at work there, or the system
        refuses to read or write something.
    """
    try:
        _is_free(out_dir, run)
        with disk.made(out_dir), disk.held(out_dir / disk.LOCK) as is_ours:
            if not is_ours:
                raise Unusable(
                    f"{out_dir}: a run is at work in this folder. Wait for its end, or choose another with --out."
                )
            fresh = _is_free(out_dir, run)
            disk.sweep(out_dir)
            with _left_as_found(out_dir) if fresh else nullcontext():
                if fresh:
                    disk.write(out_dir / MARK, json.dumps({"kit": __version__, "run": run}))
                yield out_dir
    except BrokenPipeError:  # nobody reads what is said: no matter of the folder
        raise
    except OSError as error:
        raise Unusable(_no_place(error, out_dir) or disk.message(error, out_dir)) from error


def _no_place(error: OSError, out_dir: Path) -> str:
    """What to say where no folder can be made at all, as below a file or among those of the system."""
    is_way = error.filename is not None and Path(error.filename) in (out_dir, *out_dir.parents)
    if not is_way or not isinstance(error, FileNotFoundError | NotADirectoryError | FileExistsError):
        return ""
    file = next((above for above in out_dir.parents if above.is_file()), None)
    why = f"{file} is a file" if file else "no folder can be made there"
    return f"{out_dir}: {why}. Choose another folder with --out."


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
    if all(entry.name.startswith(disk.MARK) for entry in out_dir.iterdir()):
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


@contextmanager
def _left_as_found(folder: Path) -> Iterator[None]:
    """A folder that held nothing holds nothing again when the run cannot be done."""
    try:
        yield
    except BrokenPipeError:
        raise
    except (Unusable, OSError):
        for entry in folder.iterdir():
            if entry.name != disk.LOCK:
                shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
        raise
