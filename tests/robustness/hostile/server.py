"""SQL in every name that a database server hands to the kit or is handed by it."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import quote

import yaml

from tests.engines.servers import Server, postgresql
from tests.robustness.hostile.kit import Ran, run

SCHEMA = "s\"; DROP SCHEMA kept CASCADE; --'"
ITEMS = "it\"ems'; DROP TABLE kept.x; -- %s $1 <b>"
KEY = "item\"'); DROP TABLE kept.x; --"
OTHER = 'x"; SELECT pg_sleep(60); --'
VALUE = "'; DROP TABLE kept.x; -- \x1b[2J"
SETTINGS = {
    "tables": {
        "items": {
            "table": ITEMS,
            "columns": {"item_id": KEY},
            "where": {OTHER: VALUE},
            "values": {"family": {VALUE: "F"}},
        },
        "actual_demand": {"columns": {"item_id": KEY}, "constants": {"location_id": VALUE}},
    }
}
STATEMENTS = (
    "CREATE SCHEMA kept",
    "CREATE TABLE kept.x (a int)",
    "CREATE SCHEMA {schema}",
    "CREATE TABLE {schema}.{items} ({key} text, family text, {other} text)",
    "INSERT INTO {schema}.{items} VALUES ({value}, {value}, {value}), ('a', 'A', {value}), ('b', 'B', 'not taken')",
    """CREATE TABLE {schema}.actual_demand AS SELECT day::date AS period, {value}::text AS {key}, 5.0 AS quantity
       FROM generate_series(date '2024-01-01', date '2025-06-01', interval '1 month') AS day""",
)


def in_a_server(folder: Path) -> dict[str, str]:
    """What came of it, by case."""
    (folder / "settings.yaml").write_text(yaml.safe_dump(SETTINGS), encoding="utf-8")
    with postgresql() as server:
        named = {"schema": SCHEMA, "items": ITEMS, "key": KEY, "other": OTHER}
        quoted = {name: '"' + text.replace('"', '""') + '"' for name, text in named.items()}
        value = "'" + VALUE.replace("'", "''") + "'"
        server.run(*(statement.format(value=value, **quoted) for statement in STATEMENTS))
        read = _checked(server, folder, SCHEMA)
        refused = _checked(server, folder, f"none{SCHEMA}")
        left = server.run("SELECT count(*) FROM information_schema.tables WHERE table_schema = 'kept'")
    return {
        "tables, columns and values named like SQL": _said(read, 0, r"items +2 +2 +0 .*actual_demand +18 +18 +0 "),
        "a schema that is not there": _said(refused, 2, "there is no schema"),
        "what the statements would drop": "" if left == [(1,)] else "is gone",
    }


def _checked(server: Server, folder: Path, schema: str) -> Ran:
    place = server.url(quote(schema, safe=""))
    return run("check", "--data", place, "--settings", "settings.yaml", "--out", f"out {len(schema)}", folder=folder)


def _said(ran: Ran, status: int, words: str) -> str:
    held = ran.status == status and re.search(words, ran.said, re.DOTALL)
    return "" if held else f"status {ran.status}: {ran.said[-300:]}"
