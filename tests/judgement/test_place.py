"""Where: a unit is named only when it stands out."""

from __future__ import annotations

import pandas as pd

from helpers.judgement.place import Place, drivers, place

LABELS = pd.date_range("2025-01-01", periods=6, freq="MS")


def carried(**units: list[float]) -> pd.DataFrame:
    """Amounts per family over the six labels."""
    rows = [
        (label, "family", name, amount)
        for name, amounts in units.items()
        for label, amount in zip(LABELS, amounts, strict=True)
    ]
    return pd.DataFrame(rows, columns=["label", "dimension", "value", "amount"])


def where(contributions: pd.DataFrame) -> Place:
    """The place over all six labels."""
    return place(contributions, pd.Series(LABELS), "family")


def test_a_unit_that_leads_in_every_cycle_stands_out() -> None:
    """Sauces carries twice as much as Soups each time."""
    assert where(carried(Sauces=[2.0] * 6, Soups=[1.0] * 6)) == Place("Sauces", 2)


def test_a_lead_that_rests_on_one_cycle_does_not_stand_out() -> None:
    """One huge cycle makes Sauces the largest in sum, but five of six draws without it would not."""
    assert where(carried(Sauces=[30.0, 1, 1, 1, 1, 1], Soups=[5.0] * 6)) == Place(None, 2)


def test_an_even_spread_names_nobody() -> None:
    """Five families of a fifth each: none reaches a quarter."""
    even = carried(A=[1.0] * 6, B=[1.0] * 6, C=[1.0] * 6, D=[1.0] * 6, E=[1.0] * 6)

    assert where(even) == Place(None, 5)


def test_the_only_unit_stands_out_and_no_evidence_has_no_place() -> None:
    """One family carries all of it; without amounts there is nobody to name."""
    assert where(carried(Sauces=[1.0] * 6)) == Place("Sauces", 1)
    assert where(carried(Sauces=[0.0] * 6)) == Place(None, 0)


def test_drivers_list_five_of_a_dimension_at_most() -> None:
    """Six equal families: five are listed, each with a sixth."""
    six = carried(**{name: [1.0] * 6 for name in "ABCDEF"})

    assert drivers(six, pd.Series(LABELS), "family") == tuple(("family", name, 0.1667) for name in "ABCDE")
