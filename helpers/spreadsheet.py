"""Excel workbooks in which text stays text: nothing that a client wrote becomes a formula, a link or a number.

The one room that opens a workbook for writing; what is read comes through intake.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from io import BytesIO

from xlsxwriter import Workbook
from xlsxwriter.chart import Chart
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from helpers.plain import legible

__all__ = ["Chart", "Format", "Workbook", "Worksheet", "headed", "open_workbook", "write_row", "write_text"]

TEXT_STAYS_TEXT = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
LONGEST = 32_767


def open_workbook(content: BytesIO, made: datetime | None = None) -> Workbook:
    """A workbook that is written into `content` when it is closed; with `made` its bytes repeat."""
    book = Workbook(content, {"in_memory": True, **TEXT_STAYS_TEXT})
    if made:
        book.set_properties({"created": made})
    return book


def write_text(sheet: Worksheet, line: int, place: int, text: str, style: Format | None = None) -> None:
    """`text` as text, without what a sheet cannot hold, cut where Excel would refuse it."""
    sheet.write_string(line, place, legible(text)[:LONGEST], style)


def write_row(sheet: Worksheet, line: int, texts: Sequence[str], style: Format) -> None:
    """Texts side by side, each as text."""
    for place, text in enumerate(texts):
        write_text(sheet, line, place, text, style)


def headed(markdown: str) -> tuple[tuple[str, str], ...]:
    """The sections of a Markdown text as heading and text; its line breaks are gone."""
    parts = (section.partition("\n") for section in f"\n{markdown}".split("\n## ")[1:])
    return tuple((heading.strip(), " ".join(text.split())) for heading, _, text in parts)
