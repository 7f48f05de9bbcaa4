"""The first sheets: what the workbook is, the scorecard with a link to every sign, the calendar."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from helpers.charts.numbers import day
from helpers.diagnosis import Diagnosis
from helpers.evidence import Finding
from helpers.report import wording
from helpers.report.markup import TEMPLATES
from helpers.report.workbook.block import Block, add_block, colour_statuses
from helpers.report.workbook.sign_sheet import SCORECARD, reference, set_up, sheet_name, write_words
from helpers.report.workbook.styles import Styles
from helpers.spreadsheet import Workbook, Worksheet, headed, write_text

TITLE = "Evidence behind the S&OP alignment report"
COSTS = (
    "Cost: money of the last twelve cycles. Signs seen by origin show the same money as the others; the two are never "
    "to be added."
)
AS_KNOWN = "The status of each sign at each cycle, judged with only what was known then."
SINGULAR = {"incurred": "where it is spent", "root": "by origin"}


def texts(name: str) -> list[tuple[str, str]]:
    """Headings and texts of a template of the workbook."""
    return list(headed((TEMPLATES / "evidence" / name).read_text(encoding="utf-8")))


def add_read_me(book: Workbook, styles: Styles, diagnosis: Diagnosis, sheets: Sequence[tuple[str, str]]) -> None:
    """Whose workbook it is, how it is laid out, and a link to every sheet with what it holds."""
    sheet = book.add_worksheet("Read me")
    set_up(sheet)
    write_text(sheet, 0, 0, TITLE, styles.title)
    cycles = diagnosis.calendar.cycles
    said = [
        ("Client", diagnosis.settings.client),
        ("As of", day(diagnosis.as_of)),
        ("Cycles", f"{len(cycles)}, from {day(cycles[0])} to {day(cycles[-1])}"),
        ("Currency", diagnosis.settings.currency),
        ("Verdict", diagnosis.overall.message),
        *texts("read_me.md"),
    ]
    line = write_words(sheet, styles, said, 2) + 1
    write_text(sheet, line, 0, "Sheets", styles.block)
    for below, (name, holds) in enumerate(sheets, line + 1):
        sheet.write_url(below, 0, reference(name), styles.link, name)
        write_text(sheet, below, 1, holds)


def add_scorecard(book: Workbook, styles: Styles, diagnosis: Diagnosis) -> None:
    """One row a sign, as in the report; the first column leads to the sign's sheet."""
    sheet = book.add_worksheet(SCORECARD)
    set_up(sheet)
    write_text(sheet, 0, 0, SCORECARD, styles.title)
    currency = diagnosis.settings.currency
    rows = pd.DataFrame([_score(finding) for finding in diagnosis.findings])
    units = {"Strength": "ratio", **dict.fromkeys(("Cost", "Avoidable, low", "centre", "high"), currency)}
    block = Block("scorecard", f"The ten signs; money in {currency}", rows, COSTS, units)
    placed = add_block(sheet, styles, 2, block, "All")
    sheet.set_column(6, 6, 30)
    colour_statuses(sheet, styles, placed, 2, 2)
    for line, finding in enumerate(diagnosis.findings, placed.first):
        name = sheet_name(finding.sign)
        sheet.write_url(line, 0, reference(name), styles.link, name)


def _score(finding: Finding) -> dict[str, object]:
    verdict, cost = finding.verdict, finding.cost
    is_said = cost.amount is not None and (cost.additive or verdict.status not in wording.QUIET)
    spared = cost.avoidable
    return {
        "Sign": sheet_name(finding.sign),
        "Cluster": finding.sign.cluster,
        "Status": wording.STATUS[verdict.status],
        "Strength": verdict.strength if finding.evidence else None,
        "First warning": verdict.first_warning,
        "Trend": wording.TREND[verdict.trend][1] if verdict.trend else None,
        "Where": _or_nothing(wording.where(finding)),
        "Cost": cost.amount if is_said else None,
        "Seen": SINGULAR[cost.view] if is_said else None,
        "Avoidable, low": spared.low if spared else None,
        "centre": spared.central if spared else None,
        "high": spared.high if spared else None,
        "Cause": wording.CAUSE[finding.cause] if finding.cause else None,
        "Level of data": finding.evidence.path.level if finding.evidence else None,
    }


def _or_nothing(said: str) -> str | None:
    return None if said == "–" else said


def add_calendar(book: Workbook, styles: Styles, diagnosis: Diagnosis) -> None:
    """Cycles by signs."""
    sheet = book.add_worksheet("Calendar")
    set_up(sheet)
    sheet.set_column(0, 0, 14)
    write_text(sheet, 0, 0, "Calendar", styles.title)
    rows = pd.DataFrame({"Cycle": list(diagnosis.calendar.cycles)})
    for finding in diagnosis.findings:
        states = {state.cycle: wording.STATUS[state.status] for state in finding.verdict.states}
        rows[f"{finding.sign.code} {finding.sign.title}"] = rows["Cycle"].map(states)
    placed = add_block(sheet, styles, 2, Block("calendar", "Status by cycle", rows, AS_KNOWN), "All")
    colour_statuses(sheet, styles, placed, 1, len(diagnosis.findings))
    _pulse(sheet, styles, diagnosis, placed.last + 2)


def _pulse(sheet: Worksheet, styles: Styles, diagnosis: Diagnosis, top: int) -> None:
    """The quick checks of the cycle below it."""
    names = {
        "cycle": "Cycle",
        "forecast_stability": "Forecast stability",
        "production_plan_stability": "Plan stability",
        "compensation_cost": f"Cost of compensation, {diagnosis.settings.currency}",
        "otif": "OTIF",
    }
    rows = diagnosis.pulse[[name for name in names if name in diagnosis.pulse]].rename(columns=names)
    units = dict.fromkeys(rows.columns, "share") | {names["compensation_cost"]: diagnosis.settings.currency}
    add_block(sheet, styles, top, Block("pulse", "Quick checks by cycle", rows, units=units), "All")
