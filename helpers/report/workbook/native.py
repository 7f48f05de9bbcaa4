"""Native charts: lines with their limits, stacked columns, ranked bars, points; quiet, and in the report's colours."""

from __future__ import annotations

from typing import Any

from helpers.charts import style
from helpers.plain import plain
from helpers.report.workbook.block import Placed
from helpers.report.workbook.pictures import Picture
from helpers.report.workbook.styles import FINE, number_format
from helpers.spreadsheet import Chart, Workbook, Worksheet

WIDTH, HEIGHT = 640, 300
MOST_TICKS = 15
TYPES: dict[str, dict[str, str]] = {
    "line": {"type": "line"},
    "stack": {"type": "column", "subtype": "stacked"},
    "bar": {"type": "bar"},
    "scatter": {"type": "scatter"},
}
DASHES = ("solid", "dash", "round_dot", "long_dash_dot")
MARKERS = ("circle", "square", "triangle", "diamond")
LIMITS = (("Amber", style.AMBER), ("Red", style.RED))
SMALL = {"size": 9, "color": style.SOFT}


def add_chart(
    book: Workbook, sheet: Worksheet, picture: Picture, placed: Placed, accent: str, at: tuple[int, int]
) -> None:
    """Draw `picture` from the rows of its block, with its corner at line `at[0]`, `at[1]` pixels from the left."""
    chart = book.add_chart(TYPES[picture.kind])
    for series in _series(picture, placed, accent):
        chart.add_series(series)
    _frame(chart, picture)
    options = {"x_offset": at[1], "object_position": 3, "description": plain(picture.words or picture.title)}
    sheet.insert_chart(at[0], 0, chart, options)


def _series(picture: Picture, placed: Placed, accent: str) -> list[dict[str, Any]]:
    if picture.kind == "scatter":
        return [_cloud(picture, placed, accent, place) for place in range(len(picture.groups))]
    made = [
        {**_range(picture, placed, column), **_look(picture, accent, place)}
        for place, column in enumerate(picture.columns)
    ]
    return made + [
        {**_range(picture, placed, column), "line": {"color": colour, "width": 1.25, "dash_type": "dash"}}
        for column, (_, colour) in zip(picture.limits if picture.kind == "line" else (), LIMITS, strict=False)
    ]


def _range(picture: Picture, placed: Placed, column: int) -> dict[str, Any]:
    first, last = placed.first + picture.first, placed.first + picture.last
    return {
        "name": [placed.sheet, placed.heads, column],
        "categories": [placed.sheet, first, picture.across, last, picture.across],
        "values": [placed.sheet, first, column, last, column],
    }


def _look(picture: Picture, accent: str, place: int) -> dict[str, Any]:
    if picture.kind == "line":
        tones = style.line_tones(accent)
        tone = tones[place] if place < len(tones) else style.FAINT
        dashes = DASHES[min(place, len(DASHES) - 1)]
        return {"line": {"color": tone, "width": 2.25 if place == 0 else 1.5, "dash_type": dashes}}
    if picture.kind == "stack":
        tone = style.tints(accent, len(picture.columns))[place]
        return {"fill": {"color": tone}, "border": {"color": style.PAPER, "width": 0.5}, "gap": 35}
    labels = {"value": True, "num_format": number_format(picture.unit), "font": SMALL}
    return {"fill": {"color": accent}, "gap": 60, "data_labels": labels}


def _cloud(picture: Picture, placed: Placed, accent: str, place: int) -> dict[str, Any]:
    _, first, last = picture.groups[place]
    across, (column,) = picture.across, picture.columns
    rows = placed.first + first, placed.first + last
    tones = (*style.line_tones(accent), style.FAINT)
    tone = tones[min(place, len(tones) - 1)]
    marker = {
        "type": MARKERS[place % len(MARKERS)],
        "size": 6,
        "fill": {"color": tone},
        "border": {"color": style.PAPER},
    }
    return {
        "name": [placed.sheet, rows[0], 0] if across else _name(picture),
        "categories": [placed.sheet, rows[0], across, rows[1], across],
        "values": [placed.sheet, rows[0], column, rows[1], column],
        "marker": marker,
    }


def _name(picture: Picture) -> str:
    """The title, which would be read as a reference if it began with =."""
    return plain(picture.title).lstrip("= ")


def _frame(chart: Chart, picture: Picture) -> None:
    """Title, axes, legend; blanks stay gaps."""
    chart.set_title(
        {"name": _name(picture), "name_font": {"size": 12, "bold": True, "color": style.INK}, "overlay": False}
    )
    chart.set_size({"width": WIDTH, "height": HEIGHT})
    chart.show_blanks_as("gap")
    chart.set_chartarea({"border": {"color": style.RULE}})
    several = len(picture.columns) + len(picture.limits) > 1 or len(picture.groups) > 1
    chart.set_legend({"position": "bottom", "font": SMALL} if several else {"none": True})
    across, up = _axes(picture)
    if picture.kind == "bar":  # whose categories stand on the vertical axis
        across, up = up, across
    chart.set_x_axis(across)
    chart.set_y_axis(up)


def _axes(picture: Picture) -> tuple[dict[str, Any], dict[str, Any]]:
    shown = number_format(picture.unit)
    quiet = {"num_font": SMALL, "line": {"color": style.RULE}, "major_tick_mark": "none"}
    values = {
        **quiet,
        "num_format": "General" if shown == FINE else shown.replace("0.0%", "0%"),
        "major_gridlines": {"visible": True, "line": {"color": style.RULE, "width": 0.75}},
        "line": {"none": True},
        **({} if picture.floor is None else {"min": picture.floor}),
    }
    if picture.kind == "bar":
        return {**quiet, "reverse": True}, {**values, "visible": False, "major_gridlines": {"visible": False}}
    if picture.kind == "scatter":
        return {**quiet, "num_format": "General", "label_position": "low"}, values
    every = -(-(picture.last - picture.first + 1) // MOST_TICKS)
    ticks = {"text_axis": True, "num_format": "yyyy-mm", "label_position": "low", "interval_unit": every}
    return {**quiet, **ticks, "num_font": {**SMALL, "rotation": -45}}, values
