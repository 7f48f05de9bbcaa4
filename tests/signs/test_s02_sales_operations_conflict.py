"""S02: a gap counts where forecast error cannot explain it, nobody decided about it, and it goes one way."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from helpers.errors import NotAssessable
from helpers.signs import s02_sales_operations_conflict as s02
from tests import builders
from tests.signs.demand_cases import FAMILIES, assert_known_then, company, measured

CYCLES = 16


def spoken(push: float, noise: float = 0.0, versions: tuple[str, ...] = ("before", "after")) -> pd.DataFrame:
    """Sales `push` above and Operations `push` below 1000 units in every family, with views that differ by `noise`."""
    random = np.random.default_rng(5)
    months = builders.cycles(CYCLES + 6)
    rows = [
        (months[c], function, family, months[c + k], 1000 * np.exp(side * push + noise * view), version)
        for version in versions
        for c in range(CYCLES)
        for function, side in (("sales", 1), ("operations", -1))
        for family in FAMILIES
        for view in [random.standard_normal()]
        for k in range(5)
    ]
    return pd.DataFrame(rows, columns=["cycle", "function", "family", "period", "quantity", "version"])


def decided(topic: str | None = None) -> pd.DataFrame:
    """A decision about every family in every cycle, taken on its tenth day."""
    cycles = pd.Series(builders.cycles(CYCLES))
    rows = pd.DataFrame({"cycle": cycles.repeat(len(FAMILIES)), "family": list(FAMILIES) * CYCLES})
    dated = rows.assign(raised_on=rows["cycle"], decided_on=rows["cycle"] + pd.Timedelta(days=9), owner="Head of Sales")
    named = dated.assign(decision_id=[f"D{n}" for n in range(len(dated))])
    return named if topic is None else named.assign(topic=topic)


@pytest.mark.case("fires")
def test_a_push_that_survives_the_meeting_recurs(tmp_path: Path) -> None:
    """Sales 8 % above and Operations 8 % below after the meeting: recurring, every family an equal driver."""
    evidence, verdict = measured(s02, company(tmp_path, function_plans=spoken(0.08, noise=0.01)), "reduced")

    assert verdict.status == "recurring"
    assert evidence.metrics[0].values.mean() == pytest.approx(2 * np.sinh(0.08), abs=0.01)
    assert len([driver for driver in verdict.drivers if driver[0] == "family"]) == 5


def test_the_same_gap_before_the_meeting_recurs_on_the_minimum_path(tmp_path: Path) -> None:
    """Without numbers after the meeting a one-sided gap of 16 % that comes back each cycle still fires."""
    plans = spoken(0.08, noise=0.01, versions=("before",)).drop(columns="version")
    _, verdict = measured(s02, company(tmp_path, function_plans=plans), "minimum A")

    assert verdict.status == "recurring"


@pytest.mark.case("quiet")
def test_views_that_differ_and_are_settled_stay_clear(tmp_path: Path) -> None:
    """Opening positions 10 % apart in any direction, renewed each cycle, do not repeat: absent."""
    plans = spoken(0.0, noise=0.07, versions=("before",)).drop(columns="version")
    _, verdict = measured(s02, company(tmp_path, function_plans=plans), "minimum A")

    assert verdict.status in ("absent", "isolated")
    assert verdict.first_warning is None


def test_a_gap_that_somebody_decided_about_is_owned(tmp_path: Path) -> None:
    """With a dated decision per family and cycle the same push is no breach, and every open gap has an owner."""
    engagement = company(tmp_path, function_plans=spoken(0.08), decisions=decided())
    evidence, verdict = measured(s02, engagement, "full")
    owned = next(metric for metric in evidence.metrics if metric.name == "owned_share")

    assert verdict.status == "absent"
    assert owned.values.eq(1.0).all()


def test_decisions_about_other_things_do_not_own_a_gap(tmp_path: Path) -> None:
    """Once the log names a gap between sales and operations, decisions on other topics no longer cover one."""
    log = decided("frozen zone overridden")
    log.loc[log.index[0], "topic"] = "Gap between Sales and Operations"
    _, verdict = measured(s02, company(tmp_path, function_plans=spoken(0.08), decisions=log), "full")

    assert verdict.status == "recurring"


@pytest.mark.case("limit")
@pytest.mark.parametrize(("operations", "expected"), [(900.0, True), (900.1, False)], ids=["at", "below"])
def test_a_gap_exactly_at_the_limit_counts(tmp_path: Path, operations: float, expected: bool) -> None:
    """Without realised horizons the limit is 10 % of the consensus: 1000 against 900 of a consensus of 1000."""
    plans = spoken(0.0).assign(quantity=lambda p: np.where(p["function"] == "sales", 1000.0, operations))
    months = builders.cycles(CYCLES + 6)
    consensus = pd.DataFrame(
        [
            (months[c], f"item_{f.lower()}", months[c + k], 1000.0)
            for c in range(CYCLES)
            for f in FAMILIES
            for k in range(5)
        ],
        columns=["cycle", "item_id", "period", "quantity"],
    )
    evidence, _ = measured(s02, company(tmp_path, function_plans=plans, forecast_snapshots=consensus), "reduced")

    assert evidence.flags["breach"].eq(expected).all()


@pytest.mark.case("not_assessable")
def test_one_party_alone_is_not_assessable(tmp_path: Path) -> None:
    """Without Operations' number nothing can be compared; the client is asked for it."""
    plans = spoken(0.1).query("function == 'sales'")

    with pytest.raises(NotAssessable) as gap:
        measured(s02, company(tmp_path, function_plans=plans), "reduced")
    assert gap.value.missing == ("function_plans.quantity",)


def test_a_consensus_of_zero_is_missing_rather_than_clear(tmp_path: Path) -> None:
    """Plans of 0 units have no gap: every value is missing and the sign says so."""
    plans = spoken(0.1).assign(quantity=0.0)

    with pytest.raises(NotAssessable):
        measured(s02, company(tmp_path, function_plans=plans), "reduced")


@pytest.mark.case("invariant")
def test_scale_and_row_order_change_nothing(tmp_path: Path) -> None:
    """Units a thousand times larger and rows in any order give the same flags."""
    plans = spoken(0.04, noise=0.05)
    larger = plans.sample(frac=1.0, random_state=2).assign(quantity=lambda p: p["quantity"] * 1000)
    plain, _ = measured(s02, company(tmp_path / "a", function_plans=plans), "reduced")
    scaled, _ = measured(s02, company(tmp_path / "b", function_plans=larger), "reduced")

    pd.testing.assert_frame_equal(plain.flags, scaled.flags)


@pytest.mark.case("as_of")
@pytest.mark.parametrize("path", ["full", "minimum A"])
def test_a_run_as_of_a_cycle_sees_what_the_full_run_saw_then(tmp_path: Path, path: str) -> None:
    """Flags and tests known on a date do not change when more data arrive."""
    random = np.random.default_rng(9)
    log = decided().sample(frac=0.5, random_state=4)
    late = log["decided_on"] + pd.to_timedelta(random.integers(0, 40, len(log)), unit="D")
    actuals = pd.DataFrame(
        [
            (month, f"item_{f.lower()}", 1000 * np.exp(0.1 * random.standard_normal()))
            for month in builders.cycles(CYCLES)
            for f in FAMILIES
        ],
        columns=["period", "item_id", "quantity"],
    )
    tables = {
        "function_plans": spoken(0.05, noise=0.04),
        "decisions": log.assign(decided_on=late),
        "actual_demand": actuals,
    }
    full, _ = measured(s02, company(tmp_path / "full", **tables), path)

    for day in ("2024-08-01", "2024-11-01", "2025-03-01"):
        then, _ = measured(s02, company(tmp_path / day, as_of=day, **tables), path)
        assert_known_then(full, then, pd.Timestamp(day))


def test_a_plan_above_the_hours_of_three_months_cannot_be_made(tmp_path: Path) -> None:
    """A load of 1.2 in every month recurs on the minimum path; a load of 0.9 does not clear the sign."""
    months = builders.cycles(CYCLES + 6)
    cells = [(months[c], months[c + k], family) for c in range(CYCLES) for k in range(4) for family in FAMILIES]
    plan = pd.DataFrame(cells, columns=["cycle", "period", "family"]).assign(
        item_id=lambda p: "item_" + p["family"].str.lower(), resource_id="R10", quantity=1.0, hours=20.0
    )
    days = np.busday_count(
        months.to_numpy().astype("datetime64[D]"),
        (months + pd.offsets.MonthBegin(1)).to_numpy().astype("datetime64[D]"),
    )
    hours = pd.DataFrame({"resource_id": "R10", "period": months, "planned_hours": 100.0 * days / days.mean()}).head(
        CYCLES
    )
    tables = {"production_plan_snapshots": plan.drop(columns="family"), "capacity": hours}
    over = measured(s02, company(tmp_path / "a", **tables), "minimum C")[1]
    roomy = {**tables, "capacity": hours.assign(planned_hours=hours["planned_hours"] * 4 / 3)}
    under = measured(s02, company(tmp_path / "b", **roomy), "minimum C")[1]

    assert over.status == "recurring"
    assert under.status == "not_assessable"


def test_a_plan_that_stays_below_the_forecast_raises_the_sign(tmp_path: Path) -> None:
    """Production planned 30 % below the forecast, cycle after cycle, recurs; the path never clears."""
    months = builders.cycles(CYCLES + 6)
    cells = [(months[c], f"item_{f.lower()}", months[c + k]) for c in range(CYCLES) for f in FAMILIES for k in range(5)]
    forecast = pd.DataFrame(cells, columns=["cycle", "item_id", "period"]).assign(
        quantity=lambda f: 1000.0 + 10 * (f.index % 7)
    )
    made = forecast.assign(resource_id="R10", quantity=forecast["quantity"] * 0.7)
    tables = {"forecast_snapshots": forecast, "production_plan_snapshots": made}
    short = measured(s02, company(tmp_path / "a", **tables), "minimum B")[1]
    same = {**tables, "production_plan_snapshots": made.assign(quantity=forecast["quantity"])}
    level = measured(s02, company(tmp_path / "b", **same), "minimum B")[1]

    assert short.status == "recurring"
    assert level.status == "not_assessable"


def test_one_of_three_families_in_conflict_again_and_again_recurs(tmp_path: Path) -> None:
    """Too few to breach together: the same family, a third of the business, carries from its fourth breach on."""
    plans = spoken(0.08, noise=0.01)
    kept = plans[plans["family"].isin(FAMILIES[:3])]
    calm = kept["quantity"].where(kept["family"] == FAMILIES[0], 1000.0)
    evidence, verdict = measured(s02, company(tmp_path, function_plans=kept.assign(quantity=calm)), "reduced")

    assert verdict.status == "recurring"
    assert evidence.flags.loc[evidence.flags["breach"], "unit"].unique().tolist() == [FAMILIES[0]]


def test_what_came_of_the_plans_is_described(tmp_path: Path) -> None:
    """Sales said 8 % more than came and Operations 8 % less than it made: two numbers, no limit and no blame."""
    months = builders.cycles(CYCLES + 6)
    cells = [(months[c], f"item_{f.lower()}", months[c + k]) for c in range(CYCLES) for f in FAMILIES for k in range(5)]
    forecast = pd.DataFrame(cells, columns=["cycle", "item_id", "period"]).assign(quantity=1000.0)
    actual = forecast.loc[forecast["cycle"] == forecast["period"], ["period", "item_id", "quantity"]]
    tables = {
        "function_plans": spoken(0.08),
        "forecast_snapshots": forecast,
        "actual_demand": actual,
        "production_plan_snapshots": forecast.assign(resource_id="R10"),
    }
    evidence, _ = measured(s02, company(tmp_path, **tables), "reduced")
    last = {metric.name: metric.values.dropna().iloc[-1] for metric in evidence.metrics if metric.limit is None}

    assert last["sales_over_demand"] == pytest.approx(0.08)
    assert last["operations_over_output"] == pytest.approx(-0.08)
    assert last["executed"] == pytest.approx(0.0)
    assert last["executed_p_value"] == 1.0
