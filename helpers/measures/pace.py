"""Is the cycle too slow or too fast: four tests each way, two of which must be met.

A test compares one value with one limit. Where a sign measures the value too, it comes from the same measure, and its
limit from the sign. Tests and limits are this kit's own, defaults by judgement.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from helpers.engagement import Engagement
from helpers.measures import cadence, decisions, forecast, purchasing, revisions, schedule, service, shocks
from helpers.measures.amplification import NO_SURPRISE_ALLOWANCE, amplification
from helpers.measures.cadence import MEMORY, NAN, WINDOW, Times
from helpers.measures.demand import NEEDS as DEMAND

Pace = Literal["fits", "too_slow", "too_fast", "slow_and_replanned", "not_assessable"]
ENOUGH = 2
LEAD_TIME_CYCLES = 4
MOVED_INSIDE = 0.50
ANSWERED = 0.50
FEWEST_SHOCKS = 5
FEWEST_EARLIER = 3
WIDEST_CHANCE = 0.60
EXPEDITES = "order_lines.expedited | purchase_orders.expedited"
RECEIPTS = "purchase_orders.received_on | production_orders.actual_finish"


@dataclass(frozen=True)
class SignLimits:
    """Amber limits of the signs that measure the same: decisions outside the meeting, orphans, noise, amplification."""

    off_forum: float
    orphans: float
    noise: float
    amplification_six: float


@dataclass(frozen=True)
class CadenceTest:
    """One test: `met` is `None` where it cannot tell, then `missing` names the columns to ask for, where any helps."""

    name: str
    title: str
    value: float
    limit: float
    unit: str
    met: bool | None
    missing: tuple[str, ...] = ()
    basis: str = ""


def either(*parts: bool | None) -> bool | None:
    """True when any part is, unknown when none is but one is unknown."""
    return True if True in parts else None if None in parts else False


def both(*parts: bool | None) -> bool | None:
    """False when any part is, unknown when none is but one is unknown."""
    return False if False in parts else None if None in parts else True


def side(tests: Iterable[CadenceTest]) -> bool | None:
    """Whether at least two tests of a side are met; unknown with fewer than two that can tell."""
    told = [test.met for test in tests if test.met is not None]
    return None if len(told) < ENOUGH else sum(told) >= ENOUGH


def pace(slow: Iterable[CadenceTest], fast: Iterable[CadenceTest]) -> Pace:
    """Both sides together; that the cadence fits is said only where both sides could tell."""
    too_slow, too_fast = side(slow), side(fast)
    if too_slow:
        return "slow_and_replanned" if too_fast else "too_slow"
    if too_fast:
        return "too_fast"
    return "not_assessable" if None in (too_slow, too_fast) else "fits"


def _above(value: float, limit: float) -> bool | None:
    return None if pd.isna(value) or pd.isna(limit) else bool(value > limit)


def _reaches(value: float, limit: float) -> bool | None:
    return None if pd.isna(value) or pd.isna(limit) else bool(value >= limit)


def _test(
    name: str, title: str, measured: tuple[float, float, str], met: bool | None, asked: tuple[str, ...], basis: str = ""
) -> CadenceTest:
    value, limit, unit = measured
    return CadenceTest(name, title, value, limit, unit, met, asked if met is None else (), basis)


def too_slow(engagement: Engagement, clock: Times, limits: SignLimits) -> tuple[CadenceTest, ...]:
    """The four tests for a cycle that is too slow, as known on the as-of date."""
    decided = engagement.missing("decisions.decided_on")
    return (
        _test(
            "unprotected",
            "Half a cycle and a decision, against the days critical families are protected",
            (clock.reaction, clock.protection, "days"),
            _above(clock.reaction, clock.protection),
            (*decided, *engagement.missing("inventory_snapshots.safety_stock", DEMAND)),
        ),
        _test(
            "decides_late",
            "Days from raised to decided, against the cycle",
            (clock.deciding, clock.cycle, "days"),
            _above(clock.deciding, clock.cycle),
            decided,
        ),
        _bypassed(engagement, limits),
        _rescued(engagement),
    )


def _bypassed(engagement: Engagement, limits: SignLimits) -> CadenceTest:
    """Decisions outside the meeting or plan changes without a decision; the part further towards its limit is shown."""
    outside, orphans = off_forum(engagement), orphaned(engagement)
    met = either(_reaches(outside, limits.off_forum), _reaches(orphans, limits.orphans))
    nearer = orphans / limits.orphans > outside / limits.off_forum or pd.isna(outside)
    shown = (orphans, limits.orphans, "share") if nearer else (outside, limits.off_forum, "share")
    return _test(
        "bypassed",
        "Plan changes without a decision" if nearer else "Decisions taken outside the meeting",
        shown,
        met,
        engagement.missing("decisions.forum", schedule.PLAN),
        "mean of the last six cycles",
    )


def off_forum(engagement: Engagement) -> float:
    """Mean share of decisions taken outside the meeting over the last six labels, as sign 10 measures it."""
    if not engagement.has("decisions.forum"):
        return NAN
    return _lately(decisions.off_forum_share(decisions.off_forum(engagement)))


def orphaned(engagement: Engagement) -> float:
    """Mean share of plan changes that no decision covers over the last six labels, as sign 10 measures it."""
    if not engagement.has(schedule.PLAN, "decisions"):
        return NAN
    sums = decisions.orphan_changes(engagement).groupby("label")[["orphan", "changed"]].sum()
    return _lately(sums["orphan"] / sums["changed"].where(sums["changed"] > 0))


def _lately(by_label: pd.Series) -> float:
    return float(by_label.sort_index().dropna().tail(WINDOW).mean())


def _rescued(engagement: Engagement) -> CadenceTest:
    needs = ("forecast_snapshots", DEMAND, EXPEDITES)
    share, count = answered_shocks(engagement) if engagement.has(*needs) else (NAN, 0)
    told = "" if pd.notna(share) else "; too few to tell, or as much is expedited without a shock"
    return _test(
        "rescued",
        "Demand shocks answered by expediting before the next cycle, beyond chance",
        (share, ANSWERED, "share"),
        _reaches(share, ANSWERED),
        engagement.missing(*needs),
        f"{count} shocks in the last {MEMORY} cycles{told}" if engagement.has(*needs) else "",
    )


def answered_shocks(engagement: Engagement) -> tuple[float, int]:
    """Share of shock cells (family and label) with more expediting than usual, corrected for chance; their number.

    More than usual: expedited lines above what the family's own share of its twelve labels before would give.
    Corrected as the exogenous link is: (s − π) / (1 − π), π the same share of the cells without a shock, so that a
    client who always expedites is not said to answer shocks. Over the last twelve labels; missing with fewer than five
    shocks, without a cell to compare with, and where π is above 0.6.
    """
    rushed = more_than_usual(expedited_lines(engagement))
    families = forecast.unit_families(engagement)
    cells = shocks.shock_cells(engagement).assign(family=lambda c: c["unit"].map(families))
    by_cell = cells.groupby(["label", "family"], as_index=False)["shock"].agg("any")
    both_known = by_cell.merge(rushed, on=["label", "family"], validate="one_to_one")
    recent = both_known[both_known["label"].isin(engagement.calendar.labels[-MEMORY:])]
    struck = recent.loc[recent["shock"], "more"]
    by_chance = float(recent.loc[~recent["shock"], "more"].mean())
    if len(struck) < FEWEST_SHOCKS or not by_chance <= WIDEST_CHANCE:
        return NAN, len(struck)
    return max(0.0, (float(struck.mean()) - by_chance) / (1 - by_chance)), len(struck)


def expedited_lines(engagement: Engagement) -> pd.DataFrame:
    """Customer and purchase lines and how many were expedited: `source`, `label`, `family`, `lines`, `expedited`."""
    found = []
    if engagement.has("order_lines.expedited"):
        sold = service.service(engagement, "family").rename(columns={"rescued": "expedited"})
        found.append(sold.assign(source="order_lines"))
    if engagement.has("purchase_orders.expedited"):
        bought = purchasing.rush_counts(engagement).groupby(["label", "family"], as_index=False)
        found.append(bought[["lines", "expedited"]].sum().assign(source="purchase_orders"))
    columns = ["source", "label", "family", "lines", "expedited"]
    return pd.concat(found, ignore_index=True)[columns] if found else pd.DataFrame(columns=columns)


def more_than_usual(lines: pd.DataFrame) -> pd.DataFrame:
    """Whether more lines were expedited than the share of the twelve labels before would give: `more`.

    Parameters
    ----------
    lines
        From `expedited_lines`.

    Returns
    -------
    One row per `label` and `family` with three earlier labels in each source it appears in.
    """
    ordered = lines.sort_values(["source", "family", "label"], ignore_index=True).astype({"lines": float})
    before = (
        ordered.groupby(["source", "family"])[["lines", "expedited"]]
        .rolling(MEMORY, min_periods=FEWEST_EARLIER)
        .sum()
        .groupby(["source", "family"])
        .shift()
        .reset_index(drop=True)
    )
    usual = before["expedited"] / before["lines"].where(before["lines"] > 0) * ordered["lines"]
    known = ordered.assign(usual=usual).dropna(subset=["usual"])
    sums = known.groupby(["label", "family"], as_index=False)[["expedited", "usual"]].sum()
    return sums.assign(more=sums["expedited"] > sums["usual"])[["label", "family", "more"]]


def too_fast(engagement: Engagement, clock: Times, limits: SignLimits) -> tuple[CadenceTest, ...]:
    """The four tests for a cycle that is too fast, as known on the as-of date."""
    quarter = clock.lead / LEAD_TIME_CYCLES
    return (
        _test(
            "outruns_supply",
            "Days between cycles, against a quarter of the lead time",
            (clock.cycle, quarter, "days"),
            _above(quarter, clock.cycle),
            engagement.missing(RECEIPTS),
        ),
        _moved_without_news(engagement, clock, limits),
        _taken_back(engagement),
        CadenceTest(
            "versions",
            "Versions of the plan inside a cycle",
            NAN,
            1.0,
            "versions",
            None,
            basis="an extract holds one version of a plan per period; with weekly periods each version is a cycle",
        ),
    )


def _moved_without_news(engagement: Engagement, clock: Times, limits: SignLimits) -> CadenceTest:
    """The plan moves inside the lead time, and by more than news or beyond information."""
    share = cadence.moved_inside(engagement, clock.families)
    needless = either(amplified(engagement, limits), noisy(engagement, limits))
    return _test(
        "moved_without_news",
        "Plan changes inside the lead time, where the plan also moves more than its news",
        (share, MOVED_INSIDE, "share"),
        both(_reaches(share, MOVED_INSIDE), needless),
        engagement.missing(f"{schedule.PLAN} | forecast_snapshots", RECEIPTS, "forecast_snapshots", DEMAND),
        "" if needless is None else f"it moves {'more than' if needless else 'with'} its news",
    )


def amplified(engagement: Engagement, limits: SignLimits) -> bool | None:
    """Whether a resource's plan of the last six cycles moved more than its news, as sign 4 measures it."""
    if not engagement.has(schedule.PLAN, "forecast_snapshots"):
        return None
    with_demand = engagement.has(DEMAND)
    rows = amplification(engagement, with_demand)
    last = rows[rows["label"] == rows["label"].max()].dropna(subset=["amplification_six"])
    if last.empty:
        return None
    allowance = 0.0 if with_demand else NO_SURPRISE_ALLOWANCE
    return bool((last["amplification_six"] >= limits.amplification_six + allowance).any())


def noisy(engagement: Engagement, limits: SignLimits) -> bool | None:
    """Whether the forecast's movement is confirmed as noise, as sign 1 measures it."""
    if not engagement.has("forecast_snapshots", DEMAND):
        return None
    reach = forecast.far_lag(engagement)
    moved, errors = forecast.unit_revisions(engagement, reach), forecast.unit_errors(engagement, reach)
    found = revisions.noise(revisions.movements(moved, errors, reach), engagement.as_of)
    if pd.isna(found.share):
        return None
    return bool(found.share >= limits.noise and found.p_churn <= revisions.CHURN_LEVEL)


def _taken_back(engagement: Engagement) -> CadenceTest:
    """Forecast changes are taken back: slope b of a revision on the one before it (Nordhaus 1987), as sign 1."""
    slope, p_value = NAN, NAN
    if engagement.has("forecast_snapshots"):
        moved = forecast.unit_revisions(engagement, forecast.far_lag(engagement))
        slope, p_value = revisions.flip_flop(revisions.successive(moved))
    return _test(
        "taken_back",
        "How much of a forecast change is taken back in the next cycle",
        (-slope, 0.0, "share"),
        None if pd.isna(slope) else bool(slope < 0 and p_value <= revisions.CHURN_LEVEL),
        engagement.missing("forecast_snapshots"),
        "" if pd.isna(p_value) else f"p = {p_value:.3f}; needs {revisions.CHURN_LEVEL} or less",
    )
