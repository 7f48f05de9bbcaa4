"""The commands: what `python -m helpers` offers, which options they take, and with which status they end.

Exit status: 0 done; 1 a fault of the kit; 2 the input or an option cannot be used, or disk or memory do not suffice;
3 the report was written but a part of it failed.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup
from typer.exceptions import TyperException

from helpers import __version__, disk, terminal
from helpers.errors import MalformedSign, NotAssessable, Unusable, asked
from helpers.faults import is_out_of_memory, steps, told
from helpers.options import (
    Anonymise,
    AsOf,
    Data,
    Fresh,
    Key,
    Out,
    Pdf,
    PlanLevel,
    RequestOut,
    ScenarioKey,
    SettingsFile,
    Slides,
)
from helpers.place import parse
from helpers.work import LOG, Work, begun, kept_of, notes_of, plan

if TYPE_CHECKING:  # pandas, Ibis and DuckDB take a second to import: --help does not wait for them
    from helpers.diagnosis import Diagnosis
    from helpers.engagement import Engagement

FAULT, UNUSABLE, PARTLY_FAILED, INTERRUPTED, TERMINATED = 1, 2, 3, 130, 143
ROOT = Path(__file__).resolve().parents[1]
FINDINGS, REJECTS = "findings.json", "rejects"
TOO_SMALL = "End other programs, take a larger machine, or put the tables into a database and name that with --data."
WRITTEN = {"scenarios.json": "Scenarios", "plan.xlsx": "Decisions", "playbook.yaml": "Draft of the rules"}
MOST_WORKERS = 4
# JupyterLab would ask for news, for a newer version of itself, and for a list of extensions.
QUIET_LAB = (
    "--LabApp.news_url=None",
    "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    "--LabApp.extension_manager=readonly",
)


class Kit(TyperGroup):
    """Turns what a user can act on into one message and an exit status instead of a traceback."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except (Unusable, MalformedSign) as fault:
            terminal.complain(str(fault))
            raise typer.Exit(UNUSABLE) from fault
        except (typer.Exit, typer.Abort, TyperException, BrokenPipeError):  # click ends these in its own way
            raise
        except OSError as refused:
            terminal.complain(disk.message(refused))
            raise typer.Exit(UNUSABLE) from refused
        except (KeyboardInterrupt, Exception) as fault:  # noqa: BLE001 - its traceback may quote a client
            if _is_stop(fault):
                terminal.complain("Stopped.")
                raise typer.Exit(INTERRUPTED) from None
            if is_out_of_memory(fault):
                at = "".join(f" at '{step}'" for step in getattr(fault, "__notes__", ()))
                terminal.complain(f"Stopped{at}: {told(fault)}. {TOO_SMALL}")
                raise typer.Exit(UNUSABLE) from None
            terminal.complain(f"A fault of the kit, not of the data: {told(fault)}. Nothing of the client's is named:")
            terminal.complain(steps(fault))
            raise typer.Exit(FAULT) from None


def _is_stop(fault: BaseException) -> bool:
    """Ctrl-C, or what DuckDB makes of it during a query."""
    is_told = isinstance(fault, RuntimeError) and "interrupted" in str(fault).lower()
    return isinstance(fault, KeyboardInterrupt) or is_told


app = typer.Typer(
    cls=Kit,
    help="Ten early warning signs of a breaking S&OP cycle, measured from planning extracts.",
    epilog="Exit status: 0 done; 1 a fault of the kit; 2 input or option unusable; 3 written, but a part of it failed.",
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
    fresh: Fresh = False,
) -> None:
    """Diagnose an extract and write report.html, findings.json, the executed notebooks and rejects/."""
    from helpers.report.hand_out import hand_out
    from helpers.report.pages import pages
    from helpers.report.pdf import browser
    from helpers.report.realignment import planned
    from helpers.report.write import write_report

    program = browser() if pdf else ""
    with (
        begun(parse(data), out, settings, as_of, anonymise, key, fresh) as work,
        pages(work.data, work.folder, work.settings, as_of, work.progress, work.kept) as made,
    ):
        engagement, diagnosis = _diagnosed(work, as_of)
        drawn = made(diagnosis)
        ahead = planned(engagement, work.home, work.kept, work.progress)  # while the notebooks draw
        written = write_report(
            engagement, diagnosis, drawn(), work.data, work.folder, work.settings, work.progress, ahead
        )
        handed = hand_out(engagement, diagnosis, work.home, written.path, slides, program, work.progress)
    terminal.say(diagnosis.overall.message)
    for name, path in (("Report", written.path), *handed.paths):
        terminal.say(f"{name}: {terminal.shown(work.results / path.name)}")
    for name in handed.older:
        terminal.say(f"{name} is of an earlier go: add --slides or --pdf to make it anew, or delete it.")
    _end((*diagnosis.failures, *written.failures, *handed.failures), work.log)


@app.command()
def diagnose(
    data: Data = SAMPLE,
    out: Out = None,
    settings: SettingsFile = None,
    as_of: AsOf = None,
    anonymise: Anonymise = False,
    key: Key = None,
    fresh: Fresh = False,
) -> None:
    """Write findings.json and rejects/ only, without notebooks or pictures; the findings are those of the report."""
    with begun(parse(data), out, settings, as_of, anonymise, key, fresh) as work:
        _, diagnosis = _diagnosed(work, as_of)
    terminal.say(diagnosis.overall.message)
    terminal.say(f"Findings: {terminal.shown(work.results / FINDINGS)}")
    if any(table.rows_rejected or table.cells_emptied for table in diagnosis.manifest.tables):
        terminal.say(f"Set aside, line by line: {terminal.shown(work.results / REJECTS)}")
    _end(diagnosis.failures, work.log)


@app.command(name="plan")
def plan_ahead(
    data: Data = SAMPLE,
    out: Out = None,
    settings: SettingsFile = None,
    as_of: AsOf = None,
    fresh: Fresh = False,
    level: PlanLevel = "family",
    scenario: ScenarioKey = None,
) -> None:
    """Say whether the approved plan can be executed, compare scenarios, draft trade-off rules and replay them.

    Write scenarios.json, plan.xlsx with the decisions of one scenario, and playbook.yaml where there are no rules yet.
    """
    from helpers.report.plan import write_plan
    from helpers.scenarios.known import realigned

    with begun(parse(data), out, settings, as_of, False, None, fresh) as work:
        engagement = _open(work, as_of)
        try:
            found = realigned(engagement, work.home, work.kept, work.progress, level)
        except NotAssessable as lacking:
            raise Unusable(f"no plan can be compared: {asked(lacking)}") from lacking
        written = write_plan(found, engagement.settings, engagement.as_of, level, scenario, work.folder)
    terminal.show_plan(written.document)
    for path in written.paths:
        terminal.say(f"{WRITTEN[path.name]}: {terminal.shown(work.results / path.name)}")
    for remark in written.remarks:
        terminal.say(remark)
    _end(written.failures, work.log)


@app.command()
def check(data: Data = SAMPLE, out: Out = None, settings: SettingsFile = None, fresh: Fresh = False) -> None:
    """Read an extract and write data_quality.html and rejects/: what would be used, what is set aside, who can mend it.

    Nothing is calculated.
    """
    from helpers import runs
    from helpers.report.data_quality.page import write_data_quality

    origin = parse(data)
    folder, run = plan(origin, out, settings, None, "check")
    with runs.claim(folder, run), terminal.Progress().running() as progress:
        work = Work(origin, settings, folder, folder, folder / LOG, progress, kept_of(origin, settings, None, fresh))
        engagement = _open(work, None)
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
    raise typer.Exit(_python("jupyterlab", "notebooks", *QUIET_LAB, *options))


@app.command(context_settings=PASS_ON)
def test(context: typer.Context) -> None:
    """Run the whole suite, pytest and nbval; further arguments, as in `test tests/signs -x`, go to pytest."""
    workers = str(min(MOST_WORKERS, os.cpu_count() or 1))
    suite = _python("pytest", "-n", workers, *context.args)
    notebooks = _python("pytest", "--nbval-lax", "notebooks")  # one by one: kernels started at once can take one port
    raise typer.Exit(int(bool(suite or notebooks)))


def _is_root() -> bool:
    """JupyterLab refuses to start for root, as in a container, unless it is told."""
    return hasattr(os, "geteuid") and os.geteuid() == 0


def run() -> None:
    """Start the command line; told to end, it ends as it does on Ctrl-C, leaving nothing behind.

    What it writes, and what its notebooks write, only its user may read.
    """
    os.umask(0o077)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(TERMINATED))
    try:
        app(prog_name="python -m helpers")
    except SystemExit as end:
        if end.code == TERMINATED:
            terminal.complain("Stopped.")
        raise


def _open(work: Work, as_of: str | None) -> Engagement:
    """Take the extract in and say, table by table, what became of it."""
    from helpers.diagnosis import open_engagement
    from helpers.intake import describe
    from helpers.intake.sources import look_through

    tables = work.folder / "store", work.folder / REJECTS
    work.kept.lay_tables(*tables)
    engagement = open_engagement(work.data, work.folder, work.settings, as_of, work.progress, anew=work.kept.fresh)
    work.kept.of(engagement.manifest.fingerprint).keep_tables(*tables)
    sources, unread = look_through(work.data, engagement.settings)
    terminal.show_intake(describe(engagement.manifest))
    terminal.show_unread(sources, engagement.manifest, unread)
    terminal.show_gaps(_gaps(engagement))
    return engagement


def _diagnosed(work: Work, as_of: str | None) -> tuple[Engagement, Diagnosis]:
    """The diagnosis of an extract, with `findings.json` in place: the same for every command."""
    from helpers.compare import recorded
    from helpers.diagnosis import diagnose
    from helpers.findings import with_notes

    engagement = _open(work, as_of)
    kept = work.kept.of(engagement.manifest.fingerprint)
    diagnosis: Diagnosis | None = kept.load("diagnosis")
    if diagnosis:
        work.progress("diagnosis: as in an earlier run on the same input; --fresh measures anew")
    else:
        diagnosis = diagnose(engagement, work.progress)
        if not diagnosis.failures:
            kept.save("diagnosis", diagnosis)
    found = with_notes(recorded(diagnosis), notes_of(work.home))
    findings = json.dumps(found, indent=1, ensure_ascii=False, allow_nan=False)
    disk.write(work.folder / FINDINGS, f"{findings}\n")
    return engagement, diagnosis


def _save(file: Path, content: dict[str, Any]) -> None:
    """A JSON document in a file of its own."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        disk.write(file, f"{json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False)}\n")
    except OSError as error:
        raise Unusable(disk.message(error, file)) from error


def _gaps(engagement: Engagement) -> list[terminal.Gap]:
    """What was not sent, with the signs that wait for it."""
    from helpers.diagnosis import came, wanted

    return [
        terminal.Gap(
            want.need,
            tuple(sign.code for sign in want.opens),
            tuple(sign.code for sign in want.sharpens),
            came(engagement.manifest, want.need),
        )
        for want in wanted(engagement)
    ]


def _end(failures: Sequence[str], log: Path) -> None:
    if failures:
        details = [f"Details: {terminal.shown(log)}"] if log.exists() else []
        parts = (f"  {failure}" for failure in dict.fromkeys(failures))
        terminal.complain("\n".join(["A part failed:", *parts, *details]))
        raise typer.Exit(PARTLY_FAILED)


def _python(*arguments: str) -> int:
    """Run a module of this environment in the project's folder; its exit status."""
    return subprocess.run([sys.executable, "-m", *arguments], cwd=ROOT, check=False).returncode
