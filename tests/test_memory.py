"""What is remembered: equal questions by content, results that nobody can spoil for the next."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
import pytest

from helpers.memory import alike


def test_frames_that_differ_only_in_a_name_or_type_of_their_index_are_other_questions():
    """A result may carry the index of what was asked."""
    asked = []

    @alike
    def measure(values: pd.Series) -> int:
        asked.append(values)
        return len(asked)

    plain = pd.Series([1.0, 2.0])
    answers = [measure(plain), measure(plain.copy()), measure(plain.rename_axis("label"))]
    answers.append(measure(plain.set_axis(pd.Index([0, 1], dtype="int32"))))

    assert answers == [1, 1, 2, 3]


def test_a_series_in_a_dict_is_handed_out_so_that_nobody_changes_the_memory():
    """What one caller writes, the next does not see."""

    @alike
    def measure(rows: pd.DataFrame) -> dict[str, pd.Series]:
        return {"share": rows["share"]}

    rows = pd.DataFrame({"share": [0.1, 0.2]})
    share = measure(rows)["share"]
    share.iloc[0] = 9.0
    measure(rows)["other"] = rows["share"]

    assert list(measure(rows)) == ["share"]
    assert measure(rows)["share"].tolist() == [0.1, 0.2]


def test_a_record_of_frames_is_asked_by_what_it_holds():
    """Two records with the same content are one question."""

    @dataclass(frozen=True)
    class Pair:
        rows: pd.DataFrame
        name: str

    asked = []

    @alike
    def measure(pair: Pair) -> int:
        asked.append(pair)
        return len(asked)

    first, same, other = (Pair(pd.DataFrame({"x": [value]}), "a") for value in (1, 1, 2))

    assert [measure(first), measure(same), measure(other)] == [1, 1, 2]


def test_an_argument_that_cannot_be_remembered_is_named():
    """A list is refused with its place, so that the caller knows what to pass instead."""

    @alike
    def measure(rows: pd.DataFrame, names: list[str]) -> int:
        return len(names)

    with pytest.raises(TypeError, match="argument 2, a list, cannot be remembered"):
        measure(pd.DataFrame(), ["a"])
    with pytest.raises(TypeError, match="argument 'names', a list"):
        measure(pd.DataFrame(), names=["a"])
