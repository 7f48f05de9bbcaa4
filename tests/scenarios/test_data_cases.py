"""Exceptions beside the plan: buffers that risk does not ask for, and forecast changes inside the fence."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from helpers.engagement import Engagement
from helpers.measures import ahead
from helpers.scenarios.cases import Case
from helpers.scenarios.data_cases import buffers, changed_late
from helpers.scenarios.feasible import Feasibility
from tests import builders
from tests.scenarios.networks import network

MONTHS = builders.cycles(8, "2025-05-01")  # as of 2026-01-01
SALES = pd.DataFrame({"period": MONTHS, "item_id": "a", "quantity": 100.0})
PLANT = network(
    {"A": [100.0], "B": [100.0]},
    products={"A": {"is_critical": True, "safety": 90.0}, "B": {"safety": 10.0}},
    made={"A": {"line": 1.0}},
    hours={"line": {"regular": 200.0, "rate": 3.0}},
)


def client(folder: Path, january: float = 100.0, rule: str | None = None) -> Engagement:
    """In November and December a hundred units were forecast for January; the last forecast says otherwise."""
    forecast = pd.DataFrame(
        {
            "cycle": [MONTHS[-2], MONTHS[-2], MONTHS[-1], MONTHS[-1]],
            "period": pd.to_datetime(["2025-12-01", "2026-01-01"] * 2),
            "item_id": "a",
            "quantity": [100.0, 100.0, 100.0, january],
            "rule_id": [None, None, rule, rule],
        }
    )
    stock = SALES[["period", "item_id"]].assign(on_hand=50.0, safety_stock=10.0)
    tables = {"items": builders.items(a="A"), "actual_demand": SALES, "forecast_snapshots": forecast}
    return builders.engagement(folder, {**tables, "inventory_snapshots": stock}, time_fences={"frozen": 1})


def changes(engagement: Engagement, late: float = 0.0) -> list[Case]:
    """Late changes, with so many units of A late in January."""
    units = pd.DataFrame({"product": ["A"], "period": PLANT.periods[:1], "late": [late]})
    none = pd.DataFrame()
    return list(changed_late(engagement, PLANT, Feasibility(none, units, none, none)))


def buffer_cases(folder: Path, monkeypatch: pytest.MonkeyPatch, a: float, b: float) -> list[Case]:
    """Buffers where risk asks for so many units of A and B."""
    required = pd.DataFrame({"product": ["A", "B"], "required": [a, b]})
    monkeypatch.setattr(ahead, "required_stock", lambda *_: required)
    return list(buffers(client(folder), PLANT, "family"))


def test_a_raise_that_the_plan_covers_costs_nothing_to_take(tmp_path: Path) -> None:
    """Thirty units more at a margin of 4: 120 are at stake, and the approved plan delivers them."""
    (case,) = changes(client(tmp_path, january=130.0))

    assert (case.size, case.money, case.code) == (30.0, 120.0, "T6")
    assert [option.price for option in case.options] == [0.0, 120.0]
    assert "raised inside the fence by 30 units (30%) in 2026-01" in case.what


def test_a_raise_that_the_plan_does_not_cover_costs_its_rescue(tmp_path: Path) -> None:
    """Twenty of the thirty are late; an hour of overtime makes one for 3."""
    (case,) = changes(client(tmp_path, january=130.0), late=20.0)

    assert [option.price for option in case.options] == [60.0, 120.0]


def test_keeping_a_number_that_was_lowered_has_no_price_in_the_data(tmp_path: Path) -> None:
    """What too high a plan costs is not known: missing, not 0."""
    (case,) = changes(client(tmp_path, january=70.0))

    assert pd.isna(case.options[1].price)


@pytest.mark.parametrize(("january", "rule"), [(130.0, "R1"), (103.0, None)], ids=["under a rule", "too small"])
def test_a_change_under_a_rule_or_within_five_percent_is_none(tmp_path: Path, january: float, rule: str | None) -> None:
    """A rule has settled it; three of a hundred in January alone are less than five percent."""
    assert changes(client(tmp_path, january=january, rule=rule)) == []


def test_buffers_above_risk_tie_up_money_and_buffers_below_it_risk_service(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A holds 30 units too many, at 0.1 a month 36 a year; B lacks 10, at 12 a year, for a risk nobody can price."""
    high, low = buffer_cases(tmp_path, monkeypatch, a=60.0, b=20.0)

    assert (high.families, high.tier, high.size, round(high.money, 6)) == (("A",), "efficiency", 30.0, 36.0)
    assert [round(option.price, 6) for option in high.options] == [-36.0, 36.0]
    assert (low.families, low.tier, low.size) == (("B",), "margin", 10.0)
    assert round(low.options[0].price, 6) == 12.0
    assert pd.isna(low.money)
    assert pd.isna(low.decide_by)


def test_buffers_within_a_quarter_of_what_risk_asks_are_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ninety for eighty and ten for thirteen are near enough."""
    assert buffer_cases(tmp_path, monkeypatch, a=80.0, b=13.0) == []
