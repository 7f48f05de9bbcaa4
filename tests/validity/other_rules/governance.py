"""How functions speak, what is decided, and which assumptions somebody still looks at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from tests.validity.other_rules import days
from tests.validity.other_rules.client import (
    LAUNCH_CYCLE,
    PHASE_OUT_CYCLE,
    PROMOTIONS,
    STEP_CYCLE,
    STEP_FAMILY,
    Client,
    stream,
)
from tests.validity.other_rules.company import CELLS, ENDED, FAMILIES, LAUNCHED, SUPPLIERS, Company
from tests.validity.other_rules.floor import Floor
from tests.validity.other_rules.market import Market

FUNCTIONS = ("sales", "operations", "procurement", "finance")
OWN = np.array([0.15, -0.12, -0.06, 0.08])
VIEW_SPREAD, VIEW_MEMORY = 0.03, 0.5
PUSH, CUT, LEFT_IN_HEALTH = 0.20, -0.12, 0.10
WORTH_A_DECISION = 0.05
SPOKEN_MONTHS = 5
CHECKED_EVERY, CORRECTED_BEYOND = 3, 0.07


@dataclass(frozen=True)
class Voices:
    """What functions think, `view[q, m, f]` (log of their number over the forecast), and what share they keep."""

    view: np.ndarray
    kept: np.ndarray
    own: np.ndarray


def voices(client: Client, seed: int) -> Voices:
    """Passing views in health; a push and a cut that stay (fault 2); lasting plans of one's own (fault 10)."""
    shape = (len(FUNCTIONS), days.MONTHS, len(FAMILIES))
    noise = stream(seed, "views").standard_normal(shape)
    lasting = stream(seed, "own plans").normal(0.0, 0.05, (len(FUNCTIONS), 1, len(FAMILIES)))
    wander = stream(seed, "own moves").standard_normal(shape) * 0.04
    view = np.zeros(shape)
    for m in range(1, days.MONTHS):
        view[:, m] = VIEW_MEMORY * view[:, m - 1] + VIEW_SPREAD * np.sqrt(1 - VIEW_MEMORY**2) * noise[:, m]
    own = OWN[:, None, None] + lasting + wander
    kept = np.full(shape, LEFT_IN_HEALTH)
    for m in range(days.WARM_UP, days.MONTHS):
        quarrel, apart = client.levels(2, m - days.WARM_UP, FAMILIES), client.level(10, m - days.WARM_UP)
        view[0, m] += PUSH * quarrel
        view[1, m] += CUT * quarrel
        kept[:2, m] += 0.85 * (quarrel > 0)
        view[:, m] += apart * own[:, m]
        kept[:, m] += 0.85 * apart
    return Voices(view, np.minimum(kept, 1.0), own)


def function_plans(company: Company, market: Market, spoken: Voices, seed: int) -> pd.DataFrame:
    """Each function's number by family before and after the meeting."""
    rounding = stream(seed, "spoken noise").standard_normal((len(FUNCTIONS), days.MONTHS, len(FAMILIES), SPOKEN_MONTHS))
    family = company.family_number
    starts = np.flatnonzero(np.r_[True, family[1:] != family[:-1]])
    agreed = np.add.reduceat(market.consensus, starts, axis=1)[:, :, :SPOKEN_MONTHS]
    best = np.add.reduceat(market.forecast, starts, axis=1)[:, :, :SPOKEN_MONTHS]
    before = best * np.exp(spoken.view[..., None] + 0.01 * rounding)
    after = agreed * np.exp((spoken.view * spoken.kept)[..., None])
    parts = []
    for version, numbers in (("before", before), ("after", after)):
        q, m, f, k = (a.ravel() for a in np.indices(numbers.shape))
        parts.append(
            pd.DataFrame(
                {
                    "month": m,
                    "cycle": days.periods(m),
                    "function": np.array(FUNCTIONS, dtype=object)[q],
                    "family": np.array(FAMILIES, dtype=object)[f],
                    "period": days.periods(m + k),
                    "quantity": np.round(numbers.ravel()),
                    "version": version,
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def issues(
    client: Client, company: Company, spoken: Voices, floor: Floor, raised: list[tuple[int, int, bool]], seed: int
) -> pd.DataFrame:
    """What should be decided: month, topic, family, trade-off, owner and rule."""
    silent = stream(seed, "left open").random((days.MONTHS, len(FAMILIES)))
    rows = []
    for m in range(days.WARM_UP, days.MONTHS):
        cycle = m - days.WARM_UP
        for f, name in enumerate(FAMILIES):
            gap = spoken.view[0, m, f] - spoken.view[1, m, f]
            if abs(gap) >= WORTH_A_DECISION and silent[m, f] >= 1.3 * client.level(2, cycle, name):
                rows.append((m, "sales and works numbers differ", name, "mixed", "General Manager", "R-05"))
        rows.append((m, "allocation of stock between the branches", None, "capital", "Finance Director", None))
        rows.append((m, "order backlog above ten days", None, "service", "Customer Service Manager", "R-06"))
    for m, r in sorted({(m, r) for m, r, _, governed in floor.overtime if governed}):
        here = company.cell == r
        rows += [
            (m, f"overtime on {CELLS[r]}", name, "service", "Works Manager", "R-02")
            for name in np.unique(company.family[here])[:2]
        ]
    agreed = np.argwhere(floor.planner.agreed[:, : days.MONTHS] > 0)
    rows += [(m - 1, f"agreed overtime on {CELLS[r]}", None, "service", "Works Manager", "R-02") for r, m in agreed]
    rows += [
        (m, "safety stock review", FAMILIES[f], "capital", "Finance Director", "R-04")
        for m, f, ratchet in raised
        if not ratchet
    ]
    rows += market_issues(client, company)
    table = pd.DataFrame(rows, columns=["month", "topic", "family", "trade_off", "owner", "rule_id"])
    return table[table["month"] >= days.WARM_UP].sort_values("month", kind="stable", ignore_index=True)


def market_issues(client: Client, company: Company) -> list[tuple[object, ...]]:
    """Decisions that honest disturbances ask for."""
    start, rows = days.WARM_UP, []
    rows += [
        (start + disaster + k, "supplier down: who waits, what is expedited", f, "service", "GM", "R-03")
        for disaster, who in client.failures()
        for f in np.unique(company.family[company.supplier == list(SUPPLIERS).index(who)])
        for k in range(4)
    ]
    if client.promotion:
        rows += [(start + at - 4, "promotion", name, "margin", "Commercial Director", None) for name, at in PROMOTIONS]
    if client.step:
        rows.append((start + STEP_CYCLE + 1, "step in demand", STEP_FAMILY, "service", "General Manager", "R-01"))
    return rows


def decisions(client: Client, found: pd.DataFrame, seed: int) -> pd.DataFrame:
    """The log: raised before the review, decided on its day, carried out; elsewhere, late or not at all (fault 10)."""
    draw = stream(seed, "decisions").random((len(found), 8))
    month = found["month"].to_numpy(dtype=int)
    level = np.array([client.level(10, m - days.WARM_UP) for m in range(days.MONTHS)])[month]
    start = days.MONTH_DAY[month]
    raised = start + (9 * draw[:, 0]).astype(int)
    informal = draw[:, 1] < 0.8 * level
    stalled = ~informal & (draw[:, 2] < 0.5 * level)
    review = start + 17 + np.where(stalled, 40, 0)
    decided = np.where(informal, raised + 3, np.where(draw[:, 3] < 0.08, raised + 5, review))
    executed = np.where(informal, raised + 1, decided + 4 + (14 * draw[:, 4]).astype(int))
    executed = executed + np.where(draw[:, 5] < 0.05 + 0.4 * level, 25, 0)
    known, done = decided < days.AS_OF, executed < days.AS_OF
    ownerless = draw[:, 6] < 0.6 * level
    forum = np.where(informal, "informal", np.where(draw[:, 3] < 0.08, "escalation", "s_and_op"))
    return pd.DataFrame(
        {
            "decision_id": [f"B{n + 1:04d}" for n in range(len(found))],
            "cycle": days.periods(month),
            "topic": found["topic"],
            "family": found["family"],
            "trade_off": found["trade_off"],
            "raised_on": days.dates(raised),
            "decided_on": days.dates(decided, known),
            "owner": found["owner"].where(~ownerless, None),
            "forum": forum,
            "rule_id": found["rule_id"].where(~informal, None),
            "options_considered": np.where(known, 1 + (3 * draw[:, 7]).astype(int), np.nan),
            "status": np.where(known, "decided", "open"),
            "due_on": days.dates(decided + 21, known),
            "executed": known & done,
            "executed_on": days.dates(executed, known & done),
            "amount": np.round(3000 + 25000 * draw[:, 7] ** 2, -2),
        }
    )


def events(client: Client, company: Company) -> pd.DataFrame:
    """What happened to the business, with the day it became known."""

    def first(cycle: int) -> pd.Timestamp:
        return days.MONTH_STARTS[days.WARM_UP + cycle]

    def on(cycle: int, after: int = 0) -> pd.Timestamp:
        return first(cycle) + pd.Timedelta(days=after)

    rows: list[tuple[object, ...]] = [("price", on(c), on(c), on(c - 3), False, None) for c in (6, 18)]
    if client.promotion:
        rows += [("promotion", on(at), on(at + 1, -1), on(at - 5), False, name) for name, at in PROMOTIONS]
    if client.launch:
        at = first(LAUNCH_CYCLE)
        rows.append(("launch", at, at, at - pd.Timedelta(days=200), False, company.ids[LAUNCHED]))
    if client.phase_out:
        ends = first(PHASE_OUT_CYCLE)
        known = ends - pd.Timedelta(days=250)
        rows.append(("phase_out", on(PHASE_OUT_CYCLE - 4), ends, known, False, company.ids[ENDED]))
    if client.step:
        at = on(STEP_CYCLE)
        rows.append(("other", at, on(STEP_CYCLE + 2), on(STEP_CYCLE, 20), True, STEP_FAMILY))
    rows += strikes(client, company, on)
    columns = ["kind", "starts_on", "ends_on", "known_on", "exogenous", "subject_id"]
    table = pd.DataFrame(rows, columns=columns)
    return table.assign(event_id=[f"E{n + 1:02d}" for n in range(len(table))])[["event_id", *columns]]


def strikes(client: Client, company: Company, on: Callable[[int, int], pd.Timestamp]) -> list[tuple[object, ...]]:
    """What strikes from outside: suppliers that fail, with the families they supply, and cells that break down."""
    rows: list[tuple[object, ...]] = []
    for disaster, who in client.failures():
        hit = np.unique(company.family[company.supplier == list(SUPPLIERS).index(who)])
        starts, ends = on(disaster, 1), on(disaster + 3, 20)
        rows += [("supplier_failure", starts, ends, starts, True, subject) for subject in (who, *hit)]
    for number, c in enumerate(client.breakdowns):
        rows += [("breakdown", on(c, 2), on(c, 27), on(c, 2), True, name) for name in CELLS[number % 3 :: 3]]
    return rows


def assumptions(client: Client, floor: pd.DataFrame, bought: pd.DataFrame, seed: int) -> dict[str, pd.DataFrame]:
    """The register: lead times and rates with what they turned out to be; nobody looks any more (fault 3)."""
    versions, actuals, checks = [], [], []
    transit = 2.0 * np.exp(0.05 * stream(seed, "transit").standard_normal(days.CYCLES))
    scrap = 0.99 * np.exp(0.002 * stream(seed, "scrap").standard_normal(days.CYCLES))
    for n, (area, subject, unit, is_worse, planned, actual) in enumerate(
        (
            *_lead_times(bought),
            *_rates(floor),
            ("transport", "COAST", "days", True, 2.0, transit),
            ("yield", "works", "share", False, 0.99, scrap),
        )
    ):
        code, owner = f"A{n + 1:02d}", "Purchasing Manager" if area == "supplier" else "Works Manager"
        value, set_on, last = planned, days.FIRST_CYCLE - pd.Timedelta(days=70), pd.NaT
        for c in range(days.CYCLES):
            if c % CHECKED_EVERY != n % CHECKED_EVERY or client.level(3, c, subject):
                continue
            last = days.MONTH_STARTS[days.WARM_UP + c] + pd.Timedelta(days=6)
            checks.append((code, last, owner))
            seen = actual[max(0, c - 4) : c]
            recent = np.nanmean(seen) if np.isfinite(seen).any() else value
            if abs(recent / value - 1) > CORRECTED_BEYOND:
                versions.append(
                    (code, area, f"{area} of {subject}", subject, owner, value, unit, is_worse, set_on, last)
                )
                value, set_on = round(float(recent), 3), last
        versions.append((code, area, f"{area} of {subject}", subject, owner, value, unit, is_worse, set_on, last))
        actuals += [(code, days.MONTH_STARTS[days.WARM_UP + c], v) for c, v in enumerate(actual) if np.isfinite(v)]
    names = (
        "assumption_id area description subject_id owner planned_value unit higher_is_worse set_on last_validated_on"
    )
    return {
        "assumptions": pd.DataFrame(versions, columns=names.split()),
        "assumption_actuals": pd.DataFrame(actuals, columns=["assumption_id", "period", "actual_value"]),
        "assumption_validations": pd.DataFrame(checks, columns=["assumption_id", "validated_on", "by"]),
    }


def _lead_times(bought: pd.DataFrame) -> list[tuple[str, str, str, bool, float, np.ndarray]]:
    """Median days from order to receipt by supplier and month of receipt; rushed lines left out."""
    plain = bought[bought["expedited_on"].isna()]
    month = days.month_of(plain["received"].to_numpy())
    seen = (plain["received"] - plain["ordered"]).groupby([plain["supplier"], month]).median()
    by_month = seen.unstack().reindex(index=list(SUPPLIERS), columns=range(days.WARM_UP, days.MONTHS))
    return [
        ("supplier", name, "days", True, float(planned), by_month.loc[name].to_numpy())
        for name, planned in SUPPLIERS.items()
    ]


def _rates(orders: pd.DataFrame) -> list[tuple[str, str, str, bool, float, np.ndarray]]:
    """Standard over worked hours by cell and month of finish, set-ups left out, in per cent."""
    done = orders[orders["finish"].notna()]
    month = days.month_of(done["finish"].to_numpy())
    worked = (done["hours"] - done["setup"]).groupby([done["cell"], month]).sum()
    rate = 100 * done["standard"].groupby([done["cell"], month]).sum() / worked
    cycles = range(days.WARM_UP, days.MONTHS)
    return [
        ("capacity", name, "% of standard", False, 100.0, rate[r].reindex(cycles).round(1).to_numpy())
        for r, name in enumerate(CELLS)
    ]


def interviews(client: Client, seed: int) -> pd.DataFrame:
    """Two people a function; each feels most of what is at work at the end."""
    random = stream(seed, "interviews")
    felt = np.array([client.level(sign, days.CYCLES - 1) for sign in range(1, 11)])
    rows = []
    for function in FUNCTIONS:
        for k in range(2):
            score = np.clip(np.round(1.4 + 3 * felt * random.uniform(0.5, 1, 10) + random.normal(0, 0.4, 10)), 1, 5)
            rows += [(f"{function}-{k + 1}", function, s + 1, int(x)) for s, x in enumerate(score)]
    return pd.DataFrame(rows, columns=["respondent_id", "function", "sign", "score"])
