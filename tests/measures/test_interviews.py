"""Interviews: medians by function, gaps between them, and what people feel beside what the data show."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from helpers.measures import interviews
from tests import builders


def said(**scores: list[int]) -> pd.DataFrame:
    """Answers on sign 4 by function."""
    rows = [(function, 4, float(score)) for function, own in scores.items() for score in own]
    return pd.DataFrame(rows, columns=["function", "sign", "score"])


def test_a_function_is_heard_from_three_answers_on() -> None:
    """Three answers of sales count, two of finance do not."""
    medians = interviews.by_function(said(sales=[1, 2, 5], finance=[5, 5]))

    assert medians[["function", "score"]].values.tolist() == [["sales", 2.0]]


def test_medians_two_apart_are_a_perception_gap() -> None:
    """Sales 2 and operations 4 differ by 2; finance 3 lies between."""
    (row,) = interviews.perceptions(
        said(sales=[2, 2, 2], operations=[4, 4, 4], finance=[3, 3, 3]), {4: "isolated"}
    ).to_dict("records")

    assert (row["lowest"], row["highest"], row["gap"]) == ("sales", "operations", 2.0)
    assert row["perception_gap"]


def test_one_function_alone_has_no_gap() -> None:
    """Nothing to compare with: missing, and no gap."""
    (row,) = interviews.perceptions(said(sales=[1, 5, 5]), {4: "absent"}).to_dict("records")

    assert pd.isna(row["gap"])
    assert not row["perception_gap"]


def test_a_recurring_sign_that_is_seldom_felt_is_a_blind_spot() -> None:
    """All in all 2 on a recurring sign; on an absent one the same score is agreement."""
    answers = said(sales=[1, 2, 2], operations=[2, 2, 3])

    assert interviews.perceptions(answers, {4: "recurring"})["blind_spot"].all()
    assert not interviews.perceptions(answers, {4: "absent"})["blind_spot"].any()


def test_what_is_felt_without_being_seen_asks_for_data() -> None:
    """All in all 4 on a sign that is absent or could not be assessed."""
    answers = said(sales=[4, 4, 5])

    assert interviews.perceptions(answers, {4: "absent"})["felt_not_seen"].all()
    assert interviews.perceptions(answers, {4: "not_assessable"})["felt_not_seen"].all()
    assert not interviews.perceptions(answers, {4: "isolated"})["felt_not_seen"].any()


def test_functions_are_the_same_in_any_spelling_of_case(tmp_path: Path) -> None:
    """`Sales ` and `sales` are one function."""
    rows = pd.DataFrame({"function": ["Sales ", "sales", "SALES"], "sign": 4, "score": [1, 2, 3]})
    sales = pd.DataFrame({"period": ["2024-01-01"], "item_id": ["a"], "quantity": [1.0]})
    tables = {"items": builders.items(a="Bread"), "actual_demand": sales, "interview_answers": rows}

    medians = interviews.by_function(interviews.answers(builders.engagement(tmp_path, tables)))

    assert medians[["function", "score", "answers"]].values.tolist() == [["sales", 2.0, 3]]


def test_nobody_asked_gives_no_rows(tmp_path: Path) -> None:
    """An empty list, not an error."""
    sales = pd.DataFrame({"period": ["2024-01-01"], "item_id": ["a"], "quantity": [1.0]})
    engagement = builders.engagement(tmp_path, {"items": builders.items(a="Bread"), "actual_demand": sales})

    assert interviews.perceptions(interviews.answers(engagement), {4: "recurring"}).empty
