"""Residual stock: how much of what was bought in a hurry lay above all need two cycles later."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from helpers.measures.rushed_stock import residual_stock
from tests import builders

MONTHS = builders.cycles(12)


def sent(held: float) -> dict[str, pd.DataFrame]:
    """Two rushed lines of 30 and 10 of item a received in March 2024, one month of lead, forecast 50 a month.

    In every month the stock is `held` and the safety stock 20: lead and review period need 100.
    """
    orders = pd.DataFrame(
        {
            "purchase_order_id": ["1", "2", "3"],
            "item_id": ["a", "a", "b"],
            "supplier_id": "north",
            "ordered_on": "2024-02-20",
            "due_on": "2024-03-20",
            "received_on": "2024-03-12",
            "ordered_quantity": [30.0, 10.0, 70.0],
            "planned_lead_time_days": 30.4,
            "expedited": [True, True, False],
        }
    )
    ahead = [(month, "a", month + pd.DateOffset(months=k), 50.0) for month in MONTHS for k in range(4)]
    return {
        "items": builders.items(a="Bread", b="Milk"),
        "purchase_orders": orders,
        "inventory_snapshots": pd.DataFrame({"period": MONTHS, "item_id": "a", "on_hand": held, "safety_stock": 20.0}),
        "forecast_snapshots": pd.DataFrame(ahead, columns=["cycle", "item_id", "period", "quantity"]),
    }


@pytest.mark.parametrize(
    ("held", "share"), [(120.0, 0.0), (130.0, 0.25), (400.0, 1.0)], ids=["just enough", "ten too many", "all of it"]
)
def test_what_lies_above_safety_stock_and_need_is_residual(tmp_path: Path, held: float, share: float) -> None:
    """40 rushed in March; in May 130 in stock less 20 less 100 needed leaves 10: a quarter, and never more than 40."""
    rows = residual_stock(builders.engagement(tmp_path, sent(held))).set_index("label")

    assert rows.loc["2024-05-01", "expedited"] == 40
    assert rows.loc["2024-05-01", "share"] == pytest.approx(share)


def test_it_is_said_two_cycles_after_the_receipt_and_for_six(tmp_path: Path) -> None:
    """Received in March: nothing in April, a share from May to October, and none in November."""
    share = residual_stock(builders.engagement(tmp_path, sent(130.0))).set_index("label")["share"]

    assert share.notna().loc["2024-04-01":"2024-11-01"].tolist() == [False, *[True] * 6, False]


def test_without_a_safety_stock_in_that_month_the_line_is_left_out(tmp_path: Path) -> None:
    """The safety stock of May is not known: missing rather than 0."""
    tables = sent(400.0)
    tables["inventory_snapshots"].loc[4, "safety_stock"] = None

    assert residual_stock(builders.engagement(tmp_path, tables))["share"].isna().all()


def test_a_run_of_may_says_what_a_full_run_says_of_it(tmp_path: Path) -> None:
    """Later snapshots and forecasts change nothing before."""
    full = residual_stock(builders.engagement(tmp_path / "full", sent(130.0))).set_index("label")
    then = residual_stock(builders.engagement(tmp_path / "then", sent(130.0), as_of="2024-06-01")).set_index("label")

    pd.testing.assert_frame_equal(full.loc[:"2024-05-01"], then, check_freq=False)


def test_without_a_flag_nothing_is_said(tmp_path: Path) -> None:
    """No expedited column: no rows rather than a share of 0."""
    tables = sent(130.0)
    tables["purchase_orders"] = tables["purchase_orders"].drop(columns="expedited")

    assert residual_stock(builders.engagement(tmp_path, tables)).empty
