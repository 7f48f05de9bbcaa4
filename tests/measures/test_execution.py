"""What came of the consensus: made or not where demand was there, item by item of those that are made."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from helpers.engagement import Engagement
from helpers.measures import execution
from helpers.measures.alignment import agreed_number
from helpers.measures.items import family_weights
from helpers.measures.plans import function_plans
from tests import builders

MONTHS = builders.cycles(10)
COLUMNS = ["period", "item_id", "quantity"]


def company(folder: Path, made: float, asked: float = 100.0, **more: pd.DataFrame) -> Engagement:
    """A made item and a bought one of one family, 100 each in the consensus two months ahead."""
    items = ["made", "bought"]
    forecast = pd.DataFrame(
        [(MONTHS[c], item, MONTHS[c + 2], 100.0) for c in range(8) for item in items],
        columns=["cycle", "item_id", "period", "quantity"],
    )
    demand = pd.DataFrame(
        [(month, item, asked) for month in MONTHS for item in items], columns=["period", "item_id", "q"]
    )
    orders = pd.DataFrame({"actual_finish": MONTHS + pd.Timedelta(days=20), "item_id": "made", "actual_quantity": made})
    tables = {
        "items": builders.items(made="Bread", bought="Bread"),
        "forecast_snapshots": forecast,
        "actual_demand": demand.rename(columns={"q": "quantity"}),
        "production_orders": orders.assign(production_order_id=[f"P{n}" for n in range(len(orders))]),
    }
    return builders.engagement(folder, tables | more)


def test_output_is_set_against_the_consensus_of_the_items_that_are_made(tmp_path: Path) -> None:
    """80 made of 100 agreed, while the bought item is left out: ln 0.8, half of the family covered."""
    found = execution.executed(company(tmp_path, made=80.0))

    assert found["executed"].to_numpy() == pytest.approx(np.full(len(found), np.log(0.8)))
    assert found["covered"].tolist() == [0.5] * 8


@pytest.mark.parametrize(("asked", "known"), [(95.0, True), (94.9, False)], ids=["at", "below"])
def test_less_made_because_less_was_wanted_does_not_count(tmp_path: Path, asked: float, known: bool) -> None:
    """Demand of 95 for a consensus of 100 stood; just below it the shortfall is nobody's."""
    found = execution.executed(company(tmp_path, made=80.0, asked=asked))

    assert found["executed"].notna().eq(known).all()


def test_a_period_in_which_nothing_was_made_counts_as_a_shortfall(tmp_path: Path) -> None:
    """100 agreed and 0 made: a hundredth of the usual 100 is added to both; unless nobody made anything."""
    days = [MONTHS[0], *MONTHS[5:9]]
    orders = pd.DataFrame({"actual_finish": days, "item_id": ["made", *["bought"] * 4], "actual_quantity": 100.0})
    items = builders.items(made="Bread", bought="Cake")
    numbered = orders.assign(production_order_id=[f"P{n}" for n in range(5)])
    found = execution.executed(company(tmp_path, made=80.0, items=items, production_orders=numbered))
    bread = found[found["family"] == "Bread"].set_index("period")["executed"]

    assert bread[MONTHS[5:9]].to_numpy() == pytest.approx(np.full(4, np.log(1 / 101)))
    assert bread.drop(MONTHS[5:9]).isna().all()


def test_a_demand_that_is_not_known_is_missing(tmp_path: Path) -> None:
    """Without demand of the made item nobody can say whether it stood."""
    demand = pd.DataFrame({"period": MONTHS, "item_id": "bought", "quantity": 100.0})
    found = execution.executed(company(tmp_path, made=80.0, actual_demand=demand))

    assert found["asked"].isna().all()
    assert found["executed"].isna().all()


def test_who_was_right_sets_each_number_against_what_came(tmp_path: Path) -> None:
    """Sales said 220 for a demand of 200, Operations 160 for an output of 80 of the half of the family it makes."""
    plans = pd.DataFrame(
        [
            (MONTHS[c], function, "Bread", MONTHS[c + 2], quantity)
            for c in range(8)
            for function, quantity in (("sales", 220.0), ("operations", 160.0))
        ],
        columns=["cycle", "function", "family", "period", "quantity"],
    ).assign(version="before")
    came = execution.what_came(company(tmp_path, made=80.0, function_plans=plans), "sales", "operations")

    assert came["first"].to_numpy() == pytest.approx(np.full(len(came), np.log(1.1)))
    assert came["second"].to_numpy() == pytest.approx(np.zeros(len(came)), abs=1e-12)


def test_a_steady_shortfall_beyond_five_percent_is_no_chance() -> None:
    """Six values around −10 % are below −5 % for certain, around −4 % they are not; five are too few."""
    spread = np.array([0.01, -0.01] * 3)
    far, near = (execution.chance_short(pd.Series(mean + spread)) for mean in (-0.10, -0.04))

    assert far.isna().tolist() == [True] * 5 + [False]
    assert far.iloc[-1] < 0.001
    assert near.iloc[-1] > 0.9


def test_each_plan_and_the_output_are_set_against_the_consensus(tmp_path: Path) -> None:
    """Sales plans 220 and the plant makes 80 of the half it makes, of 200 agreed: 110 % and 80 %, consensus 100 %."""
    rows = [(MONTHS[c], "sales", "Bread", MONTHS[c + 2], 220.0) for c in range(8)]
    plans = pd.DataFrame(rows, columns=["cycle", "function", "family", "period", "quantity"])
    client = company(tmp_path, made=80.0, function_plans=plans.assign(version="before"))
    spoken = function_plans(client)
    found = execution.beside_consensus(client, spoken, agreed_number(client, spoken), family_weights(client))

    assert list(dict.fromkeys(found["who"])) == [execution.MADE, "sales", execution.AGREED]
    means = found.groupby("who")["index"].agg(["min", "max"])
    assert means.loc["sales"].tolist() == pytest.approx([1.1, 1.1])
    assert means.loc[execution.MADE].tolist() == pytest.approx([0.8, 0.8])
    assert means.loc[execution.AGREED].tolist() == [1.0, 1.0]
    assert found["cycle"].max() == MONTHS[7]


def test_families_count_by_their_share_in_demand(tmp_path: Path) -> None:
    """Bread with three quarters of demand at 120 % of the consensus, Cake with a quarter at 80 %: 110 %."""
    sizes, views = {"Bread": 300.0, "Cake": 100.0}, {"Bread": 1.2, "Cake": 0.8}
    rows = [(MONTHS[c], family, MONTHS[c + 2]) for c in range(1, 8) for family in sizes]
    plans = pd.DataFrame(rows, columns=["cycle", "family", "period"]).assign(function="sales", version="before", lag=2)
    agreed = plans.assign(quantity=plans["family"].map(sizes))
    demand = pd.DataFrame([(m, i, q) for m in MONTHS for i, q in (("b", 300.0), ("c", 100.0))])
    tables = {"items": builders.items(b="Bread", c="Cake"), "actual_demand": demand.set_axis(COLUMNS, axis="columns")}
    client = builders.engagement(tmp_path, tables)
    wished = agreed.assign(quantity=agreed["quantity"] * agreed["family"].map(views))
    found = execution.beside_consensus(client, wished, agreed, family_weights(client))

    assert found.loc[found["who"] == "sales", "index"].to_numpy() == pytest.approx(np.full(7, 1.1))
