"""What people say, beside what the data say: a row a sign, a column a function, and what the difference means."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from helpers.charts.numbers import number
from helpers.evidence import Finding
from helpers.process import Interviews
from helpers.report.wording import STATUS


@dataclass(frozen=True)
class Voice:
    """One sign: medians by function as text, the median of all answers, status, and what stands out."""

    key: str
    title: str
    scores: tuple[str, ...]
    score: str
    status: str
    means: str


@dataclass(frozen=True)
class Voices:
    """The section of the page; `gaps` are the columns to ask for, `ask` what to ask, where anything stands out."""

    functions: tuple[str, ...]
    rows: tuple[Voice, ...]
    means: str
    ask: str
    gaps: tuple[str, ...]


def voices(interviews: Interviews, findings: Sequence[Finding]) -> Voices:
    """Interviews as the page says them."""
    scores = interviews.by_function.pivot(index="sign", columns="function", values="score")
    functions = tuple(str(name) for name in scores.columns)
    signs = {finding.sign.number: finding for finding in findings}
    rows = tuple(
        Voice(
            key=signs[row["sign"]].sign.key,
            title=signs[row["sign"]].sign.title,
            scores=tuple(number(scores[name].get(row["sign"], float("nan"))) for name in functions),
            score=number(row["score"]),
            status=STATUS[row["status"]],
            means=_means(row, signs[row["sign"]]),
        )
        for row in interviews.by_sign.to_dict("records")
    )
    told = interviews.by_sign
    counts = {name: int(told[name].sum()) for name in ("perception_gap", "blind_spot", "felt_not_seen")}
    return Voices(functions, rows, _summary(counts), _ask(counts), interviews.missing)


def _means(row: dict[Any, Any], finding: Finding) -> str:
    said = []
    if row["blind_spot"]:
        said.append("Blind spot: the data show a pattern that people seldom feel.")
    if row["felt_not_seen"]:
        missing = f": ask for {', '.join(finding.missing)}" if finding.missing else ""
        said.append(f"Felt, not seen: people meet it often, the data do not show it{missing}.")
    if row["perception_gap"]:
        said.append(f"Perception gap: {row['highest']} meets it more often than {row['lowest']}.")
    return " ".join(said)


def _summary(counts: dict[str, int]) -> str:
    if not any(counts.values()):
        return "People and data agree: no sign is felt without being seen, or seen without being felt."
    parts = (
        (counts["perception_gap"], "that functions see differently"),
        (counts["blind_spot"], "in the data but seldom felt"),
        (counts["felt_not_seen"], "felt but not in the data"),
    )
    found = [(count, words) for count, words in parts if count]
    return f"{'; '.join(f'{count} {_signs(count)} {words}' for count, words in found)}."


def _signs(count: int) -> str:
    return "sign" if count == 1 else "signs"


def _ask(counts: dict[str, int]) -> str:
    if counts["felt_not_seen"]:
        return "Ask for the missing data of what is felt first: people may know what the extract cannot show."
    if counts["blind_spot"]:
        return "Show the calendar to those who do not feel it, and ask who absorbs it before it reaches them."
    if counts["perception_gap"]:
        return "Bring the two functions that differ most to one table and ask each for the last occasion."
    return "Ask for one occasion of each recurring sign, and what was done."
