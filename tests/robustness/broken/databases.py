"""Parquet and DuckDB files: columns of other types, values that only types can hold, files that are none."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from tests.robustness.broken import count
from tests.robustness.broken.case import CELL, Case, Expected, Fate, Fault, Refused, Taken, gone, whole
from tests.robustness.broken.cells import SOME, UNKNOWN
from tests.robustness.broken.client import Copy
from tests.robustness.broken.grid import Grid
from tests.robustness.broken.workbooks import typed_cells

DATABASE = "client.duckdb"
INFINITE, NAN, HUGE = float("inf"), float("nan"), 1e300


def cases() -> Iterator[Case]:
    """What a typed file can do to a table, and a database to a client."""
    yield Case("parquet/typed", _parquet(), ("order_lines",))
    yield Case("parquet/everything text", _parquet(_texts), ("order_lines",))
    yield Case(
        "parquet/dates with a clock",
        _parquet(lambda table: _cast(table, "ordered_on", pa.timestamp("us"))),
        ("order_lines",),
    )
    yield Case(
        "parquet/dates with a time zone",
        _parquet(lambda table: _cast(table, "ordered_on", pa.timestamp("us", "UTC"))),
        ("order_lines",),
    )
    yield Case(
        "parquet/decimals",
        _parquet(lambda table: _cast(table, "ordered_quantity", pa.decimal128(18, 3))),
        ("order_lines",),
    )
    yield Case(
        "parquet/whole numbers", _parquet(lambda table: _cast(table, "ordered_quantity", pa.int64())), ("order_lines",)
    )
    yield Case("parquet/categories", _parquet(lambda table: _coded(table, "customer_segment")), ("order_lines",))
    yield Case(
        "parquet/bytes in place of text",
        _parquet(lambda table: _cast(table, "customer_id", pa.binary())),
        ("order_lines",),
    )
    yield Case("parquet/a column of another kind beside", _parquet(_nested), ("order_lines",))
    yield Case("parquet/identifiers as numbers", _numeric_ids, ("order_lines",))
    yield Case("parquet/values that are no numbers", _odd(NAN, "required, and empty"), ("inventory_snapshots",))
    yield Case("parquet/infinite values", _odd(INFINITE, "not a number"), ("inventory_snapshots",))
    yield Case("parquet/huge values", _odd(HUGE, "not a number"), ("inventory_snapshots",))
    yield Case("parquet/negative values", _odd(-4.0, "below 0"), ("inventory_snapshots",))
    yield Case("parquet/missing values", _odd(None, "required, and empty"), ("inventory_snapshots",))
    yield Case("parquet/infinite optional values", _odd_optional, ("inventory_snapshots",))
    yield Case("parquet/no rows", _no_rows, ("order_lines",))
    yield Case("parquet/a required column missing", _column_missing, ("order_lines",))
    yield Case("parquet/two columns that differ in case", _twins, ("order_lines",))
    yield Case("duckdb/all tables", _database(), None, data=DATABASE)
    yield Case("duckdb/views", _views, None, data=DATABASE)
    yield Case("duckdb/tables beside files", _beside, ("capacity",))
    yield Case("duckdb/a table that is there as a file too", _twice, ("capacity",))
    yield Case("duckdb/no table of the contract", _strangers, (), data=DATABASE)
    yield Case("duckdb/no table at all", _empty, (), data=DATABASE)
    yield Case("duckdb/a table without rows", _empty_table, None, data=DATABASE)
    yield Case("duckdb/a required column missing", _database_column, None, data=DATABASE)
    yield Case("duckdb/another table, as mapped", _mapped, ("capacity",))
    yield Case("duckdb/a table that is not there, as mapped", _lost, ("capacity",))
    yield _bad("no bytes", b"")
    yield _bad("noise", bytes(range(256)) * 64)
    yield _bad("text", b"item_id,family\n1,2\n")
    yield _bad("cut off", None)
    yield Case(
        "duckdb/not there", lambda copy: Refused(DATABASE, "no such folder or file", "--data"), (), data=DATABASE
    )
    yield Case("duckdb/noise beside the files", _noise_beside, ("capacity",))
    yield Case("duckdb/a folder in its place", _folder, (), data=DATABASE)
    yield Case("sqlite/tables beside files", _sqlite, ("capacity",))
    yield Case("sqlite/cut off", _sqlite_cut, ("capacity",))


def _arrow(copy: Copy, table: str, grid: Grid | None = None) -> pa.Table:
    grid = copy.grid(table) if grid is None else grid
    columns = zip(*typed_cells(table, grid), strict=True)
    return pa.table([pa.array(list(column)) for column in columns], names=list(grid.header))


def _save(copy: Copy, table: str, rows: pa.Table) -> None:
    (copy.folder / f"{table}.csv").unlink()
    path = copy.folder / f"{table}.parquet"
    pq.write_table(rows, path)
    copy.counts[table] = lambda: count.parquet(path)


def _parquet(change: Callable[[pa.Table], pa.Table] | None = None) -> Callable[[Copy], Expected]:
    """The same table in Parquet, in whatever types: read alike."""

    def changed(copy: Copy) -> Expected:
        rows = _arrow(copy, "order_lines")
        _save(copy, "order_lines", change(rows) if change else rows)
        return Taken({"order_lines": Fate(copy.grid("order_lines"))})

    return changed


def _cast(rows: pa.Table, column: str, kind: pa.DataType) -> pa.Table:
    return rows.set_column(rows.schema.get_field_index(column), column, rows.column(column).cast(kind))


def _texts(rows: pa.Table) -> pa.Table:
    for name in rows.column_names:
        kind = rows.schema.field(name).type
        rows = _cast(rows, name, pa.string()) if kind != pa.null() else rows
    return rows


def _coded(rows: pa.Table, column: str) -> pa.Table:
    return rows.set_column(rows.schema.get_field_index(column), column, rows.column(column).dictionary_encode())


def _nested(rows: pa.Table) -> pa.Table:
    return rows.append_column("tags", pa.array([["a", "b"]] * rows.num_rows))


def _numeric_ids(copy: Copy) -> Expected:
    rows = _arrow(copy, "order_lines")
    _save(copy, "order_lines", _cast(rows, "item_id", pa.int64()))
    return Taken({"order_lines": whole("none of its rows can be used", UNKNOWN)})


def _odd(value: float | None, rule: str) -> Callable[[Copy], Expected]:
    def change(copy: Copy) -> Expected:
        grid = copy.grid("inventory_snapshots")
        _put(copy, "on_hand", value)
        faults = tuple(Fault(i + 1, "on_hand", rule) for i in SOME)
        return Taken({"inventory_snapshots": Fate(grid.without(SOME), faults)})

    return change


def _odd_optional(copy: Copy) -> Expected:
    grid = copy.grid("inventory_snapshots")
    _put(copy, "safety_stock", INFINITE)
    faults = tuple(Fault(i + 1, "safety_stock", "not a number", CELL) for i in SOME)
    return Taken({"inventory_snapshots": Fate(grid.put("safety_stock", "", SOME), faults)})


def _put(copy: Copy, column: str, value: float | None) -> None:
    """The same value in some rows of the stock, whatever stood there."""
    rows = _arrow(copy, "inventory_snapshots")
    cells = [value if i in SOME else cell for i, cell in enumerate(rows.column(column).to_pylist())]
    place = rows.schema.get_field_index(column)
    _save(copy, "inventory_snapshots", rows.set_column(place, column, pa.array(cells, pa.float64())))


def _no_rows(copy: Copy) -> Expected:
    _save(copy, "order_lines", _arrow(copy, "order_lines").slice(0, 0))
    return Taken({"order_lines": gone()}, says=("order_lines.parquet holds no rows; counted as not sent",))


def _column_missing(copy: Copy) -> Expected:
    _save(copy, "order_lines", _arrow(copy, "order_lines").drop_columns(["requested_on"]))
    return Taken({"order_lines": whole("order_lines.parquet", "required column requested_on is missing")})


def _twins(copy: Copy) -> Expected:
    rows = _arrow(copy, "order_lines")
    _save(copy, "order_lines", rows.append_column("ORDERED_QUANTITY", rows.column("ordered_quantity")))
    return Taken({"order_lines": whole("order_lines.parquet", "two columns are named 'ordered_quantity'")})


def _fill(copy: Copy, *tables: str, name: str = DATABASE, prefix: str = "") -> Path:
    """A database of some tables in place of their files."""
    path = copy.folder / name
    with duckdb.connect(str(path)) as con:
        for table in tables:
            con.register("arriving", _arrow(copy, table))
            con.execute(f'CREATE TABLE "{prefix}{table}" AS SELECT * FROM arriving')
            con.unregister("arriving")
    for table in tables:
        copy.remove(table)
        copy.counts[table] = lambda table=table: count.database(path, prefix + table)  # type: ignore[misc]
    return path


def _database(*tables: str) -> Callable[[Copy], Expected]:
    def change(copy: Copy) -> Expected:
        chosen = tables or tuple(copy.tables)
        _fill(copy, *chosen)
        return Taken({table: Fate(copy.grid(table)) for table in chosen})

    return change


def _views(copy: Copy) -> Expected:
    """A view is as good as a table."""
    tables = tuple(copy.tables)
    path = _fill(copy, *tables, prefix="raw_")
    with duckdb.connect(str(path)) as con:
        for table in tables:
            con.execute(f'CREATE VIEW "{table}" AS SELECT * FROM "raw_{table}"')
    return Taken({table: Fate(copy.grid(table)) for table in tables})


def _beside(copy: Copy) -> Expected:
    _fill(copy, "capacity")
    return Taken({"capacity": Fate(copy.grid("capacity"))})


def _twice(copy: Copy) -> Expected:
    _fill(copy, "capacity")
    copy.write("capacity")
    return Refused("capacity: found twice", "capacity.csv", f"{DATABASE} [capacity]", "Remove one of them")


def _strangers(copy: Copy) -> Expected:
    _fill(copy, *copy.tables, prefix="tbl_")
    return Refused("the table items was not found", "a sheet or database table named items")


def _empty(copy: Copy) -> Expected:
    duckdb.connect(str(copy.folder / DATABASE)).close()
    return Refused("the table items was not found")


def _empty_table(copy: Copy) -> Expected:
    tables = tuple(copy.tables)
    path = _fill(copy, *tables)
    with duckdb.connect(str(path)) as con:
        con.execute("DELETE FROM capacity")
    fates = {table: Fate(copy.grid(table)) for table in tables if table != "capacity"}
    return Taken({**fates, "capacity": gone()}, says=(f"capacity: {DATABASE} [capacity] holds no rows",))


def _database_column(copy: Copy) -> Expected:
    tables = tuple(copy.tables)
    path = _fill(copy, *tables)
    with duckdb.connect(str(path)) as con:
        con.execute("ALTER TABLE capacity RENAME planned_hours TO planned_hrs")
    fates = {table: Fate(copy.grid(table)) for table in tables if table != "capacity"}
    reason = whole(f"{DATABASE} [capacity]", "planned_hours is missing", "'planned_hrs'")
    return Taken({**fates, "capacity": reason})


def _mapped(copy: Copy) -> Expected:
    _fill(copy, "capacity", prefix="v_")
    copy.mapped("capacity", table="v_capacity")
    return Taken({"capacity": Fate(copy.grid("capacity"))})


def _lost(copy: Copy) -> Expected:
    _fill(copy, "capacity", prefix="v_")
    copy.mapped("capacity", table="capacities")
    return Refused("tables.capacity", DATABASE, "'capacities'", "Found v_capacity")


def _bad(name: str, content: bytes | None) -> Case:
    def change(copy: Copy) -> Expected:
        path = _fill(copy, "capacity")
        whole_file = path.read_bytes()
        path.write_bytes(whole_file[: len(whole_file) // 3] if content is None else content)
        return Refused(DATABASE, "the database cannot be opened", "take it out of the data folder")

    return Case(f"duckdb/{name}", change, ("capacity",), data=DATABASE)


def _noise_beside(copy: Copy) -> Expected:
    copy.raw(DATABASE, bytes(range(256)) * 64)
    return Refused(DATABASE, "the database cannot be opened", "take it out of the data folder")


def _folder(copy: Copy) -> Expected:
    (copy.folder / DATABASE).mkdir()
    return Refused("the table items was not found")


def _sqlite(copy: Copy) -> Expected:
    import sqlite3
    from contextlib import closing

    grid = copy.grid("capacity")
    path = copy.folder / "client.sqlite"
    names = ", ".join(grid.header)
    with closing(sqlite3.connect(path)) as con, con:
        con.execute(f"CREATE TABLE capacity ({names})")
        con.executemany(f"INSERT INTO capacity VALUES ({', '.join('?' * len(grid.header))})", grid.rows)
    copy.remove("capacity")
    copy.counts["capacity"] = lambda: len(grid)
    return Taken({"capacity": Fate(grid)})


def _sqlite_cut(copy: Copy) -> Expected:
    _sqlite(copy)
    path = copy.folder / "client.sqlite"
    path.write_bytes(path.read_bytes()[:700])
    return Refused("client.sqlite", "cannot be")
