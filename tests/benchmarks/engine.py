"""A diagnosis from stored tables against the bare pass: each table read once, its columns added up, nothing judged.

Counted from opening the stored tables to the findings; imports are not, on neither side.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks.bench import Bench
from tests.benchmarks.figures import Figure, growth, peak, rounds, time_ratios
from tests.benchmarks.processes import Work, work


def figures(bench: Bench) -> Iterator[Figure]:
    """Time against the bare pass, peak memory, and how the time grows."""
    large, small = bench.store(bench.large), bench.store(bench.small)
    settings = {
        store: bench.parquet(items) / "settings.yaml" for store, items in ((large, bench.large), (small, bench.small))
    }
    diagnosed, passed, of_small = rounds(
        bench.times(3),
        lambda: work(diagnosing, large, settings[large]),
        lambda: work(passing, large),
        lambda: work(diagnosing, small, settings[small]),
    )
    rows = bench.rows(bench.large)
    yield Figure(
        f"`diagnose`, {rows}, from stored tables",
        "the bare pass",
        3.0,
        time_ratios(diagnosed, passed),
        peak=peak(diagnosed),
    )
    yield Figure("its peak memory", "", 2.0, tuple(cost.peak for cost in diagnosed), "GB")
    yield Figure(
        "growth of `diagnose`", bench.sizes, 1.05, growth(of_small, diagnosed, bench.large / bench.small), "exponent"
    )


def diagnosing(store: str, settings_file: str) -> Work:
    """Open the stored tables and find what there is to find; a part that breaks off would only look fast."""
    from helpers.diagnosis import diagnose
    from helpers.engagement import Engagement
    from helpers.settings import load_settings

    settings = load_settings(Path(settings_file))

    def find() -> None:
        failures = diagnose(Engagement(Path(store), settings)).failures
        if failures:
            raise RuntimeError("; ".join(failures))

    return find


def passing(store: str) -> Work:
    """The bare pass over the same tables."""
    from tests.benchmarks.bare import bare_pass

    return lambda: bare_pass(Path(store))
