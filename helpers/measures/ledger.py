"""One ledger of compensation: every row has one owner, and both views of it add up to the same total.

Glossary
    row       money of one label, kind and unit (family, item, resource, supplier), with the table it comes from
    incurred  each row given to the sign that spends it: what rescuing costs, and who does it
    root      the same rows given to where the spending begins; `helpers.measures.origins`
    held      money that no table books: carrying excess stock, margin lost with cancelled lines

`compensation_costs` is the total where it was sent; the lines of orders, purchases and production then only split it.
Where it was not sent they stand in for it; `helpers.measures.line_costs`.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from helpers.engagement import Engagement, once
from helpers.measures.compensation import compensation
from helpers.measures.line_costs import inbound_share, line_costs, lost_margin

WINDOW = 12
TOLERANCE = 0.01
BOTTLENECK_SIGN = 5
PURCHASING_SIGN = 7
TABLE = "compensation_costs"
UNITS = ("family", "item_id", "resource_id", "supplier_id")
COLUMNS = ["label", "kind", *UNITS, "inbound", "amount", "source"]
OWNER_BY_KIND = {
    "overtime": 6,
    "subcontracting": 6,
    "expedite_freight": 6,
    "premium_purchase": 7,
    "out_of_window_production": 4,
    "other": 6,
    "excess_safety_stock": 8,
    "excess_stock": 9,
    "lost_margin": 9,
}
HELD_KINDS = {8: "excess_safety_stock", 9: "excess_stock"}
HIDDEN_BOTTLENECK_KINDS = ("overtime", "subcontracting")


@dataclass(frozen=True)
class Reconciliation:
    """What the ledger took from `compensation_costs` against what was booked there; currency, all closed labels."""

    in_ledger: float
    booked: float

    @property
    def holds(self) -> bool:
        """Whether the two differ by no more than 1 % of what was booked."""
        return abs(self.in_ledger - self.booked) <= TOLERANCE * abs(self.booked)


@dataclass(frozen=True)
class Unread:
    """What was set aside of the tables the money stands in: `said` in words, empty where nothing was.

    `too_many`: of one of them less than 80 % of the rows could be used, so that its money is not known.
    """

    said: str
    too_many: bool


@once
def ledger_rows(engagement: Engagement) -> pd.DataFrame:
    """Money of closed labels before it has owners.

    Returns
    -------
    One row per `label`, `kind`, `family`, `item_id`, `resource_id`, `supplier_id` (missing where not named) and
    `inbound` (bought in: freight of purchases): `amount` ≥ 0, currency, and `source`, the table it comes from.
    """
    booked = compensation_rows(engagement) if engagement.has(TABLE) else line_costs(engagement)
    parts = [part for part in (booked, lost_margin(engagement)) if len(part)]
    return stacked(parts)


def stacked(parts: list[pd.DataFrame]) -> pd.DataFrame:
    """Rows of several sources as one ledger; columns that a source does not know are missing, rows without money go."""
    columns = [part.reindex(columns=COLUMNS) for part in parts if len(part)]
    rows = pd.concat(columns, ignore_index=True) if columns else pd.DataFrame(columns=COLUMNS)
    rows = rows.astype({"amount": float, **dict.fromkeys(("kind", "source", *UNITS), "string")})
    rows = rows.assign(inbound=rows["inbound"].astype("boolean").fillna(False).astype(bool))
    return rows[rows["amount"].fillna(0.0) != 0].reset_index(drop=True)


def compensation_rows(engagement: Engagement) -> pd.DataFrame:
    """`compensation_costs` as rows of the ledger.

    Freight is inbound where a supplier is named. Where the client names none at all, the freight of a label is split as
    the purchase and order lines of that label split theirs.
    """
    rows = compensation(engagement, "kind", *UNITS).assign(source=TABLE)
    rows["inbound"] = (rows["kind"] == "expedite_freight") & rows["supplier_id"].notna()
    if engagement.has(f"{TABLE}.supplier_id"):
        return rows
    share = rows["label"].map(inbound_share(engagement)).where(rows["kind"] == "expedite_freight").fillna(0.0)
    bought = rows.assign(amount=rows["amount"] * share, inbound=True)
    own = rows.assign(amount=rows["amount"] * (1 - share), inbound=False)
    return pd.concat([own, bought[bought["amount"] > 0]], ignore_index=True)


def held_rows(sign: int, money: pd.DataFrame) -> pd.DataFrame:
    """What a sign holds beyond any booking, as rows of the ledger: `money` has `label`, `unit` (family), `amount`."""
    kind = HELD_KINDS.get(sign)
    if kind is None:
        return pd.DataFrame(columns=COLUMNS)
    return money.rename(columns={"unit": "family"}).assign(kind=kind, source="inventory_snapshots")


def owner(rows: pd.DataFrame, hidden_bottlenecks: pd.DataFrame) -> pd.Series:
    """The sign that owns each row in the incurred view.

    Parameters
    ----------
    rows
        `label`, `kind`, `resource_id`, `inbound`.
    hidden_bottlenecks
        `label` and `unit` (resource) of the breaches of sign 5: overtime and subcontracting there belong to sign 5.

    Raises
    ------
    KeyError
        A kind has no owner.
    """
    unknown = set(rows["kind"]) - set(OWNER_BY_KIND)
    if unknown:
        raise KeyError(f"no sign owns costs of the kind {sorted(unknown)}")
    pairs = set(zip(hidden_bottlenecks["label"], hidden_bottlenecks["unit"].astype(str), strict=True))
    hidden = [pair in pairs for pair in zip(rows["label"], rows["resource_id"].astype(str), strict=True)]
    at_bottleneck = pd.Series(hidden, index=rows.index, dtype=bool) & rows["kind"].isin(HIDDEN_BOTTLENECK_KINDS)
    by_kind = rows["kind"].map(OWNER_BY_KIND).astype("int64")
    return by_kind.mask(rows["inbound"], PURCHASING_SIGN).mask(at_bottleneck, BOTTLENECK_SIGN).rename("sign")


def incurred(rows: pd.DataFrame, hidden_bottlenecks: pd.DataFrame) -> pd.DataFrame:
    """`rows` with `sign`, the one that owns each of them; nothing is added and nothing is lost."""
    return rows.assign(sign=owner(rows, hidden_bottlenecks))


def unread(engagement: Engagement, rows: pd.DataFrame) -> Unread:
    """The rows that the ledger's tables lost; lines do not count where `compensation_costs` is the total."""
    tables = (TABLE,) if engagement.has(TABLE) else tuple(sorted(rows["source"].dropna().unique()))
    found = [entry for name in tables if (entry := engagement.manifest.table(name)) and entry.rows_lost]
    said = [f"{entry.rows_lost:,} of {entry.rows_sent:,} rows of {entry.table} set aside" for entry in found]
    return Unread(", ".join(said), bool(engagement.gutted(*tables)))


@once
def reconcile(engagement: Engagement, rows: pd.DataFrame) -> Reconciliation | None:
    """The ledger against `compensation_costs`; `None` where the table was not sent."""
    if not engagement.has(TABLE):
        return None
    booked = engagement.frame(engagement.table(TABLE).aggregate(amount=lambda t: t.amount.sum()))["amount"].iloc[0]
    return Reconciliation(float(rows.loc[rows["source"] == TABLE, "amount"].sum()), float(booked or 0.0))
