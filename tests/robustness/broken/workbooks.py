"""Excel workbooks: types that are lost, merged cells, formulas, hidden and second sheets, and files that are none."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, time
from pathlib import Path

import xlsxwriter

from helpers import contract
from tests.robustness.broken import count
from tests.robustness.broken.case import Case, Expected, Fate, Fault, Refused, Taken, gone, whole
from tests.robustness.broken.cells import UNKNOWN, line
from tests.robustness.broken.client import Copy
from tests.robustness.broken.grid import Grid

Cell = object
NAME = "extract.xlsx"
HEADER = 0


def cases() -> Iterator[Case]:
    """What people do with a table in a spreadsheet."""
    yield Case("workbooks/one sheet a table", _good, ("order_lines", "capacity", "suppliers"))
    yield Case("workbooks/dates as texts", _texts, ("order_lines",))
    yield Case("workbooks/dates as numbers of days", _serials, ("order_lines",))
    yield Case("workbooks/dates with a clock", _clocks, ("order_lines",))
    yield Case("workbooks/numbers as texts", _number_texts, ("capacity",))
    yield Case("workbooks/numbers as texts with decimal commas", _comma_texts, ("capacity",))
    yield Case("workbooks/some numbers as texts", _some_texts, ("capacity",))
    yield Case("workbooks/some dates as texts, days first", _some_date_texts, ("order_lines",))
    yield Case("workbooks/dates as texts, exchangeable", _exchangeable, ("order_lines",))
    yield Case("workbooks/identifiers as numbers", _number_ids, ("order_lines",))
    yield Case("workbooks/identifiers as numbers everywhere", _number_ids_anywhere, ("order_lines",))
    yield Case("workbooks/merged cells", _merged, ("capacity",))
    yield Case("workbooks/a merged title above", _merged_title(None), ("capacity",))
    yield Case("workbooks/a merged title above, skipped as named", _merged_title(2), ("capacity",))
    yield Case("workbooks/blank rows above", _shifted(3), ("capacity",))
    yield Case("workbooks/a total row", _total, ("capacity",))
    yield Case("workbooks/formulas with their values", _formulas, ("capacity",))
    yield Case("workbooks/formulas that were never worked out", _formulas_without, ("capacity",))
    yield Case("workbooks/errors of formulas", _errors, ("capacity",))
    yield Case("workbooks/true and false as such", _flags, ("resources",))
    yield Case("workbooks/infinite and huge numbers", _huge, ("capacity",))
    yield Case("workbooks/a hidden sheet", _sheets({"hidden": ("capacity", "hide")}), ("capacity",))
    yield Case("workbooks/a sheet in another case", _sheet_named("Capacity"), ("capacity",))
    yield Case("workbooks/a sheet with spaces", _sheet_named(" production orders "), ("production_orders",))
    yield Case("workbooks/a sheet of another name", _stranger, ("capacity",))
    yield Case("workbooks/a sheet of another name, as mapped", _mapped(sheet="Kapazität"), ("capacity",))
    yield Case("workbooks/a sheet by its number, as mapped", _mapped(sheet=0), ("capacity",))
    yield Case("workbooks/a sheet that is not there, as mapped", _lost_sheet, ("capacity",))
    yield Case("workbooks/a sheet by a number that is not there", _lost_number, ("capacity",))
    yield Case("workbooks/two sheets of one table", _two_sheets, ("capacity",))
    yield Case("workbooks/two workbooks with one table", _two_books, ("capacity",))
    yield Case("workbooks/a sheet beside a file of the same table", _beside_file, ("capacity",))
    yield Case("workbooks/an empty sheet", _empty_sheet, ("capacity",))
    yield Case("workbooks/a sheet with a header only", _header_only, ("capacity",))
    yield Case("workbooks/a chart beside the sheets", _chart, ("capacity",))
    yield Case("workbooks/rows behind thousands of empty ones", _far_row, ("capacity",))
    yield _bad("noise", b"PK\x03\x04" + bytes(range(256)) * 8)
    yield _bad("no bytes", b"")
    yield _bad("cut off", None)
    yield _bad("behind a password", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600)
    yield Case("workbooks/CSV named as a workbook", _csv_named, ("capacity",))
    yield Case("workbooks/a lock file of Excel beside", _lock_file, ("capacity",))


def typed_cells(table: str, grid: Grid) -> list[list[Cell]]:
    """The cells as a spreadsheet types them: dates and numbers as such."""
    kinds = {column.name: column.type for column in contract.table(table).columns}
    return [[_typed(kinds[name], cell) for name, cell in zip(grid.header, row, strict=True)] for row in grid.rows]


def _typed(kind: str, cell: str) -> Cell:
    if not cell:
        return None
    if kind in ("date", "bucket"):
        return date.fromisoformat(cell)
    if kind == "flag":
        return cell == "true"
    return float(cell) if kind in ("number", "count") else cell


def save(path: Path, sheets: Mapping[str, list[list[Cell]]], start: int = 0) -> None:
    """Write sheets of cells; texts stay texts."""
    with xlsxwriter.Workbook(path, {"strings_to_formulas": False}) as book:
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for r, row in enumerate(rows, start):
                for c, cell in enumerate(row):
                    _write(sheet, r, c, cell, day)


def _write(sheet: xlsxwriter.worksheet.Worksheet, r: int, c: int, cell: Cell, day: object) -> None:
    if isinstance(cell, bool):
        sheet.write_boolean(r, c, cell)
    elif isinstance(cell, datetime | date):
        sheet.write_datetime(r, c, cell, day)
    elif isinstance(cell, Formula):
        sheet.write_formula(r, c, cell.text, None, cell.value)
    elif isinstance(cell, float | int):
        sheet.write_number(r, c, cell)
    elif cell is not None:
        sheet.write_string(r, c, str(cell))


class Formula:
    """A formula with the value that the spreadsheet kept beside it."""

    def __init__(self, text: str, value: object = "") -> None:
        self.text, self.value = text, value


def _into(copy: Copy, *tables: str, change: Callable[[list[list[Cell]]], None] | None = None, name: str = NAME) -> Path:
    """Some tables in a workbook in place of their files."""
    sheets = {}
    for table in tables:
        grid = copy.grid(table)
        rows = [list(grid.header), *typed_cells(table, grid)]
        if change:
            change(rows)
        sheets[table] = rows
        copy.remove(table)
    path = copy.folder / name
    save(path, sheets)
    for place, table in enumerate(tables, 1):
        copy.counts[table] = lambda place=place: count.sheet(path, place)  # type: ignore[misc]
    return path


def _column(table: str, copy: Copy, column: str, write: Callable[[Cell], Cell], at: range | None = None) -> None:
    place = copy.grid(table).header.index(column)

    def change(rows: list[list[Cell]]) -> None:
        for i in at or range(len(rows) - 1):
            rows[i + 1][place] = write(rows[i + 1][place])

    _into(copy, table, change=change)


def _as_before(copy: Copy, *tables: str) -> Taken:
    return Taken({table: Fate(copy.grid(table)) for table in tables})


def _good(copy: Copy) -> Expected:
    _into(copy, "order_lines", "capacity", "suppliers")
    return _as_before(copy, "order_lines", "capacity", "suppliers")


def _texts(copy: Copy) -> Expected:
    _column("order_lines", copy, "ordered_on", str)
    return _as_before(copy, "order_lines")


def _serials(copy: Copy) -> Expected:
    _column("order_lines", copy, "ordered_on", lambda day: float((day - date(1899, 12, 30)).days))  # type: ignore[operator]
    return _as_before(copy, "order_lines")


def _clocks(copy: Copy) -> Expected:
    _column("order_lines", copy, "ordered_on", lambda day: datetime.combine(day, time(13, 45)))  # type: ignore[arg-type]
    return _as_before(copy, "order_lines")


def _number_texts(copy: Copy) -> Expected:
    _column("capacity", copy, "planned_hours", str)
    return _as_before(copy, "capacity")


def _comma_texts(copy: Copy) -> Expected:
    _column("capacity", copy, "planned_hours", lambda hours: f"{hours:.1f}".replace(".", ","))
    return Taken({"capacity": Fate(copy.grid("capacity"))}, says=("planned_hours: decimal",))


def _some_texts(copy: Copy) -> Expected:
    """Cells that Excel holds as numbers stand beside texts; both are read alike."""
    _column("capacity", copy, "planned_hours", str, range(5))
    return _as_before(copy, "capacity")


def _some_date_texts(copy: Copy) -> Expected:
    _column("order_lines", copy, "ordered_on", lambda day: f"{day:%d.%m.%Y}", range(400))
    return _as_before(copy, "order_lines")


def _exchangeable(copy: Copy) -> Expected:
    grid = copy.grid("order_lines")
    early = set(grid.where("ordered_on", lambda day: day[8:] <= "12" and day[8:] != day[5:7]))
    place = grid.header.index("ordered_on")

    def change(rows: list[list[Cell]]) -> None:
        rows[1:] = [row for i, row in enumerate(rows[1:]) if i in early]
        for row in rows[1:]:
            row[place] = f"{row[place]:%d/%m/%Y}"

    _into(copy, "order_lines", change=change)
    return Refused(f"{NAME} [order_lines], column ordered_on", "day and month could be exchanged", "settings.yaml")


def _number_ids(copy: Copy) -> Expected:
    """The zeros in front are gone, so that no row meets its item; the nearest is named."""
    _column("order_lines", copy, "item_id", lambda item: float(str(item)))
    return Taken({"order_lines": whole("none of its rows can be used", UNKNOWN)})


def _number_ids_anywhere(copy: Copy) -> Expected:
    """Numbers beside identifiers that are texts: 123 and not 123.0."""
    _column("order_lines", copy, "customer_id", lambda customer: float(str(customer)))
    grid = copy.grid("order_lines").put("customer_id", lambda text: text.lstrip("0"))
    return Taken({"order_lines": Fate(grid)})


def _merged(copy: Copy) -> Expected:
    """Only the first cell of a merged block holds its value; the others are not guessed."""
    grid = copy.grid("capacity")
    own = grid.column("resource_id")
    first = {own.index(resource) for resource in own}
    again = [i for i in range(len(grid)) if i not in first]
    rows = [list(grid.header), *typed_cells("capacity", grid.put("resource_id", "", again))]
    copy.remove("capacity")
    path = copy.folder / NAME
    with xlsxwriter.Workbook(path) as book:
        sheet, day = book.add_worksheet("capacity"), book.add_format({"num_format": "yyyy-mm-dd"})
        for r, row in enumerate(rows):
            for c, cell in enumerate(row):
                _write(sheet, r, c, cell, day)
        for start in first:
            end = max(i for i in range(len(grid)) if own[i] == own[start] and set(own[start : i + 1]) == {own[start]})
            sheet.merge_range(start + 1, 0, end + 1, 0, own[start], day)
    copy.counts["capacity"] = lambda: count.sheet(path)
    faults = tuple(Fault(line(i), "resource_id", "required, and empty") for i in again)
    return Taken({"capacity": Fate(grid.keep(sorted(first)), faults)})


def _merged_title(skipped: int | None) -> Callable[[Copy], Expected]:
    def change(copy: Copy) -> Expected:
        grid = copy.grid("capacity")
        path = _into(
            copy, "capacity", change=lambda rows: rows.insert(0, ["Capacity of all plants"]) or rows.insert(1, [])
        )
        if skipped:
            copy.mapped("capacity", skip_rows=skipped)
            copy.counts["capacity"] = lambda: count.sheet(path, 1, 3)
            return Taken({"capacity": Fate(grid)})
        return Taken({"capacity": whole("they stand on line 3", "skip_rows: 2", read=len(grid) + 1)})

    return change


def _shifted(rows: int) -> Callable[[Copy], Expected]:
    def change(copy: Copy) -> Expected:
        grid = copy.grid("capacity").put("planned_hours", "-1", (0,))
        copy.remove("capacity")
        path = copy.folder / NAME
        save(path, {"capacity": [list(grid.header), *typed_cells("capacity", grid)]}, rows)
        copy.counts["capacity"] = lambda: count.sheet(path, 1, rows + 1)
        return Taken({"capacity": Fate(grid.without({0}), (Fault(rows + 2, "planned_hours", "below 0"),))})

    return change


def _total(copy: Copy) -> Expected:
    grid = copy.grid("capacity")
    _into(
        copy, "capacity", change=lambda rows: rows.append(["Total", None, Formula("=SUM(C2:C151)", 99.5), None, None])
    )
    return Taken({"capacity": Fate(grid, (Fault(line(len(grid)), "period", "required, and empty"),))})


def _formulas(copy: Copy) -> Expected:
    _column("capacity", copy, "planned_hours", lambda hours: Formula(f"={hours}+0", hours))
    return _as_before(copy, "capacity")


def _formulas_without(copy: Copy) -> Expected:
    """A formula whose value was never worked out is an empty cell, not a nought."""
    _column("capacity", copy, "planned_hours", lambda hours: Formula(f"={hours}+0"), range(3))
    faults = tuple(Fault(line(i), "planned_hours", "required, and empty") for i in range(3))
    return Taken({"capacity": Fate(copy.grid("capacity").without(range(3)), faults)})


def _errors(copy: Copy) -> Expected:
    _column("capacity", copy, "planned_hours", lambda hours: Formula("=1/0", "#DIV/0!"), range(3))
    faults = tuple(Fault(line(i), "planned_hours", "") for i in range(3))
    return Taken({"capacity": Fate(copy.grid("capacity").without(range(3)), faults)})


def _flags(copy: Copy) -> Expected:
    _into(copy, "resources")
    return _as_before(copy, "resources")


def _huge(copy: Copy) -> Expected:
    grid = copy.grid("capacity")
    _column("capacity", copy, "planned_hours", lambda hours: 1e200, range(2))
    faults = tuple(Fault(line(i), "planned_hours", "") for i in range(2))
    return Taken({"capacity": Fate(grid.without(range(2)), faults)})


def _sheets(how: Mapping[str, tuple[str, str]]) -> Callable[[Copy], Expected]:
    def change(copy: Copy) -> Expected:
        grid = copy.grid("capacity")
        copy.remove("capacity")
        path = copy.folder / NAME
        with xlsxwriter.Workbook(path) as book:
            first, sheet = book.add_worksheet("read me"), book.add_worksheet("capacity")
            first.write(0, 0, "The table is on a sheet that is hidden.")
            day = book.add_format({"num_format": "yyyy-mm-dd"})
            for r, row in enumerate([list(grid.header), *typed_cells("capacity", grid)]):
                for c, cell in enumerate(row):
                    _write(sheet, r, c, cell, day)
            sheet.hide()
        copy.counts["capacity"] = lambda: count.sheet(path, 2)
        return Taken({"capacity": Fate(grid)})

    return change


def _renamed(copy: Copy, table: str, sheet: str, name: str = NAME) -> Path:
    grid = copy.grid(table)
    if (copy.folder / f"{table}.csv").exists():
        copy.remove(table)
    path = copy.folder / name
    save(path, {sheet: [list(grid.header), *typed_cells(table, grid)]})
    copy.counts[table] = lambda: count.sheet(path)
    return path


def _sheet_named(sheet: str) -> Callable[[Copy], Expected]:
    def change(copy: Copy) -> Expected:
        table = sheet.strip().lower().replace(" ", "_")
        _renamed(copy, table, sheet)
        return _as_before(copy, table)

    return change


def _stranger(copy: Copy) -> Expected:
    _renamed(copy, "capacity", "Kapazität")
    return Taken({"capacity": gone()}, says=(f"not read: {NAME}",))


def _mapped(**how: object) -> Callable[[Copy], Expected]:
    def change(copy: Copy) -> Expected:
        _renamed(copy, "capacity", "Kapazität")
        copy.mapped("capacity", **how)
        return _as_before(copy, "capacity")

    return change


def _lost_sheet(copy: Copy) -> Expected:
    _renamed(copy, "capacity", "Kapazität")
    copy.mapped("capacity", sheet="Kapazitaet 2026")
    return Refused("tables.capacity", NAME, "'Kapazitaet 2026'", "Found Kapazität")


def _lost_number(copy: Copy) -> Expected:
    _renamed(copy, "capacity", "Kapazität")
    copy.mapped("capacity", sheet=5)
    return Refused("tables.capacity", NAME, "'5'", "Found Kapazität")


def _two_sheets(copy: Copy) -> Expected:
    grid = copy.grid("capacity")
    copy.remove("capacity")
    rows = [list(grid.header), *typed_cells("capacity", grid)]
    save(copy.folder / NAME, {"capacity": rows, "Capacity ": rows})
    return Refused("capacity: found twice", f"{NAME} [capacity]", "Remove one of them")


def _two_books(copy: Copy) -> Expected:
    _renamed(copy, "capacity", "capacity")
    _renamed(copy, "capacity", "capacity", "older.xlsx")
    return Refused("capacity: found twice", f"{NAME} [capacity]", "older.xlsx [capacity]", "Remove one of them")


def _beside_file(copy: Copy) -> Expected:
    grid = copy.grid("capacity")
    save(copy.folder / NAME, {"capacity": [list(grid.header), *typed_cells("capacity", grid)]})
    return Refused("capacity: found twice", "capacity.csv", f"{NAME} [capacity]", "Remove one of them")


def _empty_sheet(copy: Copy) -> Expected:
    copy.remove("capacity")
    save(copy.folder / NAME, {"capacity": []})
    return Taken({"capacity": gone()}, says=(f"capacity: {NAME} [capacity] holds no rows; counted as not sent",))


def _header_only(copy: Copy) -> Expected:
    copy.remove("capacity")
    save(copy.folder / NAME, {"capacity": [list(copy.grid("capacity").header)]})
    return Taken({"capacity": gone()}, says=(f"capacity: {NAME} [capacity] holds no rows; counted as not sent",))


def _chart(copy: Copy) -> Expected:
    grid = copy.grid("capacity")
    copy.remove("capacity")
    path = copy.folder / NAME
    with xlsxwriter.Workbook(path) as book:
        sheet, day = book.add_worksheet("capacity"), book.add_format({"num_format": "yyyy-mm-dd"})
        for r, row in enumerate([list(grid.header), *typed_cells("capacity", grid)]):
            for c, cell in enumerate(row):
                _write(sheet, r, c, cell, day)
        chart = book.add_chart({"type": "line"})
        chart.add_series({"values": "=capacity!$C$2:$C$20"})
        book.add_chartsheet("picture").set_chart(chart)
    copy.counts["capacity"] = lambda: count.sheet(path)
    return _as_before(copy, "capacity")


def _far_row(copy: Copy) -> Expected:
    """A forgotten value far below the table is a row of its own."""
    grid = copy.grid("capacity")
    _into(copy, "capacity", change=lambda rows: rows.extend([[] for _ in range(5000)] + [["forgotten"]]))
    last = len(grid) + 2 + 5000
    return Taken(
        {
            "capacity": Fate(
                grid,
                (Fault(last, "period", "required, and empty"), Fault(last, "planned_hours", "required, and empty")),
            )
        }
    )


def _bad(name: str, content: bytes | None) -> Case:
    def change(copy: Copy) -> Expected:
        path = _into(copy, "capacity")
        path.write_bytes(path.read_bytes()[:-400] if content is None else content)
        return Refused(NAME, "the workbook cannot be opened", "Save it again", "take it out")

    return Case(f"workbooks/{name}", change, ("capacity",))


def _csv_named(copy: Copy) -> Expected:
    copy.raw(NAME, copy.grid("capacity").text(), "capacity")
    return Refused(NAME, "the workbook cannot be opened")


def _lock_file(copy: Copy) -> Expected:
    _into(copy, "capacity")
    copy.raw(f"~${NAME}", b"\x05Planner")
    return _as_before(copy, "capacity")
