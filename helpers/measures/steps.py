"""Steps in demand: the level of a family's demand changed, which no forecast made before it could hold.

Looked for in what the far forecast did not hold, not in demand itself, where every season looks like steps: in healthy
calibration clients with a season of 30 % (42 histories of families) 7 false steps in place of 21, those that fell where
a step would lie (2 and 3) not counted. A step of 30 % in one family was seen 7 times in 6 clients of the second
generator, in place of 2; of 48 histories of the sample's rules in which all families step 3 times, as in demand itself.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers.memory import alike

LATE, EARLIER = 3, 6
STEP = 3.0


@alike
def steps(errors: pd.DataFrame) -> pd.DataFrame:
    """Where the median surprise of three periods left that of the six before by more than three MADN of the unit.

    The surprise is ln(demand ÷ far forecast), its MADN that of all periods before the three. Consecutive sightings are
    one step, which lies at the first of the three periods that is nearer to the new level.

    Parameters
    ----------
    errors
        From `measures.forecast.unit_errors`.

    Returns
    -------
    One row per `unit` and step: `period` (its first), `after` (the period behind it), `seen_in` (the period whose
    end made it known); units with fewer than nine periods have none.
    """
    far = errors[
        (errors["lag"] == errors["lag"].max()) & (errors["actual"] > 0) & (errors["error"] + errors["actual"] > 0)
    ]
    surprise = -np.log1p(far["error"] / far["actual"])
    units = far.assign(surprise=surprise).sort_values("period").groupby("unit")
    rows = [(unit, *found) for unit, of_unit in units for found in _of_unit(of_unit.set_index("period")["surprise"])]
    columns = ["unit", "period", "after", "seen_in"]
    return pd.DataFrame(rows, columns=columns).astype(dict.fromkeys(columns[1:], "datetime64[us]"))


def _of_unit(surprise: pd.Series) -> list[tuple[pd.Timestamp, pd.Timestamp, pd.Timestamp]]:
    late, before = surprise.rolling(LATE).median(), surprise.shift(LATE)
    usual, spread = before.rolling(EARLIER).median(), before.expanding(EARLIER).apply(_madn)
    stepped = ((late - usual).abs() > STEP * spread) & (spread > 0)
    found = []
    for seen in surprise.index[stepped & ~stepped.shift(fill_value=False)]:
        last = surprise.loc[:seen].tail(LATE)
        new = (last - late[seen]).abs() < (last - usual[seen]).abs()
        first = int(np.argmax(new))
        found.append((last.index[first], last.index[first + 1], seen))
    return found


def _madn(values: pd.Series) -> float:
    return float(1.4826 * (values - values.median()).abs().median())


def seen_in(targets: pd.DataFrame, errors: pd.DataFrame) -> pd.Series:
    """The period that showed the step whose first or second target each row of `targets` is, aligned; else missing."""
    found = steps(errors)
    around = pd.concat([found[["unit", "seen_in"]].assign(period=found[side]) for side in ("period", "after")])
    first = around.groupby(["unit", "period"], as_index=False)["seen_in"].min()
    return (
        targets[["unit", "period"]].merge(first, how="left", validate="one_to_one")["seen_in"].set_axis(targets.index)
    )


def said(errors: pd.DataFrame | None) -> str:
    """One sentence that names the steps and what was left out for them; empty without steps."""
    found = steps(errors).sort_values(["period", "unit"]) if errors is not None else pd.DataFrame()
    if found.empty:
        return ""
    named = ", ".join(f"{unit} {period:%Y-%m}" for unit, period in zip(found["unit"], found["period"], strict=True))
    return f" Demand stepped to a new level ({named}): the two targets around it are left out of the noise test."
