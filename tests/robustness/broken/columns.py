"""Columns that are missing, misspelt, doubled, swapped, empty or in another order."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from helpers import contract
from tests.robustness.broken.case import Case, Expected, Fate, Fault, Refused, Taken, whole
from tests.robustness.broken.client import Copy
from tests.robustness.broken.grid import Grid

DOUBLED = ("order_lines.ordered_quantity", "forecast_snapshots.quantity", "inventory_snapshots.on_hand")
MISSPELT = {
    "forecast_snapshots.quantity": "quantiy",
    "order_lines.requested_on": "requested on",
    "production_orders.planned_start": "planned_strat",
    "purchase_orders.due_on": "due_date_on",
    "inventory_snapshots.on_hand": "onhand",
    "capacity.planned_hours": "planned_hrs",
    "compensation_costs.amount": "ammount",
    "function_plans.function": "funktion",
    "decisions.raised_on": "raised",
    "suppliers.planned_lead_time_days": "planned_lead_time",
}
OPTIONAL = (
    "items.unit_cost",
    "items.abc_class",
    "items.standard_hours_per_unit",
    "forecast_snapshots.stage",
    "forecast_changes.reason_code",
    "order_lines.promised_on",
    "order_lines.delivered_quantity",
    "order_lines.expedited",
    "production_plan_snapshots.hours",
    "production_orders.overtime_hours",
    "capacity.available_hours",
    "schedule_changes.scheduled_start",
    "purchase_orders.needed_on",
    "purchase_orders.expedited",
    "inventory_snapshots.safety_stock",
    "assumptions.last_validated_on",
    "decisions.forum",
    "events.exogenous",
)


def cases() -> Iterator[Case]:
    """Every required column missing, and what else can happen to columns."""
    for table in contract.TABLES:
        for column in table.required:
            yield _missing(table.name, column)
    for place, name in MISSPELT.items():
        yield _misspelt(place, name)
    for place in DOUBLED:
        yield _doubled(place)
    for place in OPTIONAL:
        yield _without(place)
        yield _emptied(place)
    yield _harmless("upper case", "order_lines", lambda grid: Grid(tuple(map(str.upper, grid.header)), grid.rows))
    yield _harmless(
        "spaces outside", "capacity", lambda grid: Grid(tuple(f"  {name} " for name in grid.header), grid.rows)
    )
    yield _harmless("the other way round", "purchase_orders", _reversed)
    yield _harmless("strangers among them", "decisions", lambda grid: grid.extend("our_note", "x").extend("", ""))
    yield _harmless("a stranger with faults in it", "suppliers", lambda grid: grid.extend("rating", "-1,2;3"))
    yield Case("columns/two columns exchanged", _exchanged, ("order_lines",))
    yield Case("columns/all names lost", _no_names, ("capacity",))
    yield Case("columns/no column of the contract", _foreign, ("events",))


def _missing(table: str, column: str) -> Case:
    """A table without a required column is set aside whole; without items nothing can start."""

    def change(copy: Copy) -> Expected:
        copy.write(table, copy.grid(table).drop(column))
        if table == "items":
            return Refused("items cannot be used", "items.csv", f"required column {column} is missing", "settings.yaml")
        return Taken({table: whole(f"{table}.csv", f"required column {column} is missing", "ask the client for it")})

    return Case(f"columns/{table} without {column}", change, _beside(table))


def _misspelt(place: str, name: str) -> Case:
    table, column = place.split(".")

    def change(copy: Copy) -> Expected:
        copy.write(table, copy.grid(table).rename(column, name))
        return Taken(
            {table: whole(f"column {column} is missing", f"nearest name found is '{name}'", f'{column}: "{name}"')}
        )

    return Case(f"columns/{table} with {name}", change, (table,))


def _doubled(place: str) -> Case:
    """Which of two columns of one name is meant cannot be told."""
    table, column = place.split(".")

    def change(copy: Copy) -> Expected:
        copy.write(table, copy.grid(table).extend(column, "1"))
        return Taken({table: whole(f"{table}.csv", f"two columns are named '{column}'", "Rename one")})

    return Case(f"columns/{table} with two {column}", change, (table,))


def _without(place: str) -> Case:
    table, column = place.split(".")

    def change(copy: Copy) -> Expected:
        grid = _sent_without(copy.grid(table), column)
        copy.write(table, grid)
        return Taken({table: Fate(grid)})

    return Case(f"columns/{table} without the optional {column}", change, (table,))


def _emptied(place: str) -> Case:
    table, column = place.split(".")

    def change(copy: Copy) -> Expected:
        grid = copy.grid(table)
        # an empty stage is the consensus: only that may be left of the table
        grid = _sent_without(grid, column).extend(column) if column == "stage" else grid.put(column, "")
        copy.write(table, grid)
        return Taken({table: Fate(grid)})

    return Case(f"columns/{table} with an empty {column}", change, (table,))


def _sent_without(grid: Grid, column: str) -> Grid:
    if column == "stage":
        grid = grid.keep(grid.where("stage", lambda stage: stage == "consensus"))
    return grid.drop(column)


def _harmless(name: str, table: str, change: Callable[[Grid], Grid]) -> Case:
    def changed(copy: Copy) -> Expected:
        copy.write(table, change(copy.grid(table)))
        return Taken({table: Fate(copy.grid(table))})

    return Case(f"columns/{name}", changed, (table,))


def _reversed(grid: Grid) -> Grid:
    return Grid(grid.header[::-1], tuple(row[::-1] for row in grid.rows))


def _exchanged(copy: Copy) -> Expected:
    """Orders requested on the day they were placed and the other way round: nothing is broken that a rule can see."""
    grid = copy.grid("order_lines")
    swapped = grid.rename("ordered_on", "x").rename("requested_on", "ordered_on").rename("x", "requested_on")
    copy.write("order_lines", swapped)
    late = [i for i, row in enumerate(swapped.rows) if _before(swapped, row)]
    faults = tuple(Fault(i + 2, "delivered_on", "lies before ordered_on") for i in late)
    return Taken({"order_lines": Fate(swapped.without(set(late)), faults)})


def _before(grid: Grid, row: tuple[str, ...]) -> bool:
    delivered, ordered = (row[grid.header.index(name)] for name in ("delivered_on", "ordered_on"))
    return bool(delivered) and delivered < ordered


def _no_names(copy: Copy) -> Expected:
    grid = copy.grid("capacity")
    copy.write("capacity", Grid(grid.rows[0], grid.rows[1:]))
    return Taken({"capacity": whole("required column resource_id is missing", read=len(grid) - 1)})


def _foreign(copy: Copy) -> Expected:
    copy.write("events", Grid(("Nr", "Was", "Wann"), copy.grid("events").keep(range(3)).drop("subject_id").rows))
    return Taken({"events": whole("required column event_id is missing", read=3)})


def _beside(table: str) -> tuple[str, ...]:
    """With actual demand set aside another fact table has to be left."""
    return (table, "order_lines") if table == "actual_demand" else (table,)
