"""The contract's rules, row by row."""

import datetime as dt
from pathlib import Path

import pytest

from tests.intake.folders import Taken, demand, folder, taken

CONFLICT = (
    "the same period, item_id as line 4 with other values; "
    "all are set aside unless the settings say duplicates: sum or last"
)
UNKNOWN = "not an item_id of the table items"
ONLY_NUMBERS = (
    "a trailing minus, brackets, percent signs and units are not read: have the cells exported as plain numbers"
)
AS_TEXT = "have the column exported as text, for a spreadsheet drops them"
ORDERS = "order_id,line_id,item_id,ordered_on,requested_on,delivered_on,ordered_quantity,delivered_quantity,expedited\n"


def orders(tmp_path: Path, *lines: str) -> Taken:
    """Order lines as the client wrote them."""
    return taken(tmp_path, folder(tmp_path, order_lines__csv=ORDERS + "".join(line + "\n" for line in lines)))


def rules(result: Taken, table: str) -> list[tuple[str, str, str, str]]:
    """Line, column, rule and action of every fault listed."""
    return [(f["line"], f["column"], f["rule"], f["action"]) for f in result.faults(table)]


def test_a_good_row_is_used_whole(tmp_path: Path) -> None:
    """Nothing is listed where nothing is wrong."""
    result = orders(tmp_path, "1,1,00123,2024-01-02,2024-01-09,2024-01-08,5,5,yes")

    assert result.counts("order_lines") == (1, 1, 0, 0)
    assert result.faults("order_lines") == []


def test_a_bad_required_cell_sets_the_row_aside(tmp_path: Path) -> None:
    """Without the cell the row says nothing."""
    result = orders(tmp_path, "1,1,A2,2024-01-02,,,5,,", "2,1,A2,2024-01-02,2024-01-09,,0,,")

    assert result.counts("order_lines") == (2, 0, 2, 0)
    assert rules(result, "order_lines") == [
        ("2", "requested_on", "required, and empty", "row set aside"),
        ("3", "ordered_quantity", "must be above 0", "row set aside"),
    ]


def test_a_bad_optional_cell_is_emptied_and_the_row_used(tmp_path: Path) -> None:
    """The rest of the row still counts."""
    result = orders(tmp_path, "1,1,A2,2024-01-02,2024-01-09,soon,5,-1,perhaps")

    assert result.counts("order_lines") == (1, 1, 0, 3)
    assert rules(result, "order_lines") == [
        ("2", "delivered_on", "not a date; expected the format %Y-%m-%d", "cell emptied"),
        ("2", "delivered_quantity", "below 0, the smallest value allowed", "cell emptied"),
        (
            "2",
            "expedited",
            "neither yes nor no; read are true/false, yes/no, y/n, 1/0, ja/nein, oui/non, si/no",
            "cell emptied",
        ),
    ]
    assert result.rows("order_lines")[["delivered_quantity", "expedited"]].isna().to_numpy().all()


def test_identifiers_stay_as_they_are_written(tmp_path: Path) -> None:
    """00123 is not 123; the nearest known item is named."""
    result = orders(tmp_path, "007,1,00123,2024-01-02,2024-01-09,,5,,", "8,1,123,2024-01-02,2024-01-09,,5,,")

    assert result.column("order_lines", "order_id") == ["007"]
    assert rules(result, "order_lines") == [
        (
            "3",
            "item_id",
            f"{UNKNOWN}, for its leading zeros are lost: {AS_TEXT}; the nearest is '00123'",
            "row set aside",
        )
    ]


def test_lost_zeros_are_looked_for_on_both_sides(tmp_path: Path) -> None:
    """The master may have gone through a spreadsheet as well; another case alone has nothing to do with it."""
    result = orders(tmp_path, "7,1,0A2,2024-01-02,2024-01-09,,5,,", "8,1,a2,2024-01-02,2024-01-09,,5,,")

    assert [rule for _, _, rule, _ in rules(result, "order_lines")] == [
        f"{UNKNOWN}, for those of items have lost their leading zeros: {AS_TEXT}; the nearest is 'A2'",
        f"{UNKNOWN}; the nearest is 'A2'",
    ]


def test_a_row_that_falls_with_its_item_says_so(tmp_path: Path) -> None:
    """The item was sent: it stands twice with other values, and that is what to mend. One that is kept is known."""
    twice = "item_id,family\nA1,Dairy\nA2,Dairy\nA2,Bakery\nA3,Dairy\nA3,Dairy\n"
    sold = "period,item_id,quantity\n2024-01,A1,5\n2024-01,A2,5\n2024-01,A3,5\n2024-01,A4,5\n"

    result = taken(tmp_path, folder(tmp_path, items__csv=twice, actual_demand__csv=sold))

    assert rules(result, "actual_demand") == [
        ("3", "item_id", "its item was set aside in items (line 3)", "row set aside"),
        ("5", "item_id", UNKNOWN, "row set aside"),
    ]


def test_a_delivery_before_its_order_sets_the_row_aside(tmp_path: Path) -> None:
    """One of the two dates is wrong, and nobody can tell which."""
    result = orders(tmp_path, "1,1,A2,2024-01-02,2024-01-09,2024-01-01,5,,")

    assert rules(result, "order_lines") == [
        ("2", "delivered_on", "lies before ordered_on (2024-01-02)", "row set aside")
    ]


def test_a_code_outside_the_list_sets_the_row_aside_with_the_nearest(tmp_path: Path) -> None:
    """Emptied, `salez` would turn into the default stage; case alone does not matter."""
    content = "cycle,item_id,period,stage,quantity\n2024-01,A2,2024-02,salez,5\n2024-01,A2,2024-02,SALES,5\n"
    result = taken(tmp_path, folder(tmp_path, forecast_snapshots__csv=content))

    assert rules(result, "forecast_snapshots") == [
        ("2", "stage", "not one of statistical, sales, operations, consensus; the nearest is 'sales'", "row set aside")
    ]
    assert result.column("forecast_snapshots", "stage") == ["sales"]


def test_an_unknown_item_in_an_optional_column_sets_the_row_aside(tmp_path: Path) -> None:
    """Empty is allowed there, unknown is not."""
    content = "period,kind,amount,item_id\n2024-01,overtime,5,\n2024-01,overtime,5,Z9\n2024-02,overtime,5,A2\n"
    result = taken(tmp_path, folder(tmp_path, compensation_costs__csv=content))

    assert result.counts("compensation_costs") == (3, 2, 1, 0)


@pytest.mark.parametrize("cell", ["12-", "(5)", "1%", "€ 5", "inf", "1_000", "0x1F", "1e999"])
def test_a_number_in_disguise_is_not_guessed(tmp_path: Path, cell: str) -> None:
    """A trailing minus, brackets, percent signs and units are named in the rule."""
    result = demand(tmp_path, f"period,item_id,quantity\n2024-01,A2,{cell}\n2024-02,A2,1\n")

    assert rules(result, "actual_demand") == [
        (
            "2",
            "quantity",
            f"not a number with a decimal point; {ONLY_NUMBERS}",
            "row set aside",
        )
    ]


def test_a_fraction_above_one_is_told_from_a_percentage(tmp_path: Path) -> None:
    """Ratios are fractions throughout."""
    data = folder(tmp_path, items__csv="item_id,family,service_target\n00123,Dairy,95\n")

    assert rules(taken(tmp_path, data), "items") == [
        ("2", "service_target", "above 1, the largest value allowed (a fraction: 95 % is 0.95)", "cell emptied")
    ]


@pytest.mark.parametrize("word", ["NULL", "NaN", "#N/A", "n/a", "NaT", "None"])
def test_a_word_for_empty_is_empty(tmp_path: Path, word: str) -> None:
    """Databases, spreadsheets and pandas each have their own; none of them is a bad value."""
    result = demand(tmp_path, f"period,item_id,quantity,stockout_days\n2024-01,A2,1,{word}\n")

    assert result.counts("actual_demand") == (1, 1, 0, 0)


@pytest.mark.parametrize("word", ["TRUE", "Yes", "y", "1", "Ja", "OUI", "si", "sí"])
def test_yes_is_said_in_many_languages(tmp_path: Path, word: str) -> None:
    """Booleans in any case."""
    data = folder(tmp_path, items__csv=f"item_id,family,is_critical\n00123,Dairy,{word}\n")

    assert taken(tmp_path, data).column("items", "is_critical") == [True]


def test_a_score_is_a_whole_number_from_one_to_five(tmp_path: Path) -> None:
    """Interview answers outside the scale are set aside."""
    content = "function,sign,score\nsales,1,5\nsales,2,3.5\nsales,11,3\nsales,0,3\n"
    result = taken(tmp_path, folder(tmp_path, interview_answers__csv=content))

    assert [(line, column, rule) for line, column, rule, _ in rules(result, "interview_answers")] == [
        ("3", "score", "not a whole number"),
        ("4", "sign", "above 10, the largest value allowed"),
        ("5", "sign", "below 1, the smallest value allowed"),
    ]


def test_periods_are_put_on_the_first_day_of_their_bucket(tmp_path: Path) -> None:
    """The first of the month, or the Monday of the ISO week."""
    data = folder(tmp_path, actual_demand__csv="period,item_id,quantity\n2024-01-31,A2,1\n")

    assert taken(tmp_path, data).column("actual_demand", "period") == [dt.date(2024, 1, 1)]
    assert taken(tmp_path, data, bucket="week").column("actual_demand", "period") == [dt.date(2024, 1, 29)]


def test_absent_columns_are_stored_empty_or_with_their_default(tmp_path: Path) -> None:
    """Every stored table has all columns of the contract, in its order and with its types."""
    rows = demand(tmp_path, "period,item_id,quantity\n2024-01,A2,1\n").rows("actual_demand")

    assert list(rows.columns) == ["period", "item_id", "location_id", "quantity", "stockout_days"]
    assert rows["location_id"].tolist() == ["all"]
    assert str(rows["stockout_days"].dtype) == "float64"


def test_an_empty_cell_of_a_column_with_a_default_takes_it(tmp_path: Path) -> None:
    """It counts as unfilled, and is stored as the default."""
    result = demand(tmp_path, "period,item_id,location_id,quantity\n2024-01,A2,,1\n2024-02,A2,L1,1\n")

    entry = result.manifest.table("actual_demand")
    assert entry is not None
    assert entry.filled["location_id"] == 0.5
    assert result.column("actual_demand", "location_id") == ["all", "L1"]


def test_the_same_row_twice_keeps_one(tmp_path: Path) -> None:
    """The first is kept, the others name it."""
    result = demand(tmp_path, "period,item_id,quantity\n2024-01,A2,1\n2024-01,A2,1.0\n2024-02,A2,1\n")

    assert result.counts("actual_demand") == (3, 2, 1, 0)
    assert rules(result, "actual_demand") == [
        ("3", "period, item_id", "the same row as line 2; one is kept", "row set aside")
    ]


def test_the_same_key_with_other_values_sets_all_aside(tmp_path: Path) -> None:
    """Which of them is right cannot be told; a third row that repeats one of them does not help."""
    result = demand(tmp_path, "period,item_id,quantity\n2024-01,A2,1\n2024-01,A2,2\n2024-01,A2,2\n2024-02,A2,1\n")

    assert result.counts("actual_demand") == (4, 1, 3, 0)
    assert rules(result, "actual_demand")[0] == (
        "2",
        "period, item_id",
        CONFLICT,
        "row set aside",
    )


def test_four_weeks_of_one_month_are_not_one_row_four_times(tmp_path: Path) -> None:
    """Equal numbers on other days of a bucket are other rows; keeping one would lose three quarters."""
    result = demand(tmp_path, "period,item_id,quantity\n2024-01-01,A2,9\n2024-01-08,A2,9\n2024-02-01,A2,1\n")

    assert result.counts("actual_demand") == (3, 1, 2, 0)
    assert rules(result, "actual_demand")[0][2] == (
        "the same period, item_id as line 3, on another day of the same bucket; "
        "all are set aside unless the settings say duplicates: sum or last"
    )


def test_duplicates_sum_adds_quantities_of_one_key(tmp_path: Path) -> None:
    """All rows are used; the store holds one row a key; what is no quantity keeps its last value."""
    content = "period,item_id,quantity,stockout_days\n2024-01-01,A2,1,3\n2024-01-08,A2,2,4\n2024-02-01,A2,5,\n"

    result = demand(tmp_path, content, duplicates="sum")

    assert result.counts("actual_demand") == (3, 3, 0, 0)
    assert result.column("actual_demand", "quantity") == [3.0, 5.0]
    assert result.column("actual_demand", "stockout_days") == [4.0, None]


def test_duplicates_last_keeps_the_last_row_of_a_key(tmp_path: Path) -> None:
    """The others are set aside and name it."""
    result = demand(tmp_path, "period,item_id,quantity\n2024-01,A2,1\n2024-01,A2,2\n", duplicates="last")

    assert result.column("actual_demand", "quantity") == [2.0]
    assert rules(result, "actual_demand") == [
        ("2", "period, item_id", "the same period, item_id as line 3, the last one, which is kept", "row set aside")
    ]


def test_rows_without_a_key_may_repeat(tmp_path: Path) -> None:
    """Two equal postings of overtime are two postings."""
    content = "period,kind,amount\n2024-01,overtime,5\n2024-01,overtime,5\n"

    result = taken(tmp_path, folder(tmp_path, compensation_costs__csv=content))

    assert result.counts("compensation_costs") == (2, 2, 0, 0)


def test_a_day_that_is_wrong_by_itself_is_told_once(tmp_path: Path) -> None:
    """1900 is no day of delivery: that it also lies before the order says nothing more."""
    result = orders(tmp_path, "1,1,A2,2024-01-02,2024-01-09,1900-01-01,5,,")

    assert rules(result, "order_lines") == [
        ("2", "delivered_on", "not between the years 1950 and 2100", "row set aside")
    ]
