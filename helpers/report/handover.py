"""What a run hands its notebooks: the findings, so that no kernel measures them again.

Kernels start while the data are still read and judged; their first cell waits here until there is something to show.
What is handed over lies in a private folder that goes with the run.
"""

from __future__ import annotations

import os
import pickle
import time
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from helpers.disk import write_bytes
from helpers.evidence import Finding
from helpers.manifest import Manifest
from helpers.periods import Calendar
from helpers.settings import Settings

VARIABLE = "SOP_HANDOVER"
FILE = "handed.pickle"
PAUSE = 0.05


@dataclass(frozen=True, eq=False)
class Handed:
    """All that a notebook shows of a run."""

    settings: Settings
    manifest: Manifest
    as_of: pd.Timestamp
    calendar: Calendar
    findings: tuple[Finding, ...]

    def finding(self, key: str) -> Finding:
        """The finding of a sign; `KeyError` where none has this key."""
        return {found.sign.key: found for found in self.findings}[key]


def hand_over(folder: Path, handed: Handed) -> None:
    """Lay what the notebooks of a run wait for into their folder, whole at once."""
    write_bytes(folder / FILE, pickle.dumps(handed, protocol=pickle.HIGHEST_PROTOCOL))


def received() -> Handed | None:
    """What the run that started this kernel handed over, once it is there; nothing where no run started it.

    Raises
    ------
    FileNotFoundError
        The run has ended without handing anything over.
    """
    named = os.environ.get(VARIABLE)
    if not named:
        return None
    file = Path(named) / FILE
    while not file.exists() and file.parent.is_dir():
        time.sleep(PAUSE)
    handed: Handed = pickle.loads(file.read_bytes())  # noqa: S301 - written by the run that started this process
    return handed
