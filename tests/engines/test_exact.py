"""Exact sums: the same last digit in any order of rows and on any number of threads."""

from __future__ import annotations

import math
from pathlib import Path

import ibis
import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from helpers.engines import duck
from helpers.engines.exact import LARGEST

ANY = st.floats(allow_nan=False, allow_infinity=False, min_value=-1e30, max_value=1e30)
ROWS = 400_000


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> duck.DuckDB:
    """DuckDB as the kit starts it, on four threads."""
    started = duck.start(tmp_path_factory.mktemp("engine"))
    started.raw_sql("SET threads = 4")
    return started


def total(engine: duck.DuckDB, values: list[float]) -> tuple[float, float]:
    """Sum and mean, by the engine."""
    rows = ibis.memtable(pd.DataFrame({"x": values}))
    found = engine.frame(rows.aggregate(total=rows.x.sum(), mean=rows.x.mean()))
    return float(found.loc[0, "total"]), float(found.loc[0, "mean"])


@settings(max_examples=60, deadline=None)
@given(values=st.lists(ANY, min_size=1, max_size=30), random=st.randoms())
@example(values=[0.1] * 10, random=None)
@example(values=[1e16, 1.0, -1e16], random=None)
@example(values=[LARGEST / 2, 0.3, -LARGEST / 2], random=None)
def test_the_order_of_rows_changes_no_digit(engine: duck.DuckDB, values: list[float], random: object) -> None:
    """The sum is the exact one, rounded; beyond 4.7e21 it is what plain addition gives."""
    told, mean = total(engine, values)
    turned = sorted(values) if random is None else random.sample(values, len(values))
    within = max(map(abs, values)) < LARGEST
    exact = math.fsum(values)

    assert not within or (told, mean) == total(engine, turned)
    assert told == pytest.approx(exact, rel=4e-16, abs=(1e-24 if within else 1e-14 * max(map(abs, values))) * 30)
    assert mean == told / len(values)


@pytest.mark.parametrize(("values", "told"), [([math.inf, 1.0], math.inf), ([1e300, 1.0], 1e300), ([None, 2.5], 2.5)])
def test_what_is_no_plain_number_is_added_as_it_is(
    engine: duck.DuckDB, values: list[float | None], told: float
) -> None:
    """Infinite stays infinite, missing cells are passed over."""
    rows = ibis.memtable(pd.DataFrame({"x": pd.array(values, dtype="Float64")}))

    assert engine.value(rows.x.sum()) == told


def test_nothing_to_add_is_missing(engine: duck.DuckDB) -> None:
    """Not 0: nothing was measured."""
    rows = ibis.memtable(pd.DataFrame({"x": [1.0]}))

    assert pd.isna(engine.value(rows.x.sum(where=rows.x > 1)))
    assert pd.isna(engine.value(rows.x.mean(where=rows.x > 1)))


def test_threads_change_no_digit(engine: duck.DuckDB, tmp_path: Path) -> None:
    """Several row groups, which threads take in any order: groups, filters and windows, again and shuffled."""
    draw = np.random.default_rng(7)
    rows = pd.DataFrame({"of": draw.integers(0, 40, ROWS), "x": draw.lognormal(3, 3, ROWS), "at": np.arange(ROWS)})
    found = []
    for name, order in (("once", rows), ("again", rows), ("shuffled", rows.sample(frac=1, random_state=1))):
        order.to_parquet(tmp_path / f"{name}.parquet", row_group_size=20_000)
        found.append(_measured(engine, engine.parquet(tmp_path / f"{name}.parquet", name)))

    assert found[0].equals(found[1])
    assert found[0].equals(found[2])


def _measured(engine: duck.DuckDB, rows: ibis.Table) -> pd.DataFrame:
    windows = rows.mutate(
        share=rows.x / rows.x.sum().over(ibis.window(group_by="of")),
        lately=rows.x.mean().over(ibis.window(group_by="of", order_by="at", preceding=5, following=0)),
    )
    sums = windows.group_by("of").aggregate(
        total=windows.x.sum(), high=windows.x.sum(where=windows.x > 9), share=windows.share.sum(), mean=windows.x.mean()
    )
    return engine.frame(sums.order_by("of")).assign(lately=engine.value(windows.lately.sum()))
