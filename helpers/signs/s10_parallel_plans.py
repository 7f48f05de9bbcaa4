"""S10 parallel_plans: each department runs its own plan, and the real decisions are taken elsewhere.

Why it matters
    A meeting that only reports deviations leaves every function with its own numbers. Each then buys, makes and
    promises to a different plan, and the differences are paid for as rush, overtime and stock.
How it is measured
    The spread of the functions' numbers before and after the meeting: how much of it the meeting closes, and how many
    functions still hold their own number. Beside it the share of decisions taken outside the meeting, and how decisions
    are run: how fast, whether carried out on time, carried over, with an owner. Confirmed when the meeting closes
    nothing, when output follows one function's own plan, or when most weight is decided elsewhere. With only the
    numbers before the meeting, the spread must exceed forecast noise and come back cycle after cycle.
What it cannot tell
    Whether the consensus was the better plan. A decision log shows only what was logged. A budget kept apart by law, or
    a scenario band, looks like an own plan unless it is declared.
Source
    Defined by the kit. Alignment of execution matters more than quality of information: Oliva & Watson 2011,
    Journal of Operations Management. Process and outcome measures: Hulthén et al. 2016. Limits: judgement.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from helpers.engagement import Engagement
from helpers.errors import NotAssessable
from helpers.evidence import CONFIRMATION_COLUMNS, Chart, Evidence, Limit, Look, Metric, Path, Remedies, Sign
from helpers.inference import t_above
from helpers.judgement.breach import is_breach, limits_in_force, make_flags
from helpers.judgement.confirm import UNDECIDED, Outcome, Test, at_each_cycle, mean_reaches, often_reaches
from helpers.judgement.trend import ALPHA, mann_kendall
from helpers.measures import alignment, decisions, execution, plans
from helpers.measures.items import family_weights
from helpers.periods import Timing

JUDGED = "default of the kit, by judgement"
DATED = "decisions.forum | decisions.decided_on"

SIGN = Sign(
    number=10,
    key="parallel_plans",
    cluster="governance",
    title="Parallel plans",
    question="Does each department run its own plan while the real decisions are taken outside the meeting?",
    board="Each department runs its own plan; the meeting reports deviations, the real decisions are taken elsewhere.",
    unit="company",
    judged="company",
    limits={
        "convergence": Limit(0.50, 0.20, "share of the spread closed", JUDGED, lower_is_worse=True),
        "spread_after": Limit(0.03, 0.06, "standard deviation of logs", JUDGED),
        "spread_before": Limit(0.07, 0.14, "standard deviation of logs", f"{JUDGED}; never below forecast noise"),
        "spread_over_noise": Limit(
            1.0, 2.0, "times its limit", f"{JUDGED}; the limit is spread_before or forecast noise"
        ),
        "carry_over": Limit(0.50, 0.80, "share", "default of the kit, by simulation"),
        "off_forum_share": Limit(0.25, 0.50, "share of decisions", JUDGED),
        "weak_decision_measures": Limit(2.0, 3.0, "of four measures", JUDGED),
        "latency": Limit(1.0, 2.0, "cycles", JUDGED),
        "executed_share": Limit(0.80, 0.60, "share of decisions due", JUDGED, lower_is_worse=True),
        "carried_share": Limit(0.30, 0.50, "share of decisions raised", JUDGED),
        "owned_share": Limit(0.80, 0.50, "share of decisions raised", JUDGED, lower_is_worse=True),
        "orphan_share": Limit(0.50, 0.75, "share of plan changes", JUDGED),
    },
    paths=(
        Path("full", "full", ("function_plans.version", "forecast_snapshots", execution.NEEDS, "decisions", DATED)),
        Path("reduced A", "reduced", ("function_plans.version",)),
        Path("minimum A", "minimum", ("function_plans",)),
        Path("minimum B", "minimum", ("decisions", DATED)),
        Path("minimum C", "minimum", ("production_plan_snapshots", "decisions"), raise_only=True),
    ),
    questions=(
        "Which file do you open to decide tomorrow's work?",
        "Name a decision of last month taken outside the meeting; why there?",
        "What did the last meeting decide that was not known before?",
    ),
    remedies=Remedies(
        trade_off_rules="Rules that settle the quarrels that come back, written before they come back.",
        exceptions="An agenda of open trade-offs only, in the order critical service, margin, efficiency.",
        cadence_and_roles="Decision rights by step (who proposes, validates, approves); minutes with owner and date.",
    ),
    cost_view="root",
)

FEWEST_FUNCTIONS, FEWEST_DECISIONS, OFTEN = 3, 20, 4
QUALITY = ("latency", "executed_share", "carried_share", "owned_share")
PLAN_PATHS = ("full", "reduced A", "minimum A")
TITLES = {
    "convergence": "Spread of plans that the meeting closes",
    "spread_after": "Spread of the functions' plans after the meeting",
    "spread_before": "Spread of the functions' plans before the meeting",
    "spread_over_noise": "Spread of plans before the meeting, over its limit",
    "carry_over": "Spread that comes back from the cycle before",
    "off_forum_share": "Decisions taken outside the meeting",
    "weak_decision_measures": "Weak measures of how decisions are run",
    "latency": "Median time from raised to decided",
    "executed_share": "Decisions executed by their due date",
    "carried_share": "Decisions still open two cycles later",
    "owned_share": "Decisions with an owner",
    "orphan_share": "Plan changes without a decision",
}


@dataclass
class Findings:
    """What could be measured, as series by label, and what each part says against its limits."""

    limits: dict[str, Limit]
    series: dict[str, pd.Series] = field(default_factory=dict)
    reach: dict[str, pd.Series] = field(default_factory=dict)
    confirmations: list[pd.DataFrame] = field(default_factory=list)
    contributions: list[pd.DataFrame] = field(default_factory=list)
    charts: list[Chart] = field(default_factory=list)
    basis: list[str] = field(default_factory=list)


def gather(engagement: Engagement, path: Path) -> Evidence:
    """Parallel plans and decisions outside the meeting, for the whole client."""
    path, spoken = _usable(engagement, path)
    found = Findings(limits_in_force(SIGN, engagement.settings))
    if path.name in PLAN_PATHS:
        _measure_plans(engagement, path, spoken, found)
    if path.name in ("full", "minimum B"):
        _measure_decisions(engagement, found)
    if path.name == "minimum C":
        _measure_orphans(engagement, found)
    timing: Timing = "plan" if path.name in ("reduced A", "minimum A") else "fact"
    flags = _flags(engagement, found, timing)
    if not len(flags) or flags["value"].notna().sum() == 0:
        raise NotAssessable("too few plans or decisions to compare", ("function_plans.quantity", "decisions.forum"))
    return Evidence(
        path=path,
        flags=flags,
        metrics=_metrics(found),
        contributions=_stacked(found.contributions, ["label", "dimension", "value", "amount"]),
        charts=tuple(found.charts),
        basis="; ".join(found.basis),
        confirmations=_stacked(found.confirmations, list(CONFIRMATION_COLUMNS)),
        discriminators=_discriminators(found),
    )


def _stacked(parts: list[pd.DataFrame], columns: list[str]) -> pd.DataFrame:
    return pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)


def _usable(engagement: Engagement, path: Path) -> tuple[Path, pd.DataFrame]:
    """The path itself, or the next one for which the rows are there: three functions, numbers after the meeting."""
    if path.name not in PLAN_PATHS:
        return path, pd.DataFrame()
    spoken = plans.function_plans(engagement)
    functions = spoken.groupby("version")["function"].nunique().reindex(["before", "after"], fill_value=0)
    by_name = {option.name: option for option in SIGN.paths}
    if functions.min() >= FEWEST_FUNCTIONS and path.name != "minimum A":
        return path, spoken
    if functions["before"] >= FEWEST_FUNCTIONS:
        return by_name["minimum A"], spoken
    for name in ("minimum B", "minimum C"):
        if engagement.has(*by_name[name].needs):
            return by_name[name], pd.DataFrame()
    raise NotAssessable(
        "fewer than three functions sent their plans, which makes it the gap of sign 2, and there is no decision log",
        ("function_plans.quantity", "decisions.forum"),
    )


def _flags(engagement: Engagement, found: Findings, timing: Timing) -> pd.DataFrame:
    """The worst part decides; `value` is its distance to amber, 1 being reached."""
    parts = pd.DataFrame(found.reach)
    labels = engagement.calendar.labels if timing == "fact" else engagement.calendar.cycles
    parts = parts[parts.index.isin(labels)]
    severities = parts.apply(lambda part: _severity(part, str(part.name), found.limits))
    rows = pd.DataFrame({"label": parts.index, "value": parts.max(axis=1).to_numpy()})
    rows["breach"] = rows["value"] >= 1
    rows["severity"] = severities.max(axis=1).to_numpy() if len(parts) else 0.0
    return make_flags(rows, engagement.calendar, timing)


def _reach(values: pd.Series, limit: Limit) -> pd.Series:
    """Distance to amber as a ratio: 1 at amber, also where lower is worse; missing stays missing."""
    if limit.lower_is_worse:
        return ((1 - values) / (1 - limit.amber)).clip(lower=0.0)
    return values / limit.amber


def _severity(reach: pd.Series, part: str, limits: dict[str, Limit]) -> pd.Series:
    red = _reach(pd.Series([limits[part].red]), limits[part]).iloc[0]
    severity: pd.Series = 0.5 + 0.5 * ((reach - 1) / (red - 1)).clip(0, 1)
    return severity.where(reach >= 1, 0.0)


def _measure_plans(engagement: Engagement, path: Path, spoken: pd.DataFrame, found: Findings) -> None:
    weights = family_weights(engagement)
    consensus = alignment.agreed_number(engagement, spoken)
    if path.name == "minimum A":
        floor = found.limits["spread_before"].amber
        _judge_openings(engagement, alignment.openings(engagement, spoken, consensus, weights, floor), found)
    else:
        apart = found.limits["spread_after"].amber
        _judge_convergence(engagement, alignment.convergence(engagement, spoken, consensus, weights, apart), found)
    version = "before" if path.name == "minimum A" else "after"
    _carry_plans(alignment.shares_of_distance(engagement, spoken, consensus, weights, version), found)
    _confirm_execution(engagement, spoken, consensus, found)
    found.charts.append(_plans_chart(execution.beside_consensus(engagement, spoken, consensus, weights)))


def _plans_chart(rows: pd.DataFrame) -> Chart:
    look, title = Look(in_order=True, beside=(execution.AGREED,)), "Each function's plan, and what was made"
    apart = "By cycle of the plan, consensus 100%. Lines that stay apart are own plans; output follows the real one."
    return Chart("trend", title, rows, "cycle", "index", "who", "share", None, apart, look)


def _judge_convergence(engagement: Engagement, rows: pd.DataFrame, found: Findings) -> None:
    """A breach needs little closed, spread left, and own plans; families that agreed before have nothing to close."""
    series = rows.set_index("label")
    found.series |= {name: series[name] for name in ("convergence", "spread_after", "spread_before")}
    parts = [_reach(series[name], found.limits[name]) for name in ("convergence", "spread_after")]
    reach = pd.concat(parts, axis=1).min(axis=1, skipna=False)
    settled = series["convergence"].isna() | ~(series["own_plans"] >= FEWEST_FUNCTIONS)
    found.reach["convergence"] = reach.mask(settled & series["spread_before"].notna(), 0.0)
    known = rows.assign(known_on=rows["label"])
    found.confirmations.append(at_each_cycle(engagement.calendar, known, "the meeting closes nothing", _closes_nothing))


def _closes_nothing(known: pd.DataFrame) -> Outcome:
    closed = known["closed"].dropna().tail(12)
    if len(closed) < 6:
        return UNDECIDED
    return bool(t_above(closed.to_numpy(float)) > ALPHA), np.nan


def _judge_openings(engagement: Engagement, rows: pd.DataFrame, found: Findings) -> None:
    """A breach needs spread beyond noise, own plans, and the same gaps coming back."""
    series = rows.set_index("label")
    found.series |= {name: series[name] for name in ("spread_over_noise", "carry_over", "spread_before")}
    comes_back = is_breach(series["carry_over"], found.limits["carry_over"])
    holds = comes_back & (series["own_plans"] >= FEWEST_FUNCTIONS)
    over = series["spread_over_noise"]
    found.reach["spread_over_noise"] = _reach(over, found.limits["spread_over_noise"]).where(holds | over.isna(), 0.0)
    test = _comes_back_undiminished(found.limits["carry_over"].amber)
    known = rows.assign(known_on=rows["label"])
    found.confirmations.append(at_each_cycle(engagement.calendar, known, "the same gaps come back", test))


def _comes_back_undiminished(limit: float) -> Test:
    def test(known: pd.DataFrame) -> Outcome:
        often, _ = often_reaches("carry_over", limit, OFTEN)(known)
        if often is None:
            return UNDECIDED
        spread = known["spread_over_noise"].dropna().tail(12).to_numpy(float)
        falling = len(spread) >= 8 and mann_kendall(-spread) <= ALPHA
        return bool(often and not falling), np.nan

    return test


def _carry_plans(distances: pd.DataFrame, found: Findings) -> None:
    for dimension in ("function", "family"):
        sums = distances.groupby(["label", dimension])["amount"].sum().rename_axis(["label", "value"]).reset_index()
        found.contributions.append(sums.assign(dimension=dimension))
    by_function = distances.groupby(["label", "function"], as_index=False)[["amount", "weight"]].sum()
    by_function["distance"] = by_function["amount"] / by_function["weight"].where(by_function["weight"] > 0)
    names = {"spread_before": "before the meeting", "spread_after": "after the meeting"}
    spread = pd.DataFrame({said: found.series[name] for name, said in names.items() if name in found.series})
    lines = spread.rename_axis("label").reset_index().melt("label", var_name="when", value_name="spread").dropna()
    rows = by_function[["label", "function", "distance"]]
    dark = "A strong row is a function that keeps its own number, cycle after cycle."
    below = "The meeting works where the line after it lies well below the line before it."
    title, unit = "How far each function lies from the consensus", "mean distance, log scale"
    found.charts.append(Chart("heatmap", title, rows, "label", "distance", "function", unit, reading=dark))
    title, unit = "Spread of the functions' plans", "standard deviation of logs"
    found.charts.append(Chart("trend", title, lines, "label", "spread", "when", unit, reading=below))
    functions, families = distances["function"].nunique(), distances["family"].nunique()
    found.basis.append(f"{functions} functions, {families} families, {distances['label'].nunique()} cycles")


def _confirm_execution(engagement: Engagement, spoken: pd.DataFrame, consensus: pd.DataFrame, found: Findings) -> None:
    if not engagement.has(execution.NEEDS):
        return
    rows = execution.pulls(engagement, spoken, consensus, execution.executed_output(engagement))
    if rows.empty:
        return
    said = "one function's plan is executed"
    found.confirmations.append(at_each_cycle(engagement.calendar, rows, said, _is_followed))
    final = execution.followed(rows)
    follows = final[final["p_value"] * len(final) <= ALPHA]
    if len(follows):
        found.basis.append("output follows the own plan of " + ", ".join(sorted(follows["function"])))


def _is_followed(known: pd.DataFrame) -> Outcome:
    fits = execution.followed(known)
    if fits.empty:
        return UNDECIDED
    p_value = min(1.0, float(fits["p_value"].min()) * len(fits))
    return bool(p_value <= ALPHA), p_value


def _measure_decisions(engagement: Engagement, found: Findings) -> None:
    quality = decisions.decision_quality(engagement)
    if quality.empty:
        return
    enough = quality.set_index("label")["known"] >= FEWEST_DECISIONS
    if engagement.has("decisions.forum"):
        _measure_forums(engagement, enough, found)
    _measure_quality(engagement, quality, enough, found)
    found.basis.append(f"{int(quality['known'].max()):,} decisions logged")
    found.charts.append(_trail_chart(decisions.decision_trail(engagement)))


def _trail_chart(trail: pd.DataFrame) -> Chart:
    look = Look(in_order=True, beside=(decisions.EXECUTED,), hatched=(decisions.OUTSIDE,))
    taken = "By the cycle that raised them; hatched were taken outside the meeting, the line counts those carried out."
    return Chart("stack", "What became of decisions", trail, "label", "decisions", "outcome", "", None, taken, look)


def _measure_forums(engagement: Engagement, enough: pd.Series, found: Findings) -> None:
    rows, limit = decisions.off_forum(engagement), found.limits["off_forum_share"]
    share = decisions.off_forum_share(rows).reindex(enough.index)
    found.series["off_forum_share"] = share
    found.reach["off_forum_share"] = _reach(share, limit).where(enough)
    frame = share.rename("share").reset_index()
    frame["known_on"] = engagement.calendar.known_on(frame["label"], "fact")
    test = mean_reaches("share", limit.amber)
    found.confirmations.append(at_each_cycle(engagement.calendar, frame, "decided outside the meeting", test))
    carried = rows[rows["family"] != "all"].rename(columns={"family": "value", "outside": "amount"})
    if not any((part["dimension"] == "family").any() for part in found.contributions):
        found.contributions.append(carried.assign(dimension="family")[["label", "dimension", "value", "amount"]])
    reading = "Each point is the share of a cycle's decisions that the meeting only heard about."
    found.charts.append(_points(share, "off_forum_share", found, reading))


def _measure_quality(engagement: Engagement, quality: pd.DataFrame, enough: pd.Series, found: Findings) -> None:
    series = quality.set_index("label")
    measured = [name for name in QUALITY if series[name].notna().any()]
    found.series |= {name: series[name] for name in measured}
    if len(measured) < 2:
        return
    weak = pd.DataFrame({name: is_breach(series[name], found.limits[name]) for name in measured}).sum(axis=1)
    count = weak.astype(float).where(series[measured].notna().sum(axis=1) >= 2)
    limit = found.limits["weak_decision_measures"]
    found.series["weak_decision_measures"] = count
    found.reach["weak_decision_measures"] = _reach(count, limit).where(enough)
    frame = count.rename("count").reset_index()
    frame["known_on"] = engagement.calendar.known_on(frame["label"], "fact")
    test = often_reaches("count", limit.amber, OFTEN)
    found.confirmations.append(at_each_cycle(engagement.calendar, frame, "decisions run badly, often", test))
    if not found.charts:
        reading = f"How many of the {len(measured)} measures were weak in each cycle."
        found.charts.append(_points(count, "weak_decision_measures", found, reading))


def _points(series: pd.Series, name: str, found: Findings, reading: str) -> Chart:
    rows = series.rename("value").rename_axis("label").reset_index().dropna()
    limit = found.limits[name]
    return Chart("trend", TITLES[name], rows, "label", "value", unit=limit.unit, limit=limit, reading=reading)


def _measure_orphans(engagement: Engagement, found: Findings) -> None:
    rows = decisions.orphan_changes(engagement)
    if rows.empty:
        return
    limit = found.limits["orphan_share"]
    sums = rows.groupby("label")[["orphan", "changed"]].sum()
    share = sums["orphan"] / sums["changed"].where(sums["changed"] > 0)
    found.series["orphan_share"] = share
    found.reach["orphan_share"] = _reach(share, limit)
    frame = share.rename("share").reset_index()
    frame["known_on"] = engagement.calendar.known_on(frame["label"], "fact")
    test = often_reaches("share", limit.amber, OFTEN)
    found.confirmations.append(at_each_cycle(engagement.calendar, frame, "plan changes without a decision", test))
    named = rows.rename(columns={"family": "value", "orphan": "amount"}).assign(dimension="family")
    found.contributions.append(named[["label", "dimension", "value", "amount"]])
    reading = "Each point is the share of a cycle's plan changes that no logged decision of the family covers."
    found.charts.append(_points(share, "orphan_share", found, reading))
    found.basis.append(f"plan changes in {rows['family'].nunique()} families over {len(share)} cycles")


def _metrics(found: Findings) -> tuple[Metric, ...]:
    plan_timed = ("convergence", "spread_after", "spread_before", "spread_over_noise", "carry_over")
    first = ("convergence", "spread_over_noise", "off_forum_share", "weak_decision_measures", "orphan_share")
    order = sorted(found.series, key=lambda name: first.index(name) if name in first else len(first))
    metrics = []
    for name in order:
        if found.series[name].notna().any():
            limit = found.limits[name]
            timing: Timing = "plan" if name in plan_timed else "fact"
            metrics.append(Metric(name, TITLES[name], found.series[name], timing, limit, limit.unit))
    return tuple(metrics)


def _discriminators(found: Findings) -> pd.DataFrame:
    """D3: decisions outside the meeting, or plan changes without one, 1 at the red limit; D5: spread left open."""
    shares = {"D5": 1 - found.series["convergence"].clip(0, 1)} if "convergence" in found.series else {}
    for name in ("orphan_share", "off_forum_share"):
        if name in found.series:
            shares["D3"] = (found.series[name] / found.limits[name].red).clip(upper=1)
    rows = pd.DataFrame(shares).rename_axis("label").reset_index().melt("label", var_name="name")
    return rows.dropna()[["label", "name", "value"]]
