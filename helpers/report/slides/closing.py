"""The slides that close the deck: the decisions to take, and what could not be assessed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from helpers.charts import style
from helpers.charts.numbers import MISSING
from helpers.diagnosis import Diagnosis
from helpers.evidence import Finding
from helpers.notes import Notes, Remarks
from helpers.report import quality, wording
from helpers.report.actions import Action, Step
from helpers.report.slides.canvas import HIGH, INNER, MARGIN, SMALL, TEXT, Box, Look, Page, Paragraph
from helpers.report.slides.grid import Cell, cell, head, table
from helpers.report.slides.plain import clip, fitted, inches, lines_of, sentence

TOP, ROOM = 1.3, HIGH - 1.3 - 0.6
HEADS = ("Decision", "Place", "Since", "Cost", "Owner", "Due")
WIDTHS = (5.6, 2.3, 0.9, 1.1, 1.3, INNER - 11.2)
GAPS = ("Ask for", "One row is", "Makes assessable", "Measures better")
GAP_WIDTHS = (2.9, 4.1, 2.5, INNER - 9.5)
HEAD_HIGH, STEP_HIGH, PADDING = 0.28, 0.3, 0.09
INTAKE = ("Table", "Rows read", "Used", "Set aside", "Cells emptied")
INTAKE_WIDTHS = (INNER - 6.4, 1.6, 1.6, 1.6, 1.6)
MOST_GAPS, MOST_TABLES = 9, 14
OWNER = 34
ORDER = "Decisions to take: critical service, then margin, then efficiency"
UNASSESSED = "What could not be assessed, and what to ask for"

Row = tuple[list[Cell], float]


def decisions(deck: Any, look: Look, steps: Sequence[Step], isolated: Sequence[Finding], notes: Notes) -> list[Page]:
    """A table of decisions in the order to act, with owner and day as agreed so far; as many slides as it takes."""
    watched = f"{wording.WATCH_NEXT}: {', '.join(f.sign.title for f in isolated)}." if isolated else ""
    rows = [row for step in steps if step.actions for row in _step_rows(step, notes)]
    if not rows:
        page = Page(deck, look, wording.NOTHING_TO_DO.partition(":")[0], "Decisions to take")
        said = sentence(wording.NOTHING_TO_DO.partition(": ")[2])
        page.text(Box(MARGIN, 1.75, INNER, 2), [Paragraph(said, 18, after=12), Paragraph(watched, TEXT)])
        return [page]
    parts = _paged(rows)
    pages = [_decision_page(deck, look, part, f"{place} of {len(parts)}") for place, part in enumerate(parts, 1)]
    pages[0].notes([*_remedies(steps), watched])
    return pages


def _decision_page(deck: Any, look: Look, rows: list[Row], counted: str) -> Page:
    page = Page(deck, look, ORDER, "Decisions to take" if counted == "1 of 1" else f"Decisions to take, {counted}")
    lines = [[head(name) for name in HEADS], *(row for row, _ in rows)]
    heights = [HEAD_HIGH, *(height for _, height in rows)]
    alt = f"Decisions to take, {counted}: one row a recurring sign, with place, start, cost, owner and due date."
    table(page, Box(MARGIN, TOP, INNER, 0), lines, WIDTHS, heights, alt)
    return page


def _step_rows(step: Step, notes: Notes) -> list[Row]:
    title = Paragraph(f"{step.title}: {step.rule}", SMALL, True, style.SOFT)
    rows = (_action_row(action, notes) for action in step.actions)
    return [([Cell((title,), fill=style.BAND, across=len(HEADS))], STEP_HIGH), *rows]


def _action_row(action: Action, notes: Notes) -> Row:
    agreed = [one for one in notes.signs.get(action.key, Remarks()).actions if one.status == "open"]
    owner, due = (agreed[0].owner or "", str(agreed[0].due or "")) if agreed else ("", "")
    wide = WIDTHS[0] - 0.2
    rule = fitted(action.remedies.trade_off_rules, wide, SMALL, 2)
    place = fitted(action.place, WIDTHS[1] - 0.15, SMALL, 2)
    decision = Cell((Paragraph(clip(action.title, 48), 12, True), Paragraph(rule, SMALL)))
    row = [decision, cell(place), cell(action.since), cell(action.cost or MISSING)]
    row += [cell(clip(owner, OWNER)), cell(due)]
    return row, inches(1, 12) + inches(lines_of(rule, wide, SMALL), SMALL) + PADDING


def _paged(rows: Sequence[Row]) -> list[list[Row]]:
    """The rows in pages that hold them; a page never ends with the heading of a step."""
    pages: list[list[Row]] = [[]]
    left = ROOM - HEAD_HIGH
    for place, row in enumerate(rows):
        following = rows[place + 1][1] if len(row[0]) == 1 and place + 1 < len(rows) else 0.0
        if row[1] + following > left:
            pages.append([])
            left = ROOM - HEAD_HIGH
        pages[-1].append(row)
        left -= row[1]
    return pages


def _remedies(steps: Sequence[Step]) -> list[str]:
    return [
        line
        for step in steps
        for action in step.actions
        for line in (
            action.title,
            f"– Trade-off rule: {action.remedies.trade_off_rules}",
            f"– Exceptions: {action.remedies.exceptions}",
            f"– Cadence and roles: {action.remedies.cadence_and_roles}",
        )
    ]


def unassessed(deck: Any, look: Look, diagnosis: Diagnosis) -> Page:
    """The signs that could not be told, and what to ask the client for."""
    silent = [finding for finding in diagnosis.findings if finding.verdict.status == "not_assessable"]
    gaps = quality.gaps(diagnosis.findings)
    said = f"Not assessable: {', '.join(f.sign.title for f in silent)}." if silent else wording.ALL_ASSESSED
    page = Page(deck, look, UNASSESSED if silent or gaps else wording.ALL_ASSESSED.rstrip("."), "Data")
    if silent or gaps:
        page.text(Box(MARGIN, 1.3, INNER, 0.55), [Paragraph(fitted(said, INNER, TEXT, 2), TEXT, False, style.SOFT)])
    if gaps:
        _gap_table(page, gaps)
    else:
        _intake(page, diagnosis)
    reasons = (f"{f.sign.title}: {f.reason or 'the data it needs were not sent'}." for f in silent)
    asked = (f"Ask for {gap.need}: makes assessable {gap.opens or MISSING}." for gap in gaps)
    page.notes([*reasons, *asked] or [wording.ALL_ASSESSED])
    return page


def _gap_table(page: Page, gaps: Sequence[quality.Gap]) -> None:
    shown = gaps[:MOST_GAPS]
    rows = [[head(name) for name in GAPS], *(_gap_row(gap) for gap in shown)]
    alt = f"What to ask for: {', '.join(gap.need for gap in shown)}."
    table(page, Box(MARGIN, 1.9, INNER, 0), rows, GAP_WIDTHS, [HEAD_HIGH, *[0.45] * len(shown)], alt)
    if len(gaps) > len(shown):
        more = f"and {len(gaps) - len(shown)} more: see the report and the notes"
        page.text(Box(MARGIN, 6.6, INNER, 0.3), [Paragraph(more, SMALL, False, style.SOFT)])


def _gap_row(gap: quality.Gap) -> list[Cell]:
    texts = (gap.need, gap.grain or MISSING, gap.opens or MISSING, gap.sharpens or MISSING)
    return [cell(fitted(text, width - 0.15, SMALL, 2)) for text, width in zip(texts, GAP_WIDTHS, strict=True)]


def _intake(page: Page, diagnosis: Diagnosis) -> None:
    """Nothing is missing: what was read instead, the tables with most rows set aside first."""
    tables = sorted(diagnosis.manifest.tables, key=lambda table: (-table.rows_rejected, -table.rows_read))
    read, kept = (sum(getattr(table, name) for table in tables) for name in ("rows_read", "rows_used"))
    said = f"{read:,} rows read in {len(tables)} tables: {kept:,} used, {read - kept:,} set aside."
    page.text(Box(MARGIN, 1.3, INNER, 0.4), [Paragraph(said, TEXT, False, style.SOFT)])
    rows = [[head(INTAKE[0]), *(head(name, "right") for name in INTAKE[1:])]]
    for entry in tables[:MOST_TABLES]:
        counts = (entry.rows_read, entry.rows_used, entry.rows_rejected, entry.cells_emptied)
        rows.append([cell(clip(entry.table, 40)), *(cell(f"{count:,}", side="right") for count in counts)])
    table(page, Box(MARGIN, 1.9, INNER, 0), rows, INTAKE_WIDTHS, [HEAD_HIGH] * len(rows), said)
    if len(tables) > MOST_TABLES:
        more = f"and {len(tables) - MOST_TABLES} more tables: see the report"
        page.text(Box(MARGIN, 6.6, INNER, 0.3), [Paragraph(more, SMALL, False, style.SOFT)])
