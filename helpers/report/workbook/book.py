"""Puts the sheets of `evidence.xlsx` in order."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO

from helpers.charts.style import readable
from helpers.diagnosis import Diagnosis
from helpers.evidence import Finding
from helpers.report import wording
from helpers.report.workbook import reference
from helpers.report.workbook.front import add_calendar, add_read_me, add_scorecard
from helpers.report.workbook.sign_sheet import SCORECARD, add_sign, fill_sheet, set_up, sheet_name
from helpers.report.workbook.styles import Styles
from helpers.spreadsheet import Workbook, open_workbook, write_text

EVIDENCE = "evidence.xlsx"
LOOKED_UP = {
    "Ledger": ("both views of the money of the last twelve cycles, and its rows", reference.ledger),
    "Watchlists": ("critical families and constrained resources as they stand", reference.watchlists),
    "Limits": ("every limit in force, with its source", reference.limits),
    "Definitions": ("the words used here, how each sign is measured, every metric", reference.definitions),
}


def evidence_workbook(diagnosis: Diagnosis) -> bytes:
    """The rows behind a diagnosis as an Excel workbook; the same diagnosis gives the same bytes."""
    content = BytesIO()
    with open_workbook(content, made=diagnosis.as_of.to_pydatetime()) as book:
        styles = Styles(book, readable(diagnosis.settings.branding.colour))
        add_read_me(book, styles, diagnosis, _sheets(diagnosis.findings))
        add_scorecard(book, styles, diagnosis)
        add_calendar(book, styles, diagnosis)
        for finding in diagnosis.findings:
            add_sign(book, styles, finding, diagnosis.settings)
        for name in LOOKED_UP:
            _add_looked_up(book, styles, name, diagnosis)
    return content.getvalue()


def sheet_names(findings: Sequence[Finding]) -> dict[str, str]:
    """The name of each sign's sheet, by the sign's key."""
    return {finding.sign.key: sheet_name(finding.sign) for finding in findings}


def _sheets(findings: Sequence[Finding]) -> list[tuple[str, str]]:
    signs = [(sheet_name(f.sign), f"{wording.STATUS[f.verdict.status]}: {f.sign.question}") for f in findings]
    first = [(SCORECARD, "the ten signs side by side"), ("Calendar", "signs and quick checks, cycle by cycle")]
    return [*first, *signs, *((name, holds) for name, (holds, _) in LOOKED_UP.items())]


def _add_looked_up(book: Workbook, styles: Styles, name: str, diagnosis: Diagnosis) -> None:
    sheet = book.add_worksheet(name)
    set_up(sheet)
    write_text(sheet, 0, 0, name, styles.title)
    fill_sheet(book, sheet, styles, LOOKED_UP[name][1](diagnosis), name, top=2)
