"""`data_request.xlsx`: where to start, what each table unlocks, a blank sheet a table, columns and examples."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

from helpers.contract import TABLES, Table
from helpers.evidence import Sign
from helpers.request.examples import example
from helpers.request.meanings import SERVES
from helpers.request.sheets import Styles, add_blank, add_columns, add_examples
from helpers.request.unlocks import NOTHING, in_words, matrix
from helpers.spreadsheet import Workbook, open_workbook, write_row

LEGEND = (
    "minimum path: with this table, alone or together with others, the sign can be begun.",
    "reduced, full: the table is not needed to begin; it makes the measurement better.",
    "*: one of several tables that would do. –: the sign does not use the table.",
    "One sign can have several minimum paths: the sheet What each sign needs lists them with their columns.",
)
RAISES_ONLY = "can raise the sign, never clear it"


def workbook(signs: Sequence[Sign], start: Sequence[tuple[str, str]], samples: Path) -> bytes:
    """The whole workbook: `start` heads and texts of its first sheet, `samples` the folder the examples come from."""
    content = BytesIO()
    with open_workbook(content) as book:
        styles = Styles(book)
        _add_start(book, styles, start)
        _add_unlocks(book, styles, signs)
        _add_needs(book, styles, signs)
        for table in TABLES:
            add_blank(book, styles, table)
        add_columns(book, styles)
        add_examples(book, styles, {table.name: example(samples, table.name) for table in TABLES})
    return content.getvalue()


def _add_start(book: Workbook, styles: Styles, start: Sequence[tuple[str, str]]) -> None:
    sheet = book.add_worksheet("Start here")
    sheet.set_column(0, 0, 20)
    sheet.set_column(1, 1, 110)
    sheet.write_string(0, 0, "Data request", styles.title)
    for line, (heading, text) in enumerate(start, 2):
        sheet.write_string(line, 0, heading, styles.bold)
        sheet.write_string(line, 1, text, styles.text)


def _add_unlocks(book: Workbook, styles: Styles, signs: Sequence[Sign]) -> None:
    sheet = book.add_worksheet("What each table unlocks")
    sheet.set_column(0, 0, 27)
    sheet.set_column(1, 1, 24)
    sheet.set_column(2, 1 + len(signs), 15)
    sheet.set_column(2 + len(signs), 2 + len(signs), 60)
    titles = (f"{sign.number} {sign.title}" for sign in signs)
    write_row(sheet, 0, ("table", "to start", *titles, "also"), styles.heading)
    for line, (name, cells) in enumerate(matrix(signs).items(), 1):
        write_row(sheet, line, (name, to_start(TABLES[line - 1]), *cells, SERVES.get(name, "")), styles.text)
    for line, text in enumerate(LEGEND, len(TABLES) + 2):
        sheet.write_string(line, 0, text)
    sheet.freeze_panes(1, 1)


def to_start(table: Table) -> str:
    """Whether the table is needed before anything can be measured."""
    if table.name == "items":
        return "needed"
    return "one of these is needed" if table.is_fact else NOTHING


def _add_needs(book: Workbook, styles: Styles, signs: Sequence[Sign]) -> None:
    sheet = book.add_worksheet("What each sign needs")
    for place, width in enumerate((32, 14, 110, 34)):
        sheet.set_column(place, place, width)
    write_row(sheet, 0, ("sign", "level", "tables and columns", "note"), styles.heading)
    paths = [(sign, path) for sign in signs for path in sign.paths]
    for line, (sign, path) in enumerate(paths, 1):
        note = RAISES_ONLY if path.raise_only else ""
        write_row(sheet, line, (f"{sign.number} {sign.title}", path.level, in_words(path), note), styles.text)
    sheet.freeze_panes(1, 1)
