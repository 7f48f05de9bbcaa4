"""Writes the report of a run: executed notebooks saved, their pages stitched, one HTML file."""

from __future__ import annotations

import base64
import logging
import mimetypes
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from markupsafe import Markup

from helpers.charts import calendar_html, draw_service, legend_html
from helpers.charts.numbers import day, number
from helpers.charts.style import NIGHT, readable
from helpers.diagnosis import Diagnosis
from helpers.disk import write, write_bytes
from helpers.engagement import Engagement
from helpers.faults import told
from helpers.intake.sources import look_through
from helpers.place import Origin, home
from helpers.report import actions, cards, checks, price, quality, stitch, wording
from helpers.report.cadence import cadence_words
from helpers.report.markup import fill, stylesheet
from helpers.report.noted import noted
from helpers.report.pages import Page
from helpers.report.realignment import NOT_ASKED, Ahead, parts
from helpers.report.root_causes import root_cause_tables
from helpers.report.since import since
from helpers.report.voices import voices
from helpers.report.watchlists import watchlists
from helpers.report.workbook import EVIDENCE, evidence_workbook, sheet_names
from helpers.settings import Branding

OPENING = (
    ("verdict", "Verdict"),
    ("price", "Price"),
    ("checks", "Quick checks"),
    ("scorecard", "Scorecard"),
    ("actions", "What to do"),
)
CLOSING = (
    ("watchlists", "Watchlists"),
    ("root-causes", "Root causes"),
    ("realignment", "Realignment"),
    ("unassessed", "Not assessed"),
    ("quality", "Data quality"),
    ("method", "Method"),
)
LOGO_BYTES = 500_000
PAGE = "report.html"
NO_SHEETS: Mapping[str, str] = MappingProxyType({})
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class ReportResult:
    """Where the report is, and which parts of it failed."""

    path: Path
    failures: tuple[str, ...]


def write_report(
    engagement: Engagement,
    diagnosis: Diagnosis,
    pages: Sequence[Page],
    data: Origin,
    out_dir: Path,
    settings_file: Path | None = None,
    progress: Callable[[str], None] = lambda _: None,
    ahead: Ahead = NOT_ASKED,
) -> ReportResult:
    """Save the executed notebooks; write `evidence.xlsx` and `report.html`.

    A notebook, a sign or a plan `ahead` that failed leaves a visible card in the page and its name in `failures`.
    """
    for page in pages:
        (out_dir / "notebooks").mkdir(parents=True, exist_ok=True)
        write(out_dir / "notebooks" / f"{page.name}.ipynb", page.text)
    chapters = [page.chapter for page in pages]
    failures = (*(f"{c.key}: {c.failure}" for c in chapters if c.failure), *diagnosis.failures, *ahead.failures)
    sheets, broken = _evidence(diagnosis, out_dir)
    failures = (*failures, *broken)
    progress("report.html")
    html = page_html(engagement, diagnosis, chapters, data, out_dir, failures, sheets, settings_file, ahead)
    write(out_dir / PAGE, html)
    return ReportResult(out_dir / PAGE, failures)


def _evidence(diagnosis: Diagnosis, out_dir: Path) -> tuple[dict[str, str], tuple[str, ...]]:
    """Write `evidence.xlsx`; the sheet of each sign with rows, or what broke off: the page stands without it."""
    try:
        write_bytes(out_dir / EVIDENCE, evidence_workbook(diagnosis))
    except Exception as error:
        log.exception("%s failed", EVIDENCE)
        return {}, (f"{EVIDENCE}: {told(error)}",)
    return sheet_names([finding for finding in diagnosis.findings if finding.evidence]), ()


def page_html(
    engagement: Engagement,
    diagnosis: Diagnosis,
    chapters: Sequence[stitch.Chapter],
    data: Origin,
    out_dir: Path,
    failures: Sequence[str] = (),
    sheets: Mapping[str, str] = NO_SHEETS,
    settings_file: Path | None = None,
    ahead: Ahead = NOT_ASKED,
) -> str:
    """The whole page as one HTML document; `sheets` are those of the workbook beside it, by the key of their sign."""
    beside = home(data, settings_file)
    settings, findings, overall = diagnosis.settings, diagnosis.findings, diagnosis.overall
    accent = readable(settings.branding.colour)
    service = draw_service(diagnosis.pulse, settings.otif.target, settings.currency, accent)
    headline, _, detail = overall.message.partition(". ")
    critical = (*engagement.critical_families, *engagement.critical_resources)
    return fill(
        "report.html.j2",
        css=stylesheet(),
        accent=accent,
        accent_night=readable(settings.branding.colour, NIGHT),
        contents=[*OPENING, *((f"chapter-{one.key}", one.key.capitalize()) for one in chapters), *CLOSING],
        settings=settings,
        logo=logo(settings.branding, beside),
        overall=overall,
        headline=headline.rstrip("."),
        detail=detail,
        spent=price.spent(diagnosis.pulse, settings.currency),
        since=since(diagnosis, data, out_dir),
        price=price.price(diagnosis.money, findings, settings.currency),
        noted=noted(beside, findings, {s.key for c in chapters for s in c.shown}, diagnosis.as_of.date()),
        as_of=day(diagnosis.as_of),
        calendar=Markup(calendar_html(findings, list(diagnosis.calendar.cycles), settings.bucket)),  # noqa: S704
        legend=Markup(legend_html()),  # noqa: S704
        service=stitch.inlined(service.figure()),
        scorecard=cards.scorecard(findings, settings),
        checks=checks.checks(diagnosis.pulse, settings.currency, accent),
        steps=actions.steps(findings, critical, settings.currency),
        isolated=[f for f in findings if f.verdict.status == "isolated"],
        chapters=chapters,
        watchlists=watchlists(diagnosis.families_watch, diagnosis.resources_watch),
        cadence=cadence_words(diagnosis.process) if diagnosis.process else None,
        voices=voices(diagnosis.process.interviews, findings) if diagnosis.process else None,
        ahead=parts(ahead),
        root_causes=root_cause_tables(diagnosis.root_causes, settings.currency),
        failures=failures,
        evidence=EVIDENCE,
        sheets=sheets,
        unassessed=[f for f in findings if f.verdict.status == "not_assessable"],
        gaps=quality.gaps(findings),
        intake=cards.intake_table(diagnosis.manifest),
        faults=quality.faults(out_dir / "rejects"),
        unread=look_through(data, settings)[1],
        hashes=diagnosis.manifest.hashes,
        anonymised=diagnosis.manifest.anonymised,
        fingerprint=diagnosis.manifest.fingerprint,
        versions=quality.versions(),
        said=quality.settings_said(settings),
        limits=quality.limits(findings, settings),
        number=number,
        say=wording,
        cycles=diagnosis.calendar.cycles,
        day=day,
    )


def logo(branding: Branding, data_dir: Path) -> str:
    """The client's logo as a data URI; empty when there is none that may be shown."""
    path = logo_file(branding, data_dir)
    if path is None:
        return ""
    return f"data:{mimetypes.guess_type(path.name)[0]};base64,{base64.b64encode(path.read_bytes()).decode('ascii')}"


def logo_file(branding: Branding, data_dir: Path) -> Path | None:
    """The client's logo; none when it is not an image, is too large, or lies outside the data."""
    if not branding.logo:
        return None
    path = (data_dir / branding.logo).resolve()
    kind = mimetypes.guess_type(path.name)[0] or ""
    inside = path.is_relative_to(data_dir.resolve())
    if not inside or not path.is_file() or not kind.startswith("image/") or path.stat().st_size > LOGO_BYTES:
        return None
    return path
