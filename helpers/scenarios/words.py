"""Why a scenario comes out as it does, in plain words: what is scarce and what an hour of it is worth, what changed."""

from __future__ import annotations

from collections.abc import Iterator
from math import isfinite

import pandas as pd

from helpers.charts.numbers import in_full
from helpers.periods import Bucket
from helpers.scenarios.feasible import newly_late
from helpers.scenarios.outcome import FELT, felt, is_felt, misses, on_time, rescues, summed
from helpers.scenarios.scenario import RULES, Answer
from helpers.scenarios.solve import Solution

MOST = 3
RESCUED = {"overtime": "hours of overtime on {at}", "premium_purchase": "units rushed from {at}",
           "expedite_freight": "units by courier to {at}"}  # fmt: skip


def scarce(solution: Solution, bucket: Bucket) -> list[str]:
    """What one more planned hour would be worth where it is worth most, at most three sentences.

    Shadow prices hold for the next hour, not for a hundred.
    """
    rows, currency = solution.worth_of_hours, solution.network.currency
    if len(rows) and rows["money"].isna().all():
        return ["What the next hour is worth cannot be told where purchases come in whole lots."]
    served = rows[felt(rows["service"]) & (rows["service"] > 0)]
    paid = rows[felt(rows["money"]) & (rows["money"] > 0) & ~rows["resource"].isin(served["resource"])]
    spared = f"would spare protected customers a {bucket} of waiting for up to"
    said = [
        *(f"{where} {spared} {in_full(worth)} units." for where, worth in
          _by_resource(served, "service", bucket)),
        *(f"{where} would save up to {in_full(worth)} {currency}." for where, worth in
          _by_resource(paid, "money", bucket)),
    ]  # fmt: skip
    return said[:MOST] or ["No resource is scarce: one more hour would change nothing."]


def _by_resource(rows: pd.DataFrame, goal: str, bucket: Bucket) -> Iterator[tuple[str, float]]:
    """Each resource with what an hour of it is worth at most, the dearest first."""
    best = rows.groupby("resource")[goal].max().sort_values(ascending=False, kind="stable")
    for resource, most in best.items():
        periods = rows.loc[(rows["resource"] == resource) & (rows[goal] >= (1 - FELT) * most), "period"]
        first, last = (said_period(day, bucket) for day in (periods.min(), periods.max()))
        when = f"in {first}" if first == last else f"between {first} and {last}"
        yield f"One more hour of {resource} {when}", float(most)


def said_period(period: pd.Timestamp, bucket: Bucket) -> str:
    """A month as `2026-08`, a week by its first day."""
    return f"{period:%Y-%m}" if bucket == "month" else f"the week of {period:%Y-%m-%d}"


def differences(first: Answer, other: Answer) -> list[str]:
    """Where a scenario differs from the one it is held against, at most three sentences: who loses first, then what."""
    parts = (_protected_otherwise, _lost_otherwise, _rescued_otherwise, _served_otherwise, _made_earlier)
    said = [sentence for part in parts for sentence in part(first, other)]
    return said[:MOST] or [f"It comes out like: {first.scenario.title}."]


def _protected_otherwise(first: Answer, other: Answer) -> Iterator[str]:
    """What rules change for those they protect."""
    chosen = other.solution.policy.protected
    if other.key != RULES or chosen is None:
        return
    before, after = (_on_time_of(answer.solution, chosen) for answer in (first, other))
    if f"{before:.1%}" != f"{after:.1%}":
        yield f"Of those protected {after:.1%} are on time instead of {before:.1%}."


def _on_time_of(solution: Solution, chosen: pd.MultiIndex) -> float:
    cells = misses(solution)
    return on_time(cells[pd.MultiIndex.from_frame(cells[["product", "segment"]]).isin(chosen)])


def _lost_otherwise(first: Answer, other: Answer) -> Iterator[str]:
    """The product of which most more or fewer units are not delivered when the plan ends, with their margin."""
    gone = [_not_delivered(answer.solution) for answer in (first, other)]
    change = gone[1].sub(gone[0], fill_value=0.0).sort_values(key=abs, ascending=False, kind="stable")
    network = first.solution.network
    asked = network.demand.groupby("product")["quantity"].sum().reindex(change.index)
    margin = change.abs() * network.values["margin"].reindex(change.index)
    told = pd.DataFrame({"units": change, "margin": margin})[felt(change, asked)].head(1)
    for product, units, lost in told.itertuples():
        worth = f", {in_full(lost)} {network.currency} of margin" if isfinite(lost) else ""
        much = f"{in_full(abs(units))} units {'more' if units > 0 else 'fewer'}"
        yield f"{product}: {much} are not delivered when the plan ends{worth}."


def _not_delivered(solution: Solution) -> pd.Series:
    """Units lost, or still waiting when the plan ends, by product."""
    late, last = solution.amounts["late"], solution.network.periods[-1]
    rows = pd.concat([solution.amounts["lost"], late[late["period"] == last]])
    return rows.groupby("product")["value"].sum()


def _rescued_otherwise(first: Answer, other: Answer) -> Iterator[str]:
    key = ["kind", "at"]
    sums = [summed(rescues(answer.solution), key).set_index(key) for answer in (first, other)]
    quantity, amount = (pd.concat([each[name] for each in sums], axis=1, keys=["before", "after"]) for name in
                        ("quantity", "amount"))  # fmt: skip
    is_known = ~(amount.isna() & quantity.notna()).any(axis=1)  # nobody can rank what has no price: it comes last
    both = quantity.fillna(0.0).assign(
        change=(amount["after"].fillna(0.0) - amount["before"].fillna(0.0)).abs().where(is_known)
    )
    units = (both["after"] - both["before"]).abs()
    is_worth = felt(both["change"], amount.to_numpy().max(initial=0.0, where=amount.notna().to_numpy()))
    is_worth |= both["change"].isna() & felt(units, both[["before", "after"]].max(axis=1))
    ranked = both[is_worth].reset_index().sort_values(["change", *key], ascending=[False, True, True])
    for kind, at, *quantities in ranked[[*key, "after", "before"]].head(MOST - 1).itertuples(index=False):
        after, before = (in_full(quantity if is_felt(quantity, max(quantities)) else 0.0) for quantity in quantities)
        yield f"{after} {RESCUED[kind].format(at=at)} instead of {before}."


def _served_otherwise(first: Answer, other: Answer) -> Iterator[str]:
    late = [newly_late(answer.solution).groupby("product")["late"].sum() for answer in (first, other)]
    change = late[1].sub(late[0], fill_value=0.0).sort_values(key=abs, ascending=False, kind="stable")
    asked = first.solution.network.demand.groupby("product")["quantity"].sum().reindex(change.index)
    for product, units in change[felt(change, asked)].head(1).items():
        yield f"{product}: {in_full(abs(units))} units {'more' if units > 0 else 'fewer'} late."


def _made_earlier(first: Answer, other: Answer) -> Iterator[str]:
    """The product made farthest ahead of the other plan, at the period where it is farthest."""
    made, before = (
        answer.solution.amounts["make"].set_index(["route", "period"])["value"] for answer in (other, first)
    )
    ahead = (made - before).groupby("route").cumsum()
    if len(ahead) and is_felt(max(0.0, ahead.max()), before.max()):
        route = ahead.groupby("route").max().idxmax()
        yield f"{route}: up to {in_full(ahead.max())} units are made earlier."
