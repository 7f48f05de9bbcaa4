"""The knobs themselves: one look for all sliders, lists and buttons of the desk."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import ipywidgets as widgets  # type: ignore[import-untyped]
import pandas as pd

from helpers.charts.numbers import day
from helpers.explore.scale import Scale

LABEL = {"description_width": "60px"}
FULL = {"width": "auto"}
ROWS = 5


def choice(label: str, options: Sequence[tuple[str, Any]]) -> widgets.Dropdown:
    """A list of which one is chosen."""
    return widgets.Dropdown(options=options, description=label, style=LABEL, layout=FULL)


def several() -> widgets.SelectMultiple:
    """A list of which any number can be chosen; none means all."""
    return widgets.SelectMultiple(rows=ROWS, style=LABEL, layout=FULL)


def slider(label: str) -> widgets.FloatSlider:
    """A slider that speaks when it is let go: every stop on the way would be judged, one after the other."""
    return widgets.FloatSlider(description=label, style=LABEL, layout=FULL, continuous_update=False)


def graduate(knob: widgets.FloatSlider, name: str, scale: Scale, value: float) -> None:
    """Put a scale and a value on a slider; the bounds go first to where neither can cross the other."""
    shown = scale.shown(value)
    with knob.hold_trait_notifications():
        knob.max = max(scale.high, shown)
        knob.min = min(scale.low, shown)
        knob.step, knob.value = scale.step, shown
    knob.readout_format = scale.readout
    knob.description = f"{name} %" if scale.unit == "%" else name
    knob.tooltip = f"{name}, in {scale.unit}" if scale.unit else name


def cycle_range(cycles: Sequence[pd.Timestamp]) -> widgets.SelectionRangeSlider | None:
    """From one cycle to another; nothing where there are fewer than two."""
    if len(cycles) < 2:
        return None
    choices = [(day(cycle), cycle) for cycle in cycles]
    ends = (0, len(choices) - 1)
    return widgets.SelectionRangeSlider(options=choices, index=ends, description="cycles", style=LABEL, layout=FULL)


def button(label: str, icon: str, tooltip: str) -> widgets.Button:
    """A button that says what it does."""
    return widgets.Button(description=label, icon=icon, tooltip=tooltip, layout={"width": "max-content"})


def column(children: Sequence[widgets.Widget], name: str) -> widgets.VBox:
    """Knobs below each other."""
    return _named(widgets.VBox(list(children)), name)


def row(children: Sequence[widgets.Widget], name: str) -> widgets.HBox:
    """Parts beside each other; the stylesheet says how wide."""
    return _named(widgets.HBox(list(children)), name)


def _named(box: widgets.Box, name: str) -> widgets.Box:
    box.add_class(name)
    return box
