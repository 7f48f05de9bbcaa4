"""Scatters of many points: a few names inside the axes, one pale cloud of others, a small drawing."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest
from matplotlib.text import Annotation

from helpers.charts import draw, draw_chart, style
from helpers.evidence import Chart, Look

CORNERS = ("short", "short and overfull", "well", "overfull")


def families(count: int) -> Chart:
    """A map of so many families with long names, each one point."""
    chance = np.random.default_rng(7)
    excess, shortage = chance.lognormal(8, 1, (2, count))
    names = [f"Family number {n}" for n in range(count)]
    rows = pd.DataFrame({"family": names, "excess": excess, "shortage": shortage})
    return Chart("scatter", "Map", rows, "excess", "shortage", "family", "EUR", look=Look(corners=CORNERS))


def resources(count: int, cycles: int) -> Chart:
    """Load and share of so many resources, one point a cycle; the higher the number, the higher the share."""
    chance = np.random.default_rng(7)
    rows = pd.DataFrame([(f"R{n:02}", n) for n in range(count) for _ in range(cycles)], columns=["resource", "share"])
    rows["load"], rows["share"] = chance.normal(0.8, 0.2, len(rows)), rows["share"] + chance.random(len(rows))
    return Chart("scatter", "Load", rows, "load", "share", "resource", "share")


def words(chart: Chart) -> list[str]:
    """The words of a drawing."""
    return re.findall(r"<text[^>]*>([^<]+)</text>", draw_chart(chart).svg)


@pytest.mark.parametrize("count", [3, 9, 40])
def test_the_names_of_points_stay_inside_the_axes(count):
    """However many there are, the axes keep their room and ten names at most stand in them."""
    chart = families(count)
    with style.canvas() as (figure, (axes,)):
        draw._scatter(axes, chart, chart.rows, (), style.ACCENT)
        figure.canvas.draw()
        frame = axes.get_window_extent()
        names = [a for a in axes.texts if isinstance(a, Annotation) and a.get_text().startswith("Family")]
        boxes = [name.get_window_extent() for name in names]

    assert 0 < len(boxes) <= 10
    assert frame.width > 0.75 * style.WIDTH
    assert frame.height > 0.6 * style.HEIGHT
    assert all(frame.x0 <= box.x0 and box.x1 <= frame.x1 for box in boxes)
    assert all(frame.y0 <= box.y0 and box.y1 <= frame.y1 for box in boxes)


def test_the_farthest_point_on_either_axis_is_named():
    """Most excess and most shortage have their name among forty."""
    chart = families(40)
    far = {chart.rows.loc[chart.rows[axis].idxmax(), "family"] for axis in ("excess", "shortage")}
    short = {name if len(name) <= 16 else f"{name[:15]}…" for name in far}

    assert short <= set(words(chart))


def test_many_groups_are_named_five_and_counted():
    """The five with the highest share have a name and a colour, 35 are others; six are all named."""
    crowded, few = words(resources(40, 60)), words(resources(6, 10))

    assert [word for word in crowded if word.startswith("R")] == ["R39", "R38", "R37", "R36", "R35"]
    assert "35 others" in crowded
    assert {f"R{n:02}" for n in range(6)} <= set(few)


@pytest.mark.parametrize(("count", "cycles"), [(40, 60), (80, 60), (5, 260)])
def test_a_scatter_of_thousands_stays_small_and_says_what_it_left_out(count, cycles):
    """Points that lie close together are drawn once: below 120 kB, and the number drawn beside the axis."""
    chart = resources(count, cycles)
    note = next(word for word in words(chart) if word.startswith("load"))

    assert len(draw_chart(chart).svg.encode()) < 120_000
    assert f"of {count * cycles:,} points drawn" in note


def test_the_outermost_points_are_never_thinned_away():
    """A lone point far out has a cell of its own."""
    chart = resources(40, 60)
    lone = pd.DataFrame({"resource": ["R00"], "load": [9.0], "share": [99.0]})
    rows = pd.concat([chart.rows, lone], ignore_index=True)
    found = draw.clouds_of(chart, rows, 5)

    assert max(cloud.shown["load"].max() for cloud in found) == 9.0
