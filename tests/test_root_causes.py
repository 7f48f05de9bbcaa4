"""Root causes together: in the diagnosis, in findings.json, and never in the way of the signs."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from helpers import diagnosis as room
from helpers.diagnosis import diagnose
from helpers.engagement import Engagement
from helpers.findings import findings_json
from helpers.root_causes import root_causes
from tests import builders


@pytest.fixture
def engagement(tmp_path: Path) -> Engagement:
    """A client who sent objectives and demand."""
    kpis = [("sales", "Revenue", "maximise"), ("finance", "Working capital", "minimise"), ("hr", "Zeal", "maximise")]
    tables = {
        "items": builders.items(a="Bread"),
        "actual_demand": pd.DataFrame({"period": builders.cycles(8), "item_id": "a", "quantity": 10.0}),
        "kpi_objectives": pd.DataFrame(kpis, columns=["function", "kpi", "direction"]),
    }
    return builders.engagement(tmp_path, tables)


def test_what_was_sent_is_measured_and_what_was_not_is_asked_for(engagement: Engagement) -> None:
    """Objectives are judged, Zeal is a question, the situations and parameters name their columns."""
    roots = root_causes(engagement, {8})

    assert roots.objectives_missing == ()
    assert roots.unmapped == ("Zeal",)
    assert roots.conflicts.iloc[0][["conflict", "live"]].tolist() == [0.75, True]
    assert not roots.has_rules
    assert set(roots.situations_missing) == {f"T{number}" for number in range(1, 9)}
    assert roots.parameters_missing["lead time"] == ("purchase_orders",)


def test_findings_hold_the_root_causes_as_plain_json(engagement: Engagement) -> None:
    """No NaN, no dates that only Python knows, and the same text twice."""
    first, second = (json.dumps(findings_json(diagnose(engagement)), allow_nan=False) for _ in range(2))
    found = json.loads(first)["root_causes"]

    assert first == second
    assert found["objectives"]["conflicts"][0]["levers"] == ["stock", "slack", "promise"]
    assert found["trade_offs"]["situations"] == []
    assert found["parameters"]["pairs"] == []


def test_a_failure_takes_no_sign_with_it(engagement: Engagement, monkeypatch: pytest.MonkeyPatch) -> None:
    """The ten signs stand; what broke off is named."""

    def fails(*_: object) -> None:
        raise ZeroDivisionError("boom")

    monkeypatch.setattr(room, "root_causes", fails)
    found = diagnose(engagement)

    assert len(found.findings) == 10
    assert found.root_causes is None
    assert [failure.partition(" at ")[0] for failure in found.failures] == ["root causes: ZeroDivisionError"]
    assert findings_json(found)["root_causes"] is None
