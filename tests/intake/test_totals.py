"""Total rows among their parts are set aside, whatever they are called, and nothing else is."""

from __future__ import annotations

from pathlib import Path

import pytest

from helpers.intake import large
from helpers.intake.totals import names_of_totals
from tests.intake.folders import Taken, folder, taken

MONTHS = [f"2024-{month:02d}-01" for month in range(1, 5)]
# Dairy 10, 11, 12, 13; Bakery 5; the sum 15, 16, 17, 18.
PARTS = [f"{month},overtime,{cells}" for n, month in enumerate(MONTHS) for cells in (f"Dairy,{10 + n}", "Bakery,5")]
TOTALS = [f"{month},overtime,Total,{15 + n}" for n, month in enumerate(MONTHS)]
HEADER = "period,kind,family,amount"


def costs(tmp_path: Path, rows: list[str], header: str = HEADER) -> Taken:
    """Take in compensation costs beside items of Dairy and Bakery."""
    return taken(tmp_path, folder(tmp_path, compensation_costs__csv="\n".join([header, *rows]) + "\n"))


def counts(found: Taken, table: str = "compensation_costs") -> tuple[int, int]:
    """Rows used and rows set aside as totals."""
    entry = found.manifest.table(table)
    assert entry is not None
    return entry.rows_used, entry.total_rows


def test_rows_that_hold_the_sum_of_the_others_are_set_aside(tmp_path: Path) -> None:
    """Each with its line and the reason; what is left adds up once, and none of it counts as lost."""
    found = costs(tmp_path, PARTS + TOTALS)

    assert counts(found) == (8, 4)
    assert sum(found.column("compensation_costs", "amount")) == 10 + 11 + 12 + 13 + 4 * 5
    first = found.faults("compensation_costs")[0]
    assert (first["line"], first["column"], first["value"]) == ("10", "family", "Total")
    assert first["rule"].startswith("total row: what this name holds is the sum of the others of the same period, kind")
    assert found.manifest.table("compensation_costs").rows_sent == 8  # type: ignore[union-attr]


def test_rows_without_a_name_can_be_the_total(tmp_path: Path) -> None:
    """As a ledger exports them: the company's row has no family."""
    assert counts(costs(tmp_path, PARTS + [row.replace("Total", "") for row in TOTALS])) == (8, 4)


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        (TOTALS[:2], "two groups may be chance"),
        ([row.replace("Total", "Other") + "9" for row in TOTALS], "another family that is no sum"),
        ([row.replace("Total", "Cheese") for row in PARTS if "Dairy" in row], "a family of its own"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_other_names_are_used(rows: list[str], why: str, tmp_path: Path) -> None:
    """A name that no item has is accepted, unless it adds up the others."""
    assert counts(costs(tmp_path, PARTS + rows)) == (8 + len(rows), 0), why


def test_a_known_family_is_never_a_total(tmp_path: Path) -> None:
    """Dairy as large as the two others together is a large family."""
    rows = [row.replace("Dairy", "Cheese") for row in PARTS] + [row.replace("Total", "Dairy") for row in TOTALS]

    assert counts(costs(tmp_path, rows)) == (12, 0)


def test_a_total_that_stands_alone_is_used(tmp_path: Path) -> None:
    """Subcontracting is booked for the company only: it says nothing twice."""
    assert counts(costs(tmp_path, [*PARTS, *TOTALS, "2024-01-01,subcontracting,Total,99"])) == (9, 4)


def test_one_group_may_differ_by_a_part_that_was_set_aside() -> None:
    """Ten months, of which nine add up; with eight of them nothing can be told."""
    sums = [(n, name, 3.0 + n if name == "all" else part) for n in range(10) for name, part in _named(n)]
    differs = [(n, name, 50.0 if n == 0 and name == "all" else amount) for n, name, amount in sums]
    twice = [(n, name, 50.0 if n == 1 and name == "all" else amount) for n, name, amount in differs]

    assert names_of_totals(sums, {"a", "b"}) == names_of_totals(differs, {"a", "b"}) == ["all"]
    assert names_of_totals(twice, {"a", "b"}) == []


def _named(n: int) -> list[tuple[str, float]]:
    return [("a", 1.0 + n), ("b", 2.0), ("all", 0.0)]


def test_names_are_totals_only_beside_names_that_another_table_knows() -> None:
    """Line 1 with as many hours as lines 2 and 3 together: without any table that knows lines it may be one."""
    sums = [(month, name, hours) for month in MONTHS for name, hours in (("1", 160.0), ("2", 80.0), ("3", 80.0))]

    assert names_of_totals(sums, set()) == []
    assert names_of_totals(sums, {"2", "3"}) == ["1"]
    assert names_of_totals(sums, {"1", "2", "3"}) == []


def test_a_large_file_holds_its_totals_back_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The one pass sees them, and the file is loaded whole."""
    monkeypatch.setattr(large, "LARGE", 1)

    assert counts(costs(tmp_path, PARTS + TOTALS)) == (8, 4)
