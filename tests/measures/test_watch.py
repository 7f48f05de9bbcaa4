"""Watchlists of critical families and constrained resources."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from helpers.measures import watch
from tests import builders
from tests.signs import stock_cases as cases


def families(folder: Path, on_hand: float, backorders: float = 0.0) -> pd.DataFrame:
    """The watchlist of a network whose critical family 0 holds `on_hand` of every item; demand is 100 a month."""
    stock = cases.grid(8).assign(on_hand=on_hand, safety_stock=30.0, backorders=backorders)
    tables = cases.network(8, stock, cases.demand(8))
    rows = watch.critical_families_watch(builders.engagement(folder, tables, critical_families=("family 0",)))
    assert rows["subject"].unique().tolist() == ["family 0"]
    return rows.set_index("watch")


def test_cover_is_counted_in_days_of_mean_demand(tmp_path: Path) -> None:
    """200 of stock at 100 a month are about two months."""
    assert families(tmp_path, 200.0).loc["cover", "value"] == pytest.approx(2 * 30.4, rel=0.1)


def test_cover_below_what_risk_asks_for_is_red(tmp_path: Path) -> None:
    """Ten units are less than the required stock of some 45."""
    rows = families(tmp_path, 10.0)

    assert rows.loc["cover", "colour"] == "red"


def test_items_without_stock_turn_red_at_four_times_the_service_gap(tmp_path: Path) -> None:
    """At a service target of 95 %, a share of 100 % empty is far above 20 %."""
    rows = families(tmp_path, 0.0, backorders=50.0)

    assert rows.loc["empty", "colour"] == "red"
    assert rows.loc["backlog", "value"] == pytest.approx(15.2, rel=0.1)


def test_a_steady_series_has_no_arrow(tmp_path: Path) -> None:
    """Backorders of 0 in every cycle point nowhere."""
    assert pd.isna(families(tmp_path, 200.0).loc["backlog", "arrow"])


def test_a_full_resource_is_amber_and_an_overloaded_one_red(tmp_path: Path) -> None:
    """96 and 110 of 100 hours worked; limits 95 % and 105 %."""
    periods = pd.date_range("2024-01-01", periods=4, freq="MS")
    rows = [(p, r, h) for p in periods for r, h in (("full", 96.0), ("over", 110.0))]
    orders = pd.DataFrame(rows, columns=["planned_start", "resource_id", "actual_hours"])
    orders = orders.assign(
        production_order_id=[str(k) for k in range(len(orders))],
        item_id="a",
        planned_quantity=1.0,
        standard_hours=90.0,
        actual_start=orders["planned_start"],
        actual_finish=orders["planned_start"] + pd.Timedelta(days=5),
    )
    hours = orders.rename(columns={"planned_start": "period"})[["period", "resource_id"]].assign(planned_hours=100.0)
    tables = {
        "items": builders.items(a="Bread"),
        "production_orders": orders,
        "capacity": hours.assign(available_hours=100.0),
    }
    found = watch.constrained_resources_watch(builders.engagement(tmp_path, tables))

    loads = found[found["watch"] == "load"].set_index("subject")
    assert loads["colour"].to_dict() == {"full": "amber", "over": "red"}


def test_nothing_sent_gives_an_empty_list(tmp_path: Path) -> None:
    """Without stock and purchases there is nothing to watch."""
    sales = pd.DataFrame({"period": ["2024-01-01"], "item_id": ["a"], "quantity": [1.0]})
    engagement = builders.engagement(tmp_path, {"items": builders.items(a="Bread"), "actual_demand": sales})

    assert watch.critical_families_watch(engagement).empty
    assert watch.constrained_resources_watch(engagement).empty


def watched(folder: Path, **tables: pd.DataFrame) -> pd.DataFrame:
    """The watchlist of family 0 with these tables in place of those of the network."""
    stock = cases.grid(8).assign(on_hand=200.0, safety_stock=30.0, backorders=0.0)
    network = {**cases.network(8, stock, cases.demand(8)), **tables}
    engagement = builders.engagement(folder, network, critical_families=("family 0",))
    return watch.critical_families_watch(engagement).set_index("watch")


def test_cover_looks_at_the_forecast_ahead_where_there_is_one(tmp_path: Path) -> None:
    """200 of stock against a forecast of 50 a month are four months, whatever was sold before."""
    rows = watched(tmp_path, forecast_snapshots=cases.forecasts(8).assign(quantity=50.0))

    assert rows.loc["cover", "value"] == pytest.approx(4 * 30.4, rel=0.02)


def test_days_out_of_stock_turn_amber_only_beyond_twice_the_service_gap(tmp_path: Path) -> None:
    """Of the 30 days of June 3 are 10 %, the limit itself; 4 are 13 %, beyond it; 7 are 23 %, beyond 20 %."""
    colours = {
        days: watched(tmp_path / str(days), actual_demand=cases.demand(8).assign(stockout_days=days)).loc[
            "stockout_days", "colour"
        ]
        for days in (3, 4, 7)
    }

    assert colours == {3: "green", 4: "amber", 7: "red"}


@pytest.mark.parametrize(("value", "colour"), [(0.10, "green"), (0.101, "amber"), (0.20, "amber"), (0.201, "red")])
def test_a_share_beyond_the_service_gap_is_green_at_the_limit_itself(value: float, colour: str) -> None:
    """More than 2 × 5 % is amber, more than 4 × 5 % red."""
    (empty,) = (w for w in watch.FAMILY_WATCHES if w.name == "empty")

    assert watch._colour(empty, pd.DataFrame({"value": [value], "scale": [0.05]}), value) == colour


@pytest.mark.parametrize(("value", "colour"), [(1.24, "green"), (1.25, "amber"), (1.50, "red")])
def test_the_slowest_tenth_of_receipts_is_amber_from_a_quarter_over_plan(value: float, colour: str) -> None:
    """Reaching 1.25 is amber, 1.5 red."""
    (slowest,) = (w for w in watch.FAMILY_WATCHES if w.name == "long_lead_times")

    assert watch._colour(slowest, pd.DataFrame({"value": [value]}), value) == colour


def test_the_slowest_tenth_is_counted_over_twelve_labels(tmp_path: Path) -> None:
    """Two lines a month, one as planned and one after 42 of 30 days: nine of ten came within 1.4 of plan."""
    lines = pd.concat([cases.receipts(), cases.receipts()], ignore_index=True)
    days = [30] * cases.PERIODS + [42] * cases.PERIODS
    lines["received_on"] = lines["ordered_on"] + pd.to_timedelta(days, unit="D")
    lines["purchase_order_id"] = [str(k) for k in lines.index]

    rows = watched(tmp_path, purchase_orders=lines)

    assert rows.loc["long_lead_times", "value"] == pytest.approx(1.4)
    assert rows.loc["long_lead_times", "colour"] == "amber"


def test_agreed_dates_stand_in_for_receipts(tmp_path: Path) -> None:
    """Always 30 days agreed of 30 planned: no spread; how late they came is not known."""
    rows = watched(tmp_path, purchase_orders=cases.receipts().drop(columns="received_on"))

    assert rows.loc["lead_time_spread", "value"] == pytest.approx(0.0)
    assert not {"late_receipts", "long_lead_times"} & set(rows.index)


def test_backorders_older_than_a_period_are_a_share_of_those_overdue(tmp_path: Path) -> None:
    """Open at the end of June 2025: one line due in April, three due in June: a quarter is older than a month."""
    lines = pd.DataFrame({"order_id": list("abcde"), "line_id": "1", "item_id": "i00", "ordered_quantity": 1.0})
    lines["ordered_on"] = lines["requested_on"] = pd.to_datetime(
        ["2025-04-10", "2025-06-05", "2025-06-10", "2025-06-20", "2023-01-10"]
    )
    lines["delivered_on"] = pd.to_datetime([None, None, None, "2025-07-02", "2023-01-10"])

    rows = watched(tmp_path, order_lines=lines)

    assert rows.loc["old_backlog", "value"] == 0.25


def orders(months: int = 8, **columns: object) -> pd.DataFrame:
    """One order a month on one line, ten units planned and made in ten hours, started and finished as planned."""
    starts = builders.cycles(months)
    order = {"resource_id": "line", "item_id": "a", "planned_quantity": 10.0}
    rows = pd.DataFrame({"production_order_id": [str(k) for k in range(months)], "planned_start": starts, **order})
    return rows.assign(actual_start=starts, actual_finish=starts + pd.Timedelta(days=5)).assign(**columns)


def line(folder: Path, **tables: pd.DataFrame) -> pd.DataFrame:
    """The watchlist of the one line."""
    found = watch.constrained_resources_watch(
        builders.engagement(folder, {"items": builders.items(a="Bread"), **tables})
    )
    return found.set_index("watch")


def hours(months: int = 8) -> pd.DataFrame:
    """A hundred hours a month."""
    rows = pd.DataFrame({"period": builders.cycles(months), "resource_id": "line"})
    return rows.assign(planned_hours=100.0, available_hours=100.0)


def test_a_plan_full_in_three_of_six_was_designed_full(tmp_path: Path) -> None:
    """96 planned of 100 hours month after month: amber, and the note says it is no accident."""
    rows = line(tmp_path, production_orders=orders(standard_hours=96.0, actual_hours=50.0), capacity=hours())

    assert (rows.loc["planned_load", "value"], rows.loc["planned_load", "colour"]) == (0.96, "amber")
    assert rows.loc["planned_load", "note"] == "the plan was designed full"
    assert rows.loc["load", "note"] == ""


def test_a_queue_is_amber_beyond_one_and_a_half_times_its_own_median(tmp_path: Path) -> None:
    """Orders waited 2 hours, the last one 3: green; 3.1: amber."""
    for last, colour in ((3.0, "green"), (3.1, "amber")):
        rows = line(tmp_path / colour, production_orders=orders(queue_hours=[2.0] * 7 + [last]))
        assert rows.loc["queue_hours", "colour"] == colour


def test_work_waiting_is_told_in_days(tmp_path: Path) -> None:
    """One order of each month's two is never finished: work piles up, a month's output a month."""
    two = pd.concat([orders(4), orders(4).assign(actual_finish=pd.NaT)], ignore_index=True)
    two = two.assign(production_order_id=[str(k) for k in range(8)], standard_hours=10.0)
    two.loc[4:, "actual_finish"] = pd.NaT

    rows = line(tmp_path, production_orders=two, capacity=hours(4))

    # Four orders wait at the end of April, and April finished one in its 30 days.
    assert rows.loc["queue", "value"] == 4 * 30


def test_late_starts_stand_in_for_a_queue_that_cannot_be_counted(tmp_path: Path) -> None:
    """No hours and no finishes: orders start three days behind plan."""
    late = orders().drop(columns="actual_finish")
    rows = line(tmp_path, production_orders=late.assign(actual_start=late["planned_start"] + pd.Timedelta(days=3)))

    assert rows.loc["late_starts", "value"] == 3
    assert "queue" not in rows.index


@pytest.mark.parametrize(("hours_taken", "colour"), [(11.0, "green"), (11.2, "amber"), (12.6, "red")])
def test_efficiency_is_judged_against_the_own_median(tmp_path: Path, hours_taken: float, colour: str) -> None:
    """Ten standard hours in ten as ever; a tenth below the own median is amber, a fifth red."""
    rows = line(tmp_path, production_orders=orders(standard_hours=10.0, actual_hours=[10.0] * 7 + [hours_taken]))

    assert rows.loc["efficiency", "colour"] == colour


def test_quantities_stand_in_for_hours(tmp_path: Path) -> None:
    """8 of 10 made where ten was usual: a fifth below the own median, red."""
    rows = line(tmp_path, production_orders=orders(actual_quantity=[10.0] * 7 + [8.0]))

    assert (rows.loc["output", "value"], rows.loc["output", "colour"]) == (0.8, "red")


def test_rescue_is_hours_beyond_plan_and_money_per_planned_hour(tmp_path: Path) -> None:
    """10 hours of overtime and 50 of money on 100 planned hours."""
    spent = pd.DataFrame({"period": builders.cycles(8), "kind": "overtime", "amount": 50.0, "resource_id": "line"})
    made = orders(standard_hours=90.0, actual_hours=100.0, overtime_hours=10.0)

    rows = line(tmp_path, production_orders=made, capacity=hours(), compensation_costs=spent)

    assert (rows.loc["extra_hours", "value"], rows.loc["extra_hours", "colour"]) == (0.10, "red")
    assert (rows.loc["rescue_cost", "value"], rows.loc["rescue_cost", "unit"]) == (0.5, "EUR")


def test_schedule_changes_and_set_ups_are_watched_with_the_limits_of_the_sign(tmp_path: Path) -> None:
    """Half a change per order is red; set-ups a tenth above the usual are amber."""
    made = pd.concat([orders(), orders()], ignore_index=True)
    made = made.assign(production_order_id=[str(k) for k in range(16)], setup_hours=([1.0] * 7 + [1.1]) * 2)
    changed = pd.DataFrame({"changed_on": builders.cycles(8), "resource_id": "line", "change_type": "sequence"})

    rows = line(tmp_path, production_orders=made, schedule_changes=changed)

    assert (rows.loc["changes", "value"], rows.loc["changes", "colour"]) == (0.5, "red")
    assert rows.loc["setups", "value"] == pytest.approx(0.1)


def test_a_value_of_an_older_cycle_is_not_shown_as_todays(tmp_path: Path) -> None:
    """Orders end in June, capacity in August: nothing of the last closed month was worked."""
    rows = line(tmp_path, production_orders=orders(6, queue_hours=2.0), capacity=hours())

    assert "queue_hours" not in rows.index
