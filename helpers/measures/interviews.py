"""What people say of each sign, by function, beside what the data say. Answers never change a status.

Scores go from 1 (never) to 5 (always). Nobody is scored: a function is heard from three answers on.
Limits are this kit's own, defaults by judgement.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from helpers.engagement import Engagement
from helpers.evidence import Status

NEEDS = ("interview_answers",)
FEWEST_ANSWERS = 3
GAP = 2.0
SELDOM = 2.0
OFTEN = 4.0


def answers(engagement: Engagement) -> pd.DataFrame:
    """Every answer, one row each: `function` (lower case), `sign` (1 to 10), `score` (1 to 5)."""
    rows = engagement.table("interview_answers")
    named = rows.select(function=rows.function.strip().lower(), sign=rows.sign, score=rows.score)
    return engagement.frame(named).astype({"sign": int, "score": float})


def by_function(said: pd.DataFrame) -> pd.DataFrame:
    """Median score of each function with at least three answers: `sign`, `function`, `score`, `answers`.

    Parameters
    ----------
    said
        From `answers`.
    """
    scores = said.groupby(["sign", "function"])["score"].agg(score="median", answers="size").reset_index()
    return scores[scores["answers"] >= FEWEST_ANSWERS].reset_index(drop=True)


def perceptions(said: pd.DataFrame, statuses: Mapping[int, Status]) -> pd.DataFrame:
    """What is said of each sign, beside its status.

    Parameters
    ----------
    said
        From `answers`.
    statuses
        Status of each sign by its number.

    Returns
    -------
    One row per `sign` in `statuses` with at least three answers: `status`, `score` (median of all answers), `answers`,
    `lowest` and `highest` (functions with the lowest and highest median; missing with fewer than two functions),
    `gap` (highest less lowest), `perception_gap` (at least 2), `blind_spot` (recurring, yet all in all seldom: 2 or
    less), `felt_not_seen` (absent or not assessable, yet often: 4 or more).
    """
    heard = said.groupby("sign")["score"].agg(score="median", answers="size").reset_index()
    heard = heard[(heard["answers"] >= FEWEST_ANSWERS) & heard["sign"].isin(list(statuses))]
    told = heard.assign(status=heard["sign"].map(statuses)).merge(_extremes(said), on="sign", how="left")
    unseen = told["status"].isin(["absent", "not_assessable"])
    return told.assign(
        perception_gap=told["gap"] >= GAP,
        blind_spot=(told["status"] == "recurring") & (told["score"] <= SELDOM),
        felt_not_seen=unseen & (told["score"] >= OFTEN),
    ).sort_values("sign", ignore_index=True)


def _extremes(said: pd.DataFrame) -> pd.DataFrame:
    medians = by_function(said).sort_values(["sign", "score", "function"], ignore_index=True)
    ends = medians.groupby("sign").agg(
        lowest=("function", "first"),
        highest=("function", "last"),
        least=("score", "first"),
        most=("score", "last"),
        functions=("function", "size"),
    )
    compared = ends[ends["functions"] >= 2]
    return compared.assign(gap=compared["most"] - compared["least"]).reset_index()[["sign", "lowest", "highest", "gap"]]
