"""Solving the connected model goal by goal: what was reached for one is kept while the next is sought."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from helpers.errors import Unusable
from helpers.scenarios.model import Built, build
from helpers.scenarios.network import Network
from helpers.scenarios.policy import Policy

SLACK = 1e-8  # what a goal may lose to the next one, as a share of it, so that rounding does not close the model
SOLVER = "highs"
QUIET: dict[str, Any] = {"output_flag": False, "log_to_console": False, "threads": 1, "random_seed": 0}
LONGEST = 120.0  # seconds a goal


@dataclass(frozen=True, eq=False)
class Solution:
    """A plan that keeps to a policy.

    `amounts` holds one frame a variable: its dimensions and `value` (units or hours). `reached` is what each goal came
    to, in the order they were sought. `worth_of_hours` is what one more hour would change, one row per `resource`,
    `period`: `service` (protected units on time), `money` (currency).
    """

    network: Network
    policy: Policy
    amounts: Mapping[str, pd.DataFrame]
    reached: Mapping[str, float]
    worth_of_hours: pd.DataFrame


def solve(network: Network, policy: Policy) -> Solution:
    """The best plan for a network under a policy.

    Raises
    ------
    Unusable
        No plan keeps to the limits; the message names the limit that cannot be held and what can.
    """
    built = build(network, policy)
    reached: dict[str, float] = {}
    worth: dict[str, pd.Series] = {}
    for name, goal in built.goals.items():
        reached[name] = _seek(built, goal, network, policy)
        worth[name] = _worth_of_hours(built)
        built.model.add_constraints(goal <= reached[name] + SLACK * max(1.0, abs(reached[name])), name=f"kept_{name}")
    amounts = {name: _frame(variable.solution) for name, variable in built.variables.items()}
    hours = pd.DataFrame({name: worth[name] for name in ("service", "money")}).reset_index()
    return Solution(network, policy, amounts, reached, hours)


def _seek(built: Built, goal: Any, network: Network, policy: Policy) -> float:
    built.model.add_objective(goal, overwrite=True)
    with _silence():
        status, condition = built.model.solve(SOLVER, io_api="direct", progress=False, time_limit=LONGEST, **QUIET)
    if status != "ok" or condition != "optimal":
        raise Unusable(_told(condition, network, policy))
    return float(built.model.objective.value)


def _silence():
    import contextlib
    return contextlib.nullcontext()


def _worth_of_hours(built: Built) -> pd.Series:
    """What one more planned hour would change of the goal sought, by `resource` and `period`; 0 where hours are left."""
    if "hours" not in built.model.constraints:
        return pd.Series(dtype=float)
    dual = built.model.constraints["hours"].dual * built.amounts["rated"]
    return (-dual).to_series().rename("worth")


def _frame(values: Any) -> pd.DataFrame:
    return values.to_series().rename("value").reset_index()


def _told(condition, network, policy): return condition
