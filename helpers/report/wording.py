"""Findings in words and figures: the same sentences on the card, in the scorecard and in the notebook."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

import pandas as pd

from helpers.charts.numbers import day, money, number, short
from helpers.charts.worst import level
from helpers.evidence import Evidence, Finding, Limit, Metric, Range, Verdict

STATUS = {
    "recurring": "recurring",
    "isolated": "isolated",
    "absent": "absent",
    "not_assessable": "not assessable",
}
TREND = {"improving": ("↘", "improving"), "stable": ("→", "stable"), "deteriorating": ("↗", "deteriorating")}
CAUSE = {
    "real_variability": "real variability",
    "governance": "governance",
    "mixed": "mixed",
    "undetermined": "undetermined",
}
LEVEL = {
    "full": "all the evidence the method can use",
    "reduced": "a reduced set of columns; strength is capped at 0.90",
    "minimum": "the smallest set of columns; strength is capped at 0.80",
}
DISCRIMINATORS = {
    "D1": "revision noise",
    "D2": "amplification",
    "D3": "no rule or approval",
    "D4": "no outside shock",
    "D5": "knowable in advance",
    "D7": "no outside event",
}
NOTHING_TO_DO = "No sign recurs: nothing to repair in the process. Keep the cadence."
ALL_ASSESSED = "Every sign could be assessed."
SAME_MONEY_TWICE = "The same money twice, never to be added."
NOT_BOOKED = "Carrying excess stock and lost margin are not booked there and stand in both views."
WATCH_NEXT = "Watch next cycle, not yet a pattern"
WINDOW = 6
QUIET = ("absent", "not_assessable")


def sees(finding: Finding) -> str:
    """What we see: how often the limit was reached, where the headline stands, and what breached where it did not."""
    if finding.evidence is None:
        return f"Not assessable: {finding.reason or 'the data it needs were not sent'}."
    said = (_counted(finding), _headline(finding.evidence.metrics[0]), _breached_by(finding, finding.evidence))
    return " ".join(sentence for sentence in said if sentence)


def _counted(finding: Finding) -> str:
    verdict = finding.verdict
    last = verdict.states[-1] if verdict.states else None
    if verdict.status == "not_assessable":
        return f"Not assessable: {finding.reason or 'too few cycles could be measured'}."
    if last is None or last.breaches_in_window == 0:
        return "No breach in the last six assessable cycles."
    window = min(last.assessable, WINDOW)
    cycles = "cycles" if window != 1 else "cycle"
    return f"{last.breaches_in_window} of the last {window} assessable {cycles} reached the limit."


def _headline(metric: Metric) -> str:
    known = metric.values.dropna()
    if known.empty:
        return ""
    unit = unit_of(metric)
    limit = ""
    if metric.limit:
        reached = "amber from there down:" if metric.limit.lower_is_worse else "where amber starts at"
        limit = f", {reached} {number(metric.limit.amber, unit)}"
    return f"{metric.title}: {number(float(known.iloc[-1]), unit)} in {day(known.index[-1])}{limit}."


def _breached_by(finding: Finding, evidence: Evidence) -> str:
    """What reached its limit in the last breach, where the headline did not; empty where it did."""
    verdict, (headline, *others) = finding.verdict, evidence.metrics
    if not verdict.breached or not verdict.states or verdict.states[-1].breaches_in_window == 0:
        return ""
    last = verdict.breached[-1]
    if headline.limit is None or level(_at(headline, last), headline.limit):
        return ""
    reached = [metric for metric in others if level(_at(metric, last), metric.limit)]
    if not reached and math.isnan(_at(headline, last)):
        return ""
    if not reached:
        return f"In {day(last)} the whole stayed below: single {plural(finding.sign.unit)} reached their limit."
    named = (f"{metric.title} {number(_at(metric, last), unit_of(metric))}" for metric in reached)
    return f"In {day(last)} the limit was reached by: {'; '.join(named)}."


def _at(metric: Metric, cycle: pd.Timestamp) -> float:
    return float(metric.values.get(cycle, math.nan))


def unit_of(metric: Metric) -> str:
    """The unit of a metric: its own, else that of its limit."""
    return metric.unit or (metric.limit.unit if metric.limit else "")


def since(finding: Finding) -> str:
    """The first warning; where the sign healed, it says so."""
    first = finding.verdict.first_warning
    if first is None:
        return "–"
    healed = "" if finding.verdict.status == "recurring" else " (since healed)"
    return f"{day(first)}{healed}"


def since_words(finding: Finding) -> str:
    """When it began, how many cycles it recurred, and whether it is chronic."""
    verdict = finding.verdict
    if verdict.first_warning is None:
        breached = f"; single breaches: {span(verdict.breached)}" if verdict.breached else ""
        return f"It never recurred{breached}."
    chronic = " Chronic: at least 8 breaches in the last 12 cycles." if verdict.chronic else ""
    count = len(verdict.recurring_cycles)
    return (
        f"First warning {day(verdict.first_warning)}; recurring in {count} {_cycles(count)}.{_trend(finding)}{chronic}"
    )


def _trend(finding: Finding) -> str:
    return f" Trend: {TREND[finding.verdict.trend][1]}." if finding.verdict.trend else ""


def _cycles(count: int) -> str:
    return "cycle" if count == 1 else "cycles"


def span(cycles: tuple[pd.Timestamp, ...], most: int = 4) -> str:
    """The last few of some cycles."""
    shown = ", ".join(day(cycle) for cycle in cycles[-most:])
    return f"{shown} and {len(cycles) - most} before" if len(cycles) > most else shown


def where(finding: Finding) -> str:
    """The unit that stands out, else over how many the evidence is spread; without units the largest driver."""
    verdict = finding.verdict
    if not verdict.drivers or verdict.status in QUIET:
        return "–"
    leading = [driver for driver in verdict.drivers if driver[1] == verdict.stands_out]
    if not leading and verdict.spread_over > 1:
        return f"spread over {verdict.spread_over} {plural(verdict.spread_by)}"
    return place(*[*leading, *verdict.drivers][0])


def plural(unit: str) -> str:
    """Several of a unit: families, resources, suppliers."""
    return f"{unit[:-1]}ies" if unit.endswith("y") else f"{unit}s"


def place(dimension: str, value: str, share: float) -> str:
    """One driver in words; a family needs no word before its name."""
    if dimension == "company":
        return "whole company"
    return f"{value if dimension == 'family' else named(dimension, value)} ({number(share, 'share')})"


def named(dimension: str, value: str) -> str:
    """A name with what it is the name of, said once: not `Resource Resource 02`."""
    return value if value.casefold().startswith(f"{dimension} ") else f"{dimension} {value}"


def places(finding: Finding, most: int = 3) -> Iterator[tuple[str, list[tuple[str, float, str]]]]:
    """Drivers by dimension, the largest few of each: name, share, share in words."""
    by_dimension: dict[str, list[tuple[str, float, str]]] = {}
    for dimension, value, share in finding.verdict.drivers:
        by_dimension.setdefault(dimension, []).append((value, share, number(share, "share")))
    for dimension, listed in by_dimension.items():
        yield dimension, listed[:most]


def where_words(finding: Finding) -> str:
    """Whether one unit leads or the evidence is spread, and which units breach more often than chance allows."""
    if finding.verdict.status in QUIET:
        return ""
    return " ".join(said for said in (_lead(finding.verdict), _beyond_chance(finding.verdict)) if said)


def _lead(verdict: Verdict) -> str:
    if verdict.stands_out:
        return f"{verdict.stands_out} stands out."
    several = verdict.spread_over > 1
    return f"Spread over {verdict.spread_over} {plural(verdict.spread_by)}; none stands out." if several else ""


def _beyond_chance(verdict: Verdict, most: int = 5) -> str:
    units = verdict.units_beyond_chance
    more = f" and {len(units) - most} more" if len(units) > most else ""
    return f"Beyond chance in: {', '.join(units[:most])}{more}." if units else ""


def cause_words(finding: Finding) -> str:
    """The basis of the cause with the discriminators named."""
    return re.sub(r"\bD[1-7]\b", lambda match: DISCRIMINATORS[match[0]], finding.cause_basis)


def cost(finding: Finding, currency: str) -> str:
    """The money of the last twelve labels, marked when it is a second view of the same money."""
    amount = finding.cost.amount
    if amount is None or (finding.verdict.status in QUIET and not finding.cost.additive):
        return "–"
    return money(amount, currency) + ("" if finding.cost.additive else " *")


def avoidable(finding: Finding, currency: str) -> str:
    """The range that could have been spared, then its centre; empty where nothing is said."""
    spared = finding.cost.avoidable
    return spared_words(spared, currency) if spared else ""


def priced(finding: Finding, currency: str, basis: str) -> str:
    """What could have been spared, of what was spent, and the `basis` it rests on."""
    if finding.cost.amount is None:
        return basis
    spent, spared = money(finding.cost.amount, currency), avoidable(finding, currency)
    return f"Avoidable: {spared}, of {spent}: {basis}" if spared else f"{spent}: {basis}"


def spared_words(spared: Range, currency: str) -> str:
    """`5 to 15 EUR, centre 10 EUR`."""
    return f"{range_words(spared, currency)}, centre {money(spared.central, currency)}"


def range_words(spared: Range, currency: str) -> str:
    """`5 to 15 EUR`."""
    return f"{short(spared.low)} to {money(spared.high, currency)}"


def sure(finding: Finding) -> list[str]:
    """How sure the verdict is: path, confirmation, history, excuses."""
    verdict, evidence = finding.verdict, finding.evidence
    if evidence is None:
        return []
    said = [f"Strength {verdict.strength:.2f} of 1; from 0.50 on the sign counts as recurring."]
    said.append(f"Measured on the {evidence.path.level} path: {LEVEL[evidence.path.level]}.")
    if verdict.provisional:
        said.append("Provisional: too few cycles for a firm word.")
    if verdict.unconfirmed:
        said.append("The breaches repeat, but the mechanism behind them is not confirmed.")
    if evidence.path.raise_only:
        said.append("This path can raise the sign but never clear it.")
    if verdict.excused:
        said.append(f"Excused by a covered outside event: {span(verdict.excused)}.")
    if verdict.excuse_dependent:
        count, all_of_them = len(verdict.excused), len(verdict.excused) + len(verdict.breached)
        said.append(
            f"Excuse-dependent: {count} of {all_of_them} breaches are excused, {len(verdict.breached)} counted; ask "
            "whether the decisions really answered the events."
        )
    return said


def metric_rows(finding: Finding) -> list[dict[str, str]]:
    """Every metric with its last value, its limits and where they come from."""
    metrics = finding.evidence.metrics if finding.evidence else ()
    return [_metric_row(metric) for metric in metrics]


def _metric_row(metric: Metric) -> dict[str, str]:
    known, unit, limit = metric.values.dropna(), unit_of(metric), metric.limit
    return {
        "title": metric.title,
        "name": metric.name,
        "last": number(float(known.iloc[-1]), unit) if len(known) else "–",
        "cycle": day(known.index[-1]) if len(known) else "–",
        "amber": _bound(limit.amber, limit, unit) if limit else "–",
        "red": _bound(limit.red, limit, unit) if limit else "–",
        "source": limit.source if limit else "",
    }


def _bound(value: float, limit: Limit, unit: str) -> str:
    return f"{'≤' if limit.lower_is_worse else '≥'} {number(value, unit)}"


def line(finding: Finding) -> str:
    """One sign in one line of plain text; the same data give the same line."""
    verdict = finding.verdict
    first = f", first warning {day(verdict.first_warning)}" if verdict.first_warning is not None else ""
    status = STATUS[verdict.status]
    return f"{finding.sign.code} {finding.sign.key}: {status}, strength {verdict.strength:.2f}{first}"
