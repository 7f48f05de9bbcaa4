"""Watchlists: critical families and constrained resources, as they stood when the last interval closed.

Values, arrows and colours only; a watchlist gives no verdict. Limits are defaults of the kit; those a sign has too are
the sign's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import pandas as pd
from scipy import stats

from helpers.engagement import Engagement
from helpers.measures import backlog, capacity, purchasing, queues, risk, sequence, stock
from helpers.measures.demand import NEEDS as DEMAND
from helpers.measures.items import critical_families, family_weights

Colour = Literal["green", "amber", "red", "none"]
COLUMNS = ["subject", "watch", "title", "label", "value", "unit", "arrow", "colour", "note"]
MEMORY, LATELY = 12, 6
NOISE = 1.5 * 1.4826
FULL, OFTEN = 0.95, 3
DESIGNED_FULL = "the plan was designed full"
STANDARD = "production_orders.standard_hours | items.standard_hours_per_unit"


@dataclass(frozen=True)
class Watch:
    """One thing to watch: from which value on it is amber and red (below, where `lower_is_worse`).

    `beyond`: the limit itself is still green. `own_median`: amber beyond so many times its own median of twelve.
    """

    name: str
    title: str
    unit: str
    amber: float = float("nan")
    red: float = float("nan")
    lower_is_worse: bool = False
    beyond: bool = False
    own_median: float = float("nan")


FAMILY_WATCHES = (
    Watch("cover", "Cover", "days", own_median=3.0),
    Watch("stockout_days", "Days out of stock", "share of days", amber=2.0, red=4.0, beyond=True),
    Watch("empty", "Items without stock", "share of nodes", amber=2.0, red=4.0, beyond=True),
    Watch("owed", "Backorders at unit value", "money"),
    Watch("backlog", "Backorders", "days of demand"),
    Watch("old_backlog", "Backorders older than one period", "share of backorders"),
    Watch("lead_time_spread", "Spread of supplier lead times", "share of planned", amber=0.30, red=0.50),
    Watch("long_lead_times", "Slowest tenth of receipts over planned lead time", "ratio", amber=1.25, red=1.50),
    Watch("late_receipts", "Receipts after the agreed date", "share of lines"),
)
RESOURCE_WATCHES = (
    Watch("load", "Hours worked over hours available", "share", amber=FULL, red=1.05),
    Watch("planned_load", "Planned work over planned hours", "share", amber=FULL, red=1.05),
    Watch("proved_load", "Planned work over proved capacity", "share", amber=FULL, red=1.05),
    Watch("queue", "Work waiting", "days of work", own_median=1.5),
    Watch("queue_hours", "Queue of an order", "hours", own_median=1.5),
    Watch("late_starts", "Starts behind plan, median", "days", own_median=1.5),
    Watch("sequence", "Sequence changes", "share", amber=0.15, red=0.30),
    Watch("start_order", "Order of starts changed", "share", amber=0.20, red=0.35),
    Watch("changes", "Schedule changes per order", "ratio", amber=0.25, red=0.50),
    Watch("setups", "Set-up time per order over the usual", "share", amber=0.10, red=0.25),
    Watch("efficiency", "Standard over actual hours, against own median", "ratio", 0.90, 0.80, lower_is_worse=True),
    Watch("output", "Made over planned quantity, against own median", "ratio", 0.90, 0.80, lower_is_worse=True),
    Watch("extra_hours", "Unplanned extra hours over planned hours", "share", amber=0.05, red=0.10),
    Watch("rescue_cost", "Rescue cost per planned hour", "money"),
)


def critical_families_watch(engagement: Engagement) -> pd.DataFrame:
    """Cover, stockouts, backorders and supplier lead times of the critical families.

    Returns
    -------
    One row per family (`subject`) and `watch`: `title`, `label` (the last closed one), `value` and `unit` (money in the
    client's currency), `arrow` (`up`, `down`, or missing where the last value lies within its usual noise), `colour`,
    `note` (empty mostly). What cannot be measured is left out.
    """
    frames = [*_stock_watches(engagement), *_stockout_watch(engagement), *_supplier_watches(engagement)]
    weights = family_weights(engagement)
    critical = critical_families(engagement, weights)
    last = critical[critical["label"] == critical["label"].max()]
    return _listed(engagement, FAMILY_WATCHES, frames, set(last.loc[last["critical"], "family"]))


def constrained_resources_watch(engagement: Engagement) -> pd.DataFrame:
    """Load, queue, sequence changes, efficiency and rescue of the constrained resources; as for families.

    Without any named bottleneck, all resources that have capacity.
    """
    frames = [
        *_load_watches(engagement),
        *_queue_watches(engagement),
        *_sequence_watches(engagement),
        *_efficiency_watch(engagement),
        *_rescue_watches(engagement),
    ]
    named = set(engagement.critical_resources) or {subject for frame in frames for subject in frame["subject"]}
    return _listed(engagement, RESOURCE_WATCHES, frames, named)


def _stock_watches(engagement: Engagement) -> list[pd.DataFrame]:
    if not engagement.has("inventory_snapshots", DEMAND):
        return []
    nodes = stock.stock_nodes(engagement, "forecast" if engagement.has("forecast_snapshots") else "demand")
    worth, days = nodes.unit_value, risk.DAYS[engagement.settings.bucket]
    sums = engagement.frame(
        nodes.group_by("label", "family").aggregate(
            net=((nodes.on_hand - nodes.backorders) * worth).sum(),
            owed=(nodes.backorders * worth).sum(),
            mean=(nodes.mean_demand * worth).sum(),
            required=(nodes.required * worth).sum(),
            empty=(nodes.on_hand <= 0).mean(),
        )
    )
    sums = sums.merge(backlog.coming(engagement, nodes), on=["label", "family"], how="left", validate="one_to_one")
    coming, daily = _positive(sums["coming"]) / days, _positive(sums["mean"]) / days
    series = {
        "cover": sums["net"] / coming,
        "owed": sums["owed"],
        "backlog": sums["owed"] / daily,
        "empty": sums["empty"].astype(float),
    }
    frames = {name: _series(name, sums["label"], sums["family"], values) for name, values in series.items()}
    frames["cover"]["floor"] = sums["required"] / daily
    frames["empty"]["scale"] = 1 - engagement.settings.service_target
    return [*frames.values(), *_backlog_age(engagement)]


def _backlog_age(engagement: Engagement) -> list[pd.DataFrame]:
    if not engagement.has("order_lines.delivered_on"):
        return []
    rows = backlog.overdue(engagement)
    return [_series("old_backlog", rows["label"], rows["family"], rows["older"] / _positive(rows["overdue"]))]


def _stockout_watch(engagement: Engagement) -> list[pd.DataFrame]:
    if not engagement.has("actual_demand.stockout_days"):
        return []
    rows = backlog.stockouts(engagement)
    frame = _series("stockout_days", rows["label"], rows["family"], rows["out"] / _positive(rows["days"]))
    return [frame.assign(scale=1 - engagement.settings.service_target)]


def _supplier_watches(engagement: Engagement) -> list[pd.DataFrame]:
    if not engagement.has("purchase_orders", purchasing.LEAD_TIME):
        return []
    agreed_only = not engagement.has("purchase_orders.received_on")
    rows = purchasing.agreed_times(engagement) if agreed_only else purchasing.lead_times(engagement, "family")
    if rows.empty:
        return []
    sums = rows.pivot_table(index="label", columns="family", values=["receipts", "ratio_sum", "ratio_squares", "late"])
    every = sums.reindex(pd.Index(engagement.calendar.labels, name="label"))
    window = every.fillna(0.0).rolling(MEMORY, min_periods=1).sum().stack(future_stack=True).reset_index()  # noqa: PD013
    n = window["receipts"].where(window["receipts"] >= MEMORY)
    mean = window["ratio_sum"] / n
    spread = ((window["ratio_squares"] / n - mean**2).clip(lower=0) * n / (n - 1)) ** 0.5
    spread_series = _series("lead_time_spread", window["label"], window["family"], spread / mean)
    if agreed_only:
        return [spread_series]
    slowest = purchasing.slowest_tenth(engagement)
    return [
        spread_series,
        _series("long_lead_times", slowest["label"], slowest["family"], slowest["ratio"]),
        _series("late_receipts", window["label"], window["family"], window["late"] / n),
    ]


def _load_watches(engagement: Engagement) -> list[pd.DataFrame]:
    if not engagement.has("capacity"):
        return []
    loads = capacity.real_load(engagement).groupby(["label", "resource_id"], as_index=False)[["hours", "available"]]
    rows = loads.sum()
    frames = [_series("load", rows["label"], rows["resource_id"], rows["hours"] / _positive(rows["available"]))]
    if engagement.has("production_orders") or capacity.plan_is_in_hours(engagement):
        planned = capacity.planned_load(engagement)
        frames.append(_series("planned_load", planned["label"], planned["resource_id"], planned["load"]))
    if engagement.has("production_orders") and capacity.plan_is_in_hours(engagement):
        proved = capacity.demonstrated_load(engagement, engagement.settings.demand_fence)
        frames.append(_series("proved_load", proved["label"], proved["resource_id"], proved["load"]))
    return frames


def _queue_watches(engagement: Engagement) -> list[pd.DataFrame]:
    frames = []
    if engagement.has("production_orders.actual_finish", STANDARD):
        waiting = queues.queue_days(engagement)
        days = (engagement.calendar.known_on(waiting["label"], "fact") - waiting["label"]).dt.days
        frames.append(_series("queue", waiting["label"], waiting["resource_id"], waiting["cover"] * days))
    if engagement.has("production_orders.queue_hours"):
        worked = capacity.worked_hours(engagement)
        frames.append(_series("queue_hours", worked["label"], worked["resource_id"], worked["queue_hours"]))
    if not frames and engagement.has("production_orders.actual_start"):
        late = queues.late_starts(engagement)
        frames.append(_series("late_starts", late["label"], late["resource_id"], late["days"]))
    return frames


def _sequence_watches(engagement: Engagement) -> list[pd.DataFrame]:
    frames = []
    if engagement.has("production_orders.actual_start") or sequence.has_sequences(engagement):
        rows = sequence.sequence_changes(engagement)
        name = "sequence" if sequence.has_sequences(engagement) else "start_order"
        frames.append(_series(name, rows["label"], rows["resource_id"], rows["sci"]))
    if engagement.has("schedule_changes", "production_orders"):
        rows = sequence.changes_per_order(engagement)
        frames.append(_series("changes", rows["label"], rows["resource_id"], rows["cpo"]))
    if engagement.has("production_orders.setup_hours"):
        rows = sequence.setup_excess(engagement)
        frames.append(_series("setups", rows["label"], rows["resource_id"], rows["excess"]))
    return frames


def _efficiency_watch(engagement: Engagement) -> list[pd.DataFrame]:
    """Hours where they were sent, else quantities; against the resource's own median of the twelve labels before."""
    if engagement.has("production_orders.actual_hours", STANDARD):
        rows = capacity.efficiency(engagement)
        return [_against_own("efficiency", rows, rows["efficiency"])]
    if engagement.has("production_orders.actual_quantity"):
        rows = capacity.yield_of_orders(engagement)
        return [_against_own("output", rows, rows["made_share"])]
    return []


def _against_own(watch: str, rows: pd.DataFrame, values: pd.Series) -> pd.DataFrame:
    ordered = rows.assign(value=values).sort_values(["resource_id", "label"], ignore_index=True)
    before = ordered.groupby("resource_id")["value"]
    usual = before.transform(lambda own: own.rolling(MEMORY, min_periods=3).median().shift())
    return _series(watch, ordered["label"], ordered["resource_id"], ordered["value"] / _positive(usual))


def _rescue_watches(engagement: Engagement) -> list[pd.DataFrame]:
    frames = []
    if engagement.has("capacity", "production_orders.overtime_hours | production_orders.actual_hours"):
        rows = capacity.exceptional_hours(engagement)
        frames.append(_series("extra_hours", rows["label"], rows["resource_id"], rows["share"]))
    if engagement.has("capacity", "compensation_costs.resource_id"):
        rows = capacity.rescue_cost(engagement)
        frames.append(_series("rescue_cost", rows["label"], rows["resource_id"], rows["per_hour"]))
    return frames


def _positive(values: pd.Series) -> pd.Series:
    return values.where(values > 0)


def _series(watch: str, label: pd.Series, subject: pd.Series, value: pd.Series) -> pd.DataFrame:
    return pd.DataFrame({"watch": watch, "label": label, "subject": subject, "value": value.astype(float)})


def _listed(
    engagement: Engagement, watches: tuple[Watch, ...], frames: list[pd.DataFrame], subjects: set[str]
) -> pd.DataFrame:
    by_name = {str(frame["watch"].iloc[0]): frame for frame in frames if len(frame)}
    rows = [
        _row(watch, subject, own.sort_values("label", ignore_index=True), engagement.calendar.labels[-1])
        for watch in watches
        if watch.name in by_name
        for subject, own in by_name[watch.name].groupby("subject")
        if subject in subjects
    ]
    found = pd.DataFrame([row for row in rows if row], columns=COLUMNS)
    found["unit"] = found["unit"].replace("money", engagement.settings.currency)
    return found.sort_values(["subject"], kind="stable", ignore_index=True)


def _row(watch: Watch, subject: object, own: pd.DataFrame, last: pd.Timestamp) -> dict[str, object] | None:
    known = own.dropna(subset=["value"])
    if known.empty or known["label"].iloc[-1] != last:
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
        "note": _note(watch, known["value"]),
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
    """Red below a floor of its own; amber and red by the limits, times a `scale`; amber beyond its own median."""
    has_floor, has_limits, has_median = "floor" in known, pd.notna(watch.amber), pd.notna(watch.own_median)
    if not (has_floor or has_limits or has_median):
        return "none"
    if has_floor and value < known["floor"].iloc[-1]:
        return "red"
    scale = float(known["scale"].iloc[-1]) if "scale" in known else 1.0
    if has_limits and _crossed(watch, value, watch.red * scale):
        return "red"
    if has_limits and _crossed(watch, value, watch.amber * scale):
        return "amber"
    usual = known["value"].tail(MEMORY).median()
    return "amber" if has_median and value > watch.own_median * usual else "green"


def _crossed(watch: Watch, value: float, limit: float) -> bool:
    if watch.beyond:
        return value < limit if watch.lower_is_worse else value > limit
    return value <= limit if watch.lower_is_worse else value >= limit


def _note(watch: Watch, values: pd.Series) -> str:
    """A planned load at its limit in three of six labels is no accident of one month."""
    if watch.name != "planned_load":
        return ""
    return DESIGNED_FULL if (values.tail(LATELY) >= FULL).sum() >= OFTEN else ""
