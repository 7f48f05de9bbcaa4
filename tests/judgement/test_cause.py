"""Cause: variability or governance, or an honest `undetermined`."""

from __future__ import annotations

import pandas as pd
import pytest

from helpers.judgement.cause import decide
from tests.builders import cycles


def discriminators(**values: float) -> pd.DataFrame:
    """The same values in each of twelve labels."""
    rows = [{"label": label, "name": name, "value": value} for label in cycles(12) for name, value in values.items()]
    return pd.DataFrame(rows, columns=["label", "name", "value"])


@pytest.mark.parametrize(
    ("values", "cause"),
    [
        ({"D1": 0.8, "D2": 0.7, "D3": 0.9}, "governance"),
        ({"D1": 0.1, "D2": 0.2, "D5": 0.1}, "real_variability"),
        ({"D1": 0.5, "D2": 0.4, "D3": 0.6}, "mixed"),
        ({"D1": 0.9, "D3": 0.9}, "undetermined"),
        ({"D1": 0.8, "D2": 0.7, "D4": 0.6}, "governance"),
        ({"D1": 0.9, "D2": 0.9, "D4": 0.1}, "undetermined"),
        ({}, "undetermined"),
    ],
    ids=["high", "low", "middle", "too few", "no rules but all agree", "no rules and they disagree", "nothing"],
)
def test_the_cause_follows_the_discriminators(values: dict[str, float], cause: str) -> None:
    """At least three are needed, one of them about rules or foresight, unless D1, D2 and D4 agree."""
    assert decide(discriminators(**values))[0] == cause


def test_the_numbers_behind_the_cause_are_said() -> None:
    """The sentence gives every discriminator's mean."""
    assert "D1 0.80, D2 0.70, D3 0.90" in decide(discriminators(D1=0.8, D2=0.7, D3=0.9))[1]
