"""What the list of set-aside rows says, and where each row stands."""

from pathlib import Path

import pytest

from tests.intake.folders import demand, folder, taken

HEADER = "period,item_id,quantity\n"
GOOD = "2024-01,A2,1\n"


def places(tmp_path: Path, content: str | bytes, **spec: object) -> list[tuple[str, str, str]]:
    """Line, column and value of every fault listed."""
    faults = demand(tmp_path, content, **spec).faults("actual_demand")
    return [(fault["line"], fault["column"], fault["value"]) for fault in faults]


def test_the_list_has_the_columns_of_the_contract(tmp_path: Path) -> None:
    """One line a fault: file, line, column, value, rule, action."""
    result = demand(tmp_path, HEADER + GOOD + "2024-02,A2,x\n")

    assert (result.rejects / "actual_demand.csv").read_text(encoding="utf-8") == (
        "file,line,column,value,rule,action\n"
        "actual_demand.csv,3,quantity,x,"
        '"not a number with a decimal point; a trailing minus, brackets, percent signs and units are not read: '
        'have the cells exported as plain numbers",'
        "row set aside\n"
    )


def test_line_numbers_count_lines_of_the_file(tmp_path: Path) -> None:
    """Preamble, blank lines and records that span lines are counted as an editor counts them."""
    content = f'Export\n\n{HEADER}\n{GOOD}2024-02,A2,"x\ny"\n\n2024-03,A2,z\n'

    assert places(tmp_path, content, skip_rows=1) == [("6", "quantity", "x\ny"), ("9", "quantity", "z")]


def test_blank_rows_do_not_count(tmp_path: Path) -> None:
    """Excel leaves rows of delimiters behind."""
    result = demand(tmp_path, HEADER + GOOD + ",,\n \n" + " , , \n")

    assert result.counts("actual_demand") == (1, 1, 0, 0)


def test_rows_with_too_few_or_too_many_fields_are_set_aside(tmp_path: Path) -> None:
    """An empty surplus field is no fault."""
    result = demand(tmp_path, HEADER + GOOD + "2024-02,A2\n2024-03,A2,1,5\n2024-04,A2,1,\n")

    assert result.counts("actual_demand") == (4, 2, 2, 0)
    assert [(f["line"], f["value"], f["rule"]) for f in result.faults("actual_demand")] == [
        (
            "3",
            "2024-02,A2",
            "2 fields where the header has 3: a delimiter is missing, or stands inside a value",
        ),
        (
            "4",
            "2024-03,A2,1,5",
            "4 fields where the header has 3: a delimiter is missing, or stands inside a value",
        ),
    ]


def test_a_quotation_mark_that_is_never_closed_costs_one_row(tmp_path: Path) -> None:
    """It must not swallow the rows below."""
    result = demand(tmp_path, HEADER + GOOD + '2024-02,"A2,1\n2024-03,A2,1\n2024-04,"A2",1\n')

    assert result.counts("actual_demand") == (4, 3, 1, 0)
    assert result.faults("actual_demand")[0]["rule"] == "a quotation mark is opened and not closed"


@pytest.mark.parametrize("cell", ["=1+1", "+1+1", "-1+1", "@SUM(A1)", "|calc"])
def test_a_value_that_a_spreadsheet_would_run_is_disarmed(tmp_path: Path, cell: str) -> None:
    """An apostrophe in front makes it text."""
    assert places(tmp_path, f"{HEADER}{GOOD}2024-02,A2,{cell}\n") == [("3", "quantity", f"'{cell}")]


def test_a_negative_number_is_shown_as_it_is(tmp_path: Path) -> None:
    """A spreadsheet does not run -5."""
    assert places(tmp_path, f"{HEADER}{GOOD}2024-02,A2,-5\n") == [("3", "quantity", "-5")]


def test_a_mapped_column_is_named_by_both_names(tmp_path: Path) -> None:
    """The reader opens the client's file, where the contract's name does not stand."""
    result = demand(tmp_path, "period,item_id,Menge\n2024-01,A2,x\n2024-02,A2,1\n", columns={"quantity": "Menge"})

    assert result.faults("actual_demand")[0]["rule"].endswith("(column 'Menge' of the file)")


def test_faults_of_a_row_that_is_set_aside_say_so(tmp_path: Path) -> None:
    """Only cells of used rows count as emptied."""
    result = demand(tmp_path, "period,item_id,quantity,stockout_days\n2024-01,A2,x,y\n2024-02,A2,1,y\n")

    assert result.counts("actual_demand") == (2, 1, 1, 1)
    assert [fault["action"] for fault in result.faults("actual_demand")] == [
        "row set aside",
        "row set aside",
        "cell emptied",
    ]


def test_a_table_without_a_required_column_is_listed_in_one_line(tmp_path: Path) -> None:
    """Set aside whole: all rows count as set aside, the list says why once."""
    data = folder(tmp_path, inventory_snapshots__csv="period,item_id\n2024-01,A2\n2024-02,A2\n")

    result = taken(tmp_path, data)

    assert result.counts("inventory_snapshots") == (2, 0, 2, 0)
    [fault] = result.faults("inventory_snapshots")
    assert (fault["line"], fault["action"]) == ("1", "table set aside")
    assert fault["rule"] == (
        "inventory_snapshots.csv: the required column on_hand is missing. Name the client's column in settings.yaml: "
        'tables: {inventory_snapshots: {columns: {on_hand: "…"}}}, or ask the client for it.'
    )


def test_a_table_of_which_nothing_is_left_says_what_happened_most(tmp_path: Path) -> None:
    """It counts as set aside whole, with its rows listed."""
    data = folder(tmp_path, inventory_snapshots__csv="period,item_id,on_hand\n2024-01,Z,1\n2024-02,Z,1\n")

    entry = taken(tmp_path, data).manifest.table("inventory_snapshots")

    assert entry is not None
    assert entry.problem == (
        "inventory_snapshots.csv: none of its rows can be used (2 read). Most often: item_id: not an item_id of the "
        "table items (2 times, first 'Z' on line 2)."
    )


def test_what_happened_most_is_counted_over_all_items(tmp_path: Path) -> None:
    """Every row names another nearest item; the reason is one."""
    sold = "period,item_id,on_hand\n" + "".join(
        f"2024-0{month},{item},1\n" for month, item in ((1, 123), (2, "a2"), (3, 123))
    )
    data = folder(tmp_path, items__csv="item_id,family\n00123,Dairy\n0A2,Bakery\n", inventory_snapshots__csv=sold)

    entry = taken(tmp_path, data).manifest.table("inventory_snapshots")

    assert entry is not None
    assert (entry.problem or "").endswith("for a spreadsheet drops them (3 times, first '123' on line 2).")
