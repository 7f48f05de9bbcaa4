"""The cycle as it is run today and a calendar to sign: who proposes, validates and approves what, by which day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping
from dataclasses import dataclass

import pandas as pd

from helpers.charts.numbers import number
from helpers.engagement import Engagement
from helpers.measures.cadence import Times
from helpers.measures.cycle_steps import PROCUREMENT, RECONCILIATION, STEPS, steps_sent
from helpers.measures.pace import Pace
from helpers.measures.roles import NAMES
from helpers.process import Cadence, cadence
from helpers.scenarios.proposal import proposed_calendar

ROLE_COLUMNS = tuple(f"process_roles.{name}" for name in ("step", *NAMES, "cadence_days"))
NO_STEP = "the step itself"


@dataclass(frozen=True, eq=False)
class Cycle:
    """The client's cycle today, and the one proposed.

    `steps`: one row per step, in order: `step`, `kind` (which of the usual steps; missing where its name does not
    tell), `proposer`, `validator`, `approver` (empty: nobody), `cadence_days`, `missing` (roles nobody has, or the step
    itself), `doubled` (roles that one person should not have together). `latency`: one row per critical `family`:
    `deciding`, `reaction`, `protection`, `lead` (days, as in `measures.cadence`), `uncovered` (days from the end of the
    stock's protection to the decision, below 0 where it comes in time) and `share_of_lead` (of the lead time that a
    decision takes). `pace` with `why`, the tests that are met. `calendar` see `proposal.proposed_calendar`; `notes` say
    what it keeps to; `asks` names the columns to ask for.
    """

    steps: pd.DataFrame
    latency: pd.DataFrame
    pace: Pace
    why: tuple[str, ...]
    calendar: pd.DataFrame
    notes: tuple[str, ...]
    asks: tuple[str, ...]


def cycle_table(engagement: Engagement, raised: pd.DataFrame, around: Cadence | None = None) -> Cycle:
    """Roles, decision latency, pace and the proposed calendar as known on the as-of date.

    Parameters
    ----------
    raised
        From `exceptions.exceptions`: the calendar comes before their days.
    around
        The cadence of the run, where it was worked out already.
    """
    clock = around or cadence(engagement)
    steps = described_steps(engagement)
    calendar, notes = proposed_calendar(engagement, steps, raised, clock)
    return Cycle(
        steps=steps,
        latency=decision_latency(clock.times),
        pace=clock.pace,
        why=tuple(
            f"{test.title}: {number(test.value, test.unit)} against {number(test.limit, test.unit)}"
            for test in (*clock.slow, *clock.fast)
            if test.met
        ),
        calendar=calendar,
        notes=notes,
        asks=tuple(dict.fromkeys((*_roles_to_ask_for(engagement, steps), *clock.missing))),
    )


def described_steps(engagement: Engagement) -> pd.DataFrame:
    """The client's steps with what is missing and doubled, and the usual steps that are not among them.

    Where no name is one of the usual ones nothing is said of missing steps; where nothing was sent, there is no row.
    """
    rows = steps_sent(engagement)
    told = [name for name in NAMES if (rows[name] != "").any()]
    twice = _twice(rows)
    described = rows.assign(
        missing=[", ".join(name for name in told if row[name] == "") for row in rows.to_dict("records")],
        doubled=[_doubled(row, twice) for row in rows.to_dict("records")],
    )
    if not rows["kind"].notna().any():
        return described
    absent = [step for step in usual_steps(engagement) if step not in set(rows["kind"])]
    nobody = pd.DataFrame({"step": absent, "kind": absent, **dict.fromkeys(NAMES, "")}).assign(missing=NO_STEP)
    both = pd.concat([described, nobody.assign(doubled="")]) if absent else described
    place = both["kind"].map(STEPS.index, na_action="ignore").fillna(STEPS.index(RECONCILIATION) - 0.5)
    return both.assign(place=place).sort_values("place", kind="stable", ignore_index=True).drop(columns="place")


def usual_steps(engagement: Engagement) -> tuple[str, ...]:
    """The steps of a cycle; the review of procurement where something is bought."""
    buys = engagement.has("purchase_orders | suppliers")
    return tuple(step for step in STEPS if buys or step != PROCUREMENT)


def _doubled(row: Mapping[Hashable, object], twice: set[str]) -> str:
    proposer, validator, approver = (str(row[name]).casefold() for name in NAMES)
    found = {
        "the proposer approves": proposer == approver != "",
        "the validator approves": validator == approver != "",
        "the step stands twice, with different people": _key(row["step"]) in twice,
    }
    return ", ".join(words for words, is_so in found.items() if is_so)


def _twice(rows: pd.DataFrame) -> set[str]:
    """Names of steps that stand in several rows whose people differ."""
    people = {(_key(row["step"]), *(row[name].casefold() for name in NAMES)) for row in rows.to_dict("records")}
    return {step for step, count in Counter(step for step, *_ in people).items() if count > 1}


def _key(step: object) -> str:
    return " ".join(str(step).casefold().split())


def _roles_to_ask_for(engagement: Engagement, steps: pd.DataFrame) -> tuple[str, ...]:
    return engagement.missing(*ROLE_COLUMNS) if len(steps) else ROLE_COLUMNS


def decision_latency(clock: Times) -> pd.DataFrame:
    """How long a decision takes beside what protects each critical family; see `Cycle.latency`."""
    rows = clock.families[clock.families["critical"].astype(bool)]
    found = rows.assign(
        deciding=clock.deciding,
        reaction=clock.reaction,
        uncovered=clock.reaction - rows["protection"],
        share_of_lead=clock.deciding / rows["lead"].where(rows["lead"] > 0),
    )
    columns = ["family", "deciding", "reaction", "protection", "lead", "uncovered", "share_of_lead"]
    return found[columns].reset_index(drop=True)
