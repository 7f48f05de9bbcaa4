"""An exception: one cause, its size, what can be done about it at which price, and until when.

Glossary
    case      one exception: everything that has the same cause
    option    one way to settle it
    notice    until when something can still be changed or ordered
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import pandas as pd

from helpers.periods import Bucket, shift

Tier = Literal["critical service", "margin", "efficiency"]
TIERS: tuple[Tier, ...] = ("critical service", "margin", "efficiency")
DAY = pd.Timedelta(days=1)
NO_DAY: pd.Timestamp = pd.NaT  # type: ignore[assignment]
UNKNOWN = float("nan")


@dataclass(frozen=True)
class Option:
    """One way to settle an exception.

    `price` is what it costs (currency; below 0 it saves; missing where nobody can tell from the data); `by` the last
    day on which choosing it still helps, missing where it helps on any day.
    """

    do: str
    price: float
    by: pd.Timestamp = NO_DAY


@dataclass(frozen=True)
class Case:
    """One exception before it is ranked.

    `place` is the resource, supplier or family it lies at, `period` the first one it strikes. `size` counts `unit`;
    `late` the units late because of it and `money` what is at stake, not lost (currency; of late units their margin):
    missing where that is not known. `code` is the situation T1 to T8. `owner` is who has it already, empty where nobody
    does. `aside` says why no meeting is needed, empty where one is.
    """

    kind: str
    tier: Tier
    what: str
    place: str
    families: tuple[str, ...]
    period: pd.Timestamp
    size: float
    unit: str
    late: float
    money: float
    code: str
    options: tuple[Option, ...]
    owner: str = ""
    aside: str = ""

    @property
    def decide_by(self) -> pd.Timestamp:
        """The last day on which all options are still open; missing where none of them has a day."""
        days = [option.by for option in self.options if not pd.isna(option.by)]
        return min(days, default=NO_DAY)


@dataclass(frozen=True)
class Notice:
    """Until when what happens in a period can be changed, as seen `today`; a day that has passed is today.

    `again` is the day of the next meeting; missing where nobody can tell, so that nothing waits for it.
    """

    today: pd.Timestamp
    bucket: Bucket
    frozen: int
    again: pd.Timestamp = NO_DAY

    def can_wait(self, by: pd.Timestamp) -> bool:
        """Whether what has to be decided `by` a day can be left to the next meeting."""
        return bool(by >= self.again)

    def is_frozen(self, period: pd.Timestamp) -> bool:
        """Whether a period lies in the frozen zone of today's cycle."""
        return period < shift(self.today, self.bucket, self.frozen)

    def on(self, day: pd.Timestamp) -> pd.Timestamp:
        """The day itself, or today where it has passed."""
        return max(self.today, day)

    def change(self, period: pd.Timestamp) -> pd.Timestamp:
        """The last day before a period enters the frozen zone."""
        return self.on(shift(period, self.bucket, -max(0, self.frozen - 1)) - DAY)

    def order(self, period: pd.Timestamp, lead: float) -> pd.Timestamp:
        """The last day on which what takes `lead` periods still comes as the period opens."""
        return self.on(shift(period, self.bucket, -int(lead)))


def tier_of(*, critical: bool, service: bool) -> Tier:
    """Critical families' service first, then everybody else's, then what only costs."""
    if not service:
        return "efficiency"
    return "critical service" if critical else "margin"
