"""The published schema of findings.json: what the kit writes keeps to it, a damaged document does not."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import pandas as pd
import pytest

from helpers import contract, evidence, settings
from helpers.compare import recorded
from helpers.diagnosis import Diagnosis, diagnose, open_engagement
from helpers.findings import with_notes
from helpers.judgement import together
from helpers.measures import pace
from helpers.notes import Action, Notes, Remarks
from helpers.signs import registry
from tests import builders
from tests.robustness.small import small_client
from tests.schema import faults, published

Json = dict[str, Any]
REMARKS = Remarks(note="a note", actions=(Action(action="call", due="2026-08-01"),))


@pytest.fixture(scope="module")
def diagnosis(tmp_path_factory: pytest.TempPathFactory) -> Diagnosis:
    """The small client, in which seven signs recur."""
    folder = tmp_path_factory.mktemp("schema")
    return diagnose(open_engagement(small_client(folder / "data"), folder / "out"))


@pytest.fixture
def document(diagnosis: Diagnosis) -> Json:
    """Its findings, as a reader of the file gets them."""
    notes = Notes(general=REMARKS, signs={"parallel_plans": REMARKS})
    return json.loads(json.dumps(with_notes(recorded(diagnosis), notes), allow_nan=False))


def test_what_the_kit_writes_is_described_in_full(document: Json) -> None:
    """With notes and settings, no key beyond the schema."""
    assert faults(document, closed=True) == []


def test_a_reader_may_meet_more_keys(document: Json) -> None:
    """Keys may be added: the schema of today accepts the findings of a later kit."""
    document["signs"][0]["more"] = document["more"] = 1

    assert faults(document) == []
    assert len(faults(document, closed=True)) >= 2


def _sign(number: int, **changes: Any) -> Callable[[Json], None]:
    return lambda found: found["signs"][number - 1].update(changes)


def _status(found: Json, status: str) -> Json:
    return next(sign for sign in found["signs"] if sign["status"] == status)


DAMAGE: dict[str, Callable[[Json], object]] = {
    "another version": lambda found: found.update(schema_version="2"),
    "no pulse": lambda found: found.pop("pulse"),
    "cycle with a time": lambda found: found["cycles"].append("2026-08-01T00:00:00"),
    "no such day": lambda found: found.update(as_of="2026-02-31"),
    "cycle twice": lambda found: found["cycles"].append(found["cycles"][-1]),
    "another bucket": lambda found: found.update(bucket="day"),
    "unknown table": lambda found: found["intake"][0].update(table="orders"),
    "negative rows": lambda found: found["intake"][0].update(rows_used=-1),
    "half a row": lambda found: found["intake"][0].update(rows_rejected=0.5),
    "nine signs": lambda found: found["signs"].pop(),
    "eleven signs": lambda found: found["signs"].append(found["signs"][0]),
    "signs out of order": lambda found: found["signs"].reverse(),
    "key of another sign": _sign(1, key="parallel_plans"),
    "status unknown": _sign(1, status="green"),
    "strength above 1": _sign(1, strength=1.2),
    "strength as text": _sign(1, strength="0.7"),
    "cause unknown": _sign(1, cause="bad luck"),
    "driver of no dimension": lambda found: found["signs"][0]["drivers"][0].update(dimension="country"),
    "share above 1": lambda found: found["signs"][0]["drivers"][0].update(share=91.8),
    "missing as words": _sign(1, missing=["Please send stage"]),
    "an infinite metric": lambda found: found["signs"][0]["metrics"][0]["cycles"].update({"2026-01-01": float("inf")}),
    "a metric of no cycle": lambda found: found["signs"][0]["metrics"][0]["cycles"].update({"January": 1.0}),
    "a missing metric": lambda found: found["signs"][0]["metrics"][0]["cycles"].update({"2026-01-01": None}),
    "amber without red": lambda found: found["signs"][0]["metrics"][0].update(red=None),
    "otif in percent": lambda found: found["pulse"][-2].update(otif=95.0),
    "a negative cost": lambda found: found["signs"][3]["cost"].update(amount=-1.0),
    "one recurring sign too many": lambda found: found["verdict"].update(recurring_signs=8),
    "no message": lambda found: found["verdict"].update(message=""),
    "severe with two signs": lambda found: found["verdict"].update(recurring_signs=2),
    "recurring without a first warning": lambda found: _status(found, "recurring").update(first_warning_cycle=None),
    "recurring below a half": lambda found: _status(found, "recurring").update(strength=0.4),
    "recurring without a breach": lambda found: _status(found, "recurring").update(breached_cycles=[]),
    "absent from a half on": lambda found: _status(found, "absent").update(strength=0.5),
    "absent with a cause": lambda found: _status(found, "absent").update(cause="governance"),
    "not assessable with strength": lambda found: _status(found, "absent").update(status="not_assessable"),
    "warned without recurring": lambda found: _status(found, "absent").update(
        first_warning_cycle="2026-01-01", recurring_cycles=[]
    ),
    "recurred without a warning": lambda found: _status(found, "absent").update(
        first_warning_cycle=None, recurring_cycles=["2026-01-01"]
    ),
    "measured on no path": lambda found: _status(found, "absent").update(path=None, evidence_level=None),
    "money of an eleventh sign": lambda found: found["money"]["incurred"].update({"11": 1.0}),
    "money withheld and told": lambda found: found["money"].update(reconciled=False),
    "an unknown pace": lambda found: found["cadence"].update(pace="leisurely"),
    "a conflict above 1": lambda found: found["root_causes"]["objectives"]["conflicts"][0].update(conflict=1.5),
    "an action without words": lambda found: found["notes"]["actions"][0].update(action=""),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_a_damaged_document_is_refused(document: Json, name: str) -> None:
    """Each in one place; undamaged it passes."""
    damaged = copy.deepcopy(document)
    DAMAGE[name](damaged)

    assert faults(document) == []
    assert faults(damaged) != []


def test_the_schema_lists_what_the_kit_knows() -> None:
    """Tables, signs and every enumeration are those of the code."""
    schema = published()
    parts, whole = schema["$defs"], schema["properties"]
    sign, causes = parts["sign"]["properties"], parts["root_causes"]["properties"]
    signs = [entry["properties"] for entry in whole["signs"]["prefixItems"]]
    listed = [tuple(each[key]["const"] for key in ("sign", "key", "cluster")) for each in signs]

    assert parts["table"]["properties"]["table"]["enum"] == [table.name for table in contract.TABLES]
    assert listed == [(e.sign.number, e.sign.key, e.sign.cluster) for e in registry()]
    assert tuple(parts["status"]["enum"]) == get_args(evidence.Status)
    assert (*sign["trend"]["enum"],) == (*get_args(evidence.Trend), None)
    assert (*sign["cause"]["enum"],) == (*get_args(evidence.Cause), None)
    assert (*sign["evidence_level"]["enum"],) == (*evidence.LEVELS, None)
    assert (*sign["cost"]["properties"]["view"]["enum"],) == get_args(evidence.View)
    assert tuple(whole["verdict"]["properties"]["level"]["enum"]) == get_args(together.OverallLevel)
    assert tuple(parts["cadence"]["properties"]["pace"]["enum"]) == get_args(pace.Pace)
    situation = causes["trade_offs"]["properties"]["situations"]["items"]["properties"]["code"]
    assert tuple(situation["enum"]) == get_args(settings.Situation)


def test_the_contract_and_the_schema_ask_for_the_same_keys(document: Json) -> None:
    """Each key of the contract's example is required; taken away, the document is refused."""
    required = {"client", "currency", "as_of", "bucket", "cycles", "intake", "signs", "pulse", "verdict"}
    of_sign = {"sign", "key", "cluster", "status", "strength", "first_warning_cycle", "breached_cycles"}
    of_sign |= {"recurring_cycles", "trend", "cause", "cost", "drivers", "metrics", "missing"}
    for key in required:
        assert faults({name: value for name, value in document.items() if name != key}), key
    for key in of_sign:
        damaged = copy.deepcopy(document)
        del damaged["signs"][0][key]
        assert faults(damaged), key


def test_too_few_cycles_keep_to_the_schema(tmp_path: Path) -> None:
    """Nothing can be assessed, as of an earlier date."""
    short = pd.DataFrame({"period": builders.cycles(3), "item_id": "a", "quantity": 1.0})
    tables = {"items": builders.items(a="A"), "actual_demand": short}
    found = diagnose(builders.engagement(tmp_path, tables, as_of="2024-02-01"))

    assert faults(recorded(found), closed=True) == []
    assert {finding.verdict.status for finding in found.findings} == {"not_assessable"}
