"""S08 safety_stock_creep: buffers in the key families keep growing though the risk they cover has not.

Why it matters
    A buffer is raised after a fright and never lowered after the calm. It hides what the plan does not settle, ties up
    cash, and makes the next shortage look like a reason for more of the same.
How it is measured
    Safety stock in force over the safety stock that service target, forecast error and lead times ask for, at unit
    value, family by family; each critical family is judged by itself and the worst counts. Where a family began above
    one, its ratio is taken against that start: a more careful formula is a policy; one that began below may catch up
    to nine tenths. A family breaches when this ratio reaches its limit and its lower bound says that this is not
    estimation noise, or when raises of the last six cycles that risk did not ask for, less all cuts, reach 4 % of its
    safety stock. A raise is asked for up to the largest need of the last four cycles at the family's own start, or in
    step with demand. Confirmed when such raises repeat, when the ratio rises with them, or by a ratchet: shortfalls
    closed faster than excess. With less data the risk is taken from demand itself, or stock in hand is compared with
    its own start.
What it cannot tell
    Whether a service target is right. One raise is a step, not creep, however large, and buffers that stood too high
    from the first cycle on and stay there are no creep either: see the level beside. Buffers set as days of a seasonal
    forecast rise before the season without more risk. Stock agreed for a launch, a last buy or a pre-build looks like
    a buffer where it is booked as one. The weakest path sees only growth inside the extract.
Source
    Defined by the kit. Combined variance of demand and lead time: textbook formula. Ratchet, raises
    beyond risk and risk-scaled stock: defined here, sizes by simulation. Nine tenths: of 18 faulty calibration clients
    11 are found in six cycles (8 with the whole need), of 78 healthy ones 1 is called (0). Late where a family runs
    short rarely, because the habit shows only then; a buffer that is merely never cut leaves no raise to see. Money is
    counted from where a family began, part of it within need: on those 18, with the onset known, the median error is
    14 % (from the whole need 23 %).
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd

from helpers.engagement import Engagement, once
from helpers.errors import NotAssessable
from helpers.evidence import Chart, Evidence, Limit, Look, Metric, Path, Remedies, Sign
from helpers.judgement.breach import is_breach, limits_in_force, make_flags, severity
from helpers.judgement.confirm import UNDECIDED, Outcome, Test, at_each_cycle, often_reaches
from helpers.judgement.trend import ALPHA, LONGEST, mann_kendall
from helpers.measures import decisions, demand, stock
from helpers.measures.items import critical_families, family_weights, value_unit
from helpers.measures.risk import Basis

SIGN = Sign(
    number=8,
    key="safety_stock_creep",
    cluster="procurement",
    title="Safety stock creep",
    question="Do buffers in the key families keep growing although the risk they cover has not?",
    board="Buffers in the key families keep growing though their risk has not; cash replaces trust in the plan.",
    unit="family",
    judged="each",
    limits={
        "buffer_ratio": Limit(1.30, 1.60, "ratio", "default of the kit, by judgement"),
        "buffer_ratio_by_demand": Limit(
            1.50, 1.90, "ratio", "default of the kit, by judgement; wider: demand does not know the forecast"
        ),
        "raised_beyond_risk": Limit(
            0.04,
            0.12,
            "share of safety stock",
            "default of the kit, by simulation: below 2 % in 99 of 100 healthy cycles",
        ),
        "raised_beyond_risk_by_demand": Limit(
            0.10,
            0.25,
            "share of safety stock",
            "default of the kit, by simulation: below 5 % in 99 of 100 healthy cycles",
        ),
        "risk_scaled_growth": Limit(
            1.30, 1.65, "ratio", "default of the kit, by simulation: at most 3.2 % of healthy histories"
        ),
    },
    paths=(
        Path(
            "full",
            "full",
            (
                "inventory_snapshots.safety_stock",
                "forecast_snapshots",
                demand.NEEDS,
                "purchase_orders.received_on",
                "items.unit_cost",
            ),
        ),
        Path("reduced", "reduced", ("inventory_snapshots.safety_stock", demand.NEEDS)),
        Path("minimum", "minimum", ("inventory_snapshots", demand.NEEDS), raise_only=True),
    ),
    questions=(
        "Who may raise a safety stock, and who ever lowered one?",
        "Which event led to the last raise, and is it still true?",
        "What risk is this buffer meant to cover, in days or in orders?",
    ),
    remedies=Remedies(
        trade_off_rules="Buffers follow from service class and measured risk, with an expiry date on every raise.",
        exceptions="Review only the families whose buffers stand above what their risk asks for.",
        cadence_and_roles="Finance and Supply approve buffers together once a quarter.",
    ),
)

METRICS = {"full": "buffer_ratio", "reduced": "buffer_ratio_by_demand", "minimum": "risk_scaled_growth"}
BASES: dict[str, Basis] = {"full": "forecast", "reduced": "demand", "minimum": "spread"}
RAISES = {"full": "raised_beyond_risk", "reduced": "raised_beyond_risk_by_demand"}
SURELY_ABOVE = {"full": 1.10, "reduced": 1.25}
NOTABLE_RAISE, RAISES_TO_CREEP = 0.02, 2
HOLD, OFTEN, FEWEST_FOR_GROWTH = 1.40, 3, 12
RECENT = 12
WINDOW = 6
MINIMUM_CYCLES = {"full": 6, "reduced": 6, "minimum": 9}


def gather(engagement: Engagement, path: Path) -> Evidence:
    """Safety stock against required stock, by family and cycle."""
    nodes = stock.stock_nodes(engagement, BASES[path.name])
    families = stock.family_buffers(nodes, engagement)
    if families.empty:
        raise NotAssessable(
            "no item with six periods of demand and a stock at the end of a cycle",
            ("actual_demand.quantity", "inventory_snapshots.on_hand"),
        )
    weights = family_weights(engagement)
    weights = weights.merge(critical_families(engagement, weights), on=["label", "family"], validate="one_to_one")
    limits = limits_in_force(SIGN, engagement.settings)
    families = families.merge(weights, on=["label", "family"], validate="one_to_one")
    if not families["critical"].any():
        raise NotAssessable(
            "none of the critical families has an item with six periods of demand and a stock at the end of a cycle",
            ("actual_demand.quantity", "inventory_snapshots.on_hand"),
        )
    if path.name == "minimum":
        return _growth_evidence(engagement, path, families, limits[METRICS[path.name]])
    return _buffer_evidence(engagement, path, families, limits[METRICS[path.name]], limits[RAISES[path.name]])


def _buffer_evidence(
    engagement: Engagement, path: Path, families: pd.DataFrame, limit: Limit, raises: Limit
) -> Evidence:
    own = families["usual"]
    families = families.assign(lower=stock.surely_above(families) / own, against_start=families["ratio"] / own)
    chosen = families[families["critical"]]
    return Evidence(
        path=path,
        flags=make_flags(_flags(chosen, path, limit, raises), engagement.calendar, "fact"),
        metrics=_metrics(chosen, path, limit, raises),
        contributions=_contributions(chosen.assign(carried=chosen["excess"] + chosen["beyond"]), "carried"),
        charts=_charts(families, limit, value_unit(engagement)),
        basis=_basis(engagement, families, path),
        confirmations=_buffer_confirmations(engagement, chosen),
        discriminators=_discriminators(engagement, chosen),
        money=stock.carrying_cost(families, engagement),
        money_basis="carrying cost of safety stock beyond the ratio to need a family began with, at the settings' rate",
        minimum_cycles=MINIMUM_CYCLES[path.name],
    )


def _flags(chosen: pd.DataFrame, path: Path, limit: Limit, raises: Limit) -> pd.DataFrame:
    """A family breaches by its level, or by raises that its risk did not ask for; the worse of the two counts."""
    by_level = is_breach(chosen["against_start"], limit) & (chosen["lower"] > SURELY_ABOVE[path.name])
    level = severity(chosen["against_start"], limit).where(by_level, 0.0)
    worse = pd.concat([level, severity(chosen["crept"], raises)], axis="columns").max(axis="columns")
    return chosen[["label"]].assign(
        unit=chosen["family"],
        value=chosen["against_start"],
        breach=by_level | is_breach(chosen["crept"], raises),
        severity=worse,
    )


def _metrics(chosen: pd.DataFrame, path: Path, limit: Limit, raises: Limit) -> tuple[Metric, ...]:
    pooled = _pooled(chosen)
    worst = chosen.groupby("label")[["against_start", "crept"]].max()
    level, risen = METRICS[path.name], RAISES[path.name]
    return (
        Metric(level, "Buffer over risk, against its start", worst["against_start"], "fact", limit, limit.unit),
        Metric(risen, "Raised beyond risk in six cycles", worst["crept"], "fact", raises, raises.unit),
        Metric("buffer_level", "Safety stock over what risk asks for", pooled["ratio"], "fact", unit=limit.unit),
        Metric("safety_stock_value", "Safety stock at unit value", pooled["safety"], "fact", unit="currency"),
    )


def _pooled(families: pd.DataFrame) -> pd.DataFrame:
    """Sums over the critical families by label, with λ; the index is the label."""
    sums = families.groupby("label")[["safety", "required"]].sum()
    return sums.assign(ratio=sums["safety"] / sums["required"].where(sums["required"] > 0))


@once
def _buffer_confirmations(engagement: Engagement, chosen: pd.DataFrame) -> pd.DataFrame:
    tests = {"raised beyond risk again": _repeats, "buffers rise beyond risk": _creeps, "ratchet": _ratchets}
    parts = [
        at_each_cycle(engagement.calendar, rows, name, test).assign(unit=family)
        for family, rows in chosen.sort_values("label").groupby("family")
        for name, test in tests.items()
    ]
    return pd.concat(parts, ignore_index=True)


def _notable_raises(known: pd.DataFrame, window: int) -> int:
    """Cycles of the window in which at least two per cent was added that risk did not ask for."""
    recent = known.tail(window)
    return int((recent["unasked"] >= NOTABLE_RAISE * recent["safety"]).sum())


def _repeats(known: pd.DataFrame) -> Outcome:
    return bool(_notable_raises(known, WINDOW) >= RAISES_TO_CREEP), np.nan


def _creeps(known: pd.DataFrame) -> Outcome:
    """A rising ratio whose rise was made by raises, not by a risk that fell."""
    risen, p_value = _rises("ratio")(known)
    return (risen and _notable_raises(known, RECENT) >= RAISES_TO_CREEP, p_value) if risen is not None else UNDECIDED


@cache
def _rises(column: str, window: int = RECENT, fewest: int = 8) -> Test:
    """A rise over the last twelve labels: one that began half-way is no longer a trend over two years."""

    def test(known: pd.DataFrame) -> Outcome:
        values = known[column].dropna().tail(window)
        if len(values) < fewest or (values <= 0).any():
            return UNDECIDED
        p_value = mann_kendall(np.log(values.to_numpy(float)))
        return bool(p_value <= ALPHA), p_value

    return test


def _ratchets(known: pd.DataFrame) -> Outcome:
    raised, lowered, p_value = stock.ratchet(known)
    return UNDECIDED if np.isnan(p_value) else (bool(p_value <= ALPHA and raised > lowered), p_value)


def _growth_evidence(engagement: Engagement, path: Path, families: pd.DataFrame, limit: Limit) -> Evidence:
    """Stock in hand of the critical families against its own start: what a client without safety stocks can show."""
    growth = _growth(families)
    calendar = engagement.calendar
    trend = at_each_cycle(calendar, growth, "stock rises beyond risk", _rises("scaled", LONGEST, FEWEST_FOR_GROWTH))
    held = at_each_cycle(calendar, growth, "stock stays up", often_reaches("growth", HOLD, OFTEN))
    values = growth.set_index("label")["growth"]
    metric = Metric(METRICS[path.name], "Stock over risk, against its start", values, "fact", limit, limit.unit)
    rows = values.rename("value").rename_axis("label").reset_index()
    flags = growth.rename(columns={"growth": "value"})[["label", "value"]].assign(unit="critical families")
    chart = Chart("trend", metric.title, rows, "label", "value", unit=limit.unit, limit=limit, reading=TREND_READING)
    return Evidence(
        path=path,
        flags=make_flags(flags, calendar, "fact", limit),
        metrics=(metric,),
        contributions=_contributions(families[families["critical"]], "on_hand"),
        charts=(chart,),
        basis=_basis(engagement, families, path),
        confirmations=pd.concat([trend, held], ignore_index=True),
        minimum_cycles=MINIMUM_CYCLES[path.name],
    )


TREND_READING = "A line at 1 means as much stock per unit of risk as at the start; it should not climb."


def _growth(families: pd.DataFrame) -> pd.DataFrame:
    """Growth label by label, each measured on the families that were critical then."""
    rows = []
    for label, now in families.groupby("label"):
        chosen = set(now.loc[now["critical"], "family"])
        known = stock.risk_scaled_stock(families[families["label"] <= label], chosen)
        rows.append(known[known["label"] == label])
    return pd.concat(rows, ignore_index=True)


def _contributions(families: pd.DataFrame, column: str) -> pd.DataFrame:
    rows = families[["label", "family", column]].rename(columns={"family": "value", column: "amount"})
    return rows.assign(dimension="family")[["label", "dimension", "value", "amount"]]


def _discriminators(engagement: Engagement, chosen: pd.DataFrame) -> pd.DataFrame:
    """D5: share of raises, by value, that risk did not ask for when they were made; D3: of those, without a decision.

    Sums over six labels: raises are rare, and one label says little.
    """
    rows = chosen.assign(undecided=0.0)
    log = engagement.has("decisions.decided_on", "decisions.family")
    if log:
        decided = decisions.decided_families(engagement, decisions.BUFFER_WORDS, named_only=True).assign(decided=True)
        rows = rows.merge(decided, on=["label", "family"], how="left", validate="one_to_one")
        rows["undecided"] = rows["unasked"].where(rows["decided"].isna(), 0.0)
    sums = rows.groupby("label")[["raised", "unasked", "undecided"]].sum().rolling(WINDOW, min_periods=1).sum()
    shares = {"D5": sums["unasked"] / sums["raised"].where(sums["raised"] > 0)}
    if log:
        shares["D3"] = sums["undecided"] / sums["unasked"].where(sums["unasked"] > 0)
    parts = [share.rename("value").reset_index().assign(name=name) for name, share in shares.items()]
    return pd.concat(parts, ignore_index=True)[["label", "name", "value"]].dropna(subset=["value"])


def _charts(families: pd.DataFrame, limit: Limit, value_in: str) -> tuple[Chart, ...]:
    pooled = _pooled(families[families["critical"]]).reset_index()
    both = pooled.melt("label", ["safety", "required"], var_name="what", value_name="amount")
    names = {"safety": "safety stock in force", "required": "what risk asks for"}
    return (
        Chart(
            "heatmap",
            "Safety stock over what risk asks for",
            families[["label", "family", "ratio"]],
            "label",
            "ratio",
            "family",
            unit=limit.unit,
            limit=limit,
            reading="A row that grows stronger from left to right is a family whose buffer grows beyond its risk.",
        ),
        Chart(
            "trend",
            "Safety stock set against required, critical families",
            both.assign(what=both["what"].map(names)),
            "label",
            "amount",
            "what",
            unit=value_in,
            reading="Two lines that part show buffers leaving their reason behind.",
            look=Look(in_order=True, gap=("safety stock in force", "what risk asks for", "beyond risk")),
        ),
    )


def _basis(engagement: Engagement, families: pd.DataFrame, path: Path) -> str:
    risk = {
        "full": "forecast errors cumulated over lead time and review, and realised lead times",
        "reduced": "demand around its three-period or seasonal mean, lead times as planned",
        "minimum": "spread of demand over up to 18 periods",
    }
    told = "named by the client" if engagement.critical_families else "the largest holding half of demand at unit value"
    return (
        f"{families['label'].nunique()} cycles, {families['family'].nunique()} families; critical ones {told}; "
        f"risk from {risk[path.name]}; items in their first six cycles or last three are left out"
    )
