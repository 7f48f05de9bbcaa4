"""The card of a finding: the same words in notebook and report."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from helpers.charts.numbers import day
from helpers.evidence import Cost, Metric
from helpers.report import wording
from helpers.report.cards import card, scorecard
from helpers.settings import Settings
from tests.report import fakes

SETTINGS = Settings()


def test_a_card_says_what_where_since_cost_and_how_sure():
    """Every claim has a number, a place, a start and a price."""
    html = card(fakes.finding(), SETTINGS)

    assert "4 of the last 6 assessable cycles reached the limit. Late share: 17% in 2025-06" in html
    assert "Bread <b>70%</b>" in html
    assert "First warning 2025-01; recurring in 6 cycles." in html
    assert '<b>1,200 EUR</b><br><span class="soft small">as booked' in html
    assert "Strength 0.80 of 1" in html


def test_a_breach_below_the_headline_says_what_breached():
    """The total stayed below its limit in the last breach: the measure that reached its own is named, or the units."""
    calm = pd.Series(0.01, index=fakes.CYCLES)
    total = Metric("late_share", "Late share", calm, "fact", fakes.LIMIT)
    other = Metric("raised", "Raised beyond risk", calm + 0.06, "fact", fakes.LIMIT)
    told = fakes.verdict(breached=(fakes.CYCLES[-1],))
    found = fakes.finding(verdict=told, evidence=fakes.evidence(metrics=(total, other)))
    alone = fakes.finding(verdict=told, evidence=fakes.evidence(metrics=(total,)))
    last = day(found.verdict.breached[-1])

    assert f"In {last} the limit was reached by: Raised beyond risk 7.0%." in wording.sees(found)
    assert f"In {last} the whole stayed below: single families reached their limit." in wording.sees(alone)
    assert "stayed below" not in wording.sees(fakes.finding(verdict=told))
    unknown = replace(total, values=calm[:-1])
    assert "stayed below" not in wording.sees(replace(alone, evidence=fakes.evidence(metrics=(unknown,))))


def test_a_card_without_data_says_which_to_ask_for():
    """Not assessable is never absent: reason and columns stand on the card."""
    html = card(fakes.finding(10, "not_assessable", missing=("decisions.forum",), reason="nothing sent"), SETTINGS)

    assert "Not assessable: nothing sent." in html
    assert "<code>decisions.forum</code>" in html
    assert "What it costs" not in html


def test_a_calculation_that_broke_off_is_said_on_the_card():
    """A fault of the kit is no finding about the client."""
    html = card(fakes.finding(1, "not_assessable", failure="ValueError: <b>"), SETTINGS)

    assert "This part failed:" in html
    assert "ValueError: &lt;b&gt;" in html


def test_a_sign_that_hangs_on_its_excuses_says_so_with_both_counts():
    """More than half of the breaches excused: the reader must ask whether the answers were real."""
    four, three = tuple(fakes.CYCLES[:4]), tuple(fakes.CYCLES[4:7])
    depends = fakes.finding(verdict=fakes.verdict(excused=four, breached=three))
    stands = fakes.finding(verdict=fakes.verdict(excused=four, breached=tuple(fakes.CYCLES[4:8])))

    assert "Excuse-dependent: 4 of 7 breaches are excused, 3 counted" in card(depends, SETTINGS)
    assert "Excuse-dependent" not in card(stands, SETTINGS)


def test_hostile_names_are_escaped_on_the_card():
    """Families come from the client."""
    driver = (("family", fakes.HOSTILE, 1.0),)
    found = fakes.finding(verdict=fakes.verdict(drivers=driver))

    assert fakes.HOSTILE not in card(found, SETTINGS)
    assert fakes.HOSTILE not in scorecard([found], SETTINGS)


def test_a_healed_sign_shows_its_past():
    """The first warning is not erased when the sign recovers."""
    found = fakes.finding(verdict=fakes.verdict(status="absent", states=fakes.verdict().states))

    assert wording.since(found) == "2025-01 (since healed)"


def test_the_root_view_of_money_is_marked():
    """The same money seen twice must not be added."""
    assert wording.cost(fakes.finding(cost=Cost(500.0, "", additive=False)), "EUR") == "500 EUR *"


def test_the_line_of_a_sign_is_plain_and_repeats():
    """The notebooks compare it."""
    line = "S01 sign_1: recurring, strength 0.80, first warning 2025-01"

    assert wording.line(fakes.finding()) == line


def test_discriminators_have_names():
    """D3 says nothing to a reader."""
    assert wording.cause_words(fakes.finding(cause_basis="D3 0.80, D5 1.00, D7 0.10")) == (
        "no rule or approval 0.80, knowable in advance 1.00, no outside event 0.10"
    )


def test_where_says_which_units_breach_more_often_than_chance():
    """At most five by name; a sign of one unit names none."""
    lines = tuple(f"Line {number}" for number in range(7))
    seven = fakes.finding(verdict=fakes.verdict(units_beyond_chance=lines))
    leading = fakes.finding(verdict=fakes.verdict(stands_out="Bread", units_beyond_chance=("Bread",)))

    assert wording.where_words(seven) == "Beyond chance in: Line 0, Line 1, Line 2, Line 3, Line 4 and 2 more."
    assert wording.where_words(leading) == "Bread stands out. Beyond chance in: Bread."
    assert wording.where_words(fakes.finding()) == ""


def test_a_name_says_once_what_it_names():
    """Pseudonyms, and names of some clients, begin with it."""
    assert wording.named("resource", "R10") == "resource R10"
    assert wording.named("resource", "Resource 02") == "Resource 02"
