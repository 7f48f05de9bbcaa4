"""Trade-offs that occurred without a rule: how often each situation came up, and whether somebody had said what to do.

Covered by a rule in force, by a rule named on the rows themselves, or by a decision of that cycle and family with an
owner. Over the last twelve closed intervals, like the money of the signs. Limits are defaults by judgement.
"""

from __future__ import annotations

from collections.abc import Hashable

import pandas as pd

from helpers.engagement import Engagement
from helpers.measures.items import critical_families, family_weights
from helpers.measures.rules import rules_by_situation
from helpers.measures.situations import CELL, RECENT, SITUATIONS

FEWEST_OCCURRENCES, FEWEST_INTERVALS, COVERED = 3, 2, 0.50
COVER_NEEDS = "decision_rules | decisions.owner | forecast_snapshots.rule_id"
KEY = ["code", *CELL]
COLUMNS = [
    *("code", "situation", "occurrences", "intervals", "families", "covered", "consistency", "answer", "cost"),
    *("critical", "missing_rule"),
]


def not_seen(engagement: Engagement) -> dict[str, tuple[str, ...]]:
    """Situations that cannot be looked for: code → the columns to ask for."""
    gaps = {situation.code: engagement.missing(*situation.needs) for situation in SITUATIONS}
    return {code: missing for code, missing in gaps.items() if missing}


def tradeoffs(engagement: Engagement) -> pd.DataFrame:
    """Situations T1 to T8 that occurred, costliest first, then those that struck critical families most.

    Returns
    -------
    One row per `code` with its `situation`: `occurrences` (intervals × families), `intervals`, `families`; `covered`
    (share; missing where neither rules nor decisions with owners were sent); `consistency` (share of the cells settled
    by the most frequent `answer`; missing where the data do not tell); `cost` (currency; missing where none is
    recorded); `critical` (occurrences in critical families); `missing_rule`, true from three occurrences in
    two intervals on with less than half covered, missing where no `decision_rules` were sent: rules nobody sent may
    exist all the same. A situation that could be looked for and did not occur has no row.
    """
    seen = [situation for situation in SITUATIONS if engagement.has(*situation.needs)]
    looked_for = seen if len(engagement.calendar.labels) else []
    cells = [s.cells(engagement).assign(code=s.code, situation=s.title) for s in looked_for]
    rows = pd.concat([frame for frame in cells if len(frame)]) if any(map(len, cells)) else pd.DataFrame()
    recent = rows.reindex(columns=[*KEY, "situation", *rows.columns.difference([*KEY, "situation"])])
    recent = recent[recent["label"].isin(engagement.calendar.labels[-RECENT:])]
    judged = _with_critical(engagement, _with_cover(engagement, recent)) if len(recent) else recent
    came_up = judged.groupby(["code", "situation"])
    found = [_row(key, own, engagement.has("decision_rules")) for key, own in came_up if own["occurs"].any()]
    table = pd.DataFrame(found, columns=COLUMNS).astype({"missing_rule": "boolean"})
    return table.sort_values(["cost", "critical", "code"], ascending=[False, False, True], ignore_index=True)


def _row(key: tuple[Hashable, ...], cells: pd.DataFrame, has_rules: bool) -> dict[str, object]:
    occurred = cells[cells["occurs"].astype(bool)]
    covered, intervals = float(occurred["covered"].mean()), occurred["label"].nunique()
    often = len(occurred) >= FEWEST_OCCURRENCES and intervals >= FEWEST_INTERVALS
    answers = cells["answer"].dropna().value_counts().sort_index().sort_values(ascending=False, kind="stable")
    return {
        **dict(zip(("code", "situation"), key, strict=True)),
        "occurrences": len(occurred),
        "intervals": intervals,
        "families": occurred["family"].nunique(),
        "covered": covered,
        "consistency": float(answers.iloc[0] / answers.sum()) if len(answers) else float("nan"),
        "answer": str(answers.index[0]) if len(answers) else None,
        "cost": float(occurred["cost"].astype(float).sum(min_count=1)),
        "critical": int(occurred["critical"].sum()),
        "missing_rule": bool(often and covered < COVERED) if has_rules else None,
    }


def _with_cover(engagement: Engagement, cells: pd.DataFrame) -> pd.DataFrame:
    """`cells` with `covered`, 0 or 1; missing where nothing that could cover them was sent."""
    if not engagement.has(COVER_NEEDS):
        return cells.assign(covered=float("nan"))
    rules = rules_by_situation(engagement)
    since = rules.assign(since=rules["effective_from"].fillna(pd.Timestamp(1900, 1, 1))).groupby("code")["since"].min()
    by_rule = cells["label"] >= since.reindex(cells["code"]).to_numpy()
    owned = pd.MultiIndex.from_frame(_owned_decisions(engagement))
    by_decision = pd.MultiIndex.from_frame(cells[CELL]).isin(owned)
    return cells.assign(covered=(by_rule | by_decision | cells["ruled"].astype(bool)).astype(float))


def _owned_decisions(engagement: Engagement) -> pd.DataFrame:
    """Cycles and families with a decision somebody owns, raised before the interval closed; without a family: all."""
    decisions = engagement.table("decisions")
    families = engagement.table("items").select(named="family").distinct()
    owned = decisions.filter(decisions.owner.notnull())
    covered = owned.inner_join(families, owned.family.isnull() | (owned.family == families.named))
    cells = covered.group_by(label=covered.cycle, family=covered.named).aggregate(raised=covered.raised_on.min())
    rows = engagement.frame(cells)
    found: pd.DataFrame = rows.loc[rows["raised"] < engagement.calendar.known_on(rows["label"], "fact"), CELL]
    return found


def _with_critical(engagement: Engagement, cells: pd.DataFrame) -> pd.DataFrame:
    named = critical_families(engagement, family_weights(engagement))
    both = cells.merge(named, on=CELL, how="left", validate="many_to_one")
    return both.assign(critical=both["critical"].fillna(False).astype(bool))
