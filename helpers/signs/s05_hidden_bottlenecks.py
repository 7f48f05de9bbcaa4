"""S05 hidden_bottlenecks: the plan says there is room, yet the same resource needs rescuing month after month.

Why it matters
    A bottleneck that the plan does not know is paid for in overtime, queues and late orders, and no cycle ever
    discusses it: the plan is approved as feasible each time.
How it is measured
    Per resource, and only where the plan had called it feasible. Either hours worked beyond the plan over planned hours
    (exceptional hours share); or a plan whose hours are not there: orders take longer than their standard hours, or
    fewer hours were available than planned, by a tenth together, while the queue grew to half as much again as usual.
    The same resource must be rescued more than the others, or its planned rates and hours be too optimistic over six
    cycles, or the plan lie above what it has demonstrated. Without hours: the money spent on the resource in months in
    which its plan was no peak, else the share of its orders that finish late.
What it cannot tell
    Agreed overtime that is not in the capacity table looks unplanned. A whole plant that is rescued at once is a
    question of capacity, not of one hidden bottleneck. Standard hours that follow the product mix badly look like a
    slow resource. A resource that is slow but has room for it shows no queue and stays unseen here (see sign 3).
Source
    Rated capacity and load (APICS body of knowledge); Little 1961; Hopp and Spearman, Factory Physics. The
    hidden-bottleneck rule and its limits are this kit's own definition, calibrated by simulation.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
import pandas as pd
from scipy import stats

from helpers.engagement import Engagement
from helpers.errors import NotAssessable
from helpers.evidence import Chart, Evidence, Limit, Look, Metric, Path, Remedies, Sign
from helpers.judgement.breach import ALPHA, FEWEST_COUNTED, is_breach, limits_in_force, make_flags, severity
from helpers.judgement.confirm import UNDECIDED, WINDOW, Outcome, Test, mean_reaches
from helpers.judgement.per_unit import per_unit
from helpers.judgement.repeated import same_again
from helpers.measures import capacity, load
from helpers.measures.coverage import CAPACITY_WORDS, has_governance
from helpers.measures.decisions import decided_families
from helpers.measures.queues import queue_growth, resource_families
from helpers.measures.usual import planned_pace

CAPACITY = "capacity.planned_hours"
OVERTIME, FINISHES = "production_orders.overtime_hours", "production_orders.actual_finish"
STANDARD_HOURS = "production_orders.standard_hours | items.standard_hours_per_unit"
OWN = "definition of this kit, default by judgement"
LEARNT = "planning parameters are due for review from 10 % off; in good health they stay within 6 %"

SIGN = Sign(
    number=5,
    key="hidden_bottlenecks",
    cluster="capacity",
    title="Hidden bottlenecks",
    question="Which resource has room in the plan and needs rescuing all the same?",
    board="The plan says there is room, yet the same resource needs rescuing month after month.",
    unit="resource",
    judged="each",
    limits={
        "exceptional_hours_share": Limit(0.05, 0.10, "share", OWN),
        "rescue_cost_ratio": Limit(2.0, 3.0, "times the other resources", OWN),
        "late_orders_share": Limit(0.20, 0.40, "share", OWN),
        "rate_gap": Limit(float(np.log(1.10)), float(np.log(1.25)), "log of actual over planned hours", LEARNT),
        "demonstrated_gap": Limit(0.05, 0.10, "share of capacity", OWN),
    },
    paths=(
        Path("full", "full", ("production_plan_snapshots.hours", CAPACITY, OVERTIME, FINISHES)),
        Path(
            "reduced",
            "reduced",
            (
                CAPACITY,
                f"{OVERTIME} | production_orders.actual_hours",
                f"{STANDARD_HOURS} | production_plan_snapshots.hours",
            ),
        ),
        Path("minimum A", "minimum", (CAPACITY, "compensation_costs.resource_id")),
        Path("minimum B", "minimum", ("production_orders.planned_finish", FINISHES), raise_only=True),
    ),
    questions=(
        "Which resource do you rescue most often, and does the plan call it full?",
        "Where do the rates in the plan come from, and when were they last compared with what was done?",
        "What did the last overtime decision cost, and who saw it?",
    ),
    remedies=Remedies(
        trade_off_rules="When the bottleneck is full: which mix is cut, when hours are added, and at what margin.",
        exceptions="Constrained resources get a page of their own each cycle: critical service, margin, efficiency.",
        cadence_and_roles="Operations checks load on demonstrated, not theoretical, hours before the plan is approved.",
    ),
)

FEASIBLE_LOAD = 1.0
QUEUE_GROWTH = 1.5
PEAK = 1.2
FEWEST_SEEN = 3
LATE_TOLERANCE_DAYS = 2
KEYS = ["label", "resource_id"]


def gather(engagement: Engagement, path: Path) -> Evidence:
    """Hidden-bottleneck evidence of every resource, each judged on its own."""
    limits = limits_in_force(SIGN, engagement.settings)
    measured = MEASURES[path.name](engagement, limits)
    if measured.empty or measured["value"].notna().sum() == 0:
        raise NotAssessable("no resource has planned hours and a result in the same cycle", SIGN.paths[0].needs)
    headline = HEADLINES.get(path.name, "exceptional_hours_share")
    if path.name == "minimum A" and not _has_rate(engagement):
        headline = "rescue_cost_ratio"
    flags = make_flags(_with_weights(engagement, measured), engagement.calendar, "fact")
    metrics = (_worst(flags, headline, limits[headline]), *_more_metrics(engagement, path, limits))
    return Evidence(
        path=path,
        flags=flags,
        metrics=metrics,
        contributions=_contributions(engagement, measured),
        charts=_charts(engagement, measured, headline, limits[headline]),
        basis=_basis(engagement, measured),
        confirmations=_confirmations(engagement, path, flags, limits),
        discriminators=_discriminators(engagement, path, measured),
    )


def _by_plan(engagement: Engagement, limits: dict[str, Limit]) -> pd.DataFrame:
    """Full: feasible when approved, then unplanned hours, or hours that were not there while the queue grew."""
    return _rescued(engagement, _fullest_plan(engagement), limits)


def _rescued(engagement: Engagement, loads: pd.DataFrame, limits: dict[str, Limit]) -> pd.DataFrame:
    rows = capacity.exceptional_hours(engagement)
    for more in (loads, capacity.rate_gaps(engagement), queue_growth(engagement)):
        rows = rows.merge(more, on=KEYS, how="left", validate="one_to_one")
    rows["value"] = rows["share"].where(rows["load"].notna())
    missed = rows["gap"].where(rows["growth"] >= QUEUE_GROWTH)
    hours, rate = limits["exceptional_hours_share"], limits["rate_gap"]
    worst = pd.concat([severity(rows["share"], hours), severity(missed, rate)], axis=1).max(axis=1)
    return _hidden(rows, is_breach(rows["share"], hours) | is_breach(missed, rate), worst)


def _fullest_plan(engagement: Engagement) -> pd.DataFrame:
    """The higher of the load when approved and in the last plan: what either showed openly is not hidden."""
    loads = [capacity.planned_load(engagement, lag) for lag in (engagement.settings.demand_fence, 0)]
    return pd.concat(loads).groupby(KEYS, as_index=False).agg(load=("load", "max"))


def _by_orders(engagement: Engagement, limits: dict[str, Limit]) -> pd.DataFrame:
    """Reduced: what was due fitted into the planned hours, yet it took hours beyond them or hours were not there."""
    return _rescued(engagement, _due_load(engagement), limits)


def _due_load(engagement: Engagement) -> pd.DataFrame:
    """The load of the orders due in standard hours; where orders have none, that of the plan in hours."""
    if engagement.has(STANDARD_HOURS):
        return capacity.order_load(engagement)[[*KEYS, "load"]]
    return _fullest_plan(engagement)


def _by_cost(engagement: Engagement, limits: dict[str, Limit]) -> pd.DataFrame:
    """Minimum A: rescue money in hours at the overtime rate; without a rate, against the other resources."""
    rows = capacity.rescue_cost(engagement)
    if _has_rate(engagement):
        limit = limits["exceptional_hours_share"]
        rows["value"] = rows["per_hour"] / (engagement.settings.overtime_rate or np.nan)
        breach = is_breach(rows["value"], limit)
    else:
        limit = limits["rescue_cost_ratio"]
        rows["value"] = _times_the_others(rows, "amount", "planned_hours")
        breach = is_breach(rows["value"], limit) & (rows["amount"] > 0)
    rows["load"] = _against_the_usual(engagement, rows).mask(_planned_as_full(engagement, rows), np.inf)
    return _hidden(rows, breach, severity(rows["value"], limit))


def _against_the_usual(engagement: Engagement, rows: pd.DataFrame) -> pd.Series:
    """Planned pace over the usual and a fifth, aligned with `rows`: above 1 the plan showed a peak."""
    if not engagement.has("production_plan_snapshots"):
        return pd.Series(FEASIBLE_LOAD, index=rows.index)
    pace = rows[KEYS].merge(planned_pace(engagement), on=KEYS, how="left", validate="one_to_one")["pace"]
    return pd.Series(pace.to_numpy() / PEAK, index=rows.index)


def _by_lateness(engagement: Engagement, limits: dict[str, Limit]) -> pd.DataFrame:
    """Minimum B: far more of its orders finish late than on the other resources, and more than chance explains."""
    rows = capacity.late_orders(engagement, LATE_TOLERANCE_DAYS)
    rows["value"] = (rows["late"] / rows["orders"]).where(rows["orders"] >= FEWEST_COUNTED)
    others = _of_the_others(rows, "late", "orders").fillna(0.0)
    limit, ratio = limits["late_orders_share"], limits["rescue_cost_ratio"].amber
    beyond_chance = rows["late"] > stats.binom.isf(ALPHA, rows["orders"], others)
    breach = is_breach(rows["value"], limit) & (rows["value"] >= ratio * others) & beyond_chance
    return _hidden(rows.assign(load=FEASIBLE_LOAD), breach, severity(rows["value"], limit))


Measure = Callable[[Engagement, dict[str, Limit]], pd.DataFrame]
MEASURES: dict[str, Measure] = {
    "full": _by_plan,
    "reduced": _by_orders,
    "minimum A": _by_cost,
    "minimum B": _by_lateness,
}
HEADLINES = {"minimum B": "late_orders_share"}


def _hidden(rows: pd.DataFrame, breach: pd.Series, worst: pd.Series) -> pd.DataFrame:
    """A breach counts only where the plan had called the resource feasible; an open overload is not hidden."""
    hidden = breach & (rows["load"] <= FEASIBLE_LOAD)
    return rows.assign(breach=hidden, severity=worst.where(hidden, 0.0))


def _has_rate(engagement: Engagement) -> bool:
    return engagement.settings.overtime_rate is not None


def _of_the_others(rows: pd.DataFrame, above: str, below: str) -> pd.Series:
    """Pooled ratio of the other resources of the same label; missing where a resource is alone."""
    totals = rows.groupby("label")[[above, below]].transform("sum")
    rest = totals[below] - rows[below]
    return (totals[above] - rows[above]) / rest.where(rest > 0)


def _times_the_others(rows: pd.DataFrame, above: str, below: str) -> pd.Series:
    """Each resource's ratio over that of the others; where the others needed nothing, far above red."""
    own = rows[above] / rows[below].where(rows[below] > 0)
    others = _of_the_others(rows, above, below)
    far = SIGN.limits["rescue_cost_ratio"].red * 2
    ratio = (own / others.where(others > 0)).clip(upper=far)
    return ratio.mask((others == 0) & (own > 0), far).mask((others == 0) & (own == 0), 0.0)


def _planned_as_full(engagement: Engagement, rows: pd.DataFrame) -> pd.Series:
    """Constraints for which overtime was planned: the plan did not hide them."""
    hours = capacity.capacity_hours(engagement)[[*KEYS, "planned_overtime_hours"]]
    overtime = rows[KEYS].merge(hours, on=KEYS, how="left", validate="one_to_one")["planned_overtime_hours"]
    known = engagement.critical_resources if engagement.has("resources.is_constraint") else ()
    return pd.Series(rows["resource_id"].isin(known).to_numpy() & (overtime > 0).to_numpy(), index=rows.index)


def _with_weights(engagement: Engagement, measured: pd.DataFrame) -> pd.DataFrame:
    return measured.assign(
        unit=measured["resource_id"],
        weight=_size(measured),
        critical=measured["resource_id"].isin(engagement.critical_resources),
    )


def _size(measured: pd.DataFrame) -> pd.Series:
    return measured["planned_hours"] if "planned_hours" in measured else measured["orders"]


def _worst(flags: pd.DataFrame, name: str, limit: Limit) -> Metric:
    """The resource that needed most in each label: the limit holds for a resource, not for the average plant."""
    values = flags.groupby("label")["value"].max()
    return Metric(name, f"{TITLES[name]}, worst resource", values, "fact", limit, limit.unit)


TITLES = {
    "exceptional_hours_share": "Unplanned extra hours over planned hours",
    "rescue_cost_ratio": "Rescue cost per planned hour against the other resources",
    "late_orders_share": "Orders finished late",
}


def _more_metrics(engagement: Engagement, path: Path, limits: dict[str, Limit]) -> tuple[Metric, ...]:
    if path.name not in ("full", "reduced"):
        return ()
    hours = capacity.exceptional_hours(engagement).groupby("label")[["extra_hours", "planned_hours"]].sum(min_count=1)
    plant = hours["extra_hours"] / hours["planned_hours"].where(hours["planned_hours"] > 0)
    whole = Metric(
        "exceptional_hours_share_of_the_plant", "Unplanned extra hours, all resources", plant, "fact", None, "share"
    )
    limit, gaps = limits["rate_gap"], capacity.rate_gaps(engagement).groupby("label")["gap"].max()
    optimism = Metric("rate_gap", "Plan too optimistic, worst resource", gaps, "fact", limit, limit.unit)
    if path.name == "reduced":
        return whole, optimism
    short = capacity.output_shortfall(engagement, lag=0).groupby("label")["shortfall"].max()
    missed = Metric("output_shortfall", "Output short of the last plan, worst resource", short, "fact", None, "share")
    return whole, optimism, missed


def _confirmations(engagement: Engagement, path: Path, flags: pd.DataFrame, limits: dict[str, Limit]) -> pd.DataFrame:
    calendar = engagement.calendar
    tests = [same_again(flags, calendar)]
    if path.name in ("full", "reduced"):
        gaps, bias = capacity.rate_gaps(engagement), mean_reaches("gap", limits["rate_gap"].amber)
        tests.append(per_unit(calendar, gaps, "resource_id", "planned rates and hours too optimistic", bias))
    if path.name == "full":
        ahead, overload = load.demonstrated_gap(engagement), _overload_test(limits["demonstrated_gap"])
        tests.append(per_unit(calendar, ahead, "resource_id", "overload on demonstrated capacity", overload))
    return pd.concat(tests, ignore_index=True)


@cache
def _overload_test(gap: Limit) -> Test:
    """Met when over the last six labels load on demonstrated capacity exceeds 1 and the planned load by the limit.

    The gap alone holds for every plant that leaves room for set-ups instead of planning their hours.
    """
    above, full = mean_reaches("gap", gap.amber), mean_reaches("demonstrated", FEASIBLE_LOAD)

    def test(known: pd.DataFrame) -> Outcome:
        outcomes = above(known)[0], full(known)[0]
        return UNDECIDED if None in outcomes else (all(outcomes), float("nan"))

    return test


def _contributions(engagement: Engagement, measured: pd.DataFrame) -> pd.DataFrame:
    """Severity × planned hours (orders) of the breaching resources, and of the families made on them."""
    hit = measured.assign(amount=measured["severity"] * _size(measured))[measured["breach"]]
    by_resource = hit.assign(dimension="resource", value=hit["resource_id"])
    shares = resource_families(engagement)
    spread = hit.drop(columns="value").merge(shares, on=KEYS, how="inner", validate="one_to_many")
    by_family = spread.assign(
        dimension="family", value=spread["family"], amount=spread["amount"] * spread["family_share"]
    )
    both = pd.concat([by_resource, by_family], ignore_index=True)
    return both.groupby(["label", "dimension", "value"], as_index=False).agg(amount=("amount", "sum"))


def _discriminators(engagement: Engagement, path: Path, measured: pd.DataFrame) -> pd.DataFrame:
    hit = measured[measured["breach"]]
    found = [pd.DataFrame(columns=["label", "name", "value"])]
    if path.name in ("full", "reduced"):
        seen = hit[KEYS].merge(_visible(engagement), on=KEYS, validate="one_to_one").dropna(subset=["visible"])
        found.append(seen.assign(name="D5", value=seen["visible"]))
    if has_governance(engagement):
        found.append(_ungoverned(engagement, hit))
    return pd.concat(found, ignore_index=True).groupby(["label", "name"], as_index=False).agg(value=("value", "mean"))


def _visible(engagement: Engagement) -> pd.DataFrame:
    """D5: 1 where the plan could have known, when it was approved, that the resource would not do it.

    Its rates and hours had been a tenth too optimistic in the median of the six labels known then (a breakdown now
    and then foretells nothing), or the planned load exceeded the demonstrated capacity. Missing below three labels.
    """
    fence = engagement.settings.demand_fence
    gaps = capacity.rate_gaps(engagement)
    known = gaps.groupby("resource_id")["gap"].shift(fence + 1)
    usual = known.groupby(gaps["resource_id"]).rolling(WINDOW, min_periods=FEWEST_SEEN).median().droplevel(0)
    rows = gaps[KEYS].assign(visible=(usual >= SIGN.limits["rate_gap"].amber).astype(float).where(usual.notna()))
    if not capacity.plan_is_in_hours(engagement):
        return rows
    both = rows.merge(capacity.demonstrated_load(engagement, fence), on=KEYS, how="left", validate="one_to_one")
    over = (both["load"] > FEASIBLE_LOAD).astype(float).where(both["load"].notna())
    return both[KEYS].assign(visible=pd.concat([both["visible"], over], axis=1).max(axis=1))


def _ungoverned(engagement: Engagement, hit: pd.DataFrame) -> pd.DataFrame:
    """D3: breaches at which no decision of the cycle touched a family made on the resource."""
    made = resource_families(engagement)[[*KEYS, "family"]]
    decided = decided_families(engagement, CAPACITY_WORDS).assign(decided=True)
    touched = made.merge(decided, on=["label", "family"], how="left", validate="many_to_one")
    by_resource = (
        touched.assign(decided=touched["decided"].notna()).groupby(KEYS, as_index=False).agg(decided=("decided", "any"))
    )
    judged = hit[KEYS].merge(by_resource, on=KEYS, validate="one_to_one")
    return judged.assign(name="D3", value=1.0 - judged["decided"].astype(float))


def _charts(engagement: Engagement, measured: pd.DataFrame, headline: str, limit: Limit) -> tuple[Chart, ...]:
    rows = measured.rename(columns={"label": "cycle", "resource_id": "resource"})
    title = f"{TITLES[headline]}, by resource"
    reading = "A strong row is one resource rescued again and again; a strong column is one bad month of the plant."
    cells = rows[["cycle", "resource", "value"]]
    heat = Chart("heatmap", title, cells, "cycle", "value", "resource", limit.unit, limit, reading)
    if "share" not in rows:
        return (heat,)
    title = "What the plan promised and what it took"
    reading = "Points on the left and high up had room in the plan and were rescued all the same."
    loads = rows.loc[rows["load"].notna() & rows["share"].notna(), ["resource", "load", "share"]]
    scatter = Chart("scatter", title, loads, "load", "share", "resource", limit.unit, limit, reading)
    return heat, scatter, *_load_charts(engagement, measured)


def _load_charts(engagement: Engagement, measured: pd.DataFrame) -> tuple[Chart, ...]:
    if not capacity.plan_is_in_hours(engagement):
        return ()
    ahead, look = load.demonstrated_gap(engagement), Look(True, (load.PROVED, load.PLANNED), (load.BEYOND,))
    reading = "Columns: the plan when it was approved; hatched: work beyond what the resource has proved it can do."
    found = [(name, load.load_by_part(ahead, name)) for name in load.most_rescued(measured)]
    return tuple(
        Chart("stack", f"Load against demonstrated capacity, {name}", rows, "label", "hours", "part", "hours", None,
              reading, look)
        for name, rows in found if len(rows)
    )  # fmt: skip


def _basis(engagement: Engagement, measured: pd.DataFrame) -> str:
    assessed = measured[measured["value"].notna()]
    words = [
        f"{assessed['resource_id'].nunique()} resources over {assessed['label'].nunique()} cycles",
        f"{len(measured) - len(assessed)} of {len(measured)} resource-cycles left out for want of a plan or a result",
    ]
    if not engagement.has("capacity.planned_overtime_hours"):
        words.append("no planned overtime was sent, so all overtime counts as unplanned")
    return "; ".join(words) + "."
