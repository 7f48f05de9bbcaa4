"""Figures of each path of each sign on its own: recall, false alarms, and bad cycles of healthy clients."""

from __future__ import annotations

import pandas as pd

from helpers.evidence import Path
from helpers.signs import registry
from tests.validity.reading import Reading, Said
from tests.validity.scores import SOON, at_most, auc, breach_rate, first_from, healthy, share


def by_path(readings: list[Reading]) -> pd.DataFrame:
    """One row per sign and path, index `sign` and `path`: counts of clients, and shares; missing where none tells.

    `clear` is the share of healthy clients called absent in the end; `bad_cycles` the share of their assessed cycles
    that breach; missing for a path that may only raise its sign, as it has no assessed quiet cycles.
    """
    rows = [_row(readings, entry.sign.number, path) for entry in registry() for path in entry.sign.paths]
    return pd.DataFrame(rows).set_index(["sign", "path"])


def _row(readings: list[Reading], sign: int, path: Path) -> dict[str, object]:
    wrong = [(r, _along(r, sign, path.name)) for r in readings if r.client.kind == "fault" and sign in r.onsets]
    well = [_along(r, sign, path.name) for r in healthy(readings)]
    alarms = ["r" in said.states for said in well]
    return {
        "sign": sign,
        "path": path.name,
        "level": path.level,
        "raise_only": path.raise_only,
        "clients": len(wrong),
        "auc": auc([said.strength for _, said in wrong], [said.strength for said in well]),
        "recall": share(_soon(reading, said) for reading, said in wrong),
        "recall_ever": share(first_from(said.states, r.onsets[sign]) is not None for r, said in wrong),
        "healthy": len(well),
        "alarm": share(alarms),
        "alarm_at_most": at_most(alarms),
        "clear": share(said.states.endswith("a") for said in well),
        "bad_cycles": float("nan") if path.raise_only else breach_rate(well),
    }


def _along(reading: Reading, sign: int, path: str) -> Said:
    return next(said for said in reading.signs if (said.sign, said.path) == (sign, path))


def _soon(reading: Reading, said: Said) -> bool:
    onset = reading.onsets[said.sign]
    first = first_from(said.states, onset)
    return first is not None and first <= onset + SOON
