"""The three heaviest measures against pandas, which is their oracle too: another result stops the benchmark.

Pandas reads the columns it needs from the same stored tables; the kit's side begins with them opened, as a diagnosis
opens them once for all its measures. Memory is what a work adds to its process.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from tests.benchmarks.bench import Bench
from tests.benchmarks.figures import Figure, memory_ratios, peak, rounds, time_ratios
from tests.benchmarks.processes import Work, work

if TYPE_CHECKING:
    import pandas as pd

    from helpers.engagement import Engagement

REACH, FENCE = 4, 2
RELATIVE = 1e-9
KEY = ("cycle", "label", "unit", "family", "period", "lag")


def revisions(engagement: Engagement) -> pd.DataFrame:
    """How far each family's forecast moved between cycles."""
    from helpers.measures.forecast import unit_revisions

    return unit_revisions(engagement, REACH)


def late_changes(engagement: Engagement) -> pd.DataFrame:
    """Where the forecast moved inside the fence."""
    from helpers.measures import situations

    return situations.late_changes(engagement)[["label", "family", "ruled"]]


def quick_checks(engagement: Engagement) -> pd.DataFrame:
    """Stability of both plans, cost of compensation, OTIF."""
    from helpers.measures.pulse import pulse

    return pulse(engagement)


MEASURES: dict[str, Callable[[Engagement], pd.DataFrame]] = {
    "forecast revisions": revisions,
    "late changes": late_changes,
    "quick checks": quick_checks,
}


def figures(bench: Bench) -> Iterator[Figure]:
    """Time and memory of each measure."""
    store, settings = bench.store(bench.large), bench.parquet(bench.large) / "settings.yaml"
    for name in MEASURES:
        results = bench.new_folder()
        kits, pandas = rounds(
            bench.times(3),
            lambda name=name, file=results / "kit": work(measuring, name, store, settings, file),
            lambda name=name, file=results / "pandas": work(measuring_in_pandas, name, store, file),
        )
        work(comparing, results / "kit", results / "pandas")
        yield Figure(f"{name}, time", "pandas", 1 / 5, time_ratios(kits, pandas))
        yield Figure(f"{name}, memory", "pandas", 1 / 4, memory_ratios(kits, pandas), peak=peak(kits))


def measuring(name: str, store: str, settings_file: str, file: str) -> Work:
    """One measure of the kit on tables already opened; its result goes to `file`."""
    from helpers.engagement import Engagement
    from helpers.settings import load_settings

    engagement = Engagement(Path(store), load_settings(Path(settings_file)))
    return lambda: MEASURES[name](engagement).to_pickle(file)


def measuring_in_pandas(name: str, store: str, file: str) -> Work:
    """The same from the stored tables, in pandas."""
    return lambda: in_pandas(name, Path(store)).to_pickle(file)


def comparing(kits: str, pandas: str) -> Work:
    """Refuse results that differ."""
    import pandas as pd

    return lambda: assert_same(pd.read_pickle(kits), pd.read_pickle(pandas))


def in_pandas(name: str, store: Path) -> pd.DataFrame:
    """The result of a measure by its oracle."""
    from tests.benchmarks import pandas_measures

    oracles: dict[str, Callable[[], pd.DataFrame]] = {
        "forecast revisions": lambda: pandas_measures.unit_revisions(store, REACH),
        "late changes": lambda: pandas_measures.late_changes(store, FENCE),
        "quick checks": lambda: pandas_measures.pulse(store),
    }
    return oracles[name]()


def assert_same(result: pd.DataFrame, oracle: pd.DataFrame) -> None:
    """The same rows, in whatever order, and the same numbers to nine digits; rows that say nothing do not count."""
    import pandas as pd

    key = [column for column in KEY if column in oracle]
    values = [column for column in oracle if column not in key]
    one, other = (
        rows.dropna(subset=values, how="all").sort_values(key, ignore_index=True)[[*key, *values]]
        for rows in (result, oracle)
    )
    pd.testing.assert_frame_equal(one, other, check_dtype=False, rtol=RELATIVE)
