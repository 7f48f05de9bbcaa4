"""Rows that break a rule are judged in a database as they are in files: used, set aside, emptied, listed."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from helpers.errors import Unusable
from helpers.intake import take_in
from helpers.intake.database import take_in_database
from helpers.manifest import Manifest
from helpers.place import parse
from helpers.report.rejected import rejected
from helpers.settings import Settings
from tests.engines.servers import needs_postgresql, needs_spark, postgresql, spark_connect

FAMILIES = ("Bread", "Milk", "Cheese")
MAPPED = Settings(
    tables={
        "order_lines": {
            "table": "so_items",
            "columns": {"order_id": ["vbeln", "posnr"], "item_id": "matnr", "ordered_quantity": "kwmeng"},
            "where": {"werks": ["1000", 2000]},
            "values": {"customer_segment": {"KA": "key account"}},
            "constants": {"location_id": "north"},
            "factors": {"ordered_quantity": {"by": "meins", "of": {"CAR": 12.0}, "otherwise": 1.0}},
        },
        "actual_demand": {"duplicates": "sum"},
    }
)


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """A client's tables as Parquet, with every kind of fault a typed table can have."""
    folder = tmp_path_factory.mktemp("client")
    for name, rows in client().items():
        pq.write_table(pa.Table.from_pandas(rows, preserve_index=False), folder / f"{name}.parquet")
    return folder


@needs_postgresql
def test_postgresql_sets_the_same_rows_aside(files, tmp_path):
    """As many are read, used, set aside and emptied, and for the same rules; the filled shares are equal."""
    with postgresql() as server:
        server.load("client", {path.stem: pq.read_table(path) for path in files.glob("*.parquet")})
        check(files, tmp_path, server.url("client"))


@needs_spark
def test_spark_sets_the_same_rows_aside(files, tmp_path):
    """The same in a Spark session."""
    check(files, tmp_path, f"spark://local?path={files}")


@needs_spark
def test_spark_connect_sets_the_same_rows_aside(files, tmp_path):
    """The same on a server elsewhere: a client process of its own, for a process has one kind of session."""
    with spark_connect() as address:
        told = ", ".join(f"Path({str(path)!r})" for path in (files, tmp_path))
        imports = "import sys; from pathlib import Path; from tests.engines.test_rows import check"
        code = f"{imports}; check({told}, sys.argv[1])"
        subprocess.run([sys.executable, "-W", "ignore", "-c", code, f"{address}?path={files}"], check=True)


@needs_postgresql
def test_a_role_that_may_only_read_is_enough(files, tmp_path):
    """Nothing is left behind, and nothing but views and tables of the session is made."""
    count = "SELECT count(*) FROM pg_class WHERE relkind IN ('r', 'v')"
    with postgresql() as server:
        server.load("client", {path.stem: pq.read_table(path) for path in files.glob("*.parquet")})
        server.run("CREATE ROLE reader LOGIN", "GRANT USAGE ON SCHEMA client TO reader",
                   "GRANT SELECT ON ALL TABLES IN SCHEMA client TO reader")  # fmt: skip
        before = server.run(count)
        store = take_in_database(parse(server.url("client", "reader")), tmp_path, MAPPED)
        assert len(store.engine.frame(store.table("order_lines"))) > 100
        store.engine.con.close()
        assert server.run(count) == before


@needs_postgresql
@pytest.mark.parametrize(
    ("schema", "settings", "said"),
    [
        ("elsewhere", {"table": "so_items"}, "there is no schema 'elsewhere'. Found client"),
        ("public", {}, "the table items was not found"),
        ("client", {"dates": "%d.%m.%Y"}, "tables.order_lines.dates cannot be followed in a database"),
        ("client", {"duplicates": "last"}, "tables.order_lines.duplicates: last cannot be followed"),
        ("client", {"table": "no_such"}, "holds no single table 'no_such'"),
    ],
    ids=["schema", "items", "dates", "last", "table"],
)
def test_what_a_database_cannot_do_is_said(files, tmp_path, schema, settings, said):
    """In one message, and never passed over."""
    with postgresql() as server:
        server.load("client", {path.stem: pq.read_table(path) for path in files.glob("*.parquet")})
        with pytest.raises(Unusable, match=said):
            take_in_database(parse(server.url(schema)), tmp_path, Settings(tables={"order_lines": settings}))


@needs_postgresql
def test_a_date_kept_as_text_sets_its_table_aside(files, tmp_path):
    """Text is not parsed in a database; the message says which column and what to do."""
    with postgresql() as server:
        server.load("client", {path.stem: pq.read_table(path) for path in files.glob("*.parquet")})
        server.run("ALTER TABLE client.inventory_snapshots ALTER COLUMN period TYPE text")
        store = take_in_database(parse(server.url("client")), tmp_path, MAPPED)

    problem = store.manifest.table("inventory_snapshots").problem
    assert "the column period is of the type string, expected a date for period. Make a view" in problem


def test_a_server_that_does_not_answer_is_named():
    """Where and what to check; no traceback of a driver."""
    with pytest.raises(Unusable, match=r"127.0.0.1:1/acme.*cannot be opened.*Check host, port, name and user"):
        take_in_database(parse("postgresql://me@127.0.0.1:1/acme?schema=x"), Path("nowhere"), Settings())


def check(files: Path, tmp_path: Path, url: str) -> None:
    """What is read from the files and from the database at `url` agrees."""
    from_files = take_in(files, tmp_path / "store", tmp_path / "files", in_files(MAPPED))
    there = take_in_database(parse(url), tmp_path / "database", MAPPED).manifest

    assert counts(there) == counts(from_files)
    assert {t.table: t.filled for t in there.tables} == {t.table: t.filled for t in from_files.tables}
    assert broken(tmp_path / "database") == broken(tmp_path / "files")
    assert sum(t.rows_rejected for t in there.tables) > 50
    assert sum(t.cells_emptied for t in there.tables) > 5
    assert [t.total_rows for t in there.tables if t.total_rows] == [10, 10]


def in_files(settings: Settings) -> Settings:
    """The same mapping for a folder, in which a table is a file."""
    lines = settings.tables["order_lines"].model_copy(update={"table": None, "file": "so_items.parquet"})
    return settings.model_copy(update={"tables": {**settings.tables, "order_lines": lines}})


def counts(manifest: Manifest) -> dict[str, tuple[int, int, int, int, int]]:
    """Rows read, used and set aside, total rows among them, and cells emptied, by table."""
    return {
        t.table: (t.rows_read, t.rows_used, t.rows_rejected, t.total_rows, t.cells_emptied) for t in manifest.tables
    }


def broken(folder: Path) -> dict[tuple[str, str, str], int]:
    """How often each rule was broken; of twins a database lists each key once, a file each line."""
    found: Counter[tuple[str, str, str]] = Counter()
    for fault in rejected(folder):
        if "same" not in fault.rule and "identical" not in fault.rule:
            found[fault.table, fault.column, fault.rule.partition(" (column '")[0]] += fault.count
    return dict(found)


def client() -> dict[str, pd.DataFrame]:
    """Three hundred order lines and a few tables beside, of which about a quarter breaks something."""
    draw = np.random.default_rng(5)
    items = pd.DataFrame({"item_id": [f"A{i}" for i in range(20)], "family": [FAMILIES[i % 3] for i in range(20)]})
    items["abc_class"] = ["a", "B", "X", None] * 5
    items["service_target"] = [0.95, 1.5, np.nan, 0.9] * 5
    items["is_critical"] = ["yes", "NO", "perhaps", None] * 5
    ordered = pd.Timestamp("2024-01-01") + pd.to_timedelta(draw.integers(0, 300, 300), unit="D")
    lines = pd.DataFrame({"vbeln": 1000 + np.arange(300) // 2, "posnr": np.arange(300) % 2, "ordered_on": ordered})
    lines["matnr"] = [f" A{i}" if i < 20 else "unknown" for i in draw.integers(0, 22, 300)]
    lines["requested_on"] = lines["ordered_on"] + pd.Timedelta(days=7)
    lines.loc[::41, "requested_on"] = pd.Timestamp("1753-01-01")  # what some systems write for no date
    lines["delivered_on"] = lines["ordered_on"] + pd.to_timedelta(draw.integers(-2, 30, 300), unit="D")
    lines["kwmeng"] = draw.integers(-5, 100, 300).astype(float)
    lines["meins"] = draw.choice(["CAR", "ST"], 300)
    lines["customer_segment"] = draw.choice(["KA", "small", "", "NULL"], 300)
    lines["werks"] = draw.choice(["1000", "2000", "3000"], 300)
    lines["expedite_cost"] = np.where(draw.random(300) < 0.1, -1.0, 10.0)
    other = lines.head(12).assign(kwmeng=77.0)
    months = pd.date_range("2024-01-01", periods=10, freq="MS")
    grid = pd.MultiIndex.from_product([months, items["item_id"]], names=["period", "item_id"]).to_frame(index=False)
    stock = grid.assign(on_hand=draw.random(200).round(3), safety_stock=draw.random(200).round(3) - 0.1)
    stock.loc[::17, "on_hand"] = np.nan
    demand = pd.concat([grid, grid.assign(period=grid["period"] + pd.Timedelta(days=9))]).assign(quantity=2.5)
    earned = pd.MultiIndex.from_product([months, FAMILIES], names=["period", "family"]).to_frame(index=False)
    earned["revenue"] = draw.integers(100, 900, 30).astype(float)
    spent = earned.rename(columns={"revenue": "amount"}).assign(kind="overtime")
    total = spent.groupby("period", as_index=False)["amount"].sum().assign(family="Total", kind="overtime")
    company = earned.groupby("period", as_index=False)["revenue"].sum().assign(family=None)
    tables = {
        "financials": pd.concat([earned, company], ignore_index=True),
        "compensation_costs": pd.concat([spent, total], ignore_index=True),
        "items": items,
        "so_items": pd.concat([lines, lines.tail(20), other], ignore_index=True),
        "inventory_snapshots": pd.concat([stock, stock.tail(9)], ignore_index=True),
        "actual_demand": demand,
    }
    return {name: _dates(rows) for name, rows in tables.items()}


def _dates(rows: pd.DataFrame) -> pd.DataFrame:
    days = rows.select_dtypes("datetime").columns
    return rows.assign(**{day: rows[day].dt.date for day in days})
