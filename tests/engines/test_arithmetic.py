"""What engines do differently by themselves, and what they were taught: the same numbers from one expression."""

from __future__ import annotations

from pathlib import Path

import ibis
import numpy as np
import pandas as pd
import pytest

from helpers import engines
from helpers.engines import duck
from helpers.place import parse
from tests.engines.servers import needs_postgresql, needs_spark, postgresql


@pytest.fixture(scope="module")
def rows():
    """Fifty rows in three groups, with gaps, ties, halves and zeros."""
    draw = np.random.default_rng(1)
    values = pd.DataFrame({"place": range(50), "of": draw.choice(["a", "B", "ç"], 50)})
    values["gap"] = np.where(draw.random(50) < 0.2, np.nan, draw.random(50).round(1))
    values["half"] = draw.integers(-6, 6, 50) / 2
    values["whole"] = draw.integers(-9, 9, 50)
    return values


@needs_postgresql
def test_postgresql_counts_like_duckdb(rows, tmp_path):
    """Also where text is sorted by language and not by bytes."""
    with postgresql() as server:
        check(engines.start(parse(server.url("public"))), rows, tmp_path)


@needs_spark
def test_spark_counts_like_duckdb(rows, tmp_path):
    """Also where Spark would pass over gaps."""
    check(engines.start(parse(f"spark://local?path={tmp_path}")), rows, tmp_path)


def check(engine: engines.Engine, rows: pd.DataFrame, folder: Path) -> None:
    """All columns are equal to those of DuckDB, gaps included."""
    one, other = (
        each.frame(asked(rows)).sort_values("place", ignore_index=True) for each in (duck.start(folder), engine)
    )

    for column in one.columns:
        pd.testing.assert_series_equal(one[column], other[column], rtol=1e-12, check_dtype=False, obj=column)


def asked(rows: pd.DataFrame) -> ibis.expr.types.Table:
    """Medians over windows, first values, ratios to zero, halves, whole divisions, and the order of texts."""
    t = ibis.memtable(rows)
    group = ibis.window(group_by="of")
    short = ibis.window(group_by="of", order_by="place", preceding=4, following=0)
    so_far = ibis.window(group_by="of", order_by="place", preceding=None, following=0)
    return t.mutate(
        middle=(t.gap - t.half).median().over(group) - t.gap,
        short=t.gap.median().over(short),
        so_far=(t.gap / 3).median().over(so_far),
        first=t.gap.first().over(short),
        last=t.gap.last().over(short),
        deviation=t.half.std(how="sample").over(short),
        ratio=t.half / t.whole,
        of_wholes=t.whole / t.whole,
        weeks=t.whole // 7,
        rounded=t.half.round().cast("int64"),
        root=t.half.sqrt(),
        flag=(t.whole > 0).cast("float64"),
        by_name=ibis.row_number().over(ibis.window(order_by=[t.of, t.place])),
        least=t.of.min().over(ibis.window()),
    )
