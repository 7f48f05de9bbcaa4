"""Native charts that can be edited: lines, columns and bars, each with its figures in a workbook of its own."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import (
    XL_CHART_TYPE,
    XL_LABEL_POSITION,
    XL_LEGEND_POSITION,
    XL_MARKER_STYLE,
    XL_TICK_LABEL_POSITION,
)
from pptx.enum.dml import MSO_LINE_DASH_STYLE
from pptx.oxml import parse_xml
from pptx.oxml.ns import nsdecls
from pptx.util import Inches, Pt

from helpers.charts import style
from helpers.charts.axis import LABELS, STEPS
from helpers.charts.numbers import RATIOS, SHARES, day
from helpers.plain import plain
from helpers.report.slides.canvas import SMALL, Box, Page, describe, paint, rgb
from helpers.report.slides.figures import figures
from helpers.report.slides.plain import clip

Category = str | date

NAME = 32
MONTH = r"yyyy\-mm"
AMOUNT = '[>=999500]0.0,,"\u202fm";[>=9995]0,"\u202fk";#,##0'
HEADROOM, AXIS, FOOTROOM, LEGEND, BESIDE = 0.42, 0.6, 0.3, 0.3, 0.55


@dataclass(frozen=True)
class Line:
    """One series: a value a category, missing where it is not known; `dashed` for limits, `dots` without a line."""

    name: str
    values: tuple[float | None, ...]
    colour: str
    dashed: bool = False
    dots: bool = False
    last: bool = False


@dataclass(frozen=True)
class Scale:
    """Where the value axis begins and ends; the program chooses what is missing."""

    low: float | None = None
    high: float | None = None


def shown(values: Sequence[float], unit: str) -> tuple[float | None, ...]:
    """Values as they are charted: undefined ones left out, logs as the shares they stand for."""
    is_log = unit.lower().startswith("log")
    return tuple((math.expm1(v) if is_log else float(v)) if math.isfinite(v) else None for v in values)


def number_format(values: Sequence[float | None], unit: str) -> str:
    """The format of the values: shares as percent, amounts shortened, ratios with two digits."""
    size = max((abs(value) for value in values if value is not None), default=0.0)
    kind = unit.lower().split(" ")[0]
    if kind in SHARES or kind == "log":
        return "0%" if size >= 0.095 else "0.0%"
    if size >= 1000:
        return AMOUNT
    return "0.00" if kind in RATIOS or size < 10 else "0"


def cycle_names(cycles: Sequence[pd.Timestamp]) -> list[Category]:
    """Cycles as the page calls them: months as dates, which a program can space by itself, others as text."""
    if all(cycle.day == 1 for cycle in cycles):
        return [cycle.date() for cycle in cycles]
    return [day(cycle) for cycle in cycles]


def line_chart(
    page: Page,
    box: Box,
    title: str,
    categories: Sequence[Category],
    lines: Sequence[Line],
    unit: str,
    alt: str,
    scale: Scale,
) -> Any:
    """Lines over cycles; the last value of a line is written beside it where it asks for it."""
    chart = _chart(page, box, XL_CHART_TYPE.LINE_MARKERS, title, categories, lines, unit, alt)
    shape = number_format(lines[0].values, unit)
    for line, series in zip(lines, chart.plots[0].series, strict=True):
        _dress(line, series, shape)
    _value_axis(chart, scale, shape)
    _cycle_axis(chart, categories)
    _legend(chart, len(lines) > 1)
    _frame(chart, box, LEGEND)
    return chart


def column_chart(
    page: Page, box: Box, title: str, categories: Sequence[Category], line: Line, unit: str, alt: str
) -> Any:
    """Columns over cycles."""
    chart = _chart(page, box, XL_CHART_TYPE.COLUMN_CLUSTERED, title, categories, [line], unit, alt)
    chart.plots[0].gap_width = 45
    paint(chart.plots[0].series[0].format.fill, line.colour)
    _value_axis(chart, Scale(0.0), number_format(line.values, unit))
    _cycle_axis(chart, categories)
    _legend(chart, False)
    _frame(chart, box, LEGEND)
    return chart


def share_chart(page: Page, box: Box, title: str, categories: Sequence[str], line: Line, alt: str) -> Any:
    """Bars of shares, the first on top, each with its value; a full bar would be the whole."""
    chart = _chart(page, box, XL_CHART_TYPE.BAR_CLUSTERED, title, categories, [line], "share", alt)
    plot = chart.plots[0]
    plot.gap_width, plot.has_data_labels = 45, True
    paint(plot.series[0].format.fill, line.colour)
    labels = plot.data_labels
    labels.number_format, labels.number_format_is_linked = number_format(line.values, "share"), False
    labels.font.size, labels.position = Pt(SMALL), XL_LABEL_POSITION.OUTSIDE_END
    labels.show_value = True
    chart.category_axis.reverse_order = True
    chart.category_axis.tick_labels.font.size = Pt(SMALL)
    chart.category_axis.format.line.color.rgb = rgb(style.RULE)
    _value_axis(chart, Scale(0.0, 1.0), "0%")
    chart.value_axis.has_major_gridlines, chart.value_axis.visible = False, False
    _legend(chart, False)
    return chart


def _chart(
    page: Page,
    box: Box,
    kind: Any,
    title: str,
    categories: Sequence[Category],
    lines: Sequence[Line],
    unit: str,
    alt: str,
) -> Any:
    names = [clip(name, NAME) if isinstance(name, str) else name for name in categories]
    shape_of = number_format([value for line in lines for value in line.values], unit)
    content = CategoryChartData(number_format=shape_of)
    content.categories = names
    content.categories.number_format = MONTH if names and isinstance(names[0], date) else "General"
    for line in lines:
        content.add_series(plain(line.name), line.values)
    place = (Inches(box.left), Inches(box.top), Inches(box.width), Inches(box.height))
    frame = page.slide.shapes.add_chart(kind, *place, content)
    describe(frame, alt, title)
    chart = frame.chart
    series = [(plain(line.name), line.values) for line in lines]
    chart.part.chart_workbook.update_from_xlsx_blob(figures(names, series, shape_of, page.look.as_of))
    chart.font.size, chart.font.color.rgb = Pt(SMALL), rgb(style.SOFT)
    _title(chart, title)
    return chart


def _title(chart: Any, words: str) -> None:
    """The title in the left corner above the chart; it travels with it into another deck."""
    chart.has_title = True
    frame = chart.chart_title.text_frame
    frame.text = plain(words)
    font = frame.paragraphs[0].runs[0].font
    font.size, font.bold, font.color.rgb = Pt(12), True, rgb(style.SOFT)
    title = chart.chart_title._element  # noqa: SLF001 - the library cannot place a title
    for old in title.xpath("c:layout"):
        title.remove(old)
    title.xpath("c:tx")[0].addnext(_layout("", 0.0, 0.0))


def _dress(line: Line, series: Any, shape: str) -> None:
    series.smooth = False
    stroke = series.format.line
    stroke.color.rgb, stroke.width = rgb(line.colour), Pt(1.25 if line.dashed else 2.5)
    series.marker.style = XL_MARKER_STYLE.NONE
    if line.dashed:
        stroke.dash_style = MSO_LINE_DASH_STYLE.DASH
    if line.dots:
        stroke.fill.background()
        series.marker.style, series.marker.size = XL_MARKER_STYLE.CIRCLE, 6
        paint(series.marker.format.fill, line.colour)
        series.marker.format.line.fill.background()
    known = [place for place, value in enumerate(line.values) if value is not None]
    if line.last and known:
        label = series.points[known[-1]].data_label
        label.position = XL_LABEL_POSITION.RIGHT
        label.font.size, label.font.bold, label.font.color.rgb = Pt(12), True, rgb(line.colour)
        away = parse_xml(f'<c:numFmt {nsdecls("c")} sourceLinked="0"/>')
        away.set("formatCode", f'"  "{shape}')
        series._element.xpath("c:dLbls/c:dLbl/c:spPr")[0].addprevious(away)  # noqa: SLF001 - a step away from the dot


def _value_axis(chart: Any, scale: Scale, shape: str) -> None:
    axis = chart.value_axis
    if scale.low is not None:
        axis.minimum_scale = scale.low
    if scale.high is not None:
        axis.maximum_scale = scale.high
    axis.major_gridlines.format.line.color.rgb = rgb(style.RULE)
    axis.major_gridlines.format.line.width = Pt(0.5)
    axis.format.line.fill.background()
    axis.tick_labels.font.size = Pt(SMALL)
    axis.tick_labels.number_format_is_linked = False
    axis.tick_labels.number_format = {"0.00": "General", "0.0%": "0.#%"}.get(shape, shape)


def _cycle_axis(chart: Any, cycles: Sequence[Category]) -> None:
    """Cycles labelled often enough to be read and no more."""
    axis = chart.category_axis
    axis.format.line.color.rgb = rgb(style.RULE)
    axis.tick_labels.font.size = Pt(SMALL)
    axis.tick_label_position = XL_TICK_LABEL_POSITION.LOW
    axis.has_major_gridlines = False
    months = [cycle.year * 12 + cycle.month for cycle in cycles if isinstance(cycle, date)]
    count = max(months) - min(months) + 1 if months else len(cycles)
    step = next((step for step in STEPS if count / step <= LABELS), STEPS[-1])
    spaced = (
        (("baseTimeUnit", "months"), ("majorUnit", step), ("majorTimeUnit", "months"))
        if months
        else (("tickLblSkip", step), ("tickMarkSkip", step))
    )
    if months:
        axis.tick_labels.number_format, axis.tick_labels.number_format_is_linked = MONTH, False
    for old in axis._element.xpath("c:baseTimeUnit"):  # noqa: SLF001 - the library cannot space labels
        axis._element.remove(old)  # noqa: SLF001
    for tag, value in reversed(spaced):
        spacing = parse_xml(f'<c:{tag} {nsdecls("c")} val="{value}"/>')
        axis._element.xpath("c:lblOffset")[0].addnext(spacing)  # noqa: SLF001


def _legend(chart: Any, wanted: bool) -> None:
    """What the limits and dots are; the first line needs no entry, the title names it."""
    chart.has_legend = wanted
    if not wanted:
        return
    legend = chart.legend
    legend.position, legend.include_in_layout = XL_LEGEND_POSITION.BOTTOM, False
    legend.font.size = Pt(SMALL)
    entry = f'<c:legendEntry {nsdecls("c")}><c:idx val="0"/><c:delete val="1"/></c:legendEntry>'
    legend._element.xpath("c:legendPos")[0].addnext(parse_xml(entry))  # noqa: SLF001


def _frame(chart: Any, box: Box, below: float) -> None:
    """The same room round the drawing in every chart, so that charts above each other share their axis."""
    wide, high = box.width - AXIS - BESIDE, box.height - HEADROOM - FOOTROOM - below
    area = chart._chartSpace.xpath("c:chart/c:plotArea")[0]  # noqa: SLF001 - nor place the drawing
    for old in area.xpath("c:layout"):
        area.remove(old)
    layout = _layout("inner", AXIS / box.width, HEADROOM / box.height, wide / box.width, high / box.height)
    area.insert(0, layout)


def _layout(target: str, *places: float) -> Any:
    """Left, top, width and height as shares of the chart."""
    inner = f'<c:layoutTarget val="{target}"/>' if target else ""
    said = "".join(f'<c:{name} val="{value:.4f}"/>' for name, value in zip("xywh", places, strict=False))
    modes = '<c:xMode val="edge"/><c:yMode val="edge"/>'
    return parse_xml(f"<c:layout {nsdecls('c')}><c:manualLayout>{inner}{modes}{said}</c:manualLayout></c:layout>")
