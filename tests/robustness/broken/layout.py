"""Lines that are no rows of the table: titles, totals, headers again, units, notes, tables on their side."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tests.robustness.broken.case import Case, Expected, Fate, Fault, Taken, whole
from tests.robustness.broken.cells import UNKNOWN, line
from tests.robustness.broken.client import Copy
from tests.robustness.broken.grid import Grid

TITLE = "Order lines of all plants\nPrinted on 2026-07-01 by the ERP system\n\n"
NARROW = "1 fields where the header has 16"


def cases() -> Iterator[Case]:
    """What reports of an ERP system and people's spreadsheets add to a table."""
    yield Case("layout/a title above", _titled(None), ("order_lines",))
    yield Case("layout/a title above, skipped as named", _titled(3), ("order_lines",))
    yield Case("layout/a title above, too few lines skipped", _titled(1), ("order_lines",))
    yield Case("layout/a title above, more lines skipped than there are", _titled(99_999), ("order_lines",))
    yield Case("layout/a comment above", _comment, ("order_lines",))
    yield Case("layout/blank lines above", _blank_above, ("order_lines",))
    for table, column in (("order_lines", "item_id"), ("actual_demand", "item_id"), ("inventory_snapshots", "item_id")):
        yield Case(f"layout/a total row in {table}", _total(table, column), (table,))
    yield Case("layout/a total row in financials", _total_of_money, ("financials",))
    yield Case("layout/a total row in capacity", _total_of_hours, ("capacity",))
    yield Case("layout/subtotals between", _subtotals, ("actual_demand",))
    yield Case("layout/the header again in the middle", _header_again, ("order_lines",))
    yield Case("layout/two files put one behind the other", _two_files, ("capacity",))
    yield Case("layout/units below the header", _units, ("capacity",))
    yield Case("layout/two lines of headers", _two_headers, ("capacity",))
    yield Case("layout/a note below", _note, ("order_lines",))
    yield Case("layout/a note beside", _note_beside, ("suppliers",))
    yield Case("layout/a table on its side", _on_its_side, ("capacity",))
    yield Case("layout/months as columns", _months_as_columns, ("actual_demand",))
    yield Case("layout/repeated values left blank", _left_blank, ("capacity",))
    yield Case("layout/an index without a name in front", _index, ("capacity",))


def _titled(skipped: int | None) -> Callable[[Copy], Expected]:
    def change(copy: Copy) -> Expected:
        grid = copy.grid("order_lines")
        copy.write("order_lines", head=TITLE)
        if skipped is not None:
            copy.mapped("order_lines", skip_rows=skipped)
        if skipped == 3:
            return Taken({"order_lines": Fate(grid, read=len(grid))})
        if skipped == 99_999:
            return Taken({"order_lines": Fate(None)})
        rest = len(grid) + 2 - (1 if skipped else 0)
        return Taken({"order_lines": whole("they stand on line 4", "skip_rows: 3", read=rest)})

    return change


def _comment(copy: Copy) -> Expected:
    grid = copy.grid("order_lines")
    copy.write("order_lines", head="# exported 2026-07-01\n")
    return Taken({"order_lines": whole("they stand on line 2", "skip_rows: 1", read=len(grid) + 1)})


def _blank_above(copy: Copy) -> Expected:
    """The header is the first line that is not blank, and lines keep their numbers."""
    grid = copy.grid("order_lines").put("ordered_quantity", "-1", (0,))
    copy.write("order_lines", grid, head="\n  \n")
    return Taken({"order_lines": Fate(grid.without({0}), (Fault(4, "ordered_quantity", "must be above 0"),))})


def _total(table: str, column: str) -> Callable[[Copy], Expected]:
    """What is no item is no row: a total is never added to what it sums up."""

    def change(copy: Copy) -> Expected:
        grid = copy.grid(table)
        sums = {n: "123456" for n in ("quantity", "ordered_quantity", "on_hand") if n in grid.header}
        days = {n: "2025-01-01" for n in ("period", "ordered_on", "requested_on") if n in grid.header}
        keys = {n: "Total" for n in ("order_id",) if n in grid.header}
        copy.write(table, grid.add(grid.row(**{column: "Total"}, **sums, **days, **keys)))
        return Taken({table: Fate(grid, (Fault(line(len(grid)), column, UNKNOWN, value="Total"),))})

    return change


def _total_of_money(copy: Copy) -> Expected:
    """Without a period it is no row."""
    grid = copy.grid("financials")
    copy.write("financials", grid.add(grid.row(period="Total", revenue="99999999")))
    return Taken({"financials": Fate(grid, (Fault(line(len(grid)), "period", "not a date", value="Total"),))})


def _total_of_hours(copy: Copy) -> Expected:
    grid = copy.grid("capacity")
    copy.write("capacity", grid.add(grid.row(resource_id="Total", planned_hours="99999")))
    return Taken({"capacity": Fate(grid, (Fault(line(len(grid)), "period", "required, and empty"),))})


def _subtotals(copy: Copy) -> Expected:
    grid = copy.grid("actual_demand")
    written, at = grid, (10, 21, 32)
    for i in at:
        written = written.insert(i, grid.row(period="2024-07-01", item_id="Subtotal", quantity="999"))
    copy.write("actual_demand", written)
    return Taken({"actual_demand": Fate(grid, tuple(Fault(line(i), "item_id", UNKNOWN) for i in at))})


def _header_again(copy: Copy) -> Expected:
    grid = copy.grid("order_lines")
    copy.write("order_lines", grid.insert(100, grid.header))
    required = {
        "item_id": UNKNOWN,
        "ordered_on": "not a date",
        "requested_on": "not a date",
        "ordered_quantity": "not a number",
    }
    others = (
        "promised_on",
        "delivered_on",
        "delivered_quantity",
        "expedited",
        "expedite_cost",
        "days_saved",
        "unit_price",
    )
    faults = tuple(Fault(line(100), column, rule) for column, rule in required.items())
    faults += tuple(Fault(line(100), column, "") for column in others)
    return Taken({"order_lines": Fate(grid, faults)})


def _two_files(copy: Copy) -> Expected:
    """Header and rows again: the same rows are kept once, whatever stands between."""
    grid = copy.grid("capacity")
    copy.write("capacity", grid.add(grid.header, *grid.rows))
    header = [
        Fault(line(len(grid)), column, "not a")
        for column in ("period", "planned_hours", "planned_overtime_hours", "available_hours")
    ]
    twins = [Fault(line(len(grid) + 1 + i), "resource_id, period", "the same row as") for i in range(len(grid))]
    return Taken({"capacity": Fate(grid, (*header, *twins))})


def _units(copy: Copy) -> Expected:
    grid = copy.grid("capacity")
    copy.write("capacity", grid.insert(0, ("", "month", "h", "h", "h")))
    faults = (Fault(2, "resource_id", "required, and empty"), Fault(2, "period", "not a date"))
    faults += tuple(
        Fault(2, name, "not a number") for name in ("planned_hours", "planned_overtime_hours", "available_hours")
    )
    return Taken({"capacity": Fate(grid, faults)})


def _two_headers(copy: Copy) -> Expected:
    grid = copy.grid("capacity")
    copy.write("capacity", grid, head="Resource,Month,Plan,,Actual\n")
    return Taken({"capacity": whole("they stand on line 2", "skip_rows: 1", read=len(grid) + 1)})


def _note(copy: Copy) -> Expected:
    grid = copy.grid("order_lines")
    copy.write("order_lines", foot="\nSource: ERP system, all plants\n(4 271 rows affected)\n")
    last = line(len(grid)) + 1
    return Taken({"order_lines": Fate(grid, (Fault(last, "", "2 fields where"), Fault(last + 1, "", NARROW)))})


def _note_beside(copy: Copy) -> Expected:
    """A remark in a column without a name is nobody's value."""
    grid = copy.grid("suppliers")
    copy.write("suppliers", grid.extend("", ["please check", *[""] * (len(grid) - 1)]))
    return Taken({"suppliers": Fate(grid)})


def _on_its_side(copy: Copy) -> Expected:
    grid = copy.grid("capacity")
    columns = [(name, *grid.column(name)) for name in grid.header]
    copy.write("capacity", Grid(columns[0], tuple(columns[1:])))
    return Taken({"capacity": whole("capacity.csv", read=len(grid.header) - 1)})


def _months_as_columns(copy: Copy) -> Expected:
    months = tuple(sorted(set(copy.grid("actual_demand").column("period"))))
    items = copy.grid("items").column("item_id")
    copy.write("actual_demand", Grid(("item_id", *months), tuple((item, *["100"] * len(months)) for item in items)))
    copy.write("order_lines")  # a fact table that is left
    return Taken({"actual_demand": whole("required column period is missing", read=len(items))})


def _left_blank(copy: Copy) -> Expected:
    """As a pivot table shows groups: only the first row of each names it. The others are not guessed."""
    grid = copy.grid("capacity")
    own = grid.column("resource_id")
    again = {i for i in range(1, len(grid)) if own[i] == own[i - 1]}
    copy.write("capacity", grid.put("resource_id", "", again))
    faults = tuple(Fault(line(i), "resource_id", "required, and empty") for i in sorted(again))
    return Taken({"capacity": Fate(grid.without(again), faults)})


def _index(copy: Copy) -> Expected:
    grid = copy.grid("capacity")
    rows = tuple((str(i), *row) for i, row in enumerate(grid.rows))
    copy.write("capacity", Grid(("", *grid.header), rows))
    return Taken({"capacity": Fate(grid)})
