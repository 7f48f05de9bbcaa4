"""Roles: what nobody checks, what the proposer approves, what nobody owns."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from helpers.engagement import Engagement
from helpers.measures.roles import roles
from tests import builders

SALES = pd.DataFrame({"period": builders.cycles(8), "item_id": "a", "quantity": 1.0})


def described(folder: Path, **tables: pd.DataFrame) -> Engagement:
    """A client who sent demand and these tables."""
    return builders.engagement(folder, {"items": builders.items(a="Bread"), "actual_demand": SALES, **tables})


def test_steps_without_a_role_are_listed_by_step(tmp_path: Path) -> None:
    """One step has no validator, another is approved by who proposed it; case and blanks do not matter."""
    steps = pd.DataFrame(
        {
            "step": ["demand", "supply", "executive"],
            "proposer": ["planner", "Plant Head ", "office"],
            "validator": ["sales", "buyer", None],
            "approver": ["director", "plant head", "director"],
        }
    )

    found = roles(described(tmp_path, process_roles=steps))

    assert found.without_validator == ("executive",)
    assert found.without_approver == ()
    assert found.approved_by_proposer == ("supply",)


def test_a_column_that_is_wholly_empty_is_missing_not_bad(tmp_path: Path) -> None:
    """Without any validator sent, no step is said to lack one; the column is asked for."""
    steps = pd.DataFrame({"step": ["demand"], "proposer": ["planner"], "approver": ["director"]})

    found = roles(described(tmp_path, process_roles=steps))

    assert found.without_validator is None
    assert found.missing == ("process_roles.validator", "decisions.owner")


def test_decisions_without_owner_are_counted_over_the_last_six_labels(tmp_path: Path) -> None:
    """Eight decisions, one a month; of the six raised since March two have no owner."""
    months = builders.cycles(8)
    log = pd.DataFrame({"decision_id": [str(k) for k in range(8)], "cycle": months, "raised_on": months})
    log = log.assign(owner=[None, None, "a", None, "a", "a", None, "a"])

    found = roles(described(tmp_path, decisions=log))

    assert (found.without_owner, found.decisions) == (2, 6)


def test_nothing_sent_says_nothing(tmp_path: Path) -> None:
    """No roles, no decisions: lists are missing, not empty."""
    found = roles(described(tmp_path))

    assert (found.without_validator, found.without_approver, found.without_owner) == (None, None, None)
    assert found.missing == ("process_roles", "decisions.owner")
