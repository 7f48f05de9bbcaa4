"""Excused breaches: an exogenous event hit the unit and the response was covered by a dated decision of that cycle."""

from __future__ import annotations

import pandas as pd

from helpers.engagement import Engagement

NEEDS = ("events.exogenous",)


def excuse(engagement: Engagement, flags: pd.DataFrame, dimension: str) -> pd.DataFrame:
    """The flags with `excused_on` filled where an exogenous event overlaps label and unit and a decision covered it.

    Parameters
    ----------
    flags
        As in `Evidence.flags`.
    dimension
        What the units are: `family`, `resource`, `supplier`, … An event's subject is the unit itself or, for families,
        an item of it. Company-level flags are excused only by an event without a subject.

    Notes
    -----
    Without `events.exogenous` nothing is excused. The excuse dates from the day both the event and the decision were
    known, so that a verdict before that day still counts the breach.
    """
    if not engagement.has(*NEEDS) or flags.empty:
        return flags
    covered = _covered_events(engagement)
    if covered.empty:
        return flags
    families = _families(engagement)
    touched = flags[flags["breach"]].merge(covered, how="cross")
    touched = touched[touched["label"] == touched["event_label"]]
    subject = touched["subject_id"].fillna("company")
    family_of_subject = subject.map(families).fillna(subject) if dimension == "family" else subject
    touched = touched[(family_of_subject == touched["unit"]) | (subject == touched["unit"])]
    earliest = touched.groupby(["label", "unit"])["covered_on"].min()
    found = earliest.reindex(pd.MultiIndex.from_frame(flags[["label", "unit"]]))
    return flags.assign(excused_on=found.astype("datetime64[us]").to_numpy())


def _families(engagement: Engagement) -> dict[str, str]:
    items = engagement.frame(engagement.table("items").select("item_id", "family"))
    return dict(zip(items["item_id"], items["family"], strict=True))


def _covered_events(engagement: Engagement) -> pd.DataFrame:
    """Exogenous events by the labels they overlap: `event_label`, `subject_id`, `covered_on`."""
    events = engagement.table("events")
    exogenous = engagement.frame(
        events.filter(events.exogenous)
        .mutate(known=events.known_on.coalesce(events.starts_on))
        .select("starts_on", "ends_on", "known", "subject_id")
    )
    decisions = engagement.table("decisions")
    decided = engagement.frame(
        decisions.filter(decisions.decided_on.notnull())
        .group_by("cycle", "family")
        .aggregate(on=decisions.decided_on.min())
    )
    if exogenous.empty or decided.empty:
        return pd.DataFrame(columns=["event_label", "subject_id", "covered_on"])
    return _join(engagement, exogenous, decided)


def _join(engagement: Engagement, exogenous: pd.DataFrame, decided: pd.DataFrame) -> pd.DataFrame:
    cycles = engagement.calendar.cycles
    spans = pd.DataFrame({"event_label": cycles[:-1], "next_cycle": cycles[1:]})
    rows = exogenous.merge(spans, how="cross")
    ends = rows["ends_on"].fillna(rows["starts_on"])
    rows = rows[(rows["starts_on"] < rows["next_cycle"]) & (ends >= rows["event_label"])]
    rows = rows.merge(decided, left_on="event_label", right_on="cycle")
    families = _families(engagement)
    subject_family = rows["subject_id"].map(families).fillna(rows["subject_id"])
    same = rows["family"].isna() | (rows["family"] == subject_family)
    rows = rows[same & (rows["on"] < rows["next_cycle"])]
    return rows.assign(covered_on=rows[["on", "known"]].max(axis=1))[["event_label", "subject_id", "covered_on"]]
