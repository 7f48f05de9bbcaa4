"""The knobs: cycles and lines narrow the picture, limits judge anew, a view is kept without harm."""

from __future__ import annotations

import json
from dataclasses import replace

import pandas as pd
import pytest

from helpers.evidence import Limit, Metric
from helpers.explore.export import export
from helpers.explore.scale import scale_of
from helpers.explore.view import (
    View,
    adjustable,
    cycles_of,
    in_order,
    line_word,
    lines_of,
    narrowed,
    pictures_of,
    settings_lines,
    table_of,
    with_limits,
)
from tests.report import fakes

MORE_IS_WORSE = Limit(0.05, 0.10, "share", "test")
LESS_IS_WORSE = Limit(0.50, 0.20, "share", "test", lower_is_worse=True)


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
    """Families of the series, cycles of the axis, every metric whose limit the sign declares."""
    found = fakes.finding(evidence=fakes.evidence(charts=(fakes.chart(series="family"),)))

    assert lines_of(found.evidence.charts[0]) == ("Bread",)
    assert len(cycles_of(found)) == 18
    assert [metric.name for metric in adjustable(found)] == ["late_share"]
    assert [chart.title for chart in pictures_of(found, "late_share")] == ["Late share", "Late changes"]


@pytest.mark.parametrize(
    ("column", "word"),
    [("supplier_id", "supplier"), ("unit", "resource"), ("series", "line"), ("function", "function")],
)
def test_the_list_of_lines_is_named_by_what_it_holds(column, word):
    """An identifier loses its ending, a unit takes the sign's word for it."""
    rows = fakes.chart().rows.rename(columns={"family": column})

    assert line_word(fakes.chart(series=column, rows=rows), "resource") == word


def test_the_table_shows_the_latest_cycle_first():
    """Cycle, line and value, without rows that have no value."""
    rows = fakes.chart().rows.assign(share=[None, *range(1, 18)])
    table = table_of(fakes.chart(series="family", rows=rows))

    assert list(table.columns) == ["cycle", "family", "share"]
    assert table["cycle"].iloc[0] == fakes.CYCLES[-1]
    assert len(table) == 17


@pytest.mark.parametrize(
    ("limit", "amber", "red", "held", "kept"),
    [
        (MORE_IS_WORSE, 6.0, 10.0, "amber", (6.0, 10.0)),
        (MORE_IS_WORSE, 12.0, 10.0, "amber", (12.0, 13.0)),
        (MORE_IS_WORSE, 6.0, 5.0, "red", (4.0, 5.0)),
        (LESS_IS_WORSE, 50.0, 60.0, "red", (61.0, 60.0)),
    ],
    ids=["in order", "amber pushes red", "red pushes amber", "lower is worse"],
)
def test_red_stays_on_the_worse_side_of_amber(limit, amber, red, held, kept):
    """The slider that is held stays, the other gives way by one step."""
    assert in_order(amber, red, limit, 1.0, held) == kept


def test_a_share_is_turned_in_percent_and_the_scale_holds_limits_and_values():
    """0.05 is shown as 5; values up to 0.17 and one and a half times red lie on the scale, none below zero."""
    values = pd.Series([0.01 * place for place in range(18)], index=fakes.CYCLES)
    scale = scale_of(Metric("late_share", "Late share", values, "fact", MORE_IS_WORSE))

    assert (scale.shown(0.05), scale.meant(5.0)) == (5.0, 0.05)
    assert scale.low == 0.0
    assert scale.high >= 17.0
    assert (scale.step, scale.readout) == (0.1, ".1f")


def test_one_wild_value_does_not_stretch_the_scale():
    """Beyond three times red nobody sets a limit."""
    values = pd.Series([1.0, 500.0], index=fakes.CYCLES[:2])
    scale = scale_of(Metric("ratio", "Ratio", values, "fact", Limit(2.0, 3.0, "ratio", "test")))

    assert scale.high == 9.0


def test_moved_limits_are_shown_before_they_are_judged():
    """The chart's limit follows; verdict and the finding itself stay."""
    found = fakes.finding()

    shown = with_limits(found, found, {"late_share": (0.06, 0.12)})

    assert (shown.evidence.charts[0].limit.amber, shown.evidence.charts[0].limit.red) == (0.06, 0.12)
    assert pictures_of(shown, "late_share")[0].limit == shown.evidence.charts[0].limit
    assert shown.verdict is found.verdict
    assert found.evidence.charts[0].limit == fakes.LIMIT


def test_a_limit_that_two_metrics_share_waits_in_the_charts_for_the_judgement():
    """One of two equal limits moved: its own metric follows, a chart that may draw either keeps what it shows."""
    own = fakes.evidence().metrics[0]
    twin = replace(own, name="late_other")
    sign = replace(fakes.sign(), limits={"late_share": fakes.LIMIT, "late_other": fakes.LIMIT})
    found = fakes.finding(sign=sign, evidence=fakes.evidence(metrics=(own, twin)))

    shown = with_limits(found, found, {"late_share": (0.06, 0.12)})

    assert shown.evidence.charts[0].limit == fakes.LIMIT
    assert [metric.limit.amber for metric in shown.evidence.metrics] == [0.06, fakes.LIMIT.amber]


def test_moved_limits_are_told_as_lines_of_the_settings():
    """Copied into settings.yaml they make the limits those in force."""
    assert settings_lines(fakes.finding(), {"late_share": (0.06, 0.12)}) == (
        "limits:\n  s01.late_share: {amber: 0.06, red: 0.12}"
    )
    assert settings_lines(fakes.finding(), {}) == ""


def test_a_view_is_exported_into_a_folder_of_its_own_each_time(tmp_path):
    """Picture, table and setting; the second export of the same second writes over nothing."""
    found, view = fakes.finding(), View({"late_share": (0.06, 0.12)}, last=fakes.CYCLES[5])
    chart = narrowed(fakes.chart(), view)

    first, second = (export(tmp_path / "views", found, view, chart, "#004d40") for _ in range(2))

    assert first != second
    assert sorted(path.name for path in first.iterdir()) == ["chart.svg", "table.csv", "view.json"]
    assert json.loads((first / "view.json").read_text())["limits_moved"] == {"late_share": {"amber": 0.06, "red": 0.12}}
    assert len((first / "table.csv").read_text().splitlines()) == 7


def test_a_name_that_a_spreadsheet_would_run_is_exported_as_text(tmp_path):
    """=1+1 gets an apostrophe in front."""
    chart = fakes.chart(series="family", rows=fakes.chart().rows.assign(family="=1+1"))

    folder = export(tmp_path, fakes.finding(), View(), chart, "#004d40")

    assert "'=1+1" in (folder / "table.csv").read_text()
    assert ",=1+1" not in (folder / "table.csv").read_text()
