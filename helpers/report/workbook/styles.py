"""The formats of the workbook: a number by its unit, a heading in the client's colour, a status in words and colour."""

from __future__ import annotations

from typing import Any

from helpers.charts import style
from helpers.charts.numbers import SHARES
from helpers.spreadsheet import Format, Workbook

SHARE, MONEY, TENTHS, FINE = "0.0%", "#,##0", "#,##0.0", "#,##0.000"
COUNT = "count"
MONEY_WORDS = ("currency", "money", "amount")
IN_TENTHS = ("hours", "days", "cycles", "units", "lines", "orders", "items", "nodes")
AMBER_CELL = {"bg_color": "#FCE3B6", "font_color": "#5E3800"}
RED_CELL = {"bg_color": "#F6CFCC", "font_color": "#7A1712"}
STATUS_CELLS: dict[str, dict[str, Any]] = {
    "recurring": {**RED_CELL, "bold": True},
    "isolated": AMBER_CELL,
    "absent": {"bg_color": "#E4EFE9", "font_color": "#1F4A3A"},
    "not assessable": {"font_color": style.SOFT, "italic": True},
}


class Styles:
    """The formats of one workbook, each made once; `accent` can be read on white, and white on it."""

    def __init__(self, book: Workbook, accent: str) -> None:
        self._book = book
        self._numbers: dict[str, Format] = {}
        self.accent = accent
        self.title = self._made(bold=True, font_size=15, font_color=accent, valign="vcenter")
        self.block = self._made(bold=True, font_size=12, font_color=accent)
        head = {"bold": True, "bg_color": accent, "font_color": "#FFFFFF", "text_wrap": True, "valign": "top"}
        self.head, self.number_head = self._made(**head), self._made(**head, align="right")
        self.later_head = self._made(**head, indent=1)
        self.label = self._made(bold=True, valign="top")
        self.text = self._made(text_wrap=True, valign="top")
        self.note = self._made(italic=True, font_color=style.SOFT)
        self.link = self._made(font_color=accent, underline=1)
        day: dict[str, Any] = {"num_format": "yyyy-mm-dd", "align": "left", "valign": "top"}
        self.day, self.later_day = self._made(**day), self._made(**day, indent=1)
        self.later_text = self._made(text_wrap=True, valign="top", indent=1)
        self.last_text = self._made(valign="top", indent=1)
        self.amber, self.red = self._made(**AMBER_CELL), self._made(**RED_CELL)
        self.status = {words: self._made(**cell) for words, cell in STATUS_CELLS.items()}

    def _made(self, **properties: Any) -> Format:
        return self._book.add_format(properties)

    def number(self, unit: str) -> Format:
        """The format of a number in `unit`."""
        shown = number_format(unit)
        if shown not in self._numbers:
            self._numbers[shown] = self._made(num_format=shown, valign="top")
        return self._numbers[shown]


def number_format(unit: str) -> str:
    """Shares as percent, money and counts whole, times and pieces with one decimal, the rest with three."""
    kind = unit.lower().split(" ")[0]
    if kind in SHARES:
        return SHARE
    if kind in (*MONEY_WORDS, COUNT) or unit.isupper():
        return MONEY
    return TENTHS if kind in IN_TENTHS else FINE
