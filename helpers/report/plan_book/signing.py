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


def raised_said(said: Json) -> str:
    """In which order the exceptions stand, and how many one meeting clears."""
    found = said["exceptions"]
    return (
        "Critical service first, then margin, then efficiency, within them the money at stake. One meeting clears "
        f"{found['room']}: {found['basis']}. At stake is the margin of all late units, also of those that only come "
        "later; what leaving it costs stands with that option, where it is known."
    )


def exceptions(said: Json) -> list[Block]:
    """What the meeting has to decide, option by option, then what can wait and why."""
    listed, money = said["exceptions"]["raised"], said["currency"]
    meeting = [row for row in listed if row["is_in_meeting"]]
    waiting = [row for row in listed if not row["is_in_meeting"]]
    heads = ["What", "Tier", f"At stake, {money}", "Decides", "Decide by"]
    options = [
        {"What": f"{row['rank']}. {row['what']}", "Option": option["do"], f"Price, {money}": option["price"],
         "Decides": row["owner"], "Helps until": option["by"], SIGNED: None}
        for row in meeting for option in row["options"]
    ]  # fmt: skip
    units = {f"At stake, {money}": money, f"Price, {money}": money}
    return [
        Block("meeting", "For the meeting", _raised(meeting, heads), units=units),
        Block("options", "The options, one of each to be chosen", pd.DataFrame(options), units=units),
        Block("waiting", "What can wait", _raised(waiting, [*heads, "Why it waits"]), units=units),
    ]


def _raised(rows: list[Json], heads: list[str]) -> pd.DataFrame:
    fields = ("tier", "money", "owner", "decide_by", "deferred")
    listed = [[f"{row['rank']}. {row['what']}", *(row[name] for name in fields)][: len(heads)] for row in rows]
    return pd.DataFrame(listed, columns=heads)


def calendar(said: Json) -> list[Block]:
    """The steps of the next cycle with room for a signature."""
    names = {"step": "Step", "working_day": "Working day", "ends_on": "Ends on", "proposes": "Proposes",
             "validates": "Validates", "signs": "Signs", "signed_on": "Signed on"}  # fmt: skip
    rows = pd.DataFrame(said["cycle"]["calendar"], columns=[*names]).rename(columns=names)
    return [Block("calendar", "The next cycle", rows, units={"Working day": "count"})]


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
    shown = rows.assign(period=rows["period"].map(day))
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
