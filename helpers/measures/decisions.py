"""Decisions: where they are taken, how fast, whether they are carried out, and which plan changes have none."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd

from helpers.engagement import Engagement, once
from helpers.measures.intervals import in_intervals
from helpers.measures.rhythm import previous_cycles

WINDOW = 6
FILLED = 0.80
SMALLEST_CHANGE = 0.05
CARRIED_AFTER = 2
PLAN_WORDS = "plan|schedul|frozen|produc|capacit|overload"
BUFFER_WORDS = "safety stock|buffer"
OUTSIDE, EXECUTED = "outside the meeting", "carried out"
OUTCOMES = ("in the meeting", "decided", "escalated by rule", OUTSIDE, "deferred", "open")
DATES = ("raised_on", "decided_on", "due_on", "executed_on", "reversed_on")


@once
def off_forum(engagement: Engagement) -> pd.DataFrame:
    """Decisions by the interval in which they were taken, and how many were taken outside the meeting.

    Outside: any forum other than `s_and_op` (an escalation under a rule counts as inside), or decided after it had been
    executed. Counted by amount where at least 80 % of the decisions have one, else one by one.

    Returns
    -------
    One row per `label` and `family` (`all` where none is named): `decisions`, `size`, `outside` (same unit as `size`).
    """
    rows = engagement.table("decisions").filter(lambda t: t.forum.notnull())
    taken = rows.mutate(taken_on=ibis.coalesce(rows.decided_on, rows.raised_on))
    dated = in_intervals(engagement, taken, "taken_on")
    inside = (dated.forum == "s_and_op") | ((dated.forum == "escalation") & dated.rule_id.notnull())
    afterwards = (dated.executed_on < dated.decided_on).fill_null(False)
    size = dated.amount.abs() if _has_amounts(engagement) else ibis.literal(1.0)
    sized = dated.mutate(size=size, family=dated.family.fill_null("all"))
    sums = sized.group_by("label", "family").aggregate(
        decisions=sized.count(), size=sized.size.sum(), outside=sized.size.sum(where=~inside | afterwards)
    )
    frame = engagement.frame(sums)
    return frame.assign(outside=frame["outside"].fillna(0.0), size=frame["size"].fillna(0.0))


def _has_amounts(engagement: Engagement) -> bool:
    intake = engagement.manifest.table("decisions")
    return intake is not None and intake.filled.get("amount", 0.0) >= FILLED


def off_forum_share(rows: pd.DataFrame) -> pd.Series:
    """OFD by label from `off_forum`; missing where nothing was decided."""
    sums = rows.groupby("label")[["outside", "size"]].sum()
    return (sums["outside"] / sums["size"].where(sums["size"] > 0)).rename("off_forum_share")


@once
def decision_trail(engagement: Engagement) -> pd.DataFrame:
    """Where decisions were taken, by the interval in which they were raised; also those taken back later.

    Returns
    -------
    One row per `label` and `outcome` that occurred, in the order of `OUTCOMES`: `decisions`; and one per label for
    `EXECUTED`, those of them that were carried out, whatever their outcome (where the client keeps it).
    """
    rows = in_intervals(engagement, engagement.table("decisions"), "raised_on")
    columns = ("label", "forum", "rule_id", "status", "executed", *DATES)
    raised = engagement.frame(rows.select("decision_id", *columns))
    counts = raised.assign(outcome=_outcome(engagement, raised)).groupby(["outcome", "label"], observed=True)
    found = counts.size().rename("decisions").reset_index().assign(outcome=lambda c: c["outcome"].astype(str))
    if not engagement.has("decisions.executed | decisions.executed_on"):
        return found
    done = raised["executed"].fillna(False).astype(bool) | raised["executed_on"].notna()
    carried = done.groupby(raised["label"]).sum().rename("decisions").reset_index().assign(outcome=EXECUTED)
    return pd.concat([found, carried], ignore_index=True)


def _outcome(engagement: Engagement, raised: pd.DataFrame) -> pd.Series:
    """Where each was decided, as known on the as-of date, as an ordered category; outside as in `off_forum`.

    What was taken back had been decided.
    """
    decided = raised["status"].eq("decided")
    if engagement.has("decisions.decided_on"):
        decided = raised["decided_on"].notna() & ~raised["status"].isin(["open", "deferred"])
    elif not engagement.has("decisions.status"):
        decided = raised["forum"].notna()
    decided = decided | raised["status"].eq("reversed") | raised["reversed_on"].notna()
    allowed = raised["forum"].eq("escalation") & raised["rule_id"].notna()
    afterwards = raised["executed_on"] < raised["decided_on"]
    chosen = [
        decided & raised["forum"].isna(),
        decided & raised["forum"].eq("s_and_op") & ~afterwards,
        decided & allowed & ~afterwards,
        decided,
        raised["status"].eq("deferred"),
    ]
    words = np.select(chosen, ["decided", "in the meeting", "escalated by rule", OUTSIDE, "deferred"], "open")
    return pd.Series(pd.Categorical(words, OUTCOMES, ordered=True), index=raised.index)


@once
def decision_quality(engagement: Engagement) -> pd.DataFrame:
    """How decisions are run, as known when each interval closed.

    Returns
    -------
    One row per closed `label` from the first decision on: `latency` (cycles from raised to decided, Kaplan–Meier median
    over the decisions raised in the last six labels, open ones censored), `executed_share` (executed by their due date,
    of those due in the interval), `carried_share` (still open, of those raised two cycles before),
    `owned_share` (with an owner, of those raised in the interval), `reversed_share` (taken back, of those decided) and
    `known`, the decisions raised so far. A measure whose columns were not sent is missing throughout.
    """
    rows = engagement.frame(engagement.table("decisions").select("decision_id", *DATES, "owner", "status", "executed"))
    cycles = engagement.calendar.cycles
    spans = zip(range(len(cycles) - 1), cycles[:-1], cycles[1:], strict=True)
    measured = [_one_label(engagement, rows, cycles, *span) for span in spans if (rows["raised_on"] < span[2]).any()]
    return pd.DataFrame(measured)


def _one_label(
    engagement: Engagement,
    rows: pd.DataFrame,
    cycles: pd.DatetimeIndex,
    row: int,
    opens: pd.Timestamp,
    closes: pd.Timestamp,
) -> dict[str, object]:
    raised = rows[rows["raised_on"] < closes]
    decided = raised["decided_on"].where(raised["decided_on"] < closes)
    has_dates = engagement.has("decisions.decided_on")
    return {
        "label": opens,
        "known": len(raised),
        "latency": _latency(raised, decided, cycles[max(0, row - WINDOW + 1)], opens, closes) if has_dates else np.nan,
        "executed_share": _executed(engagement, raised, opens, closes),
        "carried_share": _carried(engagement, raised, decided, cycles, row),
        "owned_share": _owned(engagement, raised[raised["raised_on"] >= opens]),
        "reversed_share": _reversed(engagement, raised, decided, opens, closes),
    }


def _latency(
    raised: pd.DataFrame, decided: pd.Series, since: pd.Timestamp, opens: pd.Timestamp, closes: pd.Timestamp
) -> float:
    recent = raised["raised_on"] >= since
    days = (decided.fillna(closes) - raised["raised_on"]).dt.days[recent]
    median = kaplan_meier_median(days.to_numpy(float), decided[recent].notna().to_numpy())
    return median / (closes - opens).days


def kaplan_meier_median(durations: np.ndarray, ended: np.ndarray) -> float:
    """First duration at which at least half have ended (Kaplan & Meier 1958).

    The longest duration seen where fewer than half ended, a lower bound; missing without durations.
    """
    if not len(durations):
        return float("nan")
    surviving = 1.0
    for day in np.unique(durations[ended]):
        surviving *= 1 - ((durations == day) & ended).sum() / (durations >= day).sum()
        if surviving <= 0.5:
            return float(day)
    return float(durations.max())


def _executed(engagement: Engagement, raised: pd.DataFrame, opens: pd.Timestamp, closes: pd.Timestamp) -> float:
    due = raised[(raised["due_on"] >= opens) & (raised["due_on"] < closes)]
    if engagement.has("decisions.due_on", "decisions.executed_on"):
        return _share(due["executed_on"] <= due["due_on"])
    if engagement.has("decisions.due_on", "decisions.executed"):
        closed = due[["raised_on", "decided_on"]].max(axis=1) < closes
        return _share(due.loc[closed, "executed"].fillna(False).astype(bool))
    return float("nan")


def _carried(
    engagement: Engagement, raised: pd.DataFrame, decided: pd.Series, cycles: pd.DatetimeIndex, row: int
) -> float:
    """Of the decisions raised two cycles ago; the log's older leftovers do not count again in every cycle."""
    if row < CARRIED_AFTER:
        return float("nan")
    cohort = raised["raised_on"].between(cycles[row - CARRIED_AFTER], cycles[row - CARRIED_AFTER + 1], inclusive="left")
    if engagement.has("decisions.decided_on"):
        return _share(decided[cohort].isna())
    if engagement.has("decisions.status"):
        return _share(raised.loc[cohort, "status"].isin(["deferred", "open"]))
    return float("nan")


def _owned(engagement: Engagement, raised: pd.DataFrame) -> float:
    return _share(raised["owner"].notna()) if engagement.has("decisions.owner") else float("nan")


def _reversed(
    engagement: Engagement, raised: pd.DataFrame, decided: pd.Series, opens: pd.Timestamp, closes: pd.Timestamp
) -> float:
    if not engagement.has("decisions.reversed_on", "decisions.decided_on"):
        return float("nan")
    now = raised["reversed_on"].between(opens, closes, inclusive="left")
    taken = (decided >= opens).sum()
    return float(now.sum() / taken) if taken else float("nan")


@once
def pending(engagement: Engagement) -> pd.DataFrame:
    """Decisions of the last six labels that somebody still has to take or to carry out, overdue or without an owner.

    Undecided: no date and no status say otherwise. Overdue: its due date has passed; without one, a whole cycle has
    gone by since it was raised. A decision that was taken and not carried out by its due date is overdue too.

    Returns
    -------
    One row per `decision_id`: `topic`, `family`, `trade_off`, `rule_id`, `owner`, `amount` (currency), `raised_on`,
    `due_on`, `is_open` (undecided), `is_overdue`, `is_ownerless`.
    """
    columns = ("topic", "family", "trade_off", "rule_id", "owner", "amount", "status", "executed", *DATES)
    rows = engagement.frame(engagement.table("decisions").select("decision_id", *columns))
    recent = rows[rows["raised_on"] >= engagement.calendar.cycles[-WINDOW - 1 :][0]]
    is_open, undone = _undecided(engagement, recent), _undone(engagement, recent)
    passed = (recent["due_on"] < engagement.as_of) | (
        recent["due_on"].isna() & (recent["raised_on"] < engagement.calendar.cycles[-2:][0])
    )
    found = recent.assign(
        is_open=is_open,
        is_overdue=(is_open & passed) | (undone & (recent["due_on"] < engagement.as_of)),
        is_ownerless=is_open & recent["owner"].isna() & engagement.has("decisions.owner"),
    )
    kept = ["decision_id", *columns[:6], "raised_on", "due_on", "is_open", "is_overdue", "is_ownerless"]
    return found.loc[found["is_overdue"] | found["is_ownerless"], kept].reset_index(drop=True)


def _undecided(engagement: Engagement, raised: pd.DataFrame) -> pd.Series:
    """Where neither dates nor status were sent, nothing is known to be open."""
    if engagement.has("decisions.decided_on"):
        return raised["decided_on"].isna() & ~raised["status"].isin(["decided", "reversed"])
    return raised["status"].isin(["open", "deferred"])


def _undone(engagement: Engagement, raised: pd.DataFrame) -> pd.Series:
    if not engagement.has("decisions.executed | decisions.executed_on"):
        return pd.Series(False, index=raised.index)
    done = raised["executed"].fillna(False).astype(bool) | raised["executed_on"].notna()
    return ~done & ~_undecided(engagement, raised) & raised["reversed_on"].isna()


def cleared_in_a_meeting(engagement: Engagement) -> float:
    """Decisions that a meeting (forum `s_and_op`) takes: median over the last six labels, 0 where it took none.

    Missing where no log with dates and forums was sent.
    """
    labels = engagement.calendar.labels[-WINDOW:]
    if not engagement.has("decisions.decided_on", "decisions.forum") or not len(labels):
        return float("nan")
    dated = in_intervals(engagement, engagement.table("decisions"), "decided_on")
    taken = dated.filter(dated.forum == "s_and_op").group_by("label").aggregate(decisions=ibis._.count())
    counts = engagement.frame(taken).set_index("label")["decisions"]
    return float(counts.reindex(labels, fill_value=0).median())


def _share(hits: pd.Series) -> float:
    return float(hits.mean()) if len(hits) else float("nan")


def orphan_changes(engagement: Engagement) -> pd.DataFrame:
    """Production plan changes, and those of them that no decision of their cycle and family covers.

    A change counts when an item's planned quantity for a period moves between consecutive snapshots by more than 5 %
    and more than one lot. Valued at unit cost, else counted in units.

    Returns
    -------
    One row per closed `label` and `family` with changes: `changed`, `orphan` ≤ `changed`.
    """
    changes = engagement.frame(_plan_changes(engagement)).rename(columns={"cycle": "label"})
    changes = changes[changes["label"].isin(engagement.calendar.labels)]
    decided = decided_families(engagement, PLAN_WORDS).assign(decided=True)
    rows = changes.merge(decided, on=["label", "family"], how="left", validate="one_to_one")
    return rows.assign(orphan=rows["changed"].where(rows["decided"].isna(), 0.0)).drop(columns="decided")


@once
def decided_families(engagement: Engagement, words: str, named_only: bool = False) -> pd.DataFrame:
    """Families in which a decision was dated before the interval of its cycle closed.

    A decision without a family covers all of them, where topics are kept only when its topic names the subject. Once
    the log has named the subject in a topic, only decisions that name it count, because by then the client keeps them
    apart; before that, and without topics, any decision of the family does.

    Parameters
    ----------
    words
        Regular expression in lower case for topics that name the subject.
    named_only
        Where topics are filled, a decision counts only when its topic names the subject, even if none ever did: for
        subjects that a general decision of the family does not settle.

    Returns
    -------
    One row per `label` and `family`.
    """
    rows = engagement.table("decisions")
    families = engagement.table("items").select(named="family").distinct()
    told = rows.mutate(names_it=rows.topic.fill_null("").lower().re_search(words))
    general = told.family.isnull() & (told.names_it | told.topic.isnull())
    covered = told.inner_join(families, general | (told.family == families.named))
    cells = covered.group_by("names_it", label=covered.cycle, family=covered.named)
    frame = engagement.frame(cells.aggregate(decided=covered.decided_on.min(), raised=covered.raised_on.min()))
    closed = engagement.calendar.known_on(frame["label"], "fact")
    named_since = frame.loc[frame["names_it"], "raised"].min()
    strict = named_only and engagement.has("decisions.topic")
    counts = frame["names_it"] | (~(named_since < closed) & (not strict))
    dated = frame["decided"] if engagement.has("decisions.decided_on") else frame["raised"]
    found: pd.DataFrame = frame.loc[counts & (dated < closed), ["label", "family"]]
    return found.drop_duplicates(ignore_index=True)


@once
def undecided_share(engagement: Engagement, amounts: pd.DataFrame, words: str) -> pd.DataFrame:
    """D3: share of `amount` (≥ 0, per `label` and `family`) in cells without a dated decision that names `words`.

    Returns
    -------
    One row per `label` with an amount: `name` (D3), `value` in 0 to 1.
    """
    decided = decided_families(engagement, words, named_only=True).assign(decided=True)
    told = amounts.merge(decided, on=["label", "family"], how="left", validate="one_to_one")
    told = told.assign(undecided=told["amount"].where(told["decided"].isna(), 0.0))
    sums = told.groupby("label", as_index=False)[["undecided", "amount"]].sum()
    share = sums["undecided"] / sums["amount"].where(sums["amount"] > 0)
    rows: pd.DataFrame = sums[["label"]].assign(name="D3", value=share).dropna(subset=["value"])
    return rows


def _plan_changes(engagement: Engagement) -> ir.Table:
    snapshots = engagement.table("production_plan_snapshots")
    items = engagement.table("items").select("item_id", "family", "lot_size", "unit_cost")
    cells = snapshots.group_by("cycle", "item_id", "period").aggregate(quantity=snapshots.quantity.sum())
    distinct = engagement.frame(snapshots.select("cycle").distinct())["cycle"]
    steps = previous_cycles(distinct, engagement.settings.bucket).dropna()
    pairs = ibis.memtable(steps.astype("datetime64[us]"))
    now = cells.inner_join(pairs, "cycle")
    earlier = cells.select("item_id", "period", previous=cells.cycle, before=cells.quantity)
    both = now.inner_join(earlier, ["previous", "item_id", "period"]).inner_join(items, "item_id")
    moved = (both.quantity - both.before).abs()
    real = (moved > SMALLEST_CHANGE * both.before) & (moved > both.lot_size.fill_null(0.0))
    worth = moved * both.unit_cost.fill_null(1.0)
    return both.mutate(worth=worth).filter(real).group_by("cycle", "family").aggregate(changed=lambda t: t.worth.sum())
