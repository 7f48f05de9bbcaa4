"""A fault of the kit is told by its type and its place, never by what it quotes."""

from __future__ import annotations

import logging

import duckdb
import pyarrow as pa
import pytest
from psycopg.errors import OutOfMemory

from helpers import contract, faults
from helpers.errors import Unusable

SECRET = "Molkerei Geheim"


def raised() -> Exception:
    """A fault in the kit that quotes a client's name, with the fault that led to it."""
    try:
        _look_up()
    except Exception as error:  # noqa: BLE001 - whatever it is
        return error
    raise AssertionError("nothing was raised")


def _look_up() -> None:
    try:
        _ = {}[SECRET]  # type: ignore[var-annotated]
    except KeyError:
        contract.table(SECRET)


def test_the_place_is_told_and_the_message_is_not():
    """Type, file and line, from the project's folder on."""
    said = faults.told(raised())

    assert said.startswith("KeyError at helpers/contract.py:")


def test_an_error_of_the_kit_speaks_for_itself():
    """Its words were written for the user."""
    assert faults.told(Unusable("no table 'items'")) == "Unusable: no table 'items'"


@pytest.mark.parametrize(
    "error",
    [MemoryError("9 GiB"), pa.ArrowMemoryError("9 GiB"), duckdb.OutOfMemoryException("9 GiB"), OutOfMemory("9 GiB")],
    ids=["Python", "Arrow", "DuckDB", "PostgreSQL"],
)
def test_a_machine_that_is_too_small_is_no_fault_of_the_kit(error):
    """Whoever ran out of memory, it is said in the same words."""
    assert faults.is_out_of_memory(error)
    assert faults.told(error) == "memory ran out"


def test_the_log_holds_every_step_and_no_message():
    """Both faults, the place of each, no name and no path of the machine."""
    error = raised()
    entry = logging.LogRecord(
        "helpers", logging.ERROR, "", 0, "S01 failed", (), (type(error), error, error.__traceback__)
    )
    text = faults.Steps().format(entry)

    assert "S01 failed\nKeyError\n" in text
    assert "which led to\nKeyError\n" in text
    assert "helpers/contract.py:" in text
    assert SECRET not in text
    assert str(faults.ROOT) not in text


def test_the_log_is_read_on_a_terminal_as_well():
    """What would turn or clear the screen is left out."""
    entry = logging.LogRecord("helpers", logging.ERROR, "", 0, "no resource '\x1b[2JLine 4\u202e'", (), None)

    assert faults.Steps().format(entry) == "no resource ' [2JLine 4'"


def test_a_fault_outside_the_kit_is_told_by_its_type():
    """No line of the kit took part."""
    with pytest.raises(ZeroDivisionError) as found:
        1 / 0  # noqa: B018

    assert faults.told(found.value) == "ZeroDivisionError"
