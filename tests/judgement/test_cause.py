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
        ({"D3": 0.9, "D6": 1.0}, "governance"),
        ({"D1": 0.5, "D3": 0.4, "D6": 1.0}, "governance"),
        ({"D5": 0.2, "D6": 0.0}, "real_variability"),
        ({"D3": 0.1, "D6": 1.0}, "mixed"),
        ({"D6": 1.0}, "undetermined"),
        ({"D3": 0.7, "D4": 0.9, "D6": 1.0}, "governance"),
        ({"D3": 0.2, "D4": 0.0, "D6": 1.0}, "real_variability"),
        ({"D3": 0.7, "D6": 1.0, "D7": 0.9}, "governance"),
        ({"D3": 0.2, "D6": 1.0, "D7": 0.0}, "real_variability"),
        ({}, "undetermined"),
    ],
    ids=[
        *("uncovered", "in part", "bad luck", "covered", "pattern alone", "no shock", "shocks explain it"),
        *("no event", "events explain it", "nothing"),
    ],
)
def test_the_cause_follows_the_discriminators(values: dict[str, float], cause: str) -> None:
    """A confirmed pattern without cover is governance; shocks exonerate, their absence proves nothing."""
    assert decide(discriminators(**values))[0] == cause


def test_a_discriminator_of_few_labels_is_left_out() -> None:
    """Two of twelve labels say nothing of a year."""
    few = pd.DataFrame({"label": cycles(2), "name": "D3", "value": 1.0})

    assert decide(pd.concat([few, discriminators(D5=0.1, D6=0.0)]))[0] == "real_variability"


def test_the_numbers_behind_the_cause_are_said() -> None:
    """The sentence gives every discriminator's mean."""
    assert "D1 0.80, D2 0.70, D6 1.00" in decide(discriminators(D1=0.8, D2=0.7, D6=1.0))[1]
