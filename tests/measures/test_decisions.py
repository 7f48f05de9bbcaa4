"""Decision measures: Kaplan–Meier latency, forums, cover of plan changes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from helpers.measures import decisions, execution
from tests import builders


@pytest.mark.parametrize(
    ("days", "ended", "median"),
    [
        ([1, 2, 3, 4], [True, True, True, True], 2),
        ([1, 2, 3, 4], [True, False, True, True], 3),
        ([5, 9], [False, False], 9),
    ],
    ids=["all decided", "one still open counts as at risk until its day", "none decided: a lower bound"],
)
def test_latency_is_the_kaplan_meier_median(days: list[int], ended: list[bool], median: float) -> None:
    """Open decisions leave the risk set on the day they were last seen."""
    assert decisions.kaplan_meier_median(np.array(days, float), np.array(ended)) == median


def test_no_decisions_have_no_latency() -> None:
    """Nothing to measure is missing, not fast."""
    assert np.isnan(decisions.kaplan_meier_median(np.array([]), np.array([], bool)))


def test_the_share_outside_is_weighted_by_amount_where_amounts_are_kept(tmp_path: Path) -> None:
    """100 of 400 decided informally is a quarter, whatever the number of decisions."""
    log = pd.DataFrame(
        {
            "decision_id": ["a", "b", "c"],
            "cycle": "2024-01-01",
            "raised_on": "2024-01-03",
            "decided_on": "2024-01-09",
            "forum": ["informal", "s_and_op", "s_and_op"],
            "amount": [100.0, 250.0, 50.0],
        }
    )
    sales = pd.DataFrame({"period": ["2024-02-01"], "item_id": ["i"], "quantity": [1.0]})
    tables = {"items": builders.items(i="Bread"), "decisions": log, "actual_demand": sales}
    rows = decisions.off_forum(builders.engagement(tmp_path, tables))

    assert decisions.off_forum_share(rows).tolist() == [0.25]


TRAIL = pd.DataFrame(
    [
        ("a", "s_and_op", "2024-01-09", "2024-01-20", "decided", None, None),
        ("b", "escalation", "2024-01-09", None, "decided", "R1", None),
        ("c", "escalation", "2024-01-09", None, "decided", None, None),
        ("d", "informal", "2024-01-09", "2024-01-10", "decided", None, None),
        ("e", "s_and_op", "2024-01-09", "2024-01-05", "decided", None, None),
        ("f", None, None, None, "deferred", None, None),
        ("g", None, None, None, "open", None, None),
        ("h", "s_and_op", "2024-01-09", None, "reversed", None, "2024-01-20"),
        ("i", "informal", "2024-01-09", None, "reversed", None, "2024-01-20"),
    ],
    columns=["decision_id", "forum", "decided_on", "executed_on", "status", "rule_id", "reversed_on"],
).assign(cycle="2024-01-01", raised_on="2024-01-03")
SOLD = pd.DataFrame({"period": ["2024-02-01"], "item_id": ["i"], "quantity": [1.0]})


def trail(folder: Path, log: pd.DataFrame) -> dict[str, int]:
    """How many of the decisions of January had which outcome."""
    tables = {"items": builders.items(i="Bread"), "decisions": log, "actual_demand": SOLD}
    rows = decisions.decision_trail(builders.engagement(folder, tables))
    assert set(rows["label"]) == {pd.Timestamp("2024-01-01")}
    return dict(zip(rows["outcome"], rows["decisions"].astype(int), strict=True))


def test_the_trail_tells_what_became_of_each_decision(tmp_path: Path) -> None:
    """An escalation without a rule, an informal word and a decision after the fact were all taken outside."""
    assert trail(tmp_path, TRAIL) == {
        "in the meeting": 2,
        "escalated by rule": 1,
        decisions.OUTSIDE: 4,
        "deferred": 1,
        "open": 1,
        decisions.EXECUTED: 3,
    }


def test_the_trail_counts_outside_what_the_share_outside_counts(tmp_path: Path) -> None:
    """Four of the seven decided, one of them taken back later: one picture cannot say what the other denies."""
    tables = {"items": builders.items(i="Bread"), "decisions": TRAIL, "actual_demand": SOLD}
    counted = decisions.off_forum(builders.engagement(tmp_path / "share", tables))

    assert counted["outside"].sum() == trail(tmp_path / "trail", TRAIL)[decisions.OUTSIDE] == 4


def test_a_log_without_dates_or_status_still_tells_the_forum(tmp_path: Path) -> None:
    """What has a forum was taken there; without an execution column nothing is said of what was carried out."""
    log = TRAIL[["decision_id", "cycle", "raised_on", "forum", "rule_id"]]

    assert trail(tmp_path, log) == {"in the meeting": 3, "escalated by rule": 1, decisions.OUTSIDE: 3, "open": 2}


def test_a_decision_that_names_another_subject_stops_covering(tmp_path: Path) -> None:
    """Once buffers are named in the log, a decision about a price covers no buffer."""
    log = pd.DataFrame(
        {
            "decision_id": ["a", "b", "c"],
            "cycle": ["2024-01-01", "2024-02-01", "2024-03-01"],
            "raised_on": ["2024-01-03", "2024-02-03", "2024-03-03"],
            "decided_on": ["2024-01-09", "2024-02-09", "2024-03-09"],
            "family": "Bread",
            "topic": ["price of flour", "safety stock of Bread raised", "price of flour"],
        }
    )
    sales = pd.DataFrame({"period": ["2024-03-01"], "item_id": ["i"], "quantity": [1.0]})
    tables = {"items": builders.items(i="Bread"), "decisions": log, "actual_demand": sales}
    covered = decisions.decided_families(builders.engagement(tmp_path, tables), decisions.BUFFER_WORDS)

    assert covered["label"].dt.month.tolist() == [1, 2]


def pulled(weight: float, cycles: int = 8, seed: int = 2) -> pd.DataFrame:
    """Output that follows `weight` of one function's wish, with a little noise, in three families."""
    random = np.random.default_rng(seed)
    rows = pd.DataFrame(
        [(cycle, family) for cycle in builders.cycles(cycles) for family in "ABC"], columns=["cycle", "family"]
    )
    wish = random.normal(0.0, 0.1, len(rows))
    noise = random.normal(0.0, 0.03, len(rows))
    return rows.assign(function="operations", wish=wish, pull=weight * wish + noise, known_on=rows["cycle"])


def test_output_that_follows_a_wish_has_a_weight_near_one() -> None:
    """B recovers the planted weight of 0.9 and is significant."""
    fit = execution.followed(pulled(0.9)).iloc[0]

    assert fit["weight"] == pytest.approx(0.9, abs=0.15)
    assert fit["p_value"] < 0.01


def test_output_that_follows_the_consensus_is_not_significant() -> None:
    """With no weight on the wish, p stays above 5 %."""
    assert execution.followed(pulled(0.0)).iloc[0]["p_value"] > 0.05


def test_fewer_than_six_cycles_give_no_fit() -> None:
    """Five cycles are too few to cluster by."""
    assert execution.followed(pulled(0.9, cycles=5)).empty
