"""What `plan` leaves: `scenarios.json`, `plan.xlsx`, and a draft of the rules where the client has none yet."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from helpers.disk import write, write_bytes
from helpers.faults import told
from helpers.measures.ahead import Level
from helpers.report.plan_book import PLAN, plan_workbook
from helpers.scenarios.document import Json, document
from helpers.scenarios.playbook import PLAYBOOK_FILE, playbook_file
from helpers.scenarios.realign import Realignment
from helpers.scenarios.scenario import RULES, chosen
from helpers.settings import Settings

SCENARIOS = "scenarios.json"
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Written:
    """The document, the files that were written, what to know of them, and what broke off."""

    document: Json
    paths: tuple[Path, ...]
    remarks: tuple[str, ...]
    failures: tuple[str, ...]


def write_plan(
    found: Realignment, settings: Settings, as_of: pd.Timestamp, level: Level, scenario: str | None, out_dir: Path
) -> Written:
    """Write the results of a realignment into `out_dir`.

    Parameters
    ----------
    scenario
        The key of the scenario whose decisions go into the workbook; without one the client's rules, where he has any,
        else the plan anew with the frozen periods as approved.

    Raises
    ------
    Unusable
        There is no such scenario.
    """
    decided = chosen(found.answers, scenario if scenario or found.is_draft else RULES)
    said = document(found, settings, as_of, level)
    write(out_dir / SCENARIOS, f"{json.dumps(said, indent=1, ensure_ascii=False, allow_nan=False)}\n")
    failures: tuple[str, ...] = ()
    try:
        write_bytes(out_dir / PLAN, plan_workbook(found, decided, said, settings, as_of))
    except Exception as error:
        log.exception("%s failed", PLAN)
        failures = (f"{PLAN}: {told(error)}",)
    drafted, remarks = _draft(found, out_dir)
    workbook = () if failures else (out_dir / PLAN,)
    return Written(said, (out_dir / SCENARIOS, *workbook, *drafted), remarks, failures)


def _draft(found: Realignment, out_dir: Path) -> tuple[tuple[Path, ...], tuple[str, ...]]:
    """Write the draft of the rules, unless the client has rules or somebody has worked on an earlier draft there."""
    if not found.is_draft:
        return (), ()
    path, text = out_dir / PLAYBOOK_FILE, playbook_file(found.playbook, found.faults)
    if path.exists() and path.read_text(encoding="utf-8") != text:
        return (), (f"{PLAYBOOK_FILE} in this folder was changed and is left alone; put it beside the data to use it.",)
    write(path, text)
    return (path,), ()
