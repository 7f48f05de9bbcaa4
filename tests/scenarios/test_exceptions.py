"""Exceptions: one row a cause, priced, dated and ranked, and no more of them than a meeting clears."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from helpers.engagement import Engagement
from helpers.scenarios.exceptions import NO_RULE, NOBODY, exceptions, room_in_a_meeting
from helpers.scenarios.feasible import Feasibility, feasibility
from helpers.scenarios.network import Network
from helpers.scenarios.outcome import Outcome
from helpers.scenarios.playbook import Decision, Playbook
from helpers.scenarios.policy import Policy
from helpers.scenarios.scenario import APPROVED, Answer, Planning, usual
from helpers.scenarios.solve import Solution
from tests import builders
from tests.scenarios.networks import network

MONTHS = builders.cycles(8, "2025-05-01")  # as of the first of January 2026, where the small networks begin
MARCH = pd.Timestamp("2026-03-01")
SALES = pd.DataFrame({"period": MONTHS, "item_id": "a", "quantity": 1.0})
CUT_B = Playbook(cut_first=("B",), decisions={"T3": Decision(do="Build ahead.", who="Head of Plants")})


def client(folder: Path, frozen: int = 1, **tables: pd.DataFrame) -> Engagement:
    """A client who sent demand and these tables."""
    rows = {"items": builders.items(a="Bread"), "actual_demand": SALES, **tables}
    return builders.engagement(folder, rows, time_fences={"frozen": frozen})


@dataclass(frozen=True)
class Solved:
    """A small network with what of its plan cannot be executed and the plan as solved."""

    plant: Network
    feasible: Feasibility
    approved: Answer


def solved(plant: Network) -> Solved:
    """A network as the model answers for it."""
    approved = Planning(plant, usual(plant, 1), None).approved
    return Solved(plant, feasibility(plant), approved)


def told(plant: Network, hours: pd.DataFrame | None = None, late: pd.DataFrame | None = None) -> Solved:
    """A network with its missing hours and late units as a test says them, and safety stock always there."""
    none = {
        "hours": ["resource", "period", "needed", "offered", "missing", "price", "beyond"],
        "units": ["product", "period", "constraint", "at", "late", "left", "comes", "more"],
        "rescue": ["kind", "at", "product", "period", "quantity", "amount"],
        "unrescued": ["product", "period", "late", "left", "comes", "more"],
    }
    frames = {
        name: pd.DataFrame({column: pd.Series(dtype=object) for column in columns}) for name, columns in none.items()
    }
    given = {name: rows for name, rows in {"hours": hours, "units": late}.items() if rows is not None}
    thin = pd.DataFrame({"product": ["A"], "period": plant.periods[:1], "value": [0.0]})
    made = plant.plan.rename(columns={"quantity": "value"})
    found = Solution(plant, Policy(), {"thin": thin, "make": made}, {}, pd.DataFrame())
    answer = Answer(
        APPROVED, usual(plant, 1)[APPROVED], found, Outcome(1.0, 1.0, pd.Series(), 0.0, 0.0, 1.0, pd.Series())
    )
    return Solved(plant, Feasibility(**{**frames, **given}), answer)


def raised(engagement: Engagement, found: Solved, playbook: Playbook = CUT_B) -> pd.DataFrame:
    """The exceptions of a small network."""
    return exceptions(engagement, found.plant, found.feasible, found.approved, playbook)


def plant() -> Network:
    """In the third month the line makes 10 of 15: A sells 10 of them at a margin of 4, B 5; ten hours free before."""
    return network(
        {"A": [5.0, 0.0, 10.0], "B": [0.0, 0.0, 5.0]},
        products={"A": {"is_critical": True, "carrying": 0.5}, "B": {"carrying": 0.5}},
        made={"A": {"line": 1.0}, "B": {"line": 1.0}},
        hours={"line": {"regular": 10.0, "overtime": 8.0, "rate": 3.0}},
        plan={"A": [5.0, 0.0, 10.0], "B": [0.0, 0.0, 5.0]},
    )


@cache
def overloaded() -> Solved:
    """The plant as the model answers for it."""
    return solved(plant())


@cache
def idle() -> Solved:
    """A plant with nothing to do."""
    return told(network({"A": [0.0]}))


def five_hours() -> pd.DataFrame:
    """Five of fifteen hours missing in March, at 3 each in overtime."""
    amounts = {"needed": [15.0], "offered": [10.0], "missing": [5.0], "price": [15.0], "beyond": [0.0]}
    return pd.DataFrame({"resource": ["line"], "period": [MARCH], **amounts})


def decisions(**columns: Any) -> pd.DataFrame:
    """A log with the columns that decisions cannot do without."""
    count = len(columns["raised_on"])
    rows = {"decision_id": [f"D{k}" for k in range(count)], "cycle": columns["raised_on"], "topic": "mix"}
    return pd.DataFrame({**rows, **columns})


def rows(found: pd.DataFrame) -> list[dict[str, Any]]:
    """The exceptions one by one."""
    return [{str(name): value for name, value in row.items()} for row in found.to_dict("records")]


def prices(row: dict[str, Any]) -> dict[str, float]:
    """The price of each option by the first word of what it does."""
    return {option.do.split(" ")[0]: pytest.approx(option.price, abs=1e-3) for option in row["options"]}


def test_missing_hours_and_the_units_late_for_them_are_one_exception(tmp_path: Path) -> None:
    """Five of fifteen hours are missing in March; five units are late for want of them, at a margin of 4 each."""
    found = raised(client(tmp_path), overloaded())

    (row,) = rows(found)
    assert (row["kind"], row["place"], row["period"]) == ("hours", "line", MARCH)
    assert (row["size"], row["unit"]) == (pytest.approx(5.0), "hours")
    assert (row["late"], row["money"]) == (pytest.approx(5.0, abs=1e-3), pytest.approx(20.0, abs=1e-2))
    assert row["what"].startswith("line lacks 5 hours of its plan in 2026-03;")


def test_hours_that_catching_up_takes_are_not_offered_again(tmp_path: Path) -> None:
    """January lacks five hours, which February's five free ones catch up: none is left to build ahead for March."""
    late = network(
        {"A": [10.0, 10.0, 15.0]},
        products={"A": {"carrying": 0.5}},
        made={"A": {"line": 1.0}},
        hours={"line": {"regular": 10.0, "overtime": 8.0, "rate": 3.0}},
        plan={"A": [15.0, 5.0, 15.0]},
    )

    (row,) = rows(raised(client(tmp_path), solved(late)))

    assert row["size"] == pytest.approx(10.0)
    assert [option.do.split(" ")[0] for option in row["options"]] == ["5", "leave"]


def test_what_a_closed_line_lacks_can_be_built_ahead(tmp_path: Path) -> None:
    """No hour in March for ten units: February's ten are free, at 0.5 a unit kept for a month; stock covers March."""
    open_ = network(
        {"A": [0.0, 2.0, 2.0]},
        products={"A": {"stock": 50.0, "carrying": 0.5}},
        made={"A": {"line": 1.0}},
        hours={"line": {"regular": 10.0}},
        plan={"A": [0.0, 0.0, 10.0]},
    )
    regular = open_.hours["regular"].where(open_.hours["period"] != MARCH, 0.0)

    (row,) = rows(raised(client(tmp_path), solved(replace(open_, hours=open_.hours.assign(regular=regular)))))

    assert (row["size"], prices(row)["build"]) == (pytest.approx(10.0), 5.0)


def test_options_have_their_prices(tmp_path: Path) -> None:
    """Five hours built a month ahead cost 5 × 0.5 to hold, five of overtime 5 × 3; B itself is late and is not cut."""
    (row,) = rows(raised(client(tmp_path), overloaded()))

    assert {name: price for name, price in prices(row).items() if name != "cut"} == {
        "build": 2.5,
        "5": 15.0,
        "leave": 20.0,
    }


def test_a_family_named_first_is_cut_at_its_margin(tmp_path: Path) -> None:
    """Only A is late: cutting the five hours of B's plan forgoes five units at a margin of 4."""
    late = pd.DataFrame(
        {"product": ["A"], "period": [MARCH], "constraint": "hours", "at": "line", "late": [5.0], "left": [5.0],
         "comes": [pd.NaT], "more": [5.0]}
    )  # fmt: skip

    (row,) = rows(raised(client(tmp_path), told(plant(), five_hours(), late)))

    assert row["families"] == ("A",)
    assert prices(row) == {"build": 2.5, "overtime": 15.0, "cut": 20.0}


def test_free_hours_of_a_frozen_month_are_not_built_ahead_in(tmp_path: Path) -> None:
    """With three months frozen nothing earlier can be changed, and overtime is an override: it is decided now."""
    (row,) = rows(raised(client(tmp_path, frozen=3), overloaded()))

    assert set(prices(row)) == {"5", "leave"}
    assert row["decide_by"] == pd.Timestamp("2026-01-01")


def test_deciding_helps_until_the_first_month_of_an_option_enters_the_frozen_zone(tmp_path: Path) -> None:
    """February, in which March is built ahead, is frozen from the first of February on."""
    found = raised(client(tmp_path), overloaded())

    assert found["decide_by"].tolist() == [pd.Timestamp("2026-01-31")]


def test_hours_that_stock_covers_stay_out_of_the_meeting(tmp_path: Path) -> None:
    """No unit is late: nothing is at stake, and the planner levels it."""
    (row,) = rows(raised(client(tmp_path), told(plant(), five_hours())))

    assert (row["tier"], row["late"], row["is_in_meeting"]) == ("efficiency", 0.0, False)
    assert row["deferred"].endswith("the planner levels it")


def test_a_purchase_that_comes_too_late_is_rushed_at_its_price(tmp_path: Path) -> None:
    """Ten a month; an order takes two months, a rushed one a month at 2 a unit, eight at most: two months late."""
    supply = network(
        {"C": [0.0, 10.0, 10.0]},
        sources=[
            {"source": "ordered", "product": "C", "lead": 2.0},
            {"source": "rushed", "product": "C", "lead": 1.0, "is_rush": True, "extra": 2.0, "most": 8.0},
        ],
    )
    (row,) = rows(raised(client(tmp_path), solved(supply)))

    assert (row["kind"], row["place"], row["tier"], row["code"]) == ("lead time", "S", "margin", "T2")
    assert (row["late"], row["money"]) == (pytest.approx(10.0, abs=1e-3), pytest.approx(40.0, abs=1e-2))
    assert prices(row)["buy"] == 16.0
    assert row["options"][1].do == (
        "agree on later dates: all of them come late, by 2026-03; what lateness costs is not in the data"
    )
    assert row["decide_by"] == pd.Timestamp("2026-01-01")  # a month before February is now


def test_a_plan_below_demand_is_an_exception_of_its_own(tmp_path: Path) -> None:
    """Ten asked, six planned in February, hours for ten: four more cost nothing but the decision."""
    supply = network(
        {"A": [0.0, 10.0]}, made={"A": {"line": 1.0}}, hours={"line": {"regular": 10.0}}, plan={"A": [0.0, 6.0]}
    )
    (row,) = rows(raised(client(tmp_path), solved(supply)))

    assert (row["kind"], row["code"], row["late"]) == ("plan", "T7", pytest.approx(4.0, abs=1e-3))
    assert prices(row) == {"plan": 0.0, "agree": 16.0}


def test_stock_below_its_safety_stock_is_raised_before_a_unit_is_late(tmp_path: Path) -> None:
    """Ten of safety stock, none there until the order of January comes in March; what is at stake is not known."""
    supply = network(
        {"C": [0.0, 0.0, 0.0]},
        products={"C": {"safety": 10.0}},
        sources=[{"source": "ordered", "product": "C", "lead": 2.0}],
    )
    (row,) = rows(raised(client(tmp_path), solved(supply)))

    assert (row["kind"], row["size"], row["late"]) == ("thin stock", pytest.approx(10.0), 0.0)
    assert pd.isna(row["money"])
    assert "from 2026-02 on until 2026-03" in row["what"]


def test_overdue_and_ownerless_decisions_are_one_exception_a_family(tmp_path: Path) -> None:
    """One was due in December, one has no owner; the one that was taken is none."""
    log = decisions(
        raised_on=[MONTHS[-1], MONTHS[-1], MONTHS[-2]],
        decided_on=[pd.NaT, pd.NaT, MONTHS[-1]],
        due_on=pd.to_datetime(["2025-12-20", "2026-02-01", "2025-12-20"]),
        owner=["Buyer", None, "Buyer"],
        family="Bread",
        amount=[100.0, -50.0, 7.0],
    )
    found = raised(client(tmp_path, decisions=log), idle())

    (row,) = rows(found)
    assert (row["kind"], row["size"], row["money"], row["owner"]) == ("decision", 2.0, 150.0, "Buyer")
    assert "1 to be taken, 1 without an owner (D0, D1)" in row["what"]
    assert row["decide_by"] == pd.Timestamp("2026-02-01")


def test_critical_service_comes_before_money(tmp_path: Path) -> None:
    """A decision over a million for another family ranks behind twenty of margin of a critical one."""
    log = decisions(
        raised_on=[MONTHS[-3]], decided_on=[pd.NaT], status=["open"], owner=["Buyer"], family="B", amount=[1e6]
    )
    found = raised(client(tmp_path, decisions=log.assign(forum=None)), overloaded())

    assert found["tier"].tolist() == ["critical service", "margin"]
    assert found["rank"].tolist() == [1, 2]


@pytest.mark.parametrize(
    ("tables", "playbook", "owner", "rule"),
    [
        ({"decision_rules": "Rule owner"}, CUT_B, "Head of Plants", "Build ahead."),
        ({"decision_rules": "Rule owner"}, Playbook(), "Rule owner", "R1; the playbook does not say more"),
        ({"process_roles": "Approver"}, Playbook(), "Approver", NO_RULE),
        ({}, Playbook(), NOBODY, NO_RULE),
    ],
    ids=["playbook", "rule in force", "approver of the step", "nobody"],
)
def test_who_owns_it(tmp_path: Path, tables: dict[str, str], playbook: Playbook, owner: str, rule: str) -> None:
    """The playbook, then the rule in force, then who approves the supply review; nobody is made up."""
    sent = {
        "decision_rules": pd.DataFrame({"rule_id": ["R1"], "situation": ["T3"], "owner": ["Rule owner"]}),
        "process_roles": pd.DataFrame({"step": ["executive", "supply review"], "approver": ["Chief", "Approver"]}),
    }
    found = raised(client(tmp_path, **{name: sent[name] for name in tables}), overloaded(), playbook)

    assert (found["owner"].iloc[0], found["rule"].iloc[0]) == (owner, rule)


def test_a_meeting_clears_what_it_has_cleared_so_far(tmp_path: Path) -> None:
    """Two decisions in the meeting each month, one outside: room for two, and by judgement for ten without a log."""
    months = MONTHS.repeat(3)
    log = decisions(raised_on=months, decided_on=months, owner="x", forum=["s_and_op", "s_and_op", "informal"] * 8)

    assert room_in_a_meeting(client(tmp_path, decisions=log))[0] == 2
    assert room_in_a_meeting(client(tmp_path / "none")) == (
        10,
        "by judgement: no log of the meeting's decisions was sent",
    )


def test_what_does_not_fit_into_the_meeting_is_deferred_with_the_reason(tmp_path: Path) -> None:
    """Room for one: the overloaded line goes in, the open decision does not."""
    log = decisions(
        raised_on=MONTHS,
        decided_on=[*MONTHS[:-3], pd.NaT, *MONTHS[-2:]],
        owner="Buyer",
        forum=["s_and_op"] * 5 + [None] + ["s_and_op"] * 2,
        family="B",
    )
    found = raised(client(tmp_path, decisions=log), overloaded())

    assert found["is_in_meeting"].tolist() == [True, False]
    assert found["deferred"].tolist() == ["", "beyond the 1 that one meeting clears"]


def test_a_plan_without_exceptions_has_no_row(tmp_path: Path) -> None:
    """Nothing is late, thin or left lying: the columns are there all the same."""
    found = raised(client(tmp_path), idle())

    assert found.empty
    assert {"rank", "options", "decide_by", "is_in_meeting"} <= set(found.columns)


def test_what_nothing_is_planned_for_is_an_exception_by_its_own_name(tmp_path: Path) -> None:
    """Five units of B, which no route makes and no supplier brings: nobody could rush them or plan them higher."""
    (row,) = rows(raised(client(tmp_path), solved(network({"B": [0.0, 5.0]}))))

    assert (row["kind"], row["place"], row["code"]) == ("plan", "B", "T7")
    assert row["what"].startswith("Nothing planned makes B; 5 units of B are late")
    assert prices(row) == {"agree": 20.0}


def test_money_at_stake_is_not_known_where_nothing_was_priced(tmp_path: Path) -> None:
    """Five units are late; what they earn and what building ahead ties up nobody knows, overtime costs 5 × 3."""
    (row,) = rows(raised(client(tmp_path), solved(replace(plant(), is_priced=False))))

    assert row["late"] == pytest.approx(5.0, abs=1e-3)
    assert pd.isna(row["money"])
    assert {option.do.split(" ")[0]: option.price for option in row["options"] if not pd.isna(option.price)} == {
        "5": pytest.approx(15.0, abs=1e-3)
    }
