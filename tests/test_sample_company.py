"""The sample company end to end: the story's signs recur where and when its generator made them; the twin is quiet."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from helpers.compare import recorded
from helpers.diagnosis import Diagnosis, diagnose, open_engagement
from sample_data.generator.scenario import DEFAULT_PLACES, healthy_twin, story
from tests.schema import faults

ROOT = Path(__file__).resolve().parents[1]
SAMPLE = ROOT / "sample_data"
FAULTS = story().faults
FIRST_CYCLE = pd.Timestamp("2024-01-01")
AS_OF = ("2025-04-01", "2025-11-01", "2026-03-01")


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the sample's tables are stored once."""
    return tmp_path_factory.mktemp("sample")


@pytest.fixture(scope="module")
def sample(out: Path) -> Diagnosis:
    """The sample company, diagnosed."""
    return diagnose(open_engagement(SAMPLE, out))


@pytest.fixture(scope="module")
def twin(tmp_path_factory: pytest.TempPathFactory) -> Diagnosis:
    """Its healthy twin, diagnosed."""
    return diagnose(open_engagement(SAMPLE / "healthy_twin", tmp_path_factory.mktemp("twin")))


def test_every_sign_is_assessed_and_none_failed(sample: Diagnosis) -> None:
    """All tables of the contract are there, so nothing may be not assessable."""
    assert sample.failures == ()
    assert [f.sign.number for f in sample.findings if f.verdict.status == "not_assessable"] == []


@pytest.mark.parametrize("number", sorted(FAULTS))
def test_each_sign_of_the_story_recurs(sample: Diagnosis, number: int) -> None:
    """A fault at work shows as a recurring sign, not before its onset."""
    finding = sample.findings[number - 1]

    assert finding.verdict.status == "recurring"
    assert finding.verdict.first_warning is not None
    assert finding.verdict.first_warning > FIRST_CYCLE + pd.DateOffset(months=FAULTS[number].onset)


@pytest.mark.parametrize("number", [n for n in sorted(FAULTS) if DEFAULT_PLACES[n] != ("*",)])
def test_the_story_is_found_where_it_happens(sample: Diagnosis, number: int) -> None:
    """The largest driver of its dimension is a place where the fault acts."""
    drivers = sample.findings[number - 1].verdict.drivers
    largest = {dimension: value for dimension, value, _ in reversed(drivers)}

    assert set(largest.values()) & set(DEFAULT_PLACES[number])


def test_the_signs_fire_before_otif_falls(sample: Diagnosis) -> None:
    """At least four signs recur before OTIF is first below target less two points in two of three cycles."""
    otif = sample.pulse.set_index("cycle")["otif"]
    target = sample.settings.otif.target
    assert target is not None
    low = (otif < target - 0.02).astype(int).rolling(3).sum() >= 2
    fallen = low[low].index.min()
    warned = [f.verdict.first_warning for f in sample.findings if f.verdict.first_warning is not None]

    assert sum(warning <= fallen for warning in warned) >= 4


def test_the_healthy_twin_has_no_recurring_sign(twin: Diagnosis) -> None:
    """Volatile demand, promotions, a launch, a supplier failure and a pre-build are not misalignment."""
    assert healthy_twin().faults == {}
    assert [f.sign.key for f in twin.findings if f.verdict.first_warning is not None] == []
    assert twin.overall.recurring_signs == 0


@pytest.mark.parametrize("as_of", AS_OF)
def test_a_run_as_of_a_cycle_says_what_the_full_run_says_of_it(sample: Diagnosis, out: Path, as_of: str) -> None:
    """No look-ahead: status of every sign, and every state before it, agree."""
    earlier = diagnose(open_engagement(SAMPLE, out, as_of=as_of))
    for then, now in zip(earlier.findings, sample.findings, strict=True):
        length = len(then.verdict.states)
        agreed = [state.status for state in now.verdict.states[:length]]

        assert [state.status for state in then.verdict.states] == agreed, now.sign.key
        assert then.verdict.states[-1].cycle == pd.Timestamp(as_of)
    assert faults(recorded(earlier), closed=True) == []


def test_findings_keep_to_the_published_schema(sample: Diagnosis, twin: Diagnosis) -> None:
    """`findings.json` is an interface, written in full in `templates/findings.schema.json`; no row is lost."""
    for diagnosis in (sample, twin):
        found = json.loads(json.dumps(recorded(diagnosis), allow_nan=False))

        assert faults(found, closed=True) == []
        assert all(t["rows_read"] == t["rows_used"] + t["rows_rejected"] for t in found["intake"])
