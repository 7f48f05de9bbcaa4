"""What the report says of the data: what to ask for, what was set aside, and how to repeat the run."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from helpers import __version__, contract
from helpers.evidence import Finding
from helpers.judgement.breach import limits_in_force
from helpers.report.rejected import rejected
from helpers.settings import Settings

LIBRARIES = ("pandas", "duckdb", "ibis-framework", "scipy", "matplotlib", "papermill")
MOST = 5


@dataclass(frozen=True)
class Gap:
    """A table or column that was not sent, what one row of its table is, and the signs it would open or sharpen."""

    need: str
    grain: str
    opens: str
    sharpens: str


@dataclass(frozen=True)
class Fault:
    """Rows or cells of one table that broke one rule."""

    table: str
    rule: str
    action: str
    count: int
    example: str


def gaps(findings: Sequence[Finding]) -> list[Gap]:
    """What to ask the client for; what would make a sign assessable comes first."""
    opens: dict[str, list[str]] = {}
    sharpens: dict[str, list[str]] = {}
    for finding in findings:
        into = opens if finding.evidence is None else sharpens
        for need in finding.missing:
            into.setdefault(need, []).append(finding.sign.title)
    needs = [*opens, *(need for need in sharpens if need not in opens)]
    return [Gap(n, _grain(n), ", ".join(opens.get(n, [])), ", ".join(sharpens.get(n, []))) for n in needs]


def _grain(need: str) -> str:
    name = need.partition(".")[0]
    return contract.table(name).grain if name in contract.BY_NAME else ""


def faults(rejects: Path) -> list[Fault]:
    """The most frequent faults of each table in `rejects/`, each with its first example."""
    by_table: dict[str, list[Fault]] = {}
    for fault in rejected(rejects):
        first = fault.examples[0]
        example = f"line {first.line}, {fault.column}: {first.value}"
        by_table.setdefault(fault.table, []).append(Fault(fault.table, fault.rule, fault.action, fault.count, example))
    return [fault for found in by_table.values() for fault in found[:MOST]]


def versions() -> list[tuple[str, str]]:
    """The kit, Python and the libraries that calculate and draw."""
    return [("kit", __version__), ("Python", platform.python_version()), *((name, version(name)) for name in LIBRARIES)]


def settings_said(settings: Settings) -> list[tuple[str, str]]:
    """The settings that differ from their default, as `key`, `value`; files of the client by name only."""
    said = settings.model_dump(mode="json", exclude_defaults=True, exclude={"tables", "branding"})
    return [(key, _flat(value)) for key, value in said.items()]


def _flat(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {_flat(inner)}" for key, inner in value.items())
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def limits(findings: Sequence[Finding], settings: Settings) -> list[dict[str, object]]:
    """Every limit in force with its source, marked where the client's settings replaced it."""
    rows = []
    for finding in findings:
        for name, limit in limits_in_force(finding.sign, settings).items():
            own = limit != finding.sign.limits[name]
            rows.append({"sign": finding.sign.number, "metric": name, "limit": limit, "own": own})
    return rows
