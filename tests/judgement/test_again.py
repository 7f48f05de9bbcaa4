"""Units that come back: chance draws new ones, a pattern the same."""

from __future__ import annotations

import pandas as pd

from helpers.judgement.again import fewest_again, let_returning_units_carry
from helpers.judgement.breach import breached_labels
from tests import builders

FAMILIES = "ABCDEFGH"


def flags(*breaching: str) -> pd.DataFrame:
    """Eight families of equal weight, one label for each word; its letters breach at amber."""
    cells = [
        (label, family, family in families)
        for label, families in zip(builders.cycles(len(breaching)), breaching, strict=True)
        for family in FAMILIES
    ]
    rows = pd.DataFrame(cells, columns=["label", "unit", "breach"])
    fixed = {"value": 1.0, "weight": 1 / 8, "critical": False, "known_on": rows["label"]}
    return rows.assign(severity=rows["breach"] * 0.5, **fixed)


def carried(rows: pd.DataFrame) -> list[bool]:
    """Whether the sign breaches, label by label."""
    found = let_returning_units_carry(rows, pd.Series(data=True, index=rows.index))
    return breached_labels(found)["breach"].tolist()


def test_two_families_carry_from_their_second_breach_on() -> None:
    """The same two of eight breach each cycle: the first is chance, from the second on it is not."""
    assert carried(flags("AB", "AB", "AB", "AB")) == [False, True, True, True]


def test_new_pairs_each_cycle_never_carry() -> None:
    """Two of eight breach each cycle, never the same: chance."""
    assert carried(flags("AB", "CD", "EF", "GH")) == [False] * 4


def test_one_family_carries_after_three_breaches_in_five_labels() -> None:
    """One family of eight needs three breaches before, and a tenth of the weight."""
    assert carried(flags("A", "A", "A", "A", "A")) == [False, False, False, True, True]
    light = flags("A", "A", "A", "A", "A")
    light["weight"] = light["weight"].mask(light["unit"] == "A", 0.05)

    assert not any(carried(light))


def test_breaches_of_another_kind_do_not_carry() -> None:
    """Rows that may not count leave the flags as they are."""
    rows = flags("AB", "AB", "AB")

    pd.testing.assert_frame_equal(let_returning_units_carry(rows, pd.Series(data=False, index=rows.index)), rows)


def test_more_units_need_more_that_come_back() -> None:
    """P(Bin(8, 1.1 %) ≥ 2) is below 5 %, with 40 units it takes three; three times before is rare enough alone."""
    assert [fewest_again(8, 1), fewest_again(40, 1), fewest_again(40, 3)] == [2, 3, 1]
