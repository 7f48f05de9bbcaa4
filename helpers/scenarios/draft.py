"""A first playbook, drafted from what happened without a rule: a proposal to be argued about, not a decision."""

from __future__ import annotations

import pandas as pd

from helpers.engagement import Engagement
from helpers.measures.cadence import cycle_length
from helpers.measures.roles import approver_of_last_step
from helpers.measures.rules import owners_by_situation
from helpers.scenarios.feasible import Feasibility
from helpers.scenarios.network import Network
from helpers.scenarios.playbook import Decision, Lever, Playbook, Protected
from helpers.scenarios.scenario import bottleneck
from helpers.scenarios.solve import Solution
from helpers.settings import Situation

AGREED = 0.50  # a situation is settled the same way at least so often
LONGEST_DAYS = 10  # and no longer than a cycle, after which the question stands anew
# What a rule for each situation says unless the client knows better.
DO: dict[Situation, str] = {
    "T1": "Protected customers are served first, by the date of their promise; the others get a new date at once.",
    "T2": "Expedite for protected customers, up to the margin of the line; the others wait for the next receipt.",
    "T3": "No more work is approved than demonstrated hours: build ahead, then cut what is cut first, then add hours.",
    "T4": "No safety stock is raised after a rush order; buffers are reviewed once a quarter against measured risk.",
    "T5": "Stock is moved between locations before anything is made or bought in a rush.",
    "T6": "A change inside the fence needs a new fact and its approver; everything else waits for the next cycle.",
    "T7": "Two costed options go to the meeting; one number leaves it, and somebody owns it.",
    "T8": "No shipment is expedited above the margin of its line, whoever the customer is.",
}


def draft(
    engagement: Engagement, network: Network, approved: Solution, occurred: pd.DataFrame, feasible: Feasibility
) -> Playbook:
    """A playbook for a client.

    Critical families are protected, and the segment that is served first today where that is settled the same way at
    least every other time. Cut first is the family that earns least for an hour of the bottleneck. Rescues are open to
    those protected, up to the margin they save. A rule is drafted for what came up, to be decided within ten days, or
    within the cycle where that is shorter.

    Parameters
    ----------
    approved
        The approved plan as solved, for its bottleneck.
    occurred
        From `measures.tradeoffs.tradeoffs`.
    feasible
        Where hours are missing that the plan does not show, a rule for overload is drafted too.
    """
    products = network.products
    critical = sorted(products.loc[products["is_critical"], "family"].unique())
    return Playbook(
        protected=Protected(families=tuple(critical), segments=_served_first(network, occurred)),
        cut_first=_earns_least(network, bottleneck(approved)),
        couriers=Lever(whom="protected"),
        rushed_purchases=Lever(whom="protected"),
        decisions=_decisions(engagement, {*occurred["code"], *(() if feasible.hours.empty else ("T3",))}),
    )


def _served_first(network: Network, occurred: pd.DataFrame) -> tuple[str, ...]:
    shared = occurred[(occurred["code"] == "T1") & (occurred["consistency"].astype(float) >= AGREED)]
    return tuple(name for name in shared["answer"].dropna() if name in network.segments)


def _earns_least(network: Network, resource: str | None) -> tuple[str, ...]:
    """The family with the least margin for an hour of a resource; critical ones, and an only one, are never named.

    Nor is any where nothing was priced: what a family earns is not known.
    """
    if not network.is_priced:
        return ()
    steps = network.steps[network.steps["resource"] == resource].merge(network.routes, on="route")
    rows = steps.merge(network.products, on="product", validate="many_to_one")
    earned = ((rows["price"] - rows["cost"]) / rows["hours"]).groupby(rows["family"]).min()
    others = earned[~earned.index.isin(rows.loc[rows["is_critical"], "family"])].sort_values(kind="stable")
    return (str(others.index[0]),) if len(others) and len(earned) > 1 else ()


def _decisions(engagement: Engagement, came_up: set[str]) -> dict[Situation, Decision]:
    owners, anybody = owners_by_situation(engagement), approver_of_last_step(engagement)
    cycle = cycle_length(engagement)
    days = LONGEST_DAYS if pd.isna(cycle) else min(LONGEST_DAYS, int(cycle))
    return {
        code: Decision(do=said, who=owners.get(code, anybody), within_days=days)
        for code, said in DO.items()
        if code in came_up
    }
