"""How a client's header answers to the contract."""

from pathlib import Path

import pandas as pd
import pytest

from helpers import contract
from helpers.intake.mapping import lay_out, look_alikes
from helpers.manifest import TableIntake
from helpers.settings import TableSource
from tests.intake.folders import demand, folder, taken

DEMAND = contract.table("actual_demand")
HEADER = ("period", "item_id", "quantity")


def test_header_case_and_outer_spaces_do_not_matter() -> None:
    """` Item_ID ` is item_id."""
    layout = lay_out(DEMAND, TableSource(), ("PERIOD", "Item_ID", "Quantity"), "d.csv")

    assert layout.positions == {"period": 0, "item_id": 1, "quantity": 2}


def test_one_client_column_may_feed_two_columns() -> None:
    """A vendor's name can be both its id and its name."""
    spec = TableSource(columns={"supplier_id": "Vendor", "name": "Vendor"}, constants={"planned_lead_time_days": 90})

    layout = lay_out(contract.table("suppliers"), spec, ("Vendor", "City"), "v.csv")

    assert layout.positions == {"supplier_id": 0, "name": 0}
    assert layout.sent == ("supplier_id", "name", "planned_lead_time_days")
    assert layout.ignored == ("City",)


def test_a_missing_required_column_names_the_nearest_and_the_setting() -> None:
    """The message holds all that is needed to repair the mapping."""
    layout = lay_out(DEMAND, TableSource(), ("period", "item", "quantity"), "d.csv")

    assert layout.problem == (
        "d.csv: the required column item_id is missing; the nearest name found is 'item'. Name the client's column in "
        'settings.yaml: tables: {actual_demand: {columns: {item_id: "item"}}}, or ask the client for it.'
    )


def test_several_missing_columns_are_one_message() -> None:
    """What is to be done is said once, with a line for the settings that holds them all."""
    layout = lay_out(DEMAND, TableSource(columns={"quantity": "Menge"}), ("period ", "item"), "d.csv")

    assert layout.problem == (
        "d.csv: the required column item_id is missing; the nearest name found is 'item'; missing too: 'Menge' for "
        "quantity. Name the client's columns in settings.yaml: "
        'tables: {actual_demand: {columns: {item_id: "item", quantity: "…"}}}, or ask the client for them.'
    )


def test_a_mapped_column_that_is_absent_is_named_as_the_settings_wrote_it() -> None:
    """The slip is in the settings, so their word is shown."""
    layout = lay_out(DEMAND, TableSource(columns={"item_id": "product"}), ("period", "products", "quantity"), "d.csv")

    assert layout.problem == (
        "d.csv: the column 'product', which the settings name for the required column item_id, is missing; the nearest "
        "name found is 'products'. Name the client's column in settings.yaml: "
        'tables: {actual_demand: {columns: {item_id: "products"}}}, or ask the client for it.'
    )


@pytest.mark.parametrize(("ending", "delimiter"), [("csv", ";"), ("xlsx", ",")])
def test_a_title_above_the_header_is_one_advice_that_works_when_it_is_copied(
    tmp_path: Path, ending: str, delimiter: str
) -> None:
    """Not a missing column each: the line that holds the names is looked for."""
    lines = [
        ["Demand, as of July", "", ""],
        ["", "", ""],
        ["made by", "SAP", ""],
        ["period", "item_id", "quantity"],
        ["2024-01", "A2", "5"],
    ]
    data = folder(tmp_path, inventory_snapshots__csv="period,item_id,on_hand\n2024-01,A2,5\n")
    (data / "actual_demand.csv").unlink()
    if ending == "csv":
        (data / "actual_demand.csv").write_text("\n".join(map(delimiter.join, lines)) + "\n", encoding="utf-8")
    else:
        pd.DataFrame(lines).to_excel(data / "actual_demand.xlsx", sheet_name="actual_demand", header=False, index=False)

    entry = taken(tmp_path, data).manifest.table("actual_demand")

    assert entry is not None
    assert (entry.problem or "").partition(": ")[2] == (
        "expected the names of columns on line 1, found 'Demand, as of July'; they stand on line 4. Say so in "
        "settings.yaml: tables: {actual_demand: {skip_rows: 3}}, or delete the lines above."
    )
    again = taken(tmp_path, data, {"actual_demand": {"skip_rows": 3}})
    assert again.column("actual_demand", "quantity") == [5.0]


def test_a_header_without_one_known_name_is_shown() -> None:
    """It may be a title, or the client's own names in another language."""
    layout = lay_out(DEMAND, TableSource(), ("Absatz Juli", ""), "d.csv")

    assert (layout.problem or "").endswith(
        " The header holds 'Absatz Juli'; where that is a title, give the lines above the names as skip_rows."
    )


def test_a_mapped_optional_column_that_is_absent_counts_as_not_sent_and_is_noted() -> None:
    """A mapping may serve many months; a column missing in one of them is said, not fatal."""
    layout = lay_out(DEMAND, TableSource(columns={"stockout_days": "out days"}), HEADER, "d.csv")

    assert layout.problem is None
    assert layout.notes == {"stockout_days": "not sent: d.csv has no column 'out days'"}


def test_an_unused_column_is_held_against_the_columns_that_were_not_sent() -> None:
    """Almost the same name is asked about; what was sent, and what is named quite otherwise, is left alone."""
    sent = dict.fromkeys(("item_id", "family"), 1.0)
    entry = TableIntake("items", filled=sent, ignored_columns=("Unit Price", "unit_kost", "famly", "colour"))

    assert look_alikes(entry) == {"unit_price": "Unit Price", "unit_cost": "unit_kost"}


def test_two_columns_of_one_name_set_the_table_aside() -> None:
    """Which of them is meant cannot be told."""
    layout = lay_out(DEMAND, TableSource(), ("period", "item_id", "quantity", "Quantity"), "d.csv")

    assert layout.problem == "d.csv: two columns are named 'quantity'. Rename one of them."


def test_where_keeps_only_the_rows_of_the_table(tmp_path: Path) -> None:
    """Rows that do not match belong to another table and are not counted."""
    content = "period,item_id,measure,quantity\n2024-01,A2,demand,5\n2024-01,A2,stock,x\n2024-02,A2,sales,7\n"

    result = demand(tmp_path, content, where={"measure": ["demand", "sales"]})

    assert result.counts("actual_demand") == (2, 2, 0, 0)


def test_where_compares_numbers_and_flags_by_what_they_mean(tmp_path: Path) -> None:
    """`1` keeps 1.0, `true` keeps Yes."""
    content = "period,item_id,version,live,quantity\n2024-01,A2,1.0,Yes,5\n2024-02,A2,2,yes,6\n2024-03,A2,1,no,7\n"

    result = demand(tmp_path, content, where={"version": 1, "live": True})

    assert result.column("actual_demand", "quantity") == [5.0]


def test_where_with_an_absent_column_sets_the_table_aside(tmp_path: Path) -> None:
    """Without the column nobody knows which rows are meant."""
    data = folder(tmp_path, inventory_snapshots__csv="period,item_id,on_hand\n2024-01,A2,5\n")

    result = taken(tmp_path, data, {"inventory_snapshots": {"where": {"perod": "2024-01"}}})

    entry = result.manifest.table("inventory_snapshots")
    assert entry is not None
    assert entry.problem == (
        "inventory_snapshots.csv: tables.inventory_snapshots.where names the column 'perod', which is missing; "
        "the nearest name found is 'period'. Correct the name in settings.yaml."
    )


def test_values_put_the_contracts_words_in_place_of_the_clients(tmp_path: Path) -> None:
    """The client's `Final` is the contract's consensus; what is not named passes as it is."""
    content = "cycle,item_id,period,stage,quantity\n2024-01,A2,2024-02,Final,5\n2024-01,A2,2024-02,sales,6\n"
    data = folder(tmp_path, forecast_snapshots__csv=content)

    result = taken(tmp_path, data, {"forecast_snapshots": {"values": {"stage": {"Final": "consensus"}}}})

    assert result.column("forecast_snapshots", "stage") == ["consensus", "sales"]


def test_a_constant_counts_as_sent(tmp_path: Path) -> None:
    """A stage that the whole file shares can be said in the settings."""
    data = folder(tmp_path, forecast_snapshots__csv="cycle,item_id,period,quantity\n2024-01,A2,2024-02,5\n")

    result = taken(tmp_path, data, {"forecast_snapshots": {"constants": {"stage": "sales"}}})

    entry = result.manifest.table("forecast_snapshots")
    assert entry is not None
    assert entry.filled["stage"] == 1.0
    assert result.column("forecast_snapshots", "stage") == ["sales"]
