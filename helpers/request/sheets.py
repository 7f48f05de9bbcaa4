"""The blank sheets of the workbook and the words about their columns.

Row 1 holds the names of the contract and nothing stands below it, so that the filled sheet is what intake reads. What a
column means is said in a comment on its name and once more on a sheet of its own.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from helpers.contract import TABLES, Column, Table
from helpers.request.meanings import meaning
from helpers.spreadsheet import Format, Workbook, Worksheet, write_row

LAST_ROW = 1_048_575
FLAGS = ("yes", "no")
KINDS = {
    "text": "text",
    "number": "number",
    "count": "whole number",
    "flag": "yes or no",
    "date": "date",
    "bucket": "date",
}
CELLS = {"text": "@", "flag": "@", "date": "yyyy-mm-dd", "bucket": "yyyy-mm-dd"}
EXAMPLES = "One row a table, from a simulated company. Fill the sheets named after the tables, not this one."
COLUMN_HEADINGS = ("table", "column", "required", "type", "unit", "allowed values", "meaning")


class Styles:
    """The formats of one workbook, each made once."""

    def __init__(self, book: Workbook) -> None:
        self._book = book
        self.heading = self._made(bold=True, bg_color="#D9D9D9", text_wrap=True, valign="top")
        self.required = self._made(bold=True, bg_color="#1F3A5F", font_color="#FFFFFF", num_format="@")
        self.optional = self._made(bg_color="#DCE6F1", num_format="@")
        self.title = self._made(bold=True, font_size=14)
        self.bold = self._made(bold=True, valign="top")
        self.text = self._made(text_wrap=True, valign="top")
        self.cells = {kind: self._made(num_format=CELLS.get(kind, "General")) for kind in KINDS}

    def _made(self, **properties: Any) -> Format:
        return self._book.add_format(properties)

    def name(self, column: Column) -> Format:
        """Dark for a required column, light for an optional one."""
        return self.required if column.required else self.optional


def add_blank(book: Workbook, styles: Styles, table: Table) -> None:
    """A sheet to fill: the header, its comments, lists where values are coded."""
    sheet = book.add_worksheet(table.name)
    sheet.freeze_panes(1, 0)
    for place, column in enumerate(table.columns):
        sheet.set_column(place, place, max(12, len(column.name) + 2), styles.cells[column.type])
        sheet.write_string(0, place, column.name, styles.name(column))
        sheet.write_comment(0, place, comment(table, column), {"x_scale": 2, "y_scale": 1.3})
        rule = validation(column)
        if rule:
            sheet.data_validation(1, place, LAST_ROW, place, rule)


def validation(column: Column) -> dict[str, Any]:
    """What Excel says of a value out of the list or range: a warning, because own codes can be mapped later."""
    warning = {"error_type": "warning", "error_title": column.name, "error_message": f"Asked for: {allowed(column)}"}
    if column.choices or column.type == "flag":
        return {"validate": "list", "source": list(column.choices or FLAGS), **warning}
    if column.type == "count" and column.minimum is not None and column.maximum is not None:
        ends = {"minimum": int(column.minimum), "maximum": int(column.maximum)}
        return {"validate": "integer", "criteria": "between", **ends, **warning}
    return {}


def comment(table: Table, column: Column) -> str:
    """The comment on a column's name: meaning, whether it is required, type and unit, allowed values."""
    kind = KINDS[column.type] + (f", in {column.unit}" if column.unit else "")
    values = [f"Allowed: {allowed(column)}"] if allowed(column) else []
    return "\n".join([meaning(table, column), demanded(column), f"Type: {kind}", *values])


def demanded(column: Column) -> str:
    """Required, or optional and what an empty cell means."""
    if column.required:
        return "Required"
    if column.default is not None:
        return f"Optional; empty means {column.default}"
    return "Optional; empty where it does not apply" if column.sparse else "Optional"


def allowed(column: Column) -> str:
    """The values or the range that intake accepts; empty where anything goes."""
    if column.choices or column.type == "flag":
        return ", ".join(column.choices or FLAGS)
    if column.above is not None:
        return f"above {column.above:g}"
    if column.minimum is None:
        return ""
    return f"{column.minimum:g} to {column.maximum:g}" if column.maximum is not None else f"{column.minimum:g} or more"


def add_columns(book: Workbook, styles: Styles) -> None:
    """The sheet "Columns": a line a column of the contract, locked so that nothing is filled in here."""
    sheet = book.add_worksheet("Columns")
    rows = [_line(table, column) for table in TABLES for column in table.columns]
    for place, width in enumerate((26, 24, 26, 18, 18, 34, 60)):
        sheet.set_column(place, place, width)
    write_row(sheet, 0, COLUMN_HEADINGS, styles.heading)
    for line, row in enumerate(rows, 1):
        write_row(sheet, line, row, styles.text)
    sheet.freeze_panes(1, 2)
    sheet.autofilter(0, 0, len(rows), len(COLUMN_HEADINGS) - 1)
    sheet.protect("", {"autofilter": True, "sort": True, "format_columns": True, "format_rows": True})


def _line(table: Table, column: Column) -> tuple[str, ...]:
    kind, values = KINDS[column.type], allowed(column)
    return table.name, column.name, demanded(column), kind, column.unit, values, meaning(table, column)


def add_examples(book: Workbook, styles: Styles, examples: dict[str, dict[str, str]]) -> None:
    """The sheet "Examples": a block a table, its name, its header and one row of the sample company."""
    sheet = book.add_worksheet("Examples")
    sheet.set_column(0, max(len(table.columns) for table in TABLES), 22)
    sheet.write_string(0, 0, EXAMPLES, styles.bold)
    line = 2
    for table in TABLES:
        row = examples.get(table.name)
        if row:
            sheet.write_string(line, 0, table.name, styles.bold)
            for place, column in enumerate(table.columns):
                sheet.write_string(line + 1, place, column.name, styles.name(column))
                write_value(sheet, line + 2, place, column, row.get(column.name) or "", styles)
            line += 4


def write_value(sheet: Worksheet, line: int, place: int, column: Column, value: str, styles: Styles) -> None:
    """A text of the sample as a cell of the column's type; an empty one is left out."""
    style = styles.cells[column.type]
    if not value:
        return
    if column.type in ("number", "count"):
        sheet.write_number(line, place, float(value), style)
    elif column.type in ("date", "bucket"):
        sheet.write_datetime(line, place, date.fromisoformat(value), style)
    else:
        shown = {"true": "yes", "false": "no"}.get(value, value) if column.type == "flag" else value
        sheet.write_string(line, place, shown, style)
