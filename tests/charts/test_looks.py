"""What a picture shows beside its rows: order, fence, references, hatching, gaps, quarters, floating bars."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

from helpers.charts import draw_chart
from helpers.charts.alt import describe
from helpers.charts.waterfall import bars
from helpers.charts.worst import ranked
from helpers.evidence import Chart, Limit, Look
from tests.report import fakes

CYCLES = fakes.CYCLES[:4]
WAY = pd.DataFrame(
    [
        ("first forecast", "level", 1.0),
        ("2 ahead", "raised", 0.05),
        ("2 ahead", "cut", 0.02),
        ("current", "raised", 0.12),
        ("current", "cut", 0.18),
        ("last forecast", "level", 0.97),
    ],
    columns=["step", "move", "share"],
)


def waterfall(rows: pd.DataFrame = WAY, fence: tuple[str, ...] = ("current",)) -> Chart:
    """The way of a forecast, its last step inside the fence."""
    look = Look(in_order=True, fence=fence)
    return Chart("waterfall", "Way", rows, "step", "share", "move", "share", look=look)


def by_cycle(kind: str, look: Look, limit: Limit | None = None, **series: list[float]) -> Chart:
    """One value a cycle and series, in the order named."""
    rows = [(cycle, name, v) for name, values in series.items() for cycle, v in zip(CYCLES, values, strict=True)]
    tidy = pd.DataFrame(rows, columns=["cycle", "who", "amount"])
    return Chart(kind, "Chart", tidy, "cycle", "amount", "who", "hours", limit, look=look)  # type: ignore[arg-type]


def texts(chart: Chart) -> list[str]:
    """The words of a drawing in the order they are written."""
    return re.findall(r"<text[^>]*>([^<]+)</text>", draw_chart(chart).svg)


def test_each_bar_of_a_waterfall_begins_where_the_one_before_ended():
    """1.00 up to 1.05, down to 1.03, up to 1.15, down to 0.97; levels stand on the ground."""
    ends = [(bar.start, bar.end) for bar in bars(waterfall(), WAY)]

    assert np.array(ends).ravel() == pytest.approx([0, 1, 1, 1.05, 1.05, 1.03, 1.03, 1.15, 1.15, 0.97, 0, 0.97])


def test_raises_and_cuts_are_told_by_direction_and_hatching():
    """Who sees no colour sees arrows up and down, and cuts hatched."""
    drawn = draw_chart(waterfall())

    assert {"▲5%", "▼2%", "▲12%", "▼18%", "100%", "97%"} <= set(texts(waterfall()))
    assert "<pattern" in drawn.svg


def test_a_waterfall_whose_axis_does_not_begin_at_zero_says_so():
    """Levels near each other are shown alone, and the picture tells from where."""
    far = WAY.assign(share=[1.0, 3.0, 0.5, 0.2, 0.1, 3.6])

    assert any(word.startswith("the axis begins at") for word in texts(waterfall()))
    assert not any(word.startswith("the axis begins at") for word in texts(waterfall(far)))


def test_a_crowded_waterfall_names_its_large_moves_only():
    """Twelve lags: small moves keep their bar and lose their number."""
    rows = [("first forecast", "level", 1.0)]
    rows += [(f"{n} ahead", move, 0.01 * n) for n in range(12, 0, -1) for move in ("raised", "cut")]
    words = texts(waterfall(pd.DataFrame(rows, columns=["step", "move", "share"])))

    assert "▲12%" in words
    assert "▲2%" not in words


@pytest.mark.parametrize("kind", ["waterfall", "heatmap"])
def test_the_fence_is_named(kind):
    """A band or a line, with its name."""
    look = Look(in_order=True, fence=("current",))
    chart = waterfall() if kind == "waterfall" else by_cycle("heatmap", look, current=[1.0] * 4, ahead=[2.0] * 4)

    assert "inside the fence" in texts(chart)


def test_rows_of_a_heat_map_keep_the_order_they_are_given():
    """Lags are not sorted by how bad they are, unless the chart leaves the order to the worst."""
    calm_first = {"current": [1.0] * 4, "1 ahead": [3.0] * 4, "2 ahead": [2.0] * 4}
    kept = texts(by_cycle("heatmap", Look(in_order=True), **calm_first))
    worst = texts(by_cycle("heatmap", Look(), **calm_first))

    assert [word for word in kept if word in calm_first] == ["current", "1 ahead", "2 ahead"]
    assert [word for word in worst if word in calm_first] == ["1 ahead", "2 ahead", "current"]


def test_a_stack_is_held_against_lines_that_are_no_part_of_it():
    """The total is 10, not 30: the reference is drawn over the columns and named in the key."""
    look = Look(in_order=True, beside=("proved",), hatched=("beyond",))
    chart = by_cycle("stack", look, load=[8.0] * 4, beyond=[0.0, 0.0, 0.0, 2.0], proved=[8.0, 8.0, 8.0, 20.0])

    assert {"load", "beyond", "proved"} <= set(texts(chart))
    assert describe(chart) == (
        "Beyond: in 1 of 4 cycles, 5.9% of the total. Proved: 20 hours in 2024-04. "
        "Total rising: 8 hours in 2024-01 to 10 hours in 2024-04. "
        "Largest parts, on average a cycle: load 8 hours, beyond 0.5 hours. Stacked columns."
    )


def test_a_gap_between_two_lines_is_named_and_measured():
    """What lies between them at the end and at most; nothing where the first never lies above."""
    look = Look(in_order=True, gap=("set", "asked", "beyond risk"))
    above = by_cycle("trend", look, set=[5.0, 6.0, 9.0, 8.0], asked=[5.0] * 4)
    below = by_cycle("trend", look, set=[4.0] * 4, asked=[5.0] * 4)

    assert "beyond risk" in texts(above)
    assert describe(above).startswith("Beyond risk: 3 hours in 2024-04, at most 4 hours in 2024-03. set, rising:")
    assert "beyond risk" not in texts(below)
    assert describe(below).startswith("Beyond risk: nothing.")


def test_lines_are_measured_by_their_distance_from_the_one_they_are_held_against():
    """The reference itself is no line of the count."""
    look = Look(in_order=True, beside=("consensus",))
    words = describe(by_cycle("trend", look, sales=[12.0] * 4, finance=[9.0] * 4, consensus=[10.0] * 4))

    assert words.startswith("Mean distance from the consensus, last 12 cycles: sales 2 hours, finance 1 hour.")
    assert words.endswith("Line chart with 2 lines.")


def test_the_quarters_of_a_scatter_are_named():
    """Bread is above the mean on both axes; each quarter has its name."""
    rows = pd.DataFrame({"family": ["Bread", "Milk", "Jam"], "excess": [9.0, 1.0, 1.0], "shortage": [9.0, 1.0, 2.0]})
    look = Look(corners=("short", "both", "well", "overfull"))
    chart = Chart("scatter", "Map", rows, "excess", "shortage", "family", "EUR", look=look)

    assert {"short", "both", "well", "overfull", "excess, EUR", "shortage, EUR"} <= set(texts(chart))
    assert describe(chart).startswith("Both: Bread. Scatter of 3 points")


def test_a_waterfall_says_first_what_happened_inside_the_fence():
    """Added and cut on either side; without a fence, on the way."""
    assert describe(waterfall()) == (
        "Inside the fence 12% was added and 18% cut, outside it 5% was added and 2% cut. "
        "From step to step: first forecast 100%, last forecast 97%. Waterfall."
    )
    assert describe(waterfall(fence=())).startswith("On the way 17% was added and 20% cut.")


def test_a_heat_map_by_lag_says_which_side_of_the_fence_moves_more():
    """Mean of the cells on either side over the last cycles."""
    look = Look(in_order=True, fence=("current",))
    words = describe(by_cycle("heatmap", look, current=[4.0] * 4, ahead=[1.0] * 4))

    assert words.startswith("Inside the fence 4 hours, outside the fence 1 hour, on average over the last 4 cycles.")


def test_a_side_of_the_fence_without_rows_is_not_spoken_of():
    """Where every lag lies inside the fence there is nothing to compare."""
    words = describe(by_cycle("heatmap", Look(in_order=True, fence=("current",)), current=[4.0] * 4))

    assert words.startswith("Inside the fence 4 hours, on average over the last 4 cycles.")


@pytest.mark.parametrize(("look", "said"), [(Look(in_order=True), "2 more rows"), (Look(), "2 more rows, milder")])
def test_rows_left_out_are_called_milder_only_where_the_worst_stand_first(look, said):
    """In an order of its own a chart may leave out its worst row."""
    chart = by_cycle("heatmap", look, **{f"lag {n}": [float(n)] * 4 for n in range(17)})

    assert any(word.endswith(said) for word in texts(chart))


def test_words_and_drawing_rank_the_lines_alike():
    """Bread was far the worst long ago, Milk is worse over the last six cycles: Milk is told and named first."""
    cycles = fakes.CYCLES[:8]
    rows = pd.DataFrame({"cycle": [*cycles, *cycles], "who": ["Bread"] * 8 + ["Milk"] * 8, "amount": 3.0})
    rows["amount"] = [90.0, *[1.0] * 7, *[3.0] * 8]
    chart = Chart("trend", "Lines", rows, "cycle", "amount", "who", "hours")
    tones = re.findall(r"fill: (#\w+)[^>]*>(Milk|Bread)", draw_chart(chart, accent="#004d40").svg)

    assert describe(chart).index("Milk, level") < describe(chart).index("Bread, ")
    assert ("#004d40", "Milk") in tones


def test_a_family_called_target_is_a_family():
    """Only what the chart names is a reference."""
    rows = by_cycle("trend", Look(), target=[9.0] * 4, Bread=[1.0] * 4)

    assert ranked(rows, rows.rows) == ["target", "Bread"]
    assert describe(rows).endswith("Line chart with 2 lines.")


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ([1.0, 2.0, 3.0, 4.0], "Rising: 1 hour in 2024-01 to 4 hours in 2024-04."),
        ([4.0, 3.0, 2.0, 1.0], "Falling: 4 hours in 2024-01 to 1 hour in 2024-04."),
        ([2.0, 2.0, 2.0, 2.0], "Level: 2 hours in 2024-01 to 2 hours in 2024-04."),
        ([1.0, 4.0, 4.0, 1.0], "Without a trend: 1 hour in 2024-01 to 1 hour in 2024-04."),
    ],
    ids=["up", "down", "level", "neither"],
)
def test_the_first_sentence_of_a_line_is_its_course(values, said):
    """Rising or falling where order of time and of size agree; a hump is no trend."""
    rows = pd.DataFrame({"cycle": CYCLES, "amount": values})

    assert describe(Chart("trend", "Line", rows, "cycle", "amount", unit="hours")).startswith(said)


def test_the_first_sentence_of_a_heat_map_counts_what_reaches_the_limit():
    """Three cells of eight, most of them in one row; and none where none does."""
    cells = {"Bread": [1.0, 5.0, 5.0, 1.0], "Milk": [1.0, 1.0, 1.0, 6.0]}
    some = describe(by_cycle("heatmap", Look(), Limit(5.0, 9.0, "hours", "test"), **cells))
    none = describe(by_cycle("heatmap", Look(), Limit(7.0, 9.0, "hours", "test"), **cells))

    assert some.startswith("3 of 8 cells reach the limit, most in Bread 2, Milk 1.")
    assert none.startswith("No cell reaches the limit.")


def test_the_first_sentence_of_bars_names_the_largest():
    """Then the next ones."""
    rows = pd.DataFrame({"family": ["Jam", "Bread"], "amount": [1.0, 3.0]})

    assert describe(Chart("bars", "Bars", rows, "family", "amount", unit="hours")) == (
        "Largest: Bread 3 hours. Then Jam 1 hour. Ranked bars, 2 in all."
    )
