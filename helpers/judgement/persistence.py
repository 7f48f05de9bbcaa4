"""Persistence: one bad month is not a sign, a pattern that repeats is. Judged at every cycle from its own past only."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache, cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from helpers.evidence import State, Status
from helpers.periods import Calendar

WINDOW = 6
LONG_WINDOW = 12
WINDOW_SPAN = 8
FEWEST_TO_JUDGE = 3
FEWEST_TO_RECUR = 6
BREACHES_TO_RECUR = 3
EPISODES_TO_RECUR = 2
RUN_TO_RECUR = 4
BREACHES_TO_LEAVE = 1
CHRONIC_BREACHES = 8
DESIGN_RATE = 0.10


@dataclass(frozen=True)
class Rule:
    """What a sign or unit must show beside breaches."""

    minimum_cycles: int
    needs_key_two: bool
    raise_only: bool
    early: bool = False


@dataclass(frozen=True)
class Window:
    """The breaches of the last assessable labels: how many, in how many runs, the longest run."""

    breaches: int
    episodes: int
    longest: int
    size: int

    def repeats(self, early: bool) -> bool:
        """Key 1: three breaches of six, in two episodes or a run of four (plain three of six when `early`)."""
        pattern = self.episodes >= EPISODES_TO_RECUR or self.longest >= RUN_TO_RECUR
        return self.breaches >= BREACHES_TO_RECUR and (pattern or early)


def window_of(breaches: NDArray[np.bool_]) -> Window:
    """Counts over one window, oldest first."""
    runs = [len(run) for run in "".join("x" if b else " " for b in breaches).split()]
    return Window(int(sum(runs)), len(runs), max(runs, default=0), len(breaches))


@dataclass(frozen=True)
class History:
    """The assessable labels of a sign or unit as plain arrays, ascending; `position` is the place among the cycles."""

    position: NDArray[np.int64]
    known_on: NDArray[np.datetime64]
    excused_on: NDArray[np.datetime64]
    void_from: NDArray[np.datetime64]
    breach: NDArray[np.bool_]

    def at(self, cycle: np.datetime64) -> History:
        """The history as known at a cycle, excused breaches and what a restart made void taken away."""
        known = (self.known_on <= cycle) & ~(self.void_from <= cycle)
        counted = self.breach & ~(self.excused_on <= cycle)
        dates = self.known_on[known], self.excused_on[known], self.void_from[known]
        return History(self.position[known], *dates, counted[known])

    @cached_property
    def rhythm(self) -> float:
        """Cycles from one label to the next, in the middle."""
        return max(1.0, float(np.median(np.diff(self.position)))) if len(self.position) > 1 else 1.0

    def recent(self, now: int, size: int) -> NDArray[np.bool_]:
        """Which labels are among the last `size`, none older than a third more of the table's own rhythm."""
        young: NDArray[np.bool_] = now - self.position <= np.ceil(size * WINDOW_SPAN / WINDOW) * self.rhythm
        young[:-size] = False
        return young


def history(labels: pd.DataFrame, calendar: Calendar) -> History:
    """The history of a sign or unit.

    Parameters
    ----------
    labels
        One row per assessable label, ascending: `label`, `known_on`, `breach`, `excused_on` (the date from which an
        excuse takes the breach away; missing: never), optionally `void_from` (see `restarted`).
    """
    never = pd.Series(pd.NaT, index=labels.index)
    return History(
        calendar.position(labels["label"]).to_numpy(np.int64),
        labels["known_on"].to_numpy("datetime64[us]"),
        labels["excused_on"].to_numpy("datetime64[us]"),
        labels.get("void_from", never).to_numpy("datetime64[us]"),
        labels["breach"].to_numpy(bool),
    )


def restarted(labels: pd.DataFrame, restarts: pd.DataFrame, unit: str | None = None) -> pd.DataFrame:
    """`labels` with `void_from`, the date from which a restart takes the whole label away (missing: never).

    A label taken away is not one without a breach: the sign is provisional, never clear, until enough new ones came.

    Parameters
    ----------
    restarts
        `on` (labels that began before it go), `from_cycle` (from this date), `unit` (missing: all units).
    unit
        Whose labels these are; `None`: those of the sign as a whole, which the restart of one unit leaves alone.
    """
    bearing = restarts[restarts["unit"].isna() | (restarts["unit"] == unit)]
    void = pd.Series(pd.NaT, index=labels.index, dtype="datetime64[us]")
    for change in bearing.sort_values("from_cycle").itertuples():
        void = void.mask((labels["label"] < change.on) & void.isna(), change.from_cycle)
    return labels.assign(void_from=void)


def states(labels: pd.DataFrame, confirmed: pd.DataFrame, calendar: Calendar, rule: Rule) -> tuple[State, ...]:
    """The state at every cycle of the calendar.

    Parameters
    ----------
    labels
        As in `history`.
    confirmed
        Key 2 per cycle, from `key_two`.
    """
    full, met = history(labels, calendar), confirmed["met"].to_numpy(bool)
    days, found = calendar.cycles.to_numpy(), list[State]()
    for now, cycle in enumerate(calendar.cycles):
        before = found[-1].status if found else "not_assessable"
        state = _state(full.at(days[now]), now, cycle, bool(met[now]), rule, before)
        found.append(replace(state, restarted=True) if _begins_anew(full.void_from, days, now) else state)
    return tuple(found)


def _begins_anew(void_from: NDArray[np.datetime64], days: NDArray[np.datetime64], now: int) -> bool:
    """Whether labels were taken away so lately that a window may still lack them; no longer for a unit that ended."""
    first, last = days[max(0, now - WINDOW_SPAN)], days[now]
    return bool(((void_from > first) & (void_from <= last)).any())


def _state(known: History, now: int, cycle: pd.Timestamp, confirmed: bool, rule: Rule, before: Status) -> State:
    window = window_of(known.breach[known.recent(now, WINDOW)])
    assessable = len(known.position)
    state = State(cycle, "not_assessable", window.breaches, assessable, p_value=persistence_p(known, now))
    if min(assessable, window.size) < FEWEST_TO_JUDGE:
        return state
    clear: Status = "not_assessable" if rule.raise_only else "absent"
    if assessable < max(FEWEST_TO_RECUR, rule.minimum_cycles):
        return replace(state, status="isolated" if window.breaches else "not_assessable", provisional=True)
    if before == "recurring" and window.breaches > BREACHES_TO_LEAVE:
        return replace(state, status="recurring")
    if window.repeats(rule.early):
        met = confirmed or not rule.needs_key_two
        return replace(state, status="recurring" if met else "isolated", unconfirmed=not met)
    return replace(state, status="isolated" if window.breaches else clear)


def persistence_p(known: History, now: int) -> float:
    """Chance of as many breaches in a healthy client that breaches in one cycle of ten, over 6 and over 12 cycles."""
    tails = [1.0]
    for size in (WINDOW, LONG_WINDOW):
        counted = known.breach[known.recent(now, size)]
        tails.append(binomial_tail(int(counted.sum()), len(counted)))
    return min(1.0, 2 * min(tails))


@cache
def binomial_tail(breaches: int, labels: int) -> float:
    """P(Bin(labels, 0.10) ≥ breaches)."""
    return float(stats.binom.sf(breaches - 1, labels, DESIGN_RATE))


def is_chronic(known: History, now: int) -> bool:
    """Eight or more breaches in the last twelve assessable labels."""
    return bool(known.breach[known.recent(now, LONG_WINDOW)].sum() >= CHRONIC_BREACHES)


def key_two(confirmations: pd.DataFrame, calendar: Calendar) -> pd.DataFrame:
    """Key 2 at every cycle: met by a share criterion, or by a test whose p × number of tests tried is at most 5 %.

    Returns
    -------
    Indexed by cycle: `met`, `p_value` (smallest p × tests among those met; missing where a share criterion met it).
    """
    at, cycles = calendar.cycles.get_indexer(pd.DatetimeIndex(confirmations["cycle"])), len(calendar.cycles)
    inside = at >= 0
    at, p_value = at[inside], pd.to_numeric(confirmations["p_value"]).to_numpy(float)[inside]
    tried = np.bincount(at[~np.isnan(p_value)], minlength=cycles).clip(1)
    p_value = np.minimum(p_value * tried[at], 1.0)
    met = confirmations["met"].fillna(False).to_numpy(bool)[inside] & ~(p_value > 0.05)
    best = np.full(cycles, np.nan)
    np.fmin.at(best, at[met], p_value[met])
    counted = np.bincount(at[met], minlength=cycles) > 0
    return pd.DataFrame({"met": counted, "p_value": best}, index=calendar.cycles.rename("cycle"))
