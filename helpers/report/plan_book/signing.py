"""The sheet of `plan.xlsx` to be signed: the decisions a scenario asks for, each with room for a name."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from helpers.charts.numbers import day
from helpers.report.workbook.block import Block
from helpers.scenarios.decisions import couriers, extra_hours, not_on_time, orders, production
from helpers.scenarios.document import Json
from helpers.scenarios.realign import Realignment
from helpers.scenarios.scenario import Answer

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
MISSED = {"product": "Product", "segment": "Segment", "period": "Period", "decide_by": BY, "asked": "Asked for",
          "missed": "Not on time", "share": "Share"}  # fmt: skip
BOUGHT_SHARES = {"service": "all demand on time", "critical": "critical families on time"}
BOUGHT_SUMS = {"margin": "margin", "capital": "working capital", "compensation": "rescues"}
WHY = (
    "Why: what is in stock at the end of the period if the approved plan is made as far as its hours allow, and by "
    "this plan, beside the safety stock."
)
LATER = "For information: these can wait for the next meeting, which will know more."
UNCHANGED = "For information: what stays as approved needs no signature."


def decisions(found: Realignment, decided: Answer) -> list[Block]:
    """Who goes without, what to order, to make otherwise and to pay for until the next meeting; then what can wait."""
    solution, notice, raised, money = decided.solution, found.notice, found.raised, found.network.currency
    made = _headed(production(solution, found.answers[0].solution, notice, raised), PRODUCED)
    is_otherwise = made["Change"] != 0
    kinds = {
        "Not on time": _headed(not_on_time(solution, notice), MISSED),
        "To order": _headed(orders(solution, notice, raised), {**ORDERED, "amount": f"Rush costs, {money}"}),
        "To make": made,
        "Overtime beyond what is agreed": _headed(extra_hours(solution, notice, raised), _paid("Hours", money)),
        "Couriers for urgent orders, as they come": _headed(couriers(solution, notice), _paid("Units", money)),
    }
    to_sign = {**kinds, "To make": made[is_otherwise]}
    units = _units(money)
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
    return [*now, same, *later[1:], later[0]]  # the longest at the end


def settled_first(found: Realignment, decided: Answer) -> str:
    """Which exceptions are to be settled before: the buffers, where the scenario keeps to them as they are set."""
    is_buffer = found.raised["kind"].astype(str).str.startswith("safety stock")
    ranks = [str(rank) for rank in found.raised.loc[is_buffer, "rank"]]
    if not ranks or decided.scenario.safety_stock == "required":
        return ""
    named = f"exception{'s' if len(ranks) > 1 else ''} {' and '.join(ranks)}"
    return f"This plan fills the safety stock as it is set: settle {named} first."


def bought(found: Realignment, decided: Answer, said: Json) -> str:
    """What signing changes against the approved plan, over all periods and in the production to be signed."""
    difference = next(one["difference"] for one in said["scenarios"] if one["key"] == decided.key)
    if difference is None:
        return "This is the approved plan, every promise rescued."
    shares = [_changed(words, difference[name], 100, ".1f", " points") for name, words in BOUGHT_SHARES.items()]
    sums = [_changed(words, difference[name], 1, ",.0f", f" {said['currency']}") for name, words in BOUGHT_SUMS.items()]
    over_all = ", ".join(filter(None, [*shares, *sums]))
    made = production(decided.solution, found.answers[0].solution, found.notice, found.raised)
    return " ".join([f"Against the approved plan, over all periods: {over_all}.", *_steps(_now(made))])


def _changed(words: str, change: float | None, factor: float, form: str, unit: str) -> str:
    """`margin +15 EUR`, or that it stays the same; empty where it is not known."""
    if change is None:
        return ""
    shown = f"{factor * change:+{form}}"
    is_same = not any(figure in shown for figure in "123456789")
    return f"{words} the same" if is_same else f"{words} {shown.replace('-', '−')}{unit}"


def _steps(made: pd.DataFrame) -> Iterator[str]:
    """How much production changes in the rows to be signed, and where most."""
    if not made["change"].any():
        return
    change, approved = made["change"].sum(), made["approved"].sum()
    most = made.iloc[int(made["change"].abs().to_numpy().argmax())]
    yield (
        f"Production to be signed: {change:+,.0f} of {approved:,.0f} units approved; the largest step is "
        f"{most['product']} in {day(most['period'])}, {most['make']:,.0f} instead of {most['approved']:,.0f}. A calmer "
        "plan keeps more periods as approved: frozen in scenarios.yaml."
    ).replace(" -", " −")


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
    heads = ["What", "Rule", f"At stake, {money}", "Decides", "Decide by", "Tier"]
    options = [
        {"What": f"{row['rank']}. {row['what']}", "Option": option["do"], f"Price, {money}": option["price"],
         "Decides": row["owner"], BY: option["by"], SIGNED: None}
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
