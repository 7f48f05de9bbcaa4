"""The one door to the data: what was not known on the as-of date cannot be reached through it."""

from __future__ import annotations

import gc
import weakref
from datetime import date

import numpy as np
import pandas as pd
import pytest

from helpers import contract
from helpers.contract import Column, Known, Table
from helpers.engagement import Engagement, once
from helpers.errors import Unusable
from helpers.settings import Settings
from tests.builders import engagement, items

DEMAND = pd.DataFrame(
    {"period": ["2024-01-01", "2024-02-01", "2024-03-01"], "item_id": "a", "quantity": [1.0, 2.0, 3.0]}
)
YEAR = pd.DataFrame({"period": pd.date_range("2024-01-01", periods=12, freq="MS"), "item_id": "a", "quantity": 1.0})
MASTERS = [table for table in contract.TABLES if table.known.how == "always"]
DATED = [table for table in contract.TABLES if table.known.how != "always"]


def order_line(**cells) -> pd.DataFrame:
    """One order line of ten units, ordered in January, promised and requested in February."""
    line = {
        "order_id": "1",
        "item_id": "a",
        "ordered_on": "2024-01-10",
        "requested_on": "2024-02-10",
        "promised_on": "2024-02-15",
        "ordered_quantity": 10.0,
    }
    return pd.DataFrame([{**line, **cells}])


def seen(folder, table: str, rows: pd.DataFrame, as_of: str) -> pd.DataFrame:
    """Rows of `table` as an engagement shows them as of a date, beside demand that dates the extract."""
    opened = engagement(folder, {"items": items(a="Bread"), "actual_demand": DEMAND, table: rows}, as_of)
    return opened.frame(opened.table(table))


def days(*texts: str) -> pd.DatetimeIndex:
    """Dates as the calendar holds them."""
    return pd.DatetimeIndex(texts).as_unit("us")


# rows


@pytest.mark.parametrize(
    ("as_of", "quantities"),
    [("2024-01-01", []), ("2024-02-01", [1.0]), ("2024-03-01", [1.0, 2.0]), ("2024-04-01", [1.0, 2.0, 3.0])],
)
def test_a_period_is_known_on_the_day_after_it_ends(tmp_path, as_of, quantities):
    """The demand of January can be used from 1 February on."""
    early = engagement(tmp_path, {"items": items(a="Bread"), "actual_demand": DEMAND}, as_of)

    assert early.frame(early.table("actual_demand"))["quantity"].tolist() == quantities


@pytest.mark.parametrize(("as_of", "count"), [("2024-01-01", 0), ("2024-02-01", 1)], ids=["before", "after"])
def test_an_order_line_is_known_once_it_is_ordered(tmp_path, as_of, count):
    """Ordered on 10 January: not there on 1 January, there on 1 February."""
    assert len(seen(tmp_path, "order_lines", order_line(), as_of)) == count


def test_a_snapshot_is_known_on_the_date_of_its_cycle(tmp_path):
    """The plan of March is seen in March, with its periods of later months."""
    rows = pd.DataFrame(
        {"cycle": ["2024-02-01", "2024-03-01"], "item_id": "a", "period": ["2024-06-01", "2024-06-01"], "quantity": 1.0}
    )

    assert seen(tmp_path, "forecast_snapshots", rows, "2024-02-01")["cycle"].tolist() == list(days("2024-02-01"))
    assert len(seen(tmp_path, "forecast_snapshots", rows, "2024-03-01")) == 2


@pytest.mark.parametrize(
    ("known_on", "as_of", "count"),
    [("2024-01-20", "2024-02-01", 1), (None, "2024-02-01", 0), (None, "2024-03-01", 1)],
    ids=["announced", "not announced", "happened"],
)
def test_an_event_is_known_when_announced_else_when_it_starts(tmp_path, known_on, as_of, count):
    """A promotion of 20 February announced on 20 January is seen on 1 February."""
    rows = pd.DataFrame([{"event_id": "e", "kind": "promotion", "starts_on": "2024-02-20", "known_on": known_on}])

    assert len(seen(tmp_path, "events", rows, as_of)) == count


def test_a_rule_without_a_date_is_always_in_force(tmp_path):
    """`effective_from` is optional; an undated rule cannot be placed later."""
    rows = pd.DataFrame({"rule_id": ["dated", "undated"], "effective_from": ["2024-03-01", None]})

    assert seen(tmp_path, "decision_rules", rows, "2024-02-01")["rule_id"].tolist() == ["undated"]


@pytest.mark.parametrize("table", MASTERS, ids=lambda table: table.name)
def test_masters_are_always_known(tmp_path, table):
    """Today's master data are applied to the past."""
    row = pd.DataFrame([{column.name: _cell(column) for column in table.columns}])
    sent = {"items": items(a="Bread"), "actual_demand": DEMAND, table.name: row}

    early = engagement(tmp_path, sent, "2024-01-01")

    assert len(early.frame(early.table(table.name))) == 1


# outcome cells


@pytest.mark.parametrize(
    ("as_of", "delivered_on", "quantity", "expedited"),
    [
        ("2024-02-01", None, None, None),
        ("2024-03-01", None, None, None),
        ("2024-04-01", "2024-03-05", 10.0, True),
    ],
    ids=["before it is due", "due and open", "delivered"],
)
def test_the_outcome_of_an_order_line_is_hidden_until_delivery(tmp_path, as_of, delivered_on, quantity, expedited):
    """Delivered on 5 March: on 1 March the line is open, and nobody knows yet that it was expedited."""
    rows = order_line(delivered_on="2024-03-05", delivered_quantity=10.0, expedited=True)

    line = seen(tmp_path, "order_lines", rows, as_of).replace({np.nan: None}).iloc[0]

    assert (line["delivered_on"] or None) == (pd.Timestamp(delivered_on) if delivered_on else None)
    assert line["delivered_quantity"] == quantity
    assert line["expedited"] == expedited


@pytest.mark.parametrize(("as_of", "hidden"), [("2024-02-01", True), ("2024-03-01", False)], ids=["not due", "due"])
def test_an_undated_outcome_is_known_when_it_was_due(tmp_path, as_of, hidden):
    """A line without a delivery date says from its promise on (15 February) that nothing was delivered."""
    rows = order_line(delivered_quantity=0.0)

    assert seen(tmp_path, "order_lines", rows, as_of)["delivered_quantity"].isna().tolist() == [hidden]


def test_available_hours_are_known_a_period_after_the_planned_ones(tmp_path):
    """On 1 February the plan for February is there, what it really had is not; January's is."""
    rows = pd.DataFrame(
        {
            "resource_id": "L1",
            "period": ["2024-01-01", "2024-02-01"],
            "planned_hours": [100.0, 110.0],
            "available_hours": [90.0, 95.0],
        }
    )

    shown = seen(tmp_path, "capacity", rows, "2024-02-01")

    assert shown["planned_hours"].tolist() == [100.0, 110.0]
    assert shown["available_hours"].fillna(-1).tolist() == [90.0, -1]


def test_the_status_of_a_decision_is_known_on_its_latest_date(tmp_path):
    """Raised in January, decided in February, reversed on 10 March: on 1 March decided, the later status hidden."""
    rows = pd.DataFrame(
        [
            {
                "decision_id": "d",
                "cycle": "2024-01-01",
                "raised_on": "2024-01-05",
                "decided_on": "2024-02-05",
                "reversed_on": "2024-03-10",
                "owner": "COO",
                "forum": "s_and_op",
                "status": "reversed",
            }
        ]
    )

    february, march, april = (seen(tmp_path, "decisions", rows, f"2024-0{month}-01").iloc[0] for month in (2, 3, 4))

    assert pd.isna(february["forum"])
    assert february["owner"] == "COO"
    assert (march["forum"], march["decided_on"]) == ("s_and_op", pd.Timestamp("2024-02-05"))
    assert pd.isna(march["status"])
    assert pd.isna(march["reversed_on"])
    assert april["status"] == "reversed"


def test_an_actual_start_is_known_before_the_finish(tmp_path):
    """Started in January, finished in March: on 1 February the order runs and its hours are not known."""
    rows = pd.DataFrame(
        [
            {
                "production_order_id": "p",
                "resource_id": "L1",
                "item_id": "a",
                "planned_start": "2024-01-08",
                "planned_quantity": 5.0,
                "actual_start": "2024-01-20",
                "actual_finish": "2024-03-03",
                "actual_hours": 12.0,
            }
        ]
    )

    order = seen(tmp_path, "production_orders", rows, "2024-02-01").iloc[0]

    assert order["actual_start"] == pd.Timestamp("2024-01-20")
    assert pd.isna(order["actual_finish"])
    assert pd.isna(order["actual_hours"])


@pytest.mark.parametrize("table", DATED, ids=lambda table: table.name)
def test_no_row_and_no_cell_of_any_table_shows_before_it_is_known(tmp_path, table):
    """200 random rows a table: the door shows exactly the rows and cells whose known-on date has come."""
    rows = _random_rows(table, 200)
    as_of = pd.Timestamp("2024-07-01")
    opened = engagement(tmp_path, {"items": items(a="Bread"), "actual_demand": YEAR, table.name: rows}, "2024-07-01")

    shown = opened.frame(opened.table(table.name))

    expected = _as_known(table, rows, as_of)
    assert len(shown) == len(expected)
    assert 0 < len(shown) < len(rows)
    for column in table.columns:
        assert sorted(_texts(shown[column.name])) == sorted(_texts(expected[column.name])), column.name


# what was sent


def test_a_table_that_was_not_sent_has_all_columns_and_no_rows(tmp_path):
    """A measure may always name a column; the absence shows in `has`."""
    opened = engagement(tmp_path, {"items": items(a="Bread"), "actual_demand": DEMAND})

    assert opened.frame(opened.table("order_lines")).empty
    assert set(opened.table("order_lines").columns) == {c.name for c in contract.table("order_lines").columns}
    assert not opened.has("order_lines")


def test_a_need_is_met_by_any_of_its_alternatives(tmp_path):
    """`a | b` is met by b; when neither is there, a is asked for."""
    opened = engagement(tmp_path, {"items": items(a="Bread"), "actual_demand": DEMAND})

    assert opened.has("order_lines.delivered_on | actual_demand.quantity")
    assert opened.missing("items", "capacity.planned_hours | financials.revenue", "decisions") == (
        "capacity.planned_hours",
        "decisions",
    )


@pytest.mark.parametrize(("filled", "is_there"), [(7, False), (8, True)], ids=["70 percent", "80 percent"])
def test_a_column_counts_as_sent_when_80_percent_of_its_rows_are_filled(tmp_path, filled, is_there):
    """Ten periods with stock-out days in seven do not carry a measure; eight do."""
    rows = pd.DataFrame(
        {
            "period": pd.date_range("2024-01-01", periods=10, freq="MS"),
            "item_id": "a",
            "quantity": 1.0,
            "stockout_days": [1.0] * filled + [None] * (10 - filled),
        }
    )

    opened = engagement(tmp_path, {"items": items(a="Bread"), "actual_demand": rows})

    assert opened.has("actual_demand.stockout_days") is is_there


def test_a_sparse_column_counts_as_sent_with_one_value(tmp_path):
    """A reason code is rightly empty in most rows."""
    rows = pd.concat([order_line(order_id=str(n), expedited=True if n == 1 else None) for n in range(20)])

    opened = engagement(tmp_path, {"items": items(a="Bread"), "order_lines": rows})

    assert opened.has("order_lines.expedited")


def test_what_was_sent_is_judged_from_the_extract_as_read(tmp_path):
    """An as-of run takes the same path as the full run although the deliveries are not known yet."""
    sent = {"items": items(a="Bread"), "actual_demand": DEMAND, "order_lines": order_line(delivered_on="2024-03-05")}

    assert engagement(tmp_path, sent, "2024-02-01").has("order_lines.delivered_on")


# as of


def test_without_an_as_of_date_the_extract_ends_with_its_last_closed_period(tmp_path):
    """Demand of March is the last fact: judged on 1 April."""
    opened = engagement(tmp_path, {"items": items(a="Bread"), "actual_demand": DEMAND})

    assert opened.as_of == pd.Timestamp("2024-04-01")
    assert opened.calendar.cycles.equals(days("2024-01-01", "2024-02-01", "2024-03-01", "2024-04-01"))


@pytest.mark.parametrize(
    ("as_of", "meant"),
    [("2024-03-31", "2024-03-01"), ("2024-03-01", "2024-03-01"), ("2030-01-01", "2024-04-01")],
    ids=["inside a bucket", "first day", "beyond the extract"],
)
def test_an_as_of_date_means_the_cycle_on_or_before_it(tmp_path, as_of, meant):
    """The end of March still judges on 1 March; a date beyond the extract is its end."""
    opened = engagement(tmp_path, {"items": items(a="Bread"), "actual_demand": DEMAND}, as_of)

    assert opened.as_of == pd.Timestamp(meant)
    assert opened.calendar.cycles.max() == pd.Timestamp(meant)


def test_an_as_of_date_before_the_extract_is_refused(tmp_path):
    """Nothing was known: the message says to choose a later date."""
    with pytest.raises(Unusable, match="as of 2023-12-01: no cycle on or before this date"):
        engagement(tmp_path, {"items": items(a="Bread"), "actual_demand": DEMAND}, "2023-12-05")


def test_an_empty_store_is_refused_with_the_next_step(tmp_path):
    """The intake has not run."""
    with pytest.raises(Unusable, match="Run the intake first: python -m helpers check"):
        Engagement(tmp_path, Settings())


def test_an_extract_without_any_date_is_refused(tmp_path):
    """Items alone say nothing about what was planned or done."""
    with pytest.raises(Unusable, match="no dated plan or fact in the extract"):
        engagement(tmp_path, {"items": items(a="Bread")}, str(date(2024, 1, 1)))


def test_the_same_expression_gives_its_rows_in_the_same_order(tmp_path):
    """Rows come ordered by their columns, so that two runs give the same bytes."""
    shuffled = DEMAND.sample(frac=1, random_state=3)
    opened = engagement(tmp_path, {"items": items(a="Bread"), "actual_demand": shuffled})

    assert opened.frame(opened.table("actual_demand"))["quantity"].tolist() == [1.0, 2.0, 3.0]


def test_tables_with_nothing_known_yet_can_be_joined(tmp_path):
    """As of a day before the first row, frames of two text columns are empty, and merge into an empty one."""
    sent = {"items": items(a="Soups"), "actual_demand": DEMAND}
    opened = engagement(tmp_path, sent)
    frame = opened.frame(opened.table("order_lines").select("order_id", "item_id"))

    assert frame.merge(frame, on=["order_id", "item_id"], how="outer").empty


def test_critical_families_come_from_the_settings_else_from_critical_items(tmp_path):
    """The client's own word counts first."""
    master = items(a="Bread", b="Milk").assign(is_critical=[False, True])
    sent = {"items": master, "actual_demand": DEMAND}

    assert engagement(tmp_path, sent).critical_families == ("Milk",)
    assert engagement(tmp_path, sent, critical_families=("Bread",)).critical_families == ("Bread",)
    assert engagement(tmp_path, {**sent, "items": items(a="Bread")}).critical_families == ()


def _cell(column: Column) -> object:
    if column.choices:
        return column.choices[0]
    return {"text": "a", "number": 1.0, "count": 1.0, "flag": True}.get(column.type, "2024-05-01")


def _random_rows(table: Table, count: int) -> pd.DataFrame:
    """Rows whose dates lie anywhere in 2024, outcome dates empty in a quarter of them."""
    draw = np.random.default_rng(7)
    return pd.DataFrame({column.name: _random_cells(column, draw, count) for column in table.columns})


def _random_cells(column: Column, draw: np.random.Generator, count: int) -> object:
    if column.type not in ("date", "bucket"):
        return [_cell(column)] * count
    dates = pd.Series(pd.Timestamp("2024-01-01") + pd.to_timedelta(draw.integers(0, 366, count), unit="D"))
    if column.type == "bucket":
        return dates.dt.to_period("M").dt.to_timestamp()
    return dates if column.required else dates.where(draw.random(count) > 0.25)


def _as_known(table: Table, rows: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    """The rule of the contract, row by row, without an engine."""
    kept = rows[[_is_known(table.known, row, as_of) for _, row in rows.iterrows()]].copy()
    for column in table.columns:
        if column.known.how != "inherit":
            known = [_is_known(column.known, row, as_of) for _, row in rows.loc[kept.index].iterrows()]
            kept[column.name] = kept[column.name].where(pd.Series(known, index=kept.index))
    return kept


def _is_known(known: Known, row: pd.Series, as_of: pd.Timestamp) -> bool:
    filled = [row[column] for column in known.columns if not pd.isna(row[column])]
    if not filled:
        return True
    if known.how == "after":
        return filled[0] + pd.DateOffset(months=1) <= as_of
    return (max(filled) if known.how == "latest" else filled[0]) <= as_of


def _texts(cells: pd.Series) -> list[str]:
    dated = pd.api.types.is_datetime64_any_dtype(cells)
    return ["" if pd.isna(cell) else f"{cell:%Y-%m-%d}" if dated else str(cell) for cell in cells]


def test_what_is_worked_out_once_lives_and_dies_with_its_engagement(tmp_path):
    """The same question is answered once an engagement, and nothing outlives it."""
    asked = []

    @once
    def answer(engagement: Engagement, number: int) -> int:
        asked.append(number)
        return number + len(engagement.calendar.cycles)

    opened = engagement(tmp_path, {"items": items(a="Soups"), "actual_demand": DEMAND})
    watched = weakref.ref(opened)

    assert [answer(opened, 1), answer(opened, 1), answer(opened, 2)] == [5, 5, 6]
    assert asked == [1, 2]

    del opened
    gc.collect()
    assert watched() is None


def test_a_plan_dated_long_after_everything_else_is_asked_about(tmp_path):
    """One decision with a wrong year would carry every verdict to a date of which nothing is known."""
    months = pd.date_range("2024-01-01", periods=14, freq="MS")
    tables = {
        "items": items(a="Bread"),
        "actual_demand": pd.DataFrame({"period": months, "item_id": "a", "quantity": 10.0}),
        "decisions": pd.DataFrame(
            {"decision_id": ["d1", "d2"], "cycle": [months[-1], pd.Timestamp("2026-01-01")], "raised_on": months[-1]}
        ),
    }

    with pytest.raises(Unusable, match=r"decisions: the last cycle is 2026-01-01.*between it and 2025-03-01"):
        engagement(tmp_path, tables)
