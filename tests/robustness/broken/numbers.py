"""Numbers: signs, separators, units, words, and what is none."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tests.robustness.broken.case import CELL, Case, Expected, Fate, Fault, Refused, Taken
from tests.robustness.broken.cells import cell, read
from tests.robustness.broken.client import Copy

NO_NUMBER = "not a number"
WRONG = {
    "a percent sign": "12%",
    "a currency": "€ 12",
    "a unit": "12 pcs",
    "a minus behind": "12-",
    "brackets": "(12)",
    "a date": "2026-01-01",
    "hexadecimal": "0x1F",
    "an underscore": "1_000",
    "two points": "1.2.3",
    "a formula": "=1+1",
    "an error of a spreadsheet": "#DIV/0!",
    "a sum": "10+2",
    "a range": "10-12",
    "Arabic digits": "١٢",
    "full-width digits": "１２",
    "a power that no number has": "1e999",
    "infinite": "inf",
    "minus infinite": "-Infinity",
    "a hundred digits and more": "9" * 101,
    "a letter for a digit": "1O0",
    "a fraction": "1/2",
    "true": "true",
}
EMPTY = {"nan": "NaN", "null": "NULL", "not available": "#N/A", "none": "None", "blank": "   "}
READ = {
    "a plus": ("+12", "12"),
    "a power": ("1.2e3", "1200"),
    "no digit in front": (".5", "0.5"),
    "zeros": ("0012", "12"),
    "spaces": ("  12 ", "12"),
    "a hard space": ("12\u00a0", "12"),
    "many decimals": ("0.1234567890123", "0.1234567890123"),
    "a thousand with an apostrophe": ("1'234", "1234"),
    "a thousand with a space": ("1 234", "1234"),
}
HUGE = {"a sextillion": "1e21", "the largest that a double holds": "1.7e99", "ninety digits": "9" * 90}


def cases() -> Iterator[Case]:
    """In a required column, which sets the row aside, and in an optional one, which is emptied."""
    for name, value in WRONG.items():
        shown = f"'{value}" if value.startswith(("=", "-")) else value  # no spreadsheet may run it
        yield cell(f"numbers/{name}", "order_lines", "ordered_quantity", value, NO_NUMBER, shown=shown)
        yield cell(f"numbers/{name}, optional", "items", "lot_size", value, NO_NUMBER, CELL, shown=shown)
    for name, value in EMPTY.items():
        shown = "" if name in ("null", "not available", "blank") else value
        yield cell(
            f"numbers/{name} where one is required",
            "inventory_snapshots",
            "on_hand",
            value,
            "required, and empty",
            shown=shown,
        )
        yield read(f"numbers/{name} where one is optional", "inventory_snapshots", "safety_stock", value, "")
    for name, (value, plain) in READ.items():
        yield read(f"numbers/{name}", "order_lines", "ordered_quantity", value, plain)
    for name, value in HUGE.items():
        yield cell(f"numbers/{name}", "order_lines", "ordered_quantity", value, "too large")
        yield cell(f"numbers/{name}, optional", "items", "unit_cost", value, "too large", CELL)
    yield cell("numbers/huge and negative", "financials", "revenue", "-1e30", "too large", shown="'-1e30")
    yield cell("numbers/nothing ordered", "order_lines", "ordered_quantity", "0", "must be above 0")
    yield cell("numbers/an index of nothing", "price_index", "index", "0", "must be above 0")
    yield cell("numbers/a negative index", "price_index", "index", "-1", "must be above 0")
    yield cell("numbers/a score of six", "interview_answers", "score", "6", "above 5")
    yield cell("numbers/a score of nothing", "interview_answers", "score", "0", "below 1")
    yield cell("numbers/a score between", "interview_answers", "score", "2.5", "not a whole number")
    yield cell("numbers/an eleventh sign", "interview_answers", "sign", "11", "above 10")
    yield cell("numbers/a negative cost", "items", "unit_cost", "-1", "below 0", CELL)
    yield read("numbers/minus zero", "inventory_snapshots", "on_hand", "-0", "0")
    yield read("numbers/a negative margin", "financials", "gross_margin", "-5", "-5")
    yield Case("numbers/decimal commas", _commas("capacity", lambda text: text.replace(".", ",")), ("capacity",))
    yield Case("numbers/thousands by points, decimal commas", _commas("financials", _german), ("financials",))
    yield Case("numbers/thousands by commas", _commas("financials", _english), ("financials",))
    yield Case("numbers/thousands by spaces, decimal commas", _commas("financials", _french), ("financials",))
    yield Case(
        "numbers/thousands by apostrophes",
        _commas("financials", lambda t: f"{float(t):,.2f}".replace(",", "'")),
        ("financials",),
    )
    yield Case("numbers/decimal commas, as named", _named(decimal=","), ("capacity",))
    yield Case("numbers/decimal commas, named points", _misnamed, ("capacity",))
    yield Case("numbers/three digits behind a comma everywhere", _ambiguous(","), ("actual_demand",))
    yield Case("numbers/three digits behind a point everywhere", _ambiguous("."), ("actual_demand",))
    yield Case("numbers/three digits behind a point, as named", _decided, ("actual_demand",))
    yield Case("numbers/commas in some rows, points in others", _mixed, ("capacity",))


def _numbers_of(table: str) -> tuple[str, ...]:
    return {
        "capacity": ("planned_hours", "planned_overtime_hours", "available_hours"),
        "financials": ("revenue", "cost_of_goods_sold", "gross_margin"),
    }[table]


def _commas(table: str, write: Callable[[str], str]) -> Callable[[Copy], Expected]:
    """All numbers of a table written another way, which only one reading fits."""

    def change(copy: Copy) -> Expected:
        grid = copy.grid(table)
        for column in _numbers_of(table):
            grid = grid.put(column, lambda text: write(text) if text else text)
        copy.write(table, grid, delimiter=";")
        says = ("decimal comma",) if "," in write("0.5") else ("commas stand for",) if "," in write("12345") else ()
        return Taken({table: Fate(copy.grid(table))}, says=says)

    return change


def _german(text: str) -> str:
    return f"{float(text):,.2f}".translate(str.maketrans(",.", ".,"))


def _english(text: str) -> str:
    return f"{float(text):,.2f}"


def _french(text: str) -> str:
    return f"{float(text):,.2f}".translate(str.maketrans(",.", "\u202f,"))


def _named(**how: str) -> Callable[[Copy], Expected]:
    def change(copy: Copy) -> Expected:
        expected = _commas("capacity", lambda text: text.replace(".", ","))(copy)
        copy.mapped("capacity", **how)
        assert isinstance(expected, Taken)
        return Taken(expected.fates)

    return change


def _misnamed(copy: Copy) -> Expected:
    """Named points where commas stand: what cannot be read is set aside, and no digit moves."""
    grid = copy.grid("capacity")
    written = grid.put("planned_hours", lambda text: text.replace(".", ","))
    copy.write("capacity", written, delimiter=";")
    copy.mapped("capacity", decimal=".")
    return Taken(
        {
            "capacity": Fate(
                None,
                tuple(Fault(i + 2, "planned_hours", NO_NUMBER) for i in range(len(grid))),
                whole=("none of its rows can be used", "planned_hours"),
            )
        }
    )


def _thousands(copy: Copy, sign: str) -> None:
    grid = copy.grid("actual_demand").put("quantity", lambda text: f"{float(text) / 1000:.3f}".replace(".", sign))
    copy.write("actual_demand", grid, delimiter=";")


def _ambiguous(sign: str) -> Callable[[Copy], Expected]:
    """12,409 in every row: twelve thousand, or twelve and a bit. Asked, never guessed."""

    def change(copy: Copy) -> Expected:
        _thousands(copy, sign)
        return Refused("actual_demand.csv, column quantity", "more than one reading", "settings.yaml", "decimal")

    return change


def _decided(copy: Copy) -> Expected:
    _thousands(copy, ".")
    copy.mapped("actual_demand", decimal=",")
    return Taken({"actual_demand": Fate(copy.grid("actual_demand"))})


def _mixed(copy: Copy) -> Expected:
    grid = copy.grid("capacity").put("planned_hours", lambda text: text.replace(".", ","), range(50))
    copy.write("capacity", grid, delimiter=";")
    return Refused("capacity.csv, column planned_hours", "more than one reading", "decimal point", "decimal comma")
