"""Cause: variability or governance, or an honest `undetermined`."""

from __future__ import annotations

import pandas as pd
import pytest

from helpers.judgement.cause import decide, governance_index
from tests.builders import cycles


def discriminators(**values: float) -> pd.DataFrame:
    """The same values in each of twelve labels."""
    rows = [{"label": label, "name": name, "value": value} for label in cycles(12) for name, value in values.items()]
    return pd.DataFrame(rows, columns=["label", "name", "value"])


@pytest.mark.parametrize(
    ("values", "cause"),
    [
        ({"D3": 0.9}, "governance"),
        ({"D1": 0.7, "D3": 0.6}, "governance"),
        ({"D3": 0.1}, "real_variability"),
        ({"D3": 0.1, "D5": 0.9}, "mixed"),
        ({"D3": 0.3, "D5": 1.0}, "mixed"),
        ({"D1": 1.0, "D2": 1.0}, "undetermined"),
        ({"D3": 0.7, "D4": 0.9}, "governance"),
        ({"D3": 0.9, "D5": 0.9, "D4": 0.0}, "mixed"),
        ({"D3": 0.9, "D7": 0.9}, "governance"),
        ({"D3": 0.2, "D7": 0.0}, "real_variability"),
        ({"D3": 0.2, "D7": 0.9}, "real_variability"),
        ({"D2": 0.3, "D3": 0.7}, "governance"),
        ({}, "undetermined"),
    ],
    ids=[
        *("uncovered", "uncovered noise", "covered", "covered and foreseen", "a mean above a half", "nobody asked"),
        *("no shock", "shocks nobody answered", "no event", "events explain it", "covered without an event"),
        *("a plan just too restless", "nothing"),
    ],
)
def test_the_cause_of_a_pattern_follows_the_discriminators(values: dict[str, float], cause: str) -> None:
    """A pattern is no evidence of its own; D4 and D7 only exonerate, D2 only accuses; contradictions are mixed."""
    assert decide(discriminators(**values), recurs=True)[0] == cause


@pytest.mark.parametrize(("value", "cause"), [(0.9, "mixed"), (0.1, "real_variability")])
def test_a_bad_cycle_that_did_not_repeat_is_never_called_governance(value: float, cause: str) -> None:
    """It may be called variability."""
    assert decide(discriminators(D3=value), recurs=False)[0] == cause


def test_a_discriminator_of_few_labels_is_left_out() -> None:
    """Two of twelve labels say nothing of a year."""
    few = pd.DataFrame({"label": cycles(2), "name": "D3", "value": 1.0})

    assert decide(pd.concat([few, discriminators(D5=0.1)]), recurs=True)[0] == "real_variability"


def test_the_numbers_behind_the_cause_are_said() -> None:
    """The sentence gives every discriminator's mean."""
    assert "0.75 (80 % interval 0.75–0.75): D1 0.80, D3 0.70" in decide(discriminators(D1=0.8, D3=0.7), recurs=True)[1]


def test_the_index_is_missing_where_nothing_tells() -> None:
    """Without D3 and D5 there is no index; with one of them it is the mean."""
    index = governance_index(discriminators(D1=0.4, D5=0.8))

    assert governance_index(discriminators(D1=0.4)) is None
    assert index is not None
    assert index.central == pytest.approx(0.6)
