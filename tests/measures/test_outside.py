"""What exogenous events explain of what a sign counts, corrected for chance (D7)."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from helpers.measures.outside import unexplained
from tests.builders import cycles, engagement

SUPPLIERS = ("V1", "V2", "V3", "V4")


def events(*subjects: str, exogenous: bool = True) -> pd.DataFrame:
    """Each subject is down from the first cycle to the last."""
    fixed = {"kind": "strike", "starts_on": "2024-01-02", "ends_on": "2025-03-01", "known_on": "2024-01-02"}
    return pd.DataFrame({"event_id": list(subjects), "subject_id": list(subjects)}).assign(exogenous=exogenous, **fixed)


def unexplained_by(folder: Path, log: pd.DataFrame, amounts: dict[str, float]) -> pd.DataFrame:
    """D7 of a sign that counts these amounts by supplier in each of twelve labels."""
    items = pd.DataFrame({"item_id": list("abcd"), "family": "Soups", "supplier_id": SUPPLIERS})
    demand = pd.DataFrame({"period": cycles(13), "item_id": "a", "quantity": 1.0})
    opened = engagement(folder, {"items": items, "actual_demand": demand, "events": log})
    rows = [(label, "supplier", name, amount) for label in cycles(12) for name, amount in amounts.items()]
    return unexplained(opened, pd.DataFrame(rows, columns=["label", "dimension", "value", "amount"]))


@pytest.mark.parametrize(
    ("amounts", "expected"),
    [
        ({"V1": 8.0, "V2": 0.0, "V3": 0.0, "V4": 0.0}, 0.0),
        ({"V1": 5.0, "V2": 1.0, "V3": 1.0, "V4": 1.0}, 0.5),
        ({"V1": 2.0, "V2": 2.0, "V3": 2.0, "V4": 2.0}, 1.0),
    ],
    ids=["all where it struck", "five eighths where it struck", "spread by chance"],
)
def test_only_what_lies_beyond_chance_is_explained(tmp_path: Path, amounts: dict[str, float], expected: float) -> None:
    """One of four suppliers is struck, π = 1/4; of 5/8 there (5/8 − 1/4) ÷ (3/4) = 1/2 is explained."""
    found = unexplained_by(tmp_path, events("V1"), amounts)

    assert found["name"].unique().tolist() == ["D7"]
    assert found["value"].iloc[-1] == pytest.approx(expected)


def test_events_that_strike_nearly_everyone_explain_nothing(tmp_path: Path) -> None:
    """Three of four cells are struck, more than 0.6: whether it was chance cannot be told."""
    assert unexplained_by(tmp_path, events("V1", "V2", "V3"), dict.fromkeys(SUPPLIERS, 1.0)).empty


def test_events_of_our_own_making_explain_nothing(tmp_path: Path) -> None:
    """A breakdown of our own is not exogenous."""
    found = unexplained_by(tmp_path, events("V1", exogenous=False), {"V1": 8.0, "V2": 0.0})

    assert found["value"].iloc[-1] == 1.0
