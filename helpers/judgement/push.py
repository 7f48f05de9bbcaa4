"""Key 2 of a conflict between two functions: one stands above the other steadily, not now one and then the other."""

from __future__ import annotations

from functools import cache

import pandas as pd

from helpers.inference import t_above
from helpers.judgement.confirm import UNDECIDED, WINDOW, Outcome, Test

LONGEST, FEWEST = 12, 4
SAME_WAY = 0.75
FEWEST_RETURNS = 3


@cache
def steady_push(level: float, again: float) -> Test:
    """Met when the first function is above the second in three of four cycles and on average, and the gap comes back.

    The rows need `log_ratio` (first over second, one a label) and `carry_over`, which reaches `again` in at least three
    of the last six. One-sided t over the last four to twelve rows, p at most `level`.
    """

    def test(known: pd.DataFrame) -> Outcome:
        recent = known.tail(LONGEST)
        if len(recent) < FEWEST:
            return UNDECIDED
        p_value = t_above(recent["log_ratio"].to_numpy(float))
        steady = (recent["log_ratio"] > 0).mean() >= SAME_WAY
        returns = (recent["carry_over"].tail(WINDOW) >= again).sum() >= FEWEST_RETURNS
        return bool(p_value <= level and steady and returns), p_value

    return test
