"""`plan.xlsx` and what lies beside it: text stays text, numbers are numbers, decisions have room for a name."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from helpers.report import plan as writing
from helpers.report.plan import write_plan
from helpers.report.plan_book import plan_workbook
from helpers.report.plan_book.paper import Paper, stands_above
from helpers.scenarios.document import document
from helpers.scenarios.playbook import load_playbook
from helpers.scenarios.replay import WORLDS
from helpers.scenarios.scenario import chosen
from helpers.settings import Settings
from tests.report.test_evidence_workbook import HOSTILE, parts, rows, table
from tests.scenarios.realigned import NOTICE, RULES, raised, small

AS_OF = pd.Timestamp(2026, 1, 1)
SHEETS = ["Read me", "Feasibility", "Exceptions", "Scenarios", "Decisions", "Playbook", "Replay", "Calendar"]


def book(name: str = "A", key: str | None = "capped") -> bytes:
    """The workbook of the small plant."""
    found, settings = small(name), Settings(client="Acme")
    said = document(found, settings, AS_OF, "family")
    return plan_workbook(found, chosen(found.answers, key), said, settings, AS_OF)


@pytest.fixture(scope="module")
def made() -> bytes:
    """The decisions under half of the rescue money."""
    return book()


def test_the_sheets_stand_in_the_order_in_which_they_are_read(made):
    """Each is listed on the first; the title stays in sight."""
    held = parts(made)
    listed = [row[0] for row in rows(made, "Read me")]

    assert re.findall(r'<sheet name="([^"]+)"', held["xl/workbook.xml"]) == SHEETS
    assert listed[-7:] == SHEETS[1:]
    assert all('topLeftCell="A2"' in held[f"xl/worksheets/sheet{place}.xml"] for place in range(1, 9))


def test_orders_that_cannot_wait_are_to_be_signed(made):
    """Eight units of B from S, ordered in January for February, with an empty cell under the heading for a name."""
    (order,) = table(made, "Decisions", "To order")

    assert order == {
        "Supplier": "S", "Product": "B", "Decide by": "2026-01-01", "Comes in": "2026-02", "Units": 8.0, "Rushed": "no",
        "Stock with it": 0.0, "Safety stock": 0.0, "Rush costs, EUR": 0.0, "See exception": "", "Decided by, date": "",
    }  # fmt: skip


def test_what_to_make_otherwise_is_apart_from_what_stays_as_approved(made):
    """In February fifteen of twenty units under half of the rescue money, to be decided in January; January stays."""
    (changed,) = table(made, "Decisions", "To make otherwise than approved")
    (same,) = table(made, "Decisions", "To make as approved")

    assert [changed[name] for name in ("Period", "Approved", "To make", "Change")] == ["2026-02", 20.0, 15.0, -5.0]
    assert (changed["Decide by"], changed["See exception"], changed["Decided by, date"]) == ("2026-01-31", "1, 2", "")
    assert [same[name] for name in ("Period", "Approved", "To make", "Change")] == ["2026-01", 10.0, 10.0, 0.0]
    assert "Decided by, date" not in same


def test_what_can_wait_is_not_to_be_signed():
    """Met again at once, everything of a later day is there for information."""
    found = replace(small(), notice=replace(NOTICE, again=AS_OF + pd.Timedelta(days=7)))
    said = document(found, Settings(client="Acme"), AS_OF, "family")
    made = plan_workbook(found, chosen(found.answers, "capped"), said, Settings(client="Acme"), AS_OF)

    (later,) = table(made, "Decisions", "Later: to make")
    assert (later["Period"], later["Change"]) == ("2026-02", -5.0)
    assert "Decided by, date" not in later


def test_who_goes_without_stands_first_and_is_signed(made):
    """Five of twenty units in February, whenever the cut itself is signed."""
    (late,) = table(made, "Decisions", "Who goes without")

    assert (late["Product"], late["Segment"], late["From"], late["Asked for"]) == ("A", "all", "2026-02", 30.0)
    assert (late["Not on time"], late["Decided by, date"]) == (5.0, "")
    assert late["Share"] == pytest.approx(1 / 6)


def above(key: str, **more: Any) -> dict[str, str]:
    """What stands above the decisions of a scenario."""
    found = small(**more)
    return dict(stands_above(Paper(found, chosen(found.answers, key))))


def test_what_signing_changes_stands_above_the_decisions():
    """Half of the rescue money: five units and 20 EUR of margin less, 15 EUR of overtime saved."""
    said = above("capped")

    assert said["What it changes"] == (
        "Against the approved plan, over all periods: all demand on time −13.2 points, margin −5 EUR, working capital "
        "the same, rescues −15 EUR. Production changes in 1 of 2 rows to be signed, most for A in 2026-02: 15 instead "
        "of 20. A calmer plan keeps more periods as approved: frozen in scenarios.yaml."
    )
    assert said["Rules"].startswith("Rescues cost at most 50% of today's:")


def test_what_a_scenario_takes_for_granted_is_no_gain_of_signing():
    """Twice the hours are not decided on the sheet; the approved plan would have them too."""
    said = above("doubled")

    assert said["Holds if"] == "line has +100% hours, which are not paid for here."
    assert "rescues the same" in said["What it changes"]


def test_the_approved_plan_changes_nothing():
    """Signed as it is; whether every promise can be kept is said."""
    assert above("as_approved")["What it changes"] == "Nothing: it is the approved plan, its promises rescued."
    late = pd.DataFrame({"product": ["A"], "period": [AS_OF], "late": [1.0]})
    stuck = replace(small().feasible, unrescued=late)
    assert above("as_approved", feasible=stuck)["What it changes"].endswith("rescued as far as they can be.")


def test_buffers_are_settled_before_a_plan_that_fills_them():
    """Two exceptions of them; the approved plan fills none, nor is anything said without an exception."""
    listed = raised().assign(kind=["safety stock above risk", "safety stock below risk"])

    assert above("capped", raised=listed)["Before it"] == (
        "This plan fills the safety stock as it is set: settle exceptions 1 and 2 first."
    )
    assert "Before it" not in above("as_approved", raised=listed)
    assert "Before it" not in above("capped", raised=listed[:0])


def test_overtime_stands_with_its_price(made):
    """Five hours, 15 EUR, and room for a name."""
    (row,) = table(made, "Decisions", "Overtime beyond what is agreed")

    assert (row["At"], row["Period"], row["Decided by, date"]) == ("line", "2026-02", "")
    assert (row["Hours"], row["Cost, EUR"]) == pytest.approx((5.0, 15.0))


def test_each_option_of_an_exception_is_a_row_to_be_signed(made):
    """Overtime has a price and a last day, leaving it has neither; what waits says why."""
    first, second = table(made, "Exceptions", "The options, one of each to be chosen")
    (case,) = table(made, "Exceptions", "For the meeting")
    (waits,) = table(made, "Exceptions", "What can wait")

    assert (case["Rule"], case["Decides"], case["Tier"]) == ("Build ahead.", "Plant manager", "margin")

    assert (first["Option"], first["Price, EUR"], first["Decide by"]) == ("overtime", 30.0, "2026-01-31")
    assert (second["Option"], second["Price, EUR"], second["Decide by"]) == ("leave it", "", "")
    assert first["Decided by, date"] == second["Decided by, date"] == ""
    assert (waits["What"], waits["Why it waits"]) == ("2. B is thin.", "it comes in time")


def test_the_calendar_has_room_for_a_signature(made):
    """A step a row, in order."""
    listed = table(made, "Calendar", "The next cycle")

    assert [(row["Step"], row["Working day"], row["Signs"], row["Signed on"]) for row in listed] == [
        ("supply", 8.0, "Chief", ""),
        ("executive S&OP", 15.0, "to be named", ""),
    ]


def test_figures_are_numbers_and_what_is_not_known_is_empty(made):
    """All on time for 30 EUR as approved; no family is critical."""
    first = table(made, "Scenarios", "Figures over all periods; money in EUR")[0]

    assert (first["Key"], first["Service"], first["Rescues"]) == ("as_approved", 1.0, pytest.approx(30.0))
    assert first["Critical families"] == ""


def test_a_number_has_the_format_of_its_unit(made):
    """Shares as percent, money and counts whole."""
    styles = parts(made)["xl/styles.xml"]

    assert 'formatCode="0.0%"' in styles
    assert 'formatCode="#,##0"' in styles


def test_reasons_and_rules_can_be_read(made):
    """Every reason a row; every rule with who decides."""
    reasons = [row["Why"] for row in table(made, "Scenarios", "Why it differs") if row["Key"] == "capped"]
    (rule,) = table(made, "Playbook", "Who decides what by when")

    assert "5 hours of overtime on line instead of 10." in reasons
    assert (rule["Situation"], rule["Rule"], rule["Who decides"]) == ("T3", "Build ahead.", "Plant manager")


def test_the_replay_ends_with_what_was_booked(made):
    """All worlds in all, then 200 EUR as booked."""
    totals = table(made, "Replay", "In all; money in EUR")

    assert [row["Rescues"] for row in totals] == [100.0, 80.0, 40.0, 200.0]
    assert [row["World"] for row in totals] == [*WORLDS, "as booked"]


@pytest.mark.parametrize("name", HOSTILE[:2])
def test_a_name_that_looks_like_a_formula_stays_text(name):
    """Nothing a client wrote is calculated or becomes a link."""
    made = book(name)

    assert [part for part, text in parts(made).items() if "<f>" in text] == []
    assert table(made, "Decisions", "To make as approved")[0]["Product"] == name


def test_the_same_realignment_gives_the_same_bytes(made):
    """No clock in it but the as-of date."""
    assert book() == made


# files


def written(tmp_path, **more):
    """What `plan` leaves of the small plant."""
    return write_plan(small(**more), Settings(), AS_OF, "family", None, tmp_path)


def test_three_files_are_written_and_the_draft_can_be_put_beside_the_data(tmp_path):
    """It is read back as the rules it was made of."""
    found = written(tmp_path)

    assert [path.name for path in found.paths] == ["scenarios.json", "plan.xlsx", "playbook.yaml"]
    assert json.loads((tmp_path / "scenarios.json").read_text(encoding="utf-8")) == found.document
    assert load_playbook(tmp_path) == RULES


def test_a_draft_that_somebody_changed_is_left_alone(tmp_path):
    """A second go at the same run refreshes everything else and says so."""
    written(tmp_path)
    (tmp_path / "playbook.yaml").write_text("rescue_at_most: 100\n", encoding="utf-8")

    again = written(tmp_path)

    assert (tmp_path / "playbook.yaml").read_text(encoding="utf-8") == "rescue_at_most: 100\n"
    assert [path.name for path in again.paths] == ["scenarios.json", "plan.xlsx"]
    assert again.remarks == (
        "playbook.yaml in this folder was changed and is left alone; put it beside the data to use it.",
    )


def test_a_client_with_rules_gets_no_draft(tmp_path):
    """There is nothing to propose."""
    found = written(tmp_path, is_draft=False)

    assert not (tmp_path / "playbook.yaml").exists()
    assert found.remarks == ()


def test_a_workbook_that_fails_leaves_the_others(tmp_path, monkeypatch):
    """The failed part is named; the rest stands."""
    monkeypatch.setattr(writing, "plan_workbook", lambda *_: 1 / 0)

    found = written(tmp_path)

    assert [path.name for path in found.paths] == ["scenarios.json", "playbook.yaml"]
    assert found.failures[0].startswith("plan.xlsx: ZeroDivisionError")
