"""Surprises that were there to see: costly events about a parameter that reality had contradicted before.

Glossary
    surprise   an event nobody announced (known on the day it started, or later) about the subject of an assumption,
               which was rescued with money: compensation booked on its subject in the label in which it started
    foreseen   a surprise whose parameter had been wrong two labels before already
"""

from __future__ import annotations

import pandas as pd

from helpers.engagement import Engagement, once
from helpers.measures.compensation import compensation

NEEDS = ("events.subject_id", "compensation_costs")
LEAD, WINDOW = 2, 6
SUBJECTS = ("resource_id", "supplier_id", "family", "item_id")


@once
def foreseen_surprises(engagement: Engagement, units: pd.DataFrame) -> pd.DataFrame:
    """KUS: share of the surprises of the last six labels whose parameter had been wrong two labels before.

    Parameters
    ----------
    units
        One row per `label` and assumption: `subject`, `wrong`, as judged at that label.

    Returns
    -------
    One row per closed label: `surprises` and `foreseen` (counts of the six labels), `share` (missing without
    surprises) and `lift`, the share over that of all subjects wrong two labels before each of the six (missing where
    none was). No row where events or costs were not sent.
    """
    if not engagement.has(*NEEDS):
        return pd.DataFrame(columns=["label", "surprises", "foreseen", "share", "lift"])
    labels = engagement.calendar.labels
    judged = units.groupby(["label", "subject"])["wrong"].any().astype(float).unstack("subject")
    wrong = judged.reindex(labels).shift(LEAD).rename_axis("began")
    seen = wrong.melt(var_name="subject", value_name="wrong", ignore_index=False).dropna().reset_index()
    met = _costly(engagement).merge(seen, on=["began", "subject"], validate="many_to_one")
    counts = met.groupby("label")["wrong"].agg(surprises="size", foreseen="sum")
    recent = counts.reindex(labels, fill_value=0.0).rolling(WINDOW, min_periods=1).sum()
    base = wrong.mean(axis="columns").rolling(WINDOW, min_periods=1).mean()
    share = recent["foreseen"] / recent["surprises"].where(recent["surprises"] > 0)
    rows: pd.DataFrame = recent.assign(share=share, lift=share / base.where(base > 0))
    return rows.rename_axis("label").reset_index()


def _costly(engagement: Engagement) -> pd.DataFrame:
    """Surprises with money on their subject: `subject`, `began`, and the `label` by which they were known."""
    events, calendar = engagement.table("events"), engagement.calendar
    unannounced = events.known_on.isnull() | (events.known_on >= events.starts_on)
    sudden = events.filter(events.subject_id.notnull(), unannounced)
    rows = engagement.frame(sudden.select("event_id", "starts_on", "known_on", subject="subject_id"))
    opened = rows["known_on"].fillna(rows["starts_on"])
    rows = rows.assign(began=calendar.label_of(rows["starts_on"]), label=calendar.label_of(opened))
    paid = [compensation(engagement, name).rename(columns={name: "subject"}) for name in SUBJECTS]
    booked = pd.concat(paid)[["label", "subject"]].dropna().drop_duplicates().rename(columns={"label": "began"})
    return rows.dropna(subset=["label", "began"]).merge(booked, on=["began", "subject"], validate="many_to_one")
