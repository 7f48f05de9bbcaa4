"""A made-up client of any size, written as Parquet by DuckDB: the same numbers give the same rows.

python -m tests.benchmarks.client DIR --items 20000 --cycles 60

Nothing is wrong with this client; it is there for its size. Every value comes from a hash of its keys, so that neither
threads nor the order of rows change anything.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb

START = "2021-01-01"
FAMILIES, RESOURCES, SUPPLIERS = 40, 24, 300
HORIZON = 17
PLAN_HORIZON = 6


@dataclass(frozen=True)
class Size:
    """Items and monthly cycles, and the rows of the tables that grow with the business."""

    items: int
    cycles: int
    order_lines: int
    purchase_orders: int
    production_orders: int

    @classmethod
    def of(cls, items: int, cycles: int) -> Size:
        """A business in proportion: per item and cycle some four order lines, two receipts, one production order."""
        cells = items * cycles
        return cls(items, cycles, cells * 25 // 6, cells * 5 // 3, cells * 5 // 6)


def write_client(folder: Path, size: Size) -> None:
    """Write every table of the client below `folder`, one Parquet file a table, and its settings."""
    folder.mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as connection:
        connection.execute(_MACROS)
        for name, query in _tables(size):
            target = str(folder / f"{name}.parquet").replace("'", "''")
            connection.execute(f"copy ({query}) to '{target}' (format parquet)")
    (folder / "settings.yaml").write_text(
        "client: A large client\ncritical_families: [F00, F01, F02]\ncritical_resources: [R00, R01]\n"
    )


_MACROS = f"""
create macro u(a, b) as (hash(a, b) % 1000003) / 1000003.0;
create macro bell(a, b) as (u(a, b) + u(b, a) + u(a, concat(b, 'x')) - 1.5) * 2;
create macro month(n) as (date '{START}' + to_months(n::int))::date;
create macro item(n) as printf('I%06d', n);
create macro base(i) as round(40 + 400 * pow(u(i, 'base'), 4));
create macro season(m) as 1 + 0.15 * sin(m * 0.5235987756);
create macro demand(i, m) as greatest(0, base(i) * season(m) * (1 + 0.25 * bell(i, m)));
"""


def _tables(size: Size) -> Iterator[tuple[str, str]]:
    items, cycles, days = size.items, size.cycles, size.cycles * 30
    months, made = f"range(0, {cycles}) t(m)", f"range(0, {items}) i(n)"
    yield (
        "items",
        f"""select item(n) item_id, printf('F%02d', n % {FAMILIES}) family, ['A', 'B', 'C'][1 + n % 3] abc_class,
        n % {FAMILIES} < 3 is_critical, 2.0 + n % 17 unit_cost, 4.0 + n % 23 unit_price,
        0.02 standard_hours_per_unit, printf('R%02d', n % {FAMILIES} % {RESOURCES}) primary_resource_id,
        printf('V%03d', n % {SUPPLIERS}) supplier_id, 50.0 lot_size from {made}""",
    )
    yield (
        "forecast_snapshots",
        f"""select month(m) cycle, item(n) item_id, month(m + h) period,
        round(greatest(0, base(n) * season(m + h) * (1 + 0.02 * sqrt(h + 1) * bell(n, m * 100 + h)))) quantity
        from {made}, {months}, range(0, {HORIZON}) l(h)""",
    )
    yield (
        "order_lines",
        f"""with raw as (select k, (hash(k, 'item') % {items})::int n, (hash(k, 'day') % {days})::int d
        from range(0, {size.order_lines}) o(k)),
        dated as (select *, (date '{START}' + d)::date requested from raw)
        select printf('O%08d', k) order_id, '1' line_id, item(n) item_id, printf('C%04d', k % 2500) customer_id,
        requested - 10 ordered_on, requested requested_on, requested promised_on,
        requested + (case when u(k, 'late') < 0.04 then 3 else 0 end)::int delivered_on,
        1 + round(base(n) / 4 * (0.5 + u(k, 'size'))) ordered_quantity,
        1 + round(base(n) / 4 * (0.5 + u(k, 'size'))) delivered_quantity, u(k, 'rush') < 0.02 expedited,
        case when u(k, 'rush') < 0.02 then 40.0 end expedite_cost from dated""",
    )
    yield (
        "production_plan_snapshots",
        f"""select month(m) cycle, printf('R%02d', n % {FAMILIES} % {RESOURCES}) resource_id, item(n) item_id,
        month(m + h) period, round(base(n) * season(m + h) * (1 + 0.02 * bell(n, m * 100 + h))) quantity,
        round(base(n) * season(m + h)) * 0.02 as hours
        from {made}, {months}, range(0, {PLAN_HORIZON}) l(h) where n % 10 = 0""",
    )
    yield (
        "production_orders",
        f"""with raw as (select k, (hash(k, 'make') % {items})::int n, (hash(k, 'start') % {days})::int d
        from range(0, {size.production_orders}) o(k))
        select printf('P%08d', k) production_order_id, printf('R%02d', n % {FAMILIES} % {RESOURCES}) resource_id,
        item(n) item_id, (date '{START}' + d)::date planned_start, (date '{START}' + d + 1)::date planned_finish,
        (date '{START}' + d)::date actual_start, (date '{START}' + d + 1)::date actual_finish,
        base(n) planned_quantity, round(base(n) * (0.97 + 0.05 * u(k, 'made'))) actual_quantity, d as planned_sequence,
        d + (case when u(k, 'swap') < 0.05 then 1 else 0 end)::int actual_sequence,
        base(n) * 0.02 standard_hours, base(n) * 0.02 * (0.95 + 0.1 * u(k, 'hours')) actual_hours, 0.5 setup_hours,
        case when u(k, 'over') < 0.02 then 1.0 else 0.0 end overtime_hours from raw""",
    )
    yield (
        "resources",
        (
            f"select printf('R%02d', n) resource_id, printf('Line %d', n) as name, 'line' kind, n < 2 is_constraint "
            f"from range(0, {RESOURCES}) r(n)"
        ),
    )
    yield (
        "capacity",
        f"""select printf('R%02d', n) resource_id, month(m) period, {items} / {RESOURCES} * 3.0 planned_hours,
        40.0 planned_overtime_hours, {items} / {RESOURCES} * 3.0 * (0.98 + 0.03 * u(n, m)) available_hours
        from range(0, {RESOURCES}) r(n), {months}""",
    )
    yield (
        "purchase_orders",
        f"""with raw as (select k, (hash(k, 'buy') % {items})::int n, (hash(k, 'placed') % {days})::int d
        from range(0, {size.purchase_orders}) o(k)),
        dated as (select *, (date '{START}' + d)::date placed from raw)
        select printf('B%08d', k) purchase_order_id, '1' line_id, item(n) item_id,
        printf('V%03d', n % {SUPPLIERS}) supplier_id, placed ordered_on, placed + 30 due_on, placed + 32 needed_on,
        30 planned_lead_time_days, placed + 30 + (round(4 * bell(k, 'lead')))::int received_on,
        base(n) ordered_quantity, base(n) received_quantity, 2.0 + n % 17 unit_price, u(k, 'push') < 0.02 expedited,
        case when u(k, 'push') < 0.02 then 60.0 end expedite_cost from dated""",
    )
    yield (
        "suppliers",
        (
            f"select printf('V%03d', n) supplier_id, printf('Vendor %d', n) as name, 30 planned_lead_time_days "
            f"from range(0, {SUPPLIERS}) s(n)"
        ),
    )
    yield (
        "inventory_snapshots",
        f"""select month(m) period, item(n) item_id, printf('W%d', w) location_id,
        round(greatest(0, base(n) * (1 + 0.5 * bell(n * 4 + w, m)))) on_hand, round(base(n) * 0.4) safety_stock
        from {made}, {months}, range(0, 3) l(w) where w < 2 + n % 2""",
    )
    yield (
        "compensation_costs",
        f"""select month(m) period, ['overtime', 'expedite_freight', 'premium_purchase'][1 + k] kind,
        round(500 * (1 + u(m * 10 + k, f))) amount, printf('F%02d', f) family
        from {months}, range(0, 3) c(k), range(0, {FAMILIES}) g(f)""",
    )
    yield (
        "financials",
        f"""select month(m) period, printf('F%02d', f) family, 900000.0 revenue, 500000.0 cost_of_goods_sold
        from {months}, range(0, {FAMILIES}) g(f)""",
    )
    yield (
        "function_plans",
        f"""select month(m) cycle, ['sales', 'operations', 'finance'][1 + w] function, printf('F%02d', f) family,
        month(m + h) period, round(60000 * season(m + h) * (1 + 0.02 * bell(f * 10 + w, m * 100 + h))) quantity
        from {months}, range(0, 3) v(w), range(0, {FAMILIES}) g(f), range(0, 6) l(h)""",
    )
    yield (
        "decisions",
        f"""select printf('D%04d', m * 8 + k) decision_id, month(m) cycle, printf('F%02d', k) family,
        month(m) + 5 raised_on, month(m) + 9 decided_on, 's_and_op' forum, 'decided' status, true executed
        from {months}, range(0, 8) c(k)""",
    )


def main() -> None:
    """Write a client of the size asked for."""
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("folder", type=Path)
    ask.add_argument("--items", type=int, default=20_000)
    ask.add_argument("--cycles", type=int, default=60)
    asked = ask.parse_args()
    write_client(asked.folder, Size.of(asked.items, asked.cycles))


if __name__ == "__main__":
    main()
