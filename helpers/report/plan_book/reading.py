"""The sheets of `plan.xlsx` to be read: feasibility, scenarios, rules, replay."""

from __future__ import annotations

from typing import Any

import pandas as pd

from helpers.charts.numbers import day
from helpers.report.workbook.block import Block
from helpers.scenarios.document import FIGURES, Json
from helpers.scenarios.said import KINDS
from helpers.scenarios.scenario import APPROVED, FROZEN

COMPARED = (
    "Each scenario is planned over the same periods; a difference is its figure less that of the approved plan, or of "
    "the plan anew with the frozen periods as approved. Margin is price less cost of what is delivered, less rescues. "
    "Capital is the mean value of stock. A late unit keeps its margin if it is delivered in the end: what waiting "
    "costs in customers, and what added hours cost, is not in it. What an hour more is worth holds for the next hour, "
    "not for a hundred."
)
YIELD = (
    "Hours of work as planned, at standard. An hour at the resource, overtime too, yields what it has shown, so that "
    "more of them are worked than are missing here."
)
HEADS = {
    "service": "Service",
    "critical": "Critical families",
    "margin": "Margin",
    "capital": "Working capital",
    "buffers": "Safety stock in place",
    "compensation": "Rescues",
}
SHARES = ("service", "critical", "buffers")
PLACES = {"overtime": "resource", "premium_purchase": "supplier", "expedite_freight": "segment"}


def feasibility(said: Json) -> list[Block]:
    """Missing hours, what would be late, what keeping every promise costs, what stays late."""
    found, money = said["feasibility"], said["currency"]
    hours = {"resource": "Resource", "period": "Period", "needed": "Hours needed", "offered": "Hours offered",
             "missing": "Missing", "price": f"As overtime, {money}", "beyond": "Beyond all overtime"}  # fmt: skip
    units = {"product": "Product", "period": "Period", "late": "Units late", "constraint": "For want of", "at": "At",
             "more": "Units of supply missing", "left": "Not delivered by the end"}  # fmt: skip
    rescue = {"kind": "Rescue", "at": "At", "quantity": "Hours or units", "amount": f"Cost, {money}"}
    stays = {"product": "Product", "period": "Period", "late": "Units late"}
    in_hours = {name: "hours" for key, name in hours.items() if key in ("needed", "offered", "missing", "beyond")}
    return [
        Block("hours", "Hours that are missing", table(found["hours"], hours), YIELD,
              units={**in_hours, hours["price"]: money}),
        Block("units", "Late without a rescue", table(found["units"], units),
              units=dict.fromkeys((units["late"], units["more"], units["left"]), "count")),
        Block("rescue", "What keeping every promise costs", _kinds(table(found["rescue"], rescue)),
              units={"Hours or units": "count", rescue["amount"]: money}),
        Block("unrescued", "Late whatever is paid", table(found["unrescued"], stays), units={"Units late": "count"}),
    ]  # fmt: skip


def scenarios(said: Json) -> list[Block]:
    """Figures, differences and reasons, then service by segment and rescues by kind."""
    listed, money = said["scenarios"], said["currency"]
    named = [{"Key": one["key"], "Scenario": one["title"]} for one in listed]
    units = {HEADS[name]: "share" if name in SHARES else money for name in FIGURES}
    figures = [{**who, **{HEADS[name]: one[name] for name in FIGURES}} for who, one in zip(named, listed, strict=True)]
    others = [(who, one) for who, one in zip(named, listed, strict=True) if one["difference"]]
    less = [{**who, **{HEADS[name]: one["difference"][name] for name in FIGURES}} for who, one in others]
    beyond = [(who, one["on_top"]) for who, one in others if one["on_top"]]
    on_top = [{**who, **{HEADS[name]: one["difference"][name] for name in FIGURES}} for who, one in beyond]
    why = [{**who, "Against": APPROVED, "Why": reason} for who, one in others for reason in one["reasons"]]
    why += [{**who, "Against": one["of"], "Why": reason} for who, one in beyond for reason in one["reasons"]]
    worth = [{**who, "Scarce": line} for who, one in zip(named, listed, strict=True) for line in one["scarce"]]
    by_segment = [{**who, **one["by_segment"]} for who, one in zip(named, listed, strict=True)]
    kinds = [{**who, **{KINDS[kind].capitalize(): sum_ for kind, sum_ in one["by_kind"].items()}}
             for who, one in zip(named, listed, strict=True)]  # fmt: skip
    segments = {name: "share" for one in listed for name in one["by_segment"]}
    return [
        Block("figures", f"Figures over all periods; money in {money}", pd.DataFrame(figures), units=units),
        Block("difference", "Difference to the approved plan", _frame(less, ["Key", "Scenario"]), units=units),
        Block("on_top", f"Difference to {FROZEN}: what a scenario itself changes", _frame(on_top, ["Key", "Scenario"]),
              "" if on_top else without_anew(said), units=units),
        Block("reasons", "Why it differs", _frame(why, ["Key", "Scenario", "Against", "Why"])),
        Block("scarce", "What is scarce", _frame(worth, ["Key", "Scenario", "Scarce"])),
        Block("segments", "Share on time by segment", pd.DataFrame(by_segment), units=segments),
        Block("rescues", f"Rescues by kind, {money}", pd.DataFrame(kinds),
              units={name.capitalize(): money for name in KINDS.values()}),
    ]  # fmt: skip


def without_anew(said: Json) -> str:
    """Why no scenario is held against the plan anew; empty where one is."""
    if any(one["on_top"] for one in said["scenarios"]):
        return ""
    if all(one["key"] != FROZEN for one in said["scenarios"]):
        return f"No scenario has the key {FROZEN}: with one that plans anew, each would be held against it too."
    return f"No scenario plans as {FROZEN} does (the same production, frozen and hours) and asks for more."


def playbook_is(said: Json) -> str:
    """Whether the rules are the client's or a draft."""
    if said["playbook"]["is_draft"]:
        return "A draft from what happened without a rule: a proposal to be argued about, not a decision."
    return "The rules of playbook.yaml beside the data."


def playbook(said: Json) -> list[Block]:
    """Who comes first and what a rescue may cost, what is done in each situation, what is left open."""
    rules, faults = said["playbook"]["rules"], said["playbook"]["faults"]
    decisions = [
        {"Situation": code, "Rule": rule["do"], "Who decides": rule["who"], "Within days": rule["within_days"]}
        for code, rule in rules["decisions"].items()
    ]
    return [
        Block("rules", "Order and limits", pd.DataFrame(rules_said(said), columns=["Rule", "Says"])),
        Block("decisions", "Who decides what by when", _frame(decisions, ["Situation", "Rule"]),
              units={"Within days": "count"}),
        Block("faults", "What is left open or said twice", pd.DataFrame({"To settle": faults})),
    ]  # fmt: skip


def rules_said(said: Json) -> list[tuple[str, str]]:
    """The rules without the situations, a line each."""
    rules, limit = said["playbook"]["rules"], said["playbook"]["rules"]["rescue_at_most"]
    protected = [*rules["protected"]["families"], *(f"segment {name}" for name in rules["protected"]["segments"])]
    return [
        ("Served first", ", ".join(protected) or "nobody"),
        ("Cut first", ", ".join(rules["cut_first"]) or "nobody"),
        ("Couriers", _lever(rules["couriers"])),
        ("Rushed purchases", _lever(rules["rushed_purchases"])),
        ("Overtime", f"for protected, and for others up to {rules['overtime_up_to']:.0%} of the margin it saves"),
        (
            "Rescues in all",
            "no limit" if limit is None else f"at most {limit:,.0f} {said['currency']} over the periods planned",
        ),
        ("Safety stock", f"is used for {rules['safety_stock_for']}"),
        ("A late unit", _backorders(rules["backorders"])),
    ]


def _lever(rule: dict[str, Any]) -> str:
    if rule["whom"] == "nobody":
        return "for nobody"
    return f"for {rule['whom']}, up to {rule['up_to']:.0%} of the margin of the unit"


def _backorders(rule: dict[str, Any]) -> str:
    if rule["whom"] == "nobody":
        return "is lost: nobody waits"
    longest = (
        "" if rule["longest"] is None else f", {rule['longest']} period{'s' if rule['longest'] != 1 else ''} at most"
    )
    lost = "" if rule["whom"] == "everyone" and not longest else "; otherwise it is lost"
    return f"is waited for by {rule['whom']}{longest}{lost}"


def replay(said: Json) -> list[Block]:
    """All worlds cycle by cycle and in all, with what was booked."""
    found, money = said["replay"], said["currency"]
    heads = {"cycle": "Cycle", "world": "World", "service": "Service", "critical": "Critical families",
             "margin": "Margin", "capital": "Working capital", "compensation": "Rescues",
             **{kind: name.capitalize() for kind, name in KINDS.items()}}  # fmt: skip
    units = {name: "share" if key in SHARES else money for key, name in heads.items()}
    totals = [{"cycle": "All cycles", "world": world, **sums} for world, sums in found["totals"].items()]
    booked = {"cycle": "All cycles", "world": "as booked", "compensation": found["recorded"]}
    note = (
        "Shares are of all that was asked, capital is a mean, money a sum. From the first world to the second all "
        "behind the frozen zone is planned anew, from the second to the third the rules decide. What was booked stands "
        "beside it; see above how near it is."
    )
    return [
        Block("totals", f"In all; money in {money}", table([*totals, booked], heads), note, units=units),
        Block("cycles", "Cycle by cycle", table(found["cycles"], heads), units=units),
    ]


def table(rows: list[Json], heads: dict[str, str]) -> pd.DataFrame:
    """Rows of the document under headings; periods and cycles as a planner writes them."""
    frame = pd.DataFrame(rows, columns=[*heads])
    for name in ("period", "cycle"):
        if name in frame:
            frame[name] = frame[name].map(lambda text: day(text) if str(text)[:1].isdigit() else text)
    return frame.rename(columns=heads)


def _kinds(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.assign(Rescue=rows["Rescue"].map({kind: name.capitalize() for kind, name in KINDS.items()}))


def _frame(rows: list[dict[str, Any]], heads: list[str]) -> pd.DataFrame:
    """Rows, or none under the headings they would have."""
    return pd.DataFrame(rows) if rows else pd.DataFrame(columns=heads)
