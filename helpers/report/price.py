"""The price of the plan's rescue beside OTIF: the avoidable range, both views of one ledger, the reconciliation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add

import pandas as pd
from markupsafe import Markup

from helpers.charts.numbers import money
from helpers.costing import Views
from helpers.evidence import Finding, Range, Sign
from helpers.report import wording
from helpers.report.markup import fill

OTHERS = {"exogenous": "From outside", "unattributed": "Not attributed"}


@dataclass(frozen=True)
class Row:
    """One owner of money: its title, the sign to link to (empty: none), its share of the total, the amount in words."""

    title: str
    key: str
    share: float
    amount: str


def price(views: Views | None, findings: Sequence[Finding], currency: str) -> Markup:
    """Headline range, then what was spent by the sign that spends it and by where it begins; empty without a ledger."""
    if views is None or (not views.withheld and views.incurred.empty):
        return Markup()
    spared = spared_in_all(findings)
    return fill(
        "price.html.j2",
        views=views,
        say=wording,
        spared=wording.spared_words(spared, currency) if spared else "",
        total=money(views.total, currency),
        rescued=money(views.total - views.held, currency) if views.held else "",
        held=money(views.held, currency),
        incurred=rows(views.incurred, findings, currency),
        root=rows(views.root, findings, currency),
    )


def spent(pulse: pd.DataFrame, currency: str) -> str:
    """The compensation cost of the last twelve cycles in which it is known; empty where it never is."""
    known = pulse["compensation_cost"].dropna().tail(12)
    return money(float(known.sum()), currency) if len(known) else ""


def spared_in_all(findings: Sequence[Finding]) -> Range | None:
    """The avoidable cost of all signs that spend money of their own; signs seen by origin are the same money."""
    ranges = [f.cost.avoidable for f in findings if f.cost.additive and f.cost.avoidable]
    return reduce(add, ranges) if ranges else None


def rows(view: pd.Series, findings: Sequence[Finding], currency: str) -> list[Row]:
    """One view of the ledger, the dearest owner first."""
    signs = {str(finding.sign.number): finding.sign for finding in findings}
    total, ordered = float(view.sum()), view.sort_values(ascending=False)
    owners = ((str(owner), float(amount)) for owner, amount in ordered.items())
    return [_row(owner, amount, total, signs.get(owner), currency) for owner, amount in owners]


def _row(owner: str, amount: float, total: float, sign: Sign | None, currency: str) -> Row:
    share = amount / total if total else 0.0
    if sign is None:
        return Row(OTHERS.get(owner, owner), "", share, money(amount, currency))
    return Row(sign.title, sign.key, share, money(amount, currency))
