"""Ten signs together: one recurring sign is a question, three or four that recur are a clear message."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from helpers.evidence import Finding

OverallLevel = Literal["none", "watch", "emerging", "clear", "severe"]
FEWEST_SIGNS, FEWEST_BLOCKS = 6, 3
MANY_ISOLATED = 4
ALPHA = 0.05

PARTIAL = " Partial view: too few signs could be assessed."
WORDS: dict[OverallLevel, str] = {
    "none": "No warning sign recurs",
    "watch": "A question to answer, not yet a message",
    "emerging": "A pattern is emerging",
    "clear": "A clear message: the plan is being rescued, cycle after cycle",
    "severe": "A severe message: the plan no longer governs the business",
}


@dataclass(frozen=True, eq=False)
class Overall:
    """The verdict of the ten signs together; `alignment_index` is 0 to 100, missing when nothing could be assessed."""

    level: OverallLevel
    recurring_signs: int
    assessed: int
    message: str
    alignment_index: float | None


def weigh(findings: Sequence[Finding]) -> Overall:
    """The overall level by the number of recurring signs, the clusters they lie in and the chance of that many."""
    assessed = [f for f in findings if f.verdict.status != "not_assessable"]
    recurring = [f for f in assessed if f.verdict.status == "recurring"]
    isolated = sum(f.verdict.status == "isolated" for f in assessed)
    partial = len(assessed) < FEWEST_SIGNS or len({f.sign.cluster for f in assessed}) < FEWEST_BLOCKS
    level = _level(recurring, assessed, isolated)
    if partial and level in ("clear", "severe"):
        level = "emerging"
    message = _message(level, recurring, assessed, partial)
    return Overall(level, len(recurring), len(assessed), message, None if partial else _index(assessed))


def _level(recurring: list[Finding], assessed: list[Finding], isolated: int) -> OverallLevel:
    blocks = len({f.sign.cluster for f in recurring})
    if len(recurring) >= 4 and blocks >= 3 and partial_conjunction(assessed, 4) <= ALPHA:
        return "severe"
    if len(recurring) >= 3 and blocks >= 2 and partial_conjunction(assessed, 3) <= ALPHA:
        return "clear"
    if len(recurring) >= 3:
        return "emerging"
    return "watch" if recurring or isolated >= MANY_ISOLATED else "none"


def partial_conjunction(assessed: Sequence[Finding], at_least: int) -> float:
    """p-value of the claim that fewer than `at_least` signs are real: (n − u + 1) · p₍u₎, valid under any dependence.

    Source: Benjamini & Heller 2008, Biometrics.
    """
    p_values = sorted(f.verdict.p_value for f in assessed)
    if len(p_values) < at_least:
        return 1.0
    return min(1.0, (len(p_values) - at_least + 1) * p_values[at_least - 1])


def _message(level: OverallLevel, recurring: list[Finding], assessed: list[Finding], partial: bool) -> str:
    if not assessed:
        return "No sign could be assessed with the data sent."
    if not recurring:
        isolated = sum(f.verdict.status == "isolated" for f in assessed)
        seen = f"{len(assessed)} signs could be assessed, {isolated} of them had a bad cycle that did not repeat"
        return f"{WORDS[level]}. {seen}.{PARTIAL if partial else ''}"
    counted = f"{len(recurring)} of {len(assessed)} assessable warning signs recur"
    named = ", ".join(_inline(f.sign.title) for f in sorted(recurring, key=lambda f: -f.verdict.strength)[:4])
    first = min((f.verdict.first_warning for f in recurring if f.verdict.first_warning is not None), default=None)
    since = f", the first since {first:%B %Y}" if first is not None else ""
    return f"{WORDS[level]}. {counted}{since}; the strongest: {named}.{PARTIAL if partial else ''}"


def _inline(title: str) -> str:
    """A title within a sentence: lower-case first letter, but an acronym stays as it is."""
    return title if title[:2].isupper() else title[:1].lower() + title[1:]


def _index(assessed: list[Finding]) -> float | None:
    blocks: dict[str, list[float]] = {}
    for finding in assessed:
        blocks.setdefault(finding.sign.cluster, []).append(finding.verdict.strength)
    if not blocks:
        return None
    return round(100 * (1 - sum(sum(v) / len(v) for v in blocks.values()) / len(blocks)), 1)
