"""The one judge: from a sign's evidence to its verdict, at every cycle and for the last."""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers.evidence import Evidence, Sign, State, Status, Verdict
from helpers.judgement import persistence, trend
from helpers.judgement.again import let_returning_units_carry
from helpers.judgement.breach import breached_labels, fewest_units
from helpers.judgement.persistence import Rule
from helpers.judgement.place import beyond_chance, drivers, place
from helpers.judgement.strength import closeness, evidence_score, strength
from helpers.periods import Calendar

WORST_FIRST: tuple[Status, ...] = ("recurring", "isolated", "absent", "not_assessable")


NO_RESTARTS = pd.DataFrame(columns=["on", "from_cycle", "unit"])


def judge(
    sign: Sign, evidence: Evidence, calendar: Calendar, early: bool = False, restarts: pd.DataFrame = NO_RESTARTS
) -> Verdict:
    """The verdict of the last cycle, with the state at every cycle before it.

    Parameters
    ----------
    sign
        Its `judged` says how units become the sign.
    evidence
        Measured fact; nothing in it may have been known later than its `known_on`.
    calendar
        The cycles to judge at.
    early
        Plain three of six instead of three of six in two episodes or a run of four.
    restarts
        Policy changes, from which on the labels before no longer count; see `persistence.restarted`.
    """
    rule = Rule(evidence.minimum_cycles, sign.has_confirmation, evidence.path.raise_only, early)
    if sign.judged == "each":
        return _judge_each(sign, evidence, calendar, rule, restarts)
    labels = persistence.restarted(sign_labels(evidence.flags), restarts)
    confirmed = persistence.key_two(evidence.confirmations, calendar)
    states = persistence.states(labels, confirmed, calendar, rule)
    return _verdict(sign, states, labels, confirmed, evidence, calendar)


def sign_labels(flags: pd.DataFrame) -> pd.DataFrame:
    """Breaches of the sign, one row per assessable label, with the date from which an excuse takes the breach away.

    Excused breaches are taken away before units may return, so that what was excused is no past to come back from.
    """
    counted = breached_labels(let_returning_units_carry(flags))
    counted["excused_on"] = pd.Series(pd.NaT, index=counted.index, dtype="datetime64[us]")
    excuses = sorted(flags["excused_on"].dropna().unique()) if len(counted) else []
    for day in excuses:
        remaining = flags.assign(breach=flags["breach"] & ~(flags["excused_on"] <= day))
        left = breached_labels(let_returning_units_carry(remaining))["breach"]
        gone = counted["breach"] & ~left & counted["excused_on"].isna()
        counted.loc[gone, "excused_on"] = day
    return counted.sort_values("label", ignore_index=True)


def _judge_each(sign: Sign, evidence: Evidence, calendar: Calendar, rule: Rule, restarts: pd.DataFrame) -> Verdict:
    units = {str(unit): flags for unit, flags in evidence.flags.groupby("unit") if flags["value"].notna().any()}
    alone = {unit: sign_labels(flags.assign(weight=1.0, critical=False)) for unit, flags in units.items()}
    labels = {unit: persistence.restarted(rows, restarts, unit) for unit, rows in alone.items()}
    confirmed = {unit: persistence.key_two(_of_unit(evidence.confirmations, unit), calendar) for unit in units}
    chains = {unit: persistence.states(labels[unit], confirmed[unit], calendar, rule) for unit in units}
    if not units:
        nothing = tuple(State(cycle, "not_assessable") for cycle in calendar.cycles)
        return Verdict("not_assessable", 0.0, nothing)
    states = tuple(_worst(moment) for moment in zip(*chains.values(), strict=True))
    leading = max(sorted(units), key=lambda unit: _lead(chains[unit], labels[unit], units[unit]))
    return _verdict(sign, states, labels[leading], confirmed[leading], evidence, calendar, leading, tried=len(units))


def _of_unit(confirmations: pd.DataFrame, unit: str) -> pd.DataFrame:
    if "unit" not in confirmations:
        return confirmations
    return confirmations[confirmations["unit"].isna() | (confirmations["unit"].astype(str) == unit)]


def _lead(chain: tuple[State, ...], labels: pd.DataFrame, flags: pd.DataFrame) -> tuple[float, ...]:
    """How bad a unit is: now, then over its whole history, then by size; never by its name."""
    final, severity = chain[-1], labels["severity"].where(labels["breach"], 0.0)
    now = (-WORST_FIRST.index(final.status), final.breaches_in_window, severity.tail(persistence.WINDOW).sum())
    ever = (labels["breach"].sum(), severity.sum())
    size = (flags["weight"].sum(), flags["value"].abs().sum())
    return tuple(float(measure) for measure in (*now, *ever, *size))


def _worst(moment: tuple[State, ...]) -> State:
    """The worst unit at one cycle; one lone breach among many units leaves the sign absent.

    Not so while a unit begins anew after a policy change: what it would show is not known yet.
    """
    worst = min(moment, key=lambda state: (WORST_FIRST.index(state.status), -state.breaches_in_window))
    touched = sum(state.breaches_in_window > 0 for state in moment)
    lone = worst.status == "isolated" and worst.breaches_in_window == 1 and touched < fewest_units(len(moment))
    clear = next((state for state in moment if state.status == "absent"), None)
    chosen = clear if lone and clear is not None else worst
    anew = next((state for state in moment if state.restarted and state.status == "not_assessable"), None)
    return anew if chosen.status == "absent" and anew is not None else chosen


def _verdict(
    sign: Sign,
    states: tuple[State, ...],
    labels: pd.DataFrame,
    confirmed: pd.DataFrame,
    evidence: Evidence,
    calendar: Calendar,
    leading: str | None = None,
    tried: int = 1,
) -> Verdict:
    final = states[-1]
    excused = labels["excused_on"].notna()
    counted = labels.assign(breach=labels["breach"].astype(bool) & ~excused)
    void = counted["void_from"] <= final.cycle
    standing, since = counted[~void], evidence.flags[~evidence.flags["label"].isin(counted.loc[void, "label"])]
    history, now = persistence.history(standing, calendar), len(calendar.cycles) - 1
    window = standing[history.recent(now, persistence.WINDOW)]
    p_value = min(1.0, tried * _combined(final.p_value, confirmed.iloc[-1]))
    headline = evidence.metrics[0]
    hit = window[window["breach"].astype(bool)]
    score = evidence_score(_mean(hit["severity"]), len(hit) / persistence.WINDOW, p_value, _mean(hit["weight"]))
    near = closeness(headline, window["label"])
    lower = headline.limit.lower_is_worse if headline.limit else False
    judged = final.status != "not_assessable"
    carriers = drivers(evidence.contributions, hit["label"], sign.unit)
    named = {dimension for dimension, _, _ in carriers}
    by = sign.unit if sign.unit in named or not carriers else carriers[0][0]
    where = place(evidence.contributions, hit["label"], by)
    return Verdict(
        status=final.status,
        strength=strength(final.status, score, near, evidence.path.level, final.assessable),
        states=states,
        breached=tuple(standing.loc[standing["breach"], "label"]),
        trend=trend.arrow(headline.values, counted["breach"], lower) if judged else None,
        drivers=carriers if judged else (),
        leading_unit=leading,
        stands_out=where.stands_out,
        spread_over=where.units,
        spread_by=by,
        units_beyond_chance=beyond_chance(since, calendar) if final.status == "recurring" else (),
        p_value=p_value,
        chronic=final.status == "recurring" and persistence.is_chronic(history, now),
        provisional=final.provisional,
        unconfirmed=final.unconfirmed,
        excused=tuple(labels.loc[excused & ~void & labels["breach"].astype(bool), "label"]),
    )


def _mean(values: pd.Series) -> float:
    return float(np.clip(values.astype(float).mean(), 0, 1)) if len(values) else 0.0


def _combined(p_persistence: float, key_two: pd.Series) -> float:
    p_confirm = key_two["p_value"]
    return p_persistence if pd.isna(p_confirm) or not key_two["met"] else max(p_persistence, float(p_confirm))
