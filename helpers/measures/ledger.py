"""Money: every row of compensation cost owned by one sign, over the last twelve labels."""

from __future__ import annotations

import ibis
import pandas as pd

from helpers.engagement import Engagement

WINDOW = 12
BOTTLENECK_SIGN = 5
OWNER_BY_KIND = {
    "overtime": 6,
    "subcontracting": 6,
    "expedite_freight": 6,
    "premium_purchase": 7,
    "out_of_window_production": 4,
    "other": 6,
}
HIDDEN_BOTTLENECK_KINDS = ("overtime", "subcontracting")


def compensation_rows(engagement: Engagement) -> pd.DataFrame:
    """Compensation cost of closed intervals.

    Returns
    -------
    One row per `label`, `period`, `kind`, `family`, `resource_id`: `amount` (currency) and `from_supplier`, its part
    with a supplier named. A missing family or resource is the text `unassigned`.
    """
    costs = engagement.table("compensation_costs").mutate(
        family=ibis._.family.fill_null("unassigned"), resource_id=ibis._.resource_id.fill_null("unassigned")
    )
    grouped = costs.group_by("period", "kind", "family", "resource_id").aggregate(
        amount=costs.amount.sum(), from_supplier=costs.amount.sum(where=costs.supplier_id.notnull()).fill_null(0.0)
    )
    rows = engagement.frame(grouped)
    return rows.assign(label=engagement.calendar.label_of(rows["period"])).dropna(subset="label")


def incurred(rows: pd.DataFrame, hidden_bottlenecks: pd.DataFrame) -> pd.DataFrame:
    """Each row of compensation given to the one sign that owns it.

    Parameters
    ----------
    rows
        From `compensation_rows`.
    hidden_bottlenecks
        `label` and `unit` (resource) of the breaches of sign 5: overtime and subcontracting there belong to sign 5.

    Returns
    -------
    `sign`, `label`, `kind`, `family`, `resource_id`, `amount`; the amounts add up to those of `rows`.
    """
    pairs = set(zip(hidden_bottlenecks["label"], hidden_bottlenecks["unit"].astype(str), strict=True))
    at_bottleneck = pd.Series(
        [(label, str(resource)) in pairs for label, resource in zip(rows["label"], rows["resource_id"], strict=True)],
        index=rows.index,
        dtype=bool,
    )
    owner = (
        rows["kind"]
        .map(OWNER_BY_KIND)
        .mask(at_bottleneck & rows["kind"].isin(HIDDEN_BOTTLENECK_KINDS), BOTTLENECK_SIGN)
    )
    inbound = rows["from_supplier"].where(rows["kind"] == "expedite_freight", 0.0)
    own = rows.assign(sign=owner, amount=rows["amount"] - inbound)
    bought = rows.assign(sign=7, amount=inbound)
    columns = ["sign", "label", "kind", "family", "resource_id", "amount"]
    both = pd.concat([own, bought], ignore_index=True)[columns]
    return both[both["amount"] != 0].reset_index(drop=True)


def root_amount(rows: pd.DataFrame, breaches: pd.DataFrame, by_family: bool) -> float:
    """Compensation paid in the labels in which a sign breached; where units are families, in those families only.

    The same money as in the incurred view, seen by what may have set it off: never to be added to it.
    """
    if not by_family or (rows["family"] == "unassigned").all():
        return float(rows.loc[rows["label"].isin(breaches["label"]), "amount"].sum())
    pairs = set(zip(breaches["label"], breaches["unit"].astype(str), strict=True))
    hit = [(label, family) in pairs for label, family in zip(rows["label"], rows["family"], strict=True)]
    return float(rows.loc[pd.Series(hit, index=rows.index, dtype=bool), "amount"].sum())
