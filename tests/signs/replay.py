"""No look-ahead: what a full run says of the past is what a run of that day said."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pandas as pd

from helpers.engagement import Engagement
from helpers.errors import NotAssessable
from helpers.evidence import Evidence, Path

Open = Callable[[str | None], Engagement]
Gather = Callable[[Engagement, Path], Evidence]


def assert_same_as_of(gather: Gather, path: Path, open_at: Open, days: Iterable[str]) -> None:
    """Flags, key 2 and discriminators known on each day are equal in the full run and in a run as of that day."""
    full = gather(open_at(None), path)
    for day in days:
        engagement = open_at(day)
        known = _known(full, engagement, pd.Timestamp(day))
        try:
            then = _known(gather(engagement, path), engagement, pd.Timestamp(day))
        except NotAssessable:
            assert not known[0]["value"].notna().any(), f"{path.name} as of {day}: nothing measured"
            continue
        for whole, part in zip(known, then, strict=True):
            pd.testing.assert_frame_equal(
                whole, part, check_dtype=False, rtol=1e-9, atol=1e-12, obj=f"{path.name} as of {day}"
            )


def _known(
    evidence: Evidence, engagement: Engagement, day: pd.Timestamp
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    flags = evidence.flags[(evidence.flags["known_on"] <= day) & evidence.flags["value"].notna()]
    keys = evidence.confirmations
    keys = keys[(keys["cycle"] <= day) & keys["met"].notna()]
    labels = evidence.discriminators
    labels = labels[labels["label"] < day] if len(labels) else labels
    ordered = (flags.sort_values(["label", "unit"]), keys.sort_values(["cycle", "name"]), labels)
    first, second, third = (frame.reset_index(drop=True) for frame in ordered)
    return first.drop(columns="excused_on"), second, third
