"""What the settings make of a client's rows: columns joined, units turned, equal rows taken once, columns compared."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from helpers.errors import Unusable
from helpers.settings import Settings, TableSource
from tests.intake.folders import demand, folder, taken

ITEMS = "part,plant,group\nA,N,Dairy\nA,S,Dairy\n"


def test_an_identifier_may_be_joined_from_several_columns(tmp_path: Path) -> None:
    """An item is a part at a plant; what is joined in one table is joined in the other."""
    data = folder(tmp_path, items__csv=ITEMS, actual_demand__csv="period,part,plant,quantity\n2024-01-01,A,S,10\n")
    joined = {"item_id": ["part", "plant"]}
    tables = {"items": {"columns": {**joined, "family": "group"}}, "actual_demand": {"columns": joined}}

    result = taken(tmp_path, data, tables)

    assert result.column("items", "item_id") == ["A / N", "A / S"]
    assert result.column("actual_demand", "item_id") == ["A / S"]


def test_a_joined_identifier_with_an_empty_part_is_empty(tmp_path: Path) -> None:
    """Half an identifier identifies nothing."""
    data = folder(
        tmp_path,
        items__csv="part,plant,group\nA,N,Dairy\nA,,Dairy\n",
        actual_demand__csv="period,part,quantity\n2024-01-01,A,1\n",
    )
    joined = {"item_id": ["part", "plant"], "family": "group"}

    result = taken(tmp_path, data, {"items": {"columns": joined}, "actual_demand": {"constants": {"item_id": "A / N"}}})

    assert result.counts("items") == (2, 1, 1, 0)
    assert [(line["column"], line["rule"]) for line in result.faults("items")] == [
        ("item_id", "required, and empty (column 'part / plant' of the file)")
    ]


def test_a_part_that_is_missing_from_the_file_is_named(tmp_path: Path) -> None:
    """The message shows the whole joined name and the nearest column."""
    with pytest.raises(Unusable) as refused:
        demand(tmp_path, "period,part,quantity\n2024-01-01,A,1\n", columns={"item_id": ["part", "plant"]})

    assert "the column 'part / plant', which the settings name for the required column item_id, is missing" in str(
        refused.value
    )


def test_a_master_may_be_read_from_a_list_of_events(tmp_path: Path) -> None:
    """Equal rows are taken once and are not read twice; rows that differ stay in conflict."""
    data = folder(tmp_path, items__csv="order,part,group\n1,00123,Dairy\n2,00123,Dairy\n3,B,Bakery\n4,B,Dairy\n")
    columns = {"item_id": "part", "family": "group"}

    result = taken(tmp_path, data, {"items": {"columns": columns, "distinct": True}})

    assert result.counts("items") == (3, 1, 2, 0)
    assert result.manifest.table("items").detected["rows"] == "3 different ones of 4"
    assert [line["line"] for line in result.faults("items")] == ["4", "5"]


def test_a_factor_turns_the_clients_unit_into_the_contracts(tmp_path: Path) -> None:
    """Thousands become units."""
    result = demand(tmp_path, "period,item_id,quantity\n2024-01-01,00123,1.5\n", factors={"quantity": 1000})

    assert result.column("actual_demand", "quantity") == [1500.0]


def test_a_factor_may_depend_on_the_clients_unit(tmp_path: Path) -> None:
    """Kilograms stay, tonnes are a thousand of them, and a unit without a factor is not guessed."""
    content = "period,item_id,quantity,uom\n2024-01-01,00123,5,KG\n2024-02-01,00123,5,T\n2024-03-01,00123,5,LB\n"

    result = demand(tmp_path, content, factors={"quantity": {"by": "uom", "of": {"KG": 1, "T": 1000}}})

    assert result.column("actual_demand", "quantity") == [5.0, 5000.0]
    assert [(line["line"], line["value"], line["rule"]) for line in result.faults("actual_demand")] == [
        ("4", "5", "its unit has no factor in the settings")
    ]


def test_the_other_units_may_share_a_factor(tmp_path: Path) -> None:
    """`otherwise` holds for the values that are not listed, also for an empty one."""
    content = "period,item_id,quantity,uom\n2024-01-01,00123,5,T\n2024-02-01,00123,5,\n"

    result = demand(tmp_path, content, factors={"quantity": {"by": "uom", "of": {"T": 1000}, "otherwise": 1}})

    assert result.column("actual_demand", "quantity") == [5000.0, 5.0]


def test_limits_hold_after_the_factor(tmp_path: Path) -> None:
    """A service target of 95 percent is a fraction once it has its factor."""
    data = folder(tmp_path, items__csv="item_id,family,service_target\n00123,Dairy,95\n")

    result = taken(tmp_path, data, {"items": {"factors": {"service_target": 0.01}}})

    assert result.column("items", "service_target") == pytest.approx([0.95])


def test_rows_may_be_kept_by_a_comparison_of_two_columns(tmp_path: Path) -> None:
    """Transfers to another plant leave only what stays at its own."""
    content = "period,item_id,quantity,plant,to\n2024-01-01,00123,5,N,N\n2024-02-01,00123,6,N,S\n"

    result = demand(tmp_path, content, where={"to": {"column": "plant"}})

    assert result.counts("actual_demand") == (1, 1, 0, 0)
    assert result.column("actual_demand", "quantity") == [5.0]


@pytest.mark.parametrize(
    "spec",
    [{"where": {"to": {"column": "plants"}}}, {"factors": {"quantity": {"by": "plants", "of": {}}}}],
    ids=["where", "factors"],
)
def test_a_column_the_settings_compare_with_must_be_there(tmp_path: Path, spec: dict[str, object]) -> None:
    """A condition that cannot be checked is not passed over."""
    with pytest.raises(Unusable) as refused:
        demand(tmp_path, "period,item_id,quantity,plant,to\n2024-01-01,00123,5,N,N\n", **spec)

    assert "names the column 'plants', which is missing; the nearest name found is 'plant'" in str(refused.value)


@pytest.mark.parametrize("factor", [0, -1], ids=["zero", "negative"])
def test_a_factor_is_above_zero(factor: int) -> None:
    """A unit is neither nothing nor negative."""
    with pytest.raises(ValidationError):
        TableSource(factors={"quantity": factor})


@pytest.mark.parametrize(
    "spec",
    [{"columns": {"quantity": ["a", "b"]}}, {"factors": {"item_id": 2}}],
    ids=["a joined number", "a factor on a text"],
)
def test_only_texts_are_joined_and_only_numbers_have_factors(spec: dict[str, object]) -> None:
    """What cannot be meant is refused with the settings, before a file is read."""
    with pytest.raises(ValidationError, match="only a"):
        Settings.model_validate({"tables": {"actual_demand": spec}})
