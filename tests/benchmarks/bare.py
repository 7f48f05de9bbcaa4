"""The bare pass: one grouped query a table over the columns that a diagnosis reads, by place and month.

Numbers are added up, flags counted, of dates the last is taken, of texts the length. The columns are those that the
engine's plans name for the queries of a diagnosis of this client; tables of a few hundred rows are left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb

from helpers import contract


@dataclass(frozen=True)
class Pass:
    """A table, what it is grouped by (a column, or the family of the item), the date of its month, the columns."""

    table: str
    place: str
    month: str
    columns: str


# Counting alone would not do: where nothing is missing DuckDB counts rows and leaves the column unread.
REDUCED = {
    "number": "sum({})",
    "count": "sum({})",
    "flag": "count_if({})",
    "date": "max({})",
    "bucket": "max({})",
    "text": "sum(strlen({}))",
}
PASSES = (
    Pass("forecast_snapshots", "family", "period", "cycle item_id location_id stage quantity rule_id"),
    Pass(
        "order_lines",
        "family",
        "requested_on",
        "item_id location_id customer_id customer_segment ordered_on promised_on delivered_on ordered_quantity "
        "delivered_quantity expedited expedite_cost",
    ),
    Pass(
        "purchase_orders",
        "supplier_id",
        "due_on",
        "purchase_order_id line_id item_id location_id ordered_on needed_on planned_lead_time_days rescheduled_due_on "
        "received_on ordered_quantity received_quantity unit_price standard_price expedited expedite_cost reschedules",
    ),
    Pass(
        "production_orders",
        "resource_id",
        "planned_start",
        "item_id planned_finish actual_start actual_finish planned_quantity actual_quantity planned_sequence "
        "actual_sequence standard_hours actual_hours setup_hours queue_hours overtime_hours",
    ),
    Pass("inventory_snapshots", "family", "period", "item_id location_id on_hand safety_stock"),
    Pass("production_plan_snapshots", "resource_id", "period", "cycle item_id quantity hours"),
)


def bare_pass(store: Path) -> int:
    """Every query, its rows fetched; returns how many there were."""
    with duckdb.connect() as connection:
        return sum(len(connection.execute(_query(store, one)).fetchall()) for one in PASSES)


def _query(store: Path, one: Pass) -> str:
    cells = ", ".join(_reduced(one.table, name) for name in one.columns.split())
    items = f"join '{store / 'items.parquet'}' using (item_id)" if one.place == "family" else ""
    rows = f"'{store / one.table}.parquet' as read {items}"
    return f"select {one.place}, date_trunc('month', {one.month}), {cells} from {rows} group by all"


def _reduced(table: str, name: str) -> str:
    form = REDUCED[contract.table(table).column(name).type]
    return form.format(f"read.{name}")
