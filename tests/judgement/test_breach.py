"""Breach: limits, the guard for small counts, and how many units make a sign."""

from __future__ import annotations

import pandas as pd
import pytest

from helpers.errors import Unusable
from helpers.evidence import Limit
from helpers.judgement.breach import fewest_to_count, fewest_units, limits_in_force, passes_count_guard, severity
from helpers.settings import Settings
from tests.judgement.evidence_builder import sign

HIGH = Limit(2.0, 4.0, "ratio", "test")
LOW = Limit(0.8, 0.4, "share", "test", lower_is_worse=True)


@pytest.mark.parametrize(("value", "expected"), [(1.9, 0), (2.0, 0.5), (3.0, 0.75), (4.0, 1), (9.0, 1)])
def test_severity_runs_from_one_half_at_amber_to_one_at_red(value: float, expected: float) -> None:
    """Below amber 0, then 0.5 + 0.5 × the way to red."""
    assert severity(pd.Series([value]), HIGH).item() == expected


@pytest.mark.parametrize(("value", "expected"), [(0.81, 0), (0.8, 0.5), (0.6, 0.75), (0.1, 1)])
def test_severity_is_mirrored_where_lower_is_worse(value: float, expected: float) -> None:
    """A share of 0.6 between amber 0.8 and red 0.4 is half way."""
    assert severity(pd.Series([value]), LOW).item() == pytest.approx(expected)


@pytest.mark.parametrize(
    ("lines", "share", "fewest"), [(20, 0.03, 3), (50, 0.03, 5), (400, 0.03, 19), (20, 0.05, 4), (400, 0.05, 28)]
)
def test_the_count_guard_follows_the_exact_binomial(lines: int, share: float, fewest: int) -> None:
    """The smallest count that a healthy share gives in at most 5 % of cycles."""
    assert fewest_to_count(pd.Series([lines]), share).item() == fewest


def test_fewer_than_ten_lines_never_breach() -> None:
    """Nine expedited lines of nine say nothing."""
    assert not passes_count_guard(pd.Series([9]), pd.Series([9]), 0.05).item()


@pytest.mark.parametrize(("units", "fewest"), [(1, 1), (2, 2), (7, 2), (8, 3), (16, 3), (17, 4), (41, 6), (67, 7)])
def test_how_many_units_must_breach_together(units: int, fewest: int) -> None:
    """The smallest count that chance gives in at most 5 %."""
    assert fewest_units(units) == fewest


def test_the_clients_own_limit_replaces_the_signs() -> None:
    """`limits: {s04.ratio: …}` overrides amber and red and names its source."""
    settings = Settings.model_validate({"limits": {"s04.ratio": {"amber": 5, "red": 6}}})

    assert limits_in_force(sign(), settings)["ratio"] == Limit(5.0, 6.0, "ratio", "settings of the client")


def test_an_unknown_metric_in_the_settings_is_refused_by_name() -> None:
    """The message names the key and the metrics that exist."""
    settings = Settings.model_validate({"limits": {"s04.rtaio": {"amber": 5, "red": 6}}})

    with pytest.raises(Unusable) as refusal:
        limits_in_force(sign(), settings)

    assert str(refusal.value) == ("settings limits: 's04.rtaio' is not a metric with a limit. Sign 4 has: s04.ratio.")
