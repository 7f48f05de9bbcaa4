"""Rows that are there twice, rows that contradict each other, and identifiers that do not meet."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from helpers import contract
from tests.robustness.broken.case import Case, Expected, Fate, Fault, Refused, Taken, whole
from tests.robustness.broken.cells import SOME, UNKNOWN, cascade, line
from tests.robustness.broken.client import Copy
from tests.robustness.broken.grid import Grid

# Of each table with a key a number or text that may differ without breaking another rule.
OTHER = {
    "items": ("lot_size", "77"),
    "forecast_snapshots": ("quantity", "77"),
    "actual_demand": ("quantity", "77"),
    "order_lines": ("ordered_quantity", "77"),
    "production_plan_snapshots": ("quantity", "77"),
    "production_orders": ("planned_quantity", "77"),
    "resources": ("name", "Another line"),
    "capacity": ("planned_hours", "77"),
    "purchase_orders": ("ordered_quantity", "77"),
    "suppliers": ("name", "Another supplier"),
    "inventory_snapshots": ("on_hand", "77"),
    "assumptions": ("planned_value", "77"),
    "assumption_actuals": ("actual_value", "77"),
    "decisions": ("topic", "another topic"),
    "function_plans": ("quantity", "77"),
    "events": ("starts_on", "2020-01-01"),
    "price_index": ("index", "0.77"),
    "kpi_objectives": ("weight", "0.77"),
    "decision_rules": ("owner", "Another owner"),
    "process_roles": ("cadence_days", "77"),
}


def cases() -> Iterator[Case]:
    """Every table that has a key."""
    for table in contract.TABLES:
        if table.key:
            yield Case(f"keys/{table.name} twice the same", _same(table), (table.name,))
            yield Case(f"keys/{table.name} contradicting itself", _conflict(table), _beside(table.name))
    yield Case("keys/the whole table twice", _whole_twice, ("capacity",))
    yield Case("keys/twice the same, the last to be kept", _last, ("inventory_snapshots",))
    yield Case("keys/twice the same, to be added up", _sum, ("inventory_snapshots",))
    yield Case("keys/weeks in a table of months", _weeks, ("inventory_snapshots",))
    yield Case("keys/logs may repeat themselves", _log, ("schedule_changes",))
    yield Case("keys/zeros in front lost in one table", _no_zeros, ("order_lines",))
    yield Case("keys/zeros in front lost in items", _no_zeros_in_items, ("actual_demand", "order_lines"))
    yield Case("keys/zeros in front lost everywhere", _no_zeros_anywhere, None)
    yield Case("keys/items in another case", _other_case, ("order_lines",))
    yield Case("keys/items as numbers of a spreadsheet", _decimals, ("order_lines",))
    yield Case("keys/items of another company", _other_items, ("order_lines",))
    yield Case("keys/no item known anywhere", _nothing_meets, ())
    yield Case("keys/unknown suppliers and resources", _unknown_masters, ("purchase_orders", "production_orders"))
    yield Case("keys/an optional item unknown", _optional_item, ("schedule_changes", "compensation_costs"))
    yield Case("keys/items named by a formula", _formula_ids, ("order_lines",))


def _same(table: contract.Table) -> Callable[[Copy], Expected]:
    """One is kept, the others are set aside and say which."""

    def change(copy: Copy) -> Expected:
        grid = copy.grid(table.name)
        written = grid.add(grid.rows[1], grid.rows[0], grid.rows[1])
        copy.write(table.name, written)
        keys = _key(table, grid)
        faults = tuple(
            Fault(line(len(grid) + i), keys, f"the same row as line {line(first)}; one is kept")
            for i, first in enumerate((1, 0, 1))
        )
        return Taken({table.name: Fate(grid, faults)})

    return change


def _conflict(table: contract.Table) -> Callable[[Copy], Expected]:
    """All are set aside, for nobody can tell which is right; with an item all rows that name it."""

    def change(copy: Copy) -> Expected:
        grid = copy.grid(table.name)
        column, value = OTHER[table.name]
        copy.write(table.name, grid.add(*grid.put(column, value).keep((1,)).rows))
        at = (1, len(grid))
        faults = tuple(Fault(line(i), _key(table, grid), f"as line {line(other)}") for i, other in (at, at[::-1]))
        fates = {table.name: Fate(grid.without({1}), faults)}
        lost = {grid.column("item_id")[1]} if table.name == "items" else set()
        return Taken({**fates, **cascade(copy, lost)})

    return change


def _key(table: contract.Table, grid: Grid) -> str:
    return ", ".join(name for name in table.key if name in grid.header)


def _beside(table: str) -> tuple[str, ...] | None:
    return None if table == "items" else (table,)


def _whole_twice(copy: Copy) -> Expected:
    grid = copy.grid("capacity")
    copy.write("capacity", grid.add(*grid.rows))
    faults = tuple(
        Fault(line(len(grid) + i), "resource_id, period", f"the same row as line {line(i)};") for i in range(len(grid))
    )
    return Taken({"capacity": Fate(grid, faults)})


def _twins(copy: Copy, how: str) -> Grid:
    grid = copy.grid("inventory_snapshots")
    copy.write("inventory_snapshots", grid.add(*grid.put("on_hand", "77").keep(SOME).rows))
    copy.mapped("inventory_snapshots", duplicates=how)
    return grid


def _last(copy: Copy) -> Expected:
    grid = _twins(copy, "last")
    key = "period, item_id, location_id"
    faults = tuple(Fault(line(i), key, "the last one, which is kept") for i in SOME)
    return Taken({"inventory_snapshots": Fate(grid.put("on_hand", "77", SOME), faults)})


def _sum(copy: Copy) -> Expected:
    """Both rows are used; the stored row holds their sum, and so the table counts more rows used than stored."""
    grid = _twins(copy, "sum")
    return Taken({"inventory_snapshots": _added(grid)})


def _added(grid: Grid) -> Fate:
    numbers = ("on_hand", "safety_stock", "backorders", "on_order")
    for column in numbers:
        other = {i: 77.0 if column == "on_hand" else float(grid.column(column)[i] or 0) for i in SOME}
        for i, more in other.items():
            grid = grid.put(column, lambda text, more=more: str(float(text or 0) + more), (i,))  # type: ignore[misc]
    return Fate(grid, used=len(grid) + len(SOME))


def _weeks(copy: Copy) -> Expected:
    """A week is not a month: two of them contradict each other until the settings say what to do."""
    grid = copy.grid("inventory_snapshots")
    copy.write("inventory_snapshots", grid.add(*grid.put("period", "2024-07-08").keep((0,)).rows))
    key = "period, item_id, location_id"
    faults = tuple(Fault(line(i), key, "on another day of the same bucket") for i in (0, len(grid)))
    return Taken({"inventory_snapshots": Fate(grid.without({0}), faults)})


def _log(copy: Copy) -> Expected:
    """A log has no key: the same change twice happened twice."""
    grid = copy.grid("schedule_changes")
    twice = grid.add(grid.rows[0])
    copy.write("schedule_changes", twice)
    return Taken({"schedule_changes": Fate(twice)})


def _no_zeros(copy: Copy) -> Expected:
    """As Excel leaves them: no row meets its item, and the nearest one is named."""
    grid = copy.grid("order_lines")
    copy.write("order_lines", grid.put("item_id", lambda item: item.lstrip("0"), SOME))
    rule = "leading zeros are lost: have the column exported as text, for a spreadsheet drops them; the nearest is "
    faults = tuple(Fault(line(i), "item_id", f"{rule}'{grid.column('item_id')[i]}'") for i in SOME)
    return Taken({"order_lines": Fate(grid.without(SOME), faults)})


def _no_zeros_in_items(copy: Copy) -> Expected:
    copy.write("items", copy.grid("items").put("item_id", lambda item: item.lstrip("0")))
    return Refused("No table is left beside items", "not an item_id of the table items")


def _no_zeros_anywhere(copy: Copy) -> Expected:
    """The same loss everywhere is no fault: the identifiers still meet."""
    fates = {}
    for name in copy.tables:
        if "item_id" in (grid := copy.grid(name)).header:
            bare = grid.put("item_id", lambda item: item.lstrip("0"))
            copy.write(name, bare)
            fates[name] = Fate(bare)
    return Taken(fates)


def _other_case(copy: Copy) -> Expected:
    """Identifiers are taken as they are: another case is another item, and the nearest is named."""
    grid = copy.grid("order_lines")
    copy.write("order_lines", grid.put("item_id", lambda item: f"x{item}", SOME))
    return Taken({"order_lines": Fate(grid.without(SOME), tuple(Fault(line(i), "item_id", UNKNOWN) for i in SOME))})


def _decimals(copy: Copy) -> Expected:
    grid = copy.grid("order_lines")
    copy.write("order_lines", grid.put("item_id", lambda item: f"{item}.0", SOME))
    return Taken({"order_lines": Fate(grid.without(SOME), tuple(Fault(line(i), "item_id", UNKNOWN) for i in SOME))})


def _other_items(copy: Copy) -> Expected:
    copy.write("order_lines", copy.grid("order_lines").put("item_id", lambda item: f"Z{item}"))
    return Taken({"order_lines": whole("none of its rows can be used", UNKNOWN)})


def _nothing_meets(copy: Copy) -> Expected:
    copy.write("actual_demand", copy.grid("actual_demand").put("item_id", "nobody knows"))
    copy.remove(*(name for name in copy.tables if name not in ("items", "actual_demand")))
    return Refused("No table is left beside items", UNKNOWN)


def _unknown_masters(copy: Copy) -> Expected:
    """Suppliers and resources need not be in their tables."""
    orders = copy.grid("purchase_orders").put("supplier_id", "S-9", SOME)
    works = copy.grid("production_orders").put("resource_id", "R-9", SOME)
    copy.write("purchase_orders", orders)
    copy.write("production_orders", works)
    return Taken({"purchase_orders": Fate(orders), "production_orders": Fate(works)})


def _optional_item(copy: Copy) -> Expected:
    fates = {}
    for name in ("schedule_changes", "compensation_costs"):
        grid = copy.grid(name)
        at = SOME
        copy.write(name, grid.put("item_id", "nobody", at))
        fates[name] = Fate(grid.without(at), tuple(Fault(line(i), "item_id", UNKNOWN, value="nobody") for i in at))
    return Taken(fates)


def _formula_ids(copy: Copy) -> Expected:
    """In `rejects/` no spreadsheet runs them."""
    grid = copy.grid("order_lines")
    copy.write("order_lines", grid.put("item_id", '=HYPERLINK("http://x.example")', SOME))
    faults = tuple(Fault(line(i), "item_id", UNKNOWN, value='\'=HYPERLINK("http://x.example")') for i in SOME)
    return Taken({"order_lines": Fate(grid.without(SOME), faults)})
