"""No look-ahead, on random clients: the full run's state at a cycle is the state of a run as of that cycle.

So are the breaches, who carries them, what confirms them and what bears on the cause, the metrics, the ledger and the
quick checks; and a run as of the first warning recurs.

Some of what each client sends starts only half-way, because what is still to come must not choose how the past is seen.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from helpers import contract
from helpers.diagnosis import ledger_of, measured
from helpers.engagement import Engagement
from helpers.evidence import Evidence, Finding, State
from helpers.measures.pulse import pulse
from helpers.settings import Settings
from helpers.signs import registry
from tests.validity.clients import CONFOUNDERS, SIGNS, VOLATILITIES, Client, Injected
from tests.validity.levels import LEVELS, Level, Tables, at_level
from tests.validity.market import tables_of
from tests.validity.reading import SETTINGS, opened

CASES = range(3)
HALF_WAY = 12
SHOP_FLOOR = {"production_orders": "planned_start", "schedule_changes": "changed_on"}
STARTS_LATE = (
    SHOP_FLOOR,
    {"production_plan_snapshots": "cycle"},
    {"inventory_snapshots": "period", "function_plans": "cycle", **SHOP_FLOOR},
)
EARLY_FAULT = (7, 3, 4)


def random_client(random: np.random.Generator, case: int) -> Client:
    """Two faults of random strength in a random market, one from the start and one from a random cycle on."""
    sign = int(random.choice([sign for sign in SIGNS if sign != EARLY_FAULT[case]]))
    onsets = {EARLY_FAULT[case]: 0, sign: int(random.integers(6, 18))}
    faults = tuple(Injected(number, float(random.uniform(0.3, 1.0)), onset) for number, onset in onsets.items())
    market = str(random.choice(CONFOUNDERS))
    return Client(
        "decline", "sample", int(random.integers(1, 9_999)), float(random.choice(VOLATILITIES)), market, faults
    )


def with_late_starters(tables: Tables, case: int, random: np.random.Generator) -> Tables:
    """The tables with a kind of evidence, half of the families bought and half of the assumptions from half-way on.

    Every second client sends no realised values beside its assumptions.
    """
    start = np.unique(tables["forecast_snapshots"]["cycle"])[HALF_WAY]
    late = {name: tables[name][tables[name][day] >= start] for name, day in STARTS_LATE[case].items()}
    bought, families = tables["purchase_orders"], tables["items"].set_index("item_id")["family"]
    fresh = bought["item_id"].map(families).isin(random.choice(families.unique(), len(families.unique()) // 2, False))
    written = tables["assumptions"]
    dates = written["set_on"].mask(random.random(len(written)) < 0.5, start)
    late |= {"purchase_orders": bought[~fresh | (bought["ordered_on"] >= start)]}
    late |= {"assumptions": written.assign(set_on=dates)}
    one_critical = tables["items"].assign(is_critical=tables["items"]["family"] == families.iloc[0])
    late |= {"items": one_critical}
    return {name: rows for name, rows in (tables | late).items() if case % 2 == 0 or name != "assumption_actuals"}


def sent_at(tables: Tables, level: Level) -> Tables:
    """The tables as a client of that level sends them, with the bare shop floor beside the smallest set."""
    bare = {name: [c.name for c in contract.table(name).columns if c.required] for name in SHOP_FLOOR}
    more = {name: tables[name][columns] for name, columns in bare.items()} if level == "minimal" else {}
    return at_level(tables, level) | more


def findings(engagement: Engagement) -> dict[str, Finding]:
    """Every sign measured and judged."""
    return {entry.sign.key: measured(engagement, entry) for entry in registry()}


def as_of(folder: Path, day: pd.Timestamp) -> Engagement:
    """The same intake, opened as of an earlier day."""
    return Engagement(folder / "store", Settings(**SETTINGS), day.date())


def breaches(evidence: Evidence, closed: pd.DatetimeIndex, day: pd.Timestamp) -> pd.DataFrame:
    """Label and unit of every breach of the closed labels that no excuse had taken away by the day."""
    flags = evidence.flags
    counted = flags["breach"] & ~(flags["excused_on"] <= day) & flags["label"].isin(closed)
    return in_order(flags.loc[counted, ["label", "unit"]])


def metrics(evidence: Evidence) -> pd.DataFrame:
    """All that is shown as a line over the labels, where it is defined."""
    lines = [m.values.rename_axis("label").reset_index(name="value").assign(name=m.name) for m in evidence.metrics]
    return pd.concat(lines).dropna(subset="value")


def confirmed(evidence: Evidence, day: pd.Timestamp) -> pd.DataFrame:
    """The tests of key 2 that could tell something by the day."""
    keys = evidence.confirmations
    return in_order(keys[(keys["cycle"] <= day) & keys["met"].notna()])


def company(engagement: Engagement, closed: pd.DatetimeIndex) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The quick checks of the closed labels, and every row of the ledger with the sign that spent it."""
    checks = pulse(engagement).rename(columns={"cycle": "label"})
    return in_order(checks, closed), in_order(ledger_of(engagement).rows, closed)


def in_order(rows: pd.DataFrame, closed: pd.DatetimeIndex | None = None) -> pd.DataFrame:
    """The rows, of the closed labels only where these are given, in one order."""
    kept = rows if closed is None else rows[rows["label"].isin(closed)]
    return kept.sort_values(list(kept.columns), ignore_index=True)


def said(state: State) -> tuple[object, ...]:
    """What a state says beside its date."""
    return state.status, state.breaches_in_window, state.assessable, state.unconfirmed, state.provisional


BY_LABEL: dict[str, Callable[[Evidence], pd.DataFrame]] = {
    "contributions": lambda evidence: evidence.contributions,
    "discriminators": lambda evidence: evidence.discriminators,
    "money": lambda evidence: evidence.money,
    "metrics": metrics,
}


@pytest.mark.parametrize("case", CASES)
def test_the_state_at_a_cycle_is_that_of_a_run_as_of_the_cycle(case: int, tmp_path: Path) -> None:
    """All ten signs at a random cycle before the late starters and one after, each case at another level of data."""
    random = np.random.default_rng(20_000 + case)
    sent = with_late_starters(tables_of(random_client(random, case)), case, random)
    whole = opened(tmp_path, sent_at(sent, LEVELS[case]))
    full, cycles = findings(whole), whole.calendar.cycles
    days = random.choice(cycles[HALF_WAY - 3 : HALF_WAY]), random.choice(cycles[HALF_WAY:-1])

    for day in map(pd.Timestamp, days):
        earlier, closed = as_of(tmp_path, day), cycles[cycles < day]
        then = findings(earlier)
        for key, found in full.items():
            expected = [state for state in found.verdict.states if state.cycle <= day]
            assert [said(s) for s in then[key].verdict.states] == [said(s) for s in expected], (key, day)
            before, after = then[key].evidence, found.evidence
            if before is None or after is None:
                continue
            assert_frame_equal(breaches(before, closed, day), breaches(after, closed, day), obj=f"{key} {day}")
            assert_frame_equal(
                confirmed(before, day), confirmed(after, day), check_dtype=False, obj=f"confirmations of {key} {day}"
            )
            for name, of in BY_LABEL.items():
                rows, later = (in_order(of(e), closed) for e in (before, after))
                assert_frame_equal(rows, later, check_dtype=False, obj=f"{name} of {key} {day}")
        for rows, later in zip(company(earlier, closed), company(whole, closed), strict=True):
            assert_frame_equal(rows, later, check_dtype=False, obj=f"company {day}")
    for entry in registry():
        warned = full[entry.sign.key].verdict.first_warning
        if warned is not None:
            assert measured(as_of(tmp_path, warned), entry).verdict.status == "recurring", (entry.sign.key, warned)
