"""Database files whose views read, fetch, load or never end."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import duckdb
import yaml

COLUMNS = "'2024-07-01' AS cycle, '010100' AS item_id, '2024-08-01' AS period"
VIEW = f"CREATE VIEW forecast_snapshots AS SELECT {COLUMNS}, "
Lay = Callable[[Path], None]


def _duckdb(*statements: str) -> Lay:
    def lay(folder: Path) -> None:
        (folder / "demand.csv").write_text("a\n1\n", encoding="utf-8")
        with duckdb.connect(str(folder / "client.duckdb")) as con:
            for statement in statements:
                con.execute(statement)

    return lay


def _sqlite(statement: str) -> Lay:
    def lay(folder: Path) -> None:
        with closing(sqlite3.connect(folder / "client.sqlite")) as con:
            con.execute(statement)
            con.commit()

    return lay


def _named_like_sql(make: Callable[[str], Lay]) -> Lay:
    """A table and a column with SQL for a name, named in the settings as they are."""
    table, column = "x\"; DROP TABLE items; --'", "item\"id'; --"
    quoted = {name: '"' + name.replace('"', '""') + '"' for name in (table, column)}
    rows = COLUMNS.replace("item_id", quoted[column])
    told = {"forecast_snapshots": {"table": table, "columns": {"item_id": column}}}

    def lay(folder: Path) -> None:
        make(f"CREATE TABLE {quoted[table]} AS SELECT {rows}, 5 AS quantity")(folder)
        (folder / "settings.yaml").write_text(yaml.safe_dump({"tables": told}), encoding="utf-8")

    return lay


SHUT, ENDLESS = "cannot be read", "goes on without end"
TOWER = [f"CREATE VIEW v{i} AS SELECT a.* FROM v{i - 1} a, v{i - 1} b" for i in range(1, 12)]
# name, what lays it, a part of the message (none: it is read as what it says), whether it ends in a moment
FILES: tuple[tuple[str, Lay, str, bool], ...] = (
    (
        "a view of /etc/passwd",
        _duckdb(
            f"{VIEW}a AS quantity "
            "FROM read_csv('/etc/passwd', columns={'a': 'VARCHAR'}, header=false, auto_detect=false)"
        ),
        SHUT,
        True,
    ),
    ("a view of a text of the disk", _duckdb(f"{VIEW}content AS quantity FROM read_text('/etc/hostname')"), SHUT, True),
    ("a view that lists the disk", _duckdb(f"{VIEW}file AS quantity FROM glob('/etc/*')"), SHUT, True),
    (
        "a macro of /etc/passwd",
        _duckdb(
            "CREATE MACRO m() AS TABLE SELECT * FROM read_text('/etc/passwd')", f"{VIEW}content AS quantity FROM m()"
        ),
        SHUT,
        True,
    ),
    ("a view without end", _duckdb(f"{VIEW}range AS quantity FROM range(100000000000)"), ENDLESS, False),
    (
        "a tower of views",
        _duckdb(f"CREATE VIEW v0 AS SELECT {COLUMNS}, '5' AS quantity", *TOWER, f"{VIEW}quantity FROM v11"),
        "",
        True,
    ),
    (
        "tables named like SQL",
        _duckdb(
            f"CREATE TABLE forecast_snapshots AS SELECT {COLUMNS}, 5 AS quantity",
            'CREATE TABLE "x""; DROP TABLE items; --" AS SELECT 1 AS a',
            'CREATE TABLE "Robert\'); DROP TABLE items; --" AS SELECT 1 AS a',
        ),
        "",
        True,
    ),
    ("a table and a column named like SQL", _named_like_sql(_duckdb), "", True),
    ("SQLite, a table and a column named like SQL", _named_like_sql(_sqlite), "", True),
    (
        "SQLite, a view without end",
        _sqlite(
            "CREATE VIEW forecast_snapshots AS WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) "
            f"SELECT {COLUMNS}, n AS quantity FROM r"
        ),
        ENDLESS,
        False,
    ),
    ("SQLite, a text of 1 GB", _sqlite(f"{VIEW}zeroblob(1000000000) AS quantity"), SHUT, True),
    ("SQLite, a view that loads a library", _sqlite(f"{VIEW}load_extension('/tmp/x.so') AS quantity"), SHUT, True),
    ("SQLite, a view of a file", _sqlite(f"{VIEW}readfile('/etc/passwd') AS quantity"), SHUT, True),
)
