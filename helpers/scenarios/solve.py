"""Solving the connected model goal by goal: what was reached for one is kept while the next is sought."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, cast

import pandas as pd
from linopy import LinearExpression

from helpers.errors import Unusable
from helpers.scenarios.model import Built, build, executable_an_hour, waiting
from helpers.scenarios.network import Network
from helpers.scenarios.policy import Policy
from helpers.scenarios.programme import LONGEST, OPTIMAL, QUIET, Programme

SLACK = 1e-8  # what a goal may lose to the next one, as a share of it, so that rounding does not close the model
TOLERANCE = 1e-6  # ten times what the solver takes for kept: less can close the model where units are large
# What each constraint of the model stands for, where one cannot be kept.
MEANS = {
    "hours": "the hours of {resource} in {period}",
    "plan_at_least": "the approved plan of {route} in {period}, of which at least what the hours allow is made",
    "plan_at_most": "the approved plan of {route} up to {period}, of which no more is made than was planned",
    "in_lots": "whole lots of {source}",
    "reserve": "the safety stock of {product} in {period}, which is not for everybody",
    "rescue_at_most": "the limit on rescue money",
    "service_at_least": "the least service asked for",
}
IDENTITIES = ("balance", "demand", "safety", "urgent")  # they say what amounts are, no one can loosen them
MOST_NAMED = 3
LAST = "calm"
WORTH = ("service", "money")  # the goals that tell what an hour is worth
COUNTED = "a late unit counted once for every period it waits,"

logging.getLogger("linopy").setLevel(logging.ERROR)  # it reports every model it is handed


@dataclass(frozen=True, eq=False)
class Solution:
    """A plan that keeps to a policy.

    `amounts` holds one frame a variable: its dimensions and `value` (units or hours). `reached` is what each goal came
    to, in the order they were sought. `worth_of_hours` is what one more planned hour would save, one row per
    `resource`, `period`: `service` (units of protected demand late for a period), `money` (currency).
    """

    network: Network
    policy: Policy
    amounts: Mapping[str, pd.DataFrame]
    reached: Mapping[str, float]
    worth_of_hours: pd.DataFrame


def solve(network: Network, policy: Policy, until: str = LAST) -> Solution:
    """The best plan for a network under a policy.

    Parameters
    ----------
    until
        The last goal sought: `service`, `money`, `buffers` or `calm`. Who reads no more of a plan need not wait for it;
        what an hour is worth is told of whole plans only.

    Raises
    ------
    Unusable
        No plan keeps to the limits; the message names the limit that cannot be held and what can.
    """
    built = build(network, policy, _reserve(network, policy))
    programme = Programme(built)
    reached: dict[str, float] = {}
    worth: dict[str, pd.Series] = {}
    for name, goal in built.goals.items():
        reached[name] = _reached(programme, built, goal, policy)
        if name in WORTH and until == LAST:
            worth[name] = _worth_of_hours(programme, built)
        if name == until:
            break
        programme.keep(goal, reached[name] + max(SLACK * abs(reached[name]), TOLERANCE))
    amounts = {name: programme.values(variable) for name, variable in built.variables.items()}
    untold = _no_worth(built)
    hours = pd.DataFrame({name: worth.get(name, untold) for name in WORTH})
    frames = {name: values.reset_index() for name, values in amounts.items()}
    return Solution(network, policy, frames, reached, hours.rename_axis(["resource", "period"]).reset_index())


def _reserve(network: Network, policy: Policy) -> pd.DataFrame | None:
    """Safety stock that is there where only those are served who may use it, by `product` and `period` (`quantity`).

    Filled without a rescue, as always: what it asks for can be kept by serving nobody else.
    """
    chosen, products = policy.safety_for, network.products
    if chosen is None or products["safety"].sum() == 0:
        return None
    alone = replace(network, demand=_of(network.demand, chosen), owed=_of(network.owed, chosen))
    stock = solve(alone, replace(policy, safety_for=None, service_at_least=None), until="buffers").amounts["stock"]
    there = stock["value"].clip(upper=stock["product"].map(products.set_index("product")["safety"]))
    return stock.assign(quantity=there - TOLERANCE * there.clip(lower=1.0))


def _of(rows: pd.DataFrame, pairs: pd.MultiIndex) -> pd.DataFrame:
    """`rows` with what others than `pairs` ask for set to 0."""
    is_named = pd.MultiIndex.from_frame(rows[["product", "segment"]]).isin(pairs)
    asked = [name for name in ("quantity", "urgent") if name in rows]
    return rows.assign(**{name: rows[name].where(is_named, 0.0) for name in asked})


def _reached(programme: Programme, built: Built, goal: LinearExpression, policy: Policy) -> float:
    end = programme.seek(goal)
    if end != OPTIMAL:
        raise Unusable(_told(built, end, policy))
    return programme.reached


def _worth_of_hours(programme: Programme, built: Built) -> pd.Series:
    """What one more planned hour would save of the goal sought, by `resource` and `period`; 0 where hours are left."""
    if "hours" not in built.model.constraints:
        return pd.Series(dtype=float, index=pd.MultiIndex.from_arrays([[], []], names=["resource", "period"]))
    if built.model.type == "MILP":  # whole lots leave no price for the next hour
        return _no_worth(built)
    worth = -programme.prices("hours") * built.amounts["rated"]
    if "plan_at_least" in built.model.constraints and bool((worth != 0).any()):  # more of the plan is made then, too
        made = executable_an_hour(built.network, built.amounts) * programme.prices("plan_at_least")
        worth = worth - made.sum("route").reindex_like(worth, fill_value=0.0)
    found: pd.Series = worth.transpose("resource", "period").to_series()
    return found


def _no_worth(built: Built) -> pd.Series:
    missing: pd.Series = (built.amounts["regular"] * float("nan")).transpose("resource", "period").to_series()
    return missing


# what to say where there is no plan


def _told(built: Built, condition: str, policy: Policy) -> str:
    if condition == "time_limit":
        return (
            f"no plan was found within {LONGEST:.0f} seconds. Plan families instead of items, fewer periods, or not "
            "in lots."
        )
    if condition == "unbounded":
        return (
            "the plan could earn without end: an amount of the network brings money for nothing. Check the prices, "
            "the cost of overtime and of rushed units: none may be below zero."
        )
    if condition != "infeasible":
        return f"no plan was found: the solver ended with '{condition}'. Set fewer limits to see which one it is."
    asked = _asked(policy)
    binding = [words for words in _binding(built) if words not in (MEANS[name] for name in asked)]
    together = " and ".join([*asked.values(), *binding[:MOST_NAMED]]) or "the limits"
    best = _best_service(built, policy)
    return f"no plan keeps to {together} at once.{best} Loosen one of them."


def _asked(policy: Policy) -> dict[str, str]:
    """The limits that a policy sets itself, in words."""
    service, money = policy.service_at_least, policy.rescue_at_most
    found = {} if service is None else {"service_at_least": f"a service of at least {service:.1%}, {COUNTED}"}
    return found if money is None else {**found, "rescue_at_most": f"rescues of at most {money:,.0f}"}


def _binding(built: Built) -> list[str]:
    """The constraints that cannot hold together, in words; a smallest set of them, each once."""
    found: dict[str, str] = {}
    built.model.add_objective(built.goals["service"], overwrite=True)
    # the search for them starts from a model that the library itself has solved
    built.model.solve("highs", io_api="direct", progress=False, time_limit=LONGEST, **QUIET)
    for label in built.model.compute_infeasibilities():
        name, place = cast("tuple[str, dict[str, Any]]", built.model.constraints.get_label_position(label))
        words = {key: f"{at:%Y-%m-%d}" if isinstance(at, pd.Timestamp) else str(at) for key, at in place.items()}
        if name not in IDENTITIES:
            found.setdefault(name, MEANS.get(name, name).format(**words))
    return list(found.values())


def _best_service(built: Built, policy: Policy) -> str:
    if policy.service_at_least is None:
        return ""
    free = build(built.network, replace(policy, service_at_least=None, protected=None))
    missed = _reached(Programme(free), free, waiting(free.variables), policy)
    asked = float(built.amounts["demand"].sum())
    return f" {1 - missed / asked:.1%} is the most that can be reached." if asked > 0 else ""
