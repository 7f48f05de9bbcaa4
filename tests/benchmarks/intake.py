"""Intake from CSV against DuckDB's own copy of the same files to Parquet, which checks nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks.bench import Bench, taking_in
from tests.benchmarks.figures import Figure, growth, peak, rounds, time_ratios
from tests.benchmarks.processes import Cost, Work, work

BAD_SHARE = 0.01
COPY = "DuckDB's `COPY` of the same files"


def figures(bench: Bench) -> Iterator[Figure]:
    """Clean files, files with bad rows, and how the time grows; each intake begins with an empty folder."""
    clean, bad, small = bench.csv(bench.large), bench.csv(bench.large, BAD_SHARE), bench.csv(bench.small)

    def taken(data: Path) -> Cost:
        return work(taking_in, data, bench.new_folder())

    def copied(data: Path) -> Cost:
        return work(copying, data, bench.new_folder())

    costs = rounds(
        bench.times(3),
        *(lambda: taken(clean), lambda: copied(clean), lambda: taken(bad), lambda: copied(bad), lambda: taken(small)),
    )
    rows = bench.rows(bench.large)
    yield Figure(f"intake from CSV, {rows}", COPY, 1.5, time_ratios(costs[0], costs[1]), peak=peak(costs[0]))
    yield Figure("the same, 1 % bad rows", COPY, 2.0, time_ratios(costs[2], costs[3]), peak=peak(costs[2]))
    yield Figure(
        "growth of intake", bench.sizes, 1.05, growth(costs[4], costs[0], bench.large / bench.small), "exponent"
    )


def copying(data: str, out: str) -> Work:
    """One `COPY` a file."""
    import duckdb

    def copy() -> None:
        with duckdb.connect() as connection:
            for file in sorted(Path(data).glob("*.csv")):
                connection.execute(f"copy (from '{file}') to '{Path(out) / file.stem}.parquet'")

    return copy
