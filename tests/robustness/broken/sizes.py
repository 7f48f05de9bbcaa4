"""Clients that are hardly one: one row, one family, one cycle, nothing but noughts, a handful of tables."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

from helpers import contract
from tests.robustness.broken.case import Case, Expected, Fate, Refused, Taken
from tests.robustness.broken.client import Copy
from tests.robustness.broken.grid import Grid

# What is left is another company: a sign of the whole one may be quiet in it, because what carried it was cut away.
ANOTHER = frozenset({1, 3, 4, 5, 6, 7, 8})
CLOCKS = ("cycle", "period", "ordered_on", "planned_start", "changed_on")
PAIRS = (
    ("forecast_snapshots",),
    ("order_lines",),
    ("inventory_snapshots",),
    ("production_orders",),
    ("purchase_orders",),
    ("decisions",),
    ("assumptions",),
    ("schedule_changes", "capacity"),
    ("order_lines", "compensation_costs"),
    ("function_plans", "actual_demand"),
)
MASTERS = tuple(table.name for table in contract.TABLES if not table.is_fact and table.name != "items")


def cases() -> Iterator[Case]:
    """Valid data, every row of which is used, but too little or too even to say much."""
    for what, keep in {
        "one item": lambda grids: _of_items(grids, {grids["items"].rows[0][0]}),
        "one family": lambda grids: _of_families(grids, {"Desserts"}),
        "three cycles": lambda grids: _since(grids, "2026-04-01"),
        "the years before only": lambda grids: _until(grids, "2025-01-01"),
        "one row a table": lambda grids: {
            name: grid.keep(_first_of_one_item(grids, grid)) for name, grid in grids.items()
        },
    }.items():
        yield _cut(what, keep)
    # So few prices are left that each has three digits behind its point: what that is has to be said.
    yield _cut("one cycle", lambda grids: _since(grids, "2026-06-01"), {"purchase_orders": {"decimal": "."}})
    yield _cut("nothing but noughts", _noughts)
    yield _cut("the same number everywhere", lambda grids: _numbers(grids, "1"))
    yield _cut("the smallest numbers", lambda grids: _numbers(grids, "1e-9"))
    yield _cut("the largest numbers", lambda grids: _numbers(grids, "1e15"))
    yield _cut("one number that is huge", _one_huge)
    yield _cut("no demand", lambda grids: {**grids, "actual_demand": grids["actual_demand"].put("quantity", "0")})
    yield _cut(
        "no stock", lambda grids: {**grids, "inventory_snapshots": grids["inventory_snapshots"].put("on_hand", "0")}
    )
    yield _cut("no costs of items", lambda grids: {**grids, "items": grids["items"].put("unit_cost", "0")})
    yield _cut("no hours", lambda grids: {**grids, "capacity": _zeroed(grids["capacity"])})
    yield _cut("every order open", _all_open)
    yield _cut("every item its own family", _own_families)
    yield _cut("one family for all", _renamed_family)
    yield _cut(
        "families without a name that tells", lambda grids: {**grids, "items": grids["items"].put("family", "?")}
    )
    yield _cut("every master table left out", lambda grids: {n: g for n, g in grids.items() if n not in MASTERS})
    for tables in PAIRS:
        yield _cut(f"items and {' and '.join(tables)} only", lambda grids, tables=tables: _only(grids, tables))  # type: ignore[misc]
    yield Case("sizes/a day before the first cycle", _too_early, None, options=("--as-of", "1999-01-01"), by="diagnose")
    for day in ("2026-13-01", "yesterday", "2026-02-30", ""):
        yield Case(f"sizes/as of '{day}'", _no_day(day), None, options=("--as-of", day), by="diagnose")
    yield Case(
        "sizes/a day after the last cycle", lambda copy: Taken(), None, options=("--as-of", "2999-01-01"), by="diagnose"
    )


Grids = dict[str, Grid]


def _cut(name: str, keep: Callable[[Grids], Grids], told: dict[str, dict[str, str]] | None = None) -> Case:
    """What is left of the client; all of it is used."""

    def change(copy: Copy) -> Expected:
        left = keep({name: copy.grid(name) for name in copy.tables})
        fates = {}
        for table in list(copy.tables):
            grid = left.get(table)
            if grid is None or not len(grid):
                copy.remove(table)
                fates[table] = Fate(None)
            elif grid != copy.grid(table):
                copy.write(table, grid)
                fates[table] = Fate(grid)
        if told:
            copy.settings(tables=told)
        return Taken(fates, quiet=ANOTHER)

    return Case(f"sizes/{name}", change, None)


def _only(grids: Grids, tables: Collection[str]) -> Grids:
    return {name: grids[name] for name in ("items", *tables)}


def _of_items(grids: Grids, items: Collection[str]) -> Grids:
    own = {row[0]: row[1] for row in grids["items"].rows}
    families = {own[item] for item in items}
    return {
        name: _chosen(grid, {"item_id": set(items) | {""}, "family": families | {""}}) for name, grid in grids.items()
    }


def _of_families(grids: Grids, families: Collection[str]) -> Grids:
    items = [row[0] for row in grids["items"].rows if row[1] in families]
    return _of_items(grids, items)


def _chosen(grid: Grid, wanted: dict[str, set[str]]) -> Grid:
    for column, values in wanted.items():
        if column in grid.header:
            grid = grid.keep(grid.where(column, values.__contains__))
    return grid


def _clock(grid: Grid) -> str | None:
    return next((column for column in CLOCKS if column in grid.header), None)


def _since(grids: Grids, day: str) -> Grids:
    clocks = {name: _clock(grid) for name, grid in grids.items()}
    return {n: g.keep(g.where(clock, lambda d: d >= day)) if (clock := clocks[n]) else g for n, g in grids.items()}


def _until(grids: Grids, day: str) -> Grids:
    clocks = {name: _clock(grid) for name, grid in grids.items()}
    return {n: g.keep(g.where(clock, lambda d: d < day)) if (clock := clocks[n]) else g for n, g in grids.items()}


def _first_of_one_item(grids: Grids, grid: Grid) -> list[int]:
    item = grids["items"].rows[0][0]
    own = grid.where("item_id", (item, "").__contains__) if "item_id" in grid.header else list(range(len(grid)))
    return own[:1]


def _numbers(grids: Grids, value: str) -> Grids:
    """One value in every number that is filled; a fraction stays one."""

    def fitting(column: contract.Column) -> str:
        return "1" if column.maximum == 1 and float(value) > 1 else value

    return {name: _filled(name, grid, fitting) for name, grid in grids.items()}


def _noughts(grids: Grids) -> Grids:
    return {name: _filled(name, grid, lambda c: "1" if c.above == 0 else "0") for name, grid in grids.items()}


def _filled(table: str, grid: Grid, value: Callable[[contract.Column], str]) -> Grid:
    for column in contract.table(table).columns:
        if column.type == "number" and column.name in grid.header:
            grid = grid.put(column.name, value(column), grid.where(column.name, bool))
    return grid


def _one_huge(grids: Grids) -> Grids:
    places = {"actual_demand": "quantity", "inventory_snapshots": "on_hand", "purchase_orders": "ordered_quantity"}
    return {n: g.put(places[n], "9e14", (5,)) if n in places else g for n, g in grids.items()}


def _zeroed(grid: Grid) -> Grid:
    return grid.put("planned_hours", "0").put("available_hours", "0")


def _all_open(grids: Grids) -> Grids:
    return {**grids, "order_lines": grids["order_lines"].put("delivered_on", "").put("delivered_quantity", "")}


def _own_families(grids: Grids) -> Grids:
    items = grids["items"]
    for i, item in enumerate(items.column("item_id")):
        items = items.put("family", f"Family of {item}", (i,))
    return {**grids, "items": items}


def _renamed_family(grids: Grids) -> Grids:
    return {
        n: g.put("family", lambda text: "All" if text else text)
        if "family" in g.header and n not in ("function_plans", "financials")
        else g
        for n, g in grids.items()
    }


def _too_early(copy: Copy) -> Expected:
    return Refused("as of 1999-01-01", "no cycle on or before this date", "--as-of")


def _no_day(day: str) -> Callable[[Copy], Expected]:
    return lambda copy: Refused(f"as of '{day}'", "expected a date as YYYY-MM-DD")
