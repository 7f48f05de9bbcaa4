"""S07 recurring_expediting: purchase orders are rushed again and again for causes that a plan could have seen.

Why it matters
    A rush order buys back time that the plan lost. Once it is a habit, suppliers price it in, buyers stop trusting
    need dates, and the plan loses the information of what is really urgent.
How it is measured
    Every purchase order line that was expedited or re-dated gets the first cause that fits: stock would have lasted
    without it, it was ordered with less than 0.9 of the planned lead time, we pulled it in, the supplier was late, the
    quantity was short, or unknown. The headline is the share of lines rushed for the first three, which are our own.
    With less data: expedited lines that arrived by their first date, expedited lines, premiums paid, or lines ordered
    with less than 0.6 of the planned lead time. Months with fewer than 30 lines are added to the ones before. Lines of
    a supplier or family that a shock from outside hit in that cycle, and that a decision answered, are left out.
What it cannot tell
    Whether a single rush was right. A supplier's failure is not counted against the plan where cause codes exist; on
    the minimum paths the flag does not say whether the plan or the supplier was late. Lines still open are not counted.
Source
    Defined by the kit. Little or no expediting in class-A practice: Warwick lecture notes. Residual stock, flips and
    the spread of lead times describe and decide nothing. Answered shocks left out: with them counted the sign recurred
    on healthy calibration clients whose supplier fails again and again; without, on none of 12, and all six weak faults
    tried are still found. A decision answers when its topic is about rushing or suppliers, or names what was hit.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.engagement import Engagement
from helpers.errors import NotAssessable
from helpers.evidence import Chart, Evidence, Limit, Metric, Path, Remedies, Sign
from helpers.inference import wilson_lower
from helpers.judgement.breach import (
    CRITICAL_UNITS_AT_MOST,
    FEWEST_COUNTED,
    is_breach,
    limits_in_force,
    make_flags,
    passes_count_guard,
    severity,
)
from helpers.judgement.confirm import UNDECIDED, WINDOW, Outcome, Test, at_each_cycle, often_reaches
from helpers.measures import decisions, purchasing, rushed_again
from helpers.measures.excuses import without_answered_shocks
from helpers.measures.purchasing import CODES, LEAD_TIME, OWN_CAUSES
from helpers.measures.risk import middle_supplier_spread
from helpers.measures.rushed_stock import residual_stock

JUDGED = "default of the kit, by judgement"

SIGN = Sign(
    number=7,
    key="recurring_expediting",
    cluster="procurement",
    title="Recurring expediting",
    question="Are purchase orders rushed again and again to cover gaps that the plan should have closed?",
    board="Rush buying is no longer the exception; it is how purchasing covers gaps the plan should have closed.",
    unit="company",
    judged="company",
    limits={
        "own_cause_rush_share": Limit(0.05, 0.10, "share of lines", f"{JUDGED}; class A expects little or none"),
        "early_rush_share": Limit(0.08, 0.16, "share of lines", JUDGED),
        "expedited_share": Limit(
            0.10, 0.20, "share of lines", f"{JUDGED}; at least twice what the service target allows"
        ),
        "premium_share": Limit(0.01, 0.03, "share of purchase value", JUDGED),
        "short_lead_share": Limit(0.15, 0.30, "share of lines", JUDGED),
        "residual_rush_share": Limit(0.15, 0.35, "share of expedited value", f"{JUDGED}; describes, never decides"),
    },
    paths=(
        Path(
            "full",
            "full",
            (
                "purchase_orders.received_on",
                "purchase_orders.needed_on",
                LEAD_TIME,
                "purchase_orders.expedited",
                "purchase_order_changes",
                "inventory_snapshots",
            ),
        ),
        Path("reduced A", "reduced", ("purchase_orders", "purchase_order_changes")),
        Path("reduced B", "reduced", ("purchase_orders.expedited", "purchase_orders.received_on")),
        Path("minimum A", "minimum", ("purchase_orders.expedited | purchase_orders.reschedules",)),
        Path(
            "minimum B",
            "minimum",
            ("purchase_orders", "compensation_costs", "purchase_orders.unit_price | purchase_orders.standard_price"),
            raise_only=True,
        ),
        Path("minimum C", "minimum", ("purchase_orders", "suppliers"), raise_only=True),
    ),
    questions=(
        "Of last month's rush orders, how many were known a lead time earlier?",
        "Which orders were rushed and then not needed?",
        "What do suppliers charge us for being late with our own decisions?",
    ),
    remedies=Remedies(
        trade_off_rules="Use stock, wait, or expedite: one rule by margin and service class, known to every buyer.",
        exceptions="Rush only for critical service, and always with a cost line that someone signs.",
        cadence_and_roles="Share the plan with suppliers up to their lead time and freeze that part; "
        "procurement sits where demand changes are approved.",
    ),
)


@dataclass(frozen=True)
class Share:
    """A share of lines: which counts, over what, the share in good health, and when a window confirms it."""

    title: str
    counts: tuple[str, ...]
    of: str = "lines"
    healthy: float | None = None
    sure_above: float = 0.0


SHARES = {
    "own_cause_rush_share": Share("Lines rushed for our own causes", OWN_CAUSES, healthy=0.03, sure_above=0.03),
    "early_rush_share": Share("Expedited lines received by their first date", ("expedited_early",), sure_above=0.05),
    "expedited_share": Share("Expedited or re-dated lines", ("rushed",)),
    "short_lead_share": Share("Lines ordered too late", ("short_lead",), of="with_lead_time", healthy=0.05),
}
HEADLINES = {
    "full": "own_cause_rush_share",
    "reduced A": "own_cause_rush_share",
    "reduced B": "early_rush_share",
    "minimum A": "expedited_share",
    "minimum B": "premium_share",
    "minimum C": "short_lead_share",
}
OF_LINES = "share of lines"
TOP_SUPPLIER_AT_MOST = 0.60
LIFT_AT_LEAST, FEWEST_PAIRS = 2.0, 5
SURE_PART = 0.6
OFTEN = 4
RUSH_WORDS = "expedit|rush|urgent|supplier|purchas|inbound"


def gather(engagement: Engagement, path: Path) -> Evidence:
    """Rushed purchase order lines by the interval in which they settled."""
    counts = purchasing.rush_counts(engagement)
    if counts.empty:
        raise NotAssessable(
            "no purchase order line was received in a closed interval", ("purchase_orders.received_on",)
        )
    limits = _limits(engagement)
    headline = HEADLINES[path.name]
    if headline == "premium_share":
        return _premium_evidence(engagement, path, counts, limits[headline])
    settled = counts["lines"].sum()
    counts = without_answered_shocks(counts, engagement, RUSH_WORDS)
    judged = purchasing.without_call_offs(counts) if headline == "short_lead_share" else counts
    measured = measure(engagement, judged, headline, limits[headline])
    flags = _with_fallback(engagement, path, judged, measured, limits)
    flags = _with_critical_families(engagement, judged, flags, headline, limits)
    return Evidence(
        path=path,
        flags=make_flags(flags, engagement.calendar, "fact"),
        metrics=_metrics(engagement, counts, measured, headline, limits),
        contributions=_contributions(judged, SHARES[headline]),
        charts=_charts(counts, headline),
        basis=_basis(engagement, counts, settled - counts["lines"].sum()),
        confirmations=_confirmations(engagement, judged, headline, limits[headline]),
        discriminators=_discriminators(engagement, counts),
    )


def measure(engagement: Engagement, counts: pd.DataFrame, metric: str, limit: Limit) -> pd.DataFrame:
    """One share of lines, label by label.

    Parameters
    ----------
    counts
        From `purchasing.rush_counts`.
    metric
        A key of `SHARES`.

    Returns
    -------
    One row per `label`: `known_on`, `lines`, `count`, `value` (missing below ten lines, and for the own causes where
    more than 30 % of the rushed lines have no known cause), `breach` (limit reached, count guard passed), `severity`.
    """
    share = SHARES[metric]
    rows = purchasing.by_label(counts, engagement)
    own_lines = rows[share.of]
    rows = rows.assign(lines=own_lines)
    rows = purchasing.pooled(rows, [*CODES, "rushed", "expedited_early", "short_lead"])
    rows["count"] = rows[list(share.counts)].sum(axis=1)
    value = purchasing.own_cause_share(rows) if metric == "own_cause_rush_share" else rows["count"] / rows["lines"]
    rows["value"] = value.where((rows["lines"] >= FEWEST_COUNTED) & (own_lines > 0))
    guard = passes_count_guard(rows["count"], rows["lines"], _healthy_share(engagement, share))
    rows["breach"] = is_breach(rows["value"], limit) & guard
    rows["severity"] = severity(rows["value"], limit)
    return rows[["label", "known_on", "lines", "count", "value", "breach", "severity"]]


def _healthy_share(engagement: Engagement, share: Share) -> float:
    return 1 - engagement.settings.service_target if share.healthy is None else share.healthy


def _limits(engagement: Engagement) -> dict[str, Limit]:
    """The limits in force; the one for expedited lines is at least twice what the service target leaves open."""
    limits = limits_in_force(SIGN, engagement.settings)
    own = limits["expedited_share"]
    if own == SIGN.limits["expedited_share"]:
        amber = max(own.amber, 2 * (1 - engagement.settings.service_target))
        limits["expedited_share"] = Limit(amber, 2 * amber, own.unit, own.source)
    return limits


def _with_fallback(
    engagement: Engagement, path: Path, counts: pd.DataFrame, measured: pd.DataFrame, limits: dict[str, Limit]
) -> pd.DataFrame:
    """Where too many causes are unknown, the share of rushed lines is judged instead, against its own wider limit."""
    if HEADLINES[path.name] != "own_cause_rush_share":
        return measured
    wider = measure(engagement, counts, "expedited_share", limits["expedited_share"])
    return measured.where(measured["value"].notna(), wider)


def _with_critical_families(
    engagement: Engagement, counts: pd.DataFrame, flags: pd.DataFrame, metric: str, limits: dict[str, Limit]
) -> pd.DataFrame:
    """The flags with a breach also where one critical family is at red by itself, if critical families are few.

    Few of the families bought up to that label: one that comes later makes no family rare before.
    """
    critical = set(engagement.critical_families)
    if not critical:
        return flags
    first = counts.groupby("family")["label"].min()
    families = flags["label"].map(lambda label: int((first <= label).sum()))
    share = SHARES[metric]
    of_family = (
        counts[counts["family"].isin(critical)].groupby(["label", "family"], as_index=False).sum(numeric_only=True)
    )
    count = of_family[list(share.counts)].sum(axis=1)
    guard = passes_count_guard(count, of_family[share.of], _healthy_share(engagement, share))
    at_red = of_family.loc[(count / of_family[share.of] >= limits[metric].red) & guard, "label"]
    few = len(critical) <= CRITICAL_UNITS_AT_MOST * families
    hit = flags["label"].isin(at_red) & few & flags["value"].notna()
    return flags.assign(breach=flags["breach"] | hit, severity=flags["severity"].mask(hit, 1.0))


def _confirmations(engagement: Engagement, counts: pd.DataFrame, metric: str, limit: Limit) -> pd.DataFrame:
    calendar = engagement.calendar
    lift = rushed_again.repeat_lift(engagement, counts)
    rows = counts.merge(lift[["label", "pairs", "lift", "known_on"]], on="label", how="left")
    rows["known_on"] = calendar.known_on(rows["label"], "fact")
    if metric == "short_lead_share":
        rows = rows.sort_values("label", kind="stable")
        return at_each_cycle(calendar, rows, "late ordering is common and spread", _is_common(limit))
    level = at_each_cycle(calendar, rows, "share over the window", _is_sustained(metric, limit))
    if metric != "own_cause_rush_share":
        return level
    return pd.concat([level, at_each_cycle(calendar, rows, "same items rushed again", _repeats)], ignore_index=True)


def _is_sustained(metric: str, limit: Limit) -> Test:
    share = SHARES[metric]
    sure_above = share.sure_above or SURE_PART * limit.amber

    def test(known: pd.DataFrame) -> Outcome:
        window = known[known["label"].isin(sorted(known["label"].unique())[-WINDOW:])]
        count, lines = float(window[list(share.counts)].to_numpy().sum()), float(window[share.of].sum())
        if window["label"].nunique() < 3 or not lines:
            return UNDECIDED
        sure = count / lines >= limit.amber and wilson_lower(count, lines) > sure_above
        return bool(sure and (metric == "own_cause_rush_share" or _is_spread(window, share.counts[0], metric))), np.nan

    return test


def _is_spread(window: pd.DataFrame, column: str, metric: str) -> bool:
    """Not one supplier's trouble; for the bare flag, a habit with the same items counts too."""
    spread = purchasing.top_supplier_share(window, column) <= TOP_SUPPLIER_AT_MOST
    habit = metric == "expedited_share" and _repeats(window)[0] is True
    return bool(spread or habit)


def _repeats(known: pd.DataFrame) -> Outcome:
    lift = known.dropna(subset=["lift"]).sort_values("label", kind="stable").tail(1)
    if lift.empty or lift["pairs"].iloc[0] < FEWEST_PAIRS:
        return UNDECIDED
    return bool(lift["lift"].iloc[0] >= LIFT_AT_LEAST), np.nan


def _is_common(limit: Limit) -> Test:
    def test(known: pd.DataFrame) -> Outcome:
        by_label = known.groupby("label", as_index=False)[["short_lead", "with_lead_time"]].sum()
        share = by_label["short_lead"] / by_label["with_lead_time"].where(by_label["with_lead_time"] > 0)
        often, _ = often_reaches("share", limit.amber, OFTEN)(by_label.assign(share=share))
        if often is None:
            return UNDECIDED
        window = known[known["label"].isin(by_label["label"].tail(WINDOW))]
        return bool(often and purchasing.top_supplier_share(window, "short_lead") <= TOP_SUPPLIER_AT_MOST), np.nan

    return test


def _premium_evidence(engagement: Engagement, path: Path, counts: pd.DataFrame, limit: Limit) -> Evidence:
    """What buying in a hurry cost, from the compensation booked, over the value of the lines that settled."""
    spent = purchasing.booked_premiums(engagement)
    rows = purchasing.by_label(counts, engagement)
    paid = rows["label"].map(spent.groupby("label")["amount"].sum()).fillna(0.0)
    rows["value"] = paid / rows["value"].where(rows["value"] > 0)
    often = at_each_cycle(engagement.calendar, rows, "premium paid often", often_reaches("value", limit.amber, OFTEN))
    carried = spent.rename(columns={"supplier_id": "value"}).dropna(subset=["value"]).assign(dimension="supplier")
    series = rows.set_index("label")["value"]
    title, reading = "Premiums over purchase value", "Each point is a cycle; in the shaded zone hurry has its price."
    chart = Chart("trend", title, rows[["label", "value"]], "label", "value", None, limit.unit, limit, reading)
    premium = Metric("premium_share", title, series, "fact", limit, limit.unit)
    return Evidence(
        path=path,
        flags=make_flags(rows[["label", "value"]], engagement.calendar, "fact", limit),
        metrics=(premium,),
        contributions=carried[["label", "dimension", "value", "amount"]],
        charts=(chart,),
        basis=_basis(engagement, counts),
        confirmations=often,
    )


def _metrics(
    engagement: Engagement, counts: pd.DataFrame, measured: pd.DataFrame, headline: str, limits: dict[str, Limit]
) -> tuple[Metric, ...]:
    rows = purchasing.by_label(counts, engagement).set_index("label")
    limit, values = limits[headline], measured.set_index("label")["value"]
    first = Metric(headline, SHARES[headline].title, values, "fact", limit, limit.unit)
    lines, value, redated = (rows[name].where(rows[name] > 0) for name in ("lines", "value", "redated"))
    spread = middle_supplier_spread(engagement)
    residual = residual_stock(engagement).set_index("label")["share"]
    own = rows["own_value"] / value
    by_cause = [("own_cause_value_share", "Purchase value rushed for our own causes", own, "share of value")]
    others = (
        *(by_cause if headline == "own_cause_rush_share" else ()),
        ("rushed_share", "Expedited or re-dated lines", rows["rushed"] / lines, OF_LINES),
        ("changes_per_line", "Date changes per line", rows["changes"] / lines, "changes per line"),
        ("flip_share", "Re-dated lines pulled in and pushed out", rows["flips"] / redated, "share of re-dated lines"),
        ("residual_rush_share", "Rushed and two cycles later not needed", residual, "share of expedited value"),
        ("supplier_spread", "Spread of lead times, supplier in the middle", spread, "share of the planned lead time"),
    )
    said = [(name, title, series, unit) for name, title, series, unit in others if series.notna().any()]
    return (first, *(Metric(name, title, series, "fact", limits.get(name), unit) for name, title, series, unit in said))


def _contributions(counts: pd.DataFrame, share: Share) -> pd.DataFrame:
    amount = counts[list(share.counts)].sum(axis=1)
    parts = [
        counts[["label"]].assign(dimension=name, value=counts[column], amount=amount)
        for column, name in (("family", "family"), ("supplier_id", "supplier"))
    ]
    return pd.concat(parts).groupby(["label", "dimension", "value"], as_index=False).sum()


def _charts(counts: pd.DataFrame, headline: str) -> tuple[Chart, ...]:
    columns = list(CODES) if headline == "own_cause_rush_share" else list(SHARES[headline].counts)
    lines = counts.groupby("label")["lines"].sum()
    causes = counts.groupby("label", as_index=False)[columns].sum().melt("label", var_name="cause", value_name="count")
    causes = causes.assign(
        share=causes["count"] / causes["label"].map(lines), cause=causes["cause"].str.replace("_", " ")
    )
    suppliers = counts.groupby(["label", "supplier_id"], as_index=False)[["rushed", "lines"]].sum()
    suppliers = suppliers.assign(share=suppliers["rushed"] / suppliers["lines"])
    why = "The height is the share of lines rushed in a cycle; unneeded, short notice and pulled in are our own causes."
    where = "Strong rows are suppliers we rush all the time; one strong row alone is that supplier's own trouble."
    return (
        Chart("stack", "Why lines were rushed", causes, "label", "share", "cause", OF_LINES, reading=why),
        Chart("heatmap", "Where the rush lands", suppliers, "label", "share", "supplier_id", OF_LINES, reading=where),
    )


def _discriminators(engagement: Engagement, counts: pd.DataFrame) -> pd.DataFrame:
    """D5: share of rushed lines with a known cause whose cause is our own; D3: share of those without a decision.

    Our own causes could be known in advance: unneeded, ordered late, or pulled in by ourselves.
    """
    rows = counts.assign(amount=counts[list(OWN_CAUSES)].sum(axis="columns"))
    shares = [pd.DataFrame(columns=["label", "name", "value"])]
    if engagement.has("purchase_orders.needed_on", LEAD_TIME):
        sums = rows.groupby("label", as_index=False).sum(numeric_only=True)
        known = sums["rushed"] - sums["unknown"]
        shares.append(sums[["label"]].assign(name="D5", value=sums["amount"] / known.where(known > 0)))
    if engagement.has("decisions.decided_on", "decisions.family"):
        own = rows.groupby(["label", "family"], as_index=False)[["amount"]].sum()
        shares.append(decisions.undecided_share(engagement, own, RUSH_WORDS))
    found = [share for share in shares if len(share)]
    return pd.concat(found, ignore_index=True).dropna(subset=["value"]) if found else shares[0]


def _basis(engagement: Engagement, counts: pd.DataFrame, left_out: float = 0) -> str:
    dated = "received" if engagement.has("purchase_orders.received_on") else "due"
    return (
        f"{int(counts['lines'].sum()):,} purchase order lines {dated} in {counts['label'].nunique()} cycles, "
        f"{counts['supplier_id'].nunique()} suppliers; lines still open are not counted"
        + (f", {int(left_out):,} left out that an answered shock from outside hit" if left_out else "")
    )
