"""The work of a command: what it reads, where it writes, and what earlier runs on the same input left."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from helpers import terminal
from helpers.errors import Unusable
from helpers.faults import Steps
from helpers.place import Database, Origin, home
from helpers.plain import file_name, is_text

if TYPE_CHECKING:  # as in commands: --help does not wait for the heavy libraries
    from helpers.kept import Kept
    from helpers.notes import Notes
    from helpers.settings import Settings

LOG = "run.log"


@dataclass(frozen=True)
class Work:
    """What a run reads and where it works; `results` and `log` are where the user finds what it wrote.

    `kept` is what earlier runs on the same input left.
    """

    data: Origin
    settings: Path | None
    folder: Path
    results: Path
    log: Path
    progress: terminal.Progress
    kept: Kept

    @property
    def home(self) -> Path:
        """The folder of what goes with the data: notes and logo."""
        return home(self.data, self.settings)


@contextmanager
def begun(
    data: Origin,
    out: Path | None,
    settings: Path | None,
    as_of: str | None,
    anonymise: bool,
    key: Path | None,
    fresh: bool,
) -> Iterator[Work]:
    """The client's extract and a folder claimed for the run; or copies without names, handed over at the end."""
    from helpers import runs

    if anonymise:
        with _copied(data, out, settings, as_of, key) as work:
            yield work
        return
    if key:
        raise Unusable("--key: names the key of an anonymised copy. Add --anonymise, or leave --key out.")
    folder, run = plan(data, out, settings, as_of)
    with runs.claim(folder, run), _logged(folder), terminal.Progress().running() as progress:
        yield Work(data, settings, folder, folder, folder / LOG, progress, kept_of(data, settings, as_of, fresh))


@contextmanager
def _copied(
    data: Origin, out: Path | None, settings_file: Path | None, as_of: str | None, key: Path | None
) -> Iterator[Work]:
    from helpers import runs
    from helpers.anonymise import Departure, anonymised, key_beside, log_beside
    from helpers.kept import Kept
    from helpers.notes import NOTES_FILE

    if isinstance(data, Database):
        raise Unusable(
            "--anonymise: the names in a database cannot be replaced where they are. Export the tables to a folder or "
            "a DuckDB file, and name that with --data."
        )
    _refuse_unwritable(data, out, settings_file, key)
    settings = _settings(data, settings_file, as_of)
    results = out or runs.new_folder(data, settings.model_copy(update={"client": "anonymised"}))
    departure = Departure(results, key or key_beside(results))
    with (
        terminal.Progress().running() as progress,
        anonymised(data, settings, departure, progress) as copy,
        _logged(copy.folder),
    ):
        log = log_beside(departure.key)
        yield Work(copy.data, copy.settings_file, copy.folder, results, log, progress, Kept())
    terminal.say(f"Anonymised copy, may leave the house: {terminal.shown(results)}")
    terminal.say(f"Its key, must stay: {terminal.shown(departure.key)}")
    for name in (NOTES_FILE, "scenarios.yaml", "playbook.yaml"):
        if (home(data) / name).is_file():
            terminal.say(f"{name} was left out of the copy: what it says cannot be proved to name nobody.")


def plan(
    data: Origin, out: Path | None, settings_file: Path | None, as_of: str | None, kind: str = ""
) -> tuple[Path, str]:
    """The folder for the results and the identity of the run, before anything is written."""
    from helpers import runs

    _refuse_unwritable(data, out, settings_file)
    settings = _settings(data, settings_file, as_of)
    return out or runs.new_folder(data, settings, kind), runs.identity(data, settings, as_of)


def _refuse_unwritable(*places: Origin | None) -> None:
    """Engine and notebooks are told paths as text: bytes that are none would break them off halfway."""
    for path in places:
        if isinstance(path, Path) and not is_text(path.resolve()):
            raise Unusable(
                f"{file_name(path)}: the path holds a name that is no UTF-8 text. Rename the folder or file."
            )


def _settings(data: Origin, settings_file: Path | None, as_of: str | None) -> Settings:
    """The settings of a run, once the place of the data and the date are known to be usable."""
    from helpers.diagnosis import known_settings, parse_day

    if isinstance(data, Path) and not data.exists():
        raise Unusable(f"{data}: there is no such folder or file. Name the one with the client's extract with --data.")
    if as_of is not None:
        parse_day(as_of)
    beside = home(data, settings_file)
    notes_of(beside)
    _refuse_plans(beside)
    return known_settings(data, settings_file)


def kept_of(data: Origin, settings_file: Path | None, as_of: str | None, fresh: bool) -> Kept:
    """What earlier runs on the same input kept; nothing of a database, of which it cannot be told whether it changed.

    What lies among the client's files is not ours, however much it looks like it: it would be loaded as it is.
    """
    from helpers.intake import fingerprint
    from helpers.kept import Kept, kept, place

    if isinstance(data, Database) or place().resolve().is_relative_to(home(data).resolve()):
        return Kept(fresh=fresh)
    return kept(fingerprint(data, _settings(data, settings_file, as_of)), as_of, fresh)


def notes_of(home: Path) -> Notes:
    """The consultant's notes in the folder of what goes with the data."""
    from helpers.notes import load_notes
    from helpers.signs import registry

    return load_notes(home, [entry.sign.key for entry in registry()])


def _refuse_plans(home: Path) -> None:
    """Scenarios and rules that cannot be used are told before anything is done; their room is heavy to open."""
    if any(home.glob("scenarios.y*ml")) or any(home.glob("playbook.y*ml")):
        from helpers.scenarios.known import refuse_unusable

        refuse_unusable(home)


@contextmanager
def _logged(folder: Path) -> Iterator[None]:
    """What a broken part leaves behind goes to `run.log` in the folder instead of the terminal."""
    (folder / LOG).unlink(missing_ok=True)
    log, note = logging.getLogger("helpers"), logging.FileHandler(folder / LOG, encoding="utf-8", delay=True)
    note.setFormatter(Steps())
    log.addHandler(note)
    log.propagate = False
    try:
        yield
    finally:
        log.removeHandler(note)
        log.propagate = True
        note.close()
