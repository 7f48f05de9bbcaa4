"""HTML fragments of findings and intake, shown by the notebooks and stitched into the report."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from helpers.charts import spark
from helpers.charts.numbers import day, money
from helpers.charts.style import readable
from helpers.evidence import Finding
from helpers.manifest import Manifest
from helpers.report import wording
from helpers.report.markup import fill
from helpers.settings import Settings
from helpers.signs import HEADINGS
from helpers.signs import explanation as explained


def card(finding: Finding, settings: Settings) -> Markup:
    """A finding as an article: what we see, where, since when, cost, cause, how sure, how measured, what to ask."""
    return fill(
        "card.html.j2",
        finding=finding,
        sign=finding.sign,
        verdict=finding.verdict,
        say=wording,
        places=list(wording.places(finding)),
        cost=money(finding.cost.amount, settings.currency),
        avoidable=wording.avoidable(finding, settings.currency),
        method=explanation(finding.sign.key),
        metrics=wording.metric_rows(finding),
    )


def explanation(key: str) -> list[tuple[str, str]]:
    """The headings of the sign's own docstring with their text; empty for a key without a file."""
    found = explained(key)
    return [(heading, found[heading]) for heading in HEADINGS if heading in found]


def scorecard(findings: Sequence[Finding], settings: Settings, linked: bool = True) -> Markup:
    """Status, strength, since when, trend, where, cost, cause: one row a sign."""
    accent = readable(settings.branding.colour)
    rows = [_score(finding, settings, accent) for finding in findings]
    return fill("scorecard.html.j2", rows=rows, linked=linked, root=any(str(row["cost"]).endswith("*") for row in rows))


def _score(finding: Finding, settings: Settings, accent: str) -> dict[str, object]:
    verdict, evidence = finding.verdict, finding.evidence
    arrow, trend = wording.TREND[verdict.trend] if verdict.trend else ("", "–")
    return {
        "sign": finding.sign,
        "status": verdict.status,
        "status_words": wording.STATUS[verdict.status],
        "strength": verdict.strength,
        "since": wording.since(finding),
        "arrow": arrow,
        "trend": trend,
        "where": wording.where(finding),
        "cost": wording.cost(finding, settings.currency),
        "cause": wording.CAUSE[finding.cause] if finding.cause else "–",
        "course": Markup(spark(evidence.metrics[0], accent)) if evidence and evidence.metrics else "",  # noqa: S704
        "notes": _notes(finding),
    }


def _notes(finding: Finding) -> str:
    verdict = finding.verdict
    said = {
        "chronic": verdict.chronic,
        "provisional": verdict.provisional,
        "unconfirmed": verdict.unconfirmed,
        "excuse-dependent": verdict.excuse_dependent,
    }
    return ", ".join(name for name, holds in said.items() if holds)


def intake_table(manifest: Manifest) -> Markup:
    """What arrived, table by table: rows read, used, set aside, cells emptied, and what was wrong."""
    return fill("intake.html.j2", tables=manifest.tables, detected=_detected(manifest))


def _detected(manifest: Manifest) -> dict[str, str]:
    return {
        table.table: "; ".join(f"{what}: {found}" for what, found in table.detected.items())
        for table in manifest.tables
    }


def arrival(manifest: Manifest, settings: Settings, as_of: object, cycles: int) -> Markup:
    """What arrived, with the date and the cycles it is read as of; for the head of a notebook."""
    return fill("arrival.html.j2", settings=settings, as_of=day(as_of), cycles=cycles, table=intake_table(manifest))
