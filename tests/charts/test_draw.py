"""Pictures: six kinds, words for each, the same bytes each time, client strings harmless."""

from __future__ import annotations

import base64
import re

import matplotlib._pylab_helpers as open_figures
import numpy as np
import pandas as pd
import pytest

from helpers.charts import draw_chart, draw_service, spark
from helpers.charts.alt import describe
from helpers.charts.style import luminance, readable
from helpers.evidence import Limit, Metric
from tests.report import fakes

KINDS = ("trend", "heatmap", "bars", "stack", "scatter", "waterfall")


def _chart(kind):
    rows = fakes.chart().rows.assign(load=range(18))
    if kind == "waterfall":
        rows = rows.assign(family=["level", *["raised", "cut"] * 8, "level"])
    across = {"bars": "family", "scatter": "load"}.get(kind, "cycle")
    return fakes.chart(kind, series=None if kind == "bars" else "family", rows=rows, x=across)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_draws_the_same_bytes_twice(kind):
    """No date, no random identifier: a run can be repeated."""
    assert draw_chart(_chart(kind)).svg == draw_chart(_chart(kind)).svg


@pytest.mark.parametrize("kind", KINDS)
def test_a_picture_without_values_says_so(kind):
    """Missing is not zero."""
    chart = _chart(kind)
    empty = fakes.chart(kind, series=chart.series, rows=chart.rows.assign(share=np.nan), x=chart.x)

    picture = draw_chart(empty)

    assert "No values to show" in picture.svg
    assert picture.alt == "No values to show."


def test_alternative_text_is_composed_from_the_data():
    """First, last and extreme value, the limit, and the recurring cycles."""
    words = describe(fakes.chart(), list(fakes.CYCLES[-3:]))

    assert words == (
        "Rising: 0% in 2024-01 to 17% in 2025-06, at or above the amber limit in 12 of the last 12 cycles. "
        "Highest: 17% in 2025-06. Line chart. Limit: amber from 5%, red from 10%. "
        "The sign recurred from 2025-04 to 2025-06, 3 cycles."
    )


def test_where_lower_is_worse_the_lowest_value_is_told():
    """The worst is at the other end."""
    chart = fakes.chart(limit=Limit(0.10, 0.05, "share", "test", lower_is_worse=True))

    assert "Lowest: 0% in 2024-01" in describe(chart)


def test_client_strings_are_escaped_and_never_read_as_formulas():
    """A family called `<script>` or `$x$` is text in the drawing and in the words."""
    rows = pd.DataFrame({"family": [fakes.HOSTILE, "$x_$ \\frac"], "share": [0.2, 0.1]})
    figure = draw_chart(fakes.chart("bars", rows=rows, x="family", title=fakes.HOSTILE)).figure()
    drawing = base64.b64decode(re.search(r"base64,([^\"]+)", figure)[1]).decode()

    assert "<script" not in figure
    assert "<script" not in drawing
    assert "$x_$" in drawing


def test_a_figure_is_closed_with_its_picture():
    """A figure left open is drawn twice."""
    draw_chart(fakes.chart())

    assert not open_figures.Gcf.figs


def test_many_bars_are_counted_not_drawn():
    """The largest twelve, and how many more there are."""
    rows = pd.DataFrame({"item": [f"item {n}" for n in range(30)], "share": np.linspace(0.3, 0.01, 30)})

    good = Limit(0.02, 0.01, "share", "test", lower_is_worse=True)

    assert "and 18 more, smaller" in draw_chart(fakes.chart("bars", rows=rows, x="item")).svg
    assert "and 18 more, larger" in draw_chart(fakes.chart("bars", rows=rows, x="item", limit=good)).svg


def test_cells_that_reach_a_limit_carry_a_mark_beside_their_colour():
    """Who does not see colour sees the mark: the drawing has more marks with a lower limit."""
    strict = fakes.chart("heatmap", series="family", limit=Limit(0.01, 0.02, "share", "test"))
    mild = fakes.chart("heatmap", series="family", limit=Limit(0.16, 0.18, "share", "test"))

    assert draw_chart(strict).svg.count("<use") > draw_chart(mild).svg.count("<use")


def test_service_stands_beside_its_cost_in_words():
    """First and last of both, and the target."""
    words = draw_service(fakes.pulse(), 0.95, "EUR").alt

    assert words == (
        "OTIF falling: 95% in 2024-01 to 93% in 2025-05. "
        "Compensation cost rising: 0 EUR in 2024-01 to 16 k EUR in 2025-05. Target 95%."
    )


def test_a_spark_needs_two_values():
    """One point has no course."""
    lonely = Metric("m", "M", pd.Series([1.0], index=fakes.CYCLES[:1]), "fact")

    assert spark(lonely) == ""


@pytest.mark.parametrize("colour", ["#ffff00", "#004d40", "#ffffff"])
def test_the_accent_can_be_read_on_white(colour):
    """Contrast of at least 4.5 to 1."""
    assert 1.05 / (luminance(readable(colour)) + 0.05) >= 4.5
