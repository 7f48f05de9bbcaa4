"""The oracles of the heaviest measures agree with the kit on the sample, where something happens."""

from __future__ import annotations

import pytest

pytest.importorskip("resource", reason="the benchmarks count memory as Linux and macOS do")

from helpers.diagnosis import open_engagement
from tests.benchmarks.measures import MEASURES, assert_same, in_pandas
from tests.benchmarks.processes import ROOT


@pytest.fixture(scope="module")
def opened(tmp_path_factory):
    """The sample, opened, and where its typed tables lie."""
    out = tmp_path_factory.mktemp("sample")
    return open_engagement(ROOT / "sample_data", out), out / "store"


@pytest.mark.parametrize("name", MEASURES)
def test_a_measure_and_its_oracle_agree(opened, name):
    """Row by row, to nine digits."""
    engagement, store = opened
    oracle = in_pandas(name, store)

    assert len(oracle) > 20
    assert_same(MEASURES[name](engagement), oracle)


def test_another_number_is_refused(opened):
    """A part in a million is no rounding."""
    oracle = in_pandas("quick checks", opened[1])

    with pytest.raises(AssertionError, match="otif"):
        assert_same(oracle.assign(otif=oracle["otif"] * 1.000_001), oracle)
