"""The desk of a notebook: a place for each of its signs, of which one is in front."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import ipywidgets as widgets  # type: ignore[import-untyped]
import pandas as pd

from helpers.charts import draw_chart
from helpers.engagement import Engagement
from helpers.errors import Unusable
from helpers.evidence import Chart, Finding
from helpers.explore import knobs
from helpers.explore.export import export
from helpers.explore.scale import scale_of
from helpers.explore.view import (
    View,
    adjustable,
    charts_of,
    cycles_of,
    in_order,
    judged_with,
    line_word,
    lines_of,
    narrowed,
    pictures_of,
    settings_lines,
    with_limits,
)
from helpers.memory import question

REMEMBERED = 32


@dataclass(frozen=True)
class Faces:
    """How the desk's parts look as HTML: two findings side by side, a chart's table, a word from the desk."""

    state: Callable[[Finding, Finding], str]
    table: Callable[[Chart], str]
    word: Callable[[str], str]


class Desk:
    """A widget with a button for each sign and the place of the chosen one below; places are laid when first asked for.

    Parameters
    ----------
    engagement, findings
        The data and what was found in them under the limits in force.
    faces
        How its parts look.
    views
        Folder for exported views.
    style
        The stylesheet of the desk.
    opening
        The place among `findings` to begin with.
    """

    def __init__(
        self,
        engagement: Engagement,
        findings: Sequence[Finding],
        faces: Faces,
        views: Path,
        style: str = "",
        opening: int = 0,
    ) -> None:
        self._lay = partial(Place, engagement, faces, views)
        self._findings = findings
        self._places: dict[int, Place] = {}
        self._front = widgets.Box(layout={"width": "100%"})
        self.signs = widgets.ToggleButtons(
            options=[(f"{found.sign.number}  {found.sign.title}", place) for place, found in enumerate(findings)],
            value=opening,
            tooltips=[found.sign.question for found in findings],
            style={"button_width": "auto"},
        )
        self.signs.observe(lambda _: self._bring(), "value")
        head = [widgets.HTML(f"<style>{style}</style>"), self.signs]
        self.widget = widgets.VBox([*head, self._front])
        self.widget.add_class("kit-desk")
        self._bring()

    @property
    def front(self) -> Place:
        """The place of the chosen sign."""
        place = self.signs.value
        if place not in self._places:
            self._places[place] = self._lay(self._findings[place])
        return self._places[place]

    def _bring(self) -> None:
        self._front.children = (self.front.widget,)


class Place:
    """One sign on the desk: knobs on top, the verdict before and after, picture and table side by side."""

    def __init__(self, engagement: Engagement, faces: Faces, views: Path, found: Finding) -> None:
        self._engagement, self.found, self._faces, self._views = engagement, found, faces, views

        @lru_cache(REMEMBERED)
        def judged(moved: tuple[tuple[str, tuple[float, float]], ...]) -> Finding:
            return judged_with(engagement, found, dict(moved))

        self._judged = judged
        self._latest = found
        self._moved: dict[str, tuple[float, float]] = {}
        self._busy, self._drawn = False, ()
        self.state, self.picture, self.table = (widgets.HTML(layout={"width": "100%"}) for _ in range(3))
        self.said = widgets.HTML()
        if not charts_of(found):
            self.state.value = faces.state(found, found)
            self.widget = widgets.VBox([self.state])
            return
        self._turnable()
        self.widget = self._arranged()
        self._offer_limit()
        self._offer_lines()
        self._watch()
        self._show()

    def _turnable(self) -> None:
        metrics, cycles = adjustable(self.found), cycles_of(self.found)
        charts = pictures_of(self.found, metrics[0].name if metrics else None)
        titles = [
            *(["the measure and its limits"] if metrics else []),
            *(chart.title for chart in charts_of(self.found)),
        ]
        self.metric = knobs.choice("limit of", [(metric.title, metric.name) for metric in metrics])
        self.amber, self.red = knobs.slider("amber"), knobs.slider("red")
        self.chart = knobs.choice("picture", list(zip(titles, range(len(charts)), strict=True)))
        self.cycles = knobs.cycle_range(cycles)
        self.lines = knobs.several()
        self.reset = knobs.button("Limits in force", "undo", "Back to the limits the report is judged by")
        self.export = knobs.button(
            "Export this view", "download", "Picture, table and setting, in a folder of their own"
        )

    def _arranged(self) -> widgets.Widget:
        limits = [self.metric, self.amber, self.red] if self.metric.options else []
        columns = [
            knobs.column([*limits, *([self.reset] if limits else [])], "kit-limits"),
            knobs.column([self.chart, *([self.cycles] if self.cycles else []), self.export], "kit-picture-knobs"),
            knobs.column([self.lines], "kit-lines"),
        ]
        shelf = knobs.row(columns, "kit-shelf")
        view = knobs.row([self.picture, self.table], "kit-view")
        return widgets.VBox([shelf, self.state, self.said, view], layout={"width": "100%"})

    def _watch(self) -> None:
        self.metric.observe(lambda _: self._change_limit(), "value")
        self.amber.observe(lambda _: self._move("amber"), "value")
        self.red.observe(lambda _: self._move("red"), "value")
        self.chart.observe(lambda _: self._change_picture(), "value")
        for knob in (self.lines, *([self.cycles] if self.cycles else [])):
            knob.observe(lambda _: self._redraw(), "value")
        self.reset.on_click(lambda _: self._put_back())
        self.export.on_click(lambda _: self._export())

    def _offer_limit(self) -> None:
        """The sliders on the limit of the chosen metric, where it was left."""
        metric = self._metric()
        if metric is None or metric.limit is None:
            return
        amber, red = self._moved.get(metric.name, (metric.limit.amber, metric.limit.red))
        scale = scale_of(metric)
        self._busy = True
        for name, slider, value in (("amber", self.amber, amber), ("red", self.red, red)):
            knobs.graduate(slider, name, scale, value)
        self._busy = False

    def _change_limit(self) -> None:
        self._offer_limit()
        self._redraw()

    def _change_picture(self) -> None:
        self._offer_lines()
        self._redraw()

    def _offer_lines(self) -> None:
        """The lines of the chosen chart; those chosen before stay chosen where the chart has them."""
        chart = pictures_of(self.found, self.metric.value)[self.chart.value]
        offered, chosen = lines_of(chart), self.lines.value
        self._busy = True
        self.lines.options = offered
        self.lines.value = tuple(line for line in chosen if line in offered)
        self.lines.description = line_word(chart, self.found.sign.unit)
        self.lines.layout.visibility = "visible" if len(offered) > 1 else "hidden"
        self._busy = False

    def _move(self, held: str) -> None:
        """A slider was moved: red stays on the worse side of amber, then everything is judged anew."""
        metric = self._metric()
        if self._busy or metric is None or metric.limit is None:
            return
        scale = scale_of(metric)
        pushed = in_order(self.amber.value, self.red.value, metric.limit, scale.step, held)
        inside = [min(max(value, self.amber.min), self.amber.max) for value in pushed]
        # At the end of the scale the other slider cannot give way: the one that is held stops a step before it.
        amber, red = in_order(inside[0], inside[1], metric.limit, scale.step, "red" if held == "amber" else "amber")
        self._busy = True
        self.amber.value, self.red.value = amber, red
        self._busy = False
        meant = (scale.meant(self.amber.value), scale.meant(self.red.value))
        self._moved.pop(metric.name, None)
        if meant != (metric.limit.amber, metric.limit.red) and meant[0] != meant[1]:
            self._moved[metric.name] = meant
        self._show()

    def _put_back(self) -> None:
        self._moved.clear()
        self._offer_limit()
        self._show()

    def _show(self) -> None:
        """What is known at once comes first: the limits in the picture and its table; then what has to be judged."""
        self.said.value = self._faces.word(settings_lines(self.found, self._moved)) if self._moved else ""
        self._draw(with_limits(self._latest, self.found, self._moved))
        self.state.add_class("kit-judging")
        self._latest = self.judged
        self.state.value = self._faces.state(self.found, self._latest)
        self.state.remove_class("kit-judging")
        self._draw(self._latest)

    def _redraw(self) -> None:
        if not self._busy:
            self._draw(self._latest)

    def _draw(self, found: Finding) -> None:
        """The picture and its table, where they differ from what is shown."""
        chart = self._chart(found)
        accent = self._engagement.settings.branding.colour
        parts = tuple(getattr(chart, part.name) for part in fields(chart))
        asked = question((parts, found.verdict.recurring_cycles, accent), {})
        if asked == self._drawn:
            return
        self._drawn = asked
        drawn = draw_chart(chart, found.verdict.recurring_cycles, accent).figure()
        if drawn != self.picture.value:
            self.picture.value = drawn
        self.table.value = self._faces.table(chart)

    def _export(self) -> None:
        try:
            accent = self._engagement.settings.branding.colour
            folder = export(self._views, self._latest, self.view, self._chart(self._latest), accent)
            self.said.value = self._faces.word(f"Written to {folder.relative_to(self._views.parent.parent)}")
        except Unusable as refused:
            self.said.value = self._faces.word(str(refused))

    @property
    def judged(self) -> Finding:
        """The sign as judged by the limits the knobs are set to."""
        return self._judged(tuple(sorted(self._moved.items())))

    @property
    def view(self) -> View:
        """What the knobs are set to."""
        first, last = self.cycles.value if self.cycles else (None, None)
        return View(dict(self._moved), self.chart.value, _stamp(first), _stamp(last), tuple(self.lines.value))

    def _chart(self, found: Finding) -> Chart:
        charts = pictures_of(found, self.metric.value)
        return narrowed(charts[min(self.chart.value, len(charts) - 1)], self.view)

    def _metric(self) -> Any:
        return next((m for m in adjustable(self.found) if m.name == self.metric.value), None)


def _stamp(moment: Any) -> pd.Timestamp | None:
    return None if moment is None else pd.Timestamp(moment)
