"""Cadence and roles in words: what the clock says, what it means, what to ask."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite

from helpers.charts.numbers import number
from helpers.measures.pace import CadenceTest, Pace
from helpers.measures.roles import Roles
from helpers.process import Cadence, Process

MEANS: dict[Pace, str] = {
    "fits": "The cadence fits: as far as the data tell, decisions come in time and plans live long enough to act on.",
    "too_slow": "The cycle is too slow: things happen between two meetings that the meeting should have settled.",
    "too_fast": "The cycle is too fast: plans are rewritten before supply can answer the last one.",
    "slow_and_replanned": "The cycle is slow and the gaps are filled by ad-hoc replanning.",
    "not_assessable": "Whether the cadence fits could not be assessed.",
}
ASK: dict[Pace, str] = {
    "fits": "Which decision of the last cycle came too late, and which could have waited?",
    "too_slow": "What has to be decided between two meetings, and by which rule may it be decided without one?",
    "too_fast": "Which of last cycle's changes could have waited until the lead time had passed?",
    "slow_and_replanned": "Which replanning between meetings would a rule or a short weekly meeting make needless?",
    "not_assessable": "When was the last decision raised, when was it taken, and what had happened by then?",
}
ANSWER = {True: "met", False: "not met", None: "not assessed"}
FEW_NAMED = 4


@dataclass(frozen=True)
class Answered:
    """One test as a row of the table."""

    title: str
    basis: str
    value: str
    limit: str
    answer: str
    met: bool


@dataclass(frozen=True)
class CadenceWords:
    """The section of the page; `gaps` are the columns to ask for."""

    means: str
    ask: str
    clock: tuple[tuple[str, str], ...]
    sides: tuple[tuple[str, tuple[Answered, ...]], ...]
    fence: str
    roles: tuple[str, ...]
    gaps: tuple[str, ...]


def cadence_words(process: Process) -> CadenceWords:
    """Cadence, fence and roles as the page says them."""
    cadence, roles = process.cadence, process.roles
    return CadenceWords(
        means=MEANS[cadence.pace],
        ask=ASK[cadence.pace],
        clock=_clock(cadence),
        sides=(
            ("Too slow, when two are met", tuple(map(_answered, cadence.slow))),
            ("Too fast, when two are met", tuple(map(_answered, cadence.fast))),
        ),
        fence=_fence(cadence),
        roles=_roles(roles),
        gaps=tuple(dict.fromkeys((*cadence.missing, *roles.missing))),
    )


def _clock(cadence: Cadence) -> tuple[tuple[str, str], ...]:
    times = cadence.times
    planned = f" (planned {_days(times.planned)})" if isfinite(times.planned) else ""
    return (
        ("Between two cycles", _days(times.cycle) + planned),
        ("From raised to decided", _days(times.deciding)),
        ("From decided to executed", _days(times.executing)),
        ("Protection of critical families", _days(times.protection)),
        ("Cumulative lead time", _days(times.lead)),
        ("Fence" if cadence.fence_declared else "Fence (default)", _days(times.fence)),
    )


def _days(value: float) -> str:
    return number(round(value) if isfinite(value) else value, "days")


def _answered(test: CadenceTest) -> Answered:
    shown = (number(test.value, test.unit), number(test.limit, test.unit))
    return Answered(test.title, test.basis, *shown, ANSWER[test.met], bool(test.met))


def _fence(cadence: Cadence) -> str:
    families = cadence.times.families
    known = families.dropna(subset=["fit"])
    if known.empty:
        return "Whether the fence fits could not be assessed: no lead time is known."
    short, long = (list(known.loc[known["fit"] == fit, "family"]) for fit in ("too short", "too long"))
    said = [f"The fence of {_days(cadence.times.fence)} fits {_of(len(known) - len(short) - len(long), len(known))}."]
    if short:
        said.append(f"Too short for {_named(short)}: it lets pass what can no longer be bought or made in order.")
    if long:
        said.append(f"Too long for {_named(long)}: it blocks changes that would do no harm.")
    return " ".join(said)


def _of(hits: int, count: int) -> str:
    return f"{hits} of {count} {'family' if count == 1 else 'families'}"


def _named(names: list[str]) -> str:
    rest = len(names) - FEW_NAMED
    return ", ".join(names[:FEW_NAMED]) + (f" and {rest} more" if rest > 0 else "")


def _roles(roles: Roles) -> tuple[str, ...]:
    """What lacks a role, or that nothing does; nothing at all where no role is known."""
    lacks = (
        ("no validator in", roles.without_validator),
        ("no approver in", roles.without_approver),
        ("proposed and approved by the same role in", roles.approved_by_proposer),
    )
    said = [f"{words} {_named(list(steps))}".capitalize() + "." for words, steps in lacks if steps]
    if roles.without_owner:
        share = number(roles.without_owner / roles.decisions, "share")
        said.append(f"{roles.without_owner} of the last {roles.decisions} decisions have no owner ({share}).")
    known = [steps for _, steps in lacks if steps is not None] or roles.without_owner is not None
    return tuple(said) if said or not known else ("As far as sent, every step and every decision has its role.",)
