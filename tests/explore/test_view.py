"""The knobs: cycles and lines narrow the pictures, limits judge anew."""

from __future__ import annotations

import pandas as pd

from helpers.explore import View, controls, narrowed
from helpers.explore.view import cycles_of, headline, lines_of
from tests.report import fakes


def test_cycles_and_lines_narrow_a_chart_and_leave_the_sign_alone():
    """Three cycles of one family remain; the chart that was asked for keeps its rows."""
    rows = pd.concat([fakes.chart().rows, fakes.chart().rows.assign(family="Milk")])
    chart = fakes.chart(series="family", rows=rows)

    shown = narrowed(chart, View(first=fakes.CYCLES[-3], lines=("Milk",)))

    assert shown.rows["family"].tolist() == ["Milk"] * 3
    assert len(chart.rows) == 36


def test_an_empty_choice_shows_all_lines():
    """Nothing chosen is no filter."""
    assert len(narrowed(fakes.chart(series="family"), View()).rows) == 18


def test_the_knobs_offer_what_the_charts_hold():
    """Families of the series, cycles of the axis, the headline's limit when the sign declares it."""
    found = fakes.finding(evidence=fakes.evidence(charts=(fakes.chart(series="family"),)))

    assert lines_of(found) == ("Bread",)
    assert len(cycles_of(found)) == 18
    assert headline(found) == "late_share"


def test_a_sign_without_data_has_no_knob():
    """The panel says so instead of failing."""
    assert "no knob" in controls(None, fakes.finding(10, "not_assessable")).value
