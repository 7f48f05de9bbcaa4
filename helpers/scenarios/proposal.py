"""A calendar for the cycle: by which working day each step ends, and who signs it.

The last approval comes before the first period that can still be changed opens, within the client's own cycle, and
where the cycle is too slow within the days that stock protects critical families. Monday to Friday are working days:
holidays are not known.
"""

from __future__ import annotations

from math import ceil, isfinite

import numpy as np
import pandas as pd

from helpers.engagement import Engagement
from helpers.measures.cycle_steps import STEPS
from helpers.measures.risk import DAYS
from helpers.measures.roles import NAMES
from helpers.periods import Bucket, shift
from helpers.process import Cadence

WORKING_DAYS: dict[Bucket, int] = {"month": 20, "week": 5}
TO_BE_NAMED = "to be named"
BEFOREHAND = "exceptions that cannot wait for the meeting"
COLUMNS = ["step", "working_day", "ends_on", "proposes", "validates", "signs", "signed_on"]
Limits = dict[str, int]


def proposed_calendar(
    engagement: Engagement, steps: pd.DataFrame, raised: pd.DataFrame, clock: Cadence
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """By when each step of the next cycle ends, and who signs it.

    Parameters
    ----------
    steps
        From `cycle.described_steps`; without a row the usual steps stand in, their roles to be named.
    raised
        From `exceptions.exceptions`.

    Returns
    -------
    One row per `step` in order: `working_day` (1 = the first of the cycle), `ends_on` (its date), `proposes`,
    `validates`, `signs` (roles; to be named where nobody is, or where the approver proposes), `signed_on`, empty. And
    the sentences that say what the calendar keeps to.
    """
    rows = steps if len(steps) else _nobody()
    limits = day_limits(engagement, raised, clock, len(rows))
    binding = min(limits, key=lambda name: limits[name])
    last = max(1, limits[binding])
    days = [ceil(last * number / len(rows)) for number in range(1, len(rows) + 1)]
    table = pd.DataFrame(
        {
            "step": rows["step"],
            "working_day": days,
            "proposes": rows["proposer"].replace("", TO_BE_NAMED),
            "validates": rows["validator"].replace("", TO_BE_NAMED),
            "signs": [_signs(*pair) for pair in rows[["proposer", "approver"]].itertuples(index=False)],
        }
    )
    early = _beforehand(engagement, raised, len(rows))
    whole = pd.concat([early, table], ignore_index=True)
    dated = whole.assign(ends_on=[_day(engagement.as_of, int(day)) for day in whole["working_day"]], signed_on="")
    return dated[COLUMNS], (f"The last approval is on working day {last}: {binding}.", *_said(early))


def _nobody() -> pd.DataFrame:
    return pd.DataFrame({"step": STEPS, **dict.fromkeys(NAMES, "")})


def _signs(proposer: str, approver: str) -> str:
    if approver == "":
        return TO_BE_NAMED
    alone = approver.casefold() == proposer.casefold()
    return f"{TO_BE_NAMED}, not the {proposer}, who proposes" if alone else approver


def day_limits(engagement: Engagement, raised: pd.DataFrame, clock: Cadence, steps: int) -> Limits:
    """Working days within which the last approval has to come, by what asks for it; none leaves a step without a day.

    The cycle and the fence hold as they are; days of exceptions that leave less than a day a step do not count: those
    are decided beforehand.
    """
    start, settings = engagement.as_of, engagement.settings
    length = clock.times.cycle if isfinite(clock.times.cycle) else DAYS[settings.bucket]
    opens = shift(start, settings.bucket, max(1, settings.time_fences.frozen))
    limits = {
        "the length of the cycle": round(length / DAYS[settings.bucket] * WORKING_DAYS[settings.bucket]),
        f"the first period that can be changed opens on {opens:%Y-%m-%d}": working_days(start, opens),
    }
    days = _days_of(engagement, raised)
    if (days >= steps).any():
        limits["an exception has to be decided by then"] = int(days[days >= steps].min())
    if clock.pace in ("too_slow", "slow_and_replanned") and isfinite(clock.times.protection):
        covered = working_days(start, start + pd.Timedelta(days=int(clock.times.protection)))
        until = "stock protects critical families until then, and the cycle is too slow"
        limits[until if covered >= steps else "a day a step; stock protects critical families for less"] = max(
            covered, steps
        )
    return limits


def _days_of(engagement: Engagement, raised: pd.DataFrame) -> pd.Series:
    """The working day by which each exception of the meeting has to be decided; those without a day are left out."""
    dates = raised.loc[raised["is_in_meeting"].astype(bool), "decide_by"].dropna()
    days = [working_days(engagement.as_of, day + pd.Timedelta(days=1)) for day in dates]
    return pd.Series(days, index=dates.index, dtype=int)


def working_days(start: pd.Timestamp, end: pd.Timestamp) -> int:
    """Mondays to Fridays from `start` up to, not including, `end`."""
    return int(np.busday_count(start.date(), end.date()))


def _day(start: pd.Timestamp, number: int) -> pd.Timestamp:
    return pd.Timestamp(np.busday_offset(np.datetime64(start.date()), number - 1, roll="forward"))


def _beforehand(engagement: Engagement, raised: pd.DataFrame, steps: int) -> pd.DataFrame:
    """One row for the exceptions whose day comes before all steps could be gone through; their owners sign."""
    days = _days_of(engagement, raised)
    urgent = days[days < steps]
    if urgent.empty:
        return pd.DataFrame()
    now = raised.loc[urgent.index]
    owners = ", ".join(sorted(now["owner"].unique()))
    numbers = ", ".join(map(str, now["rank"]))
    row = {"step": f"{BEFOREHAND}: {numbers}", "working_day": max(1, int(urgent.min())), "signs": owners}
    return pd.DataFrame([{**row, "proposes": "", "validates": ""}])


def _said(early: pd.DataFrame) -> tuple[str, ...]:
    if early.empty:
        return ()
    return ("What cannot wait for the meeting is decided by its owners under the rules, and reported to it.",)
