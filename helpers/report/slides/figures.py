"""The workbook behind a chart: names as text, whatever they begin with, and values as numbers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from io import BytesIO

import pandas as pd

from helpers.spreadsheet import open_workbook

SHEET = "Sheet1"


def figures(
    categories: Sequence[str | date],
    series: Sequence[tuple[str, Sequence[float | None]]],
    shape: str,
    as_of: pd.Timestamp,
) -> bytes:
    """Categories down the first column, a column a series beside it: where the chart looks for them.

    The library's own writer would turn a category `=1+1` into a formula.
    """
    content = BytesIO()
    with open_workbook(content, as_of.to_pydatetime()) as book:
        month = book.add_format({"num_format": "yyyy\\-mm"})
        form = book.add_format({"num_format": shape})
        sheet = book.add_worksheet(SHEET)
        for row, name in enumerate(categories, 1):
            if isinstance(name, str):
                sheet.write_string(row, 0, name)
            else:
                sheet.write_datetime(row, 0, name, month)
        for column, (name, values) in enumerate(series, 1):
            sheet.write_string(0, column, name)
            for row, value in enumerate(values, 1):
                if value is not None:
                    sheet.write_number(row, column, value, form)
    return content.getvalue()
