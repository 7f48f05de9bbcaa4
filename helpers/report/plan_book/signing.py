"""The sheet of `plan.xlsx` to be signed: the decisions a scenario asks for, each with room for a name."""

from __future__ import annotations

import pandas as pd

from helpers.charts.numbers import day
from helpers.report.workbook.block import Block
from helpers.scenarios.decisions import couriers, extra_hours, orders, production
from helpers.scenarios.document import Json
from helpers.scenarios.scenario import Answer

SIGNED = "Decided by, date"
LATER = "For information: these wait for the next cycle, which will know more."
UNCHANGED = "Rows without a change stay as approved and need no signature."


def decisions(decided: Answer, said: Json) -> list[Block]:
    """What to order now, what to make, which hours and couriers to pay; then what can wait."""
    solution, money = decided.solution, said["currency"]
    bought, in_orders = orders(solution), {"Units": "count", _extra(money): money}
    is_now = bought["order_by"] == solution.network.periods[0]
    return [
        Block("order", "What to order now", _orders(bought[is_now], money).assign(**{SIGNED: None}), units=in_orders),
        Block("make", "What to make", _production(production(solution)), UNCHANGED,
              units={**dict.fromkeys(("Approved", "To make", "Change"), "count"), "Hours": "hours"}),
        Block("hours", "Overtime beyond what is agreed", _paid(extra_hours(solution), "resource", "Hours", money),
              units={"Hours": "hours", _cost(money): money}),
        Block("courier", "Urgent orders by courier", _paid(couriers(solution), "segment", "Units", money),
              units={"Units": "count", _cost(money): money}),
        Block("later", "What to order later", _orders(bought[~is_now], money), LATER, units=in_orders),
    ]  # fmt: skip


def _orders(rows: pd.DataFrame, money: str) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "Supplier": rows["supplier"],
            "Product": rows["product"],
            "Order by": rows["order_by"].map(day),
            "Comes in": rows["comes_in"].map(day),
            "Units": rows["quantity"],
            "Rushed": rows["is_rush"].astype(bool),
            _extra(money): rows["amount"],
        }
    )


def _production(rows: pd.DataFrame) -> pd.DataFrame:
    named = {"product": "Product", "resource": "Resource", "period": "Period", "approved": "Approved",
             "make": "To make", "change": "Change", "hours": "Hours"}  # fmt: skip
    shown = rows.assign(period=rows["period"].map(day), change=rows["change"].round() + 0.0)
    return shown[[*named]].rename(columns=named).assign(**{SIGNED: None})


def _paid(rows: pd.DataFrame, place: str, quantity: str, money: str) -> pd.DataFrame:
    return pd.DataFrame(
        {
            place.capitalize(): rows[place],
            "Period": rows["period"].map(day),
            quantity: rows["quantity"],
            _cost(money): rows["amount"],
            SIGNED: None,
        }
    )


def _extra(money: str) -> str:
    return f"Rush costs, {money}"


def _cost(money: str) -> str:
    return f"Cost, {money}"
