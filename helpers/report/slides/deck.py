"""The whole deck as a file: which slides, in which order, and bytes that repeat."""

from __future__ import annotations

import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

from helpers.charts.numbers import day
from helpers.charts.style import readable
from helpers.diagnosis import Diagnosis
from helpers.disk import write_bytes
from helpers.engagement import Engagement
from helpers.notes import Notes, load_notes
from helpers.report import actions
from helpers.report.slides import closing, opening
from helpers.report.slides.canvas import Look, empty_deck
from helpers.report.slides.plain import clip
from helpers.report.slides.signs import sign
from helpers.report.write import logo_file

SLIDES = "slides.pptx"
NAME = 44
NOTHING_NOTED = Notes()
FOR_EVER = (1980, 1, 1, 0, 0, 0)


def write_slides(engagement: Engagement, diagnosis: Diagnosis, data_dir: Path, out_dir: Path) -> Path:
    """Write `slides.pptx` into `out_dir`: the findings as slides whose charts and tables can be edited."""
    critical = (*engagement.critical_families, *engagement.critical_resources)
    logo = logo_file(diagnosis.settings.branding, data_dir)
    notes = load_notes(data_dir, [finding.sign.key for finding in diagnosis.findings])
    write_bytes(out_dir / SLIDES, deck(diagnosis, critical, logo.read_bytes() if logo else b"", notes))
    return out_dir / SLIDES


def deck(
    diagnosis: Diagnosis, critical: tuple[str, ...] = (), logo: bytes = b"", notes: Notes = NOTHING_NOTED
) -> bytes:
    """Verdict, calendar, OTIF and its price, one slide a recurring sign, decisions, what could not be assessed.

    The same diagnosis gives the same bytes. Owner and day of a decision are those of the first open action in `notes`,
    and left to fill where there is none. A logo that is no picture a slide can hold (SVG) is left out.
    """
    settings, findings = diagnosis.settings, diagnosis.findings
    look = Look(readable(settings.branding.colour), _footer(diagnosis), diagnosis.as_of, logo)
    slides = empty_deck()
    recurring = [finding for finding in findings if finding.verdict.status == "recurring"]
    isolated = [finding for finding in findings if finding.verdict.status == "isolated"]
    pages = [
        opening.verdict(slides, look, diagnosis),
        opening.calendar(slides, look, diagnosis),
        opening.service(slides, look, diagnosis),
        *(sign(slides, look, finding, settings.currency) for finding in recurring),
        *closing.decisions(slides, look, actions.steps(findings, critical, settings.currency), isolated, notes),
        closing.unassessed(slides, look, diagnosis),
    ]
    for page in pages:
        page.finish()
    _sign_off(slides, diagnosis)
    return _saved(slides)


def _footer(diagnosis: Diagnosis) -> str:
    settings = diagnosis.settings
    house = f"{clip(settings.branding.name, NAME)}: " if settings.branding.name else ""
    return f"{house}{clip(settings.client, NAME)}, S&OP alignment review, as of {day(diagnosis.as_of)}"


def _sign_off(slides: Any, diagnosis: Diagnosis) -> None:
    """What the file says of itself: the client and the date it is about; nobody's name, no clock."""
    said, moment = slides.core_properties, diagnosis.as_of.to_pydatetime()
    said.title = clip(f"S&OP alignment review: {diagnosis.settings.client}, {day(diagnosis.as_of)}", 250)
    said.author = said.last_modified_by = said.keywords = said.comments = said.subject = ""
    said.created = said.modified = said.last_printed = moment
    said.revision = 1


def _saved(slides: Any) -> bytes:
    """The file with a fixed date on each of its parts: the library stamps the clock on them."""
    stamped, content = BytesIO(), BytesIO()
    slides.save(stamped)
    with zipfile.ZipFile(stamped) as parts, zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as kept:
        for part in parts.infolist():
            kept.writestr(zipfile.ZipInfo(part.filename, FOR_EVER), parts.read(part), zipfile.ZIP_DEFLATED)
    return content.getvalue()
