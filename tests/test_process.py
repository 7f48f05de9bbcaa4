"""Cadence, roles and interviews together: limits of the signs, statuses untouched, keys of findings.json."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from helpers import diagnosis
from helpers.engagement import Engagement
from helpers.findings import findings_json
from helpers.process import process, sign_limits
from tests import builders
from tests.report import fakes

MONTHS = builders.cycles(8)
ANSWERS = pd.DataFrame({"function": "sales", "sign": 8, "score": [5, 5, 4]})


def client(folder: Path, **settings: object) -> Engagement:
    """A client who sent decisions, roles, demand and three answers, and no plan."""
    decided = {"raised_on": MONTHS, "decided_on": MONTHS + pd.Timedelta(days=6), "forum": "informal", "owner": "a"}
    tables = {
        "items": builders.items(a="Bread"),
        "actual_demand": pd.DataFrame({"period": MONTHS, "item_id": "a", "quantity": 1.0}),
        "decisions": pd.DataFrame({"decision_id": [str(k) for k in range(8)], "cycle": MONTHS, **decided}),
        "process_roles": pd.DataFrame({"step": ["review"], "proposer": ["x"], "approver": ["x"], "cadence_days": [30]}),
        "interview_answers": ANSWERS,
    }
    return builders.engagement(folder, tables, **settings)


def test_limits_that_a_sign_has_too_are_the_signs(tmp_path: Path) -> None:
    """A client's own limit of a sign holds for the cadence as well."""
    own = {"s10.off_forum_share": {"amber": 0.10, "red": 0.20}}

    assert sign_limits(client(tmp_path)).off_forum == 0.25
    assert sign_limits(client(tmp_path, limits=own)).off_forum == 0.10


def test_the_process_changes_no_status(tmp_path: Path) -> None:
    """Everybody feels sign 8; it stays what the data say, and the row says felt, not seen."""
    found = (*fakes.findings()[:7], fakes.finding(8, "not_assessable"))
    before = [finding.verdict for finding in found]

    around = process(client(tmp_path), found)

    assert [finding.verdict for finding in found] == before
    assert around.interviews.by_sign["felt_not_seen"].tolist() == [True]
    assert around.roles.approved_by_proposer == ("review",)
    assert around.cadence.pace == "not_assessable"


def test_findings_carry_cadence_roles_and_interviews_as_json(tmp_path: Path) -> None:
    """No number outside JSON, the same text twice, missing numbers as null."""
    found = fakes.diagnosis()
    object.__setattr__(found, "process", process(client(tmp_path), found.findings))

    said = json.dumps(findings_json(found), allow_nan=False)

    assert said == json.dumps(findings_json(found), allow_nan=False)
    keys = json.loads(said)
    assert keys["cadence"]["days"]["deciding"] == 6
    assert keys["cadence"]["days"]["protection"] is None
    assert keys["roles"]["approved_by_proposer"] == ["review"]
    assert [row["sign"] for row in keys["interviews"]["by_sign"]] == [8]


def test_a_process_that_breaks_off_takes_nothing_with_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The signs stand, the keys are null, and the failure is named."""

    def broken(*_: object) -> None:
        raise ZeroDivisionError("on purpose")

    monkeypatch.setattr(diagnosis, "process", broken)
    found = diagnosis.diagnose(client(tmp_path))

    assert [failure.partition(" at ")[0] for failure in found.failures] == ["process: ZeroDivisionError"]
    assert len(found.findings) == 10
    assert findings_json(found)["cadence"] is None
