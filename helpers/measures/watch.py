"""Watchlists: critical families and constrained resources, as they stood when the last interval closed.

Values, arrows and colours only; a watchlist gives no verdict. Limits are defaults of the kit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import pandas as pd
from scipy import stats

from helpers.engagement import Engagement
from helpers.measures import capacity, purchasing, queues, risk, sequence, stock
from helpers.measures.demand import NEEDS as DEMAND
from helpers.measures.items import critical_families, family_weights

Colour = Literal["green", "amber", "red", "none"]
COLUMNS = ["subject", "watch", "title", "label", "value", "unit", "arrow", "colour"]
MEMORY, LATELY = 12, 6
NOISE = 1.5 * 1.4826


@dataclass(frozen=True)
class Watch:
    """One thing to watch: from which value on it is amber and red (below, where `lower_is_worse`)."""

    name: str
    title: str
    unit: str
    amber: float = float("nan")
    red: float = float("nan")
    lower_is_worse: bool = False


FAMILY_WATCHES = (
    Watch("cover", "Cover", "days"),
    Watch("empty", "Items without stock", "share of nodes", amber=2.0, red=4.0),
    Watch("backlog", "Backorders", "days of demand"),
    Watch("lead_time_spread", "Spread of supplier lead times", "share of planned", amber=0.30, red=0.50),
    Watch("late_receipts", "Receipts after the agreed date", "share of lines"),
)
RESOURCE_WATCHES = (
    Watch("load", "Hours worked over hours available", "share", amber=0.95, red=1.05),
    Watch("queue", "Work waiting", "intervals of work"),
    Watch("sequence", "Sequence changes", "share", amber=0.15, red=0.30),
    Watch("efficiency", "Standard over actual hours, against own median", "ratio", 0.90, 0.80, lower_is_worse=True),
    Watch("overtime", "Overtime over hours available", "share", amber=0.05, red=0.10),
)


def critical_families_watch(engagement: Engagement) -> pd.DataFrame:
    """Cover, stockouts, backlog and supplier lead times of the critical families.

    Returns
    -------
    One row per family (`subject`) and `watch`: `title`, `label` (the last closed one), `value` and `unit`, `arrow`
    (`up`, `down`, or missing where the last value lies within its usual noise), `colour`. What cannot be measured is
    left out.
    """
    frames = [*_stock_watches(engagement), *_supplier_watches(engagement)]
    weights = family_weights(engagement)
    critical = critical_families(engagement, weights)
    last = critical[critical["label"] == critical["label"].max()]
    return _listed(FAMILY_WATCHES, frames, set(last.loc[last["critical"], "family"]))


def constrained_resources_watch(engagement: Engagement) -> pd.DataFrame:
    """Load, queue, sequence changes, efficiency and overtime of the constrained resources; as for families.

    Without any named bottleneck, all resources that have capacity.
    """
    frames = []
    if engagement.has("capacity"):
        loads = capacity.real_load(engagement).groupby(["label", "resource_id"], as_index=False)[["hours", "available"]]
        rows = loads.sum()
        frames.append(_series("load", rows["label"], rows["resource_id"], rows["hours"] / _positive(rows["available"])))
    if engagement.has("production_orders.actual_hours"):
        frames += _order_watches(engagement)
    if engagement.has("production_orders.actual_start"):
        rows = sequence.sequence_changes(engagement)
        frames.append(_series("sequence", rows["label"], rows["resource_id"], rows["sci"]))
    named = set(engagement.critical_resources) or {subject for frame in frames for subject in frame["subject"]}
    return _listed(RESOURCE_WATCHES, frames, named)


def _stock_watches(engagement: Engagement) -> list[pd.DataFrame]:
    if not engagement.has("inventory_snapshots", DEMAND):
        return []
    nodes = stock.stock_nodes(engagement, "forecast" if engagement.has("forecast_snapshots") else "demand")
    worth, days = nodes.unit_value, risk.DAYS[engagement.settings.bucket]
    tolerated = 1 - engagement.settings.service_target
    sums = engagement.frame(
        nodes.group_by("label", "family").aggregate(
            net=((nodes.on_hand - nodes.backorders) * worth).sum(),
            owed=(nodes.backorders * worth).sum(),
            daily=(nodes.mean_demand * worth).sum() / days,
            required=(nodes.required * worth).sum(),
            empty=(nodes.on_hand <= 0).mean(),
        )
    )
    daily = _positive(sums["daily"])
    series = {"cover": sums["net"] / daily, "backlog": sums["owed"] / daily, "empty": sums["empty"].astype(float)}
    frames = {name: _series(name, sums["label"], sums["family"], values) for name, values in series.items()}
    frames["cover"]["floor"] = sums["required"] / daily
    frames["empty"]["scale"] = tolerated
    return list(frames.values())


def _supplier_watches(engagement: Engagement) -> list[pd.DataFrame]:
    if not engagement.has("purchase_orders.received_on", purchasing.LEAD_TIME):
        return []
    rows = purchasing.lead_times(engagement, "family")
    sums = rows.pivot_table(index="label", columns="family", values=["receipts", "ratio_sum", "ratio_squares", "late"])
    window = sums.fillna(0.0).rolling(MEMORY, min_periods=1).sum().stack(future_stack=True).reset_index()  # noqa: PD013
    n = window["receipts"].where(window["receipts"] >= MEMORY)
    mean = window["ratio_sum"] / n
    spread = ((window["ratio_squares"] / n - mean**2).clip(lower=0) * n / (n - 1)) ** 0.5
    return [
        _series("lead_time_spread", window["label"], window["family"], spread / mean),
        _series("late_receipts", window["label"], window["family"], window["late"] / n),
    ]


def _order_watches(engagement: Engagement) -> list[pd.DataFrame]:
    worked = capacity.worked_hours(engagement).sort_values(["resource_id", "label"], ignore_index=True)
    own = worked["standard_hours"] / _positive(worked["actual_hours"])
    usual = own.groupby(worked["resource_id"]).transform(lambda v: v.rolling(MEMORY, min_periods=3).median().shift())
    frames = [_series("efficiency", worked["label"], worked["resource_id"], own / usual)]
    waiting = queues.queue_days(engagement)
    frames.append(_series("queue", waiting["label"], waiting["resource_id"], waiting["cover"]))
    if engagement.has("capacity", "production_orders.overtime_hours"):
        hours = capacity.capacity_hours(engagement)
        both = worked.merge(hours, on=["label", "resource_id"], validate="one_to_one")
        share = both["overtime_hours"] / _positive(both["available_hours"])
        frames.append(_series("overtime", both["label"], both["resource_id"], share))
    return frames


def _positive(values: pd.Series) -> pd.Series:
    return values.where(values > 0)


def _series(watch: str, label: pd.Series, subject: pd.Series, value: pd.Series) -> pd.DataFrame:
    return pd.DataFrame({"watch": watch, "label": label, "subject": subject, "value": value.astype(float)})


def _listed(watches: tuple[Watch, ...], frames: list[pd.DataFrame], subjects: set[str]) -> pd.DataFrame:
    by_name = {str(frame["watch"].iloc[0]): frame for frame in frames if len(frame)}
    rows = [
        _row(watch, subject, own.sort_values("label", ignore_index=True))
        for watch in watches
        if watch.name in by_name
        for subject, own in by_name[watch.name].groupby("subject")
        if subject in subjects
    ]
    found = pd.DataFrame([row for row in rows if row], columns=COLUMNS)
    return found.sort_values(["subject"], kind="stable", ignore_index=True)


def _row(watch: Watch, subject: object, own: pd.DataFrame) -> dict[str, object] | None:
    known = own.dropna(subset=["value"])
    if known.empty or known["label"].iloc[-1] != own["label"].iloc[-1]:
        return None
    value = float(known["value"].iloc[-1])
    return {
        "subject": subject,
        "watch": watch.name,
        "title": watch.title,
        "label": known["label"].iloc[-1],
        "value": value,
        "unit": watch.unit,
        "arrow": _arrow(known["value"]),
        "colour": _colour(watch, known, value),
    }


def _arrow(values: pd.Series) -> str | None:
    """Direction of the last six values, only where the last one leaves the usual noise of those before."""
    before, recent = values.iloc[:-1].tail(LATELY), values.tail(LATELY)
    if len(before) < 3:
        return None
    usual = before.median()
    if abs(values.iloc[-1] - usual) <= NOISE * (before - usual).abs().median():
        return None
    slope = float(stats.theilslopes(recent.to_numpy(float))[0])
    return "up" if slope > 0 else "down" if slope < 0 else None


def _colour(watch: Watch, known: pd.DataFrame, value: float) -> Colour:
    """Cover has its own floor and ceiling: what risk asks for, and three times its own median of twelve."""
    if "floor" in known:
        too_high = value > 3 * known["value"].tail(MEMORY).median()
        return "red" if value < known["floor"].iloc[-1] else "amber" if too_high else "green"
    if pd.isna(watch.amber):
        return "none"
    scale = float(known["scale"].iloc[-1]) if "scale" in known else 1.0
    worse = -1 if watch.lower_is_worse else 1
    if worse * value >= worse * watch.red * scale:
        return "red"
    return "amber" if worse * value >= worse * watch.amber * scale else "green"
