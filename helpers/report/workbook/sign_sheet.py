"""The sheet of one sign: what the report says of it, native charts, and every row behind it."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from helpers.evidence import Finding, Sign
from helpers.plain import plain
from helpers.report import wording
from helpers.report.workbook import pictures
from helpers.report.workbook.block import WIDTHS, Block, Placed, add_block, colour_statuses, height
from helpers.report.workbook.native import HEIGHT, WIDTH, add_chart
from helpers.report.workbook.pictures import Picture
from helpers.report.workbook.rows import driver_blocks, evidence_blocks, judged_blocks, metric_blocks, verdict_block
from helpers.report.workbook.styles import Styles
from helpers.settings import Settings
from helpers.spreadsheet import Workbook, Worksheet, write_text

LONGEST_NAME = 31
LAST = 11
TEXT_WIDTH = 140
GAP, A_ROW = 20, 2
SCORECARD = "Scorecard"


@dataclass(frozen=True, eq=False)
class Contents:
    """What a sheet holds: words by heading, blocks from top to bottom, charts from left to right."""

    words: list[tuple[str, str]]
    blocks: list[Block]
    charts: list[Picture]


def sheet_name(sign: Sign) -> str:
    """`S05 Hidden bottlenecks`, as Excel takes it."""
    named = re.sub(r"[\[\]:*?/\\']", " ", f"{sign.code} {sign.title}")
    return named[:LONGEST_NAME].strip()


def reference(sheet: str, line: int = 0) -> str:
    """A link inside the workbook to a line of a sheet."""
    return f"internal:'{sheet}'!A{line + 1}"


def add_sign(book: Workbook, styles: Styles, finding: Finding, settings: Settings) -> None:
    """A sheet for a finding; one that could not be assessed says why, and what to ask for."""
    sign, status = finding.sign, wording.STATUS[finding.verdict.status]
    sheet = book.add_worksheet(sheet_name(sign))
    set_up(sheet)
    write_text(sheet, 0, 0, f"{sign.code} {sign.title}: {status}", styles.title)
    write_text(sheet, 1, 0, sign.question, styles.note)
    sheet.write_url(2, 0, reference(SCORECARD), styles.link, f"Back to the sheet {SCORECARD}")
    fill_sheet(book, sheet, styles, contents(finding, settings), sign.code)


def set_up(sheet: Worksheet) -> None:
    """Widths, the frozen title, and pages that print."""
    sheet.hide_gridlines(2)
    sheet.set_column(0, 0, WIDTHS[0])
    sheet.set_column(1, 60, WIDTHS[1])
    sheet.set_row(0, 24)
    sheet.freeze_panes(1, 0)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.set_footer("&L&A&CConfidential&R&P / &N")


def contents(finding: Finding, settings: Settings) -> Contents:
    """Words, blocks and charts of a finding."""
    found, verdict = finding.evidence, finding.verdict
    if found is None:
        return Contents(words(finding, settings.currency), [verdict_block(verdict)], [])
    drawn = pictures.drawn(found)
    measured = metric_blocks(found.metrics) if found.metrics else []
    first = [pictures.headline(found.metrics[0], len(measured[1].shown))] if measured else []
    carried = driver_blocks(verdict)
    blocks = [
        *measured,
        verdict_block(verdict),
        *carried,
        *judged_blocks(finding.sign, found),
        *(block for block, _ in drawn),
        *evidence_blocks(found, settings.currency),
    ]
    charts = [*first, *map(pictures.drivers, carried), *(picture for _, picture in drawn if picture)]
    return Contents(words(finding, settings.currency), blocks, charts)


def words(finding: Finding, currency: str) -> list[tuple[str, str]]:
    """What the card in the report says, by heading; headings without words are left out."""
    found = finding.evidence
    cause = wording.CAUSE[finding.cause].capitalize() if finding.cause else ""
    said = {
        "What we see": wording.sees(finding),
        "Where": wording.where_words(finding),
        "Since when": wording.since_words(finding) if found else "",
        "What it costs": wording.priced(finding, currency, finding.cost.basis) if found else "",
        "Variability or governance": ": ".join(filter(None, (cause, wording.cause_words(finding)))),
        "How sure": " ".join(wording.sure(finding)),
        "Measured on": found.basis if found else "",
        "Ask the client for": ", ".join(finding.missing),
        "What failed": finding.failure,
    }
    return [(heading, text) for heading, text in said.items() if text]


def fill_sheet(book: Workbook, sheet: Worksheet, styles: Styles, held: Contents, prefix: str, top: int = 4) -> None:
    """Words, links to the blocks, charts, then the blocks, one below the other."""
    listed = write_words(sheet, styles, held.words, top) + 1
    charts = listed + len(held.blocks) + 2
    line = charts + _lines_of_charts(len(held.charts))
    placed: dict[str, Placed] = {}
    for block in held.blocks:
        placed[block.name] = add_block(sheet, styles, line, block, prefix)
        line += block.height
    _list_blocks(sheet, styles, listed, held.blocks, placed)
    for place, picture in enumerate(held.charts):
        at = charts + place // A_ROW * _lines_of_charts(1), place % A_ROW * (WIDTH + GAP)
        add_chart(book, sheet, picture, placed[picture.block], styles.accent, at)
    widest = max([LAST, *(block.rows.shape[1] - 1 for block in held.blocks)])
    sheet.print_area(0, 0, line, widest)
    if "verdict" in placed:
        colour_statuses(sheet, styles, placed["verdict"], 1, 1)


def _lines_of_charts(count: int) -> int:
    return math.ceil(count / A_ROW) * (HEIGHT // 20 + 1)


def write_words(sheet: Worksheet, styles: Styles, said: list[tuple[str, str]], top: int) -> int:
    """Heading and text line by line, the text across the sheet; the line below them."""
    for line, (heading, text) in enumerate(said, top):
        write_text(sheet, line, 0, heading, styles.label)
        sheet.merge_range(line, 1, line, LAST, "", styles.text)
        write_text(sheet, line, 1, text, styles.text)
        sheet.set_row(line, height(text, TEXT_WIDTH))
    return top + len(said)


def _list_blocks(sheet: Worksheet, styles: Styles, top: int, blocks: list[Block], placed: dict[str, Placed]) -> None:
    write_text(sheet, top, 0, "Tables on this sheet", styles.label)
    for line, block in enumerate(blocks, top):
        target = reference(sheet.get_name(), placed[block.name].title)
        sheet.write_url(line, 1, target, styles.link, f"{plain(block.title)} ({len(block.rows):,} rows)")
