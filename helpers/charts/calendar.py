"""The ten-sign calendar: signs × cycles as an HTML table, told by letter, shape and colour together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from html import escape

import pandas as pd

from helpers.charts.numbers import day
from helpers.evidence import Finding, Status
from helpers.periods import Bucket

ON_PAPER = 60
OLDER = ' class="older"'

MARKS: dict[Status, tuple[str, str]] = {
    "recurring": ("R", "recurring"),
    "isolated": ("i", "isolated"),
    "absent": ("·", "absent"),
    "not_assessable": ("", "not assessable"),
}


def calendar_html(findings: Sequence[Finding], cycles: Sequence[pd.Timestamp], bucket: Bucket = "month") -> str:
    """One row a sign, one column a cycle; every cell carries its status as text for a reader who cannot see it."""
    rows = "".join(_row(finding, cycles) for finding in findings)
    return _frame("Calendar of the signs", "Sign", cycles, bucket, rows)


def compared_html(named: Sequence[tuple[str, Finding]], cycles: Sequence[pd.Timestamp], bucket: Bucket) -> str:
    """The same sign judged in several ways, a row for each; `named` gives the rows their heads."""
    rows = "".join(f'<tr><th scope="row">{escape(name)}</th>{_cells(finding, cycles)}</tr>' for name, finding in named)
    return _frame("Calendar of the sign", "Judged by", cycles, bucket, rows)


def legend_html() -> str:
    """What the marks of the calendar mean."""
    entries = "".join(
        f'<span class="key"><span class="mark {status}">{mark}</span> {words}</span>'
        for status, (mark, words) in MARKS.items()
    )
    return f'<p class="legend">{entries}</p>'


def _frame(label: str, corner: str, cycles: Sequence[pd.Timestamp], bucket: Bucket, rows: str) -> str:
    """Head and rows; what is older than a sheet of paper holds is marked, so that print can leave it out."""
    older, latest = cycles[:-ON_PAPER], cycles[-ON_PAPER:]
    head = _years(older, bucket, OLDER) + _years(latest, bucket)
    columns = "".join(
        f'<th scope="col"{_age(place, cycles)}><abbr title="{day(cycle)}">{_short(cycle, bucket)}</abbr></th>'
        for place, cycle in enumerate(cycles)
    )
    return (
        f'<div class="scroll calendar-frame" tabindex="0" role="region" aria-label="{label}">'
        '<table class="calendar"><caption class="unseen">Status of each sign at each cycle, judged with what '
        'was known then</caption><thead><tr><th rowspan="2" scope="col" class="corner">'
        f"{corner}</th>{head}</tr><tr>{columns}</tr></thead>"
        f"<tbody>{rows}</tbody></table></div>"
    )


def _row(finding: Finding, cycles: Sequence[pd.Timestamp]) -> str:
    sign = finding.sign
    name = f'<a href="#{escape(sign.key)}"><span class="code">{sign.number}</span> {escape(sign.title)}</a>'
    return f'<tr><th scope="row">{name}</th>{_cells(finding, cycles)}</tr>'


def _cells(finding: Finding, cycles: Sequence[pd.Timestamp]) -> str:
    states = {state.cycle: state.status for state in finding.verdict.states}
    return "".join(
        _cell(states.get(cycle, "not_assessable"), cycle, _age(place, cycles)) for place, cycle in enumerate(cycles)
    )


def _cell(status: Status, cycle: pd.Timestamp, age: str) -> str:
    mark, words = MARKS[status]
    shown = f'<span class="mark {status}" aria-hidden="true">{mark}</span>'
    return f'<td{age} title="{day(cycle)}: {words}">{shown}<span class="unseen">{words}</span></td>'


def _age(place: int, cycles: Sequence[pd.Timestamp]) -> str:
    return OLDER if place < len(cycles) - ON_PAPER else ""


def _years(cycles: Sequence[pd.Timestamp], bucket: Bucket, age: str = "") -> str:
    """Heads over the columns of a year; weeks belong to the year their number is counted in."""
    years = Counter(cycle.year if bucket == "month" else cycle.isocalendar().year for cycle in cycles)
    return "".join(
        f'<th scope="colgroup"{age} colspan="{count}">{_year(year, count)}</th>' for year, count in years.items()
    )


def _year(year: int, count: int) -> str:
    return f"’{year % 100:02d}" if count < 3 else str(year)


def _short(cycle: pd.Timestamp, bucket: Bucket) -> str:
    return f"{cycle.month:02d}" if bucket == "month" else f"{cycle.isocalendar().week:02d}"
