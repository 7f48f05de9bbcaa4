"""The US fuel supply chain: 22 published outlooks against what happened, and load against the published utilisation."""

from __future__ import annotations

import pandas as pd
import pytest

from helpers.diagnosis import diagnose
from helpers.measures import capacity
from helpers.scenarios.feasible import hours_missing
from helpers.scenarios.gather import network_of
from tests.real_data.extracts import (
    Case,
    assert_rows_add_up,
    assert_says_what_to_ask_for,
    mapping,
    statuses,
)

POINTS = 100.0
AGREES_WITHIN = 0.2


@pytest.fixture(scope="module")
def monthly(tmp_path_factory):
    """The monthly outlooks and actuals, taken in."""
    return Case("us_petroleum", mapping("us_petroleum"), tmp_path_factory.mktemp("monthly"))


@pytest.fixture(scope="module")
def diagnosis(monthly):
    """What the kit says on them."""
    return diagnose(monthly.engagement)


@pytest.fixture(scope="module")
def weekly(tmp_path_factory):
    """The weekly report of the refineries, taken in."""
    return Case("us_petroleum", mapping("us_refineries_weekly"), tmp_path_factory.mktemp("weekly"))


def published(case, file, **only):
    """The rows of a file as they were published."""
    rows = pd.read_csv(case.data / file, parse_dates=["period"])
    for column, value in only.items():
        rows = rows[rows[column] == value]
    return rows


def test_all_rows_are_used(monthly):
    """The outlooks are clean: what the mapping reads is used, and it reads nine products and 22 cycles."""
    assert_rows_add_up(monthly)
    assert sum(table.rows_rejected for table in monthly.manifest.tables) == 0
    assert monthly.manifest.table("items").rows_used == 9
    assert len(monthly.engagement.calendar.plan_cycles) == 22


def test_the_verdict_is_that_of_the_last_published_cycle(monthly):
    """The last outlook is of March 2026; the actuals end before it."""
    assert str(monthly.engagement.as_of.date()) == "2026-03-01"


def test_four_signs_are_assessed_from_real_cycles(diagnosis):
    """Forecast, assumptions, plan and bottleneck can be judged; late changes and shifts of yield made no pattern."""
    found = statuses(diagnosis)

    assert {number for number, status in found.items() if status != "not_assessable"} == {1, 3, 4, 5}
    assert (found[1], found[3], found[4], found[5]) == ("isolated", "absent", "isolated", "absent")


def test_late_changes_breach_in_five_winter_cycles(diagnosis):
    """From October 2025 on: all products together in December and February, the one that moved most beside them."""
    late = next(finding for finding in diagnosis.findings if finding.sign.number == 1)

    months = [str(cycle.date())[:7] for cycle in late.verdict.breached]
    assert months == ["2025-10", "2025-11", "2025-12", "2026-02", "2026-03"]


def test_signs_that_cannot_be_assessed_say_what_to_ask_for(diagnosis):
    """Six signs need data that a statistical agency does not publish."""
    assert_says_what_to_ask_for(diagnosis)


def test_a_run_on_an_earlier_date_agrees_with_the_full_run(monthly, diagnosis):
    """The verdict of July 2025 is the same in a run as of July 2025 and in the history of the full run."""
    then = monthly.as_of("2025-07-01")
    history = {
        finding.sign.number: next(s.status for s in finding.verdict.states if s.cycle == pd.Timestamp("2025-07-01"))
        for finding in diagnosis.findings
        if finding.evidence is not None
    }

    assert {number: statuses(then)[number] for number in history} == history


def test_national_load_is_the_published_utilisation(monthly):
    """Load over operable capacity, month by month, within 0.2 points of the published utilisation."""
    load = capacity.real_load(monthly.engagement)
    told = published(monthly, "actuals.csv", measure="utilization")
    both = load[load["resource_id"] == "refining"].merge(told, on="period", validate="one_to_one")

    assert len(both) == 48
    assert (POINTS * (both["load"] - both["value"])).abs().max() < AGREES_WITHIN


def test_regional_load_is_the_published_utilisation_week_by_week(weekly):
    """Every week of every region within 0.2 points of the published utilisation."""
    load = capacity.real_load(weekly.engagement)
    told = published(weekly, "refinery_load_weekly.csv").rename(columns={"region": "resource_id"})
    told["period"] = told["period"].dt.to_period("W").dt.start_time.astype("datetime64[us]")
    both = load.merge(told, on=["resource_id", "period"], validate="one_to_one")

    assert len(both) == 5 * 217
    assert (POINTS * both["load"] - both["utilization_pct"]).abs().max() < AGREES_WITHIN


def test_weeks_added_up_to_months_keep_the_load(tmp_path):
    """With monthly buckets the weeks of a month are summed on both sides, so that load stays within 0.2 points."""
    weekly = mapping("us_refineries_weekly")
    summed = {"capacity": "sum", "inventory_snapshots": "last"}
    tables = {
        name: source.model_copy(update={"duplicates": summed.get(name)}) for name, source in weekly.tables.items()
    }
    case = Case("us_petroleum", weekly.model_copy(update={"bucket": "month", "tables": tables}), tmp_path)
    told = published(case, "refinery_load_weekly.csv").rename(columns={"region": "resource_id"})
    told["period"] = told["period"].dt.to_period("M").dt.start_time.astype("datetime64[us]")
    told["weighted"] = told["utilization_pct"] * told["capacity_operable_kbd"]
    by_month = told.groupby(["resource_id", "period"], as_index=False)[["weighted", "capacity_operable_kbd"]].sum()
    by_month["told"] = by_month["weighted"] / by_month["capacity_operable_kbd"]
    both = capacity.real_load(case.engagement).merge(by_month, on=["resource_id", "period"], validate="one_to_one")

    assert len(both) == 5 * 50
    assert (POINTS * both["load"] - both["told"]).abs().max() < AGREES_WITHIN


def test_planned_load_is_the_outlook_over_capacity(monthly):
    """December 2025, planned two months ahead: 16.28 of 18.02 million barrels a day, from the October outlook."""
    load = capacity.planned_load(monthly.engagement, lag=2)
    december = load[(load["resource_id"] == "refining") & (load["label"] == pd.Timestamp("2025-12-01"))]

    assert december["load"].tolist() == pytest.approx([16.28079 / 18.022017], rel=1e-4)


def test_stocks_and_demand_are_in_one_unit(monthly):
    """Gasoline stocks last three to five weeks: barrels over barrels a month, not over barrels a day."""
    demand = monthly.engagement.frame(monthly.engagement.table("actual_demand"))
    stock = monthly.engagement.frame(monthly.engagement.table("inventory_snapshots"))
    both = stock.merge(demand, on=["period", "item_id", "location_id"], validate="one_to_one")
    gasoline = both[both["item_id"] == "gasoline"]

    assert (gasoline["on_hand"] / gasoline["quantity"]).between(0.7, 1.1).all()
    assert len(gasoline) == 48


def test_weekly_rows_add_up_and_no_region_counts_twice(weekly):
    """The five regions are read, not the national rows; their stocks add up to the national ones."""
    assert_rows_add_up(weekly)
    stock = weekly.engagement.frame(weekly.engagement.table("inventory_snapshots"))
    told = published(weekly, "stocks_weekly.csv", region="US", product="Gasoline")["on_hand_kb"]
    added = stock[stock["item_id"] == "Gasoline"].groupby("period")["on_hand"].sum()

    assert added.sort_index().tolist() == pytest.approx((told / 1000).tolist(), abs=0.01)


def test_a_region_without_a_plan_is_not_called_healthy(weekly):
    """What was run is no plan: no sign may read absent on it, and each says what to ask for."""
    found = diagnose(weekly.engagement)

    assert set(statuses(found).values()) == {"not_assessable"}
    assert_says_what_to_ask_for(found)


def test_every_outlook_could_be_run_on_the_refining_capacity_known_then(monthly):
    """22 of 22 planned loads fit, at most 96 % of operable capacity: its own this month, later what is usual."""
    actuals, outlook = (pd.read_csv(monthly.data / name) for name in ("actuals.csv", "outlook_by_cycle.csv"))
    operable = actuals[actuals["measure"] == "capacity"].set_index("period")["value"].sort_index()
    load = outlook[(outlook["measure"] == "load") & (outlook["product"] == "refining")]
    peaks = []
    for cycle in monthly.engagement.calendar.plan_cycles:
        month, network = f"{cycle:%Y-%m}", network_of(monthly.engagement.at(cycle))
        hours = network.hours.set_index("period")["regular"]
        work = network.plan.merge(network.steps, on="route").assign(work=lambda w: w["quantity"] * w["hours"])
        planned = load[(load["cycle"] == month) & (load["period"] >= month)].set_index("period")["value"]
        load_then = work.groupby("period")["work"].sum()
        assert hours_missing(network).empty
        assert load_then.to_numpy() == pytest.approx(planned.to_numpy(), abs=1e-6)
        assert hours.to_numpy() == pytest.approx(operable[:month].tail(13).mean(), rel=0.02)
        peaks.append((load_then / hours).max())

    assert len(peaks) == 22
    assert 0.90 < min(peaks) <= max(peaks) < 0.96
