"""Every kind of file gives the same cells."""

import datetime as dt
import gzip
import sqlite3
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from helpers.intake.records import records
from tests.intake.folders import DEMAND, ITEMS, Taken, folder, taken


def workbook(tmp_path: Path, rows: list[list[object]], **spec: object) -> Taken:
    """A workbook whose demand sheet holds `rows`, the header first."""
    data = folder(tmp_path)
    (data / "actual_demand.csv").unlink()
    with pd.ExcelWriter(data / "book.xlsx", engine="xlsxwriter", date_format="yyyy-mm-dd") as book:
        pd.DataFrame(rows).to_excel(book, sheet_name="actual_demand", index=False, header=False)
    return taken(tmp_path, data, {"actual_demand": spec} if spec else None)


def test_a_zipped_file_is_read(tmp_path: Path) -> None:
    """`.csv.gz` is a file of the contract's layout."""
    data = folder(tmp_path, actual_demand__csv__gz=gzip.compress(DEMAND.encode()))
    (data / "actual_demand.csv").unlink()

    assert taken(tmp_path, data).counts("actual_demand") == (1, 1, 0, 0)


def test_parquet_numbers_and_dates_are_taken_as_they_are(tmp_path: Path) -> None:
    """Typed cells leave nothing to detect: 1.234 is no thousand, and a float identifier loses its `.0`."""
    data = folder(tmp_path, items__csv="item_id,family\n123,F\n")
    (data / "actual_demand.csv").unlink()
    frame = pd.DataFrame({"period": [dt.date(2024, 2, 1)] * 2, "item_id": [123.0, None], "quantity": [1.234, 2.0]})
    frame.to_parquet(data / "actual_demand.parquet")

    result = taken(tmp_path, data, {"actual_demand": {"decimal": ",", "dates": "%d.%m.%Y"}})

    assert result.column("actual_demand", "quantity") == [1.234]
    assert [(f["line"], f["rule"]) for f in result.faults("actual_demand")] == [("2", "required, and empty")]


def test_excel_cells_keep_their_meaning(tmp_path: Path) -> None:
    """Dates as dates or day numbers, 123.0 as 123, text as text; the line is the row of the sheet."""
    rows: list[list[object]] = [
        ["period", "item_id", "quantity"],
        [dt.date(2024, 1, 15), "00123", 1.234],
        [None, None, None],
        [45337, "A2", 2],
        ["soon", "A2", 3],
    ]

    result = workbook(tmp_path, rows)

    assert result.column("actual_demand", "period") == [dt.date(2024, 1, 1), dt.date(2024, 2, 1)]
    assert result.column("actual_demand", "quantity") == [1.234, 2.0]
    assert [(f["file"], f["line"], f["value"]) for f in result.faults("actual_demand")] == [
        ("book.xlsx [actual_demand]", "5", "soon")
    ]


def test_excel_numbers_beside_text_do_not_raise_doubts(tmp_path: Path) -> None:
    """12.125 in a number cell is no thousand, though a text stands in its column."""
    result = workbook(tmp_path, [["period", "item_id", "quantity"], ["2024-01", "A2", 12.125], ["2024-02", "A2", "x"]])

    assert result.column("actual_demand", "quantity") == [12.125]


def test_excel_typed_cells_stand_beside_a_named_format(tmp_path: Path) -> None:
    """The settings speak of the text cells; typed cells need no format."""
    rows: list[list[object]] = [
        ["period", "item_id", "quantity"],
        ["01.02.2024", "A2", "1.250,5"],
        [dt.date(2024, 3, 1), "A2", 1.5],
    ]

    result = workbook(tmp_path, rows, dates="%d.%m.%Y", decimal=",", thousands=".")

    assert result.column("actual_demand", "period") == [dt.date(2024, 2, 1), dt.date(2024, 3, 1)]
    assert result.column("actual_demand", "quantity") == [1250.5, 1.5]


def test_whole_numbers_of_excel_are_identifiers_without_a_point(tmp_path: Path) -> None:
    """Excel stores 123 as 123.0."""
    data = tmp_path / "data"
    data.mkdir()
    with pd.ExcelWriter(data / "book.xlsx", engine="xlsxwriter") as book:
        pd.DataFrame({"item_id": [123], "family": ["F"]}).to_excel(book, sheet_name="items", index=False)
        pd.DataFrame({"period": ["2024-01"], "item_id": [123], "quantity": [1]}).to_excel(
            book, sheet_name="actual_demand", index=False
        )

    assert taken(tmp_path, data).column("items", "item_id") == ["123"]


def test_a_table_of_a_database_can_be_named(tmp_path: Path) -> None:
    """`file:` and `table:` together say where."""
    data = folder(tmp_path)
    (data / "actual_demand.csv").unlink()
    with duckdb.connect(str(data / "erp.duckdb")) as con:
        con.execute("CREATE TABLE vbap AS SELECT DATE '2024-01-01' AS d, 'A2' AS matnr, 5::DECIMAL(9, 2) AS q")
    spec = {"file": "erp.duckdb", "table": "vbap", "columns": {"period": "d", "item_id": "matnr", "quantity": "q"}}

    assert taken(tmp_path, data, {"actual_demand": spec}).column("actual_demand", "quantity") == [5.0]


def test_an_sqlite_file_is_read(tmp_path: Path) -> None:
    """DuckDB would have to download an extension; Python does not."""
    data = folder(tmp_path)
    (data / "actual_demand.csv").unlink()
    con = sqlite3.connect(data / "erp.sqlite")
    con.execute("CREATE TABLE actual_demand (period TEXT, item_id TEXT, quantity REAL)")
    con.execute("INSERT INTO actual_demand VALUES ('2024-01-01', 'A2', 2.125)")
    con.commit()
    con.close()

    assert taken(tmp_path, data).column("actual_demand", "quantity") == [2.125]


def test_a_data_folder_may_be_called_anything(tmp_path: Path) -> None:
    """Brackets, quotes and stars in a path are no patterns."""
    odd = tmp_path / "client's [1] data"
    odd.mkdir()

    assert taken(tmp_path, folder(odd)).counts("items") == (2, 2, 0, 0)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_of_every_system_are_read(tmp_path: Path, end: str) -> None:
    """Old Macs wrote a bare return."""
    data = folder(tmp_path, items__csv=ITEMS.replace("\n", end).encode())

    assert taken(tmp_path, data).column("items", "item_id") == ["00123", "A2"]


def test_fast_and_careful_reading_agree(tmp_path: Path) -> None:
    """One broken line sends the file the careful way; the good rows come out the same."""
    lines = [f"2024-{month:02d}, A2 , NULL ,{month}\n" for month in range(1, 13)]
    header = "period,item_id,stockout_days,quantity\n"
    fast = taken(tmp_path, folder(tmp_path, actual_demand__csv=header + "".join(lines))).rows("actual_demand")

    data = folder(tmp_path, actual_demand__csv=header + "".join([*lines, "broken\n"]))
    careful = taken(tmp_path, data).rows("actual_demand")

    pd.testing.assert_frame_equal(fast, careful)


def test_a_record_may_span_lines_and_says_where_it_starts() -> None:
    """A quoted field may hold line ends; quotation marks inside a word are letters."""
    lines = ["a,b\n", "\n", '1,"x\n', 'y"\n', '5" pipe,z\n']

    assert [(r.line, r.fields) for r in records(lines, ",")] == [
        (1, ["a", "b"]),
        (3, ["1", "x\ny"]),
        (5, ['5" pipe', "z"]),
    ]


def test_two_open_quotation_marks_do_not_make_one_record() -> None:
    """A mark closed in the middle of a later word was never meant to close."""
    found = list(records(['1,"a\n', '2,"b\n', "3,c\n"], ","))

    assert [(r.line, r.fault) for r in found] == [
        (1, "a quotation mark is opened and not closed"),
        (2, "a quotation mark is opened and not closed"),
        (3, None),
    ]
