"""From an extract to a folder that may leave: the copy in a private place, the run on it, the proof, the hand-over."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from helpers import __version__, disk
from helpers.anonymise import traces
from helpers.anonymise.book import FOUND, ORDINARY, UNPROVABLE, Book, client_names
from helpers.anonymise.key import read_key, write_key
from helpers.anonymise.proof import PRINT, Proof, prove
from helpers.anonymise.rewrite import WITHHELD
from helpers.anonymise.tables import Found, enter_names, long_texts, read_names, write_tables
from helpers.errors import Unusable
from helpers.intake import take_in
from helpers.place import home
from helpers.runs import RUNS
from helpers.settings import Settings

KEYS = RUNS / "keys"
LOG = "run.log"
STAYS_HIDDEN = ("store", LOG, "run.json")
TERMINATED = 128 + signal.SIGTERM
SUMMARY = "anonymised.json"
FEWEST_WORDS = 4
PRINTED = "printed from the searched page"


@dataclass(frozen=True)
class Copy:
    """What a run works on instead of the extract: data without names, its settings, and where the results go."""

    data: Path
    settings_file: Path
    folder: Path


@dataclass(frozen=True)
class Departure:
    """Where the finished folder is to go, and the key that stays."""

    out: Path
    key: Path


def key_beside(out: Path, parent: Path = KEYS) -> Path:
    """A key of its own for a run, under a name not in use: never in the folder that leaves, never another client's."""
    names = (f"{out.name}-key.csv" if count == 1 else f"{out.name}-{count}-key.csv" for count in range(1, 1000))
    return next(parent / name for name in names if not (parent / name).exists())


def log_beside(key: Path) -> Path:
    """Where the log of a run lies of which a part failed: it may hold names, so it stays with the key."""
    return key.with_name(f"{key.stem}-{LOG}")


@contextmanager
def anonymised(
    data_dir: Path, settings: Settings, departure: Departure, progress: Callable[[str], None] | None = None
) -> Iterator[Copy]:
    """A copy of the extract without names; what was written into its folder is proved and handed over at the end.

    All work is done in a private folder that is gone afterwards, whatever happens. Files of another run are never
    written over.

    Raises
    ------
    Unusable
        The extract, the key or the places cannot be used, or a name was found in what was written: then nothing is
        handed over, and the key says which.
    """
    say = progress or (lambda _: None)
    _refuse_places(departure, data_dir)
    with _terminable(), _alone_with(departure.key), disk.working_folder() as private:
        work, book = private.resolve(), read_key(departure.key)
        found = read_names(_taken_in(data_dir, work, settings, say))
        copy = _laid_out(data_dir, work, found, book, settings)
        shutil.rmtree(work / "raw")
        yield copy
        say("proof: every file is searched for every name")
        _leave(copy.folder, book, departure, list(long_texts(found, FEWEST_WORDS)))


@contextmanager
def _alone_with(key: Path) -> Iterator[None]:
    """Two runs with one key would each write what they added to it over the other's."""
    with disk.made(key.parent), disk.held(key.with_name(f"{disk.LOCK}-{key.name}")) as is_ours:
        if not is_ours:
            raise Unusable(f"{key}: a run is at work with this key. Wait for its end, or choose another with --key.")
        yield


@contextmanager
def _terminable() -> Iterator[None]:
    """A run that is told to end leaves as one that broke off: the private folder is gone."""
    if threading.current_thread() is not threading.main_thread():  # only there a handler can be set
        yield
        return
    before = signal.signal(signal.SIGTERM, lambda *_: sys.exit(TERMINATED))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _refuse_places(departure: Departure, data_dir: Path) -> None:
    out, key = departure.out.resolve(), departure.key.resolve()
    _refuse_unreachable(departure.out, "--out")
    _refuse_unreachable(departure.key, "--key")
    if departure.out.is_symlink():
        raise Unusable(f"{departure.out}: this is a link. Name the folder itself with --out.")
    if Path.cwd().is_relative_to(out):
        raise Unusable(f"{departure.out}: work is done in this folder, it cannot leave. Choose another one with --out.")
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise Unusable(
            f"{departure.out}: an anonymised copy needs a new or empty folder. Choose another one with --out."
        )
    if out.is_relative_to(home(data_dir).resolve()):
        raise Unusable(f"{departure.out}: lies among the client's own files. Choose another folder with --out.")
    if key.is_relative_to(out):
        raise Unusable(f"{departure.key}: the key would leave with the copy. Choose a place outside it with --key.")
    if key.is_dir():
        raise Unusable(f"{departure.key}: this is a folder. Name a file with --key.")


def _refuse_unreachable(path: Path, option: str) -> None:
    """What stands above a place must be folders, and open to write: told before the work, not after it."""
    above = next(folder for folder in path.absolute().parents if os.path.lexists(folder))
    if not above.is_dir():
        raise Unusable(f"{path}: {above} is no folder. Choose another place with {option}.")
    if not os.access(above, os.W_OK | os.X_OK):
        raise Unusable(f"{path}: no permission to write in {above}. Choose another place with {option}.")


def _taken_in(data_dir: Path, work: Path, settings: Settings, say: Callable[[str], None]) -> Path:
    """The extract as the client sent it, in the private folder and for a moment only."""
    take_in(data_dir, work / "raw", work / "raw" / traces.REJECTS, settings, say)
    return work / "raw"


def _laid_out(data_dir: Path, work: Path, found: Found, book: Book, settings: Settings) -> Copy:
    """Data, settings and what intake made of them, all without names, as if intake had just been done on them."""
    traces.enter_places(book, data_dir, settings)
    kpis = enter_names(book, found, settings)
    ours = traces.settings_without_names(settings, book, kpis)
    copy = Copy(work / "data", work / "data" / "settings.yaml", work / "out")
    for folder in (copy.data, copy.folder, copy.folder / "store"):
        folder.mkdir()
    write_tables(work / "raw", copy.data, book, found, settings)
    traces.write_settings(copy.settings_file, ours)
    for path in copy.data.glob("*.parquet"):
        shutil.copyfile(path, copy.folder / "store" / path.name)
    traces.write_intake(work / "raw", copy.folder, copy.data, ours, traces.tables_by_file(data_dir, settings))
    return copy


def _leave(folder: Path, book: Book, departure: Departure, remarks: list[str]) -> None:
    """Prove what was written and move it in place; the key is written whether the proof holds or not."""
    if (folder / LOG).exists():
        _keep_log(folder / LOG, log_beside(departure.key))
    for name in STAYS_HIDDEN:
        path = folder / name
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    excused = [entry.original for entry in book.entries.values() if entry.proof == ORDINARY]
    names = [entry.original for entry in book.entries.values()]
    proof = prove(folder, names, excused, remarks, client_names(book))
    for text in proof.leaks.keys() - set(names):
        book.also("remark", text, WITHHELD)
    book.mark(proof.checked, "checked")
    book.mark(proof.not_provable, UNPROVABLE)
    book.mark(proof.leaks, FOUND)
    write_key(departure.key, book)
    if proof.leaks:
        raise Unusable(_refused(proof, departure))
    printed = {path.name: PRINTED for path in sorted(folder.glob(f"*.{PRINT}"))}
    disk.write(folder / SUMMARY, f"{json.dumps({**_summary(proof, book), **printed}, indent=1)}\n")
    _move(folder, departure.out)


def _keep_log(log: Path, kept: Path) -> None:
    try:
        kept.parent.mkdir(parents=True, exist_ok=True)
        disk.write(kept, log.read_text(encoding="utf-8"))
    except OSError as error:
        raise Unusable(f"{disk.message(error, kept)} The log goes beside the key, which --key names.") from error


def _refused(proof: Proof, departure: Departure) -> str:
    kinds = sorted({kind for found in proof.leaks.values() for kind in found})
    names = len(proof.leaks)
    return (
        f"{names} original {'name or text was' if names == 1 else 'names or texts were'} found in finished files "
        f"({', '.join(kinds)}): nothing was handed over. The key {departure.key} says which, as 'found'. A word that "
        "tells nothing about the client may be marked 'ordinary' there, in a text editor; then run again with --key."
    )


def _summary(proof: Proof, book: Book) -> dict[str, object]:
    return {
        "kit": __version__,
        "names_replaced": dict(Counter(entry.kind for entry in book.entries.values())),
        "names_checked": len(proof.checked),
        "names_found": len(proof.leaks),
        "not_provable": len(proof.not_provable),
        "files_checked": sum(proof.files.values()),
        "files": proof.files,
    }


def _move(folder: Path, out: Path) -> None:
    """In place at once: the folder is carried over under a hidden name first, it may come from another disk."""
    try:
        with disk.placed(out) as beside:
            shutil.copytree(folder, beside, dirs_exist_ok=True)
    except OSError as error:
        raise Unusable(disk.message(disk.refusal(error, out) or error, out)) from error
