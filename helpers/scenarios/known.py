"""The realignment of an engagement: as an earlier run on the same input and rules left it, or solved anew."""

from __future__ import annotations

from pathlib import Path

from helpers.content import sha256
from helpers.engagement import Engagement
from helpers.kept import Kept
from helpers.measures.ahead import Level
from helpers.scenarios.playbook import PLAYBOOK_FILE, load_playbook
from helpers.scenarios.realign import Progress, Realignment, realign
from helpers.scenarios.scenario import SCENARIOS_FILE, load_scenarios
from helpers.settings import yaml_in

WORK = "realignment"


def realigned(
    engagement: Engagement, folder: Path, kept: Kept, progress: Progress, level: Level = "family"
) -> Realignment:
    """As `realign`; `folder` is where `scenarios.yaml` and `playbook.yaml` may lie.

    What is kept of an input knows nothing of these two files: it is taken only if they are as they were.
    """
    fitting, name = kept.of(engagement.manifest.fingerprint), f"{WORK}-{level}"
    written = {file: yaml_in(folder, file) for file in (SCENARIOS_FILE, PLAYBOOK_FILE)}
    mark = {file: sha256(path) for file, path in written.items() if path}
    known: tuple[dict[str, str], Realignment] | None = fitting.load(name)
    if known is not None and known[0] == mark:
        progress("scenarios: as in an earlier run on the same input; --fresh solves anew")
        return known[1]
    found = realign(engagement, folder, progress, level)
    fitting.save(name, (mark, found))
    return found


def refuse_unusable(folder: Path) -> None:
    """Read both files, where they are there, so that what cannot be used is told before anything is done.

    Raises
    ------
    Unusable
        As `load_scenarios` and `load_playbook`.
    """
    load_scenarios(folder)
    load_playbook(folder)
