"""The widgets around a sign: sliders and lists on top, card and charts below."""

from __future__ import annotations

from typing import Any

import ipywidgets as widgets  # type: ignore[import-untyped]
import pandas as pd
from IPython.display import display

from helpers.charts import draw_chart
from helpers.charts.numbers import day
from helpers.engagement import Engagement
from helpers.evidence import Finding
from helpers.explore.view import View, cycles_of, headline, judged_with, lines_of, narrowed

WIDE = {"description_width": "110px"}


def controls(engagement: Engagement, finding: Finding) -> widgets.Widget:
    """Knobs for one sign; without data to turn, the sentence that says so."""
    if finding.evidence is None:
        return widgets.HTML(value="Not assessable: no knob to turn.")
    knobs = _knobs(finding)
    view = widgets.interactive_output(lambda **set_to: _show(engagement, finding, set_to), knobs)
    return widgets.VBox([widgets.HBox(list(knobs.values()), layout={"flex_flow": "row wrap"}), view])


def _knobs(finding: Finding) -> dict[str, widgets.Widget]:
    knobs: dict[str, widgets.Widget] = {}
    if headline(finding) and finding.evidence and (limit := finding.evidence.metrics[0].limit):
        for name, value in (("amber", limit.amber), ("red", limit.red)):
            knobs[name] = widgets.FloatText(value=value, step=abs(value) / 10 or 0.1, description=name, style=WIDE)
    if cycles := cycles_of(finding):
        choices = [(day(cycle), cycle) for cycle in cycles]
        knobs["cycles"] = widgets.SelectionRangeSlider(
            options=choices, index=(0, len(choices) - 1), description="cycles", style=WIDE, continuous_update=False
        )
    if lines := lines_of(finding):
        knobs["lines"] = widgets.SelectMultiple(options=lines, description=finding.sign.unit, rows=4, style=WIDE)
    return knobs


def _show(engagement: Engagement, finding: Finding, set_to: dict[str, Any]) -> None:
    first, last = set_to.get("cycles", (None, None))
    view = View(set_to.get("amber"), set_to.get("red"), _stamp(first), _stamp(last), tuple(set_to.get("lines", ())))
    shown = _judged(engagement, finding, view)
    if shown.evidence is None:
        return
    print(f"{shown.sign.title}: {shown.verdict.status}, strength {shown.verdict.strength:.2f}")  # noqa: T201
    for chart in shown.evidence.charts:
        accent = engagement.settings.branding.colour
        display(draw_chart(narrowed(chart, view), shown.verdict.recurring_cycles, accent))  # type: ignore[no-untyped-call]


def _judged(engagement: Engagement, finding: Finding, view: View) -> Finding:
    limit = finding.evidence.metrics[0].limit if finding.evidence else None
    if limit is None or view.amber is None or view.red is None or (view.amber, view.red) == (limit.amber, limit.red):
        return finding
    return judged_with(engagement, finding, view.amber, view.red)


def _stamp(moment: Any) -> pd.Timestamp | None:
    return None if moment is None else pd.Timestamp(moment)
