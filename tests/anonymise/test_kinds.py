"""What the contract says of its texts: nothing that could name somebody is left undeclared."""

from __future__ import annotations

from dataclasses import replace
from typing import get_args

import pytest

from helpers import contract
from helpers.anonymise.kinds import LABELS, TEXTS, THINGS, WORDS, named_columns, normal, space
from helpers.anonymise.rewrite import WITHHELD, stems, word_lists

TEXT_COLUMNS = [(table.name, column) for table in contract.TABLES for column in table.columns if column.type == "text"]


@pytest.mark.parametrize(("table", "column"), TEXT_COLUMNS, ids=lambda value: getattr(value, "name", value))
def test_every_text_column_says_what_it_holds(table: str, column: contract.Column) -> None:
    """A new column is a name, a word or free text, or it has listed values."""
    assert bool(column.names) != bool(column.choices), table


def test_every_kind_has_a_treatment() -> None:
    """One that is declared in the contract and forgotten here would be emptied without a word."""
    assert set(get_args(contract.Names)) == {*THINGS, *WORDS, *TEXTS, "title"}
    assert set(LABELS) == {*THINGS, *WORDS}


def test_numbers_and_dates_name_nobody() -> None:
    """Only texts are replaced."""
    others = [column for table in contract.TABLES for column in table.columns if column.type != "text"]

    assert [column.name for column in others if column.names] == []
    assert {column.type for _, column in named_columns()} == {"text"}


def test_a_text_cannot_be_declared_without_saying_what_it_holds() -> None:
    """Forgetting it fails where the contract is written."""
    with pytest.raises(TypeError):
        contract.text("customer_group")  # type: ignore[call-arg]

    assert replace(contract.text("customer_group", "segment")).names == "segment"


@pytest.mark.parametrize("said", [*(label for label, _ in LABELS.values()), WITHHELD])
def test_no_pseudonym_holds_what_topics_are_searched_for(said: str) -> None:
    """Else a topic that names a family would count as one about stock."""
    assert [stem for stem in stems() if stem in said.lower()] == []


def test_the_stems_are_those_of_the_signs() -> None:
    """All word lists are found, and each is made of plain stems, so that a stem stands for what it matches."""
    assert {"safety stock|buffer"} < word_lists()
    assert [stem for stem in stems() if not stem.replace(" ", "").isalpha()] == []


def test_things_are_told_apart_by_the_letter_and_people_are_not() -> None:
    """As the kit compares them."""
    assert normal("family", "Kefir") != normal("family", "kefir")
    assert normal("person", "M. Oldacre ") == normal("person", "m. oldacre")
    assert normal("kpi", "On-time  (OTIF)") == normal("kpi", "on time otif")
    assert space("family") == space("supplier") != space("person")
