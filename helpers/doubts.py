"""What was sent and cannot be believed: histories that were overwritten, and columns that nobody keeps.

Such evidence looks spotless: a plan that never moved, a promise that was always kept. It counts as not sent, so that
nothing is cleared by it, and the reason says what to ask for.
"""

from __future__ import annotations

from collections.abc import Callable

import ibis.expr.types as ir

from helpers.engines import Engine

Open = Callable[[str], ir.Table]
Sent = Callable[[str], bool]

SNAPSHOTS = {
    "forecast_snapshots": ("item_id", "location_id", "stage"),
    "production_plan_snapshots": ("item_id", "resource_id"),
}
PROMISED, DELIVERED = "order_lines.promised_on", "order_lines.delivered_on"
BUFFERS = "inventory_snapshots.safety_stock"
DEMAND = ("actual_demand", "order_lines")
DOUBTED = (*SNAPSHOTS, PROMISED, BUFFERS)

FEWEST_CYCLES = 7  # six pairs of snapshots
FEWEST_CELLS = 200
FEWEST_LINES = 30
FIRST_ITEMS = 20  # a number that moved among these shows that the history is kept: the rest need not be looked at


def doubts(engine: Engine, sent: Sent, table: Open) -> dict[str, str]:
    """Tables and `table.column`s that count as not sent, with the reason in words; from the extract as read."""
    found = {name: _overwritten(name) for name in SNAPSHOTS if sent(name) and _never_moves(engine, name, table(name))}
    if sent(PROMISED) and sent(DELIVERED) and _always_kept(engine, table("order_lines")):
        found[PROMISED] = (
            "promised_on equals delivered_on in every delivered line: it looks as if the delivery overwrote the "
            "promise; ask for the first promise"
        )
    if sent(BUFFERS) and any(map(sent, DEMAND)) and _all_zero(engine, table("inventory_snapshots").safety_stock):
        found[BUFFERS] = (
            "safety_stock is 0 in every row of inventory_snapshots: it looks as if nobody keeps it there; ask for the "
            "safety stocks that were in force"
        )
    return found


def _overwritten(name: str) -> str:
    what = name.removesuffix("_snapshots").replace("_", " ")
    return (
        f"{what} snapshots never differ: it looks as if one version overwrote the others; ask for the snapshots as "
        "they were published"
    )


def _never_moves(engine: Engine, name: str, rows: ir.Table) -> bool:
    """Whether no number changed in any cycle although numbers differ from period to period."""
    if engine.value(rows.cycle.nunique()) < FEWEST_CYCLES:
        return False
    first = rows.select("item_id").distinct().order_by("item_id").limit(FIRST_ITEMS)
    return not _moves(engine, name, rows.semi_join(first, "item_id"))[0] and _is_still(*_moves(engine, name, rows))


def _is_still(moved: int, compared: int) -> bool:
    return not moved and compared >= FEWEST_CELLS


def _moves(engine: Engine, name: str, rows: ir.Table) -> tuple[int, int]:
    """How many targets moved between cycles, and how many numbers could be compared where periods differ at all."""
    by = SNAPSHOTS[name]
    targets = rows.group_by(*by, "period").aggregate(
        low=rows.quantity.min(), high=rows.quantity.max(), again=rows.count() - 1
    )
    lines = targets.group_by(*by).aggregate(
        moved=(targets.low < targets.high).sum(),
        compared=targets.again.sum(),
        varies=targets.low.min() < targets.high.max(),
    )
    counted = lines.aggregate(moved=lines.moved.sum(), compared=lines.compared.sum(where=lines.varies))
    row = engine.frame(counted).fillna(0).iloc[0]
    return int(row["moved"]), int(row["compared"])


def _always_kept(engine: Engine, lines: ir.Table) -> bool:
    both = lines.filter(lines.promised_on.notnull(), lines.delivered_on.notnull())
    counted = both.aggregate(lines=both.count(), other=(both.promised_on != both.delivered_on).sum())
    row = engine.frame(counted).fillna(0).iloc[0]
    return int(row["lines"]) >= FEWEST_LINES and not int(row["other"])


def _all_zero(engine: Engine, column: ir.Column) -> bool:
    value = engine.value(column.cast("float64").abs().max())
    return value is not None and value == 0
