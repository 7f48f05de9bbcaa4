"""The same rows are taken in the same, however they are sent: order of rows and columns, more columns, kind of file."""

from __future__ import annotations

import gzip
import io
import tempfile
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.intake.folders import Taken, folder, taken

QUICK = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
ORDER = ["order_id", "line_id", "item_id", "ordered_on", "requested_on", "ordered_quantity", "delivered_quantity"]
AMOUNT = st.one_of(st.integers(1, 10**6).map(float), st.integers(1, 10**6).map(lambda cents: cents / 100))
DAYS = [f"2024-{month:02d}-{day:02d}" for month in range(1, 7) for day in (1, 15, 28)]
CLEAN = st.tuples(st.sampled_from(["00123", "A2"]), st.sampled_from(DAYS), AMOUNT, st.one_of(st.just(0.0), AMOUNT))
# A twin, a twin with another quantity, an item nobody knows, a day that does not exist, words for a number.
FAULTS = [
    ["0007", "1", "A2", "2024-01-01", "2024-02-01", "5", "5"],
    ["0007", "1", "A2", "2024-01-01", "2024-02-01", "5", "5"],
    ["0008", "1", "A2", "2024-01-01", "2024-02-01", "5", "5"],
    ["0008", "1", "A2", "2024-01-01", "2024-02-01", "6", "5"],
    ["0009", "1", "B9", "2024-01-01", "2024-02-01", "5", "5"],
    ["0010", "1", "A2", "2024-02-30", "2024-02-01", "5", "5"],
    ["0011", "1", "A2", "2024-01-01", "2024-02-01", "5", "none left"],
]


def orders(drawn: list[tuple[str, str, float, float]]) -> pd.DataFrame:
    """Order lines with leading zeros in their ids, as text."""
    rows = [
        [f"{n:05d}", "1", item, day, "2024-07-01", str(much), str(got)]
        for n, (item, day, much, got) in enumerate(drawn)
    ]
    return pd.DataFrame(rows, columns=ORDER)


def account(result: Taken, table: str = "order_lines") -> tuple[Any, ...]:
    """Rows counted and stored, how full the columns are, and what is listed of the rows set aside."""
    entry = result.manifest.table(table)
    assert entry is not None
    listed = sorted((fault["column"], fault["value"], fault["action"]) for fault in result.faults(table))
    stored = sorted(map(repr, result.rows(table).itertuples(index=False)))
    return result.counts(table), entry.filled, listed, stored


def sent(content: str | bytes, suffix: str = "csv") -> tuple[Any, ...]:
    """The account of order lines in one file."""
    with tempfile.TemporaryDirectory() as place:
        return account(taken(Path(place), folder(Path(place), **{f"order_lines__{suffix}": content})))


def csv(rows: pd.DataFrame) -> str:
    """As a client's file."""
    return rows.to_csv(index=False)


@QUICK
@given(drawn=st.lists(CLEAN, min_size=1, max_size=25), random=st.randoms(use_true_random=False))
def test_order_of_rows_and_columns_and_more_columns_change_nothing(drawn: list[Any], random: Any) -> None:
    """Also of rows that are set aside: twins, conflicts, unknown items, cells that cannot be read."""
    rows = pd.concat([orders(drawn), pd.DataFrame(FAULTS, columns=ORDER)], ignore_index=True)
    more = rows.assign(remark=[f"note {n}" for n in range(len(rows))], Werk="1000")
    turned = more.iloc[random.sample(range(len(more)), len(more))][random.sample(list(more), more.shape[1])]

    assert sent(csv(turned)) == sent(csv(rows))


@pytest.mark.parametrize("kind", ["gz", "parquet", "xlsx"])
@settings(QUICK, max_examples=6)
@given(drawn=st.lists(CLEAN, min_size=1, max_size=25))
def test_the_kind_of_file_changes_nothing(kind: str, drawn: list[Any]) -> None:
    """Zipped text, Parquet with types, a sheet of a workbook: the same rows and no other."""
    rows = orders(drawn)
    typed = rows.astype({"ordered_quantity": float, "delivered_quantity": float})
    for day in ("ordered_on", "requested_on"):
        typed[day] = pd.to_datetime(typed[day])
    packed = io.BytesIO()
    if kind == "parquet":
        typed.to_parquet(packed)
    elif kind == "xlsx":
        with pd.ExcelWriter(packed, engine="xlsxwriter") as book:
            typed.to_excel(book, sheet_name="order_lines", index=False)
    content = gzip.compress(csv(rows).encode()) if kind == "gz" else packed.getvalue()

    assert sent(content, {"gz": "csv.gz"}.get(kind, kind)) == sent(csv(rows))


FACTS = {
    name: {
        "file": "facts.csv",
        "where": {"measure": name},
        "columns": {"quantity": "value"} if name == "actual_demand" else {"on_hand": "value"},
    }
    for name in ("actual_demand", "inventory_snapshots")
}


@settings(QUICK, max_examples=8)
@given(
    drawn=st.lists(CLEAN, min_size=1, max_size=25, unique_by=lambda row: row[:2]),
    random=st.randoms(use_true_random=False),
)
def test_one_file_for_two_tables_is_the_two_files(drawn: list[Any], random: Any) -> None:
    """Rows of both kinds mixed, told apart by a column."""
    rows = pd.DataFrame(drawn, columns=["item_id", "period", "quantity", "on_hand"]).astype(str)
    rows = rows.assign(period=[f"20{n:02d}-01-01" for n in range(len(rows))])
    split = {
        "actual_demand": rows[["item_id", "period", "quantity"]],
        "inventory_snapshots": rows[["item_id", "period", "on_hand"]],
    }
    long = pd.concat(
        [part.set_axis(["item_id", "period", "value"], axis=1).assign(measure=name) for name, part in split.items()]
    )
    long = long.iloc[random.sample(range(len(long)), len(long))]
    with tempfile.TemporaryDirectory() as apart, tempfile.TemporaryDirectory() as mixed:
        two = taken(Path(apart), folder(Path(apart), **{f"{name}__csv": csv(part) for name, part in split.items()}))
        data = folder(Path(mixed), facts__csv=csv(long))
        (data / "actual_demand.csv").unlink()
        one = taken(Path(mixed), data, FACTS)

        assert [account(one, name) for name in split] == [account(two, name) for name in split]
