"""S08 safety_stock_creep: buffers in the key families keep growing though the risk they cover has not.

Why it matters
    A buffer is raised after a fright and never lowered after the calm. It hides what the plan does not settle, ties up
    cash, and makes the next shortage look like a reason for more of the same.
How it is measured
    Safety stock in force over the safety stock that service target, forecast error and lead times ask for, at unit
    value, family by family. A family breaches when the ratio reaches its limit and its lower bound says that this is
    not estimation noise. Confirmed by a rising ratio, or by a ratchet: shortfalls closed faster than excess.
    With less data the risk is taken from demand itself, or stock in hand is compared with its own start.
What it cannot tell
    Whether a service target is right. Stock agreed for a launch, a last buy or a pre-build looks like a buffer where it
    is booked as one. The weakest path sees only growth inside the extract.
Source
    Defined by the kit. Combined variance of demand and lead time: textbook formula. Ratchet and
    risk-scaled stock: defined here, sizes by simulation.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers.engagement import Engagement
from helpers.errors import NotAssessable
from helpers.evidence import Chart, Evidence, Limit, Metric, Path, Remedies, Sign
from helpers.judgement.breach import is_breach, limits_in_force, make_flags, severity
from helpers.judgement.confirm import UNDECIDED, Outcome, Test, at_each_cycle, often_reaches
from helpers.judgement.trend import ALPHA, LONGEST, mann_kendall
from helpers.measures import decisions, demand, stock
from helpers.measures.items import critical_families, family_weights
from helpers.measures.risk import Basis

SIGN = Sign(
    number=8,
    key="safety_stock_creep",
    cluster="procurement",
    title="Safety stock creep",
    question="Do buffers in the key families keep growing although the risk they cover has not?",
    board="Buffers in the key families keep growing though their risk has not; cash replaces trust in the plan.",
    unit="family",
    judged="units",
    limits={
        "buffer_ratio": Limit(1.30, 1.60, "ratio", "default of the kit, by judgement"),
        "buffer_ratio_by_demand": Limit(
            1.50, 1.90, "ratio", "default of the kit, by judgement; wider: demand does not know the forecast"
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
SURELY_ABOVE = {"full": 1.10, "reduced": 1.25}
HOLD, OFTEN, FEWEST_FOR_GROWTH = 1.40, 3, 12
RECENT = 12
MINIMUM_CYCLES = 9
PER_YEAR = {"month": 12, "week": 52}


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
    limit = limits_in_force(SIGN, engagement.settings)[METRICS[path.name]]
    gathered = _growth_evidence if path.name == "minimum" else _buffer_evidence
    return gathered(engagement, path, families.merge(weights, on=["label", "family"], validate="one_to_one"), limit)


def _buffer_evidence(engagement: Engagement, path: Path, families: pd.DataFrame, limit: Limit) -> Evidence:
    families = families.assign(lower=stock.surely_above(families))
    chosen = families[families["critical"]]
    is_sure = chosen["lower"] > SURELY_ABOVE[path.name]
    flags = chosen.assign(
        unit=chosen["family"], value=chosen["ratio"], breach=is_breach(chosen["ratio"], limit) & is_sure
    )
    flags = flags.assign(severity=severity(flags["value"], limit))
    pooled = _pooled(chosen)
    return Evidence(
        path=path,
        flags=make_flags(flags, engagement.calendar, "fact"),
        metrics=(
            Metric(
                METRICS[path.name], "Safety stock over what risk asks for", pooled["ratio"], "fact", limit, limit.unit
            ),
            Metric("safety_stock_value", "Safety stock at unit value", pooled["safety"], "fact", unit="currency"),
        ),
        contributions=_contributions(chosen, "excess"),
        charts=_charts(families, limit),
        basis=_basis(engagement, families, path),
        confirmations=_buffer_confirmations(engagement, chosen),
        discriminators=_raises_without_decision(engagement, chosen),
        money=_carrying_cost(engagement, families),
        money_basis="carrying cost of safety stock above what risk asks for, node by node, at the rate in the settings",
        minimum_cycles=MINIMUM_CYCLES,
    )


def _pooled(families: pd.DataFrame) -> pd.DataFrame:
    """Sums over the critical families by label, with λ; the index is the label."""
    sums = families.groupby("label")[["safety", "required"]].sum()
    return sums.assign(ratio=sums["safety"] / sums["required"].where(sums["required"] > 0))


def _buffer_confirmations(engagement: Engagement, chosen: pd.DataFrame) -> pd.DataFrame:
    calendar = engagement.calendar
    pooled = _pooled(chosen).reset_index()
    pooled = pooled.assign(known_on=calendar.known_on(pooled["label"], "fact"))
    creep = at_each_cycle(calendar, pooled, "buffers rise beyond risk", _rises("ratio"))
    return pd.concat([creep, at_each_cycle(calendar, chosen, "ratchet", _ratchets)], ignore_index=True)


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
    flags = growth.rename(columns={"growth": "value"})[["label", "value"]]
    chart = Chart("trend", metric.title, rows, "label", "value", unit=limit.unit, limit=limit, reading=TREND_READING)
    return Evidence(
        path=path,
        flags=make_flags(flags, calendar, "fact", limit),
        metrics=(metric,),
        contributions=_contributions(families[families["critical"]], "on_hand"),
        charts=(chart,),
        basis=_basis(engagement, families, path),
        confirmations=pd.concat([trend, held], ignore_index=True),
        minimum_cycles=MINIMUM_CYCLES,
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


def _raises_without_decision(engagement: Engagement, chosen: pd.DataFrame) -> pd.DataFrame:
    """D3: share of raised safety stock, by value, in a cycle and family without a dated decision (M8.4)."""
    if not engagement.has("decisions.decided_on", "decisions.family"):
        return pd.DataFrame(columns=["label", "name", "value"])
    decided = decisions.decided_families(engagement, decisions.BUFFER_WORDS).assign(decided=True)
    rows = chosen.merge(decided, on=["label", "family"], how="left", validate="one_to_one")
    open_raise = rows["raised"].where(rows["decided"].isna(), 0.0)
    sums = rows.assign(open_raise=open_raise).groupby("label", as_index=False)[["open_raise", "raised"]].sum()
    value = sums["open_raise"] / sums["raised"].where(sums["raised"] > 0)
    return sums[["label"]].assign(name="D3", value=value).dropna(subset=["value"])


def _carrying_cost(engagement: Engagement, families: pd.DataFrame) -> pd.DataFrame:
    rate = engagement.settings.carrying_cost_rate / PER_YEAR[engagement.settings.bucket]
    rows = families.rename(columns={"family": "unit"})[["label", "unit", "excess"]]
    return rows.assign(amount=rows["excess"] * rate)[["label", "unit", "amount"]]


def _charts(families: pd.DataFrame, limit: Limit) -> tuple[Chart, ...]:
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
            reading="A row that darkens from left to right is a family whose buffer grows beyond its risk.",
        ),
        Chart(
            "trend",
            "Buffers of the critical families",
            both.assign(what=both["what"].map(names)),
            "label",
            "amount",
            "what",
            unit="currency",
            reading="Two lines that part show buffers leaving their reason behind.",
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
