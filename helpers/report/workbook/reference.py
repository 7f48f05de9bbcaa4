"""The sheets a reader looks things up in: the ledger of compensation, watchlists, limits, definitions."""

from __future__ import annotations

import pandas as pd

from helpers.diagnosis import Diagnosis
from helpers.evidence import Finding
from helpers.measures.ledger import UNITS
from helpers.report import cards, quality, wording
from helpers.report.price import OTHERS
from helpers.report.workbook.block import Block
from helpers.report.workbook.front import texts
from helpers.report.workbook.pictures import Picture
from helpers.report.workbook.rows import front, headed_rows
from helpers.report.workbook.sign_sheet import Contents
from helpers.report.workbook.styles import COUNT

SAME = "The same money twice: by the sign that spends it, and by where it begins. The totals are equal; never add them."
ROWS = "Each row is money of one cycle. Sign: who spends it. Root: where it begins, and by which step that was decided."
WATCHED = "The last closed cycle. Values, arrows and colours; a watchlist gives no verdict."
COLUMNS = ["kind", "label", "amount", "sign", "root", "by", *UNITS, "source"]
NO_LEDGER = [("Ledger", "No ledger could be made of this extract.")]
TOTAL = "Total"


def ledger(diagnosis: Diagnosis) -> Contents:
    """Both views with their total, money by cycle and kind with its chart, and the rows."""
    views, currency = diagnosis.money, diagnosis.settings.currency
    if views is None:
        return Contents(NO_LEDGER, [], [])
    said = [("Reconciliation", views.check)]
    if views.withheld:
        return Contents(said, [], [])
    titles = {str(f.sign.number): f"{f.sign.code} {f.sign.title}" for f in diagnosis.findings} | OTHERS
    blocks = [
        _view("incurred", f"By the sign that spends it, {currency}", views.incurred, titles, currency),
        _view("root", f"By where it begins, {currency}", views.root, titles, currency),
    ]
    if views.rows.empty:
        return Contents([*said, ("How to read it", SAME)], blocks, [])
    by_kind = _by_kind(views.rows, currency)
    kinds = by_kind.rows.shape[1] - 1
    words = f"Stacked columns of {kinds} kinds over {len(by_kind.rows)} cycles."
    chart = Picture(
        "stack",
        by_kind.title,
        by_kind.name,
        0,
        tuple(range(1, kinds + 1)),
        len(by_kind.rows) - 1,
        unit=currency,
        words=words,
    )
    return Contents([*said, ("How to read it", SAME)], [*blocks, by_kind, _rows(views.rows, currency)], [chart])


def _view(name: str, title: str, view: pd.Series, titles: dict[str, str], currency: str) -> Block:
    ordered = view.sort_values(ascending=False, kind="stable")
    names = [*(titles.get(str(key), str(key)) for key in ordered.index), TOTAL]
    rows = pd.DataFrame({"Sign": names, "Amount": [*ordered, view.sum()]})
    return Block(name, title, rows, units={"Amount": currency})


def _by_kind(rows: pd.DataFrame, currency: str) -> Block:
    """Money by cycle and kind, the largest kind first."""
    named = rows.assign(kind=_spoken(rows["kind"]))
    wide = named.groupby(["label", "kind"])["amount"].sum().unstack("kind")
    wide = wide[list(wide.sum().sort_values(ascending=False, kind="stable").index)]
    units = dict.fromkeys(wide.columns, currency)
    return Block("kinds", f"By cycle and kind, {currency}", wide.rename_axis("Cycle").reset_index(), units=units)


def _spoken(kinds: pd.Series) -> pd.Series:
    return kinds.astype(str).str.replace("_", " ")


def _rows(rows: pd.DataFrame, currency: str) -> Block:
    shown = rows[[name for name in COLUMNS if name in rows]].sort_values(["label", "kind"], kind="stable")
    shown = shown.assign(kind=_spoken(shown["kind"]))
    for name in ("sign", "root"):
        shown[name] = (
            shown[name].astype(str).map(lambda key: f"S{int(key):02d}" if key.isdigit() else OTHERS.get(key, key))
        )
    return Block("rows", "Rows of the ledger", headed_rows(shown), ROWS, {"Amount": currency})


def watchlists(diagnosis: Diagnosis) -> Contents:
    """Critical families and constrained resources."""
    names = {"title": "Watched", "label": "Cycle"}
    pairs = (
        ("families", "Critical families", diagnosis.families_watch),
        ("resources", "Constrained resources", diagnosis.resources_watch),
    )
    blocks = [
        Block(
            name, title, headed_rows(front(rows.drop(columns="watch"), "title"), **names), WATCHED, unit_column="Unit"
        )
        for name, title, rows in pairs
    ]
    return Contents([], blocks, [])


def limits(diagnosis: Diagnosis) -> Contents:
    """Every limit in force with its source."""
    names = {finding.sign.number: finding.sign.code for finding in diagnosis.findings}
    said = pd.DataFrame(quality.limits(diagnosis.findings, diagnosis.settings))
    limit = said["limit"]
    rows = pd.DataFrame(
        {
            "Metric": said["metric"],
            "Sign": said["sign"].map(names),
            "Amber from": [bound.amber for bound in limit],
            "Red from": [bound.red for bound in limit],
            "Worse when": ["lower" if bound.lower_is_worse else "higher" for bound in limit],
            "Replaced in the settings": said["own"],
            "Unit": [bound.unit for bound in limit],
            "Where it comes from": [bound.source for bound in limit],
        }
    )
    return Contents([], [Block("limits", "Limits in force", rows, unit_column="Unit")], [])


def definitions(diagnosis: Diagnosis) -> Contents:
    """Words, then every sign in its own words, then every metric with its unit."""
    own = [pair for finding in diagnosis.findings for pair in _explained(finding)]
    rows = pd.DataFrame([row for finding in diagnosis.findings for row in _metrics(finding)])
    units = {"Cycles measured": COUNT}
    return Contents([*texts("glossary.md"), *own], [Block("metrics", "Metrics", rows, units=units)], [])


def _explained(finding: Finding) -> list[tuple[str, str]]:
    sign = finding.sign
    asked = (f"{sign.code} {sign.title}", sign.question)
    return [asked, *((f"{sign.code} {heading}", text) for heading, text in cards.explanation(sign.key))]


def _metrics(finding: Finding) -> list[dict[str, object]]:
    metrics = finding.evidence.metrics if finding.evidence else ()
    return [
        {
            "Name": metric.name,
            "Sign": finding.sign.code,
            "Cycles measured": int(metric.values.notna().sum()),
            "Dated by": "cycle" if metric.timing == "plan" else "period",
            "Unit": wording.unit_of(metric),
            "What it is": metric.title,
        }
        for metric in metrics
    ]
