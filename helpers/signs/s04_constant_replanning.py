"""S04 constant_replanning: the production plan is torn up far more than customers' changes require.

Why it matters
    Each rewrite costs set-ups, output and trust: a plan nobody expects to last is a plan nobody prepares for.
How it is measured
    Resource by resource. Amplification: how far the plan moved from one snapshot to the next over the news that arrived
    about the same items: forecast revisions, the surprise of the last period, and half a lot for every planned cell,
    because a plan in lots moves by lots whatever the news. Beside it, as far as the data go: changes inside the frozen
    zone without a rule or a decision; how much of a week's planned sequence was not kept, and the set-ups that cost;
    changes to the released schedule per order. Where the sign uses plans and shop floor together, each cycle counts
    what had become known on its date. The resource that is worst decides.
What it cannot tell
    Deliberate pre-builds and lots planned over several levels can amplify for good reasons. In a very volatile market
    news hides replanning of moderate size in the plan; the shop floor still shows it. Without demand the surprise of
    the last period is missing. Changes per order are not related to how restless the market is.
Source
    Schedule instability: Sridharan, Berry and Udayabhanu 1988, Kimms 1998; authority at time fences from master
    scheduling practice; slope of successive changes: Nordhaus 1987. Amplification and its limits are this kit's own:
    at most 1 for a plan that follows its news in lots, up to 1.2 where stock targets move with the forecast.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache

import pandas as pd

from helpers.engagement import Engagement
from helpers.errors import NotAssessable
from helpers.evidence import Chart, Evidence, Limit, Metric, Path, Remedies, Sign
from helpers.judgement.breach import is_breach, limits_in_force, make_flags, passes_count_guard, severity
from helpers.judgement.confirm import UNDECIDED, WINDOW, Outcome, Test, mean_reaches
from helpers.judgement.per_unit import per_unit
from helpers.judgement.repeated import taken_back
from helpers.measures import schedule, sequence
from helpers.measures.amplification import NO_SURPRISE_ALLOWANCE, amplification, movement_and_news
from helpers.measures.coverage import has_governance
from helpers.periods import Timing

OWN = "definition of this kit, default by judgement"
NEWS = "a plan that follows its news in lots stays at or below 1; stock targets that follow may add a fifth"
PLAN = "production_plan_snapshots"
DEMAND = "actual_demand | order_lines"
RULES = "forecast_snapshots.rule_id | decisions.decided_on"
STARTS = "production_orders.actual_start"
SEQUENCES = ("production_orders.planned_sequence", "production_orders.actual_sequence")

SIGN = Sign(
    number=4,
    key="constant_replanning",
    cluster="capacity",
    title="Constant replanning",
    question="How much of the production plan is rewritten without the market asking for it?",
    board="The plan is torn up far more than customers' changes require, and each rewrite costs set-ups and output.",
    unit="resource",
    judged="each",
    limits={
        "plan_amplification": Limit(1.20, 1.75, "ratio", NEWS),
        "plan_amplification_six_cycles": Limit(1.0, 1.4, "ratio", NEWS),
        "unruled_frozen_changes": Limit(
            0.05, 0.15, "share of the frozen plan", "frozen zone: no change without authority"
        ),
        "frozen_changes": Limit(0.15, 0.30, "share of the plan of the frozen periods", OWN),
        "sequence_change": Limit(0.15, 0.30, "share of the week's sequence", OWN),
        "start_order_change": Limit(0.20, 0.35, "share of the week's orders", OWN),
        "setup_excess": Limit(0.10, 0.25, "share of the usual set-up time", OWN),
        "changes_per_order": Limit(0.25, 0.50, "changes per order", OWN),
        "weeks_with_changes": Limit(0.50, 0.80, "share of weeks", OWN),
    },
    paths=(
        Path("full", "full", (PLAN, "forecast_snapshots", DEMAND, RULES, f"{SEQUENCES[1]} | {STARTS}")),
        Path("reduced B", "reduced", SEQUENCES),
        Path("minimum A", "minimum", (PLAN, "forecast_snapshots", DEMAND)),
        Path("minimum A without demand", "minimum", (PLAN, "forecast_snapshots")),
        Path("minimum B", "minimum", (STARTS,)),
        Path("minimum C", "minimum", ("schedule_changes", "production_orders")),
        Path("minimum D", "minimum", (PLAN,), raise_only=True),
    ),
    questions=(
        "How often is this week's sequence still the one that was printed on Monday?",
        "Who can jump the queue, and is it written down?",
        "What does an unplanned set-up cost you?",
    ),
    remedies=Remedies(
        trade_off_rules="A frozen zone with a price for breaking it.",
        exceptions="Breaks of the frozen zone for critical service only; the rest waits for the next cycle.",
        cadence_and_roles="One release per cycle; the scheduler owns the sequence; Sales asks through one door.",
    ),
)

HEALTHY_CHANGES = 0.10
FEWEST_AMPLIFICATIONS = 8
KEYS = ["label", "resource_id"]

Limits = dict[str, Limit]


@dataclass(frozen=True, eq=False)
class Strand:
    """One kind of evidence: `rows` (one per label and resource: value, reach in times amber, breach, severity)."""

    metric: Metric
    rows: pd.DataFrame
    confirmations: pd.DataFrame
    charts: tuple[Chart, ...]
    basis: str
    more: tuple[Metric, ...] = ()
    families: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=[*KEYS, "family", "amount"]))


def gather(engagement: Engagement, path: Path) -> Evidence:
    """Replanning evidence of every resource: the strands of the path, a label breaching when any of them does.

    Timing, unit of value and cycles needed follow the strands that the extract allows, not those with values so far.
    """
    limits = limits_in_force(SIGN, engagement.settings)
    measured = [measure(engagement, limits) for measure in _strands(engagement, path)]
    strands = [strand for strand in measured if strand.rows["value"].notna().any()]
    if not strands:
        raise NotAssessable(
            "fewer than two comparable plans, and too few orders in a week to compare sequences", (PLAN, STARTS)
        )
    mixed, alone = len({strand.metric.timing for strand in measured}) > 1, len(measured) == 1
    timing: Timing = "plan" if mixed else strands[0].metric.timing
    rows = _together(engagement, strands, mixed, "value" if alone else "reach")
    amplified_only = alone and strands[0].metric.name == "plan_amplification"
    return Evidence(
        path=path,
        flags=make_flags(rows.assign(unit=rows["resource_id"]), engagement.calendar, timing),
        metrics=(*(strand.metric for strand in strands), *(metric for strand in strands for metric in strand.more)),
        contributions=_contributions(engagement, strands, rows, mixed),
        charts=tuple(chart for strand in strands for chart in strand.charts),
        basis="; ".join(strand.basis for strand in strands) + ".",
        confirmations=pd.concat([strand.confirmations for strand in strands], ignore_index=True),
        discriminators=_discriminators(engagement, strands),
        minimum_cycles=FEWEST_AMPLIFICATIONS if amplified_only else WINDOW,
    )


def _by_date(engagement: Engagement, rows: pd.DataFrame, strand: Strand, mixed: bool) -> pd.DataFrame:
    """Plans and shop floor side by side: every value under the cycle on whose date it became known."""
    if not mixed:
        return rows
    return rows.assign(label=engagement.calendar.known_on(rows["label"], strand.metric.timing)).dropna(subset=["label"])


def _together(engagement: Engagement, strands: list[Strand], mixed: bool, shown: str) -> pd.DataFrame:
    """One row per label and resource, the worst strand; `value` is `shown`: in its own unit, or in times amber."""
    parts = [_by_date(engagement, strand.rows, strand, mixed).assign(value=lambda r: r[shown]) for strand in strands]
    rows = pd.concat(parts)[[*KEYS, "value", "breach", "severity"]].dropna(subset=["value"])
    worst = rows.sort_values([*KEYS, "breach", "severity", "value"]).groupby(KEYS).tail(1)
    return worst.reset_index(drop=True)


def _contributions(engagement: Engagement, strands: list[Strand], rows: pd.DataFrame, mixed: bool) -> pd.DataFrame:
    """Severity of the breaching resources, and of the families whose plan moved most on them."""
    hit = rows[rows["breach"]]
    resources = hit.assign(dimension="resource", value=hit["resource_id"], amount=hit["severity"])
    movers = [strand for strand in strands if len(strand.families)]
    if not movers:
        return resources[["label", "dimension", "value", "amount"]].reset_index(drop=True)
    parts = pd.concat([_by_date(engagement, strand.families, strand, mixed) for strand in movers])
    moved = parts.groupby([*KEYS, "family"], as_index=False).agg(amount=("amount", "sum"))
    total = moved.groupby(KEYS)["amount"].transform("sum")
    shared = hit.drop(columns="value").merge(
        moved.assign(share=moved["amount"] / total.where(total > 0)), on=KEYS, validate="one_to_many"
    )
    families = shared.assign(dimension="family", value=shared["family"], amount=shared["severity"] * shared["share"])
    both = pd.concat([resources, families], ignore_index=True).dropna(subset=["amount"])
    return both.groupby(["label", "dimension", "value"], as_index=False).agg(amount=("amount", "sum"))


def _discriminators(engagement: Engagement, strands: list[Strand]) -> pd.DataFrame:
    """D2 where the plan breached: movement that news and lots do not require; D3: plan changes nobody decided.

    Where no log of decisions speaks of a breach of the plan, D3 is the share of schedule changes that name no reason.
    """
    found = [_nameless(engagement, strands)]
    plan = next((strand for strand in strands if strand.metric.name == "plan_amplification"), None)
    if plan is not None:
        hit = plan.rows[plan.rows["breach"]]
        excess = hit.assign(name="D2", value=1 - 1 / hit["value"].where(hit["value"] > 0))
        found.append(excess.groupby(["label", "name"], as_index=False).agg(value=("value", "mean")))
        if has_governance(engagement):
            found.append(_undecided(engagement, hit))
    rows = pd.concat(found[::-1], ignore_index=True).dropna(subset=["value"])
    return rows.drop_duplicates(["label", "name"]).sort_values(["label", "name"], ignore_index=True)


def _nameless(engagement: Engagement, strands: list[Strand]) -> pd.DataFrame:
    floor = [strand.rows for strand in strands if strand.metric.name in ON_THE_FLOOR]
    log = sequence.unreasoned_changes(engagement)
    if log.empty or not floor:
        return pd.DataFrame(columns=["label", "name", "value"])
    hit = pd.concat([rows.loc[rows["breach"], KEYS] for rows in floor]).drop_duplicates()
    sums = log.merge(hit, on=KEYS).groupby("label", as_index=False)[["changes", "unreasoned"]].sum()
    return sums.assign(name="D3", value=sums["unreasoned"] / sums["changes"])[["label", "name", "value"]]


def _undecided(engagement: Engagement, hit: pd.DataFrame) -> pd.DataFrame:
    """Share of the plan changes at resources whose plan breached that no rule and no decision of the cycle covers.

    Movement that news requires asks for no decision; so it is 1 where as much is uncovered as a plan at its red limit
    moves without need. Where only the shop floor breached, the log of plan decisions tells nothing.
    """
    moves = schedule.ruled_changes(engagement).merge(hit[KEYS], on=KEYS, validate="many_to_one")
    sums = moves.groupby("label", as_index=False)[["moved", "unruled"]].sum()
    share = sums["unruled"] / sums["moved"].where(sums["moved"] > 0)
    needless = 1 - 1 / SIGN.limits["plan_amplification"].red
    return sums.assign(name="D3", value=(share / needless).clip(upper=1))


def amplified(engagement: Engagement, limits: Limits, with_demand: bool = True) -> Strand:
    """How far the plan of each resource moved over the news that arrived about what it makes."""
    extra = 0.0 if with_demand else NO_SURPRISE_ALLOWANCE
    limit, six = (_raised(limits[name], extra) for name in ("plan_amplification", "plan_amplification_six_cycles"))
    rows = amplification(engagement, with_demand).assign(value=lambda r: r["amplification"])
    metric = _worst(rows, "plan_amplification", "Plan movement over the news that arrived", "plan", limit)
    return Strand(
        metric,
        _judged(rows, limit),
        per_unit(engagement.calendar, rows, "resource_id", "six cycles of plan movement exceed the news",
                 _last_reaches("amplification_six", six), "plan"),
        (_heatmap(rows, metric, "A strong row is a line whose plan moves more than its news and its lots require."),),
        f"plan and forecast compared over {rows['label'].nunique()} cycles"
        + ("" if with_demand else ", without demand"),
        families=_movers(engagement, with_demand),
    )  # fmt: skip


def without_demand(engagement: Engagement, limits: Limits) -> Strand:
    return amplified(engagement, limits, with_demand=False)


def _raised(limit: Limit, extra: float) -> Limit:
    return Limit(limit.amber + extra, limit.red + extra, limit.unit, limit.source)


@cache
def _last_reaches(column: str, limit: Limit) -> Test:
    def test(known: pd.DataFrame) -> Outcome:
        last = known[column].dropna().tail(1)
        return UNDECIDED if last.empty else (bool((last >= limit.amber).iloc[0]), float("nan"))

    return test


def _movers(engagement: Engagement, with_demand: bool) -> pd.DataFrame:
    rows = movement_and_news(engagement, with_demand)
    beyond = (rows["moved"] - rows["news"] - rows["lots"]).clip(lower=0.0)
    return rows.assign(amount=beyond)[[*KEYS, "family", "amount"]]


def unruled(engagement: Engagement, limits: Limits) -> Strand:
    """Changes in the frozen zone that no rule and no decision covers; wider limits where no fence was declared."""
    by_family = schedule.frozen_changes(engagement)
    rows = by_family.groupby(KEYS, as_index=False)[["moved", "planned", "unruled"]].sum()
    rows = rows.assign(value=rows["unruled"] / rows["planned"].where(rows["planned"] > 0))
    limit = limits["unruled_frozen_changes" if _has_fence(engagement) else "frozen_changes"]
    title = "Changes in the frozen zone without rule or decision"
    metric = _worst(rows, "unruled_frozen_changes", title, "fact", limit)
    return Strand(
        metric,
        _judged(rows, limit),
        _mean_confirmed(engagement, rows, "unruled changes of the frozen zone in the mean of six", limit),
        (_heatmap(rows, metric, "A strong row is a line whose frozen plan is not kept."),),
        f"frozen zone of {engagement.settings.time_fences.frozen} periods",
        families=by_family.assign(amount=by_family["unruled"])[[*KEYS, "family", "amount"]],
    )


def _has_fence(engagement: Engagement) -> bool:
    return "time_fences" in engagement.settings.model_fields_set


def frozen(engagement: Engagement, limits: Limits) -> Strand:
    """Changes in the frozen zone whatever their reason, where nothing but the plan was sent."""
    rows = schedule.frozen_moves(engagement)
    rows = rows.assign(value=rows["moved"] / rows["planned"].where(rows["planned"] > 0))
    limit = limits["frozen_changes"]
    metric = _worst(rows, "frozen_changes", "Changes in the frozen zone", "plan", limit)
    back = schedule.reversals(engagement)
    return Strand(
        metric,
        _judged(rows, limit),
        per_unit(engagement.calendar, back, "resource_id", "plan changes are taken back", taken_back, "plan"),
        (_heatmap(rows, metric, "A strong row is a line whose next period is replanned every cycle."),),
        f"plan snapshots alone, over {rows['label'].nunique()} cycles",
    )


def resequenced(engagement: Engagement, limits: Limits) -> Strand:
    """How much of a week's planned sequence was not kept; from sequences with its set-ups, else from start dates."""
    from_sequences = sequence.has_sequences(engagement)
    name = "sequence_change" if from_sequences else "start_order_change"
    limit, stricter = limits[name], limits["start_order_change"].amber
    rows = sequence.sequence_changes(engagement).rename(columns={"sci": "value"})
    costly = pd.Series(data=True, index=rows.index)
    more: tuple[Metric, ...] = ()
    if from_sequences and engagement.has("production_orders.setup_hours"):
        rows = rows.merge(sequence.setup_excess(engagement), on=KEYS, how="left", validate="one_to_one")
        costly = is_breach(rows["excess"], limits["setup_excess"]) | (rows["value"] >= limit.red)
        excess = rows.assign(value=rows["excess"])
        more = (
            _worst(excess, "setup_excess", "Set-up time per order against the usual", "fact", limits["setup_excess"]),
        )
    elif from_sequences:
        costly = rows["value"] >= stricter
    metric = _worst(rows, name, "Planned sequence not kept", "fact", limit)
    return Strand(
        metric,
        _judged(rows, limit, costly),
        _mean_confirmed(engagement, rows, "sequence not kept in the mean of six", limit),
        (_heatmap(rows, metric, "A strong row is a line where the week's sequence does not survive the week."),),
        f"{int(rows['windows'].sum())} weeks with enough orders on {rows['resource_id'].nunique()} resources",
        more,
    )


def rescheduled(engagement: Engagement, limits: Limits) -> Strand:
    """Unplanned changes to the released schedule per order that was due."""
    limit, weeks = limits["changes_per_order"], limits["weeks_with_changes"]
    rows = sequence.changes_per_order(engagement).assign(value=lambda r: r["cpo"])
    guarded = passes_count_guard(rows["changes"].clip(upper=rows["orders"]), rows["orders"], HEALTHY_CHANGES)
    metric = _worst(rows, "changes_per_order", "Schedule changes per order", "fact", limit)
    return Strand(
        metric,
        _judged(rows, limit, guarded),
        per_unit(engagement.calendar, rows, "resource_id", "changes per order and in most weeks",
                 _both(mean_reaches("value", limit.amber), mean_reaches("weeks_changed", weeks.amber))),
        (_heatmap(rows, metric, "A strong row is a line whose released orders are changed again and again."),),
        f"{int(rows['changes'].sum())} unplanned schedule changes on {int(rows['orders'].sum())} orders",
    )  # fmt: skip


@cache
def _both(one: Test, other: Test) -> Test:
    def test(known: pd.DataFrame) -> Outcome:
        outcomes = one(known)[0], other(known)[0]
        return UNDECIDED if None in outcomes else (all(outcomes), float("nan"))

    return test


def _judged(rows: pd.DataFrame, limit: Limit, also: pd.Series | None = None) -> pd.DataFrame:
    """Breach and severity of each row; `also` must hold besides the limit."""
    breach = is_breach(rows["value"], limit) & (True if also is None else also)
    grade = severity(rows["value"], limit).where(breach, 0.0)
    found = rows.assign(breach=breach, severity=grade, reach=rows["value"] / limit.amber)
    return found[[*KEYS, "value", "reach", "breach", "severity"]]


def _mean_confirmed(engagement: Engagement, rows: pd.DataFrame, name: str, limit: Limit) -> pd.DataFrame:
    return per_unit(engagement.calendar, rows, "resource_id", name, mean_reaches("value", limit.amber))


def _worst(rows: pd.DataFrame, name: str, title: str, timing: Timing, limit: Limit) -> Metric:
    """The worst resource of each label: the limit holds for a resource, not for the average plant."""
    values = rows.groupby("label")["value"].max()
    return Metric(name, f"{title}, worst resource", values, timing, limit, limit.unit)


def _heatmap(rows: pd.DataFrame, metric: Metric, reading: str) -> Chart:
    cells = rows.rename(columns={"label": "cycle", "resource_id": "resource"})[["cycle", "resource", "value"]]
    return Chart("heatmap", metric.title, cells, "cycle", "value", "resource", metric.unit, metric.limit, reading)


Measure = Callable[[Engagement, Limits], Strand]
CHANGES = ("schedule_changes", "production_orders")
ON_THE_FLOOR = ("sequence_change", "start_order_change", "changes_per_order")
STRANDS: dict[str, tuple[tuple[Measure, tuple[str, ...]], ...]] = {
    "full": ((amplified, ()), (unruled, ()), (resequenced, ()), (rescheduled, CHANGES)),
    "reduced B": ((resequenced, ()), (amplified, (PLAN, "forecast_snapshots", DEMAND)), (rescheduled, CHANGES)),
    "minimum A": ((amplified, ()), (rescheduled, CHANGES)),
    "minimum A without demand": ((without_demand, ()), (rescheduled, CHANGES)),
    "minimum B": ((resequenced, ()), (rescheduled, CHANGES)),
    "minimum C": ((rescheduled, ()),),
    "minimum D": ((frozen, ()),),
}


def _strands(engagement: Engagement, path: Path) -> list[Measure]:
    """The strands of a path, and those of its level that the data allow as well."""
    return [measure for measure, needs in STRANDS[path.name] if engagement.has(*needs)]
