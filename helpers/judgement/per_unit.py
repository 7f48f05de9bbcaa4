"""Key 2 of a sign that judges each unit on its own: the same test, unit by unit."""

from __future__ import annotations

import pandas as pd

from helpers.evidence import CONFIRMATION_COLUMNS
from helpers.judgement.confirm import Test, outcomes
from helpers.periods import Calendar, Timing


def per_unit(
    calendar: Calendar, rows: pd.DataFrame, unit: str, name: str, test: Test, timing: Timing = "fact"
) -> pd.DataFrame:
    """`test` at every cycle for each value of the column `unit`, from what was known of it by then.

    Parameters
    ----------
    rows
        One row per `label` and unit; known on the date of their label when `timing` is `plan`, else when it closed.

    Returns
    -------
    One row per cycle and unit: `cycle`, `name`, `met`, `p_value`, `unit`.
    """
    dated = rows.assign(known_on=calendar.known_on(rows["label"], timing)).sort_values([unit, "label"], kind="stable")
    found = [(*row, str(key)) for key, own in dated.groupby(unit) for row in outcomes(calendar, own, name, test)]
    return pd.DataFrame(found, columns=[*CONFIRMATION_COLUMNS, "unit"])
