"""Units that come back: chance draws new ones, a pattern the same."""

from __future__ import annotations

import pandas as pd
import pytest

from helpers.judgement.again import fewest_again, let_returning_units_carry
from helpers.judgement.breach import breached_labels
from helpers.judgement.judge import sign_labels
from tests import builders

FAMILIES = "ABCDEFGH"


def flags(*breaching: str, families: str = FAMILIES) -> pd.DataFrame:
    """Families of equal weight, eight unless said, one label for each word; its letters breach at amber."""
    cells = [
        (label, family, family in word)
        for label, word in zip(builders.cycles(len(breaching)), breaching, strict=True)
        for family in families
    ]
    rows = pd.DataFrame(cells, columns=["label", "unit", "breach"])
    fixed = {"value": 1.0, "weight": 1 / len(families), "critical": False, "carries": False, "returning": True}
    never = pd.Series(pd.NaT, index=rows.index, dtype="datetime64[us]")
    return rows.assign(severity=rows["breach"] * 0.5, known_on=rows["label"], excused_on=never, **fixed)


def carried(rows: pd.DataFrame) -> list[bool]:
    """Whether the sign breaches, label by label."""
    return breached_labels(let_returning_units_carry(rows))["breach"].tolist()


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


@pytest.mark.parametrize("families", ["AB", "ABC", "ABCD"], ids=["two", "three", "four"])
def test_one_of_few_families_carries_when_it_returns_a_third_time(families: str) -> None:
    """With two to four families the same one carries from its fourth breach on; new ones each cycle never do."""
    assert carried(flags("A", "A", "A", "A", "A", families=families)) == [False, False, False, True, True]
    assert not any(carried(flags("A", "B", "A", "B", families=families)))


def test_what_the_client_calls_critical_stays_critical() -> None:
    """A returning pair carries the sign without becoming critical, and the client's own critical family stays so."""
    rows = flags("AB", "AB", "AB").assign(critical=lambda r: r["unit"] == "H")
    found = let_returning_units_carry(rows)

    pd.testing.assert_series_equal(found["critical"], rows["critical"])
    assert found.loc[found["carries"], "unit"].tolist() == ["A", "A"]
    assert breached_labels(found)["breach"].tolist() == [False, True, True]


def test_breaches_of_another_kind_do_not_carry() -> None:
    """Rows that may not count leave the flags as they are."""
    rows = flags("AB", "AB", "AB").assign(returning=False)

    pd.testing.assert_frame_equal(let_returning_units_carry(rows), rows)


def test_what_was_excused_is_no_past_to_come_back_from() -> None:
    """The same pair breaches in three labels; the first is excused on a later day, and from then on the second is new.

    As judged before that day the pair has come back, and the third label follows the second either way.
    """
    rows = flags("AB", "AB", "AB")
    first, day = rows["label"].min(), pd.Timestamp("2025-01-01")
    rows["excused_on"] = rows["excused_on"].mask(rows["label"] == first, day)
    found = sign_labels(rows)

    assert found["breach"].tolist() == [False, True, True]
    assert found["excused_on"].tolist() == [pd.NaT, day, pd.NaT]


def test_more_units_need_more_that_come_back() -> None:
    """P(Bin(8, 1.1 %) ≥ 2) is below 5 %, with 40 units it takes three; three times before is rare enough alone.

    Three units would need one that came back once (3.4 %), but one alone is asked to do so three times.
    """
    assert [fewest_again(3, 1), fewest_again(8, 1), fewest_again(40, 1)] == [2, 2, 3]
    assert [fewest_again(3, 3), fewest_again(40, 3)] == [1, 1]
