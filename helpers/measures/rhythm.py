"""Which cycle came before: revisions and carried-over gaps compare a cycle with the one published just before it."""

from __future__ import annotations

import pandas as pd

from helpers import periods
from helpers.periods import Bucket


def previous_cycles(cycles: pd.Series, bucket: Bucket) -> pd.DataFrame:
    """The cycle before each one, as the table that holds them was published.

    Parameters
    ----------
    cycles
        Cycles of one table, in any order, repeated or not.

    Returns
    -------
    One row per `cycle`, ascending: `previous`, missing for the first and after a cycle that was left out (a step longer
    than any shortest step seen until then), because a change over two steps is not a revision.
    """
    ordered = pd.DataFrame({"cycle": cycles.drop_duplicates().sort_values(ignore_index=True)})
    previous = ordered["cycle"].shift()
    steps = periods.lag(previous, ordered["cycle"], bucket)
    regular = steps <= steps.cummin()
    return ordered.assign(previous=previous.where(regular))
