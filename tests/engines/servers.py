"""A PostgreSQL server of the tests' own with a client's tables in it, and what is needed for Spark."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import psycopg
import pyarrow as pa
import pytest

PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
INITDB = shutil.which("initdb") or next(
    (str(place / "initdb") for place in PROGRAMS if (place / "initdb").exists()), None
)
IS_ROOT = hasattr(os, "geteuid") and os.geteuid() == 0

needs_postgresql = pytest.mark.skipif(INITDB is None, reason="no PostgreSQL server on this machine: install postgresql")
needs_spark = pytest.mark.skipif(
    find_spec("pyspark") is None or shutil.which("java") is None,
    reason="no Spark on this machine: pip install -e .[spark], and Java 17",
)
PATIENCE = 90
TYPES = {"string": "text", "large_string": "text", "double": "double precision", "bool": "boolean", "int64": "bigint"}


@dataclass(frozen=True)
class Server:
    """A running PostgreSQL server."""

    port: int

    def url(self, schema: str, user: str = "postgres") -> str:
        return f"postgresql://{user}@127.0.0.1:{self.port}/postgres?schema={schema}"

    def run(self, *statements: str) -> list[tuple[object, ...]]:
        """The rows of the last statement, if it has some."""
        with psycopg.connect(f"postgresql://postgres@127.0.0.1:{self.port}/postgres", autocommit=True) as connection:
            for statement in statements:
                cursor = connection.execute(statement)  # type: ignore[call-overload]
            return cursor.fetchall() if cursor.description else []

    def load(self, schema: str, tables: Mapping[str, pa.Table]) -> None:
        """The tables of a client in a schema of their own."""
        with psycopg.connect(f"postgresql://postgres@127.0.0.1:{self.port}/postgres", autocommit=True) as connection:
            connection.execute(f"CREATE SCHEMA {schema}")  # type: ignore[call-overload]
            for name, table in tables.items():
                columns = ", ".join(f'"{field.name}" {_type(field.type)}' for field in table.schema)
                connection.execute(f"CREATE TABLE {schema}.{name} ({columns})")  # type: ignore[call-overload]
                with connection.cursor().copy(f"COPY {schema}.{name} FROM STDIN") as rows:  # type: ignore[call-overload]
                    for row in table.to_pylist():
                        rows.write_row([row[column] for column in table.column_names])


@contextmanager
def postgresql() -> Iterator[Server]:
    """A server of this test run's own, which sorts text by language, as most do."""
    assert INITDB
    with tempfile.TemporaryDirectory(prefix="kit-pg-") as folder:
        data, port = Path(folder) / "data", _free_port()
        if IS_ROOT:  # PostgreSQL refuses to run as root
            shutil.chown(folder, "postgres")
        _started(INITDB, "-D", str(data), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale-provider=icu",
                 "--icu-locale=en", "--locale=C.UTF-8", folder=folder)  # fmt: skip
        control = str(Path(INITDB).with_name("pg_ctl"))
        options = f"-p {port} -c listen_addresses=127.0.0.1 -k {folder} -c fsync=off"
        _started(control, "-D", str(data), "-o", options, "-w", "-l", f"{folder}/log", "start", folder=folder)
        try:
            yield Server(port)
        finally:
            _started(control, "-D", str(data), "-m", "immediate", "stop", folder=folder)


@contextmanager
def spark_connect() -> Iterator[str]:
    """A Spark Connect server of this test run's own; its address."""
    import pyspark

    spark, port = Path(pyspark.__file__).parent, _free_port()
    told = {
        "spark.connect.grpc.binding.address": "127.0.0.1",
        "spark.connect.grpc.binding.port": port,
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.ui.enabled": "false",
        "spark.sql.shuffle.partitions": 2,
    }
    options = [part for key, value in told.items() for part in ("--conf", f"{key}={value}")]
    server = ["--class", "org.apache.spark.sql.connect.service.SparkConnectServer", "--master", "local[2]"]
    command = [str(spark / "bin" / "spark-submit"), *server, *options, "spark-internal"]
    surroundings = {**os.environ, "SPARK_HOME": str(spark)}
    running = subprocess.Popen(command, env=surroundings, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_for(port)
        yield f"sc://127.0.0.1:{port}"
    finally:
        running.terminate()
        running.wait()


def _wait_for(port: int) -> None:
    for _ in range(PATIENCE):
        with suppress(OSError):
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        time.sleep(1)
    raise TimeoutError(f"nothing listens on port {port}")


def _started(*command: str, folder: str) -> None:
    user = "postgres" if IS_ROOT else None
    subprocess.run(command, check=True, user=user, cwd=folder, stdout=subprocess.DEVNULL)


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _type(kind: pa.DataType) -> str:
    with suppress(KeyError):
        return TYPES[str(kind)]
    return "date" if pa.types.is_date(kind) else "timestamp"
