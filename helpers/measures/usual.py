"""What is usual for a unit: the median of its first values, so that getting used to trouble does not hide it."""

from __future__ import annotations

import pandas as pd

FEWEST_PAST, OWN_PAST = 3, 12


def first_median(own: pd.Series) -> pd.Series:
    """Median of the values before each one, never of more than the first twelve; missing before the fourth value."""
    medians = own.expanding(FEWEST_PAST).median().iloc[:OWN_PAST]
    return medians.reindex(own.index).ffill().shift()
