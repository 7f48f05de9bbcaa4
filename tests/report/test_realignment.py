"""The plan ahead on the page: every number in words, client text harmless, and what is missing or broken is named."""

from __future__ import annotations

import re

import pandas as pd
import pytest

from helpers.errors import NotAssessable, Unusable
from helpers.kept import Kept
from helpers.report import realignment
from helpers.report.realignment import Ahead, compared, hours_missing, parts, planned
from helpers.report.write import page_html
from helpers.scenarios.document import document
from helpers.settings import Settings
from tests.report import fakes
from tests.report.fakes import HOSTILE
from tests.scenarios.realigned import small

ORDER = ["feasible", "exceptions", "scenarios", "playbook", "replay", "calendar"]


def plan(name: str = "A", **more):
    """The document of the small plant."""
    return document(small(name, **more), Settings(), pd.Timestamp(2026, 1, 1), "family")


@pytest.fixture(scope="module")
def page() -> str:
    """The beginning of the section."""
    return str(parts(Ahead(plan=plan())))


def words(html: str) -> str:
    """Its text, without tags and line breaks."""
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def test_missing_hours_stand_by_resource_and_period():
    """Ten in February, none in January, 30 EUR in all."""
    (row,) = hours_missing(plan())

    assert (row.resource, row.cells, row.total, row.price) == ("line", (("", False), ("10", False)), "10", "30 EUR")


def test_hours_beyond_all_overtime_are_marked_by_more_than_a_colour():
    """A mark with words of its own, explained below the table."""
    found = plan()
    found["feasibility"]["hours"][0]["beyond"] = 4.0
    html = str(parts(Ahead(plan=found)))

    assert 'title="more than all overtime">■' in html
    assert "■ More than all overtime of that period." in words(html)


def test_a_scenario_shows_each_figure_with_its_difference():
    """Five of 38 units fewer on time and 15 EUR saved; the approved plan differs from nothing."""
    first, _, capped, _ = plan()["scenarios"]
    approved, half = compared(first), compared(capped)

    assert [cell.change for cell in approved] == [""] * 5
    assert (half[0].value, half[0].change) == ("86.8%", "−13.2 points")
    assert (half[1].value, half[1].change) == ("–", "")
    assert (half[4].value, half[4].change) == ("15", "−15")


def test_nearly_everything_is_not_everything():
    """A share is shown to a tenth of a percent."""
    assert (realignment.share(0.9964), realignment.share(1.0), realignment.share(None)) == ("99.6%", "100.0%", "–")


def test_the_parts_stand_in_their_order(page):
    """From what cannot be executed to the calendar to sign; each table can be scrolled."""
    assert re.findall(r'class="part ahead" id="(\w+)"', page) == ORDER
    assert page.count('class="scroll"') == page.count("<table")


def test_the_replay_stands_beside_what_was_booked(page):
    """The model's first world is not the booked money: both are shown, and the share of it in the sentence."""
    assert "Booked in the same cycles 200" in words(page)
    assert "the model spends 100, 50% of it" in words(page)


def test_an_exception_shows_options_and_days(page):
    """Priced where the data tell, with the last day of each; what waits says why."""
    said = words(page)

    assert "1 for the meeting, 1 that can wait." in said
    assert "overtime: 30 EUR by 2026-01-31" in said
    assert "B is thin." in said.partition("What can wait")[2]
    assert "it comes in time" in said


def test_the_calendar_names_who_signs(page):
    """By which working day and date; a name keeps its capitals."""
    assert "Executive S&amp;OP 15 2026-01-21" in words(page)
    assert "Supply 8 2026-01-12 Planner to be named Chief" in words(page)


def test_hours_without_a_rate_have_no_price():
    """Not known, never zero."""
    found = plan()
    found["feasibility"]["hours"][0]["price"] = None

    assert hours_missing(found)[0].price == "–"


def test_a_draft_is_called_one_and_its_gaps_are_listed(page):
    """The client's own rules are not."""
    own = words(str(parts(Ahead(plan=plan(is_draft=False, faults=())))))

    assert "Rules for the trade-offs, as a draft" in page
    assert "To settle: T3: a rule without a day by which it is decided." in words(page)
    assert "as a draft" not in own
    assert "No gap and no contradiction in it was found." in own


def test_client_names_stay_text():
    """A family called like a script is shown, not run."""
    html = str(parts(Ahead(plan=plan(HOSTILE))))

    assert "<script" not in html
    assert "&lt;script&gt;" in html


def test_what_the_model_lacks_is_asked_for_in_one_sentence(monkeypatch):
    """Reason and columns, no table."""
    lacking = NotAssessable("nothing was forecast", ("forecast_snapshots",))
    monkeypatch.setattr(realignment, "realigned", _raise(lacking))

    found = planned(fakes.engagement(), None, Kept(), print)

    assert found.failures == ()
    assert words(str(parts(found))) == (
        "Scenarios cannot be compared: nothing was forecast. Ask the client for forecast_snapshots."
    )


def test_a_model_that_breaks_off_is_a_part_that_failed(monkeypatch, tmp_path):
    """Named on the page and among the failures, without what the library said of the client."""
    monkeypatch.setattr(realignment, "realigned", _raise(KeyError("Family Secret")))

    found = planned(fakes.engagement(), None, Kept(), print)
    page = page_html(fakes.engagement(), fakes.diagnosis(), [], tmp_path, tmp_path, found.failures, ahead=found)

    assert re.fullmatch(r"realignment: KeyError at helpers/report/realignment\.py:\d+", *found.failures)
    assert "scenarios and rules broke off (KeyError at" in words(page)
    assert "Secret" not in page


def test_what_the_kit_itself_refuses_is_told_in_its_words(monkeypatch):
    """A name in scenarios.yaml that the network does not hold."""
    monkeypatch.setattr(realignment, "realigned", _raise(Unusable("scenarios.yaml: a.demand: 'X' is not known.")))

    assert planned(fakes.engagement(), None, Kept(), print).failures == (
        "realignment: Unusable: scenarios.yaml: a.demand: 'X' is not known.",
    )


def test_a_page_that_was_not_asked_for_a_plan_shows_none(tmp_path):
    """As for a page made by another program; the remedies of each sign stay."""
    page = page_html(fakes.engagement(), fakes.diagnosis(), [], tmp_path, tmp_path)

    assert 'id="realignment"' in page
    assert 'id="feasible"' not in page


def test_a_page_with_a_plan_holds_it_before_the_remedies(tmp_path):
    """One section, one entry in the contents."""
    page = page_html(fakes.engagement(), fakes.diagnosis(), [], tmp_path, tmp_path, ahead=Ahead(plan=plan()))

    assert page.index('id="feasible"') < page.index("Sign by sign</h3>") < page.index("Trade-off rule</dt>")
    assert page.count('href="#realignment">Realignment</a>') == 2


def _raise(error: Exception):
    def breaks(*_: object) -> None:
        raise error

    return breaks


def test_a_second_difference_is_shown_where_it_is_another():
    """Half of the capital comes from planning anew; the money is the scenario's own."""
    change = {"service": 0.0, "critical": 0.0, "margin": 10.0, "capital": -50.0, "compensation": -10.0}
    on_top = {"of": "frozen", "difference": {**change, "capital": -25.0}, "reasons": ["why"]}
    figures = {"service": 1.0, "critical": 1.0, "margin": 100.0, "capital": 100.0, "compensation": 20.0}

    cells = {
        cell.title: (cell.change, cell.on_top) for cell in compared({**figures, "difference": change, "on_top": on_top})
    }

    assert cells["Capital"] == ("−50", "−25")
    assert cells["Margin"] == ("+10", "")
    assert cells["Service"] == ("same", "")
