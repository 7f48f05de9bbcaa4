"""S04 constant_replanning: the production plan is torn up far more than customers' changes require.

Why it matters
    Each rewrite costs set-ups, output and trust: a plan nobody expects to last is a plan nobody prepares for.
How it is measured
    Amplification: how far the plan moved from one snapshot to the next over the news that arrived about the same
    items (forecast revisions and the surprise of the last period), with an allowance for lot sizes. Beside it, as far
    as the data go: changes inside the frozen zone without a rule or a decision; how much of a week's planned sequence
    was not kept, and the set-ups that cost; changes to the released schedule per order. Where the sign uses plans and
    shop floor together, each cycle counts what had become known on its date.
What it cannot tell
    Deliberate pre-builds and lots planned over several levels can amplify for good reasons. Without demand the
    surprise of the last period is missing. Changes per order are not related to how restless the market is.
Source
    Schedule instability: Sridharan, Berry and Udayabhanu 1988, Kimms 1998; authority at time fences from master
    scheduling practice; slope of successive changes: Nordhaus 1987. Amplification and its limits are this kit's own,
    set by simulation.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import pandas as pd

from helpers.engagement import Engagement
from helpers.errors import NotAssessable
from helpers.evidence import Chart, Evidence, Limit, Metric, Path, Remedies, Sign
from helpers.judgement.breach import (
    breached_labels,
    is_breach,
    limits_in_force,
    make_flags,
    passes_count_guard,
    severity,
)
from helpers.judgement.confirm import UNDECIDED, WINDOW, Outcome, Test, at_each_cycle
from helpers.judgement.repeated import mean_of_units, taken_back
from helpers.measures import schedule, sequence
from helpers.periods import Timing

OWN = "definition of this kit, default by judgement"
SIMULATED = "this kit's simulation: healthy plans stay below in 95 % of cycles"
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
    judged="company",
    limits={
        "plan_amplification": Limit(1.25, 2.0, "ratio", SIMULATED),
        "plan_amplification_six_cycles": Limit(1.10, 1.5, "ratio", SIMULATED),
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
    """One kind of evidence: `labels` of the whole client (value, reach, breach, severity) and what goes with it."""

    metric: Metric
    labels: pd.DataFrame
    confirmations: pd.DataFrame
    contributions: pd.DataFrame
    charts: tuple[Chart, ...]
    basis: str
    more: tuple[Metric, ...] = ()
    discriminators: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=["label", "name", "value"]))


def gather(engagement: Engagement, path: Path) -> Evidence:
    """Replanning evidence of the client: the strands of the path, a label breaching when any of them does."""
    limits = limits_in_force(SIGN, engagement.settings)
    measured = [measure(engagement, limits) for measure in _strands(engagement, path)]
    strands = [strand for strand in measured if strand.labels["value"].notna().any()]
    if not strands:
        raise NotAssessable(
            "fewer than two comparable plans, and too few orders in a week to compare sequences", (PLAN, STARTS)
        )
    mixed = len({strand.metric.timing for strand in strands}) > 1
    labels = _together([_by_date(strand.labels, strand, engagement) if mixed else strand.labels for strand in strands])
    timing: Timing = "plan" if mixed else strands[0].metric.timing
    amplified_only = len(strands) == 1 and strands[0].metric.name == "plan_amplification"
    contributions = [_by_date(_shares(strand), strand, engagement) if mixed else _shares(strand) for strand in strands]
    return Evidence(
        path=path,
        flags=make_flags(labels, engagement.calendar, timing),
        metrics=(*(strand.metric for strand in strands), *(metric for strand in strands for metric in strand.more)),
        contributions=pd.concat(contributions, ignore_index=True),
        charts=tuple(chart for strand in strands for chart in strand.charts),
        basis="; ".join(strand.basis for strand in strands) + ".",
        confirmations=pd.concat([strand.confirmations for strand in strands], ignore_index=True),
        discriminators=pd.concat([strand.discriminators for strand in strands], ignore_index=True),
        minimum_cycles=FEWEST_AMPLIFICATIONS if amplified_only else WINDOW,
    )


def _by_date(rows: pd.DataFrame, strand: Strand, engagement: Engagement) -> pd.DataFrame:
    """Plans and shop floor side by side: every value under the cycle on whose date it became known."""
    return rows.assign(label=engagement.calendar.known_on(rows["label"], strand.metric.timing)).dropna(subset=["label"])


def _together(parts: list[pd.DataFrame]) -> pd.DataFrame:
    """One row per label: a breach when any part breaches; `value` in its own unit, of several parts in times amber."""
    rows = pd.concat([part.assign(value=part["value"] if len(parts) == 1 else part["reach"]) for part in parts])
    worst = rows.sort_values(["label", "breach", "severity", "value"]).groupby("label").tail(1)
    return worst.drop(columns=["known_on", "reach", "weight"]).sort_values("label", ignore_index=True)


def _shares(strand: Strand) -> pd.DataFrame:
    """Contributions scaled so that each label and dimension carries the strand's severity."""
    rows = strand.contributions[strand.contributions["amount"] > 0]
    size = strand.labels.set_index("label")["severity"]
    total = rows.groupby(["label", "dimension"])["amount"].transform("sum")
    shares = rows.assign(amount=rows["amount"] / total * rows["label"].map(size).fillna(0.0))
    return shares[shares["amount"] > 0]


def amplified(engagement: Engagement, limits: Limits, with_demand: bool = True) -> Strand:
    """How far the plan moved over the news that arrived; limits widen with the size of the lots."""
    rows = schedule.amplification(engagement, with_demand)
    extra = 0.0 if with_demand else schedule.NO_SURPRISE_ALLOWANCE["one"]
    one, six = limits["plan_amplification"], limits["plan_amplification_six_cycles"]
    lot = rows["lot_ratio"]
    amber = one.amber + schedule.LOT_ALLOWANCE["amber"] * lot + extra
    red = one.red + schedule.LOT_ALLOWANCE["red"] * lot + extra
    rows["value"] = rows["amplification"].where(lot <= schedule.LARGEST_LOT_RATIO)
    rows["reach"] = rows["value"] / amber
    rows["breach"] = rows["value"] >= amber
    rows["severity"] = (0.5 + 0.5 * ((rows["value"] - amber) / (red - amber)).clip(0, 1)).where(rows["breach"], 0.0)
    rows["six_amber"] = schedule.six_cycle_limit(six.amber, lot, with_demand)
    rows = rows.assign(known_on=rows["label"], weight=1.0)
    last = Limit(float(amber.iloc[-1]), float(red.iloc[-1]), one.unit, one.source) if len(rows) else one
    title = "Plan movement over the news that arrived"
    metric = Metric("plan_amplification", title, rows.set_index("label")["value"], "plan", last, one.unit)
    governed = (1 - 1 / rows["amplification_six"]).clip(0, 1)
    return Strand(
        metric,
        rows[["label", "known_on", "value", "reach", "breach", "severity", "weight"]],
        at_each_cycle(engagement.calendar, rows, "six cycles of plan movement exceed the news", _six_reach),
        _movers(engagement, with_demand),
        (_trend(metric, "Above the line the plan moves more than its news; healthy plans stay near 1."),),
        f"plan and forecast compared over {int(rows['value'].notna().sum())} cycles, lots of {lot.mean():.2f} periods"
        + ("" if with_demand else ", without demand"),
        discriminators=pd.DataFrame({"label": rows["label"], "name": "D2", "value": governed}).dropna(),
    )


def without_demand(engagement: Engagement, limits: Limits) -> Strand:
    return amplified(engagement, limits, with_demand=False)


def _six_reach(known: pd.DataFrame) -> Outcome:
    last = known.dropna(subset=["amplification_six"]).tail(1)
    return UNDECIDED if last.empty else (bool((last["amplification_six"] >= last["six_amber"]).iloc[0]), float("nan"))


def _movers(engagement: Engagement, with_demand: bool) -> pd.DataFrame:
    by_family = schedule.movement_and_news(engagement, with_demand).rename(columns={"family": "value"})
    by_family = by_family.assign(dimension="family", amount=(by_family["moved"] - by_family["news"]).clip(lower=0.0))
    by_resource = schedule.plan_movement(engagement, "resource_id").rename(
        columns={"resource_id": "value", "moved": "amount"}
    )
    return _contributed([by_family, by_resource.assign(dimension="resource")])


def _contributed(parts: list[pd.DataFrame]) -> pd.DataFrame:
    return pd.concat(parts, ignore_index=True)[["label", "dimension", "value", "amount"]]


def unruled(engagement: Engagement, limits: Limits) -> Strand:
    """Changes in the frozen zone that no rule and no decision covers; wider limits where no fence was declared."""
    rows = schedule.frozen_changes(engagement)
    by_resource = rows.groupby(KEYS, as_index=False)[["moved", "planned", "unruled"]].sum()
    planned = by_resource["planned"].where(by_resource["planned"] > 0)
    by_resource = by_resource.assign(value=by_resource["unruled"] / planned, weight=by_resource["planned"])
    limit = limits["unruled_frozen_changes" if _has_fence(engagement) else "frozen_changes"]
    sums = by_resource.groupby("label")[["moved", "planned", "unruled"]].sum()
    title = "Changes in the frozen zone without rule or decision"
    series = sums["unruled"] / sums["planned"].where(sums["planned"] > 0)
    metric = Metric("unruled_frozen_changes", title, series, "fact", limit, limit.unit)
    share = (sums["unruled"] / sums["moved"].where(sums["moved"] > 0)).dropna()
    families = rows.rename(columns={"family": "value", "unruled": "amount"}).assign(dimension="family")
    resources = by_resource.drop(columns="value").rename(columns={"resource_id": "value", "unruled": "amount"})
    return Strand(
        metric,
        *_of_resources(engagement, by_resource, limit, "unruled changes of the frozen zone in the mean of six"),
        _contributed([families, resources.assign(dimension="resource")]),
        (_heatmap(by_resource, metric, "A dark row is a line whose frozen plan is not kept."),),
        f"frozen zone of {engagement.settings.time_fences.frozen} periods",
        discriminators=pd.DataFrame({"label": share.index, "name": "D3", "value": share.to_numpy()}),
    )


def _has_fence(engagement: Engagement) -> bool:
    return "time_fences" in engagement.settings.model_fields_set


def frozen(engagement: Engagement, limits: Limits) -> Strand:
    """Changes in the frozen zone whatever their reason, where nothing but the plan was sent."""
    rows = schedule.frozen_moves(engagement)
    rows = rows.assign(value=rows["moved"] / rows["planned"].where(rows["planned"] > 0), weight=rows["planned"])
    limit = limits["frozen_changes"]
    sums = rows.groupby("label")[["moved", "planned"]].sum()
    series = sums["moved"] / sums["planned"].where(sums["planned"] > 0)
    metric = Metric("frozen_changes", "Changes in the frozen zone", series, "plan", limit, limit.unit)
    labels, _ = _of_resources(engagement, rows, limit, "", "plan")
    back = schedule.reversals(engagement).assign(known_on=lambda r: r["label"])
    resources = rows.drop(columns="value").rename(columns={"resource_id": "value", "moved": "amount"})
    return Strand(
        metric,
        labels,
        at_each_cycle(engagement.calendar, back, "plan changes are taken back", taken_back),
        _contributed([resources.assign(dimension="resource")]),
        (_heatmap(rows, metric, "A dark row is a line whose next period is replanned every cycle."),),
        f"plan snapshots alone, over {len(sums)} cycles",
    )


def resequenced(engagement: Engagement, limits: Limits) -> Strand:
    """How much of a week's planned sequence was not kept; from sequences with its set-ups, else from start dates."""
    from_sequences = sequence.has_sequences(engagement)
    name = "sequence_change" if from_sequences else "start_order_change"
    limit, stricter = limits[name], limits["start_order_change"].amber
    rows = sequence.sequence_changes(engagement).rename(columns={"sci": "value", "hours": "weight"})
    reached = is_breach(rows["value"], limit)
    more: tuple[Metric, ...] = ()
    if from_sequences and engagement.has("production_orders.setup_hours"):
        rows = rows.merge(sequence.setup_excess(engagement), on=KEYS, how="left", validate="one_to_one")
        costly = is_breach(rows["excess"], limits["setup_excess"]) | (rows["value"] >= limit.red)
        reached, more = reached & costly, (_setup_metric(rows, limits["setup_excess"]),)
    elif from_sequences:
        reached &= rows["value"] >= stricter
    rows["breach"], rows["severity"] = reached, severity(rows["value"], limit).where(reached, 0.0)
    metric = Metric(name, "Planned sequence not kept", _weighted(rows), "fact", limit, limit.unit)
    amounts = rows.assign(amount=rows["value"] * rows["weight"], dimension="resource").drop(columns="value")
    return Strand(
        metric,
        *_of_resources(engagement, rows, limit, "sequence not kept in the mean of six"),
        _contributed([amounts.rename(columns={"resource_id": "value"})]),
        (_heatmap(rows, metric, "A dark row is a line where the week's sequence does not survive the week."),),
        f"{int(rows['windows'].sum())} weeks with enough orders on {rows['resource_id'].nunique()} resources",
        more,
    )


def _setup_metric(rows: pd.DataFrame, limit: Limit) -> Metric:
    known = rows[rows["excess"].notna()].assign(value=lambda r: r["excess"])
    return Metric(
        "setup_excess", "Set-up time per order against the usual", _weighted(known), "fact", limit, limit.unit
    )


def _weighted(rows: pd.DataFrame) -> pd.Series:
    sums = rows.assign(total=rows["value"] * rows["weight"]).groupby("label")[["total", "weight"]].sum()
    return sums["total"] / sums["weight"].where(sums["weight"] > 0)


def rescheduled(engagement: Engagement, limits: Limits) -> Strand:
    """Unplanned changes to the released schedule per order that was due."""
    rows = sequence.changes_per_order(engagement)
    limit = limits["changes_per_order"]
    rows = rows.assign(value=rows["cpo"].where(rows["orders"] > 0), weight=rows["orders"].fillna(0.0))
    guarded = passes_count_guard(rows["changes"].clip(upper=rows["orders"]), rows["orders"], HEALTHY_CHANGES)
    rows["breach"] = is_breach(rows["value"], limit) & guarded
    rows["severity"] = severity(rows["value"], limit).where(rows["breach"], 0.0)
    metric = Metric("changes_per_order", "Schedule changes per order", _weighted(rows), "fact", limit, limit.unit)
    labels, _ = _of_resources(engagement, rows, limit, "")
    weeks = limits["weeks_with_changes"]
    both = _confirmed(
        engagement, rows, "changes per order and in most weeks", mean_of_units(limit, ("weeks_changed", weeks))
    )
    amounts = rows.drop(columns="value").rename(columns={"resource_id": "value", "changes": "amount"})
    return Strand(
        metric,
        labels,
        both,
        _contributed([amounts.assign(dimension="resource")]),
        (_heatmap(rows, metric, "A dark row is a line whose released orders are changed again and again."),),
        f"{int(rows['changes'].sum())} unplanned schedule changes on {int(rows['orders'].sum())} orders",
    )


def _of_resources(
    engagement: Engagement, rows: pd.DataFrame, limit: Limit, test: str, timing: Timing = "fact"
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """From resources to the client, and key 2: the same rule on the mean of each resource's last six labels."""
    units = rows.assign(unit=rows["resource_id"], critical=rows["resource_id"].isin(engagement.critical_resources))
    flags = make_flags(units, engagement.calendar, timing, limit)
    labels = breached_labels(flags)
    value = (
        flags.dropna(subset=["value"]).assign(part=lambda f: f["value"] * f["weight"]).groupby("label")["part"].sum()
    )
    worst = flags.groupby("label")["value"].max()
    labels["value"] = labels["label"].map(value).astype(float)
    labels["reach"] = labels["label"].map(worst).astype(float) / limit.amber
    return labels, _confirmed(engagement, rows, test, mean_of_units(limit)) if test else pd.DataFrame()


def _confirmed(engagement: Engagement, rows: pd.DataFrame, name: str, test: Test) -> pd.DataFrame:
    known = rows.assign(known_on=engagement.calendar.known_on(rows["label"], "fact")).sort_values(
        KEYS, ignore_index=True
    )
    return at_each_cycle(engagement.calendar, known, name, test)


def _trend(metric: Metric, reading: str) -> Chart:
    rows = pd.DataFrame({"cycle": metric.values.index, "value": metric.values.to_numpy(), "series": metric.title})
    return Chart("trend", metric.title, rows, "cycle", "value", "series", metric.unit, metric.limit, reading)


def _heatmap(rows: pd.DataFrame, metric: Metric, reading: str) -> Chart:
    cells = rows.rename(columns={"label": "cycle", "resource_id": "resource"})[["cycle", "resource", "value"]]
    return Chart("heatmap", metric.title, cells, "cycle", "value", "resource", metric.unit, metric.limit, reading)


STRANDS: dict[str, tuple[tuple[Callable[[Engagement, Limits], Strand], tuple[str, ...]], ...]] = {
    "full": ((amplified, ()), (unruled, ()), (resequenced, ())),
    "reduced B": ((resequenced, ()), (amplified, (PLAN, "forecast_snapshots", DEMAND))),
    "minimum A": ((amplified, ()), (rescheduled, ("schedule_changes", "production_orders"))),
    "minimum A without demand": ((without_demand, ()), (rescheduled, ("schedule_changes", "production_orders"))),
    "minimum B": ((resequenced, ()), (rescheduled, ("schedule_changes",))),
    "minimum C": ((rescheduled, ()),),
    "minimum D": ((frozen, ()),),
}


def _strands(engagement: Engagement, path: Path) -> list[Callable[[Engagement, Limits], Strand]]:
    """The strands of a path, and those of its level that the data allow as well."""
    return [measure for measure, needs in STRANDS[path.name] if engagement.has(*needs)]
