"""One slide a recurring sign: what we see, where, since when, cost, cause; its headline metric as a chart."""

from __future__ import annotations

from typing import Any

from helpers.charts import style
from helpers.charts.numbers import day, limit_words, number
from helpers.evidence import Finding, Metric
from helpers.report import wording
from helpers.report.cards import explanation
from helpers.report.slides.canvas import INNER, MARGIN, SMALL, Box, Look, Page, Paragraph
from helpers.report.slides.graphs import Line, Scale, cycle_names, line_chart, share_chart, shown
from helpers.report.slides.plain import clip, fitted, sentence

LEFT, GAP = 7.3, 0.45
RIGHT = INNER - LEFT - GAP
BODY = 13
DIMENSIONS, EACH = 2, 3
CARRIED = "Share of the evidence by"
RECURRED = "cycles at which it recurred"


def sign(deck: Any, look: Look, finding: Finding, currency: str) -> Page:
    """The slide of one recurring sign; its title is what the sign means in one sentence."""
    page = Page(deck, look, finding.sign.board.rstrip("."), f"{finding.sign.number}  {finding.sign.title}")
    drivers = _drivers(finding)
    metric = _headline(finding)
    if metric is not None:
        _course(page, Box(MARGIN, 1.62, LEFT, 3.3 if drivers else 5.2), finding, metric)
    if drivers:
        wide = LEFT / len(drivers)
        for place, (dimension, listed) in enumerate(drivers):
            _carriers(page, Box(MARGIN + place * wide, 5.0, wide - 0.15, 1.85), dimension, listed)
    page.text(
        Box(MARGIN + LEFT + GAP, 1.62, RIGHT, 5.35), [said for part in _parts(finding, currency) for said in part]
    )
    page.notes(_notes(finding, currency))
    return page


def _headline(finding: Finding) -> Metric | None:
    metrics = finding.evidence.metrics if finding.evidence else ()
    return metrics[0] if metrics and metrics[0].values.notna().any() else None


def _course(page: Page, box: Box, finding: Finding, metric: Metric) -> None:
    """The metric over the cycles, its limits dashed, a dot where the sign recurred."""
    unit = wording.unit_of(metric)
    values = shown(metric.values.astype(float).tolist(), unit)
    recurring = set(finding.verdict.recurring_cycles)
    dots = tuple(v if cycle in recurring else None for cycle, v in zip(metric.values.index, values, strict=True))
    lines = [Line(metric.title, values, page.look.accent, last=True), *_limits(metric, unit, len(values))]
    if any(value is not None for value in dots):
        lines.append(Line(RECURRED, dots, style.RED, dots=True))
    rising = metric.limit is None or not metric.limit.lower_is_worse
    low = 0.0 if rising and min((v for v in values if v is not None), default=0.0) >= 0 else None
    cycles = cycle_names(list(metric.values.index))
    line_chart(page, box, metric.title, cycles, lines, unit, _course_words(metric, unit), Scale(low))


def _limits(metric: Metric, unit: str, count: int) -> list[Line]:
    if metric.limit is None:
        return []
    bounds = (("amber", metric.limit.amber, style.AMBER), ("red", metric.limit.red, style.RED))
    return [
        Line(f"{name} limit {number(bound, unit)}", shown([bound] * count, unit), colour, dashed=True)
        for name, bound, colour in bounds
    ]


def _course_words(metric: Metric, unit: str) -> str:
    known = metric.values.dropna()
    first, last = (f"{number(float(known.iloc[end]), unit)} in {day(known.index[end])}" for end in (0, -1))
    limit = f" {sentence(limit_words(metric.limit, unit))}." if metric.limit else ""
    return f"Line chart. {metric.title}: {first}, {last}.{limit}"


def _drivers(finding: Finding) -> list[tuple[str, list[tuple[str, float, str]]]]:
    """The leading places of the first dimensions; none where the sign knows only the company as a whole."""
    named = [(dimension, listed) for dimension, listed in wording.places(finding, EACH) if dimension != "company"]
    return named[:DIMENSIONS]


def _carriers(page: Page, box: Box, dimension: str, listed: list[tuple[str, float, str]]) -> None:
    title = f"{CARRIED} {dimension}"
    line = Line(title, tuple(share for _, share, _ in listed), page.look.accent)
    alt = f"Bars. {title}: {', '.join(f'{name} {words}' for name, _, words in listed)}."
    share_chart(page, box, title, [name for name, _, _ in listed], line, alt)


def _parts(finding: Finding, currency: str) -> list[tuple[Paragraph, Paragraph]]:
    cause = wording.CAUSE[finding.cause].capitalize() if finding.cause else "Not told"
    basis = wording.cause_words(finding)
    parts = (
        ("What we see", wording.sees(finding), 4),
        ("Where", wording.where_words(finding) or wording.where(finding), 2),
        ("Since when", wording.since_words(finding), 3),
        ("What it costs", cost_words(finding, currency), 6),
        ("Variability or governance", f"{cause}: {basis}" if basis else cause, 3),
    )
    return [
        (
            Paragraph(heading, SMALL, True, style.SOFT, 1),
            Paragraph(fitted(text, RIGHT, BODY, lines), BODY, after=7),
        )
        for heading, text, lines in parts
    ]


def cost_words(finding: Finding, currency: str) -> str:
    """The avoidable range, the amount, and what it is made of; how the range was worked out stands in the notes."""
    return wording.priced(finding, currency, finding.cost.basis.partition("; avoidable")[0])


def _notes(finding: Finding, currency: str) -> list[str]:
    """What to ask next, how sure, how it was measured: what the speaker is asked for."""
    evidence = finding.evidence
    measured = [f"{heading}. {text}" for heading, text in explanation(finding.sign.key)]
    return [
        "What to ask next",
        *(f"– {question}" for question in finding.sign.questions),
        "What it costs",
        wording.priced(finding, currency, finding.cost.basis),
        "How sure",
        *wording.sure(finding),
        "How it was measured",
        *([evidence.basis] if evidence else []),
        *measured,
        *(_limit_line(row) for row in wording.metric_rows(finding)),
    ]


def _limit_line(row: dict[str, str]) -> str:
    limits = f"; amber {row['amber']}, red {row['red']}, source: {row['source']}" if row["source"] else ""
    return clip(f"{row['title']}: {row['last']} in {row['cycle']}{limits}", 400)
