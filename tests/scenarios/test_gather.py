"""From an engagement to its network, part by part."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from helpers.engagement import Engagement
from helpers.scenarios.gather import network_of
from tests import builders

CYCLES = builders.cycles(8, "2025-05-01")  # as of the first of January 2026
JANUARY, FEBRUARY = pd.Timestamp("2026-01-01"), pd.Timestamp("2026-02-01")


def client(folder: Path, **tables: pd.DataFrame) -> Engagement:
    """A client who asked for ten of `a` each month so far, and expects ten and twenty; the line makes it."""
    sold = pd.DataFrame({"period": CYCLES, "item_id": "a", "quantity": 10.0})
    expected = pd.DataFrame({"cycle": JANUARY, "item_id": "a", "period": [JANUARY, FEBRUARY], "quantity": [10.0, 20.0]})
    planned = pd.DataFrame(
        {"cycle": JANUARY, "item_id": "a", "resource_id": "line", "period": [JANUARY, FEBRUARY],
         "quantity": [10.0, 20.0], "hours": [5.0, 10.0]}
    )  # fmt: skip
    hours = pd.DataFrame({"resource_id": "line", "period": [JANUARY, FEBRUARY], "planned_hours": 12.0})
    rows = {
        "items": builders.items(a="Bread"),
        "actual_demand": sold,
        "forecast_snapshots": expected,
        "production_plan_snapshots": planned,
        "capacity": hours,
        **tables,
    }
    return builders.engagement(folder, rows)


@pytest.mark.parametrize(("priced", "is_priced"), [({"unit_cost": 1.0}, True), ({}, False)], ids=["a cost", "nothing"])
def test_a_network_says_whether_its_prices_are_money(tmp_path: Path, priced: dict[str, float], is_priced: bool) -> None:
    """Where neither cost nor price was sent a unit counts 1, and that is no money."""
    items = pd.DataFrame({"item_id": ["a"], "family": "Bread", **priced})

    found = network_of(client(tmp_path, items=items))

    assert (found.is_priced, found.products["cost"].tolist()) == (is_priced, [1.0])
