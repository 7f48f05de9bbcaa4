"""The commands: what `python -m helpers` offers, which options they take, and with which status they end.

Exit status: 0 done; 2 the input or an option cannot be used; 3 the report was written but a part of it failed.
"""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from helpers import __version__, terminal
from helpers.errors import MalformedSign, Unusable
from helpers.options import Anonymise, AsOf, Data, Key, Out, Pdf, RequestOut, SettingsFile, Slides
from helpers.place import Database, Origin, home, parse

if TYPE_CHECKING:  # pandas, Ibis and DuckDB take a second to import: --help does not wait for them
    from helpers.diagnosis import Diagnosis
    from helpers.engagement import Engagement
    from helpers.notes import Notes
    from helpers.settings import Settings

UNUSABLE, PARTLY_FAILED, INTERRUPTED = 2, 3, 130
ROOT = Path(__file__).resolve().parents[1]
FINDINGS, REJECTS, LOG = "findings.json", "rejects", "run.log"
MOST_WORKERS = 4


class Kit(TyperGroup):
    """Turns what a user can act on into one message and an exit status instead of a traceback."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except (Unusable, MalformedSign) as fault:
            terminal.complain(str(fault))
            raise typer.Exit(UNUSABLE) from fault
        except KeyboardInterrupt:
            terminal.complain("Stopped.")
            raise typer.Exit(INTERRUPTED) from None


app = typer.Typer(
    cls=Kit,
    help="Ten early warning signs of a breaking S&OP cycle, measured from planning extracts.",
    epilog="Exit status: 0 done; 2 the input or an option cannot be used; 3 written, but a part of it failed.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

SAMPLE, REQUEST = "sample_data", Path("runs/data-request")
PASS_ON = {"allow_extra_args": True, "ignore_unknown_options": True}


@app.callback(invoke_without_command=True)
def kit(version: Annotated[bool, typer.Option("--version", help="Print the version and end.")] = False) -> None:
    if version:
        terminal.say(__version__)
        raise typer.Exit


@app.command()
def report(
    data: Data = SAMPLE,
    out: Out = None,
    settings: SettingsFile = None,
    as_of: AsOf = None,
    slides: Slides = False,
    pdf: Pdf = False,
    anonymise: Anonymise = False,
    key: Key = None,
) -> None:
    """Diagnose an extract and write report.html, findings.json, the executed notebooks and rejects/."""
    from helpers.report import browser, hand_out, write_report

    program = browser() if pdf else ""
    with _place(parse(data), out, settings, as_of, anonymise, key) as place:
        engagement, diagnosis = _diagnosed(place.data, place.folder, place.settings, as_of, place.progress)
        written = write_report(engagement, diagnosis, place.data, place.folder, place.settings, as_of, place.progress)
        handed = hand_out(engagement, diagnosis, place.home, written.path, slides, program, place.progress)
    terminal.say(diagnosis.overall.message)
    for name, path in (("Report", written.path), *handed.paths):
        terminal.say(f"{name}: {terminal.shown(place.results / path.name)}")
    for name in handed.older:
        terminal.say(f"{name} is of an earlier go: add --slides or --pdf to make it anew, or delete it.")
    _end((*diagnosis.failures, *written.failures, *handed.failures), place.log)


@app.command()
def diagnose(
    data: Data = SAMPLE,
    out: Out = None,
    settings: SettingsFile = None,
    as_of: AsOf = None,
    anonymise: Anonymise = False,
    key: Key = None,
) -> None:
    """Write findings.json and rejects/ only, without notebooks or pictures; the findings are those of the report."""
    with _place(parse(data), out, settings, as_of, anonymise, key) as place:
        _, diagnosis = _diagnosed(place.data, place.folder, place.settings, as_of, place.progress)
    terminal.say(diagnosis.overall.message)
    terminal.say(f"Findings: {terminal.shown(place.results / FINDINGS)}")
    _end(diagnosis.failures, place.log)


@app.command()
def check(data: Data = SAMPLE, out: Out = None, settings: SettingsFile = None) -> None:
    """Read an extract and write data_quality.html and rejects/: what would be used, what is set aside, who can mend it.

    Nothing is calculated.
    """
    from helpers import runs
    from helpers.report import write_data_quality

    origin = parse(data)
    folder, run = _plan(origin, out, settings, None, "check")
    with runs.claim(folder, run), terminal.Progress().running() as progress:
        engagement = _open(origin, folder, settings, None, progress)
        page = write_data_quality(engagement, origin, folder)
    terminal.show_sources(engagement.manifest, engagement.settings)
    terminal.show_rejects(folder / REJECTS)
    cycles = engagement.calendar.cycles
    terminal.say(f"{len(cycles)} cycles from {cycles[0].date()} to {cycles[-1].date()}")
    terminal.say(f"Every fault: {terminal.shown(folder / REJECTS)}")
    terminal.say(f"For the client: {terminal.shown(page)}")


@app.command()
def request(out: RequestOut = REQUEST) -> None:
    """Write the pack for a client's first data request: data_request.xlsx, cover_note.md and interview_guide.md."""
    from helpers.request import write_request

    for path in write_request(out, ROOT / SAMPLE):
        terminal.say(terminal.shown(path))


@app.command()
def compare(
    before: Annotated[
        Path, typer.Argument(metavar="A", help="The earlier run: its folder or its findings.json. Example: runs/acme-1")
    ],
    after: Annotated[
        Path, typer.Argument(metavar="B", help="The later run: its folder or its findings.json. Example: runs/acme-2")
    ],
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="A new file for the comparison as JSON. Example: --out change.json"),
    ] = None,
) -> None:
    """Say what changed from run A to run B: signs new, gone, better or worse, and cost; from saved files only."""
    from helpers import compare as beside

    if out and out.exists():
        raise Unusable(f"{out}: there is such a file or folder already. Choose another name with --out.")
    comparison = beside.compare(beside.load(before), beside.load(after))
    terminal.show_comparison(comparison)
    if out:
        _save(out, beside.document(comparison))
        terminal.say(f"Comparison: {terminal.shown(out)}")


@app.command()
def lab(
    no_browser: Annotated[
        bool, typer.Option("--no-browser", help="Print the address only. Example: python -m helpers lab --no-browser")
    ] = False,
) -> None:
    """Open the notebooks in JupyterLab."""
    options = [*(["--no-browser"] if no_browser else []), *(["--allow-root"] if _is_root() else [])]
    raise typer.Exit(_python("jupyterlab", "notebooks", *options))


@app.command(context_settings=PASS_ON)
def test(context: typer.Context) -> None:
    """Run the whole suite, pytest and nbval; further arguments, as in `test tests/signs -x`, go to pytest."""
    workers = str(min(MOST_WORKERS, os.cpu_count() or 1))
    suite = _python("pytest", "-n", workers, *context.args)
    notebooks = _python("pytest", "--nbval-lax", "-n", workers, "--dist", "loadfile", "notebooks")
    raise typer.Exit(int(bool(suite or notebooks)))


def _is_root() -> bool:
    """JupyterLab refuses to start for root, as in a container, unless it is told."""
    return hasattr(os, "geteuid") and os.geteuid() == 0


def run() -> None:
    """Start the command line."""
    app(prog_name="python -m helpers")


@dataclass(frozen=True)
class Place:
    """What a run reads and where it works; `results` and `log` are where the user finds what it wrote."""

    data: Origin
    settings: Path | None
    folder: Path
    results: Path
    log: Path
    progress: terminal.Progress

    @property
    def home(self) -> Path:
        """The folder of what goes with the data: notes and logo."""
        return home(self.data, self.settings)


@contextmanager
def _place(
    data: Origin, out: Path | None, settings: Path | None, as_of: str | None, anonymise: bool, key: Path | None
) -> Iterator[Place]:
    """The client's extract and a folder claimed for the run; or copies without names, handed over at the end."""
    from helpers import runs

    if anonymise:
        with _copied(data, out, settings, as_of, key) as place:
            yield place
        return
    if key:
        raise Unusable("--key: names the key of an anonymised copy. Add --anonymise, or leave --key out.")
    folder, run = _plan(data, out, settings, as_of)
    with runs.claim(folder, run), _logged(folder), terminal.Progress().running() as progress:
        yield Place(data, settings, folder, folder, folder / LOG, progress)


@contextmanager
def _copied(
    data: Origin, out: Path | None, settings_file: Path | None, as_of: str | None, key: Path | None
) -> Iterator[Place]:
    from helpers import runs
    from helpers.anonymise import Departure, anonymised, key_beside, log_beside
    from helpers.notes import NOTES_FILE

    if isinstance(data, Database):
        raise Unusable(
            "--anonymise: the names in a database cannot be replaced where they are. Export the tables to a folder or "
            "a DuckDB file, and name that with --data."
        )
    settings = _settings(data, settings_file, as_of)
    results = out or runs.new_folder(data, settings.model_copy(update={"client": "anonymised"}))
    departure = Departure(results, key or key_beside(results))
    with (
        terminal.Progress().running() as progress,
        anonymised(data, settings, departure, progress) as copy,
        _logged(copy.folder),
    ):
        yield Place(copy.data, copy.settings_file, copy.folder, results, log_beside(departure.key), progress)
    terminal.say(f"Anonymised copy, may leave the house: {terminal.shown(results)}")
    terminal.say(f"Its key, must stay: {terminal.shown(departure.key)}")
    if (home(data) / NOTES_FILE).is_file():
        terminal.say("notes.yaml was left out of the copy: what it says cannot be proved to name nobody.")


def _plan(
    data: Origin, out: Path | None, settings_file: Path | None, as_of: str | None, kind: str = ""
) -> tuple[Path, str]:
    """The folder for the results and the identity of the run, before anything is written."""
    from helpers import runs

    settings = _settings(data, settings_file, as_of)
    return out or runs.new_folder(data, settings, kind), runs.identity(data, settings, as_of)


def _settings(data: Origin, settings_file: Path | None, as_of: str | None) -> Settings:
    """The settings of a run, once the place of the data and the date are known to be usable."""
    from helpers.diagnosis import known_settings, parse_day

    if isinstance(data, Path) and not data.exists():
        raise Unusable(f"{data}: there is no such folder. Name the folder with the client's extract: --data DIR.")
    if as_of:
        parse_day(as_of)
    _notes(home(data, settings_file))
    return known_settings(data, settings_file)


def _open(
    data: Origin, folder: Path, settings_file: Path | None, as_of: str | None, progress: terminal.Progress
) -> Engagement:
    """Take the extract in and say, table by table, what became of it."""
    from helpers.diagnosis import open_engagement
    from helpers.intake import describe
    from helpers.intake.sources import look_through

    engagement = open_engagement(data, folder, settings_file, as_of, progress)
    sources, unread = look_through(data, engagement.settings)
    terminal.show_intake(describe(engagement.manifest))
    terminal.show_unread(sources, engagement.manifest, unread)
    terminal.show_gaps(_gaps(engagement))
    return engagement


def _diagnosed(
    data: Origin, folder: Path, settings_file: Path | None, as_of: str | None, progress: terminal.Progress
) -> tuple[Engagement, Diagnosis]:
    """The diagnosis of an extract, with `findings.json` in place: the same for every command."""
    from helpers import runs
    from helpers.compare import recorded
    from helpers.diagnosis import diagnose
    from helpers.findings import with_notes

    engagement = _open(data, folder, settings_file, as_of, progress)
    diagnosis = diagnose(engagement, progress)
    found = with_notes(recorded(diagnosis), _notes(home(data, settings_file)))
    findings = json.dumps(found, indent=1, ensure_ascii=False, allow_nan=False)
    runs.write(folder / FINDINGS, f"{findings}\n")
    return engagement, diagnosis


def _notes(home: Path) -> Notes:
    """The consultant's notes in the folder of what goes with the data."""
    from helpers.notes import load_notes
    from helpers.signs import registry

    return load_notes(home, [entry.sign.key for entry in registry()])


def _save(file: Path, content: dict[str, Any]) -> None:
    """A JSON document in a file of its own."""
    from helpers import runs

    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        runs.write(file, f"{json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False)}\n")
    except OSError as error:
        raise Unusable(f"{file}: cannot be written: {error.strerror}. Choose another file with --out.") from error


def _gaps(engagement: Engagement) -> list[terminal.Gap]:
    """What was not sent, with the signs that wait for it."""
    from helpers.diagnosis import wanted

    return [
        terminal.Gap(want.need, tuple(sign.code for sign in want.opens), tuple(sign.code for sign in want.sharpens))
        for want in wanted(engagement)
    ]


@contextmanager
def _logged(folder: Path) -> Iterator[None]:
    """What a broken part leaves behind goes to `run.log` in the folder instead of the terminal."""
    log, note = logging.getLogger("helpers"), logging.FileHandler(folder / LOG, encoding="utf-8", delay=True)
    log.addHandler(note)
    log.propagate = False
    try:
        yield
    finally:
        log.removeHandler(note)
        log.propagate = True
        note.close()


def _end(failures: Sequence[str], log: Path) -> None:
    if failures:
        details = [f"Details: {terminal.shown(log)}"] if log.exists() else []
        parts = (f"  {failure}" for failure in dict.fromkeys(failures))
        terminal.complain("\n".join(["A part failed:", *parts, *details]))
        raise typer.Exit(PARTLY_FAILED)


def _python(*arguments: str) -> int:
    """Run a module of this environment in the project's folder; its exit status."""
    return subprocess.run([sys.executable, "-m", *arguments], cwd=ROOT, check=False).returncode
