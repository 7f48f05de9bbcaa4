"""Where each table comes from."""

from pathlib import Path

import duckdb
import pandas as pd
import pytest

from helpers.errors import Unusable
from helpers.intake.sources import find_sources, normal, strangers
from helpers.settings import Settings, TableSource
from tests.intake.folders import DEMAND, ITEMS, folder, taken


def settings(**tables: dict[str, object]) -> Settings:
    """Settings that hold nothing but tables."""
    return Settings.model_validate({"tables": tables})


def test_a_file_named_after_a_table_feeds_it_whatever_its_case(tmp_path: Path) -> None:
    """`Items.CSV` is the table items."""
    data = tmp_path / "data"
    data.mkdir()
    (data / "Items.CSV").write_text(ITEMS)

    assert find_sources(data, Settings())["items"].file == "Items.CSV"


def test_two_files_for_one_table_stop_the_run(tmp_path: Path) -> None:
    """Nobody can tell which of two files is meant; the message names both and the way out."""
    data = folder(tmp_path, items__parquet=b"")

    with pytest.raises(Unusable) as stop:
        find_sources(data, Settings())

    assert str(stop.value) == (
        "items: found twice, in items.csv and items.parquet. One table comes from one place. Remove one of them, "
        "or name the one to read in settings.yaml: tables: {items: {file: …}}."
    )


def test_a_file_named_in_the_settings_decides_between_two(tmp_path: Path) -> None:
    """What the settings name is read, and a namesake beside it is not."""
    data = folder(tmp_path, items__parquet=b"")

    assert find_sources(data, settings(items={"file": "items.csv"}))["items"].file == "items.csv"


@pytest.mark.parametrize("path", ["../secret.csv", "sub/../../secret.csv", "/etc/hosts"])
def test_a_path_that_leaves_the_data_folder_stops_the_run(tmp_path: Path, path: str) -> None:
    """Settings travel with the client's data; they must not reach the rest of the disk."""
    data = folder(tmp_path)
    (tmp_path / "secret.csv").write_text(ITEMS)

    with pytest.raises(Unusable) as stop:
        find_sources(data, settings(items={"file": path}))

    assert str(stop.value) == (
        f"settings, tables.items.file: {path}: leads outside the data folder {data.resolve()}. "
        "Files are read from the data folder only. Copy the file into it."
    )


def test_a_link_that_leaves_the_data_folder_stops_the_run(tmp_path: Path) -> None:
    """A link called items.csv is followed before it is judged."""
    data = folder(tmp_path)
    (data / "items.csv").unlink()
    (tmp_path / "elsewhere.csv").write_text(ITEMS)
    (data / "items.csv").symlink_to(tmp_path / "elsewhere.csv")

    with pytest.raises(Unusable, match=r"items\.csv: leads outside the data folder"):
        find_sources(data, Settings())


def test_a_named_file_that_is_absent_is_named_with_what_is_there(tmp_path: Path) -> None:
    """A typing slip in the settings is answered with the names that exist."""
    data = folder(tmp_path)

    with pytest.raises(Unusable) as stop:
        find_sources(data, settings(items={"file": "item.csv"}))

    assert str(stop.value) == (
        "settings, tables.items.file: item.csv is not in the data folder. "
        "Found there: actual_demand.csv, items.csv. Correct the name."
    )


def test_sheets_of_a_workbook_feed_the_tables_they_are_named_after(tmp_path: Path) -> None:
    """Case, spaces and hyphens of a sheet's name do not matter."""
    data = tmp_path / "data"
    data.mkdir()
    with pd.ExcelWriter(data / "extract.xlsx", engine="xlsxwriter") as book:
        pd.DataFrame({"item_id": ["A"], "family": ["F"]}).to_excel(book, sheet_name="Items", index=False)
        pd.DataFrame({"x": [1]}).to_excel(book, sheet_name="Actual Demand", index=False)

    found = find_sources(data, Settings())

    assert [source.label for source in found.values()] == ["extract.xlsx [Items]", "extract.xlsx [Actual Demand]"]


def test_a_workbook_that_cannot_be_opened_stops_the_run(tmp_path: Path) -> None:
    """A damaged or protected workbook may hold tables nobody would miss."""
    data = folder(tmp_path, extract__xlsx=b"no workbook")

    with pytest.raises(Unusable, match=r"extract\.xlsx: the workbook cannot be opened .* without a password"):
        find_sources(data, Settings())


def test_tables_of_a_duckdb_file_feed_the_tables_they_are_named_after(tmp_path: Path) -> None:
    """A database in the folder is read like files would be."""
    data = tmp_path / "data"
    data.mkdir()
    with duckdb.connect(str(data / "warehouse.duckdb")) as con:
        con.execute("CREATE TABLE items AS SELECT 1 AS item_id, 'F' AS family")
        con.execute("CREATE VIEW actual_demand AS SELECT DATE '2024-02-01' AS period, 1 AS item_id, 2.5 AS quantity")

    result = taken(tmp_path, data)

    assert result.column("actual_demand", "quantity") == [2.5]


def test_a_view_of_the_client_cannot_read_the_rest_of_the_disk(tmp_path: Path) -> None:
    """A database may hold views over files; those outside the data folder stay closed."""
    data = folder(tmp_path)
    (data / "actual_demand.csv").unlink()
    (tmp_path / "secret.csv").write_text(DEMAND)
    with duckdb.connect(str(data / "warehouse.duckdb")) as con:
        con.execute(f"CREATE VIEW actual_demand AS SELECT * FROM read_csv('{tmp_path / 'secret.csv'}')")

    with pytest.raises(Unusable, match=r"warehouse\.duckdb \[actual_demand\]: cannot be read"):
        taken(tmp_path, data)


def test_a_folder_that_does_not_exist_is_named(tmp_path: Path) -> None:
    """The first thing that can go wrong has its own sentence."""
    with pytest.raises(Unusable) as stop:
        find_sources(tmp_path / "none", Settings())

    assert str(stop.value) == (
        f"{tmp_path / 'none'}: the data folder does not exist. Name an existing folder with --data."
    )


def test_a_misspelt_file_is_offered_the_table_it_resembles(tmp_path: Path) -> None:
    """`order_line.csv` would otherwise be a table silently not sent."""
    data = folder(tmp_path, order_line__csv="a\n1\n")

    assert strangers(data, find_sources(data, Settings())) == [("order_line.csv", "order_lines")]


def test_names_are_compared_without_case_and_spacing() -> None:
    """Sheets and files are named by people."""
    assert normal(" Order-Lines ") == "order_lines"


def test_all_wrong_places_are_told_in_one_run(tmp_path: Path) -> None:
    """A file that is not there and one of no readable kind: one run, both messages."""
    data = folder(tmp_path, notes__doc="x")
    tables = {"order_lines": TableSource(file="orders.csv"), "capacity": TableSource(file="notes.doc")}

    with pytest.raises(Unusable) as stop:
        find_sources(data, Settings(tables=tables))

    told = str(stop.value).splitlines()
    assert [line.partition(": ")[2].partition(".")[0] for line in told] == ["orders", "notes"]
