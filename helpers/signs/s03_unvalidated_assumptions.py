"""S03 unvalidated_assumptions: the plan rests on parameters that reality has contradicted and nobody has checked.

Why it matters
    A lead time, a rate or a volume that is wrong by a tenth or more makes every plan built on it wrong in the same
    direction; the difference is paid in expediting, overtime and stock, month after month, as if it were a surprise.
How it is measured
    Each planned value against what it turned out to be, never against a single bad cycle. An assumption counts when its
    last two gaps are each material (a tenth; a twentieth for rates, hours and yield), or its last three on average,
    beyond its own usual swings, or those of six to twelve cycles beyond chance, and when nobody checked it for three
    cycles. The headline is their weight in the worst area, two at least. The pattern is confirmed by their gap over six
    cycles, or by a register that is hardly checked at all. Without a register, suppliers' lead times, resources' hours
    and rates and families' forecasts stand for it, and "not corrected" for "not checked".
What it cannot tell
    Assumptions nobody wrote down and no table shows; one wrong assumption alone. A contradiction that a check leaves
    standing with good reason counts as answered. Expedited receipts are left out: where the slow orders are the
    expedited ones, the lead time looks better than it is. Rates may drift with the mix; a disaster is one episode; lead
    times of today's master data are applied to the past. Better than planned is padding, not a breach.
Source
    The stale-and-wrong share and the tests are the kit's own, error rates simulated (validity study; calibration seeds:
    18 of 18 faults found by the sixth cycle, 17 where three gaps were asked for instead of two; with a mean of twelve
    cycles 10 to 13 cycles after onset or never; no healthy client of 41 flagged, 39 of them from one generator).
    Deviation from the moving range: Shewhart 1931. The quartile rule for lines bought early is simulated.
    Costly surprises that were foreseeable only describe: on calibration seeds their share reached 0.3 for one healthy
    client of 12, and for 3 of 9 with the fault, each three or four cycles after the sign recurred.
    Re-tuning lead times to load makes plans nervous (lead-time syndrome, Selçuk et al. 2006): review on a cadence.
"""

from __future__ import annotations

import pandas as pd

from helpers.engagement import Engagement
from helpers.errors import NotAssessable
from helpers.evidence import Chart, Evidence, Limit, Metric, Path, Remedies, Sign
from helpers.inference import t_above
from helpers.judgement.breach import is_breach, limits_in_force, make_flags, severity
from helpers.judgement.confirm import UNDECIDED, WINDOW, Outcome, at_each_cycle, mean_reaches, often_reaches
from helpers.measures import assumptions, contradiction
from helpers.measures.demand import NEEDS as DEMAND
from helpers.measures.surprises import foreseen_surprises
from helpers.memory import alike

REGISTER = ("assumptions", "assumption_actuals")
VALIDATED = "assumptions.last_validated_on | assumption_validations"
SUBJECT = "assumptions.subject_id"
REALISED = "capacity.available_hours | production_orders.actual_hours | purchase_orders.received_on"
UNCORRECTED_TIMES = 4
FEWEST_PROLONGED, PROLONGED_LEVEL = 4, 0.05
REGISTER_WITHOUT_DATES = ("register", "register and realised values")
AREA_SUBJECTS = {"supplier": "supplier", "capacity": "resource", "demand": "family"}

SIGN = Sign(
    number=3,
    key="unvalidated_assumptions",
    cluster="demand",
    title="Unvalidated assumptions",
    question="Does the plan rest on numbers that reality has contradicted and nobody has checked?",
    board=("The plan rests on lead times, rates and volumes that reality has contradicted for months, unchecked."),
    unit="assumption",
    judged="company",
    limits={
        "stale_and_wrong_share": Limit(0.05, 0.25, "share", "a twentieth of an area, as for infeasible plans"),
        "validated_share": Limit(0.80, 0.50, "share", "default of the kit", lower_is_worse=True),
        "foreseen_surprise_share": Limit(0.30, 0.50, "share of costly surprises", "default of the kit"),
        "cycles_unchecked": Limit(7, 13, "cycles", "default of the kit: more than six cycles"),
        "cycles_unchecked_critical": Limit(4, 7, "cycles", "default of the kit: more than three cycles"),
        "cycles_unchecked_contradicted": Limit(3, 6, "cycles", "three cycles: a quarterly check is a check"),
    },
    paths=(
        Path("register with validations", "full", (*REGISTER, VALIDATED)),
        Path("register", "reduced", REGISTER),
        Path("register and realised values", "reduced", (SUBJECT, REALISED)),
        Path("lead times", "minimum", assumptions.RECEIPT_NEEDS),
        Path("hours and rates", "minimum", ("capacity.available_hours | production_orders.actual_hours",)),
        Path("quoted lead times", "minimum", assumptions.QUOTE_NEEDS, raise_only=True),
        Path("forecast bias", "minimum", ("forecast_snapshots", DEMAND), raise_only=True),
    ),
    questions=(
        "Which five numbers does the plan depend on most, and when was each last checked?",
        "Which surprise of the last months had been visible in the data before?",
        "Who may change a planned lead time or rate, and what triggers it?",
    ),
    remedies=Remedies(
        trade_off_rules="A rule for planning on the median or on the safe side, with the price of each.",
        exceptions="Only assumptions that left their band for two cycles reach the meeting, critical families first.",
        cadence_and_roles="A register of assumptions with owner and review date, read at each cycle.",
    ),
    cost_view="root",
)


def gather(engagement: Engagement, path: Path) -> Evidence:
    """Which assumptions are wrong, and which of them nobody checked or corrected."""
    units = _units(engagement, path)
    if units.empty:
        raise NotAssessable(
            "no assumption has six cycles of planned and realised values", ("assumption_actuals.actual_value",)
        )
    totals = _totals(units, path)
    limits = limits_in_force(SIGN, engagement.settings)
    limit = limits["stale_and_wrong_share"]
    surprises = foreseen_surprises(engagement, units).set_index("label")
    frame = pd.DataFrame({"label": totals["label"], "value": totals["share"]})
    frame["breach"] = is_breach(frame["value"], limit) & totals["enough"]
    frame["severity"] = severity(frame["value"], limit).where(frame["breach"], 0.0)
    return Evidence(
        path=path,
        flags=make_flags(frame, engagement.calendar, "fact"),
        metrics=(*_metrics(path, totals, limits), *_foreseen(surprises, limits["foreseen_surprise_share"])),
        contributions=_contributions(engagement, path, units),
        charts=_charts(totals, units, limit),
        basis=_basis(units, surprises),
        confirmations=_confirmations(engagement, path, units, totals, limits),
        discriminators=_discriminators(units),
    )


def _units(engagement: Engagement, path: Path) -> pd.DataFrame:
    """Every unit at every label: wrong, uncorrected, stale (missing without dates), weight and whether it counts."""
    labels = engagement.calendar.labels
    units = contradiction.judged(_gaps(engagement, path), labels)
    if path.name == "register and realised values":
        units = assumptions.named_by_register(engagement, units)
    if units.empty:
        return units
    units = units.merge(assumptions.weights(engagement, units), on=["label", "unit"], validate="one_to_one")
    units = _with_age(engagement, path, units)
    unanswered = units["uncorrected"] if path.level == "minimum" else units["unchecked"]
    if path.name in REGISTER_WITHOUT_DATES:
        unanswered = unanswered & units["uncorrected"]
    return units.assign(counts=units["wrong"] & unanswered).sort_values(["label", "unit"], ignore_index=True)


def _gaps(engagement: Engagement, path: Path) -> pd.DataFrame:
    """The gaps a path can see; on minimum paths every parameter that was sent joins in."""
    if path.name in ("register with validations", "register"):
        return assumptions.registered_gaps(engagement)
    if path.name == "quoted lead times":
        return assumptions.lead_time_gaps(engagement, quoted=True)
    if path.name == "forecast bias":
        return assumptions.forecast_gaps(engagement, engagement.settings.demand_fence)
    parts = [assumptions.resource_gaps(engagement)]
    if engagement.has(*assumptions.RECEIPT_NEEDS):
        parts.append(assumptions.lead_time_gaps(engagement))
    return pd.concat([part for part in parts if len(part)], ignore_index=True) if any(map(len, parts)) else parts[0]


def _with_age(engagement: Engagement, path: Path, units: pd.DataFrame) -> pd.DataFrame:
    """`stale`: not checked for longer than its limit; `unchecked`: by nobody in the cycles that contradict it."""
    if path.level == "minimum":
        return units.assign(
            age=float("nan"), stale=pd.Series(pd.NA, index=units.index, dtype="boolean"), unchecked=True
        )
    limits = limits_in_force(SIGN, engagement.settings)
    aged = units.merge(assumptions.ages(engagement), on=["label", "unit"], how="left", validate="one_to_one")
    critical = aged["subject"].isin([*engagement.critical_resources, *engagement.critical_families])
    most = critical.map({True: limits["cycles_unchecked_critical"].amber, False: limits["cycles_unchecked"].amber})
    return aged.assign(
        stale=(aged["age"] >= most).astype("boolean").where(aged["age"].notna()),
        unchecked=is_breach(aged["age"], limits["cycles_unchecked_contradicted"]),
    )


@alike
def _totals(units: pd.DataFrame, path: Path) -> pd.DataFrame:
    """Per label: `share` wrong and unanswered and whether that is `enough`, of the worst area; `validated` of all.

    Each area is judged by its own weight, because another function answers for it and a plan is not saved by the areas
    that hold; a register is judged as a whole too.
    """
    groups = [units] if path.level == "minimum" else [units, units.assign(area="all")]
    areas = pd.concat(groups, ignore_index=True).groupby(["label", "area"])
    by_area = pd.DataFrame([_total(label, rows) for (label, _), rows in areas])
    worst = by_area.sort_values(["label", "enough", "share"], kind="stable").groupby("label").tail(1)
    return worst.assign(validated=worst["label"].map(_validated(units))).reset_index(drop=True)


def _validated(units: pd.DataFrame) -> pd.Series:
    """Weight share of the assumptions that are not stale, by label; missing where no age is known."""
    aged = units[units["stale"].notna()]
    fresh = aged["weight"] * (~aged["stale"].astype(bool))
    return fresh.groupby(aged["label"]).sum() / aged["weight"].groupby(aged["label"]).sum()


def _total(label: object, rows: pd.DataFrame) -> dict[str, object]:
    weight = rows["weight"] / rows["weight"].sum()
    return {
        "label": label,
        "share": float(weight[rows["counts"]].sum()),
        "enough": bool(rows["counts"].sum() >= contradiction.fewest_wrong(len(rows))),
        "uncorrected": float(weight[rows["wrong"] & rows["uncorrected"]].sum()),
    }


def _confirmations(
    engagement: Engagement, path: Path, units: pd.DataFrame, totals: pd.DataFrame, limits: dict[str, Limit]
) -> pd.DataFrame:
    calendar = engagement.calendar
    known = units.assign(known_on=calendar.known_on(units["label"], "fact"))
    rows = totals.assign(known_on=calendar.known_on(totals["label"], "fact"), stale=1 - totals["validated"])
    if path.level == "full":
        also = at_each_cycle(
            calendar, rows, "validated_share", mean_reaches("stale", 1 - limits["validated_share"].amber)
        )
    else:
        often = often_reaches("uncorrected", limits["stale_and_wrong_share"].amber, UNCORRECTED_TIMES)
        also = at_each_cycle(calendar, rows, "uncorrected", often)
    return pd.concat([at_each_cycle(calendar, known, "prolonged_gap", _prolonged), also], ignore_index=True)


def _prolonged(known: pd.DataFrame) -> Outcome:
    """Whether the assumptions that count now have been a material gap away, on average, over the last six labels.

    Their gaps are averaged per label first, and tested over labels against the tolerated half of a material gap.
    """
    counting = known.loc[(known["label"] == known["label"].max()) & known["counts"], "unit"]
    gaps = known[known["unit"].isin(counting)].groupby("label")["relative"].mean().dropna().tail(WINDOW)
    if len(gaps) < FEWEST_PROLONGED:
        return UNDECIDED
    p_value = t_above(gaps.to_numpy(float), contradiction.TOLERATED)
    return bool(gaps.mean() >= 1 - contradiction.ROUNDING and p_value <= PROLONGED_LEVEL), p_value


def _metrics(path: Path, totals: pd.DataFrame, limits: dict[str, Limit]) -> tuple[Metric, ...]:
    by_label = totals.set_index("label")
    limit = limits["stale_and_wrong_share"]
    words = "not corrected" if path.level == "minimum" else "not checked in time"
    title = f"Assumptions wrong and {words}"
    found = [Metric("stale_and_wrong_share", title, by_label["share"], "fact", limit, "share")]
    title, wrong = "Assumptions wrong and not corrected", by_label["uncorrected"]
    found.append(Metric("wrong_and_uncorrected_share", title, wrong, "fact", None, "share"))
    if by_label["validated"].notna().any():
        title = "Assumptions checked in time"
        checked = by_label["validated"]
        found.append(Metric("validated_share", title, checked, "fact", limits["validated_share"], "share"))
    return tuple(found)


def _foreseen(surprises: pd.DataFrame, limit: Limit) -> tuple[Metric, ...]:
    """Share of the costly surprises whose parameter was known to be wrong, and its lift; none where none happened."""
    if not surprises["share"].notna().any():
        return ()
    title = "Costly surprises about an assumption that was wrong before"
    lift = "Their share over that of the subjects with a wrong assumption"
    return (
        Metric("foreseen_surprise_share", title, surprises["share"], "fact", limit, limit.unit),
        Metric("foreseen_surprise_lift", lift, surprises["lift"], "fact", unit="ratio"),
    )


def _contributions(engagement: Engagement, path: Path, units: pd.DataFrame) -> pd.DataFrame:
    """Weight of what counts, by assumption, area, owner (function) and the supplier, resource or family it is about."""
    counted = units[units["counts"]].assign(amount=units["weight"])
    parts = [
        counted.assign(dimension="assumption", value=counted["unit"]),
        counted.assign(dimension="area", value=counted["area"]),
        *(_by_subject(counted, dimension) for dimension in dict.fromkeys(AREA_SUBJECTS.values())),
    ]
    if path.level != "minimum" and engagement.has("assumptions.owner"):
        owners = assumptions.registered(engagement).dropna(subset=["owner"]).groupby("assumption_id")["owner"].last()
        parts.append(counted.assign(dimension="function", value=counted["unit"].map(owners)))
    columns = ["label", "dimension", "value", "amount"]
    return pd.concat(parts, ignore_index=True)[columns]


def _by_subject(counted: pd.DataFrame, dimension: str) -> pd.DataFrame:
    """What counts by supplier, resource or family; the rest keeps its weight, unnamed, so that shares are honest."""
    about = counted["area"].map(AREA_SUBJECTS) == dimension
    return counted.assign(dimension=dimension, value=counted["subject"].where(about))


def _charts(totals: pd.DataFrame, units: pd.DataFrame, limit: Limit) -> tuple[Chart, ...]:
    return (
        Chart(
            "heatmap",
            "How far reality is from the plan's numbers",
            units,
            "label",
            "mean",
            series="unit",
            unit="log ratio",
            limit=Limit(contradiction.MATERIAL, 0.22, "log ratio", "a tenth"),
            reading="Each row is an assumption; the stronger, the further its last twelve cycles were wrong.",
        ),
        Chart(
            "trend",
            "Weight of assumptions wrong and unchecked",
            totals,
            "label",
            "share",
            unit="share",
            limit=limit,
            reading="The share of the plan, by weight, that rests on numbers reality has contradicted.",
        ),
    )


def _discriminators(units: pd.DataFrame) -> pd.DataFrame:
    """Of the weight of wrong assumptions: D3 unanswered, D5 there to see."""
    wrong = units[units["wrong"]].assign(known=units["uncorrected"], nobody=units["counts"])
    return pd.concat([_weighted(wrong, "nobody", "D3"), _weighted(wrong, "known", "D5")], ignore_index=True)


def _weighted(wrong: pd.DataFrame, column: str, name: str) -> pd.DataFrame:
    sums = (wrong[column] * wrong["weight"]).groupby(wrong["label"]).sum()
    share = sums / wrong.groupby("label")["weight"].sum()
    return share.rename("value").reset_index().assign(name=name)[["label", "name", "value"]]


def _basis(units: pd.DataFrame, surprises: pd.DataFrame) -> str:
    last = units[units["label"] == units["label"].max()]
    areas = ", ".join(f"{area} {count}" for area, count in last["area"].value_counts().sort_index().items())
    return (
        f"{len(last)} assumptions with six cycles or more ({areas}); half of them would show a bias of "
        f"{last['detectable'].median():.0%} or more. Padding (better than planned) is no breach.{_told(surprises)}"
    )


def _told(surprises: pd.DataFrame) -> str:
    """How many of the last costly surprises could have been foreseen, where there were any."""
    if surprises.empty or not surprises["surprises"].iloc[-1]:
        return ""
    last = surprises.iloc[-1]
    beside = f", {last['lift']:.1f} times the share of such subjects" if pd.notna(last["lift"]) else ""
    return (
        f" Of {last['surprises']:.0f} costly surprises in six cycles {last['foreseen']:.0f} were foreseeable{beside}."
    )
