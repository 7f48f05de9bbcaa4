"""Surprises: costly events about an assumption that had been wrong two cycles before."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from helpers.engagement import Engagement
from helpers.measures.surprises import foreseen_surprises
from tests import builders

MONTHS = builders.cycles(12)
COST = ("period", "kind", "amount")
DEMAND = pd.DataFrame({"period": MONTHS, "item_id": "a", "quantity": 1.0})


def units(wrong_from: int) -> pd.DataFrame:
    """Two resources judged in every month; the first is wrong from month number `wrong_from` on."""
    rows = [(month, f"R{r}", r == 0 and n >= wrong_from) for n, month in enumerate(MONTHS) for r in (0, 1)]
    return pd.DataFrame(rows, columns=["label", "subject", "wrong"])


def happened(*rows: tuple[int, str, str | None]) -> pd.DataFrame:
    """Events on the 10th of a month: month number, subject, the day it was announced (missing: nobody did)."""
    events = [
        (f"E{n}", "breakdown", MONTHS[month] + pd.Timedelta(days=9), subject, told)
        for n, (month, subject, told) in enumerate(rows)
    ]
    return pd.DataFrame(events, columns=["event_id", "kind", "starts_on", "subject_id", "known_on"])


def opened(folder: Path, events: pd.DataFrame, paid: list[tuple[int, str]], as_of: str | None = None) -> Engagement:
    """A year with overtime booked on a resource in the months of `paid`."""
    costs = pd.DataFrame([(MONTHS[m], "overtime", 100.0, r) for m, r in paid], columns=[*COST, "resource_id"])
    sent = {
        "items": builders.items(a="Bread"),
        "events": events,
        "compensation_costs": costs,
        "actual_demand": DEMAND,
    }
    return builders.engagement(folder, sent, as_of)


def by_label(folder: Path, events: pd.DataFrame, paid: list[tuple[int, str]], as_of: str | None = None) -> pd.DataFrame:
    """The measure with the first resource wrong from May (month 4) on."""
    return foreseen_surprises(opened(folder, events, paid, as_of), units(wrong_from=4)).set_index("label")


def test_a_surprise_counts_as_foreseen_when_its_parameter_was_wrong_two_cycles_before(tmp_path: Path) -> None:
    """R0 is wrong from May: a breakdown in June is too early, one in July foreseen; the one of R1 never is.

    Share in July 1 of 3. Two labels before February to July R0 was wrong in one of six (five judged), half of the
    subjects: 1/10; lift 3.33.
    """
    events = happened((5, "R0", None), (6, "R0", None), (6, "R1", None))
    found = by_label(tmp_path, events, [(5, "R0"), (6, "R0"), (6, "R1")])

    assert found.loc["2024-06-01", "share"] == 0
    july = found.loc["2024-07-01"]
    assert (july["surprises"], july["foreseen"]) == (3, 1)
    assert july["share"] == pytest.approx(1 / 3)
    assert july["lift"] == pytest.approx((1 / 3) / (1 / 10))


def test_events_that_cost_nothing_or_were_announced_are_no_surprises(tmp_path: Path) -> None:
    """A breakdown without booked money, a stop announced a month ahead, a subject without assumption: none counts."""
    events = happened((7, "R0", None), (8, "R0", "2024-08-01"), (8, "R9", None))
    found = by_label(tmp_path, events, [(8, "R0"), (8, "R9")])

    assert found["surprises"].sum() == 0
    assert found["share"].isna().all()


def test_a_surprise_leaves_the_window_after_six_cycles(tmp_path: Path) -> None:
    """One of April is in the six cycles up to September, and gone in October."""
    found = by_label(tmp_path, happened((3, "R1", None)), [(3, "R1")])

    assert found.loc["2024-09-01", "surprises"] == 1
    assert pd.isna(found.loc["2024-10-01", "share"])


def test_an_event_that_became_known_later_counts_from_then_on(tmp_path: Path) -> None:
    """A breakdown of July known in September changes no value of July or August, in a full run as in one as of then."""
    events = happened((6, "R0", "2024-09-03"))
    full = by_label(tmp_path / "full", events, [(6, "R0")])
    then = by_label(tmp_path / "then", events, [(6, "R0")], as_of="2024-09-01")

    assert full["surprises"].loc["2024-07-01":"2024-09-01"].tolist() == [0, 0, 1]
    pd.testing.assert_frame_equal(full.loc[:"2024-08-01"], then, check_freq=False)


def test_without_events_nothing_is_said(tmp_path: Path) -> None:
    """No events table: no rows rather than a share of 0."""
    sent = {"items": builders.items(a="Bread"), "actual_demand": DEMAND}

    assert foreseen_surprises(builders.engagement(tmp_path, sent), units(4)).empty
