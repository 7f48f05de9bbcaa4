"""Every path on its own: what its extract holds, and that it measures."""

from __future__ import annotations

import pandas as pd
import pytest

from helpers import contract
from helpers.evidence import Path
from helpers.signs import registry
from tests.validity.clients import SIGNS, Client, Injected
from tests.validity.levels import Tables
from tests.validity.market import tables_of
from tests.validity.path_scores import by_path
from tests.validity.paths import said_along, sent_for, ways
from tests.validity.reading import Reading, Said

CYCLES = pd.date_range("2024-01-01", "2026-07-01", freq="MS")


@pytest.fixture(scope="module")
def everything() -> Tables:
    """All tables of a healthy client."""
    return tables_of(Client("healthy", "sample", 20_005, 0.3))


def test_an_extract_holds_what_its_path_needs_and_nothing_else(everything: Tables) -> None:
    """Items, the tables named with their required columns, the columns named; of alternatives the first."""
    path = Path("one", "minimum", ("forecast_snapshots", "purchase_orders.received_on | purchase_orders.expedited"))

    sent = sent_for(everything, path)

    required = {name: [c.name for c in contract.table(name).columns if c.required] for name in sent}
    assert set(sent) == {"items", "forecast_snapshots", "purchase_orders"}
    assert list(sent["purchase_orders"]) == [*required["purchase_orders"], "received_on"]
    assert list(sent["forecast_snapshots"]) == required["forecast_snapshots"]
    assert len(sent["forecast_snapshots"]) == (everything["forecast_snapshots"]["stage"] == "consensus").sum()


@pytest.mark.parametrize("sign", SIGNS)
def test_every_path_measures_on_its_own(everything: Tables, sign: int) -> None:
    """No path breaks off for a column that only a better one brings, and one that may only raise never clears."""
    for entry, path in ways((sign,)):
        said = said_along(everything, entry, path, CYCLES)

        assert len(said.states) == len(CYCLES)
        assert path.raise_only or set(said.states) != {"n"}, f"{path.name} says nothing"
        assert not (path.raise_only and "a" in said.states)


def test_figures_of_a_path_are_its_own() -> None:
    """Found in time along the first path of sign 1 and never along the second; the healthy client alarms there."""
    first, second = (path.name for path in registry()[0].sign.paths[:2])
    wrong = Client("fault", "sample", 1, 0.3, faults=(Injected(1, 0.5, 3),))
    readings = [
        _reading(wrong, {first: "aaaaaiirrr", second: "aaaaaaaaaa"}),
        _reading(Client("healthy", "sample", 2, 0.3), {first: "aaaaaaaaaa", second: "aaaaaarrrr"}),
    ]

    table = by_path(readings).loc[1]

    assert table.loc[first, ["recall", "alarm", "clear"]].tolist() == [1.0, 0.0, 1.0]
    assert table.loc[second, ["recall", "alarm", "clear"]].tolist() == [0.0, 1.0, 0.0]


def _reading(client: Client, states: dict[str, str]) -> Reading:
    said = tuple(
        Said(e.sign.number, states.get(p.name, "a" * 10), 0.0, p.name, None, (), (), None, None) for e, p in ways()
    )
    return Reading(client, "paths", said, (), {}, {f.sign: f.onset for f in client.faults}, {})
