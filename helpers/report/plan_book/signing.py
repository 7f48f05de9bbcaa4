"""The sheet of `plan.xlsx` to be signed: the decisions a scenario asks for, each with room for a name."""

from __future__ import annotations

import pandas as pd

from helpers.charts.numbers import day
from helpers.report.plan_book.paper import Paper
from helpers.report.workbook.block import Block
from helpers.scenarios.decisions import couriers, extra_hours, not_on_time, orders
from helpers.scenarios.document import Json

SIGNED = "Decided by, date"
OTHERWISE = "To make otherwise than approved"
BY, SEE = "Decide by", "See exception"
MADE = {"approved": "Approved", "make": "To make", "change": "Change"}
LEFT = {"stock_approved": "Stock as approved", "stock": "Stock by this", "safety": "Safety stock"}
UNITS = (*MADE.values(), *LEFT.values())
PRODUCED = {"product": "Product", "resource": "Resource", "period": "Period", "decide_by": BY, "raised": SEE, **MADE,
            "hours": "Hours", **LEFT}  # fmt: skip
ORDERED = {"supplier": "Supplier", "product": "Product", "comes_in": "Comes in", "decide_by": BY, "raised": SEE,
           "is_rush": "Rushed", "quantity": "Units", "stock": "Stock with it", "safety": "Safety stock"}  # fmt: skip
MISSED = {"product": "Product", "segment": "Segment", "first": "From", "asked": "Asked for", "missed": "Not on time",
          "share": "Share"}  # fmt: skip
WHY = (
    "Why: what is in stock at the end of the period by the approved plan with its rescues, and by this plan, beside "
    "the safety stock."
)
WITHOUT = "Demand that does not leave in its own period, over all periods planned; signed with the rest."
LATER = "For information: these can wait for the next meeting, which will know more."
UNCHANGED = "For information: what stays as approved needs no signature."


def decisions(paper: Paper) -> list[Block]:
    """Who goes without, what to order, to make otherwise and to pay for until the next meeting; then what can wait."""
    found, solution = paper.found, paper.decided.solution
    notice, raised, money = found.notice, found.raised, found.network.currency
    made, units = _headed(paper.made, PRODUCED), _units(money)
    is_otherwise = made["Change"] != 0
    kinds = {
        "To order": _headed(orders(solution, notice, raised), {**ORDERED, "amount": f"Rush costs, {money}"}),
        "To make": made,
        "Overtime beyond what is agreed": _headed(extra_hours(solution, notice, raised), _paid("Hours", money)),
        "Couriers for urgent orders, as they come": _headed(couriers(solution, notice), _paid("Units", money)),
    }
    to_sign = {**kinds, "To make": made[is_otherwise]}
    missed = not_on_time(solution)
    without = missed.assign(first=missed["first"].map(day))[[*MISSED]].rename(columns=MISSED)
    now = [
        Block(f"now_{place}", {"To make": OTHERWISE}.get(title, title), _now(rows).assign(**{SIGNED: None}),
              WHY if title == "To make" else "", units=units)
        for place, (title, rows) in enumerate(to_sign.items())
    ]  # fmt: skip
    same = Block("same", "To make as approved", _now(made[~is_otherwise]), UNCHANGED, units=units)
    later = [
        Block(f"later_{place}", f"Later: {title[0].lower()}{title[1:]}", _later(rows), LATER, units=units)
        for place, (title, rows) in enumerate(kinds.items())
    ]
    missing = Block("missed", "Who goes without", without.assign(**{SIGNED: None}), WITHOUT, units=units)
    return [missing, *now, same, *later]


def _headed(rows: pd.DataFrame, named: dict[str, str]) -> pd.DataFrame:
    """Rows under their headings, dates as they are written, and behind them whether they can wait."""
    shown = rows.assign(decide_by=rows["decide_by"].dt.strftime("%Y-%m-%d"))
    for period in {"period", "comes_in"} & {*rows}:
        shown[period] = rows[period].map(day)
    return shown[[*named, "can_wait"]].rename(columns=named)


def _now(rows: pd.DataFrame) -> pd.DataFrame:
    return rows[~rows["can_wait"].astype(bool)].drop(columns="can_wait")


def _later(rows: pd.DataFrame) -> pd.DataFrame:
    return rows[rows["can_wait"].astype(bool)].drop(columns="can_wait")


def _paid(quantity: str, money: str) -> dict[str, str]:
    return {"at": "At", "period": "Period", "decide_by": BY, "raised": SEE, "quantity": quantity,
            "amount": f"Cost, {money}"}  # fmt: skip


def _units(money: str) -> dict[str, str]:
    """What the numbers under a heading are in."""
    counted = ("Asked for", "Not on time", "Units", "Stock with it", *UNITS)
    paid = (f"Rush costs, {money}", f"Cost, {money}")
    return {**dict.fromkeys(counted, "count"), **dict.fromkeys(paid, money), "Hours": "hours", "Share": "share"}


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
    heads = {"rule": "Rule", "owner": "Decides", "decide_by": BY, "tier": "Tier", "money": f"At stake, {money}"}
    why = {"deferred": "Why it waits"}
    options = [
        {"What": f"{row['rank']}. {row['what']}", "Option": option["do"], "Decides": row["owner"], BY: option["by"],
         f"Price, {money}": option["price"], SIGNED: None}
        for row in meeting for option in row["options"]
    ]  # fmt: skip
    units = {f"At stake, {money}": money, f"Price, {money}": money}
    return [
        Block("meeting", "For the meeting", _raised(meeting, heads), units=units),
        Block("options", "The options, one of each to be chosen", pd.DataFrame(options), units=units),
        Block("waiting", "What can wait", _raised(waiting, {**why, **heads}), units=units),
    ]


def _raised(rows: list[Json], heads: dict[str, str]) -> pd.DataFrame:
    listed = [[f"{row['rank']}. {row['what']}", *(row[name] for name in heads)] for row in rows]
    return pd.DataFrame(listed, columns=["What", *heads.values()])


def calendar(said: Json) -> list[Block]:
    """The steps of the next cycle with room for a signature."""
    names = {"step": "Step", "working_day": "Working day", "ends_on": "Ends on", "proposes": "Proposes",
             "validates": "Validates", "signs": "Signs", "signed_on": "Signed on"}  # fmt: skip
    rows = pd.DataFrame(said["cycle"]["calendar"], columns=[*names]).rename(columns=names)
    return [Block("calendar", "The next cycle", rows, units={"Working day": "count"})]
