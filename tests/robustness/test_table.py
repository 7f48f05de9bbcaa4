"""The table of the robustness run: what did not hold stands out, and each part says when it ran and with which code."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from tests.robustness import records
from tests.robustness.__main__ import table
from tests.robustness.figures import Figure, counted
from tests.robustness.records import Record

HELD = Figure("kills", "whole", 50, 50)
FELL = counted("bombs", "inert", {"yaml": "", "gzip": "took 9 GB"})
NOTHING = Figure("names", "inert", 0, 0)


def test_what_fell_is_counted_and_named() -> None:
    """Held where nothing is said of a case; nothing tried is nothing held."""
    assert (FELL.tried, FELL.held, FELL.fallen) == (2, 1, ("gzip: took 9 GB",))
    assert [figure.holds for figure in (HELD, FELL, NOTHING)] == [True, False, False]


def test_the_table_says_when_each_part_ran_and_what_fell() -> None:
    """Parts of one day and code are told together."""
    day = date(2026, 1, 31)
    ran = [Record("a", day, "1", (HELD,)), Record("b", day, "2", (FELL,)), Record("c", day, "1", (NOTHING,))]
    head, _, *lines = table(ran).splitlines()

    assert head.startswith("2026-01-31, code 1: a, c; 2026-01-31, code 2: b. ")
    assert head.endswith(" 1 of 3 hold.")
    assert lines[2:] == [
        "| kills | whole | 50 | 50 |",
        "| bombs | inert | 2 | **1** |",
        "| names | inert | 0 | **0** |",
    ]


def test_the_last_run_of_a_part_is_known(tmp_path: Path) -> None:
    """With the code it ran with; a part that never ran is not there."""
    records.kept("faults", [FELL], tmp_path)
    last = records.kept("faults", [HELD], tmp_path)

    assert records.known(["broken", "faults"], tmp_path) == [last]
    assert last.code == records.code_version()
