"""What lies ahead: buffers that risk asks for, what a period can take at most, and the usual hours."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from helpers.engagement import Engagement
from helpers.measures import ahead
from tests import builders
from tests.signs import stock_cases as cases


def test_an_item_whose_risk_is_not_known_keeps_its_safety_stock(tmp_path: Path) -> None:
    """Measured risk asks for some of i00; i01 was launched in the last month and keeps its nine."""
    tables = cases.network(2, cases.grid(2).assign(on_hand=9.0, safety_stock=9.0), cases.demand(2))
    tables["items"] = cases.items(2, families=1)
    alone = ahead.required_stock(builders.engagement(tmp_path / "all", tables), "item").set_index("product")["required"]
    last = cases.months()[-1]
    launched = tables["items"].assign(launch_date=[pd.NaT, last])
    engagement = builders.engagement(tmp_path / "new", {**tables, "items": launched})

    (required,) = ahead.required_stock(engagement, "family")["required"]

    assert alone["i00"] > 9.0
    assert required == pytest.approx(alone["i00"] + 9.0)
    assert ahead.stock_now(engagement, "family")["safety"].tolist() == [18.0]


def planned(folder: Path, cycles: pd.DatetimeIndex, bucket: str) -> Engagement:
    """A client who plans in these buckets and published a plan at each of the cycles."""
    plans = pd.DataFrame({"cycle": cycles, "period": cycles, "item_id": "a", "quantity": 1.0})
    return builders.engagement(folder, {"items": builders.items(a="Bread"), "forecast_snapshots": plans}, bucket=bucket)


CADENCES = {
    "months by months": (pd.date_range("2025-01-01", periods=8, freq="MS"), "month", 1),
    "quarters by months": (pd.date_range("2025-01-01", periods=8, freq="QS"), "month", 3),
    "four weeks by weeks": (pd.date_range("2025-01-06", periods=8, freq="4W-MON"), "week", 4),
    "one cycle": (pd.date_range("2025-01-01", periods=1, freq="MS"), "month", 1),
}


@pytest.mark.parametrize(("cycles", "bucket", "expected"), [*CADENCES.values()], ids=[*CADENCES])
def test_buckets_of_an_interval(tmp_path: Path, cycles: pd.DatetimeIndex, bucket: str, expected: int) -> None:
    """Days between cycles over days of a bucket."""
    assert ahead.buckets_an_interval(planned(tmp_path, cycles, bucket)) == expected


def test_the_most_overtime_of_an_interval_is_spread_over_its_periods(tmp_path: Path) -> None:
    """Forty hours in the busiest four weeks are ten a week; what was worked in all stays sixty."""
    cycles = pd.date_range("2025-01-06", periods=3, freq="4W-MON")
    plans = pd.DataFrame({"cycle": cycles, "period": cycles, "item_id": "a", "quantity": 1.0})
    orders = pd.DataFrame(
        {"production_order_id": ["1", "2"], "resource_id": "line", "item_id": "a", "planned_start": cycles[:2],
         "planned_finish": cycles[:2], "actual_finish": cycles[:2], "planned_quantity": 1.0, "actual_hours": 100.0,
         "overtime_hours": [40.0, 20.0]}
    )  # fmt: skip
    tables = {"items": builders.items(a="Bread"), "forecast_snapshots": plans, "production_orders": orders}

    found = ahead.overtime(builders.engagement(tmp_path, tables, bucket="week"))

    assert found[["most", "hours"]].to_numpy().tolist() == [[10.0, 60.0]]


def usual(folder: Path, regular: list[float]) -> float:
    """Hours of the line in January 2026, guessed from so many months before."""
    months = pd.date_range(end="2025-12-01", periods=len(regular), freq="MS")
    capacity = pd.DataFrame({"resource_id": "line", "period": months, "planned_hours": regular})
    sold = pd.DataFrame({"period": months, "item_id": "a", "quantity": 1.0})
    engagement = builders.engagement(
        folder, {"items": builders.items(a="Bread"), "actual_demand": sold, "capacity": capacity}
    )
    return float(ahead.hours_ahead(engagement, pd.DatetimeIndex(["2026-01-01"]))["regular"].iloc[0])


def test_guesses_are_compared_on_the_periods_that_all_of_them_know(tmp_path: Path) -> None:
    """Only October to December had a month a year ago, which misses each by ten; the median misses none of them.

    Over twelve months the median misses by far more than ten, in months of which the other says nothing.
    """
    autumn, erratic = [110.0] * 3, [200.0, 20.0, 100.0, 200.0, 20.0, 100.0, 20.0, 20.0, 100.0]

    assert usual(tmp_path, [*autumn, *erratic, 100.0, 100.0, 100.0]) == 100.0


def test_a_guess_that_knows_nothing_is_left_out(tmp_path: Path) -> None:
    """Six months at 100: nothing is known of a year ago, and the usual month is one of 100."""
    assert usual(tmp_path, [100.0] * 6) == 100.0
