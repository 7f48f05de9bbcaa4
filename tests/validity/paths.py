"""Each way to measure a sign on its own: an extract with what that path needs, and nothing else.

The levels of data show what a client gets who sends much, less or little. This shows what each path is worth, also
those that a better one hides: its recall, its false alarms, and how often a healthy client has a bad cycle at its
limits.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path as FilePath

import pandas as pd

from helpers import contract
from helpers.diagnosis import measured
from helpers.evidence import Path
from helpers.signs import Registered, registry
from tests.validity import market
from tests.validity.clients import Client
from tests.validity.levels import ONE_NUMBER, Tables
from tests.validity.reading import LETTER, Reading, Said, cycle_number, opened, said_of

ALWAYS = "items"
# The column that tells several numbers for one key apart: without it a client sends one of them.
TOLD_APART_BY = {"forecast_snapshots": "stage", "function_plans": "version"}


def read_paths(client: Client) -> Reading:
    """What every path says of a client; of one with a fault, the paths of its sign."""
    tables = market.tables_of(client)
    wrong = tuple(fault.sign for fault in client.faults)
    with tempfile.TemporaryDirectory() as folder:
        whole = opened(FilePath(folder), tables)
        onsets = {fault.sign: cycle_number(whole, tables, fault.onset) for fault in client.faults}
    said = tuple(said_along(tables, entry, path, whole.calendar.cycles) for entry, path in ways(wrong))
    return Reading(client, "paths", said, (), {}, onsets, {})


def ways(only: tuple[int, ...] = ()) -> Iterator[tuple[Registered, Path]]:
    """Every sign with one of its paths, as if it had no other; of all signs, or of the numbers in `only`."""
    for entry in registry():
        for path in entry.sign.paths if entry.sign.number in only or not only else ():
            yield replace(entry, sign=replace(entry.sign, paths=(path,))), path


def sent_for(tables: Tables, path: Path) -> Tables:
    """The required columns of the tables a path needs, and the columns it names; of alternatives the first."""
    asked: dict[str, list[str]] = {ALWAYS: []}
    for need in path.needs:
        name, _, column = need.split("|")[0].strip().partition(".")
        asked.setdefault(name, []).extend([column] if column else [])
    return {name: _cut(name, tables[name], columns) for name, columns in asked.items()}


def _cut(name: str, rows: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    if name in ONE_NUMBER and TOLD_APART_BY[name] not in columns:
        rows = ONE_NUMBER[name](rows)
    required = [column.name for column in contract.table(name).columns if column.required]
    return rows[list(dict.fromkeys([*required, *columns]))]


def said_along(tables: Tables, entry: Registered, path: Path, cycles: pd.DatetimeIndex) -> Said:
    """What the sign says along one path of a client's tables, at `cycles`; `RuntimeError` where it breaks off.

    Fewer tables may open the calendar later or earlier than all of them do.
    """
    with tempfile.TemporaryDirectory() as folder:
        engagement = opened(FilePath(folder), sent_for(tables, path))
        found = measured(engagement, entry)
    if found.failure:
        raise RuntimeError(f"{entry.sign.code} {path.name}: {found.failure}")
    letters = {state.cycle: LETTER[state.status] for state in found.verdict.states}
    return replace(
        said_of(found, engagement),
        path=path.name,
        states="".join(letters.get(cycle, LETTER["not_assessable"]) for cycle in cycles),
        breached=tuple(int(place) for place in cycles.get_indexer(found.verdict.breached) if place >= 0),
    )
