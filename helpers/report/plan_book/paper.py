"""What is signed: one scenario beside the approved plan, and the words that stand above its decisions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from math import isfinite

import pandas as pd

from helpers.charts.numbers import day, in_full
from helpers.scenarios.decisions import as_approved, production
from helpers.scenarios.outcome import Outcome, outcome
from helpers.scenarios.realign import Realignment
from helpers.scenarios.scenario import RULES, Answer, Scenario
from helpers.scenarios.solve import Solution

CHANGED_SHARES = {"service": "all demand on time", "critical": "critical families on time"}
CHANGED_SUMS = {"margin": "margin", "capital": "working capital", "compensation": "rescues"}


@dataclass(frozen=True, eq=False)
class Paper:
    """What is signed: the decisions of one scenario, beside the approved plan under the same demand and supply."""

    found: Realignment
    decided: Answer

    @cached_property
    def approved(self) -> Solution:
        """The approved plan with every rescue it needs."""
        return as_approved(self.decided.solution)

    @cached_property
    def made(self) -> pd.DataFrame:
        """What to make beside what was approved; see `decisions.production`."""
        return production(self.decided.solution, self.approved, self.found.notice, self.found.raised)

    @property
    def is_approved(self) -> bool:
        """Whether it is the approved plan itself that is signed."""
        return self.decided.scenario.production == "approved"


def stands_above(paper: Paper) -> list[tuple[str, str]]:
    """What stands above the decisions: by which rules, what they change, what they take for granted."""
    said = [
        ("Rules", _ruled(paper)),
        ("Holds if", _if(paper.decided.scenario)),
        ("What it changes", _changes(paper)),
        ("Before it", _settled_first(paper)),
    ]
    return [(label, text) for label, text in said if text]


def _ruled(paper: Paper) -> str:
    """Whether the decisions keep to the playbook."""
    if paper.decided.key == RULES:
        return "Rescues go to whom the sheet Playbook opens them, up to its limits."
    share = paper.decided.scenario.rescue_share
    paid = "Promises are rescued at any price" if share is None else f"Rescues cost at most {share:.0%} of today's"
    return f"{paid}: the sheet Playbook is kept to with --scenario {RULES} only."


def _if(scenario: Scenario) -> str:
    """What a scenario takes for granted and nobody decides on this sheet."""
    taken = [
        *(f"{name} sells {factor:.0%} of its forecast" for name, factor in scenario.demand.items()),
        *(f"{name} has {share:+.0%} hours, which are not paid for here" for name, share in scenario.more_hours.items()),
        *(f"{name} comes {late} period(s) late" for name, late in scenario.supplier_late.items()),
    ]
    return f"{'; '.join(taken)}." if taken else ""


def _changes(paper: Paper) -> str:
    """What signing changes against the approved plan over all periods, and how much of production it moves."""
    if paper.is_approved:
        stays = len(paper.found.feasible.unrescued) > 0
        return f"Nothing: it is the approved plan, its promises rescued{' as far as they can be' if stays else ''}."
    before, after, money = outcome(paper.approved), paper.decided.figures, paper.found.network.currency
    shares = [_changed(said, after, before, name, 100, ".1f", " points") for name, said in CHANGED_SHARES.items()]
    sums = [_changed(said, after, before, name, 1, ",.0f", f" {money}") for name, said in CHANGED_SUMS.items()]
    over_all = ", ".join(filter(None, [*shares, *sums]))
    return " ".join([f"Against the approved plan, over all periods: {over_all}.", *_steps(paper)])


def _changed(said: str, after: Outcome, before: Outcome, name: str, factor: float, form: str, unit: str) -> str:
    """`margin +15 EUR`, or that it stays the same; empty where it is not known."""
    change = factor * (getattr(after, name) - getattr(before, name))
    shown = f"{change:+{form}}"
    if not isfinite(change):
        return ""
    is_same = not any(figure in shown for figure in "123456789")
    return f"{said} the same" if is_same else f"{said} {shown.replace('-', '−')}{unit}"


def _steps(paper: Paper) -> Iterator[str]:
    """In how many rows to be signed production changes, and where it does most."""
    made = paper.made[~paper.made["can_wait"]]
    changed = made[made["change"] != 0]
    if changed.empty:
        return
    size = changed["change"].abs() / changed[["make", "approved"]].max(axis=1)
    most = changed.iloc[int(size.to_numpy().argmax())]
    where = "time_fences in settings.yaml" if paper.decided.key == RULES else "frozen in scenarios.yaml"
    yield (
        f"Production changes in {len(changed)} of {len(made)} rows to be signed, most for {most['product']} in "
        f"{day(most['period'])}: {in_full(most['make'])} instead of {in_full(most['approved'])}. A calmer plan keeps "
        f"more periods as approved: {where}."
    )


def _settled_first(paper: Paper) -> str:
    """Which exceptions are to be settled before: the buffers, where the scenario fills them as they are set."""
    raised = paper.found.raised
    ranks = [str(rank) for rank in raised.loc[raised["kind"].astype(str).str.startswith("safety stock"), "rank"]]
    if not ranks or paper.is_approved or paper.decided.scenario.safety_stock == "required":
        return ""
    named = f"exception{'s' if len(ranks) > 1 else ''} {' and '.join(ranks)}"
    return f"This plan fills the safety stock as it is set: settle {named} first."
