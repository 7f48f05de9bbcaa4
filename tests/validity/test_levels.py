"""What a client of each level sends."""

from __future__ import annotations

import pytest

from helpers import contract
from helpers.signs import registry
from sample_data.generator import Scenario, simulate
from tests.validity.levels import LEVELS, Level, Tables, at_level
from tests.validity.reading import opened


@pytest.fixture(scope="module")
def everything() -> Tables:
    """All tables of one client."""
    return simulate(Scenario(), 10_001)


@pytest.mark.parametrize("level", LEVELS)
def test_every_level_keeps_the_required_columns(everything: Tables, level: Level) -> None:
    """Optional columns and whole tables go; a table that stays can still be used."""
    for name, table in at_level(everything, level).items():
        assert {c.name for c in contract.table(name).columns if c.required} <= set(table), name


def test_each_level_holds_less_than_the_one_before(everything: Tables) -> None:
    """Columns of the poorer level are columns of the richer one, and fewer."""
    columns = [{(n, c) for n, t in at_level(everything, level).items() for c in t} for level in LEVELS]

    assert columns[2] < columns[1] < columns[0]


def test_every_sign_has_a_path_at_the_minimal_level(
    everything: Tables, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A few required columns are enough to measure each of the ten."""
    engagement = opened(tmp_path_factory.mktemp("minimal"), at_level(everything, "minimal"))
    served = {
        entry.sign.number
        for entry in registry()
        if any(not engagement.missing(*path.needs) for path in entry.sign.paths)
    }

    assert served == set(range(1, 11))
