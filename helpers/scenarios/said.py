"""Feasibility and replay in sentences, the same on the page, in the workbook, in `scenarios.json`, on the terminal."""

from __future__ import annotations

import math
from collections.abc import Iterator

import pandas as pd

from helpers.charts.numbers import in_full
from helpers.periods import Bucket
from helpers.scenarios.feasible import Feasibility
from helpers.scenarios.network import Network
from helpers.scenarios.outcome import felt, is_felt, whole_sum
from helpers.scenarios.replay import WORLDS, Replay
from helpers.scenarios.words import said_period

SEEN = 0.0005  # of demand: half a tenth of a percent, less is shown as no change
COURIERS = "expedite_freight"
FAVOURED = "The draft was written knowing these cycles, which favours it."
MOST_UNITS = 3
KINDS = {"overtime": "overtime", "premium_purchase": "rushed purchases", "expedite_freight": "couriers"}


def feasible_said(found: Feasibility, network: Network, bucket: Bucket) -> str:
    """Whether the approved plan can be executed; if not what is short, what is late, and what a rescue costs."""
    first, last = (said_period(day, bucket) for day in (network.periods[0], network.periods[-1]))
    if found.is_feasible:
        said = [f"The approved plan can be executed: hours and lead times keep every promise from {first} to {last}."]
    else:
        said = ["The approved plan cannot be executed as it stands.", *_short(found, bucket), *_late(found)]
    stay = f"Even so {_units(found.unrescued)} stay late while it is followed." if len(found.unrescued) else ""
    return " ".join(filter(None, [*said, *_rescued(found, network.currency), stay]))


def _rescued(found: Feasibility, currency: str) -> Iterator[str]:
    """What rescuing the plan costs, the dearest kind first; couriers for orders below the usual time stand apart."""
    spent = found.rescue.groupby("kind")["amount"].agg(whole_sum).sort_values(ascending=False, kind="stable")
    couriers = float(spent.get(COURIERS, 0.0))
    plan = spent.drop(COURIERS, errors="ignore")
    unknown = [KINDS[str(kind)] for kind in plan.index[plan.isna()]]
    kinds = [f"{in_full(amount)} {KINDS[str(kind)]}" for kind, amount in plan[felt(plan)].items()]
    if kinds:
        yield f"Rescuing it costs {in_full(plan.sum())} {currency}: {', '.join(kinds)}."
    if unknown:
        yield f"What {' and '.join(unknown)} for it cost{'s' if len(unknown) == 1 else ''} is not known."
    if is_felt(couriers, float(spent.sum())):
        yield f"Couriers for urgent orders cost {in_full(couriers)} {currency} whatever the plan."


def _short(found: Feasibility, bucket: Bucket) -> Iterator[str]:
    if found.hours.empty:
        return
    worst = found.hours.iloc[int(found.hours["missing"].argmax())]
    places = found.hours["resource"].nunique()
    where = "one resource" if places == 1 else f"{places} resources"
    yield (
        f"{in_full(found.hours['missing'].sum())} hours are missing at {where}, most at {worst['resource']} in "
        f"{said_period(worst['period'], bucket)} ({in_full(worst['missing'])})."
    )


def _late(found: Feasibility) -> Iterator[str]:
    if found.units.empty:
        yield "Nothing would be late for it: stock covers what is missing."
        return
    has_urgent = (found.rescue["kind"] == COURIERS).any()
    beside = ", beside urgent orders that only a courier brings in time" if has_urgent else ""
    yield f"Without a rescue {_units(found.units)} would be late{beside}."


def _units(rows: pd.DataFrame) -> str:
    """`24,303 units of Desserts`, the products with most of them."""
    by_product = rows.groupby("product")["late"].sum().sort_values(ascending=False, kind="stable")
    named = ", ".join(map(str, by_product.index[:MOST_UNITS]))
    others = len(by_product) - MOST_UNITS
    return f"{in_full(by_product.sum())} units of {named}{f' and {others} more' if others > 0 else ''}"


def replay_said(found: Replay, currency: str, is_draft: bool, target: float | None = None) -> str:
    """What the last cycles would have come to under the rules, and how far the model can be believed there.

    Parameters
    ----------
    target
        The client's OTIF target (0 to 1), where there is one: rules that lead below it say so.
    """
    if found.cycles.empty:
        return "No past cycle could be replayed: no plan was published that begins with one of the last six."
    before, anew, after = (found.total(world) for world in WORLDS)
    cycles, rules = found.cycles["cycle"].nunique(), "draft" if is_draft else "rules"
    spent = f"{in_full(after['compensation'])} {currency} on rescues instead of {in_full(before['compensation'])}"
    money = (
        f"Under the {rules} the last {cycles} cycles would have spent {spent}{_earned(after - before, currency)}."
        if math.isfinite(after["compensation"] + before["compensation"])
        else f"What the last {cycles} cycles would have spent under the {rules} is not known: an hour has no price."
    )
    apart = _apart(before, anew, after, rules, currency)
    favoured = [FAVOURED] if is_draft else []
    believed = _believed(found.recorded, before, currency)
    return " ".join([money, *apart, *_served(before, anew, after, rules), *_below(after, target), *favoured, believed])


def _apart(before: pd.Series, anew: pd.Series, after: pd.Series, rules: str, currency: str) -> Iterator[str]:
    """What of the change is better planning, and what the rules do, with the rescue they change most."""
    planning, ruled = anew - before, after - anew
    if not math.isfinite(planning["compensation"] + ruled["compensation"]):
        return
    change, spent = ruled[list(KINDS)].astype(float), float(ruled["compensation"])
    most, scale = str((change * math.copysign(1.0, spent)).idxmax()), float(before["compensation"])
    is_most = is_felt(spent, scale) and abs(spent) / 2 < abs(change[most]) <= abs(spent) * (1 + SEEN)
    mostly = f", most of it {KINDS[most]} ({in_full(abs(change[most]))})" if is_most else ""
    yield (
        f"Planning anew alone {_spends(planning, scale, currency)}{_earned(planning, currency)}; on top of it the "
        f"{'playbook' if rules == 'rules' else rules} {_spends(ruled, scale, currency)}{mostly}"
        f"{_earned(ruled, currency)}."
    )


def _spends(change: pd.Series, scale: float, currency: str) -> str:
    """`saves 60 EUR of rescues`; `scale` is what rescues cost in all."""
    spent = float(change["compensation"])
    if not is_felt(spent, scale):
        return "leaves rescues as they are"
    return f"{'spends' if spent > 0 else 'saves'} {in_full(abs(spent))} {currency} of rescues"


def _earned(change: pd.Series, currency: str) -> str:
    """`, with 60 EUR more margin`, less rescues; empty where it is not known or less than one."""
    gained = float(change["margin"])
    if not math.isfinite(gained) or abs(gained) < 1:
        return ""
    return f", with {in_full(abs(gained))} {currency} {'more' if gained > 0 else 'less'} margin"


def _served(before: pd.Series, anew: pd.Series, after: pd.Series, rules: str) -> Iterator[str]:
    told = {"critical": "Of critical families", "service": "Of all demand"}
    for key, words in told.items():
        if math.isfinite(after[key] - before[key]):
            is_told = max(abs(anew[key] - after[key]), abs(anew[key] - before[key])) >= SEEN
            alone = f" (planned anew without the {rules} {anew[key]:.1%})" if is_told else ""
            yield f"{words} {after[key]:.1%} would have been on time instead of {before[key]:.1%}{alone}."
    if after["critical"] - before["critical"] < -SEEN:
        is_ruled = after["critical"] - anew["critical"] < -SEEN
        change = f"change the {rules} before agreeing on them" if is_ruled else f"by planning anew, not by the {rules}"
        yield f"Critical families lose: {change}."
    elif after["service"] - anew["service"] < -SEEN:
        yield "What falls is demand that is not protected: it is not on time where a rescue would have been bought."


def _below(after: pd.Series, target: float | None) -> Iterator[str]:
    if target is not None and after["service"] < target:
        yield f"{after['service']:.1%} is below the OTIF target of {target:.1%}: agree on another, or on other rules."


def _believed(recorded: float, before: pd.Series, currency: str) -> str:
    if not math.isfinite(recorded):
        return "What was booked in these cycles is not known: compensation_costs was not sent."
    spent = float(before["compensation"])
    if not math.isfinite(spent):
        return f"{recorded:,.0f} {currency} were booked in these cycles."
    share = f", {spent / recorded:.0%} of it" if recorded > 0 else ""
    return (
        f"Not the booked money: {in_full(recorded)} {currency} were booked in these cycles, and the model spends "
        f"{in_full(spent)}{share} where it repeats what was decided. Read the difference between the two, not their "
        "level."
    )
