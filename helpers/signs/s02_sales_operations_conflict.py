"""S02 sales_operations_conflict: Sales and Operations leave the meeting with different numbers.

Why it matters
    When two functions work to different volumes after the plan was approved, the approved plan belongs to nobody. Sales
    promises what Operations will not make, Operations makes what Sales will not sell, and stock and expediting pay.
How it is measured
    The gap between the two functions over the three periods after the demand fence, as a share of the consensus,
    where it exceeds what forecast error makes indistinguishable and nobody took a dated decision about it; and the
    share of the approved plan that lies on resources without the hours to make it. Many families at once make a breach,
    and so do few in which an open gap comes back: chance does not pick the same ones twice. The pattern is confirmed by
    a steady push where gaps are open: Sales above Operations, cycle after cycle. Positions before the meeting may
    differ in good health, so they count only where the same gap comes back the next cycle.
What it cannot tell
    Who was right: how far either number lay above what came is shown, without an index of blame. A Sales number that is
    a target or unconstrained by design must be declared, value must not be compared with volume, and an allocation
    agreed in writing is not a quarrel. On the paths without numbers after the meeting it shows positions before it: ask
    for the numbers after it.
Source
    Gap against forecast error, push and cut, carry-over and approved-though-infeasible are the kit's own definitions,
    their error rates simulated (validity study). Whether the consensus was made is described and confirms nothing: as a
    second condition on positions before the meeting it lost all 10 quarrels that the push found in 12 calibration
    clients, and of 16 healthy ones none was alarmed with or without it.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from helpers.engagement import Engagement
from helpers.errors import NotAssessable
from helpers.evidence import Chart, Evidence, Limit, Metric, Path, Remedies, Sign
from helpers.judgement.breach import is_breach, limits_in_force, make_flags, severity
from helpers.judgement.confirm import at_each_cycle, mean_reaches, often_reaches
from helpers.judgement.push import steady_push
from helpers.measures import execution, feasibility, ownership, plans
from helpers.measures.demand import NEEDS as DEMAND
from helpers.measures.demand import family_demand
from helpers.measures.items import critical_families, family_weights, weighted_mean
from helpers.periods import Timing

SALES, OPERATIONS = "sales", "operations"
NOISE_AFTER, NOISE_BEFORE, NOISE_PLAN = 0.5, 1.5, 1.0
LOT_SHARE = 1 / 6
COVERED_AT_LEAST = 0.5
PUSH_LEVEL, PUSH_LEVEL_WEAK = 0.05, 0.01
WEAK_PATHS = ("minimum A", "minimum B")
KEYS = ["label", "family"]
CAME = (
    ("executed", "executed", "Output above the consensus where demand stood", "log ratio"),
    ("p_value", "executed_p_value", "Chance of this if output fell short by 5 % at most", "ratio"),
    ("first", "sales_over_demand", "Number of Sales above demand", "log ratio"),
    ("second", "operations_over_output", "Number of Operations above output", "log ratio"),
)

SIGN = Sign(
    number=2,
    key="sales_operations_conflict",
    cluster="demand",
    title="Sales against Operations",
    question="Do Sales and Operations leave the meeting with the same number?",
    board="Sales and Operations leave the meeting with different numbers, so the approved plan belongs to nobody.",
    unit="family",
    judged="units",
    limits={
        "plan_gap": Limit(0.05, 0.10, "share", "default of the kit; raised to half the forecast error"),
        "plan_gap_before": Limit(0.10, 0.20, "share", "simulated; raised to 1.5 × the forecast error"),
        "plan_gap_unknown_error": Limit(0.10, 0.20, "share", "while fewer than six horizons are realised"),
        "carry_over": Limit(0.50, 0.80, "share", "simulated: settled gaps stay below"),
        "infeasible_share": Limit(0.05, 0.15, "share", "default of the kit"),
        "owned_share": Limit(0.80, 0.50, "share", "default of the kit", lower_is_worse=True),
    },
    paths=(
        Path("full", "full", ("function_plans.version", *ownership.NEEDS)),
        Path("reduced", "reduced", ("function_plans.version",)),
        Path("minimum A", "minimum", ("function_plans | forecast_snapshots.stage",)),
        Path("minimum B", "minimum", ("forecast_snapshots", "production_plan_snapshots"), raise_only=True),
        Path("minimum C", "minimum", feasibility.NEEDS, raise_only=True),
    ),
    questions=(
        "When the two numbers differ, who decides and by when?",
        "Name the last plan you approved knowing it would not be made.",
        "What do you do the day after if you disagree?",
    ),
    remedies=Remedies(
        trade_off_rules="Who is cut first when capacity is short, by segment and margin, written down before it is.",
        exceptions="Bring only gaps above the limit in critical families to the meeting, with two costed options.",
        cadence_and_roles="Operations checks capacity before the meeting; one named owner per gap; a dated decision.",
    ),
    cost_view="root",
)


@dataclass(frozen=True)
class Conflict:
    """What a path measured.

    `cells` by `label` and `family`: `gap`, its limit `amber`, `log_ratio`, `carry_over`. `work`: the plan's work and
    how much of it cannot be made; empty where capacity or plan were not sent. `came`: what came of the plans, by the
    label of the target, empty where output or demand is not known.
    """

    cells: pd.DataFrame
    work: pd.DataFrame
    came: pd.DataFrame


def gather(engagement: Engagement, path: Path) -> Evidence:
    """Gaps between Sales and Operations and infeasible approvals, family by family."""
    path = _usable(engagement, path)
    conflict = _measured(engagement, path)
    if conflict.cells.empty and conflict.work.empty:
        raise NotAssessable("no plan reaches beyond the time fence, where a gap could still be closed", ())
    flags = _flags(engagement, path, conflict)
    if flags["value"].notna().sum() == 0:
        raise NotAssessable("no cycle in which both functions planned the same family", ("function_plans.quantity",))
    return Evidence(
        path=path,
        flags=flags,
        metrics=_metrics(engagement, path, conflict),
        contributions=_contributions(flags, conflict),
        charts=_charts(engagement, path, conflict),
        basis=_basis(path, conflict),
        confirmations=_confirmations(engagement, path, conflict),
        discriminators=_discriminators(engagement, path, conflict),
    )


def _usable(engagement: Engagement, path: Path) -> Path:
    """The path itself, or the next one whose rows hold both functions (a column may be sent and never say `after`)."""
    if path.name in ("minimum B", "minimum C"):
        return path
    spoken = plans.versions_spoken(engagement)
    both = {version: {SALES, OPERATIONS} <= spoken.get(version, set()) for version in ("before", "after")}
    if path.name in ("full", "reduced") and both["after"]:
        return path
    weaker = SIGN.paths[2:] if both["before"] else SIGN.paths[3:]
    found = next((option for option in weaker if engagement.has(*option.needs)), None)
    if found is None:
        raise NotAssessable("only one party's number exists", ("function_plans.quantity",))
    return found


def _measured(engagement: Engagement, path: Path) -> Conflict:
    work = pd.DataFrame(columns=["cycle", "resource_id", "family", "work", "infeasible", "load"])
    if engagement.has(*feasibility.NEEDS) and path.name not in WEAK_PATHS:
        work = feasibility.infeasible_work(engagement, rated=path.name != "minimum C")
    measure = {"minimum B": _plan_cells, "minimum C": _no_cells}.get(path.name, _function_cells)
    cells = measure(engagement, path).rename(columns={"cycle": "label"})
    spoken = measure is _function_cells and engagement.has(execution.NEEDS, DEMAND, "forecast_snapshots")
    return Conflict(cells, work, execution.what_came(engagement, SALES, OPERATIONS) if spoken else pd.DataFrame())


def _function_cells(engagement: Engagement, path: Path) -> pd.DataFrame:
    """Gap, its limit, push and carry-over of the two functions."""
    fence, bucket = engagement.settings.demand_fence, engagement.settings.bucket
    limits = limits_in_force(SIGN, engagement.settings)
    version = "before" if path.name == "minimum A" else "after"
    spoken = plans.function_plans(engagement)
    consensus = plans.consensus_by_family(engagement, spoken)
    gaps = plans.relative_gaps(spoken, consensus, SALES, OPERATIONS, version, fence)
    again = plans.carry_over(plans.pair_cells(spoken, SALES, OPERATIONS, version), bucket)
    cells = gaps.merge(again, on=["cycle", "family"], how="left", validate="one_to_one")
    push = "before" if "before" in plans.versions_spoken(engagement) else version
    opening = plans.pair_gaps(spoken, SALES, OPERATIONS, push, fence)[["cycle", "family", "log_ratio"]]
    cells = cells.drop(columns="log_ratio").merge(opening, on=["cycle", "family"], how="left", validate="one_to_one")
    cells = plans.with_consensus_error(engagement, cells, consensus)
    if path.name == "minimum A":
        return cells.assign(amber=_amber(cells["sigma"], limits["plan_gap_before"], NOISE_BEFORE))
    amber = _amber(cells["sigma"], limits["plan_gap"], NOISE_AFTER)
    return cells.assign(amber=amber.where(cells["sigma"].notna(), limits["plan_gap_unknown_error"].amber))


def _amber(sigma: pd.Series, limit: Limit, noise: float) -> pd.Series:
    return (noise * sigma).clip(lower=limit.amber).fillna(limit.amber)


def _plan_cells(engagement: Engagement, path: Path) -> pd.DataFrame:
    """Forecast for Sales, production plan and free stock for Operations; only a plan below the forecast counts."""
    limits = limits_in_force(SIGN, engagement.settings)
    cells = plans.plan_gaps(engagement, engagement.settings.demand_fence, COVERED_AT_LEAST)
    consensus = plans.consensus_by_family(engagement, plans.function_plans(engagement).iloc[:0])
    cells = plans.with_consensus_error(engagement, cells, consensus)
    amber = _amber(cells["sigma"], limits["plan_gap_before"], NOISE_PLAN)
    if cells.empty or not engagement.has("items.lot_size", DEMAND):
        return cells.assign(amber=amber)
    cover = plans.lot_cover(engagement, family_demand(engagement), pd.DatetimeIndex(cells["cycle"].unique()))
    lots = cells[["cycle", "family"]].merge(cover, on=["cycle", "family"], how="left", validate="one_to_one")["lots"]
    return cells.assign(amber=amber + lots.fillna(0.0) * LOT_SHARE)


def _no_cells(engagement: Engagement, path: Path) -> pd.DataFrame:
    return pd.DataFrame(columns=["cycle", "family", "gap", "amber", "log_ratio", "carry_over"])


def _timing(path: Path) -> Timing:
    """Whether a gap was owned is known when the cycle's interval has closed; the rest when the plan is published."""
    return "fact" if path.name == "full" else "plan"


def _infeasible(conflict: Conflict) -> pd.DataFrame:
    shares = feasibility.infeasible_share(conflict.work, ["cycle", "family"]).rename(columns={"cycle": "label"})
    return shares[[*KEYS, "infeasible_share"]]


def _flags(engagement: Engagement, path: Path, conflict: Conflict) -> pd.DataFrame:
    limits = limits_in_force(SIGN, engagement.settings)
    rows = _with_infeasible(conflict)
    apart = severity(rows["gap"] / rows["amber"], Limit(1.0, 2.0, "ratio", "gap over its limit"))
    if path.name in WEAK_PATHS:
        apart = apart.where(is_breach(rows["carry_over"], limits["carry_over"]) | (path.name == "minimum B"), 0.0)
    if path.name == "full":
        apart = apart.where(~_decided(engagement, rows), 0.0)
    blocked = severity(rows["infeasible_share"], limits["infeasible_share"])
    value = rows["infeasible_share"] if path.name == "minimum C" else rows["gap"]
    if path.name == "minimum A":
        value = value.where(rows["carry_over"].notna())
    flagged = rows[KEYS].assign(
        value=value, severity=pd.concat([apart, blocked], axis=1).max(axis=1), returning=apart > 0
    )
    flagged["breach"] = flagged["severity"] > 0
    weights = family_weights(engagement)
    weighted = flagged.merge(weights, on=KEYS, how="left", validate="one_to_one").merge(
        critical_families(engagement, weights), on=KEYS, how="left", validate="one_to_one"
    )
    return make_flags(weighted.rename(columns={"family": "unit"}), engagement.calendar, _timing(path))


def _with_infeasible(conflict: Conflict) -> pd.DataFrame:
    return conflict.cells.merge(_infeasible(conflict), on=KEYS, how="outer", validate="one_to_one").sort_values(
        KEYS, ignore_index=True
    )


def _decided(engagement: Engagement, rows: pd.DataFrame) -> pd.Series:
    decided = ownership.decided_families(engagement, SALES, OPERATIONS)
    pairs = pd.MultiIndex.from_frame(rows[KEYS])
    return pd.Series(pairs.isin(pd.MultiIndex.from_frame(decided)), index=rows.index)


def _owned(engagement: Engagement, conflict: Conflict) -> pd.Series:
    """Share of open gaps and infeasible approvals that somebody decided about in time, by label."""
    limits = limits_in_force(SIGN, engagement.settings)
    rows = _with_infeasible(conflict)
    is_open = (rows["gap"] >= rows["amber"]) | is_breach(rows["infeasible_share"], limits["infeasible_share"])
    closed = rows["label"].isin(engagement.calendar.labels)
    decided = _decided(engagement, rows)[is_open & closed]
    return decided.astype(float).groupby(rows["label"]).mean().rename("owned_share")


def _confirmations(engagement: Engagement, path: Path, conflict: Conflict) -> pd.DataFrame:
    limits, calendar = limits_in_force(SIGN, engagement.settings), engagement.calendar
    found = []
    if len(conflict.cells):
        push = _apart(path, conflict.cells).groupby("label", as_index=False)["log_ratio"].mean()
        level = PUSH_LEVEL_WEAK if path.name in WEAK_PATHS else PUSH_LEVEL
        again = conflict.cells.groupby("label")["carry_over"].mean() if path.name == "minimum B" else None
        rows = push.assign(known_on=push["label"], carry_over=push["label"].map(again) if again is not None else 1.0)
        found.append(at_each_cycle(calendar, rows, "push_and_cut", steady_push(level, limits["carry_over"].amber)))
    if len(conflict.work):
        total = feasibility.infeasible_share(conflict.work, ["cycle"])
        times = 4 if path.name == "minimum C" else 3
        test = often_reaches("infeasible_share", limits["infeasible_share"].amber, times)
        found.append(at_each_cycle(calendar, total.assign(known_on=total["cycle"]), "infeasible_share", test))
    if path.name == "full":
        unowned = (1 - _owned(engagement, conflict)).rename_axis("label").reset_index(name="unowned")
        unowned["known_on"] = calendar.known_on(unowned["label"], "fact")
        found.append(at_each_cycle(calendar, unowned, "unowned_share", mean_reaches("unowned", 0.5)))
    return pd.concat(found, ignore_index=True)


def _apart(path: Path, cells: pd.DataFrame) -> pd.DataFrame:
    """The cells whose push is tested: those whose gap is open, so that families that agree do not hide it.

    They are chosen by the width of the gap, never by its side: without a push either function is above as often. On
    the plan path a gap is one-sided by definition, so that all cells are tested there.
    """
    known = cells.dropna(subset=["log_ratio"])
    return known if path.name == "minimum B" else known[known["gap"] >= known["amber"]]


def _metrics(engagement: Engagement, path: Path, conflict: Conflict) -> tuple[Metric, ...]:
    limits = limits_in_force(SIGN, engagement.settings)
    timing, found = _timing(path), []
    if len(conflict.cells):
        name = "plan_gap_before" if path.name in WEAK_PATHS else "plan_gap"
        title = "Gap between Sales and Operations" + (" before the meeting" if path.name in WEAK_PATHS else "")
        gap = weighted_mean(engagement, conflict.cells, "gap")
        found.append(Metric(name, title, gap, timing, limits[name], "share"))
        push = conflict.cells.groupby("label")["log_ratio"].mean()
        found.append(Metric("push_and_cut", "Sales above Operations (log ratio)", push, timing, None, "log ratio"))
        again = conflict.cells.groupby("label")["carry_over"].median()
        found.append(Metric("carry_over", "Gap that comes back", again, timing, limits["carry_over"], "share"))
    found += [
        Metric(name, title, conflict.came[column], "fact", None, unit)
        for column, name, title, unit in CAME
        if column in conflict.came
    ]
    if len(conflict.work):
        total = feasibility.infeasible_share(conflict.work, ["cycle"]).set_index("cycle")["infeasible_share"]
        title = "Plan approved on resources without the hours"
        found.append(Metric("infeasible_share", title, total, timing, limits["infeasible_share"], "share"))
    if path.name == "full":
        owned = _owned(engagement, conflict)
        title = "Open gaps with an owner and a date"
        found.append(Metric("owned_share", title, owned, "fact", limits["owned_share"], "share"))
    return tuple(found)


def _contributions(flags: pd.DataFrame, conflict: Conflict) -> pd.DataFrame:
    families = flags.assign(dimension="family", value=flags["unit"], amount=flags["weight"] * flags["severity"])
    blocked = conflict.work.rename(columns={"cycle": "label", "resource_id": "value", "infeasible": "amount"})
    columns = ["label", "dimension", "value", "amount"]
    parts = [families[columns], blocked.assign(dimension="resource")[columns]]
    return pd.concat([part for part in parts if len(part)], ignore_index=True)


def _charts(engagement: Engagement, path: Path, conflict: Conflict) -> tuple[Chart, ...]:
    limits = limits_in_force(SIGN, engagement.settings)
    if conflict.cells.empty:
        shares = _infeasible(conflict)
        reading = "Each row is a family; the stronger, the more of its approved plan lies where hours lack."
        return (
            Chart(
                "heatmap",
                "Plans approved though they cannot be made",
                shares,
                "label",
                "infeasible_share",
                series="family",
                unit="share",
                limit=limits["infeasible_share"],
                reading=reading,
            ),
        )
    sums = conflict.cells.groupby("label", as_index=False)[["first", "second"]].sum()
    names = ("forecast", "production plan and stock") if path.name == "minimum B" else ("Sales", "Operations")
    sides = zip(names, ("first", "second"), strict=True)
    lines = pd.concat([sums[["label"]].assign(function=name, quantity=sums[side]) for name, side in sides])
    return (
        Chart(
            "trend",
            "Two numbers for the same months",
            lines,
            "label",
            "quantity",
            series="function",
            unit="units",
            reading="Both functions' volume for the three periods after the fence; apart means two plans.",
        ),
        Chart(
            "heatmap",
            "Where the numbers part",
            conflict.cells,
            "label",
            "gap",
            series="family",
            unit="share",
            limit=limits["plan_gap_before" if path.name in WEAK_PATHS else "plan_gap"],
            reading="Each row is a family, each column a cycle; the stronger the colour, the wider the gap.",
        ),
    )


def _discriminators(engagement: Engagement, path: Path, conflict: Conflict) -> pd.DataFrame:
    """Of the open gaps and infeasible approvals: D3 nobody decided, D5 seen before approval."""
    limits = limits_in_force(SIGN, engagement.settings)
    rows = _with_infeasible(conflict)
    blocked = is_breach(rows["infeasible_share"], limits["infeasible_share"])
    is_open = rows["gap"] >= rows["amber"] if len(conflict.cells) else pd.Series(data=False, index=rows.index)
    found = [ownership.knowable(rows, is_open, blocked)]
    if path.name == "full":
        unowned = (1 - _owned(engagement, conflict)).rename_axis("label").reset_index(name="value")
        found.append(unowned.assign(name="D3"))
    return pd.concat(found, ignore_index=True)[["label", "name", "value"]]


def _basis(path: Path, conflict: Conflict) -> str:
    cells = conflict.cells
    parts = [f"{len(cells)} families × cycles compared" if len(cells) else "no plans of functions compared"]
    if path.name in WEAK_PATHS:
        parts.append("positions before the meeting; ask for the numbers after it")
    if len(cells) and cells.get("sigma", pd.Series(dtype=float)).notna().any():
        parts.append(f"median forecast error of the horizon {cells['sigma'].median():.0%}")
    resources = conflict.work["resource_id"].nunique()
    parts.append(f"feasibility on {resources} resources" if resources else "feasibility not seen")
    return "; ".join(parts) + "."
