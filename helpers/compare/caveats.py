"""What keeps two runs from being like for like."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from helpers.compare.changes import SignChange, arrow
from helpers.compare.sides import COST_CYCLES, Run, Side
from helpers.runs import UNNAMED


def caveats(before: Run, after: Run, signs: tuple[SignChange, ...]) -> Iterator[str]:
    yield from _whose(before, after)
    yield from _when(before, after)
    yield from _how(before, after)
    yield from _what_it_cost(before, after)
    limited = [change.title for change in signs if any(note.startswith("other limits") for note in change.notes)]
    if limited:
        yield f"Other limits: {', '.join(limited)}."
    once = [change.title for change in signs if _is_assessed(change.before) != _is_assessed(change.after)]
    if once:
        yield f"Assessed in one run only: {', '.join(once)}. Verdicts and sums of cost rest on different signs."


def _is_assessed(side: Side | None) -> bool:
    return side is not None and side.is_assessed


def _whose(before: Run, after: Run) -> Iterator[str]:
    if before.client != after.client:
        yield f"Two clients ({before.client}, then {after.client}): what differs is no course of one company."
    elif after.client in (None, UNNAMED):
        yield "Neither run names its client: that both are of one company cannot be told from the findings."


def _when(before: Run, after: Run) -> Iterator[str]:
    if before.as_of is None or after.as_of is None:
        yield "A run does not say as of when it is: which one is later is not known."
    elif before.as_of == after.as_of:
        yield "Both runs are as of the same date: what differs comes from data, settings or kit, not from time."
    elif before.as_of > after.as_of:
        yield "The run named first is the later one: the changes read backwards in time."


def _how(before: Run, after: Run) -> Iterator[str]:
    if before.kit_version != after.kit_version:
        yield f"Other version of the kit ({before.kit_version}, then {after.kit_version}): its rules may have changed."
    if before.bucket != after.bucket:
        yield (
            f"Other bucket ({before.bucket}, then {after.bucket}): cycles are not of one length, so strengths and "
            "first warnings are not like for like and costs are not compared."
        )
    if before.settings is None or after.settings is None:
        yield "The settings of a run were not recorded: whether they changed is not known, beyond the limits shown."
    elif before.settings != after.settings:
        yield f"Other settings: {'; '.join(_other_settings(before.settings, after.settings))}."


def _other_settings(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    for key in sorted(before.keys() | after.keys()):
        old, new = (_flat(settings[key]) if key in settings else "default" for settings in (before, after))
        if old != new:
            yield f"{key} {arrow(old, new)}"


def _flat(value: Any, longest: int = 60) -> str:
    said = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)
    return f"{said[:longest]}…" if len(said) > longest else said


def _what_it_cost(before: Run, after: Run) -> Iterator[str]:
    if before.currency != after.currency:
        yield f"Other currency ({before.currency}, then {after.currency}): costs are not compared."
    if (before.cost is None) != (after.cost is None):
        yield "The total of compensation is not known in one of the runs (nothing booked, or it did not reconcile)."
    if before.cycles != after.cycles and min(before.cycles, after.cycles) <= COST_CYCLES:
        yield (
            f"Costs are of the last {COST_CYCLES} closed cycles; a run has fewer ({before.cycles} cycles before, "
            f"{after.cycles} now), so the amounts cover different spans."
        )
