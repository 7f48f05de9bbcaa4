"""Evidence from a row of values: one company-level unit, one limit, key 2 met or not."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from helpers.evidence import Evidence, Judged, Limit, Metric, Path, Remedies, Sign
from helpers.judgement.breach import make_flags
from helpers.judgement.confirm import at_each_cycle
from helpers.periods import Calendar, make_calendar

LIMIT = Limit(2.0, 4.0, "ratio", "test")


def calendar_of(count: int) -> Calendar:
    """`count` monthly labels with closed facts, and the closing review after them."""
    plans = pd.date_range("2024-01-01", periods=count, freq="MS", unit="us")
    return make_calendar(plans, None, plans[-1] + pd.DateOffset(months=1), "month")


def sign(judged: Judged = "company", has_confirmation: bool = True) -> Sign:
    """A sign with one metric `ratio` and the test limit."""
    remedies = Remedies("rule", "exception", "cadence")
    return Sign(
        number=4,
        key="test",
        cluster="capacity",
        title="Test",
        question="?",
        board="!",
        unit="family",
        judged=judged,
        limits={"ratio": LIMIT},
        paths=(),
        questions=(),
        remedies=remedies,
        has_confirmation=has_confirmation,
    )


def evidence(
    values: Sequence[float],
    confirmed: bool | None = True,
    raise_only: bool = False,
    units: dict[str, Sequence[float]] | None = None,
    level: str = "full",
) -> tuple[Evidence, Calendar]:
    """Evidence whose headline is `values`, one a month; `units` replaces the one company-level unit."""
    calendar = calendar_of(len(values))
    by_unit = units or {"company": values}
    rows = [
        {"label": label, "unit": unit, "value": value}
        for unit, series in by_unit.items()
        for label, value in zip(calendar.labels, series, strict=True)
    ]
    flags = make_flags(pd.DataFrame(rows), calendar, "fact", LIMIT)
    contributions = flags.assign(dimension="family", amount=flags["severity"], value=flags["unit"])
    headline = Metric("ratio", "Ratio", pd.Series(list(values), index=calendar.labels, dtype=float), "fact", LIMIT)
    tests = at_each_cycle(calendar, flags, "mechanism", lambda known: (confirmed, float("nan")))
    path = Path("path", level, (), raise_only)  # type: ignore[arg-type]
    kept = contributions[["label", "dimension", "value", "amount"]]
    return Evidence(path, flags, (headline,), kept, (), "test", tests), calendar
