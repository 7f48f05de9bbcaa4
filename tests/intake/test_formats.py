"""Dates, numbers, encodings and delimiters: detected where one reading exists, asked for where not."""

import datetime as dt
from pathlib import Path

import pandas as pd
import pytest
import yaml

from helpers.errors import Unusable
from tests.intake.folders import demand, folder, taken


def on(year: int, month: int, day: int = 1) -> dt.date:
    """A day, the first of the month when none is given."""
    return dt.date(year, month, day)


def orders(tmp_path: Path, *days: str, **spec: object) -> list[dt.date]:
    """The ordered_on of order lines that carry `days`."""
    lines = "".join(f"{i};A2;{day};2024-12-31;1\n" for i, day in enumerate(days))
    data = folder(tmp_path, order_lines__csv="order_id;item_id;ordered_on;requested_on;ordered_quantity\n" + lines)
    tables = {"order_lines": {"delimiter": ";", **spec}}
    return taken(tmp_path, data, tables).column("order_lines", "ordered_on")


def quantities(tmp_path: Path, *cells: str, **spec: object) -> list[float]:
    """The quantity of demand rows that carry `cells`."""
    lines = "".join(f"20{10 + i}-01;A2;{cell}\n" for i, cell in enumerate(cells))
    return demand(tmp_path, "period;item_id;quantity\n" + lines, delimiter=";", **spec).column(
        "actual_demand", "quantity"
    )


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2024-03-09", on(2024, 3, 9)),
        ("2024-03-09 23:59:10.5", on(2024, 3, 9)),
        ("2024-03-09T10:00:00Z", on(2024, 3, 9)),
        ("2024/03/09", on(2024, 3, 9)),
        ("20240309", on(2024, 3, 9)),
        ("9-Mar-24", on(2024, 3, 9)),
        ("09 March 2024", on(2024, 3, 9)),
        ("Mar 9, 2024", on(2024, 3, 9)),
        ("29.03.2024", on(2024, 3, 29)),
        ("3/29/24", on(2024, 3, 29)),
        ("2024-03", on(2024, 3)),
        ("Mar-24", on(2024, 3)),
        ("2024-W10", on(2024, 3, 4)),
    ],
)
def test_a_date_that_reads_one_way_is_read(tmp_path: Path, written: str, day: dt.date) -> None:
    """Year first, month in letters, or a day above 12 leave no doubt."""
    assert orders(tmp_path, written) == [day]


def test_one_day_above_twelve_settles_the_whole_column(tmp_path: Path) -> None:
    """05/03 is 5 March because 29/03 stands below it."""
    assert orders(tmp_path, "05/03/2024", "29/03/2024") == [on(2024, 3, 5), on(2024, 3, 29)]


def test_a_date_column_that_reads_both_ways_asks_for_the_format(tmp_path: Path) -> None:
    """01/02/2026 is 1 February or 2 January; guessing would move every order."""
    with pytest.raises(Unusable) as stop:
        orders(tmp_path, "01/02/2024", "03/04/2024")

    assert str(stop.value) == (
        "order_lines.csv, column ordered_on: the column allows more than one reading: day and month could be exchanged "
        "in every row, for example in '01/02/2024'. Say in settings.yaml which one is meant: "
        'tables: {order_lines: {dates: {ordered_on: "%d/%m/%Y"}}} where the day comes first, "%m/%d/%Y" where the '
        "month does."
    )


@pytest.mark.parametrize("day", ["01.09.2024", "01.09.24", "1-9-2024", "01/09/2024 00:00"])
def test_the_format_that_is_proposed_reads_the_dates_when_it_is_copied(tmp_path: Path, day: str) -> None:
    """Separator, length of the year and clock time are those of the column, not of an example."""
    with pytest.raises(Unusable) as stop:
        orders(tmp_path, day)
    answer = str(stop.value).split("which one is meant: ")[1].partition(" where")[0]
    named = yaml.safe_load(f"{{{answer}}}")["tables"]["order_lines"]

    assert orders(tmp_path, day, **named) == [on(2024, 9, 1)]


def test_equal_day_and_month_leave_no_doubt(tmp_path: Path) -> None:
    """Exchanging them changes nothing."""
    assert orders(tmp_path, "01/01/2024", "02/02/2024") == [on(2024, 1, 1), on(2024, 2, 2)]


def test_dates_that_contradict_each_other_ask_for_the_format(tmp_path: Path) -> None:
    """Half a column day first and half month first has no reading at all."""
    with pytest.raises(Unusable, match="'29/03/2024' puts the day first and '03/29/2024' the month"):
        orders(tmp_path, "29/03/2024", "03/29/2024")


def test_a_named_format_settles_the_doubt(tmp_path: Path) -> None:
    """One format for the table, or one for a column."""
    assert orders(tmp_path, "01/02/2024", dates={"ordered_on": "%m/%d/%Y"}) == [on(2024, 1, 2)]


def test_a_named_format_that_is_none_is_refused(tmp_path: Path) -> None:
    """A slip in the format would otherwise set every row aside."""
    with pytest.raises(Unusable) as stop:
        orders(tmp_path, "01/02/2024", dates={"ordered_on": "%Q"})

    assert str(stop.value) == (
        "settings, tables.order_lines.dates: '%Q' for ordered_on is not a date format. "
        'Formats are written like "%d.%m.%Y".'
    )


@pytest.mark.parametrize(
    ("cells", "values"),
    [
        (("12.5", "7"), [12.5, 7.0]),
        (("12,5", "1.250,75"), [12.5, 1250.75]),
        (("1,250.75", "3"), [1250.75, 3.0]),
        (("0.125", "3"), [0.125, 3.0]),
        (("1 250,5", "1'000,25"), [1250.5, 1000.25]),
        (("1.234.567", "1"), [1234567.0, 1.0]),
        (("1e3", "2"), [1000.0, 2.0]),
    ],
)
def test_a_number_that_reads_one_way_is_read(tmp_path: Path, cells: tuple[str, ...], values: list[float]) -> None:
    """The whole column decides what its separators mean."""
    assert quantities(tmp_path, *cells) == values


@pytest.mark.parametrize(("cell", "thousand", "decimal"), [("1.234", ",", "."), ("1,234", ".", ",")])
def test_a_separator_before_three_digits_only_asks_for_the_decimal_sign(
    tmp_path: Path, cell: str, thousand: str, decimal: str
) -> None:
    """1.234 is one and a bit, or more than a thousand."""
    with pytest.raises(Unusable) as stop:
        quantities(tmp_path, cell, "7")

    assert str(stop.value) == (
        "actual_demand.csv, column quantity: the column allows more than one reading: "
        f"'{cell}' could be a decimal or a thousand in every row that has a separator. Say in settings.yaml which one "
        f'is meant: tables: {{actual_demand: {{decimal: {{quantity: "{thousand}"}}}}}} where it is a thousand, '
        f'"{decimal}" where it is a decimal.'
    )


@pytest.mark.parametrize(("decimal", "value"), [(".", 1.234), (",", 1234.0)])
def test_a_named_decimal_sign_settles_the_doubt(tmp_path: Path, decimal: str, value: float) -> None:
    """With the decimal sign named, the other separator stands for thousands."""
    assert quantities(tmp_path, "1.234", decimal=decimal) == [value]


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_each_column_may_have_a_decimal_sign_of_its_own(tmp_path: Path, ending: str) -> None:
    """Thousands by points beside decimal points, as two systems write them; beside text a cell may be a number."""
    header = ["order_id", "item_id", "ordered_on", "requested_on", "Qty", "unit_price"]
    rows = [["1", "A2", "2024-01-02", "2024-01-09", "1.250", "2.84"]]
    data = folder(tmp_path)
    if ending == "csv":
        (data / "order_lines.csv").write_text("\n".join(map(";".join, [header, *rows])) + "\n", encoding="utf-8")
    else:
        rows.append(["2", *rows[0][1:4], 1250.5, 2.5])  # type: ignore[list-item]
        frame = pd.DataFrame(rows, columns=header)
        frame.to_excel(data / "order_lines.xlsx", sheet_name="order_lines", index=False)
    spec = {"columns": {"ordered_quantity": "Qty"}, "decimal": {"ordered_quantity": ",", "unit_price": "."}}

    result = taken(tmp_path, data, {"order_lines": spec}).rows("order_lines")

    assert result["ordered_quantity"].tolist() == [1250.0, 1250.5][: len(rows)]
    assert result["unit_price"].tolist() == [2.84, 2.5][: len(rows)]


def test_numbers_that_contradict_each_other_ask_for_the_decimal_sign(tmp_path: Path) -> None:
    """1,5 and 1.5 cannot both be right."""
    with pytest.raises(Unusable, match=r"'1\.5' has a decimal point and '1,5' a decimal comma"):
        quantities(tmp_path, "1,5", "1.5")


def test_all_questions_of_a_run_are_asked_at_once(tmp_path: Path) -> None:
    """A client is asked once, not once per column."""
    data = folder(
        tmp_path,
        actual_demand__csv="period;item_id;quantity\n2024-01;A2;1.234\n",
        inventory_snapshots__csv="period;item_id;on_hand\n01/02/2024;A2;1\n",
    )

    with pytest.raises(Unusable) as stop:
        taken(tmp_path, data)

    assert [line.split(":")[0] for line in str(stop.value).splitlines()] == [
        "actual_demand.csv, column quantity",
        "inventory_snapshots.csv, column period",
    ]


def test_what_was_detected_is_recorded(tmp_path: Path) -> None:
    """A reader can check what the kit made of the file."""
    entry = demand(tmp_path, "period;item_id;quantity\n31.01.2024;A2;1,5\n").manifest.table("actual_demand")

    assert entry is not None
    assert entry.detected == {"delimiter": ";", "period": "dates %d.%m.%Y", "quantity": "decimal comma"}


def test_a_file_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    """Excel puts a mark before the header."""
    assert demand(tmp_path, "\ufeffperiod,item_id,quantity\n2024-01,A2,1\n").counts("actual_demand") == (1, 1, 0, 0)


def test_utf_16_is_recognised_by_its_mark(tmp_path: Path) -> None:
    """Excel's Unicode text is UTF-16 with tabs."""
    result = demand(tmp_path, "period\titem_id\tquantity\n2024-01\tA2\t1\n".encode("utf-16"))

    entry = result.manifest.table("actual_demand")
    assert entry is not None
    assert entry.detected == {"encoding": "utf-16", "delimiter": "tab"}


def test_bytes_that_are_not_utf_8_ask_for_the_encoding(tmp_path: Path) -> None:
    """Every single-byte encoding can read every file; only a person can tell."""
    data = folder(tmp_path, items__csv="item_id,family\nA2,Käse\n".encode("cp1252"))

    with pytest.raises(Unusable) as stop:
        taken(tmp_path, data)

    assert str(stop.value) == (
        "items.csv: the encoding cannot be told: the file is not UTF-8. Read as cp1252 it holds 'Käse'. If that is "
        "right, say so in settings.yaml: tables: {items: {encoding: cp1252}}; "
        "if not, name the encoding it was saved in."
    )


def test_odd_bytes_in_columns_that_are_not_used_do_no_harm(tmp_path: Path) -> None:
    """What is read is the same in every encoding."""
    content = "period,item_id,quantity,note\n2024-01,A2,1,größer\n".encode("cp1252")

    assert demand(tmp_path, content).counts("actual_demand") == (1, 1, 0, 0)


def test_a_named_encoding_is_used(tmp_path: Path) -> None:
    """Encodings DuckDB does not know are turned into UTF-8 first."""
    data = folder(tmp_path, items__csv="item_id,family\n00123,Łódź\n".encode("cp1250"))

    assert taken(tmp_path, data, {"items": {"encoding": "cp1250"}}).column("items", "family") == ["Łódź"]


def test_a_named_encoding_that_does_not_fit_is_refused(tmp_path: Path) -> None:
    """The message says which byte does not fit."""
    with pytest.raises(Unusable, match="cannot be read as utf-8: byte 0xe4 does not fit"):
        demand(tmp_path, "period,item_id,quantity\n2024-01,Kä,1\n".encode("cp1252"), encoding="utf-8")


def test_the_delimiter_is_the_one_that_finds_the_names(tmp_path: Path) -> None:
    """Commas inside a header of semicolons do not mislead."""
    content = "period;item_id;quantity;note, remark, aside, more\n2024-01;A2;1;x\n"

    assert demand(tmp_path, content).counts("actual_demand") == (1, 1, 0, 0)
