"""S01 late_forecast_changes: the forecast is rewritten when it is too late to act on it, by more than news explains.

Why it matters
    Inside the demand fence supply can no longer react in the ordinary way; each change there becomes expediting,
    overtime or stock. Changes that carry no information buy nothing for that price.
How it is measured
    Revisions inside the fence, squared, over the movement that the client's own gain of information would produce
    (revision excess; about 1 when late changes carry only news), for the client and for its worst family. A window test
    asks of the families that moved too far whether they move more than they learn inside the fence (noise share,
    without the two targets around a step in demand) or take changes back (flip-flop), and of the client whether its
    forecast moves later than the statistical one. Where changes carry rules or approvals, the late volume without any
    counts too, family by family and from the first cycles on, and changes that are covered excuse the cycle. Bias,
    stability and value added are described.
What it cannot tell
    Whether a single change was right. Forecasts that are targets or upper quantiles break the identity; a market whose
    orders truly arrive inside the fence shows more late movement in good health. Without actuals only the client's own
    ordinary movement can serve as yardstick, so that path may raise the sign but never clear it.
Source
    Movement equals uncertainty reduction: Augenblick & Rabin 2021; martingale model of forecast evolution: Graves et
    al. 1986, Heath & Jackson 1994; bounds: Patton & Timmermann 2012; flip-flop slope: Nordhaus 1987. The revision
    excess, the late ratio and lateness are the kit's own. Lateness was met in no cycle of 40 healthy calibration
    clients; where news is held back until the fence it brings the warning three cycles earlier (8 simulated clients).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.engagement import Engagement, once
from helpers.errors import NotAssessable
from helpers.evidence import Chart, Evidence, Limit, Look, Metric, Path, Remedies, Sign
from helpers.judgement.breach import is_breach, limits_in_force, make_flags, severity
from helpers.judgement.confirm import UNDECIDED, Outcome, at_each_cycle, mean_reaches
from helpers.judgement.worst import is_material, same_unit, widened
from helpers.measures import approvals, behaviour, demand, forecast, revisions, steps
from helpers.measures.stability import change_by_lag, forecast_path, periods_said, recent_targets, said_of
from helpers.periods import Timing

CODES = f"{approvals.SNAPSHOT_NEEDS} | {approvals.LOG_NEEDS}"
FEWEST_FREELY_JUDGED = 4
CHURN_LEVEL = revisions.CHURN_LEVEL
STRICT_LEVEL = 0.01
FOCUS = "revision_excess_few_units"
DESCRIBED: tuple[tuple[str, str, Timing, str], ...] = (
    ("change_size", "Size of a change of the forecast", "plan", "share"),
    ("scaled_change", "Change of the forecast over change of demand", "plan", "ratio"),
    ("flip_flop_index", "Change taken back before the last forecast", "plan", "share"),
    ("tracking_signal", "Tracking signal of the most biased family", "fact", "ratio"),
    ("late_value_added", "Error removed by late changes", "fact", "share"),
    ("late_value_chance", "Chance of this if late changes removed no error", "fact", "ratio"),
    ("override_value_added", "Error of the statistical forecast removed by people", "fact", "share"),
)

SIGN = Sign(
    number=1,
    key="late_forecast_changes",
    cluster="demand",
    title="Late forecast changes",
    question="How much of the forecast is rewritten when it is too late to act on it?",
    board=(
        "The forecast is being rewritten when it is too late to act on it, and by more than new information explains."
    ),
    unit="family",
    judged="company",
    limits={
        "revision_excess": Limit(2.0, 3.0, "ratio", "simulated: healthy clients reach 2.0 in 2–6 % of cycles"),
        "revision_excess_few_units": Limit(2.5, 3.5, "ratio", "simulated: with two or three units"),
        "revision_excess_worst": Limit(3.0, 4.0, "ratio", "simulated: the worst of eight families; more, wider"),
        "revision_excess_with_noise": Limit(1.3, 2.0, "ratio", "counts only beside confirmed churn"),
        "noise_share": Limit(0.30, 0.60, "share", "simulated: false confirmation 3–6 %"),
        "sluggish_share": Limit(-0.50, -1.0, "share", "late recognition", lower_is_worse=True),
        "uncovered_share": Limit(0.30, 0.60, "share", "default of the kit"),
        "late_change_share": Limit(0.05, 0.15, "share", "default of the kit"),
        "uncovered_volume": Limit(0.05, 0.15, "share", "of a family's forecast; as the late change share"),
        "lateness": Limit(0.15, 0.30, "share", "default of the kit; 10 % quantile of six cycles"),
        "late_ratio": Limit(2.5, 4.0, "ratio", "order-book businesses exceed 1 in good health"),
    },
    paths=(
        Path("snapshots, actuals and codes", "full", ("forecast_snapshots", demand.NEEDS, CODES)),
        Path("snapshots and actuals", "reduced", ("forecast_snapshots", demand.NEEDS)),
        Path("snapshots only", "minimum", ("forecast_snapshots",), raise_only=True),
        Path("change log only", "minimum", ("forecast_changes", approvals.LOG_NEEDS), raise_only=True),
    ),
    questions=(
        "When did you last change next month's number, who asked, and what new fact had arrived?",
        "Is there a date after which a change needs somebody's approval, and what happens when it is ignored?",
        "Which of last quarter's late changes turned out right?",
    ),
    remedies=Remedies(
        trade_off_rules="A demand fence with approval levels and a short list of valid reasons for a change inside it.",
        exceptions="Review only changes that touch critical families or exceed forecast noise; the rest waits a cycle.",
        cadence_and_roles=(
            "One proposer and one approver of demand changes; a weekly meeting that collects signals only."
        ),
    ),
    cost_view="root",
)


@dataclass(frozen=True)
class Late:
    """What the path measured: late movement by unit (`excess`), the pooled headline and the series beside it.

    `later`: how much later the forecast moves than the statistical one, by `label`, with its lower bound `low`.
    `uncovered` by `label` and `unit`, empty where codes are not kept; `weights` of the units, where demand is known.
    """

    by_unit: pd.DataFrame
    pooled: pd.Series
    noise: pd.DataFrame
    codes: pd.Series
    volume: pd.Series
    uncovered: pd.DataFrame
    weights: pd.DataFrame
    later: pd.DataFrame


def gather(engagement: Engagement, path: Path) -> Evidence:
    """Late movement of the published forecast, cycle by cycle."""
    if path.name == "change log only":
        return _from_log(engagement, path)
    reach = forecast.far_lag(engagement)
    fence = engagement.settings.demand_fence
    if reach < fence + 1:
        raise NotAssessable("each target appears in too few snapshots to see it change", ("forecast_snapshots.cycle",))
    moved = forecast.unit_revisions(engagement, reach)
    if moved.empty:
        raise NotAssessable("every target appears in one snapshot only", ("forecast_snapshots.cycle",))
    with_actuals = path.level != "minimum"
    errors = forecast.unit_errors(engagement, reach) if with_actuals else None
    late = _late(engagement, path, moved, errors, reach)
    if late.pooled.empty and late.uncovered.empty:
        raise NotAssessable("fewer than nine snapshots or eight realised targets", ("forecast_snapshots.cycle",))
    return Evidence(
        path=path,
        flags=_flags(engagement, path, late),
        metrics=_metrics(engagement, path, late, behaviour.described(engagement, moved, errors, reach)),
        contributions=_contributions(engagement, late),
        charts=_charts(engagement, path, late, moved, errors, reach),
        basis=_basis(moved, late, reach, fence) + steps.said(errors),
        confirmations=_confirmations(engagement, path, late, moved),
        discriminators=_discriminators(late),
        minimum_cycles=6,
    )


def _late(engagement: Engagement, path: Path, moved: pd.DataFrame, errors: pd.DataFrame | None, reach: int) -> Late:
    fence, cycles = engagement.settings.demand_fence, pd.DatetimeIndex(sorted(moved["cycle"].unique()))
    nothing = pd.Series(dtype=float)
    if errors is None:
        by_unit, weights = revisions.late_ratio(moved, cycles, fence, reach), pd.DataFrame()
        noise = pd.DataFrame(columns=["label", "share", "p_churn", "p_sluggish"])
    else:
        by_unit = revisions.revision_excess(moved, errors, cycles, fence, reach)
        weights = forecast.unit_weights(engagement)
        targets = revisions.movements(moved[moved["lag"] < fence], errors, fence)
        most = limits_in_force(SIGN, engagement.settings)[FOCUS].amber
        noise = revisions.noise_by_cycle(targets, engagement.calendar.cycles, by_unit, most)
    codes, uncovered = nothing, pd.DataFrame(columns=["label", "unit", "uncovered_share", "uncovered_volume"])
    if path.level == "full":
        changes = approvals.late_changes(engagement, reach)
        codes = approvals.uncovered_share(changes, cycles)
        uncovered = approvals.uncovered_by_unit(changes, moved, fence)
    volume = revisions.late_volume(moved, fence)
    later = behaviour.later_than_news(engagement, moved, reach)
    return Late(by_unit, revisions.pooled(by_unit), noise, codes, volume, uncovered, weights, later)


def _headline(path: Path) -> str:
    return "late_ratio" if path.level == "minimum" else "revision_excess"


def _flags(engagement: Engagement, path: Path, late: Late) -> pd.DataFrame:
    """One flag a cycle: (a) excess, (b) smaller excess beside confirmed churn, (c) late volume nobody allowed.

    (a) and (c) are asked of the client and of its worst family, because noise in one family of eight is lost in the
    mean. Late movement covered by rules or approvals is a decision, not a breach: there (a) and (b) fall away.
    """
    limits = limits_in_force(SIGN, engagement.settings)
    labels = pd.DatetimeIndex(sorted({*late.pooled.index, *late.uncovered["label"]}), name="label")
    value = late.pooled.reindex(labels)
    plain = severity(value, limits[_headline(path)])
    if path.level == "minimum":
        frame = pd.DataFrame({"value": value, "severity": plain})
        return _made(engagement, frame.assign(breach=frame["severity"] > 0))
    units = late.by_unit.groupby("label").size().reindex(labels)
    many = units >= FEWEST_FREELY_JUDGED
    noise = late.noise.set_index("label").reindex(labels)
    churn = (noise["p_churn"] <= STRICT_LEVEL) & is_breach(noise["share"], limits["noise_share"])
    routes = {
        "pooled": plain.where(many, severity(value, limits["revision_excess_few_units"])),
        "with_noise": severity(value, limits["revision_excess_with_noise"]).where(churn, 0.0),
    }
    moved = pd.DataFrame(routes).max(axis=1).where(units > 1, 0.0)
    codes, volume = late.codes.reindex(labels), late.volume.reindex(labels)
    enough = is_breach(volume, limits["late_change_share"])
    covered = codes.notna() & ~is_breach(codes, limits["uncovered_share"])
    frame = pd.DataFrame({"moved": moved.where(~covered, 0.0)})
    frame["uncovered"] = severity(codes, limits["uncovered_share"]).where(enough, 0.0)
    frame["worst"] = _by_family(late, limits).groupby("label")["severity"].max().reindex(labels).fillna(0.0)
    frame["severity"] = frame.max(axis=1)
    largest = late.uncovered.groupby("label")["uncovered_volume"].max().reindex(labels)
    return _made(engagement, frame.assign(value=value.fillna(largest.astype(float)), breach=frame["severity"] > 0))


def _by_family(late: Late, limits: dict[str, Limit]) -> pd.DataFrame:
    """Each material family by itself: `severity` of its own excess or of its late volume that nobody allowed (`open`).

    An excess counts only with four families or more, and not where rules or approvals cover the family's changes. The
    limits widen with the number of families asked.
    """
    key = ["label", "unit"]
    rows = late.by_unit.merge(late.uncovered, on=key, how="outer", validate="one_to_one")
    many = rows.groupby("label")["excess"].transform("count") >= FEWEST_FREELY_JUDGED
    rows = rows.assign(many=many).merge(late.weights, on=key, how="left", validate="one_to_one")
    rows = rows[is_material(rows["weight"], rows.groupby("label")["unit"].transform("size"))]
    worst = limits["revision_excess_worst"]
    wider = widened(rows.groupby("label")["unit"].transform("size"), worst.amber)
    uncovered = is_breach(rows["uncovered_share"], limits["uncovered_share"])
    excess = severity(rows["excess"] / wider, worst)
    excess = excess.where(rows["many"] & (uncovered | rows["uncovered_share"].isna()), 0.0)
    volume = severity(rows["uncovered_volume"] / wider, limits["uncovered_volume"])
    both = pd.concat([excess, volume.where(uncovered, 0.0)], axis=1)
    return rows.assign(severity=both.max(axis=1), open=volume)


def _made(engagement: Engagement, frame: pd.DataFrame) -> pd.DataFrame:
    labelled = frame.rename_axis("label").reset_index()
    return make_flags(labelled, engagement.calendar, "plan")


def _confirmations(engagement: Engagement, path: Path, late: Late, moved: pd.DataFrame) -> pd.DataFrame:
    limits, calendar = limits_in_force(SIGN, engagement.settings), engagement.calendar
    widest = late.by_unit.groupby("label").size().cummax().reindex(calendar.cycles).ffill()
    pairs = revisions.successive(moved[moved["lag"] < max(2, engagement.settings.demand_fence)])
    found = [_flips(engagement, pairs, late.by_unit, limits[FOCUS].amber)]
    if path.level != "minimum":
        latest = mean_reaches("low", limits["lateness"].amber, window=1, fewest=1)
        found.append(at_each_cycle(calendar, late.later.assign(known_on=late.later["label"]), "lateness", latest))
    if len(late.noise):
        noise = late.noise
        freely = noise["label"].map(widest) >= FEWEST_FREELY_JUDGED
        level = pd.Series(STRICT_LEVEL, index=noise.index).mask(freely, CHURN_LEVEL)
        churn = (noise["p_churn"] <= level) & is_breach(noise["share"], limits["noise_share"])
        sluggish = (noise["p_sluggish"] <= level) & is_breach(noise["share"], limits["sluggish_share"])
        met = (churn | sluggish).astype(object).where(noise["share"].notna())
        p_value = noise[["p_churn", "p_sluggish"]].min(axis=1)
        found.append(pd.DataFrame({"cycle": noise["label"], "name": "noise_share", "met": met, "p_value": p_value}))
    if len(late.codes):
        codes = late.codes.rename_axis("known_on").reset_index(name="share")
        test = mean_reaches("share", limits["uncovered_share"].red)
        found.append(at_each_cycle(calendar, codes, "uncovered_share", test))
        rows = _by_family(late, limits).dropna(subset=["uncovered_share"])
        rows = rows.assign(known_on=rows["label"], breach=rows["open"] > 0, share=rows["uncovered_share"])
        one = same_unit(limits["uncovered_share"].red)
        found.append(at_each_cycle(calendar, rows, "uncovered_family", one))
    return pd.concat(found, ignore_index=True)


@once
def _flips(engagement: Engagement, pairs: pd.DataFrame, by_unit: pd.DataFrame, limit: float) -> pd.DataFrame:
    """Whether changes inside the fence are taken back, in the families that moved too far, at each cycle."""

    def test(known: pd.DataFrame) -> Outcome:
        if known.empty:
            return UNDECIDED
        slope, p_value = revisions.flip_flop(revisions.in_focus(known, by_unit, known["cycle"].max(), limit))
        return UNDECIDED if np.isnan(slope) else (bool(slope < 0 and p_value <= CHURN_LEVEL), p_value)

    return at_each_cycle(engagement.calendar, pairs.assign(known_on=pairs["cycle"]), "flip_flop", test)


def _metrics(engagement: Engagement, path: Path, late: Late, described: dict[str, pd.Series]) -> tuple[Metric, ...]:
    limits, name = limits_in_force(SIGN, engagement.settings), _headline(path)
    title = "Late over ordinary movement" if path.level == "minimum" else "Late movement over what information explains"
    found = [Metric(name, title, late.pooled, "plan", limits[name], "ratio")]
    found.append(
        _share("late_change_share", "Share of the forecast inside the fence that changed", late.volume, limits)
    )
    if len(late.codes):
        found.append(_share("uncovered_share", "Late change without rule or approval", late.codes, limits))
    if path.level != "minimum":
        noise = late.noise.set_index("label")["share"]
        found.append(_share("noise_share", "Forecast movement that is noise", noise, limits))
    later = late.later.set_index("label")["lateness"]
    than = "than the statistical one" if behaviour.has_baseline(engagement) else "than an even spread"
    found.append(Metric("lateness", f"Movement inside the fence, more {than}", later, "plan", None, "share"))
    for key, said, timing, unit in DESCRIBED:
        if key in described:
            found.append(Metric(key, said, described[key], timing, None, unit))
    return tuple(found)


def _share(name: str, title: str, values: pd.Series, limits: dict[str, Limit]) -> Metric:
    return Metric(name, title, values, "plan", limits[name], "share")


def _contributions(engagement: Engagement, late: Late) -> pd.DataFrame:
    """Families by what the pooled value would fall without them; functions by the late volume they changed."""
    families = forecast.unit_families(engagement)
    without = revisions.leave_one_out(late.by_unit)
    if len(late.uncovered):
        without = late.uncovered.rename(columns={"uncovered_volume": "amount"})
    carried = without.assign(value=without["unit"].map(families).fillna(without["unit"]))
    dimension = np.where(carried["unit"].isin(families.index), "family", "item")
    found = carried.assign(dimension=dimension)[["label", "dimension", "value", "amount"]]
    if not engagement.has("forecast_changes"):
        return found
    by_function = approvals.late_changes_by_function(engagement).rename(columns={"function": "value"})
    return pd.concat([found, by_function.assign(dimension="function")], ignore_index=True)[list(found.columns)]


def _charts(
    engagement: Engagement, path: Path, late: Late, moved: pd.DataFrame, errors: pd.DataFrame | None, reach: int
) -> tuple[Chart, ...]:
    limits, fence = limits_in_force(SIGN, engagement.settings), engagement.settings.demand_fence
    limit, focus, rows = limits[_headline(path)], limits[FOCUS], late.by_unit
    pooled = late.pooled.rename_axis("cycle").reset_index(name="value")
    above = "At 1 the forecast moves late by as much as it learns; above the limit it moves without news."
    dark = "Each row is a family, each column a cycle; the stronger the colour, the more late movement without news."
    inside = Look(in_order=True, fence=tuple(said_of(lag) for lag in range(fence)))
    targets, lags = recent_targets(moved, errors, reach), change_by_lag(moved)
    way = forecast_path(targets)
    way, lags = way.assign(step=way["step"].map(said_of)), lags.assign(lag=lags["lag"].map(said_of))
    what = f"From the first forecast to {'the last' if errors is None else 'what came'}"
    where = "How much of the forecast changes, by lag"
    path_of = f"{periods_said(targets)}, first forecast 100%: what each cycle added and cut on the way to the period."
    early = "Changes belong in the rows outside the fence; strong cells inside it come too late to plan for."
    return (
        Chart("trend", "Late changes over what news explains", pooled, "cycle", "value", None, "ratio", limit, above),
        Chart("heatmap", "Where the forecast is rewritten late", rows, "label", "excess", "unit", "ratio", focus, dark),
        Chart("waterfall", what, way, "step", "share", "move", "share", reading=path_of, look=inside),
        Chart("heatmap", where, lags, "cycle", "share", "lag", "share", reading=early, look=inside),
    )  # fmt: skip


def _discriminators(late: Late) -> pd.DataFrame:
    """D1: noise share, missing where late recognition is confirmed. D3: late change nobody allowed.

    D3 is that of the families that moved much without cover where there are any, weighted by how much they moved.
    """
    noise = late.noise.assign(value=late.noise["share"].astype(float).clip(0, 1), name="D1")
    sluggish = (noise["p_sluggish"] <= CHURN_LEVEL) & (noise["share"] <= SIGN.limits["sluggish_share"].amber)
    codes = late.codes.rename_axis("label").reset_index(name="value").assign(name="D3")
    much = late.uncovered[late.uncovered["uncovered_volume"] >= SIGN.limits["uncovered_volume"].amber]
    size = much["uncovered_volume"] / much["uncovered_share"]
    concerned = much["uncovered_volume"].groupby(much["label"]).sum() / size.groupby(much["label"]).sum()
    codes["value"] = codes["label"].map(concerned).astype(float).fillna(codes["value"])
    rows = pd.concat([noise[~sluggish.astype(bool)], codes], ignore_index=True)
    return rows.dropna(subset=["value"])[["label", "name", "value"]] if len(rows) else rows


def _basis(moved: pd.DataFrame, late: Late, reach: int, fence: int) -> str:
    units, cycles = late.by_unit["unit"].nunique(), late.pooled.size
    return (
        f"{len(moved)} revisions of {moved['unit'].nunique()} units followed over {reach} lags, fence {fence}; "
        f"{units} units in {cycles} cycles could be judged. Items in their launch or end phase are left out."
    )


def _from_log(engagement: Engagement, path: Path) -> Evidence:
    """Only the log of changes was sent: late volume without rule or approval."""
    reach = engagement.settings.demand_fence + 1
    limits, calendar = limits_in_force(SIGN, engagement.settings), engagement.calendar
    changes = approvals.late_changes(engagement, reach)
    cycles = calendar.cycles[calendar.cycles.isin(changes["label"])]
    share = approvals.uncovered_share(changes, cycles).dropna()
    if share.empty:
        raise NotAssessable("no late change carries a rule or an approval", ("forecast_changes.rule_id",))
    limit = limits["uncovered_share"]
    flags = make_flags(share.rename_axis("label").reset_index(name="value"), calendar, "plan", limit)
    known = share.rename_axis("known_on").reset_index(name="share")
    by_unit = changes.rename(columns={"uncovered": "amount", "unit": "value"}).assign(dimension="family")
    return Evidence(
        path=path,
        flags=flags,
        metrics=(_share("uncovered_share", "Late change without rule or approval", share, limits),),
        contributions=by_unit[["label", "dimension", "value", "amount"]],
        charts=(
            Chart(
                "trend",
                "Late change nobody allowed",
                share.rename_axis("cycle").reset_index(name="value"),
                "cycle",
                "value",
                unit="share",
                limit=limit,
                reading="The share of late change, by quantity, that carries neither rule nor approval.",
            ),
        ),
        basis=f"change log only: {len(share)} cycles with late changes",
        confirmations=at_each_cycle(calendar, known, "uncovered_share", mean_reaches("share", limit.red)),
        discriminators=share.rename_axis("label").reset_index(name="value").assign(name="D3"),
    )
