"""The sheet of `plan.xlsx` to be signed: the decisions a scenario asks for, each with room for a name."""

from __future__ import annotations

import pandas as pd

from helpers.charts.numbers import day
from helpers.report.workbook.block import Block
from helpers.scenarios.decisions import couriers, extra_hours, orders, production
from helpers.scenarios.document import Json
from helpers.scenarios.realign import Realignment
from helpers.scenarios.scenario import Answer

SIGNED = "Decided by, date"
BY, ANSWERS = "Decide by", "Exception"
MADE = {"approved": "Approved", "make": "To make", "change": "Change"}
WOULD_BE = {"stock": "Stock if as approved", "safety": "Safety stock"}
MADE_UNITS = (*MADE.values(), *WOULD_BE.values())
WHY = "Why: the stock that the approved plan leads to at the end of the period stands beside the safety stock."
LATER = "For information: these can wait for the next meeting, which will know more."
UNCHANGED = "For information: what stays as approved needs no signature."


def decisions(found: Realignment, decided: Answer) -> list[Block]:
    """What to order, to make otherwise and to pay for until the next meeting, each to be signed; then what can wait."""
    money, solution, notice, raised = found.network.currency, decided.solution, found.notice, found.raised
    ordered = orders(solution, notice, raised)
    made = production(solution, found.answers[0].solution, notice, raised)
    hours, sent = extra_hours(solution, notice, raised), couriers(solution, notice)
    otherwise = made["change"] != 0
    in_orders, in_make = (
        {"Units": "count", _extra(money): money},
        dict.fromkeys(MADE_UNITS, "count") | {"Hours": "hours"},
    )
    in_hours, in_units = {"Hours": "hours", _cost(money): money}, {"Units": "count", _cost(money): money}
    now = [
        Block("order", "What to order", _orders(_now(ordered), money, to_sign=True), units=in_orders),
        Block("make", "What to make otherwise than approved", _production(_now(made[otherwise]), to_sign=True),
              WHY, units=in_make),
        Block("hours", "Overtime beyond what is agreed", _paid(_now(hours), "resource", "Hours", money, to_sign=True),
              units=in_hours),
        Block("courier", "Urgent orders by courier", _paid(_now(sent), "segment", "Units", money, to_sign=True),
              units=in_units),
    ]  # fmt: skip
    later = [
        Block("as_approved", "Made as approved", _production(_now(made[~otherwise])), UNCHANGED, units=in_make),
        Block("later_order", "Later: to order", _orders(_later(ordered), money), LATER, units=in_orders),
        Block("later_make", "Later: to make", _production(_later(made)), LATER, units=in_make),
        Block("later_hours", "Later: overtime", _paid(_later(hours), "resource", "Hours", money), LATER,
              units=in_hours),
        Block("later_courier", "Later: couriers", _paid(_later(sent), "segment", "Units", money), LATER,
              units=in_units),
    ]  # fmt: skip
    return [*now, *later]


def _now(rows: pd.DataFrame) -> pd.DataFrame:
    return rows[~rows["can_wait"]]


def _later(rows: pd.DataFrame) -> pd.DataFrame:
    return rows[rows["can_wait"]]


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
    heads = ["What", "Rule", f"At stake, {money}", "Decides", "Decide by", "Tier"]
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
    fields = ("rule", "money", "owner", "decide_by", "tier", "deferred")
    listed = [[f"{row['rank']}. {row['what']}", *(row[name] for name in fields)][: len(heads)] for row in rows]
    return pd.DataFrame(listed, columns=heads)


def calendar(said: Json) -> list[Block]:
    """The steps of the next cycle with room for a signature."""
    names = {"step": "Step", "working_day": "Working day", "ends_on": "Ends on", "proposes": "Proposes",
             "validates": "Validates", "signs": "Signs", "signed_on": "Signed on"}  # fmt: skip
    rows = pd.DataFrame(said["cycle"]["calendar"], columns=[*names]).rename(columns=names)
    return [Block("calendar", "The next cycle", rows, units={"Working day": "count"})]


def _orders(rows: pd.DataFrame, money: str, *, to_sign: bool = False) -> pd.DataFrame:
    shown = rows.assign(comes_in=rows["comes_in"].map(day), is_rush=rows["is_rush"].astype(bool))
    named = {"supplier": "Supplier", "product": "Product", "decide_by": BY, "comes_in": "Comes in",
             "answers": ANSWERS, "is_rush": "Rushed", "quantity": "Units", "amount": _extra(money)}  # fmt: skip
    return _signed(shown, named, to_sign)


def _production(rows: pd.DataFrame, *, to_sign: bool = False) -> pd.DataFrame:
    named = {"product": "Product", "resource": "Resource", "decide_by": BY, "period": "Period",
             "answers": ANSWERS, **MADE, "hours": "Hours", **WOULD_BE}  # fmt: skip
    return _signed(rows.assign(period=rows["period"].map(day)), named, to_sign)


def _paid(rows: pd.DataFrame, place: str, quantity: str, money: str, *, to_sign: bool = False) -> pd.DataFrame:
    named = {place: place.capitalize(), "period": "Period", "decide_by": BY, "answers": ANSWERS,
             "quantity": quantity, "amount": _cost(money)}  # fmt: skip
    return _signed(rows.assign(period=rows["period"].map(day)), named, to_sign)


def _signed(rows: pd.DataFrame, named: dict[str, str], to_sign: bool) -> pd.DataFrame:
    """Rows under their headings, with an empty column for a name where they are to be signed."""
    shown = rows.assign(decide_by=rows["decide_by"].dt.strftime("%Y-%m-%d"))[[*named]].rename(columns=named)
    return shown.assign(**{SIGNED: None}) if to_sign else shown


def _extra(money: str) -> str:
    return f"Rush costs, {money}"


def _cost(money: str) -> str:
    return f"Cost, {money}"
