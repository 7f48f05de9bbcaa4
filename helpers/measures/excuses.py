"""Excused breaches: an exogenous event hit the unit and the response was covered by a dated decision of that cycle."""

from __future__ import annotations

import re

import ibis
import numpy as np
import pandas as pd

from helpers.engagement import Engagement, once

NEEDS = ("events.exogenous",)
EVERYONE = "*"


def excuse(engagement: Engagement, flags: pd.DataFrame, dimension: str) -> pd.DataFrame:
    """The flags with `excused_on` filled where an exogenous event overlaps label and unit and a decision covered it.

    Parameters
    ----------
    flags
        As in `Evidence.flags`; an excuse the sign has set itself stands when it is the earlier one.
    dimension
        What the units are: `family`, `resource`, `supplier`, … An event's subject is the unit itself or, for families,
        an item, a supplier or a resource of it. An event without a subject hits every unit and the company as a whole.

    Notes
    -----
    Without `events.exogenous` nothing is excused. The decision must name a family the event touches, or none. The
    excuse dates from the day both the event and the decision were known, so that a verdict before that day still counts
    the breach.
    """
    if not engagement.has(*NEEDS) or flags.empty:
        return flags
    covered = _covered(engagement, dimension)
    if covered.empty:
        return flags
    for_unit = covered[covered["unit"] != EVERYONE].groupby(["label", "unit"])["covered_on"].min()
    for_all = covered[covered["unit"] == EVERYONE].groupby("label")["covered_on"].min()
    keys = pd.MultiIndex.from_frame(flags[["label", "unit"]])
    own, unit, everyone = (
        pd.to_datetime(days).to_numpy("datetime64[us]")
        for days in (flags["excused_on"], for_unit.reindex(keys), for_all.reindex(flags["label"]))
    )
    earliest = pd.Series(np.fmin(np.fmin(own, unit), everyone), index=flags.index)
    return flags.assign(excused_on=earliest.where(flags["breach"]))


@once
def answered_shocks(engagement: Engagement, words: str) -> pd.DataFrame:
    """Suppliers, families and other subjects that an exogenous event hit, where a decision answered in time.

    Parameters
    ----------
    words
        Regular expression in lower case for topics that name the answer. A topic that names the event's subject answers
        too; without topics any decision of the family does.

    Returns
    -------
    One row per `label` and `subject`: the event overlaps the label and names the subject, and both the event and the
    decision were known before the label closed, so that a label never changes later.
    """
    if not engagement.has(*NEEDS):
        return pd.DataFrame(columns=["label", "subject"])
    covered = _covered(engagement, "subject")
    if engagement.has("decisions.topic"):
        topics = zip(covered["topic"], covered["unit"], strict=True)
        answers = [bool(re.search(words, topic)) or _names(topic, unit) for topic, unit in topics]
        covered = covered[np.array(answers, dtype=bool)]
    in_time = covered["covered_on"] < engagement.calendar.known_on(covered["label"], "fact")
    named = covered[in_time & (covered["unit"] != EVERYONE)]
    return named.rename(columns={"unit": "subject"})[["label", "subject"]].drop_duplicates(ignore_index=True)


def _names(topic: str, unit: str) -> bool:
    return re.search(rf"\b{re.escape(unit.lower())}\b", topic) is not None


def without_answered_shocks(counts: pd.DataFrame, engagement: Engagement, words: str) -> pd.DataFrame:
    """Counts without the suppliers and families that an answered shock from outside hit in that label.

    With a supplier down, stock runs low and orders come late: it would look like short notice of our own.

    Parameters
    ----------
    counts
        By `label`, `family` and `supplier_id`, as `purchasing.rush_counts`.
    words
        As in `answered_shocks`.
    """
    shocks = set(answered_shocks(engagement, words).itertuples(index=False, name=None))
    cells = zip(counts["label"], counts["supplier_id"], counts["family"], strict=True)
    spared = [(label, supplier) not in shocks and (label, family) not in shocks for label, supplier, family in cells]
    return counts[spared] if any(spared) else counts


@once
def _covered(engagement: Engagement, dimension: str) -> pd.DataFrame:
    """Exogenous events that a decision covered: `label`, `unit` (`*`: every unit), `topic`, `covered_on`."""
    events, decided = _events(engagement), _decisions(engagement)
    if events.empty or decided.empty:
        return pd.DataFrame(columns=["label", "unit", "topic", "covered_on"])
    touched = _families_touched(engagement)
    reached = events.merge(touched.rename(columns={"family": "touched"}), on="subject_id", how="left")
    reached["touched"] = reached["touched"].fillna(reached["subject_id"])
    rows = reached.merge(decided, left_on="label", right_on="cycle")
    named = rows["family"].isna() | rows["subject_id"].isna() | (rows["family"] == rows["touched"])
    rows = rows[named & (rows["on"] < rows["next_cycle"])]
    unit = rows["touched"] if dimension == "family" else rows["subject_id"]
    covered_on = rows[["on", "known"]].max(axis=1)
    return rows.assign(unit=unit.fillna(EVERYONE), covered_on=covered_on)[["label", "unit", "topic", "covered_on"]]


def _events(engagement: Engagement) -> pd.DataFrame:
    """Exogenous events by the labels they overlap: `label`, `next_cycle`, `subject_id`, `known`."""
    events = engagement.table("events")
    exogenous = engagement.frame(
        events.filter(events.exogenous)
        .mutate(known=events.known_on.coalesce(events.starts_on))
        .select("starts_on", "ends_on", "known", "subject_id")
    )
    cycles = engagement.calendar.cycles
    rows = exogenous.merge(pd.DataFrame({"label": cycles[:-1], "next_cycle": cycles[1:]}), how="cross")
    ends = rows["ends_on"].fillna(rows["starts_on"])
    overlaps = (rows["starts_on"] < rows["next_cycle"]) & (ends >= rows["label"])
    return rows.loc[overlaps, ["label", "next_cycle", "subject_id", "known"]]


def _decisions(engagement: Engagement) -> pd.DataFrame:
    """The first decision of each cycle, family (missing: for all) and `topic` (lower case, empty if none): `on`."""
    decisions = engagement.table("decisions")
    return engagement.frame(
        decisions.filter(decisions.decided_on.notnull())
        .group_by("cycle", "family", topic=decisions.topic.fill_null("").lower())
        .aggregate(on=decisions.decided_on.min())
    )


def _families_touched(engagement: Engagement) -> pd.DataFrame:
    """Families of an item, a supplier or a resource: `subject_id`, `family`; a family itself is not listed."""
    items = engagement.table("items")
    parts = [
        items.select(subject_id=items[key], family=items.family)
        for key in ("item_id", "supplier_id", "primary_resource_id")
    ]
    return engagement.frame(ibis.union(*parts).filter(lambda row: row.subject_id.notnull()).distinct())
