"""Rows that were set aside may hold what is looked for: what is left can raise a sign, but not clear it."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest

from helpers.diagnosis import measured
from helpers.engagement import Engagement
from helpers.evidence import Finding
from helpers.manifest import Manifest
from helpers.signs import registry
from tests import builders
from tests.signs.test_s07_recurring_expediting import SIGN, lines, tables

ENTRY = next(entry for entry in registry() if entry.sign.key == SIGN.key)
QUIET, RUSHED = [0] * 12, [12] * 12


def found(folder: Path, rushed: list[int], used: float, table: str = "purchase_orders") -> Finding:
    """The sign of an extract of which a share of the rows of one table could be used."""
    engagement = builders.engagement(folder, tables(lines(rushed)))
    engagement.manifest = _with_rows_set_aside(engagement, table, used)
    return measured(engagement, ENTRY)


def _with_rows_set_aside(engagement: Engagement, table: str, used: float) -> Manifest:
    entries = [
        replace(entry, rows_read=math.floor(entry.rows_used / used)) if entry.table == table else entry
        for entry in engagement.manifest.tables
    ]
    return replace(engagement.manifest, tables=tuple(entries))


@pytest.mark.parametrize(("used", "status"), [(0.80, "absent"), (0.79, "not_assessable")])
def test_what_is_left_of_a_table_clears_a_sign_from_80_percent_on(tmp_path: Path, used: float, status: str) -> None:
    """As a column counts as sent from 80 % on."""
    assert found(tmp_path, QUIET, used).verdict.status == status


def test_the_table_is_named(tmp_path: Path) -> None:
    """Why nothing can be said, and what to ask for."""
    finding = found(tmp_path, QUIET, 0.5)

    assert finding.reason == "nothing was found, but too many rows of purchase_orders were set aside to clear it"
    assert finding.missing[0] == "purchase_orders"
    assert finding.verdict.strength == 0.0


def test_what_is_found_in_the_rest_still_counts(tmp_path: Path) -> None:
    """The rows that were used rush every month."""
    assert found(tmp_path, RUSHED, 0.5).verdict.status == "recurring"


def test_a_table_the_sign_does_not_need_changes_nothing(tmp_path: Path) -> None:
    """However much of it was set aside."""
    assert found(tmp_path, QUIET, 0.1, "items").verdict.status == "absent"
