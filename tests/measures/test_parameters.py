"""One parameter, several values: medians of log ratios, their colours, the index, and who to ask."""

from __future__ import annotations

import math
from pathlib import Path

import pandas as pd
import pytest

from helpers.engagement import Engagement
from helpers.measures.parameters import disagreements, gravest, missing_values, pairs
from tests import builders

PLANNED, MASTER = "planned on the order", "supplier master"


def purchases(supplier: str, months: int, days: float, value: float) -> pd.DataFrame:
    """One line a month of `value`, planned with `days` of lead time and received after twenty."""
    ordered = builders.cycles(months)
    return pd.DataFrame(
        {
            "purchase_order_id": [f"{supplier}{month}" for month in range(months)],
            "item_id": "a",
            "supplier_id": supplier,
            "ordered_on": ordered,
            "due_on": ordered + pd.Timedelta(days=20),
            "received_on": ordered + pd.Timedelta(days=20),
            "planned_lead_time_days": days,
            "ordered_quantity": value,
            "unit_price": 1.0,
        }
    )


def bought(folder: Path, *lines: pd.DataFrame, master: float = 20.0, **tables: pd.DataFrame) -> Engagement:
    """A client whose supplier master holds `master` days for every supplier."""
    orders = pd.concat(lines, ignore_index=True)
    suppliers = pd.DataFrame({"supplier_id": orders["supplier_id"].unique(), "planned_lead_time_days": master})
    sent = {"items": builders.items(a="Bread"), "purchase_orders": orders, "suppliers": suppliers, **tables}
    return builders.engagement(folder, sent, as_of="2024-09-01")


def lead_times(engagement: Engagement) -> pd.DataFrame:
    """The pair of planned lead times: on the order and in the master."""
    rows = disagreements(engagement)
    return rows[(rows["first"] == PLANNED) & (rows["second"] == MASTER)].set_index("subject")


@pytest.mark.parametrize(
    ("days", "colour"),
    [(20.0, "green"), (21.9, "green"), (22.0, "amber"), (24.9, "amber"), (25.0, "red"), (16.0, "red")],
)
def test_ten_percent_apart_is_amber_and_twenty_five_red(tmp_path: Path, days: float, colour: str) -> None:
    """Against 20 days in the master, in both directions; reaching a limit counts."""
    row = lead_times(bought(tmp_path, purchases("s", 8, days, 1.0))).loc["s"]

    assert row["log_ratio"] == pytest.approx(math.log(days / 20))
    assert row["colour"] == colour


def test_five_intervals_are_too_few_to_judge(tmp_path: Path) -> None:
    """No colour, so neither apart nor alike."""
    lines = purchases("s", 8, 40.0, 1.0).tail(5)
    found = bought(tmp_path, lines, purchases("t", 8, 20.0, 1.0))

    assert lead_times(found)[["n", "colour"]].to_numpy().tolist() == [[5, "none"], [6, "green"]]


def test_only_the_last_six_intervals_count(tmp_path: Path) -> None:
    """Eight closed months: two of 90 days, then six of 20."""
    old, new = purchases("s", 8, 90.0, 1.0).head(2), purchases("s", 8, 20.0, 1.0).tail(6)

    assert lead_times(bought(tmp_path, old, new))["log_ratio"].tolist() == [0.0]


def test_the_index_is_the_weight_of_what_lies_apart(tmp_path: Path) -> None:
    """Three quarters of the value are bought from the supplier that is planned with the wrong lead time."""
    table = pairs(disagreements(bought(tmp_path, purchases("s", 8, 30.0, 3.0), purchases("t", 8, 20.0, 1.0))))
    row = table[(table["first"] == PLANNED) & (table["second"] == MASTER)].iloc[0]

    assert row[["index", "apart", "judged", "worst"]].tolist() == [0.75, 1, 2, "s"]


def test_the_owner_of_the_assumption_is_the_one_to_ask(tmp_path: Path) -> None:
    """Three weeks assumed are 21 days; an assumption in tons says nothing about days."""
    assumed = pd.DataFrame(
        {
            "assumption_id": ["A", "B"], "area": "supplier", "subject_id": ["s", "s"], "owner": ["Buyer", "Buyer"],
            "planned_value": [3.0, 9.0], "unit": ["weeks", "t"], "set_on": "2023-12-01",
        }
    )  # fmt: skip
    rows = disagreements(bought(tmp_path, purchases("s", 8, 20.0, 1.0), assumptions=assumed))
    pair = rows[rows["second"].eq("assumed") & rows["first"].eq("realised")].iloc[0]

    assert pair["log_ratio"] == pytest.approx(math.log(20 / 21))
    assert pair["owner"] == "Buyer"


def test_functions_plans_are_compared_and_name_their_functions(tmp_path: Path) -> None:
    """Finance plans 120 where Sales plans 100; the standard deviation of the two logs is ln 1.2 / √2."""
    cells = [
        (cycle, function, "Bread", cycle + pd.DateOffset(months=ahead), quantity, "after")
        for cycle in builders.cycles(8)
        for function, quantity in (("finance", 120.0), ("sales", 100.0))
        for ahead in (2, 3, 4)
    ]
    plans = pd.DataFrame(cells, columns=["cycle", "function", "family", "period", "quantity", "version"])
    forecast = plans[plans["function"] == "sales"][["cycle", "period", "quantity"]].assign(item_id="a")
    tables = {"items": builders.items(a="Bread"), "function_plans": plans, "forecast_snapshots": forecast}
    demand = pd.DataFrame({"period": builders.cycles(8), "item_id": "a", "quantity": 100.0})
    rows = disagreements(builders.engagement(tmp_path, {**tables, "actual_demand": demand}))
    found = rows.set_index(["first", "second"])

    assert found.loc[("plan of finance", "plan of sales"), "log_ratio"] == pytest.approx(math.log(1.2))
    assert found.loc[("plan of finance", "plan of sales"), "owner"] == "finance and sales"
    assert rows.set_index("parameter").loc["spread", "log_ratio"] == pytest.approx(math.log(1.2) / math.sqrt(2))


@pytest.mark.parametrize(("busy", "colour"), [(2, "green"), (3, "amber")])
def test_a_resource_busy_in_three_of_six_intervals_is_an_unnamed_bottleneck(
    tmp_path: Path, busy: int, colour: str
) -> None:
    """Ninety-five of 100 hours is busy, ninety is not; the named constraint beside it is not looked at."""
    months = builders.cycles(6)
    worked = [95.0] * busy + [90.0] * (6 - busy)
    orders = pd.DataFrame({"planned_start": months, "actual_finish": months, "actual_hours": worked})
    orders = orders.assign(
        production_order_id=[str(month) for month in range(6)], resource_id="r", item_id="a", planned_quantity=1.0
    )
    hours = pd.DataFrame({"period": months, "planned_hours": 100.0, "available_hours": 100.0})
    tables = {
        "items": builders.items(a="Bread"),
        "production_orders": orders,
        "capacity": pd.concat([hours.assign(resource_id=name) for name in ("r", "named")]),
        "resources": pd.DataFrame({"resource_id": ["r", "named"], "is_constraint": [False, True]}),
    }
    rows = disagreements(builders.engagement(tmp_path, tables, as_of="2024-07-01")).set_index("parameter")

    assert rows.loc[["bottleneck"], ["subject", "colour"]].to_numpy().tolist() == [["r", colour]]


def test_the_gravest_rows_are_apart_and_heaviest_first(tmp_path: Path) -> None:
    """Both suppliers are 50 % apart; the one with three quarters of the value stands first."""
    rows = disagreements(bought(tmp_path, purchases("s", 8, 30.0, 1.0), purchases("t", 8, 30.0, 3.0)))
    found = gravest(rows[rows["first"].eq(PLANNED) & rows["second"].eq(MASTER)], most=5)

    assert found["subject"].tolist() == ["t", "s"]
    assert set(found["colour"]) == {"red"}


def test_a_parameter_that_cannot_be_compared_names_its_columns(tmp_path: Path) -> None:
    """Purchases alone: no hours, no prices to the customer, no bottleneck."""
    gaps = missing_values(bought(tmp_path, purchases("s", 8, 20.0, 1.0)))

    assert gaps["hours"] == ("capacity",)
    assert "lead time" not in gaps
