"""`findings.json`: the findings of a run as CONTRACT keys, for scripts and schedulers."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import Any

import pandas as pd

from helpers import __version__
from helpers.costing import Views
from helpers.diagnosis import Diagnosis
from helpers.evidence import Finding, Metric, Range
from helpers.measures.pace import CadenceTest
from helpers.notes import Notes, Remarks
from helpers.process import Cadence, Interviews, Process
from helpers.root_causes import RootCauses

SCHEMA_VERSION = "1"
Json = dict[str, Any]


def findings_json(diagnosis: Diagnosis) -> Json:
    """Everything a run found, ready for `json.dumps`: dates as ISO text, undefined numbers as null, signs in order."""
    return {
        "schema_version": SCHEMA_VERSION,
        "kit_version": __version__,
        "client": diagnosis.settings.client,
        "currency": diagnosis.settings.currency,
        "as_of": _day(diagnosis.as_of),
        "bucket": diagnosis.settings.bucket,
        "cycles": _days(diagnosis.calendar.cycles),
        "intake": [_intake(table) for table in diagnosis.manifest.tables],
        "signs": [_sign(finding) for finding in diagnosis.findings],
        "money": _money(diagnosis.money),
        "pulse": [_pulse(row) for row in diagnosis.pulse.to_dict("records")],
        "verdict": {
            "recurring_signs": diagnosis.overall.recurring_signs,
            "message": diagnosis.overall.message,
            "level": diagnosis.overall.level,
            "assessed_signs": diagnosis.overall.assessed,
            "alignment_index": diagnosis.overall.alignment_index,
        },
        **_process(diagnosis.process),
        "root_causes": _root_causes(diagnosis.root_causes) if diagnosis.root_causes else None,
    }


def with_notes(findings: Json, notes: Notes) -> Json:
    """The findings with the consultant's notes and actions beside them: `notes`, only where there are some."""
    signs = [{**sign, **_remarks(notes.signs.get(sign["key"]))} for sign in findings["signs"]]
    return {**findings, **_remarks(notes.general), "signs": signs}


def _remarks(remarks: Remarks | None) -> Json:
    return {} if remarks is None or remarks.is_empty else {"notes": remarks.model_dump(mode="json")}


def _day(day: pd.Timestamp | None) -> str | None:
    return None if day is None or pd.isna(day) else day.strftime("%Y-%m-%d")


def _days(days: Any) -> list[str]:
    return [text for text in map(_day, days) if text is not None]


def _number(value: Any) -> float | None:
    if value is None or pd.isna(value) or not math.isfinite(value):
        return None
    return round(float(value), 6)


def _range(estimate: Range | None) -> Json | None:
    if estimate is None:
        return None
    return {"low": _number(estimate.low), "central": _number(estimate.central), "high": _number(estimate.high)}


def _money(views: Views | None) -> Json | None:
    """Both views of the ledger over the last twelve cycles: the same total, never to be added."""
    if views is None:
        return None
    incurred, root = (
        {str(key): _number(value) for key, value in view.items()} for view in (views.incurred, views.root)
    )
    return {
        "total": None if views.withheld else _number(views.total),
        "incurred": {} if views.withheld else incurred,
        "root": {} if views.withheld else root,
        "reconciliation": views.check,
        "reconciled": not views.withheld,
    }


def _intake(table: Any) -> Json:
    return {
        "table": table.table,
        "rows_read": table.rows_read,
        "rows_used": table.rows_used,
        "rows_rejected": table.rows_rejected,
        "cells_emptied": table.cells_emptied,
        "problem": table.problem,
    }


def _sign(finding: Finding) -> Json:
    verdict, evidence = finding.verdict, finding.evidence
    return {
        "sign": finding.sign.number,
        "key": finding.sign.key,
        "cluster": finding.sign.cluster,
        "status": verdict.status,
        "strength": verdict.strength,
        "first_warning_cycle": _day(verdict.first_warning),
        "breached_cycles": _days(verdict.breached),
        "recurring_cycles": _days(verdict.recurring_cycles),
        "trend": verdict.trend,
        "cause": finding.cause,
        "cause_basis": finding.cause_basis,
        "cost": {
            "amount": _number(finding.cost.amount),
            "basis": finding.cost.basis,
            "additive": finding.cost.additive,
            "view": finding.cost.view,
            "avoidable": _range(finding.cost.avoidable),
            "avoidable_a_year": _range(finding.cost.a_year),
        },
        "drivers": [{"dimension": d, "value": value, "share": share} for d, value, share in verdict.drivers],
        "units_beyond_chance": list(verdict.units_beyond_chance),
        "metrics": [_metric(metric) for metric in evidence.metrics] if evidence else [],
        "missing": list(finding.missing),
        "evidence_level": evidence.path.level if evidence else None,
        "path": evidence.path.name if evidence else None,
        "basis": evidence.basis if evidence else finding.reason,
        "chronic": verdict.chronic,
        "provisional": verdict.provisional,
        "unconfirmed": verdict.unconfirmed,
        "excuse_dependent": verdict.excuse_dependent,
        "excused_cycles": _days(verdict.excused),
    }


def _metric(metric: Metric) -> Json:
    values = metric.values.dropna()
    return {
        "name": metric.name,
        "unit": metric.limit.unit if metric.limit else metric.unit,
        "cycles": dict(zip(_days(values.index), map(_number, values), strict=True)),
        "amber": metric.limit.amber if metric.limit else None,
        "red": metric.limit.red if metric.limit else None,
    }


def _pulse(row: dict[Any, Any]) -> Json:
    return {"cycle": _day(row["cycle"]), **{name: _number(value) for name, value in row.items() if name != "cycle"}}


def _process(process: Process | None) -> Json:
    """Cadence, roles and interviews; null where they broke off."""
    if process is None:
        return dict.fromkeys(("cadence", "roles", "interviews"))
    return {
        "cadence": _cadence(process.cadence),
        "roles": asdict(process.roles),
        "interviews": _interviews(process.interviews),
    }


def _cadence(cadence: Cadence) -> Json:
    clock = cadence.times
    times = ("cycle", "planned", "deciding", "executing", "reaction", "protection", "lead", "fence")
    return {
        "pace": cadence.pace,
        "days": {name: _number(getattr(clock, name)) for name in times},
        "too_slow": [_test(test) for test in cadence.slow],
        "too_fast": [_test(test) for test in cadence.fast],
        "fence_declared": cadence.fence_declared,
        "families": [_row(row) for row in clock.families.to_dict("records")],
    }


def _test(test: CadenceTest) -> Json:
    numbers = {name: _number(getattr(test, name)) for name in ("value", "limit")}
    return {**asdict(test), **numbers}


def _interviews(interviews: Interviews) -> Json:
    frames = {"by_sign": interviews.by_sign, "by_function": interviews.by_function}
    rows = {name: [_row(row) for row in frame.to_dict("records")] for name, frame in frames.items()}
    return {**rows, "missing": list(interviews.missing)}


def _row(row: dict[Any, Any]) -> Json:
    """A row of a small frame: flags and texts as they are, numbers rounded, what is missing as null."""
    return {name: value if isinstance(value, str | bool | int) else _number(value) for name, value in row.items()}


def _root_causes(roots: RootCauses) -> Json:
    return {
        "objectives": {
            "conflicts": _records(roots.conflicts),
            "unmapped": list(roots.unmapped),
            "missing": list(roots.objectives_missing),
        },
        "trade_offs": {
            "situations": _records(roots.tradeoffs),
            "has_rules": roots.has_rules,
            "missing": {code: list(columns) for code, columns in roots.situations_missing.items()},
        },
        "parameters": {
            "pairs": _records(roots.pairs),
            "subjects": _records(roots.subjects),
            "missing": {name: list(columns) for name, columns in roots.parameters_missing.items()},
        },
    }


def _records(rows: pd.DataFrame) -> list[Json]:
    return [{str(name): _value(value) for name, value in row.items()} for row in rows.to_dict("records")]


def _value(value: Any) -> Any:
    if isinstance(value, tuple):
        return list(value)
    if value is None or isinstance(value, str | bool | int):
        return value
    return _number(value)
