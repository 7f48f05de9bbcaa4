"""Native tables: quiet rules between the rows, a header row, columns of given width."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.oxml import parse_xml
from pptx.oxml.ns import nsdecls
from pptx.util import Inches

from helpers.charts import style
from helpers.report.slides.canvas import SMALL, Box, Page, Paragraph, describe, paint, write

NO_STYLE = "{2D5ABB26-0587-4C30-8999-92F81FD0307C}"
HAIR = 9525
SIDES = {"left": PP_ALIGN.LEFT, "right": PP_ALIGN.RIGHT, "centre": PP_ALIGN.CENTER}


@dataclass(frozen=True)
class Cell:
    """One cell: paragraphs, its fill, and how far it reaches to the right; `rule` draws the line below it."""

    said: tuple[Paragraph, ...]
    fill: str = ""
    side: str = "left"
    across: int = 1
    rule: str = style.RULE


def cell(text: str, size: float = SMALL, bold: bool = False, colour: str = style.INK, **more: Any) -> Cell:
    """A cell of one paragraph."""
    return Cell((Paragraph(text, size, bold, colour),), **more)


def head(text: str, side: str = "left") -> Cell:
    """A cell of the header row."""
    return cell(text, SMALL, False, style.SOFT, side=side, rule=style.INK)


def table(
    page: Page, box: Box, rows: Sequence[Sequence[Cell]], widths: Sequence[float], heights: Sequence[float], alt: str
) -> Any:
    """`rows` as a table, the first one its header; a cell that reaches across is followed by the next one beyond it.

    `widths` and `heights` are in inches; PowerPoint makes a row higher when its text needs it.
    """
    left, top = Inches(box.left), Inches(box.top)
    frame = page.slide.shapes.add_table(len(rows), len(widths), left, top, Inches(sum(widths)), Inches(sum(heights)))
    frame.element.xpath(".//a:tableStyleId")[0].text = NO_STYLE
    describe(frame, alt, "table")
    grid = frame.table
    for column, width in enumerate(widths):
        grid.columns[column].width = Inches(width)
    for line, (row, height) in enumerate(zip(rows, heights, strict=True)):
        grid.rows[line].height = Inches(height)
        _fill_row(grid, line, row)
    return frame


def _fill_row(grid: Any, line: int, row: Sequence[Cell]) -> None:
    column = 0
    for content in row:
        target = grid.cell(line, column)
        if content.across > 1:
            target.merge(grid.cell(line, column + content.across - 1))
        for reached in range(column, column + content.across):
            _draw_rule(grid.cell(line, reached), content.rule)
        _fill(target, content)
        column += content.across


def _fill(target: Any, content: Cell) -> None:
    centred = content.side == "centre"
    write(target.text_frame, content.said)
    for paragraph in target.text_frame.paragraphs:
        paragraph.alignment = SIDES[content.side]
    target.margin_left, target.margin_right = Inches(0), Inches(0 if centred else 0.12)
    target.margin_top = target.margin_bottom = Inches(0 if centred else 0.03)
    target.vertical_anchor = MSO_ANCHOR.MIDDLE
    if content.fill:
        paint(target.fill, content.fill)


def _draw_rule(target: Any, colour: str) -> None:
    """The line below a cell; the library has no word for borders."""
    solid = f'<a:solidFill><a:srgbClr val="{colour.removeprefix("#")}"/></a:solidFill>'
    line = parse_xml(f'<a:lnB {nsdecls("a")} w="{HAIR}">{solid}</a:lnB>')
    target._tc.get_or_add_tcPr().insert(0, line)  # noqa: SLF001
