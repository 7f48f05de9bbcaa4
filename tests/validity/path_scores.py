"""Figures of each path of each sign on its own: recall, false alarms, and bad cycles of healthy clients."""

from __future__ import annotations

import pandas as pd

from helpers.signs import registry
from tests.validity.reading import Reading, Said
from tests.validity.scores import SOON, at_most, auc, first_from, healthy, share


def by_path(readings: list[Reading]) -> pd.DataFrame:
    """One row per sign and path, index `sign` and `path`: counts of clients, and shares; missing where none tells.

    `clear` is the share of healthy clients called absent in the end; `bad_cycles` the share of their assessed cycles
    that breach. A path that may only raise its sign has no assessed quiet cycles and so no `bad_cycles`.
    """
    rows = [_row(readings, entry.sign.number, path.name) for entry in registry() for path in entry.sign.paths]
    table = pd.DataFrame(rows).set_index(["sign", "path"])
    kinds = {(e.sign.number, p.name): (p.level, p.raise_only) for e in registry() for p in e.sign.paths}
    told = pd.DataFrame(kinds, index=["level", "raise_only"]).T
    return told.rename_axis(["sign", "path"]).join(table)


def _row(readings: list[Reading], sign: int, path: str) -> dict[str, object]:
    wrong = [(r, _along(r, sign, path)) for r in readings if r.client.kind == "fault" and sign in r.onsets]
    well = [_along(r, sign, path) for r in healthy(readings)]
    alarms = ["r" in said.states for said in well]
    return {
        "sign": sign,
        "path": path,
        "clients": len(wrong),
        "auc": auc([said.strength for _, said in wrong], [said.strength for said in well]),
        "recall": share(_soon(reading, said) for reading, said in wrong),
        "recall_ever": share(first_from(said.states, r.onsets[sign]) is not None for r, said in wrong),
        "healthy": len(well),
        "alarm": share(alarms),
        "alarm_at_most": at_most(alarms),
        "clear": share(said.states.endswith("a") for said in well),
        "bad_cycles": _bad_cycles(well),
    }


def _along(reading: Reading, sign: int, path: str) -> Said:
    return next(said for said in reading.signs if (said.sign, said.path) == (sign, path))


def _soon(reading: Reading, said: Said) -> bool:
    onset = reading.onsets[said.sign]
    first = first_from(said.states, onset)
    return first is not None and first <= onset + SOON


def _bad_cycles(said: list[Said]) -> float:
    assessed = sum(len(s.states) - s.states.count("n") for s in said if "a" in s.states)
    return sum(len(s.breached) for s in said if "a" in s.states) / assessed if assessed else float("nan")
