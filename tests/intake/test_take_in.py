"""Intake as a whole: what stops it, what it hands on, and when it does nothing."""

from collections.abc import Callable
from pathlib import Path

import pytest

from helpers import contract
from helpers.errors import Unusable
from helpers.intake import describe, take_in
from helpers.manifest import load_manifest
from helpers.settings import Settings
from tests.intake.folders import DEMAND, ITEMS, folder, taken


def test_the_manifest_is_saved_with_the_hashes_of_the_input(tmp_path: Path) -> None:
    """Whoever reads the store knows which files it came from."""
    result = taken(tmp_path, folder(tmp_path))

    assert load_manifest(result.store) == result.manifest
    assert sorted(result.manifest.hashes) == ["actual_demand.csv", "items.csv"]


def test_the_same_input_is_not_read_twice(tmp_path: Path) -> None:
    """A second run says so and hands the same manifest on."""
    data, said = folder(tmp_path), []
    first = taken(tmp_path, data)
    written = (first.store / "items.parquet").stat().st_mtime_ns

    again = take_in(data, first.store, first.rejects, Settings(), said.append)

    assert again == first.manifest
    assert (first.store / "items.parquet").stat().st_mtime_ns == written
    assert said == ["intake: the same input and settings as before; nothing to do"]


def test_a_changed_input_replaces_the_store_and_the_rejects(tmp_path: Path) -> None:
    """Nothing of the run before is left behind."""
    data = folder(tmp_path, inventory_snapshots__csv="period,item_id,on_hand\n2024-01,A2,1\n2024-02,A2,x\n")
    taken(tmp_path, data)
    (data / "inventory_snapshots.csv").unlink()

    result = taken(tmp_path, data)

    assert not (result.store / "inventory_snapshots.parquet").exists()
    assert not (result.rejects / "inventory_snapshots.csv").exists()
    assert [table.table for table in result.manifest.tables] == ["items", "actual_demand"]


def test_changed_settings_are_read_again(tmp_path: Path) -> None:
    """The fingerprint covers the settings."""
    data = folder(tmp_path)

    assert taken(tmp_path, data).manifest.fingerprint != taken(tmp_path, data, bucket="week").manifest.fingerprint


def test_missing_rejects_are_written_again(tmp_path: Path) -> None:
    """A store without its list is not whole."""
    data = folder(tmp_path, actual_demand__csv=DEMAND + "2024-02,A2,x\n")
    result = taken(tmp_path, data)
    (result.rejects / "actual_demand.csv").unlink()

    assert len(taken(tmp_path, data).faults("actual_demand")) == 1


def _halved(store: Path) -> None:
    file = store / "actual_demand.parquet"
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def _with_fewer_rows(store: Path) -> None:
    (store / "actual_demand.parquet").write_bytes((store / "items.parquet").read_bytes())


def _without_an_end(store: Path) -> None:
    (store / "intake.json").write_text('{"fingerprint": "', encoding="utf-8")


@pytest.mark.parametrize("damage", [_halved, _with_fewer_rows, _without_an_end])
def test_a_damaged_store_is_not_believed(tmp_path: Path, damage: Callable[[Path], None]) -> None:
    """A table cut off, one with other rows than were stored, a manifest that cannot be read: taken in anew."""
    data = folder(tmp_path, actual_demand__csv=DEMAND + "2024-02,A2,1\n2024-03,A2,2\n2024-03,A2,3\n")
    first = taken(tmp_path, data, {"actual_demand": {"duplicates": "sum"}})
    assert first.manifest.rows_stored == {"items": 2, "actual_demand": 3}
    damage(first.store)

    again = taken(tmp_path, data, {"actual_demand": {"duplicates": "sum"}})

    assert again.manifest == first.manifest
    assert again.column("actual_demand", "quantity") == [10.0, 1.0, 5.0]


def test_without_items_nothing_can_be_used(tmp_path: Path) -> None:
    """The message says where items was looked for and what was found."""
    data = folder(tmp_path)
    (data / "items.csv").rename(data / "item_master.csv")

    with pytest.raises(Unusable) as stop:
        taken(tmp_path, data)

    assert str(stop.value) == (
        f"{data}: the table items was not found. Every other table refers to it. Expected items.csv, items.csv.gz, "
        "items.parquet, a sheet or database table named items, or a place named in settings.yaml under tables: items. "
        "Found actual_demand.csv, item_master.csv."
    )


def test_unusable_items_stop_the_run_and_leave_the_last_one_standing(tmp_path: Path) -> None:
    """Nothing is written over."""
    data = folder(tmp_path)
    before = taken(tmp_path, data)
    (data / "items.csv").write_text("item_id,famly\nA2,Dairy\n")

    with pytest.raises(Unusable) as stop:
        taken(tmp_path, data)

    assert str(stop.value) == (
        "items cannot be used, and every other table refers to it. items.csv: the required column family is missing; "
        "the nearest name found is 'famly'. Name the client's column in settings.yaml: "
        'tables: {items: {columns: {family: "famly"}}}, or ask the client for it.'
    )
    assert load_manifest(before.store) == before.manifest
    assert sorted(path.name for path in before.store.iterdir()) == [
        "actual_demand.parquet",
        "intake.json",
        "items.parquet",
    ]


def test_without_a_fact_nothing_can_be_said(tmp_path: Path) -> None:
    """Masters alone are no evidence; the problem of the table that was set aside is repeated."""
    data = folder(tmp_path, actual_demand__csv="period,item_id\n2024-01,A2\n")

    with pytest.raises(Unusable) as stop:
        taken(tmp_path, data)

    facts = ", ".join(table.name for table in contract.TABLES if table.is_fact)
    assert str(stop.value) == (
        "No table is left beside items that says what was planned or what happened. "
        f"One of these is needed: {facts}.\n"
        "  actual_demand.csv: the required column quantity is missing. Name the client's column in settings.yaml: "
        'tables: {actual_demand: {columns: {quantity: "…"}}}, or ask the client for it.'
    )


@pytest.mark.parametrize("content", ["period,item_id,on_hand\n", "", "\n\n"])
def test_a_table_without_rows_counts_as_not_sent(tmp_path: Path, content: str) -> None:
    """Nothing logged and not logged look the same."""
    data = folder(tmp_path, inventory_snapshots__csv=content)

    assert taken(tmp_path, data).manifest.table("inventory_snapshots") is None


def test_a_constant_that_breaks_a_rule_is_refused(tmp_path: Path) -> None:
    """The fault is in the settings, not in the rows."""
    data = folder(tmp_path, forecast_snapshots__csv="cycle,item_id,period,quantity\n2024-01,A2,2024-02,5\n")

    with pytest.raises(Unusable) as stop:
        taken(tmp_path, data, {"forecast_snapshots": {"constants": {"stage": "final"}}})

    assert str(stop.value) == (
        "settings, tables.forecast_snapshots.constants.stage: 'final' is not one of statistical, sales, operations, "
        "consensus. Correct the value."
    )


def test_one_file_can_feed_several_tables(tmp_path: Path) -> None:
    """Items drawn from a list of movements keep one row each."""
    content = "sku,group,kind,period,value\nA,F,demand,2024-01,5\nA,F,stock,2024-01,7\nB,F,demand,2024-01,1\n"
    data = tmp_path / "data"
    data.mkdir()
    (data / "all.csv").write_text(content)
    common = {"file": "all.csv", "columns": {"item_id": "sku", "family": "group"}}
    facts = {
        table: {"file": "all.csv", "where": {"kind": kind}, "columns": {"item_id": "sku", column: "value"}}
        for table, kind, column in [
            ("actual_demand", "demand", "quantity"),
            ("inventory_snapshots", "stock", "on_hand"),
        ]
    }

    result = taken(tmp_path, data, {"items": common, **facts})

    assert result.counts("items") == (3, 2, 1, 0)
    assert result.counts("actual_demand") == (2, 2, 0, 0)
    assert result.counts("inventory_snapshots") == (1, 1, 0, 0)


def test_describe_gives_one_line_a_table(tmp_path: Path) -> None:
    """Read, used, set aside, emptied, and a note."""
    data = folder(tmp_path, actual_demand__csv="period;item_id;quantity\n2024-01;A2;1,5\n2024-02;Z;1\n")

    lines = describe(taken(tmp_path, data).manifest)

    assert [(line.table, line.read, line.used, line.set_aside, line.note) for line in lines] == [
        ("items", 2, 2, 0, ""),
        ("actual_demand", 2, 1, 1, "delimiter: ;; quantity: decimal comma"),
    ]


def test_nothing_is_written_outside_the_two_folders(tmp_path: Path) -> None:
    """The data is confidential; working files live in the store and go with the run."""
    data = folder(tmp_path, items__csv=ITEMS)

    taken(tmp_path, data)

    assert sorted(path.name for path in tmp_path.iterdir()) == ["data", "rejects", "store"]
    assert not list((tmp_path / "store").glob(".*"))
