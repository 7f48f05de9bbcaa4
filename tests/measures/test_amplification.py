"""How far the plan moved over the news and the lots it comes in."""

from __future__ import annotations

import pandas as pd
import pytest

from helpers.measures.amplification import amplification, movement_and_news
from tests.builders import cycles, engagement, items

MONTHS = cycles(6)


def snapshots(*cells: tuple[int, int, float], item: str = "a", resource: str | None = "L1") -> pd.DataFrame:
    """Cells (cycle, period, quantity) by number of the month."""
    rows = pd.DataFrame([(MONTHS[c], MONTHS[p], q) for c, p, q in cells], columns=["cycle", "period", "quantity"])
    rows = rows.assign(item_id=item)
    return rows.assign(resource_id=resource) if resource else rows


def client(folder, plan, forecast, lot=None, **more):
    """An engagement over a plan and its forecast, lots of `lot` if given."""
    master = items(a="Bread", b="Cake")
    master = master if lot is None else master.assign(lot_size=lot)
    return engagement(
        folder, {"items": master, "production_plan_snapshots": plan, "forecast_snapshots": forecast, **more}
    )


PLAN = snapshots((0, 0, 100), (0, 1, 100), (1, 1, 160), (1, 2, 100))
FORECAST = snapshots((0, 0, 100), (0, 1, 100), (1, 1, 120), (1, 2, 100), resource=None)
DEMAND = pd.DataFrame({"period": [MONTHS[0]], "item_id": ["a"], "quantity": [110.0]})


def test_amplification_is_movement_over_revision_and_surprise(tmp_path):
    """The plan moved 60; the forecast 20 and January surprised by 10: 60/30. Without demand 60/20."""
    sent = client(tmp_path, PLAN, FORECAST, actual_demand=DEMAND)

    assert amplification(sent)["amplification"].tolist() == [2.0]
    assert amplification(sent, with_surprise=False)["amplification"].tolist() == [3.0]


def test_half_a_lot_for_every_planned_cell_counts_as_news(tmp_path):
    """One planned cell and lots of 40: 60 over 30 + 20."""
    sent = client(tmp_path, PLAN, FORECAST, lot=40.0, actual_demand=DEMAND)

    assert amplification(sent)["amplification"].tolist() == [1.2]


def test_lots_are_read_off_a_plan_that_moves_in_them(tmp_path):
    """Changes of 50 and 100 show lots of 50, half of it for two cells; changes of 50 and 70 show none."""
    forecast = snapshots((0, 1, 100), (0, 2, 100), (1, 1, 100), (1, 2, 100), resource=None)
    in_lots = snapshots((0, 1, 100), (0, 2, 100), (1, 1, 150), (1, 2, 200))
    freely = snapshots((0, 1, 100), (0, 2, 100), (1, 1, 150), (1, 2, 170))

    shown = [
        movement_and_news(client(tmp_path / name, plan, forecast), with_surprise=False)["lots"].tolist()
        for name, plan in (("in lots", in_lots), ("freely", freely))
    ]

    assert shown == [[50.0], [0.0]]


def test_rerouting_is_no_movement_and_is_shared_by_the_plan(tmp_path):
    """Item a moves from L1 to L2 and grows by 20: ten of them each, because either held 100 of 220."""
    plan = pd.concat([snapshots((0, 1, 100)), snapshots((1, 1, 120), resource="L2")])
    forecast = snapshots((0, 1, 100), (1, 1, 120), resource=None)

    rows = movement_and_news(client(tmp_path, plan, forecast), with_surprise=False).set_index("resource_id")

    assert rows["moved"].to_dict() == pytest.approx({"L1": 20 * 100 / 220, "L2": 20 * 120 / 220})


def test_news_counts_at_least_a_twentieth_of_a_period(tmp_path):
    """No news at all: ten moved of 100 planned count as 10/5, four as 4/5."""
    forecast = snapshots((0, 1, 100), (1, 1, 100), resource=None)

    ratios = [
        amplification(client(tmp_path / str(new), snapshots((0, 1, 100), (1, 1, new)), forecast), with_surprise=False)
        for new in (110, 104)
    ]

    assert [rows["amplification"].iloc[0] for rows in ratios] == pytest.approx([2.0, 0.8])


def test_amplification_is_missing_where_plan_and_forecast_hold_other_items(tmp_path):
    """Less than half of the planned volume is forecast: the two are not comparable."""
    plan = pd.concat([snapshots((0, 1, 10), (1, 1, 20)), snapshots((0, 1, 90), (1, 1, 90), item="b")])

    rows = amplification(client(tmp_path, plan, snapshots((0, 1, 10), (1, 1, 11), resource=None)), with_surprise=False)

    assert rows["amplification"].isna().all()
