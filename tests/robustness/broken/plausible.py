"""Tables in which every cell can be read, and which say what is not so."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator

from tests.robustness.broken.case import Case, Expected, Fate, Fault, Taken
from tests.robustness.broken.cells import line
from tests.robustness.broken.client import Copy
from tests.robustness.broken.grid import Grid

# Of each table with total rows: what names its parts, what adds up, and within which columns.
ADDED_UP = {
    "compensation_costs": ("family", ("amount",), ("period", "kind")),
    "financials": ("family", ("revenue", "cost_of_goods_sold", "gross_margin"), ("period",)),
    "function_plans": ("family", ("quantity",), ("cycle", "function", "period", "version")),
    "capacity": ("resource_id", ("planned_hours", "planned_overtime_hours", "available_hours"), ("period",)),
}
# Of each history what a target is told by, and what was known of it.
HISTORIES = {
    "forecast_snapshots": (("item_id", "period", "stage"), ("quantity",)),
    "production_plan_snapshots": (("item_id", "resource_id", "period"), ("quantity", "hours")),
}


def cases() -> Iterator[Case]:
    """Totals among their parts, by table; then what is left of a table; then names."""
    for table, (name, _, _) in ADDED_UP.items():
        yield Case(f"plausible/{table} with a total in each period", _totals(table, "Total"), _with_known(table))
        if name == "family" and table != "function_plans":
            yield Case(f"plausible/{table} with a total that has no name", _totals(table, ""), _with_known(table))
    yield Case("plausible/compensation_costs mostly unread", _few_costs, ("compensation_costs",))
    for table, (by, amounts) in HISTORIES.items():
        yield Case(f"plausible/{table} overwritten by the last ones", _overwritten(table, by, amounts), (table,))
    yield Case("plausible/promises overwritten by deliveries", _promises, ("order_lines",))
    yield Case("plausible/safety stocks of 0", _no_buffers, ("inventory_snapshots",))
    yield Case("plausible/deliveries that lie ahead", _ahead, ("order_lines",))
    yield Case("plausible/a family that no item is of", _other_family, ("financials",))


def _with_known(table: str) -> tuple[str, ...]:
    """What tells names of its own from totals lies beside the table."""
    return (table, "production_orders") if table == "capacity" else (table,)


def _totals(table: str, called: str) -> Callable[[Copy], Expected]:
    """Each is set aside, for its parts are used; where nothing stands beside it, it is used."""

    def change(copy: Copy) -> Expected:
        name, amounts, within = ADDED_UP[table]
        grid = copy.grid(table)
        grid = grid.without(grid.where(name, lambda text: not text))
        parts = _parted(grid, within)
        rows = [
            grid.row(**dict(zip(within, key, strict=True)), **{name: called}, **_sums(grid.keep(at), amounts))
            for key, at in parts.items()
        ]
        copy.write(table, grid.add(*rows))
        faults = tuple(Fault(line(len(grid) + i), name, "total row", value=called) for i in range(len(rows)))
        return Taken({table: Fate(grid, faults)})

    return change


def _parted(grid: Grid, within: tuple[str, ...]) -> dict[tuple[str, ...], list[int]]:
    parts: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for place, key in enumerate(zip(*map(grid.column, within), strict=True)):
        parts[key].append(place)
    return parts


def _sums(grid: Grid, amounts: tuple[str, ...]) -> dict[str, str]:
    return {name: f"{sum(float(text or 0) for text in grid.column(name)):.2f}" for name in amounts}


def _few_costs(copy: Copy) -> Expected:
    """Three of four amounts are no numbers: what is left is not what was spent, so that no money is said."""
    grid = copy.grid("compensation_costs")
    broken = [i for i in range(len(grid)) if i % 4]
    copy.write("compensation_costs", grid.put("amount", "see attachment", broken))
    faults = tuple(Fault(line(i), "amount", "not a number") for i in broken)
    return Taken({"compensation_costs": Fate(grid.without({*broken}), faults)})


def _overwritten(table: str, by: tuple[str, ...], amounts: tuple[str, ...]) -> Callable[[Copy], Expected]:
    """Every version carries the last number of its target. All rows are used, and nothing is stable because of it."""

    def change(copy: Copy) -> Expected:
        grid = copy.grid(table)
        places = sorted(range(len(grid)), key=grid.column("cycle").__getitem__)
        targets = list(zip(*map(grid.column, by), strict=True))
        for name in amounts:
            last = {targets[i]: grid.column(name)[i] for i in places}
            grid = grid.drop(name).extend(name, [last[target] for target in targets])
        copy.write(table, grid)
        return Taken({table: Fate(grid)})

    return change


def _promises(copy: Copy) -> Expected:
    """No line is on time because its promise is the day it came."""
    grid = copy.grid("order_lines")
    came = grid.column("delivered_on")
    promised = [day or promise for day, promise in zip(came, grid.column("promised_on"), strict=True)]
    grid = grid.drop("promised_on").extend("promised_on", promised)
    copy.write("order_lines", grid)
    return Taken({"order_lines": Fate(grid)})


def _no_buffers(copy: Copy) -> Expected:
    """A column that nobody keeps: buffers that are 0 do not creep."""
    grid = copy.grid("inventory_snapshots").put("safety_stock", "0")
    copy.write("inventory_snapshots", grid)
    return Taken({"inventory_snapshots": Fate(grid)})


def _ahead(copy: Copy) -> Expected:
    """A placeholder for a line that is open: it is not known yet, and so the line is not delivered."""
    grid = copy.grid("order_lines")
    grid = grid.put("delivered_on", "2099-12-31", range(0, len(grid), 50))
    copy.write("order_lines", grid)
    return Taken({"order_lines": Fate(grid)})


def _other_family(copy: Copy) -> Expected:
    """A name alone is accepted; `check` says that no item is of it."""
    grid = copy.grid("financials").put("family", "Desert")
    copy.write("financials", grid)
    return Taken({"financials": Fate(grid)})
