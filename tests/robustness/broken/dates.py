"""Dates: formats, ambiguity, days that do not exist, placeholders, and an order of events that cannot be."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date

from tests.robustness.broken.case import CELL, Case, Expected, Fate, Fault, Refused, Taken, whole
from tests.robustness.broken.cells import cell, line, read
from tests.robustness.broken.client import Copy

NO_DATE = "not a date"
WRONG = {
    "a 31st of February": "2025-02-31",
    "a thirteenth month": "2025-13-01",
    "a day of zeros": "0000-00-00",
    "words": "end of May",
    "a number of days": "45678",
    "a year only": "2025",
    "a quarter": "2025-Q1",
    "a date with a letter": "2025-O1-01",
    "two dates": "2025-01-01/2025-02-01",
    "a time only": "12:30",
    "the eighteenth century": "1789-07-14",
    "two digits for the year": "25-01-03",
}
FAR = {"an end of time": "9999-12-31", "a typing error of a century": "2125-01-03", "an Excel zero": "1900-01-01"}
READ = {
    "a clock": "{} 00:00:00",
    "a clock with a T": "{}T13:45",
    "a clock with fractions": "{} 13:45:01.123",
    "a time zone": "{}T00:00:00Z",
    "an offset": "{}T00:00:00+01:00",
    "slashes": "{:%Y/%m/%d}",
    "no separators": "{:%Y%m%d}",
}
COLUMN = {
    "days before months, points": ("%d.%m.%Y", "dates %d.%m.%Y"),
    "days before months, slashes": ("%d/%m/%Y", "dates %d/%m/%Y"),
    "months before days, slashes": ("%m/%d/%Y", "dates %m/%d/%Y"),
    "days before months, hyphens": ("%d-%m-%Y", "dates %d-%m-%Y"),
    "two digits for the year": ("%d.%m.%y", "dates %d.%m.%y"),
    "months in words": ("%d-%b-%Y", "dates %d-%b-%Y"),
    "no separators": ("%Y%m%d", "dates %Y%m%d"),
    "a month in full": ("%d %B %Y", "dates %d %B %Y"),
}
ORDERS = (
    ("order_lines", "delivered_on", "ordered_on"),
    ("purchase_orders", "received_on", "ordered_on"),
    ("production_orders", "actual_finish", "actual_start"),
    ("decisions", "decided_on", "raised_on"),
    ("events", "ends_on", "starts_on"),
    ("forecast_snapshots", "period", "cycle"),
    ("production_plan_snapshots", "period", "cycle"),
    ("function_plans", "period", "cycle"),
)


def cases() -> Iterator[Case]:
    """Single cells, whole columns, and dates that contradict each other."""
    for name, value in WRONG.items():
        yield cell(f"dates/{name}", "order_lines", "requested_on", value, NO_DATE)
        yield cell(f"dates/{name}, optional", "purchase_orders", "needed_on", value, NO_DATE, CELL)
    for name, value in FAR.items():
        yield cell(f"dates/{name}", "order_lines", "requested_on", value, "not between the years")
        yield cell(f"dates/{name}, optional", "items", "end_date", value, "not between the years", CELL)
        yield cell(f"dates/{name} of a period", "actual_demand", "period", value, "not between the years")
    for name, form in READ.items():
        yield _same_day(name, form)
    for name, (form, said) in COLUMN.items():
        yield Case(f"dates/a column of {name}", _column(form, said), ("order_lines",))
    yield read(
        "dates/a period in the middle of its month", "actual_demand", "period", "2024-07-15", "2024-07-01", (0, 1)
    )
    yield Case("dates/months without a day", _months("%Y-%m", ""), ("inventory_snapshots",))
    yield Case("dates/months and years", _months("%m/%Y", "dates %m/%Y"), ("inventory_snapshots",))
    yield Case("dates/months in words", _months("%b %Y", "dates %b %Y"), ("inventory_snapshots",))
    yield Case("dates/day and month exchangeable everywhere", _ambiguous("%d/%m/%Y"), ("order_lines",))
    yield Case("dates/day and month exchangeable everywhere, points", _ambiguous("%d.%m.%Y"), ("order_lines",))
    yield Case("dates/first days of months, days first", _first_days("%d/%m/%Y"), ("capacity",))
    yield Case("dates/first days of months, months first", _first_days("%m/%d/%Y"), ("capacity",))
    yield Case("dates/first days of months, as named", _named_first_days, ("capacity",))
    yield Case("dates/days first and months first in one column", _contradiction, ("order_lines",))
    yield Case("dates/ISO and days first in one column", _both_forms, ("order_lines",))
    yield Case("dates/another format than named", _misnamed, ("order_lines",))
    yield Case("dates/two columns to ask about", _two_asks, ("order_lines",))
    yield Case("dates/two tables to ask about", _two_tables, ("order_lines", "purchase_orders"))
    for table, later, earlier in ORDERS:
        yield _order(table, later, earlier)
    yield Case("dates/a period of the year after next but thirty", _lone("2062-07-01"), ("actual_demand",))
    yield Case("dates/a period of the nineties", _lone_early, ("order_lines",))
    yield cell(
        "dates/a period of another century", "forecast_snapshots", "period", "2206-01-01", "not between the years"
    )


def _same_day(name: str, form: str) -> Case:
    """The same days written in some rows with what the kit may leave out."""

    def change(copy: Copy) -> Expected:
        grid, at = copy.grid("order_lines"), (2, 5)
        copy.write("order_lines", grid.put("ordered_on", lambda day: form.format(date.fromisoformat(day)), at))
        return Taken({"order_lines": Fate(grid)})

    return Case(f"dates/{name}", change, ("order_lines",))


def _formed(form: str) -> Callable[[str], str]:
    return lambda day: date.fromisoformat(day).strftime(form) if day else day


def _column(form: str, said: str) -> Callable[[Copy], Expected]:
    """One format in a column where some day tells what is the month; what was detected is shown."""

    def change(copy: Copy) -> Expected:
        grid = copy.grid("order_lines")
        copy.write("order_lines", grid.put("requested_on", _formed(form)))
        return Taken({"order_lines": Fate(grid)}, says=("requested_on:", said.rsplit(maxsplit=1)[-1]))

    return change


def _months(form: str, said: str) -> Callable[[Copy], Expected]:
    def change(copy: Copy) -> Expected:
        grid = copy.grid("inventory_snapshots")
        copy.write("inventory_snapshots", grid.put("period", _formed(form)))
        return Taken({"inventory_snapshots": Fate(grid)}, says=(said.rsplit(maxsplit=1)[-1],) if said else ())

    return change


def _ambiguous(form: str) -> Callable[[Copy], Expected]:
    """Only days up to the twelfth: asked, never guessed."""

    def change(copy: Copy) -> Expected:
        grid = copy.grid("order_lines")
        early = grid.keep(grid.where("promised_on", lambda day: day[8:] <= "12" and day[8:] != day[5:7]))
        copy.write("order_lines", early.put("promised_on", _formed(form)))
        return Refused(
            "order_lines.csv, column promised_on", "day and month could be exchanged", "settings.yaml", f'"{form}"'
        )

    return change


def _first_days(form: str) -> Callable[[Copy], Expected]:
    def change(copy: Copy) -> Expected:
        copy.write("capacity", copy.grid("capacity").put("period", _formed(form)))
        return Refused("capacity.csv, column period", "day and month could be exchanged", "settings.yaml")

    return change


def _named_first_days(copy: Copy) -> Expected:
    grid = copy.grid("capacity")
    copy.write("capacity", grid.put("period", _formed("%d/%m/%Y")))
    copy.mapped("capacity", dates={"period": "%d/%m/%Y"})
    return Taken({"capacity": Fate(grid)})


def _contradiction(copy: Copy) -> Expected:
    grid = copy.grid("order_lines").put("promised_on", _formed("%d/%m/%Y"))
    copy.write("order_lines", grid.put("promised_on", "12/31/2025", (0,)))
    return Refused("order_lines.csv, column promised_on", "puts the day first", "the month", "settings.yaml")


def _both_forms(copy: Copy) -> Expected:
    grid = copy.grid("order_lines")
    copy.write("order_lines", grid.put("promised_on", _formed("%d.%m.%Y"), range(2000)))
    return Taken({"order_lines": Fate(grid)}, says=("promised_on:", "%d.%m.%Y"))


def _misnamed(copy: Copy) -> Expected:
    """No row fits the format that is named: all of them are set aside, and the message names the format."""
    grid = copy.grid("order_lines")
    copy.write("order_lines")
    copy.mapped("order_lines", dates={"requested_on": "%d.%m.%Y"})
    return Taken({"order_lines": whole("none of its rows can be used", "%d.%m.%Y", read=len(grid))})


def _two_asks(copy: Copy) -> Expected:
    """Both questions at once, so that one answer is enough."""
    grid = copy.grid("order_lines")
    both = ("promised_on", "requested_on")
    fits = {i for column in both for i in grid.where(column, lambda day: day[8:] > "12" or day[8:] == day[5:7])}
    early = grid.without(fits)
    for column in both:
        early = early.put(column, _formed("%d/%m/%Y"))
    copy.write("order_lines", early)
    return Refused("column promised_on", "column requested_on")


def _two_tables(copy: Copy) -> Expected:
    for table, column in (("order_lines", "promised_on"), ("purchase_orders", "needed_on")):
        grid = copy.grid(table)
        early = grid.keep(grid.where(column, lambda day: day[8:] <= "12" and day[8:] != day[5:7]))
        copy.write(table, early.put(column, _formed("%d/%m/%Y")))
    return Refused("order_lines.csv, column promised_on", "purchase_orders.csv, column needed_on")


def _order(table: str, later: str, earlier: str) -> Case:
    """What comes after lies before: the row cannot be."""

    def change(copy: Copy) -> Expected:
        grid = copy.grid(table)
        at = grid.where(later, bool)[:2]
        copy.write(table, grid.put(later, "2020-01-01", at))
        faults = tuple(Fault(line(i), later, f"lies before {earlier}", value="2020-01-01") for i in at)
        return Taken({table: Fate(grid.without(at), faults)})

    return Case(f"dates/{table} {later} before {earlier}", change, (table,))


def _lone(period: str) -> Callable[[Copy], Expected]:
    """One period decades ahead would end the extract there, and every sign with it."""

    def change(copy: Copy) -> Expected:
        grid = copy.grid("actual_demand")
        copy.write("actual_demand", grid.put("period", period, (7,)))
        return Refused("actual_demand", f"the last period is {period}", "Correct the year")

    return change


def _lone_early(copy: Copy) -> Expected:
    """One order of long ago only opens the calendar early; what is known of today stays."""
    grid = copy.grid("order_lines").put("ordered_on", "1996-05-01", (7,))
    copy.write("order_lines", grid)
    return Taken({"order_lines": Fate(grid)})
