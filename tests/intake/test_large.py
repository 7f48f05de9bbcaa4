"""A large file comes out as a small one does: the same rows, the same list of faults, the same account."""

import gzip
import tempfile
from pathlib import Path
from unittest.mock import patch

import duckdb
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from helpers.errors import Unusable
from helpers.intake import batches, large
from tests.intake.folders import Taken, folder, taken

HEADER = "cycle,item_id,period,stage,quantity,location_id\n"
GOOD = ["2024-01-01,A2,2024-02-01,sales,1.5,L1", "2024-01-01,00123,2024-02-01,sales,2.5,L1"]
ODD = [
    "2024-01-01,A2,2024-02-01,sales,1.5,L1",
    "2024-01-31,A2,2024-02-01,sales,2.5,L1",
    "2024-02-01,Z9,2024-03-01,sales,1.5,",
    "2024-02-01,A2,2024-03-01,SALES,1.5,",
    "2024-02-30,A2,2024-03-01,salez,x, L2 ",
    "01.02.2024,A2,2024-03-01,,1.234,NULL",
    '2024-03-01,"A2",2024-04-01,"sales","1,5",L1',
    "2024-03-01,A2,2024-04-01,operations,-1,L1",
    "2024-03-01,A2,2024-04-01,operations,",
    "2024-03-01,A2,2024-04-01,operations,7,L1,",
    ",,,,,",
    "",
    '2024-04-01,A2,2024-05-01,"a\nb",7,L1',
    "2024-04-01,A2,2024-05-01,sales,7 \u00e9,L\u00a0",
]


def account(result: Taken, table: str) -> object:
    """Everything that is told about a table, and its rows."""
    entry = result.manifest.table(table)
    listed = result.rejects / f"{table}.csv"
    stored = result.store / f"{table}.parquet"
    rows = sorted(map(repr, duckdb.sql(f"FROM '{stored}'").fetchall())) if stored.exists() else []
    types = duckdb.sql(f"DESCRIBE FROM '{stored}'").fetchall() if stored.exists() else []
    return entry, listed.read_bytes() if listed.exists() else b"", rows, types


def both_ways(content: bytes, name: str = "forecast_snapshots__csv", **spec: object) -> list[object]:
    """The account of a table taken in as a small one and as a large one, in batches of a few lines."""
    told: list[object] = []
    for least in (1 << 40, 0):
        with (
            tempfile.TemporaryDirectory() as place,
            patch.object(large, "LARGE", least),
            patch.object(batches, "SIZE", 99),
        ):
            data = folder(Path(place), **{name: content})
            try:
                result = taken(Path(place), data, {"forecast_snapshots": spec} if spec else None)
                told.append(account(result, "forecast_snapshots"))
            except Unusable as refused:
                told.append(str(refused))
    return told


@example(lines=[*GOOD[:1] * 4, ODD[8]], end="\n", tail="")  # the last batch holds no row at all
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    lines=st.lists(st.sampled_from(GOOD * 4 + ODD), min_size=1, max_size=25),
    end=st.sampled_from(["\n", "\r\n"]),
    tail=st.sampled_from(["", "\n", "\n\n"]),
)
def test_in_one_pass_as_from_loaded_cells(lines: list[str], end: str, tail: str) -> None:
    """Whatever stands in the lines."""
    content = (HEADER + "\n".join(lines) + tail).replace("\n", end).encode()

    small, great = both_ways(content)

    assert great == small


@pytest.mark.parametrize(
    "lines",
    [
        ["01/02/2024,A2,01/03/2024,sales,1,L1", "13/02/2024,A2,01/03/2024,sales,1,L1"],
        ["01/02/2024,A2,01/03/2024,sales,1,L1", "02/03/2024,A2,01/04/2024,sales,1,L1"],
        ["2024-01-01,A2,2024-02-01,sales,1.234,L1"],
        ["Jan 24,A2,Feb 2024,sales,12,L1", "2024-02-01,A2,2024-03-01,sales,12,L1"],
        [f"2024-01-01,A2,2024-{month:02d}-01,sales,{month}.5,L{month}" for month in range(1, 13)] * 2,
    ],
    ids=["day first", "ambiguous", "a point for thousands", "words", "all twice"],
)
@pytest.mark.parametrize("spec", [{}, {"constants": {"reason_code": "R1"}}, {"duplicates": "last"}], ids=str)
def test_formats_and_settings_have_the_same_effect(lines: list[str], spec: dict[str, object]) -> None:
    """What is told of dates and numbers is told from all rows."""
    small, great = both_ways((HEADER + "\n".join(lines)).encode(), **spec)

    assert great == small


def test_a_zipped_file_and_another_encoding_have_the_same_effect() -> None:
    """The one is streamed, the other is loaded first."""
    content = HEADER + "\n".join(GOOD + ODD[:4])

    for small, great in (
        both_ways(gzip.compress(content.encode()), "forecast_snapshots__csv__gz"),
        both_ways(content.replace("L1", "L\u00e9").encode("cp1252")),
        both_ways(content.replace("L1", "L\u00e9").encode("utf-16")),
        both_ways(content.replace("\n", "\r").encode()),
        both_ways(content.replace(",", ";").replace(".5", ",5").encode()),
    ):
        assert great == small


def test_rows_stay_in_the_order_of_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A row that was mended returns to its place."""
    monkeypatch.setattr(large, "LARGE", 0)
    monkeypatch.setattr(batches, "SIZE", 50)
    lines = [
        f"2024-01-01,A2,2024-{month:02d}-01,{'sales' if month % 2 else 'SALES'},{month},L1" for month in range(1, 13)
    ]
    lines[3] = lines[3].replace("SALES", '"sales"').replace(",4,", ",x,")

    result = taken(tmp_path, folder(tmp_path, forecast_snapshots__csv=HEADER + "\n".join(lines)))

    assert result.column("forecast_snapshots", "quantity") == [1, 2, 3, *range(5, 13)]
