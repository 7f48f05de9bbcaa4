"""The parts of the desk as HTML: verdicts side by side, a chart's table, and the twin that stands still."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any, Protocol

import pandas as pd
from markupsafe import Markup

from helpers.charts import draw_chart
from helpers.charts.calendar import compared_html
from helpers.charts.numbers import day, limit_words, number
from helpers.charts.worst import level
from helpers.evidence import Chart, Finding
from helpers.explore.view import charts_of, is_dated, table_of
from helpers.periods import Calendar
from helpers.report import wording
from helpers.report.markup import TEMPLATES, fill
from helpers.settings import Settings

MOST_ROWS = 200
HEAD = 10


class Looked(Protocol):
    """What the desk reads of an engagement."""

    @property
    def settings(self) -> Settings: ...

    @property
    def calendar(self) -> Calendar: ...


def style() -> Markup:
    """The stylesheet of the desk, beside that of the cards."""
    return Markup((TEMPLATES / "desk.css").read_text(encoding="utf-8"))  # noqa: S704 - our own file


def state(engagement: Looked, named: Sequence[tuple[str, Finding]]) -> Markup:
    """Status, strength, first warning, cost, cause and the row of the calendar, once for each way of judging."""
    calendar = compared_html(named, list(engagement.calendar.cycles), engagement.settings.bucket)
    currency = engagement.settings.currency
    return fill("desk_state.html.j2", named=named, say=wording, currency=currency, calendar=Markup(calendar))  # noqa: S704


def before_and_after(engagement: Looked, before: Finding, after: Finding) -> Markup:
    """Judged by the limits in force and by those of the knobs."""
    return state(engagement, [("Limits in force", before), ("With your limits", after)])


def table(chart: Chart, most: int = MOST_ROWS) -> Markup:
    """The rows of a chart as shown, the first `most` of them; values at a limit are marked."""
    found = table_of(chart)
    rows = [_row(chart, record) for record in found.head(most).to_dict("records")]
    columns = [_heading(chart, str(column)) for column in found.columns]
    return fill("desk_table.html.j2", title=chart.title, columns=columns, rows=rows, more=max(0, len(found) - most))


def _heading(chart: Chart, column: str) -> str:
    return "cycle" if column == chart.x and is_dated(chart) else column.removesuffix("_id").replace("_", " ")


def _row(chart: Chart, record: dict[Hashable, Any]) -> tuple[list[str], str]:
    value = float(record[chart.y])
    cells = [_cell(record[column]) for column in record if column != chart.y]
    return [*cells, number(value, chart.unit)], level(value, chart.limit)


def _cell(value: object) -> str:
    if isinstance(value, pd.Timestamp):
        return day(value)
    return number(value) if isinstance(value, float) else str(value)


def word(text: str) -> Markup:
    """Something the desk says below the verdicts: lines to copy, or where a view was written."""
    return Markup('<pre class="desk-word">{}</pre>').format(text)


def aside(text: str) -> Markup:
    """A sentence in the place of a desk; the report, which has its own words for it, leaves it out."""
    return Markup('<section class="kit-desk" data-part="desk"><p class="note">{}</p></section>').format(text)


def refusal(text: str) -> Markup:
    """Why there is no desk, line by line as it was told."""
    return Markup('<section class="kit-desk" data-part="desk"><style>{}</style>{}</section>').format(
        style(), word(text)
    )


def twin(engagement: Looked, found: Finding) -> Markup:
    """The desk standing still: one sign under the limits in force, its first picture and the head of its table."""
    charts = charts_of(found)[:1]
    accent = engagement.settings.branding.colour
    pictures = [draw_chart(chart, found.verdict.recurring_cycles, accent).figure() for chart in charts]
    return fill(
        "desk_twin.html.j2",
        style=style(),
        sign=found.sign,
        state=state(engagement, [("Limits in force", found)]),
        limits=_limits(found),
        picture=Markup("".join(pictures)),  # noqa: S704 - our own figure
        table=Markup("").join(table(chart, HEAD) for chart in charts),
    )


def _limits(found: Finding) -> str:
    """The headline's limits in words; empty where it has none."""
    headline = found.evidence.metrics[0] if found.evidence else None
    if headline is None or headline.limit is None:
        return ""
    return f"{headline.title}: {limit_words(headline.limit, wording.unit_of(headline))}"
