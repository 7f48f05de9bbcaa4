"""The slides that open the deck: the verdict, the calendar of the ten signs, OTIF beside its price."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from typing import Any

import pandas as pd

from helpers.charts import style
from helpers.charts.calendar import MARKS
from helpers.charts.numbers import MISSING, day, money, number
from helpers.charts.service import service_words
from helpers.diagnosis import Diagnosis
from helpers.evidence import Finding, Status
from helpers.report import checks, price, wording
from helpers.report.slides.canvas import INNER, MARGIN, SMALL, TEXT, Box, Look, Page, Paragraph
from helpers.report.slides.graphs import Line, Scale, column_chart, cycle_names, line_chart, shown
from helpers.report.slides.grid import Cell, cell, head, table
from helpers.report.slides.plain import clip, fitted

LEVELS = {"none": "", "watch": style.AMBER, "emerging": style.AMBER, "clear": style.RED, "severe": style.RED}
LOOKS: dict[Status, tuple[str, str]] = {
    "recurring": (style.PAPER, style.RED),
    "isolated": (style.AMBER, "#fdf3df"),
    "absent": (style.FAINT, ""),
    "not_assessable": (style.FAINT, style.BAND),
}
STRONGEST, CYCLES, OWNERS = 4, 36, 5
NAMES, NARROW = 3.05, 0.5
CHECKS = ("Quick checks of the cycle", "Last", "Cycle", "Before", "What it is")
CHECK_WIDTHS = (2.9, 1.6, 1.1, 1.7, INNER - 7.3)
CALENDAR = "Ten signs, cycle by cycle"
SERVICE = "OTIF and its price"
NO_VALUES = "No values to show"


def verdict(deck: Any, look: Look, diagnosis: Diagnosis) -> Page:
    """The verdict in one sentence, four figures, and what the strongest signs mean."""
    headline, _, detail = diagnosis.overall.message.partition(". ")
    page = Page(deck, look, headline.rstrip("."), "S&OP alignment review")
    page.band(Box(0, 0, 0.16, 7.5), LEVELS[diagnosis.overall.level] or look.accent)
    page.text(Box(MARGIN, 1.62, INNER, 0.75), [Paragraph(fitted(detail, INNER, 16, 2), 16, False, style.SOFT)])
    facts = _facts(diagnosis)
    left, shares = MARGIN, [len(figure) + 6 for _, figure in facts]
    for (name, figure), share in zip(facts, shares, strict=True):
        wide = INNER * share / sum(shares)
        box = Box(left, 2.6, wide - 0.2, 1.0)
        page.text(box, [Paragraph(figure, 26, True, after=2), Paragraph(name, 12, False, style.SOFT)])
        left += wide
    strongest = _strongest(diagnosis.findings)
    if strongest:
        page.text(Box(MARGIN, 3.85, INNER, 3.0), [said for finding in strongest for said in _means(finding, look)])
    else:
        _checks(page, diagnosis)
    page.notes([diagnosis.overall.message, *(f"{f.sign.title}: {wording.sees(f)}" for f in strongest)])
    return page


def _facts(diagnosis: Diagnosis) -> list[tuple[str, str]]:
    overall, currency = diagnosis.overall, diagnosis.settings.currency
    spent, spared = price.spent(diagnosis.pulse, currency), price.spared_in_all(diagnosis.findings)
    index = overall.alignment_index
    facts = [
        ("Signs recurring", f"{overall.recurring_signs} of {overall.assessed}"),
        ("Compensation, 12 cycles", spent),
        ("Avoidable", wording.range_words(spared, currency) if spared else ""),
        ("Alignment index", f"{index:.0f} of 100" if index is not None else ""),
    ]
    return [(name, figure) for name, figure in facts if figure]


def _strongest(findings: Sequence[Finding]) -> list[Finding]:
    recurring = [finding for finding in findings if finding.verdict.status == "recurring"]
    return sorted(recurring, key=lambda finding: -finding.verdict.strength)[:STRONGEST]


def _checks(page: Page, diagnosis: Diagnosis) -> None:
    """Nothing recurs: the quick checks of the cycle instead."""
    found = checks.checks(diagnosis.pulse, diagnosis.settings.currency, page.look.accent)
    rows = [[head(name) for name in CHECKS]]
    for check in found:
        value = cell(f"{check.value} {check.arrow}", TEXT, True)
        texts = (check.cycle or MISSING, check.usual or MISSING, check.reading)
        rows.append([cell(check.title, TEXT), value, *(cell(text, 12, False, style.SOFT) for text in texts)])
    alt = "; ".join(f"{check.title}: {check.value}" for check in found)
    table(page, Box(MARGIN, 4.0, INNER, 0), rows, CHECK_WIDTHS, [0.3, *[0.48] * len(found)], alt)


def _means(finding: Finding, look: Look) -> tuple[Paragraph, Paragraph]:
    board = fitted(finding.sign.board, INNER, 16, 1)
    return Paragraph(finding.sign.title, 16, True, look.accent), Paragraph(board, 16, after=11)


def calendar(deck: Any, look: Look, diagnosis: Diagnosis) -> Page:
    """Signs × cycles as a table: letter and colour say the same."""
    cycles = list(diagnosis.calendar.cycles)[-CYCLES:]
    page = Page(deck, look, _calendar_title(diagnosis), CALENDAR)
    width = min(NARROW, (INNER - NAMES) / max(len(cycles), 1))
    rows = [*_calendar_heads(cycles, diagnosis.settings.bucket), *(_signs_row(f, cycles) for f in diagnosis.findings)]
    heights = [0.28, 0.28, *[0.4] * len(diagnosis.findings)]
    alt = " ".join(f"{finding.sign.title}: {wording.since_words(finding)}" for finding in diagnosis.findings)
    table(page, Box(MARGIN, 1.55, INNER, 0), rows, [NAMES, *[width] * len(cycles)], heights, f"{CALENDAR}. {alt}")
    earlier = len(diagnosis.calendar.cycles) - len(cycles)
    legend = ", ".join(f"{mark or MISSING} = {words}" for mark, words in MARKS.values())
    more = f"; {earlier} earlier cycles: see the report" if earlier else ""
    page.text(Box(MARGIN, 6.5, INNER, 0.3), [Paragraph(f"{legend}{more}", 12, False, style.SOFT)])
    page.notes(["Each cell is judged with what was known then.", *(wording.line(f) for f in diagnosis.findings)])
    return page


def _calendar_title(diagnosis: Diagnosis) -> str:
    recurring = [f.verdict.first_warning for f in diagnosis.findings if f.verdict.status == "recurring"]
    firsts = [first for first in recurring if first is not None]
    counted = f"{diagnosis.overall.recurring_signs} of {diagnosis.overall.assessed} assessable signs recur"
    return f"{counted}, the first since {day(min(firsts))}" if firsts else counted


def _calendar_heads(cycles: list[pd.Timestamp], bucket: str) -> list[list[Cell]]:
    years = sorted(Counter(cycle.year for cycle in cycles).items())
    above = [cell(str(year) if n > 1 else "", 10, True, style.SOFT, across=n, rule=style.PAPER) for year, n in years]
    names = [f"{c.month:02d}" if bucket == "month" else f"{c.isocalendar().week:02d}" for c in cycles]
    below = [cell(name, 9, False, style.SOFT, side="centre", rule=style.INK) for name in names]
    return [[cell("", rule=style.PAPER), *above], [head("Sign"), *below]]


def _signs_row(finding: Finding, cycles: list[pd.Timestamp]) -> list[Cell]:
    states = {state.cycle: state.status for state in finding.verdict.states}
    name = cell(clip(f"{finding.sign.number}  {finding.sign.title}", 40), 12)
    return [name, *(_state(states.get(cycle, "not_assessable")) for cycle in cycles)]


def _state(status: Status) -> Cell:
    ink, fill = LOOKS[status]
    bold = status in ("recurring", "isolated")
    return cell(MARKS[status][0] or MISSING, SMALL, bold, ink, fill=fill, side="centre")


def service(deck: Any, look: Look, diagnosis: Diagnosis) -> Page:
    """OTIF above the money spent to hold it, and beside them who spends it and where it begins."""
    pulse = diagnosis.pulse.sort_values("cycle", kind="stable").reset_index(drop=True)
    settings = diagnosis.settings
    page = Page(deck, look, _service_title(pulse, settings.currency), SERVICE)
    views = diagnosis.money
    wide = 7.5 if views is not None else INNER
    _otif(page, Box(MARGIN, 1.6, wide, 2.55), pulse, settings.otif.target, settings.currency)
    _spent(page, Box(MARGIN, 4.25, wide, 2.55), pulse, settings.currency)
    if views is not None:
        _views(page, diagnosis)
    page.notes([service_words(pulse, settings.otif.target, settings.currency)])
    return page


def _service_title(pulse: pd.DataFrame, currency: str) -> str:
    known = pulse.dropna(subset=["otif"])
    spent = price.spent(pulse, currency)
    if known.empty:
        return f"{spent} spent in 12 cycles to rescue the plan" if spent else SERVICE
    otif = f"OTIF {number(float(known['otif'].iloc[-1]), 'share')} in {day(known['cycle'].iloc[-1])}"
    return f"{otif}, with {spent} spent in 12 cycles to hold it" if spent else otif


def _otif(page: Page, box: Box, pulse: pd.DataFrame, target: float | None, currency: str) -> None:
    values = shown(pulse["otif"].astype(float).tolist(), "share")
    if _is_empty(page, box, "OTIF", values):
        return
    lines = [Line("OTIF", values, page.look.accent, last=True)]
    if target:
        lines.append(Line(f"target {number(target, 'share')}", (target,) * len(values), style.SOFT, dashed=True))
    known = [value for line in lines for value in line.values if value is not None]
    low = math.floor(min(known, default=0.0) * 20 - 0.2) / 20
    scale = Scale(max(0.0, low), 1.0)
    alt = service_words(pulse, target, currency)
    line_chart(page, box, "OTIF", cycle_names(list(pulse["cycle"])), lines, "share", alt, scale)


def _spent(page: Page, box: Box, pulse: pd.DataFrame, currency: str) -> None:
    values = shown(pulse["compensation_cost"].astype(float).tolist(), "")
    if _is_empty(page, box, "Compensation cost", values):
        return
    line = Line("Compensation cost", values, style.AMBER)
    alt = service_words(pulse, None, currency)
    column_chart(page, box, f"Compensation cost, {currency}", cycle_names(list(pulse["cycle"])), line, currency, alt)


def _is_empty(page: Page, box: Box, title: str, values: Sequence[float | None]) -> bool:
    """Whether there is nothing to draw; then the slide says so in the place of the chart."""
    empty = all(value is None for value in values)
    if empty:
        page.text(box, [Paragraph(title, 12, True, style.SOFT, 4), Paragraph(NO_VALUES, TEXT, False, style.SOFT)])
    return empty


def _views(page: Page, diagnosis: Diagnosis) -> None:
    views, currency = diagnosis.money, diagnosis.settings.currency
    left, wide = MARGIN + 7.9, INNER - 7.9
    if views is None or views.withheld:
        said = views.check if views else ""
        page.text(Box(left, 1.62, wide, 3), [Paragraph(fitted(said, wide, 12, 8), 12, False, style.SOFT)])
        return
    spared = price.spared_in_all(diagnosis.findings)
    total = money(views.total, currency)
    words = f"Avoidable: {wording.spared_words(spared, currency)}, of {total}." if spared else f"{total} in all."
    page.text(Box(left, 1.62, wide, 0.75), [Paragraph(fitted(words, wide, TEXT, 2), TEXT, True)])
    top = 2.3
    for heading, view in (("Who spends it (incurred)", views.incurred), ("Where it begins (root)", views.root)):
        top = (
            _view(page, Box(left, top, wide, 0), heading, price.rows(view, diagnosis.findings, currency), total) + 0.18
        )
    note = fitted(f"{wording.SAME_MONEY_TWICE} {wording.NOT_BOOKED}", wide, SMALL, 3)
    page.text(Box(left, 6.25, wide, 0.6), [Paragraph(note, SMALL, False, style.SOFT)])


def _view(page: Page, box: Box, heading: str, rows: list[price.Row], total: str) -> float:
    """One view as a table, the smallest owners left to the report; gives back where it ends."""
    kept = rows[:OWNERS]
    listed = [(row.title, row.amount) for row in kept] + [("Others", "see the report")] * (len(rows) > len(kept))
    lines = [[head(heading), head("Amount", "right")]]
    lines += [[cell(clip(title, 34)), cell(amount, side="right")] for title, amount in listed]
    lines.append([cell("Total", bold=True), cell(total, bold=True, side="right")])
    heights = [0.25] * len(lines)
    alt = f"{heading}: {', '.join(f'{row.title} {row.amount}' for row in rows)}; total {total}."
    table(page, box, lines, [box.width - 1.3, 1.3], heights, alt)
    return box.top + sum(heights)
