"""Capacity: load, exceptional hours, shortfall and demonstrated capacity of one line over a few months."""

from __future__ import annotations

import pandas as pd
import pytest

from helpers.measures import capacity
from tests.builders import cycles, engagement, items

MONTHS = cycles(8)


def line(orders: list[dict[str, object]], **hours: float) -> dict[str, pd.DataFrame]:
    """One line with the same hours every month and one order a month as given, closed by a row of stock."""
    made = pd.DataFrame(
        {"production_order_id": f"P{n}", "resource_id": "L1", "item_id": "a", "planned_start": MONTHS[n], **order}
        for n, order in enumerate(orders)
    )
    made["planned_quantity"] = 10.0
    table = {"resource_id": "L1", "period": MONTHS, "planned_hours": 100.0, **hours}
    stock = pd.DataFrame({"period": MONTHS, "item_id": "a", "on_hand": 1.0})
    return {
        "items": items(a="Bread"),
        "production_orders": made,
        "capacity": pd.DataFrame(table),
        "inventory_snapshots": stock,
    }


def done(month: int, **more: float) -> dict[str, object]:
    """An order finished on the tenth of its month."""
    return {"actual_finish": MONTHS[month] + pd.Timedelta(days=9), **more}


def test_real_load_is_actual_and_set_up_over_available_hours(tmp_path):
    """Seventy hours worked and five of set-up on 90 available are 75/90."""
    sent = line([done(0, actual_hours=70.0, setup_hours=5.0, standard_hours=60.0)], available_hours=90.0)

    load = capacity.real_load(engagement(tmp_path, sent))

    assert load["load"].tolist() == pytest.approx([75 / 90])
    assert load["period"].tolist() == [MONTHS[0]]


def test_real_load_falls_back_to_standard_over_planned_hours(tmp_path):
    """Without actual or available hours: 60 standard of 100 planned."""
    load = capacity.real_load(engagement(tmp_path, line([done(0, standard_hours=60.0)])))

    assert load["load"].tolist() == [0.6]


def test_standard_hours_come_from_the_item_where_the_order_has_none(tmp_path):
    """Ten pieces at four hours each are 40 hours."""
    sent = line([done(0)])
    sent["items"] = sent["items"].assign(standard_hours_per_unit=4.0)

    assert capacity.order_load(engagement(tmp_path, sent))["load"].tolist() == [0.4]


def test_no_available_hours_give_no_load(tmp_path):
    """A denominator of 0 is missing, never 0."""
    sent = line([done(0, actual_hours=70.0)], available_hours=0.0)

    assert capacity.real_load(engagement(tmp_path, sent))["load"].isna().all()


def test_planned_load_is_the_plan_published_that_many_buckets_ahead(tmp_path):
    """The plan of March was 50 hours in January and 90 in March, on 100 planned and 20 overtime hours."""
    sent = line([done(0)], planned_overtime_hours=20.0)
    sent["production_plan_snapshots"] = pd.DataFrame(
        {
            "cycle": [MONTHS[0], MONTHS[1], MONTHS[2]],
            "resource_id": "L1",
            "item_id": "a",
            "period": MONTHS[2],
            "quantity": 1.0,
            "hours": [50.0, 70.0, 90.0],
        }
    )
    client = engagement(tmp_path, sent)

    loads = {lag: capacity.planned_load(client, lag)["load"].tolist() for lag in (0, 1, 2, 5)}

    assert loads == {0: [0.75], 1: [70 / 120], 2: [50 / 120], 5: [50 / 120]}


def test_overtime_beyond_the_planned_is_exceptional(tmp_path):
    """Nine hours of overtime, four planned: 5 % of 100; none at all is 0, a month without an order is missing."""
    sent = line([done(0, overtime_hours=9.0), done(1, overtime_hours=0.0)], planned_overtime_hours=4.0)

    shares = capacity.exceptional_hours(engagement(tmp_path, sent))["share"]

    assert shares.head(2).tolist() == pytest.approx([0.05, 0.0])
    assert shares.iloc[2:].isna().all()


def test_without_overtime_hours_worked_beyond_available_are_exceptional(tmp_path):
    """104 hours worked on 95 available are 9 % of 100 planned."""
    sent = line([done(0, actual_hours=104.0)], available_hours=95.0)

    assert capacity.exceptional_hours(engagement(tmp_path, sent))["share"].iloc[0] == pytest.approx(0.09)


def test_demonstrated_capacity_is_the_median_of_six_busy_months(tmp_path):
    """Standard hours per available hour, overtime taken off, months in which the line starved left out."""
    busy = [done(month, standard_hours=hours, actual_hours=95.0) for month, hours in enumerate([70.0, 80.0, 90.0])]
    idle = done(3, standard_hours=10.0, actual_hours=12.0)
    rescued = done(4, standard_hours=100.0, actual_hours=100.0, overtime_hours=10.0)
    sent = line([*busy, idle, rescued], available_hours=100.0)

    proved = capacity.demonstrated_capacity(engagement(tmp_path, sent)).set_index("cycle")["output"]

    assert proved.loc[MONTHS[3]] == pytest.approx(0.8)
    assert proved.loc[MONTHS[5]] == pytest.approx(0.85)
    assert MONTHS[2] not in proved.index


def test_unfinished_orders_are_late_and_belong_to_the_month_of_their_deadline(tmp_path):
    """Planned to finish on 30 January with two days of tolerance: judged in February, and late when still open."""
    sent = line([{"planned_finish": pd.Timestamp("2024-01-30"), "actual_finish": pd.NaT}])

    late = capacity.late_orders(engagement(tmp_path, sent), tolerance_days=2)

    assert late[["label", "orders", "late"]].values.tolist() == [[pd.Timestamp("2024-02-01"), 1, 1]]


def test_an_order_finished_before_it_was_released_is_not_known(tmp_path):
    """Finished in January, planned to start in February: nobody who looked on 1 February could tell."""
    sent = line([done(0, actual_hours=50.0)])
    sent["production_orders"]["planned_start"] = MONTHS[1] + pd.Timedelta(days=3)

    assert capacity.worked_hours(engagement(tmp_path, sent)).empty
