"""The real extracts, which stay outside the project, taken in with the project's own mappings."""

from __future__ import annotations

import csv
import os
from datetime import date
from pathlib import Path

import pytest

from helpers.diagnosis import Diagnosis, diagnose
from helpers.engagement import Engagement
from helpers.intake import take_in
from helpers.manifest import Manifest
from helpers.settings import Settings, load_settings

ROOT = Path(__file__).parents[2]
MAPPINGS = ROOT / "templates" / "mappings"
FOLDER = Path(os.environ.get("SOP_REAL_DATA") or ROOT.parent / "shared" / "data")


def data_of(client: str) -> Path:
    """The client's folder; the test is skipped where the real data are not on this machine."""
    folder = FOLDER / client
    if not folder.is_dir():
        pytest.skip(f"no real data in {FOLDER}: set SOP_REAL_DATA to the folder that holds {client}/")
    return folder


def mapping(name: str) -> Settings:
    """The settings file of the project for a client."""
    return load_settings(MAPPINGS / f"{name}.yaml")


class Case:
    """One client taken in under one mapping."""

    def __init__(self, client: str, settings: Settings, work: Path) -> None:
        self.data = data_of(client)
        self.settings = settings
        self.store, self.rejects = work / "store", work / "rejects"
        self.manifest: Manifest = take_in(self.data, self.store, self.rejects, settings)
        self.engagement = Engagement(self.store, settings)

    def as_of(self, day: str) -> Diagnosis:
        """The diagnosis that a run on that day would have given."""
        return diagnose(Engagement(self.store, self.settings, date.fromisoformat(day)))

    def rejected(self, table: str) -> list[dict[str, str]]:
        """The lines of the rejects file of a table; none where nothing was found."""
        path = self.rejects / f"{table}.csv"
        if not path.exists():
            return []
        with path.open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))


def statuses(diagnosis: Diagnosis) -> dict[int, str]:
    """Status by number of the sign."""
    return {finding.sign.number: finding.verdict.status for finding in diagnosis.findings}


def assert_rows_add_up(case: Case) -> None:
    """Rows read are rows used plus rows set aside, and every row set aside is listed with a rule."""
    for table in case.manifest.tables:
        assert table.rows_read == table.rows_used + table.rows_rejected, table.table
        listed = [line for line in case.rejected(table.table) if line["action"] == "row set aside"]
        assert len({line["line"] for line in listed}) == table.rows_rejected, table.table
        assert all(line["rule"] and line["column"] for line in listed), table.table


def assert_says_what_to_ask_for(diagnosis: Diagnosis) -> None:
    """A sign that cannot be assessed gives a reason, and no sign broke off."""
    assert not diagnosis.failures
    silent = [f for f in diagnosis.findings if f.verdict.status == "not_assessable"]
    assert all(finding.reason and finding.missing for finding in silent)
