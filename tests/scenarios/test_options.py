"""Options: what they cost, which hours they may use, and what they say where not all is covered."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from helpers.scenarios import options
from helpers.scenarios.cases import Notice, Option
from helpers.scenarios.feasible import hours_missing
from helpers.scenarios.network import Network
from tests.scenarios.networks import network

JANUARY, FEBRUARY, MARCH = pd.date_range("2026-01-01", periods=3, freq="MS")
NOTICE = Notice(JANUARY, "month", 0)


def line(plan: list[float], overtime: float = 0.0, rate: float = 3.0) -> Network:
    """Ten hours a month for A, an hour a unit, which are planned like this."""
    return network(
        {"A": [10.0] * 3},
        made={"A": {"line": 1.0}},
        hours={"line": {"regular": 10.0, "overtime": overtime, "rate": rate}},
        plan={"A": plan},
    )


def wanted(**more: float) -> pd.DataFrame:
    """Units of further supply of A by month."""
    months = {"january": JANUARY, "february": FEBRUARY, "march": MARCH}
    return pd.DataFrame({"product": "A", "period": [months[name] for name in more], "more": [*more.values()]})


def higher(plant: Network, rows: pd.DataFrame) -> Option:
    """Planning so much more of A."""
    (found,) = options.planned_higher(plant, rows, hours_missing(plant), NOTICE)
    return found


def test_planning_more_in_free_hours_costs_nothing() -> None:
    """Four hours are free in February."""
    found = higher(line([10.0, 6.0, 10.0]), wanted(february=4.0))

    assert (found.do, found.price) == ("plan 4 units more in free hours", 0.0)


def test_hours_the_plan_lacks_have_the_first_claim_on_free_ones() -> None:
    """March lacks three hours that February's four are to make up for: one is left, and three are overtime at 3."""
    found = higher(line([10.0, 6.0, 13.0], overtime=5.0), wanted(february=4.0))

    assert found.do == "plan 4 units more with 3 hours of overtime"
    assert found.price == pytest.approx(9.0)


def test_hours_free_after_the_units_are_wanted_are_no_help() -> None:
    """March has four free hours: February's four units need overtime, of which January and February have one each."""
    found = higher(line([10.0, 10.0, 6.0], overtime=1.0), wanted(february=4.0))

    assert found.do == "plan 2 of 4 units more with 2 hours of overtime"
    assert found.price == pytest.approx(2 * 3.0 + 0.1)  # January's unit is held for a month


def test_overtime_that_missing_hours_need_is_not_offered_again() -> None:
    """January lacks two hours and has three of overtime: one of them is left for a unit more."""
    found = higher(line([12.0, 10.0, 10.0], overtime=3.0), wanted(january=2.0))

    assert found.do == "plan 1 of 2 units more with 1 hour of overtime"


def test_overtime_without_a_rate_has_no_price() -> None:
    """A rate of 0 is one that nobody knows."""
    found = higher(line([10.0, 10.0, 10.0], overtime=5.0, rate=0.0), wanted(march=2.0))

    assert found.price != found.price
    assert options.rescue_price(line([0.0] * 3, rate=0.0)).isna().all()


def test_what_cannot_be_planned_is_no_option() -> None:
    """No hour is free, and no overtime can be worked."""
    full = line([10.0] * 3)

    assert list(options.planned_higher(full, wanted(march=5.0), hours_missing(full), NOTICE)) == []


def test_planning_more_is_decided_before_the_hours_it_uses_are_frozen() -> None:
    """January has the only free hours for what is wanted in March: two units are held for two months."""
    found = higher(line([8.0, 10.0, 10.0]), wanted(march=2.0))

    assert (found.do, found.price) == ("plan 2 units more in free hours", pytest.approx(2 * 2 * 0.1))
    assert found.by == NOTICE.change(JANUARY)


def test_overtime_of_frozen_periods_is_not_offered() -> None:
    """Two months are frozen: of three hours of overtime a month only March's are left."""
    plant, frozen = line([10.0] * 3, overtime=3.0), Notice(JANUARY, "month", 2)

    (found,) = options.planned_higher(plant, wanted(march=6.0), hours_missing(plant), frozen)

    assert (found.do, found.price) == ("plan 3 of 6 units more with 3 hours of overtime", 9.0)


def test_units_wanted_once_are_rushed_once() -> None:
    """Four units short in January and behind ever since: four are bought, at 2 each."""
    supply = network(
        {"C": [10.0] * 3},
        sources=[{"source": "rushed", "product": "C", "is_rush": True, "extra": 2.0, "most": 8.0}],
    )
    rows = pd.DataFrame({"product": "C", "period": [JANUARY, FEBRUARY], "more": [4.0, 0.0]})

    (found,) = options.rushed(supply, rows, NOTICE)

    assert (found.do, found.price) == ("buy 4 units in a rush", 8.0)


def late(left: float, comes: pd.Timestamp = FEBRUARY) -> pd.DataFrame:
    """Five units of A late."""
    return pd.DataFrame({"product": ["A"], "late": [5.0], "left": [left], "comes": [comes]})


LEFT = {
    "all come": (
        late(0.0),
        "leave it: all of them come late, by 2026-02; what lateness costs is not in the data",
        None,
    ),
    "two do not": (
        late(2.0),
        "leave it: 2 of 5 units are still not delivered at the end of 2026-03, the others come late, by 2026-02",
        8.0,
    ),
    "none comes": (
        late(5.0, pd.NaT),
        "leave it: 5 of 5 units are still not delivered at the end of 2026-03",
        20.0,
    ),
}


@pytest.mark.parametrize(("rows", "said", "price"), [*LEFT.values()], ids=[*LEFT])
def test_leaving_units_late_costs_the_margin_of_those_that_never_come(
    rows: pd.DataFrame, said: str, price: float | None
) -> None:
    """A margin of 4; units that come late are not lost."""
    found = options.leaving(line([0.0] * 3), rows)

    assert found.do == said
    assert (None if pd.isna(found.price) else found.price) == price


def test_nothing_is_worth_money_where_nothing_was_priced() -> None:
    """Margins and holding costs are not known; overtime is paid in money all the same."""
    plant = replace(line([6.0, 10.0, 13.0], overtime=5.0), is_priced=False)
    missing = hours_missing(plant)
    (ahead,) = options.build_ahead(plant, plant, missing, NOTICE)
    (over,) = options.overtime(missing, pd.DataFrame({"kind": [], "at": []}), NOTICE, is_late=False)

    assert pd.isna(ahead.price)
    assert pd.isna(options.leaving(plant, late(5.0)).price)
    assert over.price == pytest.approx(9.0)
