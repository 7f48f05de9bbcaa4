"""What the S&OP forum recorded: decisions, events, assumptions and their validation, interviews."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sample_data.generator import calendar_days as cal
from sample_data.generator.buffers import Buffers
from sample_data.generator.company import FAMILIES, RESOURCE_IDS, SUPPLIERS, Company, ended_item, launched_item
from sample_data.generator.forecasting import Forecasts
from sample_data.generator.production import Planner, Shopfloor
from sample_data.generator.purchasing import PurchaseLine
from sample_data.generator.scenario import Scenario
from sample_data.generator.streams import stream

GAP_WORTH_A_DECISION = 0.07
STALE_AFTER = 3
REVISE_BEYOND = 0.08


@dataclass(frozen=True)
class Issue:
    """A trade-off that came up in a cycle."""

    cycle: int
    family: str
    topic: str
    trade_off: str
    owner: str
    rule: str
    share: float = 1.0


def issues(
    company: Company,
    forecasts: Forecasts,
    planner: Planner,
    floor: Shopfloor,
    buffers: Buffers,
    scenario: Scenario,
    seed: int,
) -> list[Issue]:
    """Everything the forum had to decide, cycle by cycle; planning that replans by itself does not raise it."""
    found = [
        *plan_issues(company, planner, scenario, seed),
        *gap_issues(forecasts, scenario, seed),
        *overtime_issues(floor, scenario),
        *market_issues(company, scenario),
    ]
    found += [
        Issue(
            c, f, f"safety stock of {f} {'raised' if change > 0 else 'lowered'}", "capital", "Head of Finance", "DR-06"
        )
        for c, f, change, ratchet in buffers.changes
        if not ratchet
    ]
    return sorted((i for i in found if i.cycle >= cal.WARM_UP), key=lambda i: (i.cycle, i.family, i.topic))


def plan_issues(company: Company, planner: Planner, scenario: Scenario, seed: int) -> list[Issue]:
    """Overrides of the frozen month, and plan changes above 5 % of a family's volume."""
    recorded = stream(seed, "plan decisions").random((cal.MONTHS, len(FAMILIES)))
    found = [
        Issue(c, f, f"frozen zone overridden for {f}", "service", "Head of Operations", "DR-03")
        for c, f in sorted({(c, str(company.family[i])) for c, i, wild in planner.overrides if not wild})
        if not restless(company, scenario, c, f)
    ]
    for c in range(cal.WARM_UP, cal.MONTHS):
        move = np.abs(planner.plan[c, :, :-1] - planner.plan[c - 1, :, 1:])
        for u, f in enumerate(FAMILIES):
            rows = company.family == f
            changed = (move[rows].sum(axis=0) > 0.05 * planner.plan[c - 1, rows, 1:].sum(axis=0)).any()
            if changed and recorded[c, u] < (0.12 if restless(company, scenario, c, f) else 0.93):
                found.append(Issue(c, f, f"supply plan of {f} changed", "service", "Supply Planning Manager", "DR-02"))
    return found


def restless(company: Company, scenario: Scenario, c: int, family: str) -> bool:
    """Whether the line of this family is replanned without asking (fault 4)."""
    resources = {str(r) for r in company.resource[company.family == family] if r}
    return any(scenario.level(4, c - cal.WARM_UP, r) > 0 for r in resources)


def gap_issues(forecasts: Forecasts, scenario: Scenario, seed: int) -> list[Issue]:
    """Gaps between Sales and Operations brought to the meeting; a quarrel nobody decides is not (fault 2)."""
    silent = stream(seed, "gaps left").random((cal.MONTHS, len(FAMILIES)))
    found = []
    for c in range(cal.WARM_UP, cal.MONTHS):
        for u, f in enumerate(FAMILIES):
            gap = forecasts.view["sales"][c, u] - forecasts.view["operations"][c, u]
            level = max(scenario.level(2, c - cal.WARM_UP, f), scenario.level(10, c - cal.WARM_UP, f))
            if abs(gap) >= GAP_WORTH_A_DECISION and silent[c, u] > 1.8 * level:
                found.append(
                    Issue(c, f, f"gap between Sales and Operations in {f}", "mixed", "Managing Director", "DR-08")
                )
    return found


def overtime_issues(floor: Shopfloor, scenario: Scenario) -> list[Issue]:
    """Overtime approved under the overload rule; a rescued bottleneck no longer asks (faults 5 and 6)."""
    family_of = {
        "R10": "Sauces",
        "R20": "Ready Meals",
        "R30": "Biscuits",
        "R40": "Baking Mixes",
        "R50": "Desserts",
        "R60": "Gift Boxes",
    }
    worked = np.zeros((len(RESOURCE_IDS), cal.MONTHS))
    for order in floor.orders:
        if order.done:
            worked[order.resource, order.month] += order.overtime
    planned = floor.capacity.planned[:, : cal.MONTHS]
    found = []
    for r, m in zip(*np.nonzero(worked > 0.02 * planned), strict=True):
        cycle, resource = int(m) - cal.WARM_UP, RESOURCE_IDS[r]
        if not (scenario.level(5, cycle, resource) or scenario.level(6, cycle)):
            found.append(
                Issue(int(m), family_of[resource], f"overtime on {resource}", "service", "Head of Operations", "DR-02")
            )
    return found


def market_issues(company: Company, scenario: Scenario) -> list[Issue]:
    """Promotions, launch, phase-out, pre-build and a supplier's failure, decided when they became known."""
    found = [
        Issue(cal.WARM_UP + p.cycle - p.notice, p.family, f"promotion of {p.family}", "margin", "Head of Sales", "")
        for p in scenario.promotions
    ]
    if scenario.seasonal_pre_build:
        found += [
            Issue(m, "Gift Boxes", topic, "capital", "Head of Operations", "DR-02")
            for m in range(cal.MONTHS)
            if m % 12 == 6
            for topic in ("pre-build for the gift season", "agreed overtime of the hand-packing crew")
        ]
    if scenario.launch_cycle is not None:
        found.append(
            Issue(
                cal.WARM_UP + scenario.launch_cycle - 5, "Spreads", "launch of a spread", "margin", "Head of Sales", ""
            )
        )
    if scenario.phase_out_cycle is not None:
        found.append(
            Issue(
                cal.WARM_UP + scenario.phase_out_cycle - 5,
                "Biscuits",
                "phase-out of a biscuit",
                "margin",
                "Head of Sales",
                "",
            )
        )
    found += [
        Issue(
            cal.WARM_UP + failure + k,
            f,
            f"failure of supplier {who}: who waits, what is expedited",
            "service",
            "Head of Procurement",
            "DR-04",
        )
        for failure, who in scenario.failures()
        for f in sorted(set(company.family[company.supplier == who].tolist()))
        for k in (0, 1, 2)
    ]
    if scenario.step_cycle is not None:
        found.append(
            Issue(
                cal.WARM_UP + scenario.step_cycle,
                scenario.step_family,
                "step in demand",
                "service",
                "Managing Director",
                "DR-05",
            )
        )
    return found


def decisions_table(found: list[Issue], scenario: Scenario, seed: int) -> pd.DataFrame:
    """The decision log; functions that run their own plans decide late, elsewhere or not at all (fault 10)."""
    random = stream(seed, "decision log")
    rows = []
    for n, issue in enumerate(found):
        draw = random.random(12)
        cycle = issue.cycle - cal.WARM_UP
        own = scenario.level(10, cycle)
        start = int(cal.MONTH_DAY[issue.cycle])
        raised = start + int(6 * draw[0])
        decided = raised + 2 + int(12 * draw[1]) + (int(20 + 45 * draw[2]) if draw[3] < 0.75 * own else 0)
        status = "deferred" if draw[4] < 0.02 else "decided"
        forum = "escalation" if draw[5] < 0.06 else "s_and_op"
        owner, rule = issue.owner, issue.rule
        if draw[6] < 0.75 * own:
            forum, rule = "informal", ""
        if draw[7] < 0.65 * own:
            owner = ""
        if draw[8] < 0.40 * own:
            status = "open"
        due = decided + 21
        executed = decided + 4 + int(14 * draw[9]) + (30 if draw[10] < 0.05 + 0.5 * own else 0)
        if forum == "informal" and draw[11] < 0.6:
            executed = raised + 1
        is_decided = status == "decided" and decided < cal.AS_OF_DAY
        turned = decided + 25 + int(30 * draw[1])
        is_reversed = is_decided and draw[11] < 0.015 and turned < cal.AS_OF_DAY
        done = is_decided and executed < cal.AS_OF_DAY
        rows.append(
            (
                f"D-{n + 1:04d}",
                cal.period(issue.cycle),
                issue.topic,
                issue.family,
                issue.trade_off,
                cal.iso(raised),
                cal.iso(decided) if is_decided else "",
                owner,
                forum,
                rule,
                1 + int(3 * draw[2]) if is_decided else "",
                "reversed" if is_reversed else status if is_decided or status != "decided" else "open",
                cal.iso(due) if is_decided else "",
                "true" if done else "false",
                cal.iso(executed) if done else "",
                cal.iso(turned) if is_reversed else "",
                round(4000 + 60000 * draw[1] ** 2, -2),
            )
        )
    return pd.DataFrame(
        rows,
        columns=[
            "decision_id",
            "cycle",
            "topic",
            "family",
            "trade_off",
            "raised_on",
            "decided_on",
            "owner",
            "forum",
            "rule_id",
            "options_considered",
            "status",
            "due_on",
            "executed",
            "executed_on",
            "reversed_on",
            "amount",
        ],
    )


def events_table(company: Company, floor: Shopfloor, scenario: Scenario) -> pd.DataFrame:
    """What happened to the business, with the day it became known."""

    def start(cycle: int) -> int:
        return int(cal.MONTH_DAY[cal.WARM_UP + cycle])

    rows: list[tuple[str, int, int | None, int, bool, str]] = []
    for p in scenario.promotions:
        rows.append(("promotion", start(p.cycle), start(p.cycle + 1) - 1, start(p.cycle - p.notice), False, p.family))
    ids = company.items["item_id"]
    if scenario.launch_cycle is not None:
        rows.append(
            (
                "launch",
                start(scenario.launch_cycle),
                None,
                start(scenario.launch_cycle) - 240,
                False,
                str(ids[launched_item()]),
            )
        )
    if scenario.phase_out_cycle is not None:
        rows.append(
            (
                "phase_out",
                start(scenario.phase_out_cycle - 4),
                start(scenario.phase_out_cycle),
                start(scenario.phase_out_cycle) - 270,
                False,
                str(ids[ended_item()]),
            )
        )
    for failure, who in scenario.failures():
        begin = start(failure)
        rows.append(("supplier_failure", begin + 1, begin + 100, begin + 3, True, who))
    for number, begin in enumerate(map(start, scenario.breakdowns)):
        rows += [("breakdown", begin + 2, begin + 27, begin + 2, True, name) for name in RESOURCE_IDS[number % 3 :: 3]]
    if scenario.step_cycle is not None:
        rows.append(
            (
                "other",
                start(scenario.step_cycle),
                start(scenario.step_cycle + 2),
                start(scenario.step_cycle),
                True,
                scenario.step_family,
            )
        )
    rows += [("breakdown", day, day + 1, day, False, RESOURCE_IDS[r]) for day, r, lost in floor.breakdowns if lost > 14]
    kept = sorted(r for r in rows if cal.MONTH_DAY[cal.WARM_UP] <= r[1] and r[3] < cal.AS_OF_DAY) if rows else []
    return pd.DataFrame(
        [
            (f"E-{n + 1:03d}", k, cal.iso(s), "" if e is None else cal.iso(e), cal.iso(w), str(x).lower(), subject)
            for n, (k, s, e, w, x, subject) in enumerate(kept)
        ],
        columns=["event_id", "kind", "starts_on", "ends_on", "known_on", "exogenous", "subject_id"],
    )


@dataclass(frozen=True)
class Assumption:
    """A number the plan rests on, with what it turned out to be in each closed month (NaN: not seen)."""

    id: str
    area: str
    description: str
    subject: str
    owner: str
    planned: float
    unit: str
    higher_is_worse: bool
    actual: np.ndarray


def register(floor: Shopfloor, bought: list[PurchaseLine], seed: int) -> list[Assumption]:
    """Lead times, line rates, yield and transit, measured from what happened."""
    found = []
    received = np.searchsorted(cal.MONTH_DAY, [line.received for line in bought], side="right") - 1
    for n, (supplier, (name, lead)) in enumerate(SUPPLIERS.items()):
        seen = [
            [
                b.received - b.ordered
                for b, m in zip(bought, received, strict=True)
                if m == month and b.supplier == supplier and not b.expedited
            ]
            for month in range(cal.WARM_UP, cal.MONTHS)
        ]
        actual = np.array([float(np.median(s)) if s else np.nan for s in seen])
        found.append(
            Assumption(
                f"A-{n + 1:02d}",
                "supplier",
                f"lead time of {name}",
                supplier,
                "Head of Procurement",
                lead,
                "days",
                True,
                actual,
            )
        )
    standard, worked = np.zeros((len(RESOURCE_IDS), cal.MONTHS)), np.zeros((len(RESOURCE_IDS), cal.MONTHS))
    good, planned = np.zeros(cal.MONTHS), np.zeros(cal.MONTHS)
    for order in floor.orders:
        if order.done and order.actual_finish < cal.AS_OF_DAY:
            m = int(np.searchsorted(cal.MONTH_DAY, order.actual_finish, side="right") - 1)
            standard[order.resource, m] += order.standard
            worked[order.resource, m] += order.actual_hours
            good[m] += order.actual_quantity
            planned[m] += order.quantity
    for r, resource in enumerate(RESOURCE_IDS):
        rate = np.round(100 * standard[r, cal.WARM_UP :] / worked[r, cal.WARM_UP :], 1)
        found.append(
            Assumption(
                f"A-{9 + r:02d}",
                "capacity",
                f"rate of {resource} against standard",
                resource,
                "Plant Manager",
                100.0,
                "% of standard rate",
                False,
                rate,
            )
        )
    found.append(
        Assumption(
            "A-15",
            "yield",
            "good units per started unit",
            "",
            "Quality Manager",
            0.994,
            "share",
            False,
            np.round((good / planned)[cal.WARM_UP :], 4),
        )
    )
    transit = np.round(2.0 * np.exp(0.06 * stream(seed, "transit").standard_normal(cal.CYCLES)), 2)
    found.append(
        Assumption(
            "A-16",
            "transport",
            "transit between the two warehouses",
            "0200",
            "Logistics Manager",
            2.0,
            "days",
            True,
            transit,
        )
    )
    return found


def assumption_tables(assumptions: list[Assumption], scenario: Scenario) -> dict[str, pd.DataFrame]:
    """The register with its versions, its actuals and its validations; fault 3 stops looking."""
    versions, actuals, validations = [], [], []
    for n, a in enumerate(assumptions):
        planned, set_on, last = a.planned, "2023-10-02", ""
        for c in range(cal.CYCLES):
            start = int(cal.MONTH_DAY[cal.WARM_UP + c])
            if c % STALE_AFTER == n % STALE_AFTER and not scenario.level(3, c, a.subject):
                day = cal.iso(start + 8 + n % 5)
                validations.append((a.id, day, a.owner))
                last = day
                recent = (
                    float(np.nanmean(a.actual[max(0, c - 4) : c]))
                    if c >= 4 and np.isfinite(a.actual[max(0, c - 4) : c]).any()
                    else planned
                )
                if abs(recent / planned - 1) > REVISE_BEYOND:
                    versions.append((a, planned, set_on, last))
                    planned, set_on = round(recent, 1 if recent > 10 else 3), day
        versions.append((a, planned, set_on, last))
        actuals += [
            (a.id, cal.period(cal.WARM_UP + c), value) for c, value in enumerate(a.actual) if np.isfinite(value)
        ]
    return {
        "assumptions": pd.DataFrame(
            [
                (a.id, a.area, a.description, a.subject, a.owner, p, a.unit, str(a.higher_is_worse).lower(), s, v)
                for a, p, s, v in versions
            ],
            columns=[
                "assumption_id",
                "area",
                "description",
                "subject_id",
                "owner",
                "planned_value",
                "unit",
                "higher_is_worse",
                "set_on",
                "last_validated_on",
            ],
        ),
        "assumption_actuals": pd.DataFrame(actuals, columns=["assumption_id", "period", "actual_value"]),
        "assumption_validations": pd.DataFrame(validations, columns=["assumption_id", "validated_on", "by"]),
    }


SEES = {
    "sales": (0.3, 0.7, 0.3, 0.4, 0.4, 0.3, 0.3, 0.4, 0.9, 0.6),
    "operations": (1.0, 1.0, 0.7, 1.0, 1.0, 0.9, 0.8, 0.5, 0.8, 0.9),
    "procurement": (0.9, 0.6, 0.8, 0.8, 0.5, 0.5, 1.0, 0.6, 0.7, 0.8),
    "finance": (0.4, 0.6, 0.4, 0.4, 0.6, 0.7, 0.6, 0.8, 0.8, 0.6),
}


def interview_table(scenario: Scenario, seed: int) -> pd.DataFrame:
    """Answers of three people per function: each function sees best what it suffers from."""
    random = stream(seed, "interviews")
    rows = []
    for function, sight in SEES.items():
        for k in range(3):
            for sign in range(1, 11):
                felt = (
                    1.3 + 3.6 * scenario.level(sign, cal.CYCLES - 1) * sight[sign - 1] + 0.5 * random.standard_normal()
                )
                score = int(np.clip(round(felt), 1, 5))
                rows.append((f"{function[:3]}-{k + 1}", function, sign, score, "most months" if score >= 4 else ""))
    return pd.DataFrame(rows, columns=["respondent_id", "function", "sign", "score", "comment"])
