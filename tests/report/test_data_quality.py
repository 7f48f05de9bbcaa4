"""The data-quality page on a small extract with known faults: what to mend, who can, and what does not fit together."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest

from helpers import contract
from helpers.diagnosis import open_engagement, wanted
from helpers.engagement import Engagement
from helpers.intake.rejects import ROW
from helpers.intake.sources import find_sources, strangers
from helpers.report.data_quality import questions
from helpers.report.data_quality.columns import columns_seen
from helpers.report.data_quality.mend import Mend, to_mend
from helpers.report.data_quality.page import blocked, summary, write_data_quality
from helpers.report.data_quality.periods import covered
from helpers.report.rejected import Fault, clipped, general, rejected
from helpers.request.meanings import EXTRACTOR, MAPPER, STEWARDS
from tests import builders

HOSTILE = "<script>alert('x')</script>"
MONTHS = [f"2024-{month:02d}-01" for month in range(1, 7)]
# Two rows of items nobody knows, one with a negative quantity, one that stands twice: four of sixteen.
DEMAND = [f"{month},{item},10" for month in MONTHS for item in "ab"]
BROKEN_DEMAND = ["2024-01-01,zebra,5", f"2024-01-01,{HOSTILE},5", "2024-02-01,c,-1", DEMAND[0]]
# Two stages that are no stage, both meant to be consensus.
FORECAST = [f"{month},a,{month},consensus,10" for month in MONTHS[2:]] + [
    f"{month},a,{month},consensos,10" for month in MONTHS[:2]
]
# No first promise in two of four; one cost is no number.
ORDERS = [
    "1,a,2024-01-02,2024-01-09,2024-01-09,2024-01-09,5,",
    "2,a,2024-01-02,2024-01-09,,,5,",
    "3,b,2024-05-02,2024-05-09,2024-05-09,2024-05-08,5,12 EUR",
    "4,b,2024-05-02,2024-05-09,,2024-05-09,5,3.5",
]
STOCK = [f"{month},a,7" for month in MONTHS if month not in ("2024-03-01", "2024-06-01")]
FILES = {
    "items": ("item_id,family,unit_prise", ["a,Bread,2", "b,Milk,3", "c,Milk,3"]),
    "actual_demand": ("period,item_id,quantity", DEMAND + BROKEN_DEMAND),
    "forecast_snapshots": ("cycle,item_id,period,stage,quantity", FORECAST),
    "order_lines": (
        "order_id,item_id,ordered_on,requested_on,promised_on,delivered_on,ordered_quantity,expedite_cost",
        ORDERS,
    ),
    "inventory_snapshots": ("period,item_id,on_hand", STOCK),
    "purchase_orders": ("purchase_order_id,item_id,supplier_id,ordered_on,ordered_quantity", ["p,a,s,2024-01-01,4"]),
    "suppliers": ("supplier_id,planned_lead_time_days", []),
    "capacities": ("resource_id,period,planned_hours", ["r,2024-01-01,8"]),
    "diary": ("day", ["2024-01-01"]),
}


@pytest.fixture(scope="module")
def data(tmp_path_factory) -> Path:
    """The extract with its faults."""
    folder = tmp_path_factory.mktemp("client")
    for name, (header, rows) in FILES.items():
        (folder / f"{name}.csv").write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def out(tmp_path_factory) -> Path:
    """Where its results go."""
    return tmp_path_factory.mktemp("out")


@pytest.fixture(scope="module")
def engagement(data, out) -> Engagement:
    """The extract, taken in."""
    return open_engagement(data, out)


@pytest.fixture(scope="module")
def page(engagement, data, out) -> str:
    """The page, as it is written."""
    return write_data_quality(engagement, data, out).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def mends(engagement, data, out) -> list[Mend]:
    """Everything to mend, in order."""
    unread = strangers(data, find_sources(data, engagement.settings))
    empty = [("suppliers", "suppliers.csv")]
    return to_mend(engagement, rejected(out / "rejects"), wanted(engagement), unread, empty)


def answer(engagement: Engagement, ask: object) -> questions.Answer:
    """The answer to the question that `ask` answers."""
    words = next(question.words for question in questions.QUESTIONS if question.ask is ask)
    return next(given for given in questions.answers(engagement) if given.words == words)


# what came


def test_the_summary_counts_tables_rows_and_cells(engagement, page):
    """Five of six tables; 4 + 2 + 1 of 16 + 6 + 4 + 4 + 3 + 1 rows; one cell."""
    assert summary(engagement.manifest) == "5 of 6 tables can be used; 7 of 34 rows set aside, 1 cell emptied."
    assert "<h1>5 of 6 tables can be used; 7 of 34 rows set aside, 1 cell emptied.</h1>" in page


def test_a_sign_that_cannot_be_assessed_names_what_it_waits_for(engagement):
    """Few are named in the sentence, many are counted and listed below."""
    wants = wanted(engagement)
    expediting = tuple(want for want in wants if want.need.startswith("purchase_orders"))
    waiting = {sign.key for want in wants for sign in want.opens}

    assert blocked(expediting) == (
        "1 of 10 warning signs cannot be assessed: Recurring expediting waits for purchase_orders.expedited."
    )
    assert blocked(wants).startswith(f"{len(waiting)} of 10 warning signs cannot be assessed; what each waits for")
    assert blocked(()) == "Nothing keeps any of the 10 warning signs from being assessed."


def test_every_table_of_the_contract_has_somebody_who_keeps_it():
    """Nothing to mend is nobody's."""
    assert set(STEWARDS) == set(contract.BY_NAME)


# what to mend


def test_what_takes_most_away_is_mended_first(mends):
    """Whole tables, files, rows by number, cells."""
    assert [(mend.table, mend.column, mend.effect) for mend in mends] == [
        ("purchase_orders", "", "the whole table, 1 row"),
        ("capacity", "", "a whole file"),
        ("suppliers", "", "the whole table"),
        ("items", "unit_price", "a whole column"),
        ("actual_demand", "item_id", "2 rows set aside"),
        ("forecast_snapshots", "stage", "2 rows set aside"),
        ("actual_demand", "quantity", "1 row set aside"),
        ("actual_demand", "period, item_id", "1 row set aside"),
        ("order_lines", "expedite_cost", "1 cell emptied"),
    ]


def test_everything_to_mend_says_who_can(mends):
    """The role that keeps the table; unknown items with master data; a file's name whoever made the extract."""
    assert [mend.who for mend in mends[:6]] == [
        f"procurement, or {MAPPER}",
        EXTRACTOR,
        "procurement",
        f"{EXTRACTOR}, or {MAPPER}",
        "demand planning, with master data",
        "demand planning",
    ]


def test_a_column_of_almost_the_right_name_is_something_to_mend(mends):
    """It is not used, and nobody would look for it among the columns that rightly are not."""
    words = "'unit_prise' is not used. Is it unit_price? Rename it, or name it in settings.yaml: "
    answer = 'tables: {items: {columns: {unit_price: "unit_prise"}}}'

    assert [mend.what for mend in mends if mend.table == "items"] == [words + answer]


def test_a_column_too_empty_to_count_is_something_to_mend(tmp_path):
    """Sent, and filled in one of four rows where 80 % are needed: the signs that wait for it are named."""
    orders = pd.DataFrame(
        {
            "purchase_order_id": list("1234"),
            "supplier_id": "s",
            "item_id": "a",
            "ordered_on": pd.Timestamp("2024-01-01"),
            "due_on": pd.Timestamp("2024-02-01"),
            "needed_on": [pd.Timestamp("2024-02-01"), None, None, None],
            "received_on": pd.Timestamp("2024-02-03"),
            "ordered_quantity": 1.0,
            "expedited": True,
        }
    )
    thin = builders.engagement(tmp_path, {"items": builders.items(a="Bread"), "purchase_orders": orders})

    found = [mend for mend in to_mend(thin, [], wanted(thin), [], []) if mend.column == "needed_on"]

    assert [(m.effect, m.who, m.signs) for m in found] == [("25% filled", "procurement", ("Recurring expediting",))]


def test_what_other_rows_fall_with_is_mended_before_them(engagement):
    """One item that stands twice with other values takes the more rows away that name it."""
    twice = Fault("items", "item_id", "the same item_id as another line with other values", ROW, 2, ())
    double = Fault("items", "item_id", "the same row as another line; one is kept", ROW, 1, ())
    fallen = Fault("actual_demand", "item_id", "its item was set aside in items", ROW, 60, ())

    found = [
        (m.table, m.effect, m.who)
        for m in to_mend(engagement, [double, fallen, twice], [], [], [])
        if m.column == "item_id"
    ]

    assert found == [
        ("items", "2 rows set aside", "master data"),
        ("actual_demand", "60 rows set aside", "master data"),
        ("items", "1 row set aside", "master data"),
    ]


def test_a_fault_is_counted_by_rule_with_different_examples(out):
    """A suggestion, a date or a line of one case does not make a rule of its own."""
    faults = {(fault.table, fault.column): fault for fault in rejected(out / "rejects")}
    stage = faults["forecast_snapshots", "stage"]

    assert (stage.count, stage.rule) == (2, "not one of statistical, sales, operations, consensus")
    assert [(e.line, e.value, e.hint) for e in stage.examples] == [("6", "consensos", "the nearest is 'consensus'")]
    assert faults["actual_demand", "period, item_id"].examples[0].hint == "as line 2"


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("lies before ordered_on (2024-01-03)", "lies before ordered_on"),
        ("not a date; expected 2024-03-01", "not a date; expected 2024-03-01"),
        ("not one of A; the nearest is 'A' (column 'Class' of the file)", "not one of A (column 'Class' of the file)"),
        ("its item was set aside in items (line 7)", "its item was set aside in items"),
        (
            "the same key as line 9, the last one, which is kept",
            "the same key as another line, the last one, which is kept",
        ),
    ],
)
def test_a_rule_is_told_without_its_case(rule, expected):
    """What is the same for all rows stays."""
    assert general(rule) == expected


def test_a_long_value_is_clipped_at_sixty_characters():
    """And control characters are left out."""
    assert clipped("x" * 60) == "x" * 60
    assert clipped("\x1b" + "x" * 61) == "x" * 60 + "…"


# column by column


def test_a_column_says_how_full_it_is_and_between_which_values(engagement):
    """Dates from the first to the last, few texts one by one, nothing where nothing was sent."""
    intake = engagement.manifest.table("order_lines")
    columns = {column.name: column for column in columns_seen(engagement, intake)}

    assert columns["requested_on"].values == "2024-01-09 to 2024-05-09"
    assert columns["item_id"].values == "a, b"
    assert (columns["promised_on"].filled, columns["expedite_cost"].values) == (0.5, "3.5")
    assert (columns["customer_id"].filled, columns["customer_id"].values) == (None, "")
    assert columns["order_id"].is_required


def test_a_table_set_aside_whole_shows_its_reason_and_no_columns(engagement, page):
    """There is nothing stored to describe."""
    intake = engagement.manifest.table("purchase_orders")

    assert columns_seen(engagement, intake) == []
    assert "the required column due_on is missing" in page


def test_a_column_of_another_name_says_where_it_comes_from(tmp_path):
    """The client looks for it under the client's own name."""
    (tmp_path / "items.csv").write_text("Article,family\na,Bread\n", encoding="utf-8")
    (tmp_path / "actual_demand.csv").write_text("period,item_id,quantity\n2024-01-01,a,1\n", encoding="utf-8")
    (tmp_path / "settings.yaml").write_text("tables: {items: {columns: {item_id: Article}}}\n", encoding="utf-8")
    mapped = open_engagement(tmp_path, tmp_path / "out")

    assert columns_seen(mapped, mapped.manifest.table("items"))[0].origin == "Article"


# whether it fits together


def test_periods_without_rows_are_named(engagement):
    """Stock was not counted in March, and ends in May."""
    stock = next(line for line in covered(engagement) if line.table == "inventory_snapshots")

    assert (stock.count, str(stock.last.date())) == (4, "2024-05-01")
    assert [str(gap.date()) for gap in stock.gaps] == ["2024-03-01"]
    assert stock.is_regular


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (questions.ends_together, "The last period is 2024-06-01; inventory_snapshots with 2024-05-01 ends before it."),
        (questions.demand_without_stock, "Not so for 1 of 2: b."),
        (questions.demand_without_forecast, "Not so for 1 of 2: b."),
        (questions.unpromised, "2 of 4 order lines have no promised_on (50.0%)."),
        (questions.undelivered, "1 of 4 order lines were due more than 90 days ago and are open (25.0%)."),
    ],
)
def test_a_doubtful_answer_gives_its_numbers(engagement, ask, said):
    """How many of how many, and which."""
    given = answer(engagement, ask)

    assert (given.said, given.is_doubtful) == (said, True)


def test_an_order_from_after_the_end_of_the_extract_is_named(tmp_path):
    """A year that was mistyped."""
    days = pd.to_datetime(["2024-01-05", "2042-01-05"])
    orders = pd.DataFrame({"order_id": list("12"), "item_id": "a", "ordered_on": days, "requested_on": days})
    demand = pd.DataFrame({"period": builders.cycles(2), "item_id": "a", "quantity": 1.0})
    tables = {"items": builders.items(a="Bread"), "actual_demand": demand}
    late = builders.engagement(tmp_path, {**tables, "order_lines": orders.assign(ordered_quantity=1.0)})

    assert questions.ends_by_now(late) == ("The extract ends with 2024-03-01; order_lines reaches 2042-01-01.", True)


def test_families_that_no_item_is_of_are_named_with_their_rows(tmp_path):
    """They are accepted, and asked about: a misspelling, or a total that could not be told from its parts."""
    families = pd.DataFrame({"period": builders.cycles(2).repeat(3), "family": ["Milk", "Total", None] * 2})
    tables = {
        "items": pd.DataFrame({"item_id": ["a"], "family": ["Milk"]}),
        "financials": families.assign(revenue=1.0),
        "compensation_costs": families.head(2).assign(kind="other", amount=1.0),
    }
    said = "compensation_costs.family: Total in 1 row, which no item is of; financials.family: Total in 2 rows, "

    assert questions.families_unknown(builders.engagement(tmp_path, tables)) == (said + "which no item is of.", True)


def test_a_promise_that_is_the_delivery_is_asked_about(tmp_path):
    """It counts as not sent: the page says why, where it lists what could be measured with more."""
    days = pd.date_range("2024-01-05", periods=30)
    dates = dict.fromkeys(("ordered_on", "requested_on", "promised_on", "delivered_on"), days)
    orders = pd.DataFrame({"order_id": [str(n) for n in range(30)], "item_id": "a", **dates, "ordered_quantity": 1.0})
    demand = pd.DataFrame({"period": builders.cycles(2), "item_id": "a", "quantity": 1.0})
    tables = {"items": builders.items(a="Milk"), "order_lines": orders, "actual_demand": demand}

    said, is_doubtful = questions.looks_kept(builders.engagement(tmp_path, tables))

    assert is_doubtful
    assert said.startswith("No: promised_on equals delivered_on in every delivered line: it looks as if the delivery")


def test_histories_that_look_kept_are_named(engagement):
    """Those that were looked at."""
    assert questions.looks_kept(engagement) == ("Yes: forecast_snapshots.", False)


def test_a_delivery_from_after_the_end_of_the_extract_is_no_delivery(tmp_path):
    """A placeholder: it is named with its rows, and the line counts as open; what came in the bucket under way came."""
    days = pd.to_datetime(["2024-01-05"] * 4)
    came = pd.to_datetime(["2024-01-05", "2024-07-20", "2024-08-01", "2099-12-31"])
    dates = {"ordered_on": days, "requested_on": days, "delivered_on": came}
    orders = pd.DataFrame({"order_id": list("1234"), "item_id": "a", **dates, "ordered_quantity": 1.0})
    demand = pd.DataFrame({"period": builders.cycles(6), "item_id": "a", "quantity": 1.0})
    tables = {"items": builders.items(a="Milk"), "order_lines": orders, "actual_demand": demand}
    engagement = builders.engagement(tmp_path, tables)

    said = "order_lines.delivered_on lies after the end of the extract in 2 rows, up to 2099-12-31: they count as open."
    open_ = "2 of 4 order lines were due more than 90 days ago and are open (50.0%)."
    assert engagement.as_of == pd.Timestamp("2024-07-01")
    assert questions.happened_by_now(engagement) == (said, True)
    assert questions.undelivered(engagement) == (open_, True)
    assert engagement.frame(engagement.table("order_lines"))["delivered_on"].isna().sum() == 3


def test_what_fits_is_said_with_the_number_it_was_asked_of(engagement):
    """All items with a forecast have demand: one."""
    given = answer(engagement, questions.forecast_without_demand)

    assert (given.said, given.is_doubtful) == ("Yes, all 1.", False)


def test_a_question_whose_tables_were_not_sent_is_not_answered(engagement, page):
    """Nothing is not zero: neither yes nor no."""
    given = answer(engagement, questions.suppliers_unknown)

    assert (given.said, given.missing) == ("", ("purchase_orders", "suppliers"))
    assert "cannot be told without purchase_orders, suppliers" in page


# the page itself


def test_the_page_asks_nobody_for_anything(page):
    """No script, nothing from elsewhere, and a policy that forbids both."""
    assert "<script" not in page
    assert not re.findall(r"(?:src|href)\s*=\s*[\"'](?!#|data:)[^\"']*", page)
    assert "default-src 'none'" in page


def test_a_clients_text_is_shown_as_text(page):
    """An item called `<script>…` appears as it was written, escaped."""
    assert HOSTILE not in page
    assert "&lt;script&gt;alert(" in page


def test_the_page_names_files_and_no_folder_of_this_machine(page, data, out):
    """It leaves the house."""
    assert "actual_demand.csv line 14" in page
    assert "Files that were not read, because they are named after no table: diary.csv." in page
    assert str(data) not in page
    assert str(out) not in page


def test_an_extract_without_faults_has_nothing_to_mend(tmp_path):
    """And says so."""
    (tmp_path / "items.csv").write_text("item_id,family\na,Bread\n", encoding="utf-8")
    (tmp_path / "actual_demand.csv").write_text("period,item_id,quantity\n2024-01-01,a,1\n", encoding="utf-8")
    whole = open_engagement(tmp_path, tmp_path / "out")

    page = write_data_quality(whole, tmp_path, tmp_path / "out").read_text(encoding="utf-8")

    assert "2 of 2 tables can be used; 0 of 2 rows set aside." in page
    assert "Nothing: every row and every cell that was sent can be used." in page
