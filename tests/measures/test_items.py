"""What values at unit value are in."""

from __future__ import annotations

from pathlib import Path

import pytest

from helpers.measures.items import value_unit
from tests import builders


@pytest.mark.parametrize(("columns", "said"), [(["unit_cost"], "EUR"), ([], "units")], ids=["priced", "not priced"])
def test_values_are_money_only_where_a_price_was_sent(tmp_path: Path, columns: list[str], said: str) -> None:
    """Without any price the unit value is 1, and the sum counts units."""
    sent = builders.items(a="Bread")[["item_id", "family", *columns]]
    sales = builders.cycles(2).to_frame(name="period").assign(item_id="a", quantity=1.0)

    assert value_unit(builders.engagement(tmp_path, {"items": sent, "actual_demand": sales}, currency="EUR")) == said
