"""The price of the plan's rescue beside OTIF: the avoidable range, both views of one ledger, the reconciliation."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import add

import pandas as pd
from markupsafe import Markup

from helpers.charts.numbers import money
from helpers.costing import Views
from helpers.evidence import Finding, Range
from helpers.report import wording
from helpers.report.markup import fill

OTHERS = {"exogenous": "From outside", "unattributed": "Not attributed"}


def price(views: Views | None, findings: Sequence[Finding], currency: str) -> Markup:
    """Headline range, then what was spent by the sign that spends it and by where it begins; empty without a ledger."""
    if views is None or (not views.withheld and views.incurred.empty):
        return Markup()
    titles = titles_of(findings)
    spared = spared_in_all(findings)
    return fill(
        "price.html.j2",
        views=views,
        say=wording,
        spared=f"{wording.spared_words(spared, currency)} of" if spared else "",
        total=money(views.total, currency),
        incurred=by_title(views.incurred, titles, currency),
        root=by_title(views.root, titles, currency),
    )


def spent(pulse: pd.DataFrame, currency: str) -> str:
    """The compensation cost of the last twelve cycles in which it is known; empty where it never is."""
    known = pulse["compensation_cost"].dropna().tail(12)
    return money(float(known.sum()), currency) if len(known) else ""


def spared_in_all(findings: Sequence[Finding]) -> Range | None:
    """The avoidable cost of all signs that spend money of their own; signs seen by origin are the same money."""
    ranges = [f.cost.avoidable for f in findings if f.cost.additive and f.cost.avoidable]
    return reduce(add, ranges) if ranges else None


def titles_of(findings: Sequence[Finding]) -> dict[str, str]:
    """What the owners in the views of the ledger are called."""
    return {str(finding.sign.number): finding.sign.title for finding in findings} | OTHERS


def by_title(view: pd.Series, titles: dict[str, str], currency: str) -> list[tuple[str, str]]:
    """One view of the ledger as title and amount, the dearest first."""
    ordered = view.sort_values(ascending=False)
    return [(titles.get(str(key), str(key)), money(float(amount), currency)) for key, amount in ordered.items()]
