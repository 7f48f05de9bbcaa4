"""Root view of the ledger: the same rows, given to where the spending begins.

Row precedence, first that fits:
    1. event       an exogenous event of that label names the row's item, family, resource or supplier: `exogenous`; an
                   event that names nothing takes only rows that name nothing
    2. order line  the cause codes of the rushed purchase lines of that label, family and supplier: lines pulled in
                   belong to late forecast changes; late or short ones to a supplier's wrong assumption, else
                   `exogenous`
    3. resource, supplier, family   a root sign that breached in that label at the row's own unit, in this order
    4. residual    a root sign that breached in that label without naming a place, or any that breached in that label
                   where the row names none; else `unattributed`

Where two root signs breached at the same unit, the one that comes first in the chain of the row's owner takes it all
(`CHAINS`): late changes → replanning → expediting; wrong assumptions → bottlenecks → compensation; conflicts and
parallel plans → wrong stock. Timing is consistent with a cause, never proof of it.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import Any

import numpy as np
import pandas as pd

from helpers.engagement import Engagement, once
from helpers.measures.ledger import UNITS
from helpers.measures.purchasing import CODES, rush_counts

EXOGENOUS, UNATTRIBUTED = "exogenous", "unattributed"
CHAINS = {4: (1, 3, 2, 10), 7: (1, 3, 2, 10), 5: (3, 1, 2, 10), 6: (3, 1, 2, 10), 8: (2, 10, 1, 3), 9: (2, 10, 1, 3)}
SIGN_BY_CODE = {"pulled_in": 1, "supplier_late": 3, "short_quantity": 3}
FROM_OUTSIDE = ("supplier_late", "short_quantity")
PLACES = {"resource": "resource_id", "supplier": "supplier_id", "family": "family"}
ANYWHERE, NOWHERE = "anywhere", "nowhere"
LINE = ["label", "family", "supplier_id"]


def claims(sign: int, breached: Iterable[pd.Timestamp], contributions: pd.DataFrame) -> pd.DataFrame:
    """Where a root sign was at work: `sign`, `label`, `place` (resource, supplier, family), `unit`.

    Parameters
    ----------
    breached
        Labels in which the sign breached as a whole.
    contributions
        As in `Evidence.contributions`; a unit with an amount above 0 is a place. A label without such a unit of any
        place is claimed `anywhere`; rows that name no place are claimed in every label (`nowhere`).
    """
    labels = pd.DatetimeIndex(list(breached))
    carried = contributions[contributions["label"].isin(labels) & (contributions["amount"] > 0)]
    named = carried[carried["dimension"].isin(PLACES)].dropna(subset="value")
    bare = labels.difference(pd.DatetimeIndex(named["label"]))
    units = named[["label", "dimension", "value"]].set_axis(["label", "place", "unit"], axis=1)
    whole = [pd.DataFrame({"label": bare, "place": ANYWHERE, "unit": ANYWHERE})]
    whole.append(pd.DataFrame({"label": labels, "place": NOWHERE, "unit": NOWHERE}))
    return pd.concat([units, *whole], ignore_index=True).drop_duplicates().assign(sign=sign)


@once
def exogenous_subjects(engagement: Engagement) -> pd.DataFrame:
    """Exogenous events by the labels they overlap: `label`, `subject_id` (missing: names nothing)."""
    if not engagement.has("events.exogenous"):
        return pd.DataFrame({"label": [], "subject_id": []})
    events = engagement.table("events")
    found = engagement.frame(events.filter(events.exogenous).select("starts_on", "ends_on", "subject_id"))
    cycles = engagement.calendar.cycles
    rows = found.merge(pd.DataFrame({"label": cycles[:-1], "next": cycles[1:]}), how="cross")
    overlaps = (rows["starts_on"] < rows["next"]) & (rows["ends_on"].fillna(rows["starts_on"]) >= rows["label"])
    return rows.loc[overlaps, ["label", "subject_id"]].drop_duplicates(ignore_index=True)


def hit_from_outside(rows: pd.DataFrame, exogenous: pd.DataFrame) -> pd.Series:
    """Whether an exogenous event of the row's label names one of its units, or nothing where the row names nothing."""
    subjects = exogenous["subject_id"].astype("string").fillna(ANYWHERE)
    hit = pd.MultiIndex.from_arrays([exogenous["label"], subjects])
    bare = rows[list(UNITS)].isna().all(axis=1)
    named = [rows[unit].astype("string") for unit in UNITS] + [bare.map({True: ANYWHERE, False: ""}).astype("string")]
    found = [pd.MultiIndex.from_arrays([rows["label"], unit.fillna("")]).isin(hit) for unit in named]
    return pd.Series(np.logical_or.reduce(found), index=rows.index, dtype=bool)


@once
def code_shares(engagement: Engagement) -> pd.DataFrame:
    """Share of each cause code in the rushed purchase lines: `label`, `family`, `supplier_id`, `code`, `share`."""
    if not engagement.has("purchase_orders"):
        return pd.DataFrame(columns=[*LINE, "code", "share"])
    counts = rush_counts(engagement).groupby(LINE, as_index=False)[["rushed", *CODES]].sum()
    counts = counts[counts["rushed"] > 0]
    long = counts.melt([*LINE, "rushed"], list(CODES), "code", "lines")
    return long.assign(share=long["lines"] / long["rushed"])[[*LINE, "code", "share"]].query("share > 0")


def by_root(rows: pd.DataFrame, claimed: pd.DataFrame, exogenous: pd.DataFrame, codes: pd.DataFrame) -> pd.DataFrame:
    """The rows of the incurred view by their root.

    Parameters
    ----------
    rows
        From `ledger.incurred`.
    claimed, exogenous, codes
        From `claims` of all root signs, `exogenous_subjects`, `code_shares`.

    Returns
    -------
    `rows` with `root` (`1`, `2`, `3`, `10`, `exogenous`, `unattributed`) and `by`, the step of the precedence that
    decided. A row whose lines have several cause codes is split by them; the amounts add up to those of `rows`.
    """
    return attributed(pieces(rows, exogenous, codes), claimed)


def pieces(rows: pd.DataFrame, exogenous: pd.DataFrame, codes: pd.DataFrame) -> pd.DataFrame:
    """The rows by the code of their lines, with `outside`: whether an exogenous event hit them."""
    parts = _by_code(rows, codes)
    return parts.assign(outside=hit_from_outside(parts, exogenous))


def attributed(parts: pd.DataFrame, claimed: pd.DataFrame) -> pd.DataFrame:
    """`by_root` of what `pieces` has made ready."""
    places = _places(claimed)
    found = [_root(row, places) for row in parts.to_dict("records")]
    parts = parts.drop(columns="outside")
    return parts.assign(root=[root for root, _ in found], by=[step for _, step in found]).astype({"root": str})


def _by_code(rows: pd.DataFrame, codes: pd.DataFrame) -> pd.DataFrame:
    """Rows of purchases split by the codes of their lines; the others whole, with no code."""
    bought = rows["inbound"] | (rows["kind"] == "premium_purchase")
    typed = codes.astype({"label": rows["label"].dtype, "family": "string", "supplier_id": "string"})
    split = rows[bought].merge(typed, on=LINE, how="left")
    split = split.assign(amount=split["amount"] * split["share"].fillna(1.0)).drop(columns="share")
    return pd.concat([rows[~bought], split], ignore_index=True)


def _places(claimed: pd.DataFrame) -> dict[tuple[pd.Timestamp, str, str], set[int]]:
    places: dict[tuple[pd.Timestamp, str, str], set[int]] = {}
    for label, place, unit, sign in claimed[["label", "place", "unit", "sign"]].itertuples(index=False):
        places.setdefault((label, place, str(unit)), set()).add(sign)
    return places


def _root(
    row: dict[Hashable, Any],
    places: dict[tuple[pd.Timestamp, str, str], set[int]],
) -> tuple[str, str]:
    """The root of one row and the step that decided it."""
    label, code, chain = row["label"], row["code"], CHAINS[int(row["sign"])]
    if row["outside"]:
        return EXOGENOUS, "event"
    spots = [(place, str(row[column])) for place, column in PLACES.items() if pd.notna(row[column])]
    spots = [*spots, (ANYWHERE, ANYWHERE)] if spots else [(NOWHERE, NOWHERE)]
    at_work = [(place, places.get((label, place, unit), set())) for place, unit in spots]
    coded = SIGN_BY_CODE.get(str(code))
    if coded is not None and any(coded in signs for _, signs in at_work):
        return str(coded), "order line"
    if code in FROM_OUTSIDE:
        return EXOGENOUS, "order line"
    for place, signs in at_work:
        for sign in chain:
            if sign in signs:
                return str(sign), place
    return UNATTRIBUTED, "residual"
