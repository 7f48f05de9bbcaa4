"""A block of a sheet: a title, a note, and rows as an Excel table that can be sorted and filtered."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from numbers import Real
from typing import Any

import numpy as np
import pandas as pd

from helpers.evidence import Limit
from helpers.plain import plain
from helpers.report.workbook.styles import COUNT, Styles
from helpers.spreadsheet import Format, Worksheet, write_text

MOST_ROWS = 20_000
LONGEST_HEAD = 200
LARGE = 1_000
ROW = 15
NARROW = 1.1  # letters are that much narrower than the digits a width is counted in
WIDTHS = (40, 14)  # letters in the first column and in the others
NOTHING = "Nothing to show."


@dataclass(frozen=True, eq=False)
class Block:
    """Rows to be written: the columns are the headings.

    Parameters
    ----------
    name
        Letters, digits and underscores; the table is called `<sheet>_<name>`.
    units
        By heading, the unit that its numbers are shown in.
    unit_column
        The heading of a column with the unit of each row, for numbers whose heading has no unit of its own.
    limits
        By heading, the limit that colours its cells.
    widths
        Letters in each column from the first on, where the sheet has other widths than usual.
    """

    name: str
    title: str
    rows: pd.DataFrame
    note: str = ""
    units: Mapping[str, str] = field(default_factory=dict)
    unit_column: str = ""
    limits: Mapping[str, Limit] = field(default_factory=dict)
    widths: tuple[int, ...] = ()

    def width(self, place: int) -> int:
        """Letters in a column."""
        return self.widths[place] if place < len(self.widths) else WIDTHS[place > 0]

    @property
    def shown(self) -> pd.DataFrame:
        """The rows that are written."""
        return self.rows.head(MOST_ROWS)

    @property
    def notes(self) -> list[str]:
        """What stands between title and table."""
        cut = f"The first {MOST_ROWS:,} of {len(self.rows):,} rows." if len(self.rows) > MOST_ROWS else ""
        return [said for said in (self.note, cut, "" if len(self.rows) else NOTHING) if said]

    @property
    def height(self) -> int:
        """Lines it takes, with the empty one below it."""
        return 2 + len(self.notes) + (1 + len(self.shown) if len(self.rows) else 0)


@dataclass(frozen=True)
class Placed:
    """Where a block stands: the line of its title, of its headings, and its first and last row."""

    sheet: str
    title: int
    heads: int
    first: int
    last: int


def add_block(sheet: Worksheet, styles: Styles, top: int, block: Block, prefix: str) -> Placed:
    """Write `block` from line `top` on; `prefix` begins the name of its table."""
    write_text(sheet, top, 0, block.title, styles.block)
    for line, note in enumerate(block.notes, top + 1):
        write_text(sheet, line, 0, note, styles.note)
    heads = top + 1 + len(block.notes)
    placed = Placed(sheet.get_name(), top, heads, heads + 1, heads + len(block.shown))
    if len(block.rows):
        _add_table(sheet, styles, placed, block, f"{prefix}_{block.name}")
        _colour(sheet, styles, placed, block)
    return placed


def _add_table(sheet: Worksheet, styles: Styles, placed: Placed, block: Block, name: str) -> None:
    names = unique_heads(block.rows.columns)
    heads = (_head(block, place, styles) for place in range(len(names)))
    columns = [{"header": head, "header_format": style} for head, style in zip(names, heads, strict=True)]
    options = {"name": name, "columns": columns, "style": "Table Style Light 1", "autofilter": len(block.rows) > 1}
    sheet.add_table(placed.heads, 0, placed.last, len(names) - 1, options)
    sheet.set_row(placed.heads, max(height(head, block.width(place)) for place, head in enumerate(names)))
    shown, heights = block.shown, dict[int, int]()
    for place in range(len(names)):
        tall = _write_column(sheet, styles, placed.first, place, block, _formats(block, shown, place, styles))
        heights |= {line: max(points, heights.get(line, 0)) for line, points in tall.items()}
    for line, points in heights.items():
        sheet.set_row(line, points)


def _write_column(
    sheet: Worksheet, styles: Styles, top: int, place: int, block: Block, numbers: Iterable[Format]
) -> dict[int, int]:
    """The values below each other, and the height of the rows in which a text is wrapped.

    A missing value leaves its cell empty, it is never 0. The last column has room at its right and is not wrapped.
    """
    values, is_last = block.shown.iloc[:, place], place == block.rows.shape[1] - 1
    text, day = (styles.later_text, styles.later_day) if place else (styles.text, styles.day)
    width, tall = block.width(place), dict[int, int]()
    for line, (value, is_known, number) in enumerate(
        zip(values.tolist(), values.notna().tolist(), numbers, strict=True), top
    ):
        if is_known:
            write_cell(sheet, line, place, value, number, styles.last_text if is_last else text, day)
            if isinstance(value, str) and len(value) > width * NARROW and not is_last:
                tall[line] = height(value, width)
    return tall


def _head(block: Block, place: int, styles: Styles) -> Format:
    """Numbers stand under the right end of their heading."""
    if _is_number(block.rows.iloc[:, place]):
        return styles.number_head
    return styles.later_head if place else styles.head


def _is_number(values: pd.Series) -> bool:
    return pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values)


def height(text: str, width: int) -> int:
    """Points a row needs for a text that is wrapped at `width` letters."""
    return ROW * max(1, math.ceil(len(text) / width / NARROW))


def _formats(block: Block, shown: pd.DataFrame, place: int, styles: Styles) -> Iterable[Format]:
    head, values = str(shown.columns[place]), shown.iloc[:, place]
    if block.unit_column and head not in block.units:
        return (styles.number(str(unit)) for unit in shown[block.unit_column])
    return [styles.number(block.units.get(head) or _by_size(values))] * len(shown)


def _by_size(values: pd.Series) -> str:
    """The unit whose format suits numbers of no unit: large ones need no decimals."""
    return COUNT if _is_number(values) and values.abs().max() >= LARGE else ""


def write_cell(sheet: Worksheet, line: int, place: int, value: Any, number: Format, text: Format, day: Format) -> None:
    """A value as what it is: a text, yes or no, a date, a number."""
    if isinstance(value, str):
        write_text(sheet, line, place, value, text)
    elif isinstance(value, bool | np.bool_):
        sheet.write_string(line, place, "yes" if value else "no", text)
    elif isinstance(value, datetime):
        sheet.write_datetime(line, place, value, day)
    elif isinstance(value, Real) and math.isfinite(value):
        sheet.write_number(line, place, float(value), number)
    else:
        write_text(sheet, line, place, "infinite" if isinstance(value, Real) else str(value), text)


def unique_heads(names: Sequence[object] | pd.Index) -> list[str]:
    """Headings as Excel takes them: one line, not empty, no two alike whatever their case."""
    heads: list[str] = []
    seen: set[str] = set()
    for name in names:
        line = plain(name)[:LONGEST_HEAD] or "–"
        tries = (line if count == 1 else f"{line} ({count})" for count in range(1, len(seen) + 2))
        head = next(text for text in tries if text.lower() not in seen)
        seen.add(head.lower())
        heads.append(head)
    return heads


def _colour(sheet: Worksheet, styles: Styles, placed: Placed, block: Block) -> None:
    """Amber and red cells from a metric's limit on; a word of a status in its colour."""
    for place, head in enumerate(block.rows.columns):
        span = (placed.first, place, placed.last, place)
        limit = block.limits.get(str(head))
        if limit:
            sheet.conditional_format(*span, {"type": "blanks", "stop_if_true": True})
            beyond = "<=" if limit.lower_is_worse else ">="
            for bound, style in ((limit.red, styles.red), (limit.amber, styles.amber)):
                rule = {"type": "cell", "criteria": beyond, "value": bound, "format": style, "stop_if_true": True}
                sheet.conditional_format(*span, rule)


def colour_statuses(sheet: Worksheet, styles: Styles, placed: Placed, first: int, last: int) -> None:
    """The words of a status in their colours, in the columns `first` to `last` of a block."""
    for words, style in styles.status.items():
        rule = {"type": "cell", "criteria": "==", "value": f'"{words}"', "format": style}
        sheet.conditional_format(placed.first, first, placed.last, last, rule)
