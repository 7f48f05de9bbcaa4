"""What one run says: of each sign, and of the signs together."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from operator import add
from typing import Any

from helpers.compare.saved import day_of, number, part, range_of, text
from helpers.evidence import Range, Status
from helpers.findings import Json

RANKS: tuple[Status, ...] = ("absent", "isolated", "recurring")
COST_CYCLES = 12


@dataclass(frozen=True)
class Side:
    """What one run says of one sign; `limits` are amber and red by metric, `additive` as in the costs."""

    status: str
    strength: float | None
    first_warning: str | None
    amount: float | None
    avoidable: Range | None
    additive: bool
    evidence_level: str | None
    path: str | None
    limits: dict[str, tuple[float | None, float | None]]

    @property
    def is_assessed(self) -> bool:
        return self.status in RANKS


@dataclass(frozen=True)
class Run:
    """Which run it is, and what it says of the signs together; `settings` is missing where they were not recorded."""

    client: str | None
    as_of: str | None
    bucket: str | None
    currency: str | None
    kit_version: str | None
    cycles: int
    settings: dict[str, Any] | None
    level: str | None
    message: str | None
    recurring_signs: int
    assessed_signs: int
    alignment_index: float | None
    cost: float | None
    avoidable: Range | None


def run_of(findings: Json) -> Run:
    verdict, ledger = part(findings.get("verdict")), part(findings.get("money"))
    sides = [side_of(sign) for sign in findings["signs"]]
    spared = [side.avoidable for side in sides if side.additive and side.avoidable]
    cycles, settings = findings.get("cycles"), findings.get("settings")
    return Run(
        client=text(findings.get("client")),
        as_of=day_of(findings.get("as_of")),
        bucket=text(findings.get("bucket")),
        currency=text(findings.get("currency")),
        kit_version=text(findings.get("kit_version")),
        cycles=len(cycles) if isinstance(cycles, list) else 0,
        settings=settings if isinstance(settings, dict) else None,
        level=text(verdict.get("level")),
        message=text(verdict.get("message")),
        recurring_signs=sum(side.status == "recurring" for side in sides),
        assessed_signs=sum(side.is_assessed for side in sides),
        alignment_index=number(verdict.get("alignment_index")),
        cost=number(ledger.get("total")),
        avoidable=reduce(add, spared) if spared else None,
    )


def side_of(sign: Json) -> Side:
    cost, metrics = part(sign.get("cost")), sign.get("metrics")
    named = [metric for metric in metrics if text(part(metric).get("name"))] if isinstance(metrics, list) else []
    return Side(
        status=sign["status"],
        strength=number(sign.get("strength")),
        first_warning=day_of(sign.get("first_warning_cycle")),
        amount=number(cost.get("amount")),
        avoidable=range_of(cost.get("avoidable")),
        additive=cost.get("additive") is not False,
        evidence_level=text(sign.get("evidence_level")),
        path=text(sign.get("path")),
        limits={metric["name"]: (number(metric.get("amber")), number(metric.get("red"))) for metric in named},
    )
