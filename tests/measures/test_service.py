"""OTIF: a line counts when it is delivered in full by its first promise, in the bucket of that date."""

from __future__ import annotations

import pandas as pd
import pytest

from helpers.measures.service import otif, propped_service
from tests.builders import engagement, items

COLUMNS = ["order_id", "ordered_on", "requested_on", "promised_on", "delivered_on", "delivered_quantity"]


def client(folder, *lines, **settings):
    """Order lines of ten pieces of item a, by the columns above; a row of stock closes March."""
    rows = pd.DataFrame(lines, columns=COLUMNS).assign(item_id="a", ordered_quantity=10.0)
    dates = [name for name in COLUMNS if name.endswith("_on")]
    rows[dates] = rows[dates].apply(pd.to_datetime)
    stock = pd.DataFrame({"period": [pd.Timestamp("2024-03-01")], "item_id": ["a"], "on_hand": [1.0]})
    return engagement(
        folder, {"items": items(a="Bread"), "order_lines": rows, "inventory_snapshots": stock}, **settings
    )


def january(folder, *lines, **settings):
    """OTIF of January."""
    return otif(client(folder, *lines, **settings)).set_index("label")["otif"].loc["2024-01-01"]


ON_TIME = ("1", "2024-01-02", "2024-01-20", "2024-01-20", "2024-01-20", 10)


@pytest.mark.parametrize(
    "line",
    [
        ("2", "2024-01-02", "2024-01-20", "2024-01-20", "2024-01-21", 10),
        ("2", "2024-01-02", "2024-01-20", "2024-01-20", "2024-02-10", 10),
        ("2", "2024-01-02", "2024-01-20", "2024-01-20", None, None),
        ("2", "2024-01-02", "2024-01-20", "2024-01-20", "2024-01-20", 9),
    ],
    ids=["a day late", "a month late", "still open", "not in full"],
)
def test_a_line_that_fails_halves_the_service(tmp_path, line):
    """Late, later, open and short all fail in the bucket of the due date."""
    assert january(tmp_path, ON_TIME, line) == 0.5


def test_the_first_promise_counts_and_the_request_where_there_is_none(tmp_path):
    """Requested on the 10th, promised for the 20th and delivered on the 20th: kept; without a promise: late."""
    promised = ("1", "2024-01-02", "2024-01-10", "2024-01-20", "2024-01-20", 10)
    unpromised = ("2", "2024-01-02", "2024-01-10", None, "2024-01-20", 10)

    assert january(tmp_path / "both", promised, unpromised) == 0.5
    assert january(tmp_path / "requested", promised, unpromised, otif={"against": "requested"}) == 0.0


def test_tolerances_are_those_of_the_settings(tmp_path):
    """Two days and a tenth of the quantity may be allowed."""
    line = ("1", "2024-01-02", "2024-01-20", "2024-01-20", "2024-01-22", 9)

    assert january(tmp_path / "none", line) == 0.0
    assert january(tmp_path / "some", line, otif={"tolerance_days": 2, "tolerance_quantity": 0.1}) == 1.0


def test_a_month_without_a_line_due_has_no_row(tmp_path):
    """Service of nothing is missing, not 0."""
    assert otif(client(tmp_path, ON_TIME))["label"].tolist() == [pd.Timestamp("2024-01-01")]


def test_the_propped_gap_counts_lines_the_expedite_saved(tmp_path):
    """Four lines kept: one saved by two days, one expedited with time to spare: gap 1/4, at most 2/4."""
    lines = [(str(n), "2024-01-02", "2024-01-20", None, "2024-01-18" if n == 1 else "2024-01-20", 10) for n in range(4)]
    rows = pd.DataFrame(lines, columns=COLUMNS).assign(
        item_id="a", ordered_quantity=10.0, expedited=[True, True, False, False]
    )
    rows["days_saved"] = [2.0, 1.0, None, None]
    for name in ("ordered_on", "requested_on", "promised_on", "delivered_on"):
        rows[name] = pd.to_datetime(rows[name])
    stock = pd.DataFrame({"period": [pd.Timestamp("2024-01-01")], "item_id": ["a"], "on_hand": [1.0]})
    sent = {"items": items(a="Bread"), "order_lines": rows, "inventory_snapshots": stock}

    row = propped_service(engagement(tmp_path, sent)).iloc[0]

    assert (row["otif"], row["propped_gap"], row["propped_gap_most"]) == (1.0, 0.25, 0.5)
    assert row["expedited_share"] == 0.5
