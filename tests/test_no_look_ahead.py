"""No look-ahead, on random clients: the full run's state at a cycle is the state of a run as of that cycle."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from helpers.diagnosis import measured
from helpers.engagement import Engagement
from helpers.evidence import Verdict
from helpers.settings import Settings
from helpers.signs import registry
from tests.validity.clients import CONFOUNDERS, SIGNS, VOLATILITIES, Client, Injected
from tests.validity.levels import LEVELS, at_level
from tests.validity.market import tables_of
from tests.validity.reading import SETTINGS, opened

CASES = range(3)


def random_client(random: np.random.Generator) -> Client:
    """Two faults of random strength and onset in a random market."""
    signs = sorted(random.choice(SIGNS, size=2, replace=False).tolist())
    faults = tuple(Injected(sign, float(random.uniform(0.3, 1.0)), int(random.integers(6, 18))) for sign in signs)
    market = str(random.choice(CONFOUNDERS))
    return Client(
        "decline", "sample", int(random.integers(1, 9_999)), float(random.choice(VOLATILITIES)), market, faults
    )


def verdicts(engagement: Engagement) -> dict[str, Verdict]:
    """Every sign judged."""
    return {entry.sign.key: measured(engagement, entry).verdict for entry in registry()}


@pytest.mark.parametrize("case", CASES)
def test_the_state_at_a_cycle_is_that_of_a_run_as_of_the_cycle(case: int, tmp_path: Path) -> None:
    """All ten signs at two random cycles, each case at another level of data."""
    random = np.random.default_rng(20_000 + case)
    whole = opened(tmp_path, at_level(tables_of(random_client(random)), LEVELS[case % len(LEVELS)]))
    full, days = verdicts(whole), random.choice(whole.calendar.cycles[8:-1], size=2, replace=False)

    for day in days:
        then = verdicts(Engagement(tmp_path / "store", Settings(**SETTINGS), date.fromisoformat(str(day)[:10])))
        for key, verdict in full.items():
            expected = [state for state in verdict.states if state.cycle <= day]
            assert [state.status for state in then[key].states] == [state.status for state in expected], (key, day)
