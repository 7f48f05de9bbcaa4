"""Assumptions the plan rests on, beside what they turned out to be.

Glossary
    unit      an assumption; where no register was sent, a parameter of the plan: a supplier's lead time, a resource's
              hours or rates, a family's forecast
    gap       ln(realised / planned), signed so that above 0 is worse for the plan; for two-sided units the sign is open
    stale     not set or checked for longer than its limit
"""

from __future__ import annotations

import ibis
import numpy as np
import pandas as pd

from helpers import periods
from helpers.engagement import Engagement, once
from helpers.measures.capacity import rate_gaps
from helpers.measures.forecast import unit_errors
from helpers.measures.intervals import in_intervals
from helpers.measures.items import unit_values

FEWEST_RECEIPTS, POOLED_CYCLES = 5, 3
NOT_EARLY = 1.25
QUARTILE = 0.25
WEIGHT_LABELS = 12
HIGHER_IS_WORSE = {"supplier": True, "transport": True, "capacity": False, "yield": False}
RECEIPT_NEEDS = ("purchase_orders.received_on", "purchase_orders.planned_lead_time_days | suppliers")
QUOTE_NEEDS = ("purchase_orders", "purchase_orders.planned_lead_time_days | suppliers")
COLUMNS = ["label", "unit", "area", "subject", "gap", "planned", "two_sided"]
NO_SIZES = pd.DataFrame(
    {
        "label": pd.Series(dtype="datetime64[us]"),
        "subject": pd.Series(dtype=str),
        "size": pd.Series(dtype=float),
    }
)


def registered(engagement: Engagement) -> pd.DataFrame:
    """The register: one row per `assumption_id` and version with what it says, `set_on` ascending."""
    rows = engagement.table("assumptions")
    frame = engagement.frame(
        rows.select(
            "assumption_id",
            "set_on",
            "area",
            "subject_id",
            "owner",
            "planned_value",
            "higher_is_worse",
            "last_validated_on",
        )
    )
    return frame.sort_values(["set_on", "assumption_id"], ignore_index=True)


@once
def registered_gaps(engagement: Engagement) -> pd.DataFrame:
    """Gap of every registered assumption with an actual value.

    Returns
    -------
    One row per `label` (fact-timed) and `unit`: `area`, `subject`, `gap` against the version in force when the period
    closed (median over the label's periods), `planned`, `two_sided` where the register does not say what is worse.
    """
    actuals = engagement.frame(engagement.table("assumption_actuals"))
    actuals["label"] = engagement.calendar.label_of(actuals["period"])
    actuals["set_before"] = actuals["period"].map(lambda day: periods.shift(day, engagement.settings.bucket, 1))
    versions = registered(engagement).rename(columns={"set_on": "version_of"})
    found = pd.merge_asof(
        actuals.dropna(subset=["label"]).sort_values(["set_before", "assumption_id"]),
        versions.sort_values("version_of"),
        left_on="set_before",
        right_on="version_of",
        by="assumption_id",
        allow_exact_matches=False,
    ).dropna(subset=["planned_value"])
    direction = found["higher_is_worse"].astype("boolean").fillna(found["area"].map(HIGHER_IS_WORSE).astype("boolean"))
    sign = direction.map({True: 1.0, False: -1.0}).astype(float).fillna(1.0)
    found["gap"] = sign * log_ratio(found["actual_value"], found["planned_value"])
    found["two_sided"] = direction.isna()
    rows = found.rename(columns={"assumption_id": "unit", "subject_id": "subject", "planned_value": "planned"})
    keys = ["label", "unit", "area", "two_sided"]
    return rows.groupby(keys, as_index=False, dropna=False).agg(
        subject=("subject", "last"), gap=("gap", "median"), planned=("planned", "last")
    )[COLUMNS]


def named_by_register(engagement: Engagement, units: pd.DataFrame) -> pd.DataFrame:
    """The units whose subject was in the register by the end of their label, under the assumption's name then.

    An assumption belongs to the register from the day it was set, so one written down later is no part of it before.

    Parameters
    ----------
    units
        One row per `label` and `unit` with `area` and `subject`.
    """
    named = registered(engagement).rename(columns={"subject_id": "subject", "set_on": "version_of"})
    named = named.dropna(subset=["area", "subject"])[["area", "subject", "assumption_id", "version_of"]]
    dated = units.assign(closed=engagement.calendar.known_on(units["label"], "fact"))
    dated, named = (side.astype({"area": "string", "subject": "string"}) for side in (dated, named))
    found = pd.merge_asof(
        dated.dropna(subset=["closed"]).sort_values("closed", kind="stable"),
        named.sort_values("version_of", kind="stable"),
        left_on="closed",
        right_on="version_of",
        by=["area", "subject"],
        allow_exact_matches=False,
    ).dropna(subset=["assumption_id"])
    latest = found.sort_values("version_of", kind="stable").drop_duplicates(["label", "assumption_id"], keep="last")
    return latest.assign(unit=latest["assumption_id"]).drop(columns=["assumption_id", "version_of", "closed"])


def log_ratio(realised: pd.Series, planned: pd.Series) -> pd.Series:
    """ln(realised / planned); missing where either is missing, 0 or negative."""
    upper, lower = realised.astype(float), planned.astype(float)
    return pd.Series(np.log(upper.where(upper > 0) / lower.where(lower > 0)), index=realised.index)


@once
def ages(engagement: Engagement) -> pd.DataFrame:
    """Buckets since each registered assumption was last set or checked, as known at the end of each label.

    The log of validations counts where it was sent. The column `last_validated_on` holds only the latest check:
    before it the history is outside the extract, so that the age is missing, as long as every assumption was checked
    at some time; where some never were, ages count from the day the assumption was set.

    Returns
    -------
    One row per `label` and `unit` in force: `age`.
    """
    versions, bucket = registered(engagement), engagement.settings.bucket
    checks = _checks(engagement, versions)
    sent = engagement.manifest.table("assumptions")
    checked = "assumption_validations" if engagement.has("assumption_validations") else "last_validated_on"
    always = checked == "last_validated_on" and sent is not None and sent.filled.get(checked, 0.0) >= 1.0
    rows = []
    for label in engagement.calendar.labels:
        closed = engagement.calendar.known_on(pd.Series([label]), "fact").iloc[0]
        seen = checks[checks["day"] < closed]
        last = seen.groupby("assumption_id")["day"].max()
        if always:
            last = last.where(seen[seen["is_check"]].groupby("assumption_id").size().reindex(last.index).notna())
        opened = last.map(lambda day: periods.floor(day, bucket), na_action="ignore")
        steps = periods.lag(opened, pd.Series(label, last.index), bucket)
        rows.append(steps.rename("age").rename_axis("unit").reset_index().assign(label=label))
    return pd.concat(rows, ignore_index=True)[["label", "unit", "age"]]


def _checks(engagement: Engagement, versions: pd.DataFrame) -> pd.DataFrame:
    """Days on which an assumption was set or checked: `assumption_id`, `day`, `is_check`."""
    days = [versions[["assumption_id"]].assign(day=versions["set_on"], is_check=False)]
    if engagement.has("assumption_validations"):
        log = engagement.frame(engagement.table("assumption_validations").select("assumption_id", "validated_on"))
        days.append(log[["assumption_id"]].assign(day=log["validated_on"], is_check=True))
    latest = versions.dropna(subset=["last_validated_on"])
    days.append(latest[["assumption_id"]].assign(day=latest["last_validated_on"], is_check=True))
    return pd.concat(days, ignore_index=True)


def lead_time_gaps(engagement: Engagement, *, quoted: bool = False) -> pd.DataFrame:
    """Realised against planned lead time, one unit a supplier.

    Lines bought early look slow. With need dates only lines needed within 1.25 planned lead times count, and their
    median; without them the 25th percentile of the receipts. A supplier with fewer than five receipts in a cycle is
    pooled over up to three cycles that do not overlap. Expedited lines are left out: they do not show the ordinary
    lead time. `quoted` takes the agreed instead of the realised lead time, by order date.

    Returns
    -------
    As `registered_gaps`, area `supplier`.
    """
    lines = _dated_lines(engagement, quoted=quoted)
    counts = engagement.frame(lines.group_by("supplier_id", "label").aggregate(receipts=lines.count()))
    blocks = _blocks(counts)
    if blocks.empty:
        return pd.DataFrame(columns=COLUMNS)
    pooled = lines.inner_join(ibis.memtable(blocks), ["supplier_id", "label"])
    middle = quoted or engagement.has("purchase_orders.needed_on")
    share = pooled.days / pooled.planned
    sums = pooled.group_by("supplier_id", "block").aggregate(
        ratio=share.median() if middle else share.quantile(QUARTILE), planned=pooled.planned.median()
    )
    frame = engagement.frame(sums)
    return pd.DataFrame(
        {
            "label": frame["block"],
            "unit": "lead time of " + frame["supplier_id"],
            "area": "supplier",
            "subject": frame["supplier_id"],
            "gap": log_ratio(frame["ratio"], pd.Series(1.0, frame.index)),
            "planned": frame["planned"],
            "two_sided": False,
        }
    )


def _dated_lines(engagement: Engagement, *, quoted: bool) -> ibis.expr.types.Table:
    """Lines with `days` taken or quoted, `planned` days and the `label` in which they were received or ordered."""
    orders = engagement.table("purchase_orders")
    suppliers = engagement.table("suppliers").select("supplier_id", usual="planned_lead_time_days")
    lines = orders.left_join(suppliers, "supplier_id")
    lines = lines.mutate(planned=ibis.coalesce(lines.planned_lead_time_days, lines.usual))
    end = lines.due_on if quoted else lines.received_on
    lines = lines.mutate(days=end.delta(lines.ordered_on, unit="day").cast("float64")).filter(
        lambda t: t.planned > 0, lambda t: t.days > 0
    )
    if not quoted and engagement.has("purchase_orders.needed_on"):
        ahead = lines.needed_on.delta(lines.ordered_on, unit="day")
        lines = lines.filter(lines.needed_on.isnull() | (ahead <= NOT_EARLY * lines.planned))
    if not quoted:
        lines = lines.filter(~lines.expedited.fill_null(ibis.literal(value=False)))
    chosen = lines.select("supplier_id", "days", "planned", day=lines.ordered_on if quoted else lines.received_on)
    return in_intervals(engagement, chosen, "day")


def _blocks(counts: pd.DataFrame) -> pd.DataFrame:
    """Which labels are pooled: `supplier_id`, `label`, and the `block` (its last label) they end in.

    A block closes as soon as it holds five receipts; after three labels with fewer it is dropped.
    """
    rows: list[tuple[str, pd.Timestamp, pd.Timestamp]] = []
    for supplier, labels in counts.sort_values("label").groupby("supplier_id"):
        open_labels: list[pd.Timestamp] = []
        held = 0
        for label, receipts in zip(labels["label"], labels["receipts"], strict=True):
            open_labels.append(label)
            held += int(receipts)
            if held >= FEWEST_RECEIPTS:
                rows += [(str(supplier), member, label) for member in open_labels]
            if held >= FEWEST_RECEIPTS or len(open_labels) == POOLED_CYCLES:
                open_labels, held = [], 0
    found = pd.DataFrame(rows, columns=["supplier_id", "label", "block"])
    return found.astype({"label": "datetime64[us]", "block": "datetime64[us]"}) if len(found) else found


def resource_gaps(engagement: Engagement) -> pd.DataFrame:
    """How far plans overstate each resource: ln(planned / available hours) + ln(actual / standard).

    Returns
    -------
    As `registered_gaps`, area `capacity`; `planned` is missing (it varies by period).
    """
    needs = {"hours": "capacity.available_hours", "rate": "production_orders.actual_hours"}
    sent = [column for column, need in needs.items() if engagement.has(need)]
    if not sent:
        return pd.DataFrame(columns=COLUMNS)
    gaps = rate_gaps(engagement).dropna(subset=sent)
    return pd.DataFrame(
        {
            "label": gaps["label"],
            "unit": "capacity of " + gaps["resource_id"],
            "area": "capacity",
            "subject": gaps["resource_id"],
            "gap": gaps[sent].sum(axis=1),
            "planned": np.nan,
            "two_sided": False,
        }
    )


def forecast_gaps(engagement: Engagement, fence: int) -> pd.DataFrame:
    """Forecast at the fence over demand, one unit a family (two-sided: a steady bias either way is wrong).

    Returns
    -------
    As `registered_gaps`, area `demand`.
    """
    errors = unit_errors(engagement, fence)
    late = errors[errors["lag"] == fence]
    gaps = pd.DataFrame(
        {
            "label": engagement.calendar.label_of(late["period"]),
            "unit": "forecast of " + late["unit"],
            "area": "demand",
            "subject": late["unit"],
            "gap": log_ratio(late["error"] + late["actual"], late["actual"]),
            "planned": np.nan,
            "two_sided": True,
        }
    )
    return gaps.dropna(subset=["label"]).groupby(["label", "unit"], as_index=False).last()[COLUMNS]


@once
def weights(engagement: Engagement, units: pd.DataFrame) -> pd.DataFrame:
    """Weight of each unit at each label; the units of a label sum to 1.

    Suppliers by the value ordered over the last twelve labels, resources by planned hours, relative to the mean of
    their area, so that areas count by how many assumptions they hold; where the size is unknown, the mean of the
    area.

    Parameters
    ----------
    units
        One row per `label` and `unit` with `area` and `subject`.
    """
    sizes = [part for part in (_supplier_value(engagement), _resource_hours(engagement)) if len(part)]
    importance = pd.concat(sizes, ignore_index=True) if sizes else NO_SIZES
    trailing = _trailing(importance, pd.DatetimeIndex(units["label"].unique()))
    rows = units.merge(trailing, on=["label", "subject"], how="left", validate="many_to_one")
    mean = rows.groupby(["label", "area"])["size"].transform("mean")
    relative = (rows["size"] / mean.where(mean > 0)).fillna(1.0)
    return rows[["label", "unit"]].assign(weight=relative / relative.groupby(rows["label"]).transform("sum"))


def _supplier_value(engagement: Engagement) -> pd.DataFrame:
    if not engagement.has("purchase_orders"):
        return NO_SIZES
    orders = engagement.table("purchase_orders")
    priced = orders.inner_join(unit_values(engagement).select("item_id", "value"), "item_id")
    bought = priced.select("supplier_id", "ordered_on", worth=priced.ordered_quantity * priced.value)
    dated = in_intervals(engagement, bought, "ordered_on")
    sums = dated.group_by("label", subject=dated.supplier_id).aggregate(size=dated.worth.sum())
    return engagement.frame(sums)


def _resource_hours(engagement: Engagement) -> pd.DataFrame:
    if not engagement.has("capacity"):
        return NO_SIZES
    hours = in_intervals(engagement, engagement.table("capacity"), "period")
    sums = hours.group_by("label", subject=hours.resource_id).aggregate(size=hours.planned_hours.sum())
    return engagement.frame(sums)


def _trailing(importance: pd.DataFrame, labels: pd.DatetimeIndex) -> pd.DataFrame:
    rows = []
    for label in labels:
        past = importance[importance["label"] <= label]
        recent = past[past["label"].isin(sorted(past["label"].unique())[-WEIGHT_LABELS:])]
        rows.append(recent.groupby("subject")["size"].sum().reset_index().assign(label=label))
    found = pd.concat(rows, ignore_index=True) if rows else pd.DataFrame(columns=["subject", "size", "label"])
    return found.astype({"label": "datetime64[us]", "size": float, "subject": str})
