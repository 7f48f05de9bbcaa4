"""What to do and in which order: critical service, then margin, then efficiency."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from helpers.charts.numbers import money
from helpers.evidence import Finding, Remedies
from helpers.report import wording


@dataclass(frozen=True)
class Action:
    """One recurring sign to act on: where, since when, for how much, and the remedies."""

    key: str
    title: str
    place: str
    since: str
    cost: str
    remedies: Remedies


@dataclass(frozen=True)
class Step:
    """One step of the order, with the rule that puts a sign into it."""

    title: str
    rule: str
    actions: tuple[Action, ...]


def steps(findings: Sequence[Finding], critical: Sequence[str], currency: str) -> tuple[Step, ...]:
    """The recurring signs in the order to act.

    A sign is about critical service when one of `critical` (families and resources) carries more of it than any other
    place of its dimension; about margin when it costs money of its own; about efficiency otherwise. Within a step the
    dearest comes first, then the strongest.
    """
    recurring = [f for f in findings if f.verdict.status == "recurring"]
    places = {f.sign.key: _critical_place(f, critical) for f in recurring}
    service = [f for f in recurring if places[f.sign.key]]
    margin = [f for f in recurring if f not in service and f.cost.additive and (f.cost.amount or 0) > 0]
    rest = [f for f in recurring if f not in service and f not in margin]
    return (
        Step(
            "Critical service",
            "a critical family or resource carries most of the sign",
            _actions(service, currency, places),
        ),
        Step("Margin", "the sign costs money of its own", _actions(margin, currency, places)),
        Step("Efficiency", "the other recurring signs", _actions(rest, currency, places)),
    )


def _critical_place(finding: Finding, critical: Sequence[str]) -> str:
    leading = [(dimension, *listed[0][:2]) for dimension, listed in wording.places(finding)]
    return next((wording.place(*driver) for driver in leading if driver[1] in critical), "")


def _actions(findings: list[Finding], currency: str, places: dict[str, str]) -> tuple[Action, ...]:
    ordered = sorted(findings, key=lambda f: (-_own_cost(f), -f.verdict.strength, f.sign.number))
    return tuple(_action(finding, currency, places[finding.sign.key]) for finding in ordered)


def _own_cost(finding: Finding) -> float:
    return (finding.cost.amount or 0.0) if finding.cost.additive else 0.0


def _action(finding: Finding, currency: str, place: str) -> Action:
    own = finding.cost.amount if finding.cost.additive else None
    cost = money(own, currency) if own else ""
    sign = finding.sign
    return Action(sign.key, sign.title, place or wording.where(finding), wording.since(finding), cost, sign.remedies)
