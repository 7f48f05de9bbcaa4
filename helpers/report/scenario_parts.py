"""The scenario desk as HTML: a scenario beside the approved plan, and the sentence that stands where no desk can."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite

from markupsafe import Markup

from helpers.charts.numbers import number
from helpers.periods import Bucket
from helpers.report.markup import fill
from helpers.scenarios.outcome import Outcome
from helpers.scenarios.said import KINDS
from helpers.scenarios.scenario import Answer
from helpers.scenarios.words import differences, scarce

UNKNOWN = "not known"


@dataclass(frozen=True)
class Line:
    """One figure of both plans, and what separates them."""

    title: str
    before: str
    after: str
    change: str


def beside_approved(bucket: Bucket, first: Answer, other: Answer) -> Markup:
    """A scenario beside the approved plan: figures, why they differ, what is scarce."""
    return fill(
        "scenario_state.html.j2",
        title=other.scenario.title,
        currency=first.solution.network.currency,
        lines=lines(first.figures, other.figures),
        why=differences(first, other),
        scarce=scarce(other.solution, bucket),
    )


def lines(first: Outcome, other: Outcome) -> list[Line]:
    """The figures of two plans, shares first, then money."""
    shares = [
        ("all demand on time", first.service, other.service),
        ("critical families on time", first.critical, other.critical),
        *((f"{name} on time", share, other.by_segment.get(name, float("nan"))) for name, share in
          first.by_segment.items()),
        ("safety stock in place at the end", first.buffers, other.buffers),
    ]  # fmt: skip
    money = [
        ("margin less rescues", first.margin, other.margin),
        ("capital in stock, mean", first.capital, other.capital),
        ("rescues", first.compensation, other.compensation),
        *((f"of it {KINDS[str(kind)]}", float(amount), float(other.rescue[str(kind)])) for kind, amount in
          first.rescue.items()),
    ]  # fmt: skip
    return [
        *(Line(str(t), _share(a), _share(b), _points(b - a)) for t, a, b in shares),
        *(Line(t, _money(a), _money(b), _signed(b - a)) for t, a, b in money),
    ]


def _share(value: float) -> str:
    return f"{value:.1%}" if isfinite(value) else UNKNOWN


def _points(value: float) -> str:
    return f"{value * 100:+.1f} points" if isfinite(value) else "–"


def _money(value: float) -> str:
    return number(round(value)) if isfinite(value) else UNKNOWN


def _signed(value: float) -> str:
    return f"{value:+,.0f}" if isfinite(value) else "–"
