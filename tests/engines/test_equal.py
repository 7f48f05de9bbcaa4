"""The same findings wherever the data live: DuckDB in this process, PostgreSQL, Spark."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from helpers.compare import recorded
from helpers.diagnosis import diagnose, open_engagement
from helpers.engagement import Engagement
from helpers.place import parse
from tests.engines.equal import compare
from tests.engines.servers import needs_postgresql, needs_spark, postgresql

SAMPLE = Path("sample_data")
SETTINGS = SAMPLE / "settings.yaml"
FEWEST_NUMBERS = 3000
LARGEST_FRAME = 10_000  # the plans of the functions, by family and period, are what is compared one by one


@pytest.fixture(scope="module")
def reference(tmp_path_factory):
    """The sample taken in from its files and diagnosed by DuckDB: the folder, and the findings."""
    folder = tmp_path_factory.mktemp("duckdb")
    return folder, found(open_engagement(SAMPLE, folder, SETTINGS))


@needs_postgresql
def test_postgresql_finds_what_duckdb_finds(reference, tmp_path):
    """Number by number; and only small frames come back from the server."""
    folder, expected = reference
    with postgresql() as server:
        server.load("client", tables(folder))
        engagement = open_engagement(parse(server.url("client")), tmp_path, SETTINGS)
        sizes = watched(engagement)
        same(expected, found(engagement))

    assert max(sizes) <= LARGEST_FRAME
    assert len(sizes) > 100


@needs_spark
def test_spark_finds_what_duckdb_finds(reference, tmp_path):
    """Number by number, from Parquet that a local session reads; and only small frames come back."""
    folder, expected = reference
    engagement = open_engagement(parse(f"spark://local?path={folder / 'store'}"), tmp_path, SETTINGS)
    sizes = watched(engagement)
    same(expected, found(engagement))

    assert max(sizes) <= LARGEST_FRAME
    assert len(sizes) > 100


def test_a_duckdb_file_is_read_like_a_folder(reference, tmp_path):
    """Its tables are taken in as from any file; settings lie beside it."""
    import duckdb

    folder, expected = reference
    path = tmp_path / "client.duckdb"
    with duckdb.connect(str(path)) as database:
        for name in tables(folder):
            database.execute(f"CREATE TABLE {name} AS SELECT * FROM '{folder / 'store' / name}.parquet'")

    same(expected, found(open_engagement(path, tmp_path / "out", SETTINGS)))


def found(engagement: Engagement) -> Any:
    """The findings as `findings.json` holds them."""
    diagnosis = diagnose(engagement)
    assert diagnosis.failures == ()
    return json.loads(json.dumps(recorded(diagnosis)))


def same(expected: Any, other: Any) -> None:
    """Every number to 1e-9, every word exactly."""
    compared = compare(expected, other)

    assert compared.different == []
    assert compared.numbers > FEWEST_NUMBERS


def tables(folder: Path) -> dict[str, pa.Table]:
    """The typed tables of a store."""
    return {path.stem: pq.read_table(path) for path in sorted((folder / "store").glob("*.parquet"))}


def watched(engagement: Engagement) -> list[int]:
    """The rows of each frame that the engine hands out, as it goes."""
    engine, sizes = engagement._engine, []
    handed_out = engine.frame

    def frame(rows: Any) -> Any:
        result = handed_out(rows)
        sizes.append(len(result))
        return result

    engine.frame = frame  # type: ignore[method-assign]
    return sizes
