"""The plan ahead on the page: can it be executed, what has to be decided, scenarios, rules, replay and calendar."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from markupsafe import Markup

from helpers.charts.numbers import MISSING, day, money, number
from helpers.engagement import Engagement
from helpers.errors import NotAssessable, asked
from helpers.faults import told
from helpers.kept import Kept
from helpers.measures.situations import SITUATIONS
from helpers.report.markup import fill
from helpers.report.plan_book.reading import rules_said, without_anew
from helpers.scenarios.document import Json, document
from helpers.scenarios.known import realigned
from helpers.scenarios.outcome import is_felt
from helpers.scenarios.said import KINDS, SEEN
from helpers.scenarios.scenario import FROZEN

SHARES = {"service": "Service", "critical": "Critical"}
MONEY = {"margin": "Margin", "capital": "Capital", "compensation": "Rescues"}
MOST_ROWS = 8
SAME = 1e-6  # of a sum of money: less is rounding of the solver
NAMED = "realignment"
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Ahead:
    """The document of a realignment; else `lacking`, what to ask for, or `failure`, how it broke off."""

    plan: Json | None = None
    lacking: str = ""
    failure: str = ""

    @property
    def failures(self) -> tuple[str, ...]:
        """The part of the report that failed, if it did."""
        return (f"{NAMED}: {self.failure}",) if self.failure else ()


NOT_ASKED = Ahead()


@dataclass(frozen=True)
class Compared:
    """A figure of a scenario in words, with its differences to the approved plan and to the plan anew, where it has."""

    title: str
    value: str
    change: str = ""
    on_top: str = ""


@dataclass(frozen=True)
class Missing:
    """Hours a resource lacks: by period, with whether they are more than all overtime; in all; priced as overtime."""

    resource: str
    cells: tuple[tuple[str, bool], ...]
    total: str
    price: str


def planned(engagement: Engagement, folder: Path, kept: Kept, progress: Callable[[str], None]) -> Ahead:
    """Realign by families; the report stands without it where it lacks its data or breaks off."""
    try:
        found = realigned(engagement, folder, kept, progress)
        return Ahead(document(found, engagement.settings, engagement.as_of, "family"))
    except NotAssessable as lacking:
        return Ahead(lacking=asked(lacking))
    except Exception as error:
        log.exception("%s failed", NAMED)
        return Ahead(failure=told(error))


def parts(ahead: Ahead) -> Markup:
    """The plan ahead as the beginning of the section Realignment; empty where none was asked for."""
    if ahead == NOT_ASKED:
        return Markup()
    plan = ahead.plan
    return fill("ahead.html.j2", ahead=ahead, **(_filled(plan) if plan else {}))


def _filled(plan: Json) -> dict[str, Any]:
    found, rules = plan["feasibility"], plan["playbook"]["rules"]
    titles = {situation.code: situation.title for situation in SITUATIONS}
    return {
        "plan": plan,
        "periods": [day(period) for period in plan["periods"]],
        "hours": hours_missing(plan),
        "has_beyond": any(is_felt(row["beyond"], row["needed"]) for row in found["hours"]),
        "units": sorted(found["units"], key=lambda row: -row["late"])[:MOST_ROWS],
        "stays": sorted(found["unrescued"], key=lambda row: -row["late"])[:MOST_ROWS],
        "meeting": [row for row in plan["exceptions"]["raised"] if row["is_in_meeting"]],
        "waiting": [row for row in plan["exceptions"]["raised"] if not row["is_in_meeting"]],
        "anew": next((one["title"] for one in plan["scenarios"] if one["key"] == FROZEN), ""),
        "without_anew": without_anew(plan),
        "compared": [(one, compared(one)) for one in plan["scenarios"]],
        "worlds": [(world, replayed(sums)) for world, sums in plan["replay"]["totals"].items()],
        "segments": sorted({name for one in plan["scenarios"] for name in one["by_segment"]}),
        "rules": rules_said(plan),
        "decisions": [(code, titles.get(code, ""), rule) for code, rule in rules["decisions"].items()],
        "kinds": KINDS,
        "share": share,
        "money": money,
        "number": number,
        "day": day,
    }


def hours_missing(plan: Json) -> list[Missing]:
    """The grid of missing hours, resources by periods; only resources that lack some."""
    by_resource: dict[str, list[Json]] = {}
    for row in plan["feasibility"]["hours"]:
        by_resource.setdefault(row["resource"], []).append(row)
    return [_missing(name, rows, plan["periods"], plan["currency"]) for name, rows in by_resource.items()]


def _missing(resource: str, rows: list[Json], periods: list[str], currency: str) -> Missing:
    by_period = {row["period"]: row for row in rows}
    cells = (_cell(by_period.get(period)) for period in periods)
    prices = [row["price"] for row in rows]
    price = None if None in prices else sum(prices)
    return Missing(resource, tuple(cells), _hours(sum(row["missing"] for row in rows)), money(price, currency))


def _cell(row: Json | None) -> tuple[str, bool]:
    return (_hours(row["missing"]), is_felt(row["beyond"], row["needed"])) if row else ("", False)


def _hours(hours: float) -> str:
    return number(round(hours) if hours >= 1 else hours)


def compared(one: Json) -> list[Compared]:
    """Service, critical service, margin, capital and rescues of a scenario, each with what it differs by."""
    on_top = one["on_top"] and one["on_top"]["difference"]
    shares = [Compared(title, share(one[key]), *_less(key, one["difference"], on_top, _points)) for key, title in
              SHARES.items()]  # fmt: skip
    sums = [Compared(title, number(one[key]), *_less(key, one["difference"], on_top, partial(_signed, figure=one[key])))
            for key, title in MONEY.items()]  # fmt: skip
    return [*shares, *sums]


def _less(key: str, change: Json | None, on_top: Json | None, said: Callable[[float | None], str]) -> tuple[str, str]:
    """Both differences in words; the second one only where it is another."""
    of_approved, of_anew = said(change[key]) if change else "", said(on_top[key]) if on_top else ""
    return of_approved, of_anew if of_anew != of_approved else ""


def replayed(sums: Json) -> list[Compared]:
    """The same figures of a world over all cycles of the replay."""
    shares = [Compared(title, share(sums[key])) for key, title in SHARES.items()]
    return [*shares, *(Compared(title, number(sums[key])) for key, title in MONEY.items())]


def share(value: float | None) -> str:
    """A share of demand on time, to a tenth of a percent: 99.6% is not 100%."""
    return MISSING if value is None else f"{value:.1%}"


def _points(change: float | None) -> str:
    if change is None:
        return ""
    return "same" if abs(change) < SEEN else f"{100 * change:+.1f} points".replace("-", "−")


def _signed(change: float | None, figure: float | None) -> str:
    if change is None or figure is None:
        return ""
    sign = "+" if change > 0 else "−"
    return f"{sign}{number(abs(change))}" if abs(change) > SAME * max(abs(figure), abs(figure - change)) else "same"
