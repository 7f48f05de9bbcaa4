"""Small extracts: items and one fact table are enough to start, and nothing breaks off."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from helpers import contract, diagnosis
from helpers.compare import recorded
from tests import builders
from tests.schema import faults

MONTHS = builders.cycles(14)
CELLS = {"text": "a", "number": 5.0, "count": 1.0, "flag": True}
FACTS = [table.name for table in contract.TABLES if table.is_fact]


def rows_of(name: str) -> pd.DataFrame:
    """Fourteen months of the required columns only."""
    table = contract.table(name)
    needed = [column for column in table.columns if column.required]
    return pd.DataFrame(
        [{column.name: _cell(column, month, place) for column in needed} for place, month in enumerate(MONTHS)]
    )


def _cell(column: contract.Column, month: pd.Timestamp, place: int) -> object:
    if column.type in ("date", "bucket"):
        return month
    if column.name.endswith("_id") and column.name not in ("item_id", "resource_id", "supplier_id", "assumption_id"):
        return str(place)
    return column.choices[0] if column.choices else CELLS[column.type]


@pytest.mark.parametrize("name", FACTS)
def test_one_fact_table_with_its_required_columns_is_enough_to_start(tmp_path: Path, name: str) -> None:
    """No sign breaks off, what is asked for exists in the contract, and the findings keep to the schema."""
    found = diagnosis.diagnose(builders.engagement(tmp_path, {"items": builders.items(a="A"), name: rows_of(name)}))
    asked = {need for finding in found.findings for need in finding.missing}

    assert found.failures == ()
    assert faults(recorded(found), closed=True) == []
    assert all(_is_declared(need) for need in asked)


def _is_declared(need: str) -> bool:
    table, _, column = need.partition(".")
    return not column or contract.table(table).column(column).name == column


def test_a_quick_check_that_breaks_off_leaves_the_signs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The ten signs stand, and the failure is said."""

    def broken(engagement: object) -> pd.DataFrame:
        raise ValueError("no such thing")

    monkeypatch.setattr(diagnosis, "pulse", broken)
    tables = {"items": builders.items(a="A"), "actual_demand": rows_of("actual_demand")}
    found = diagnosis.diagnose(builders.engagement(tmp_path, tables))

    assert len(found.findings) == 10
    assert [failure.partition(" at ")[0] for failure in found.failures] == ["broken: ValueError"]
