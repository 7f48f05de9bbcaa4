"""Holds what came of a broken client against what had to come of it."""

from __future__ import annotations

import csv
import json
import math
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from helpers import contract
from tests.robustness.broken import count
from tests.robustness.broken.case import CELL, ROW, TABLE, Expected, Fate, Refused, Taken
from tests.robustness.broken.client import Copy, Good
from tests.robustness.broken.typed import stored, typed

# What only a programmer can read has no place in a message.
RAW = re.compile(
    "Traceback|Errno|Exception|NoneType|KeyError|ValueError|<class|object at 0x|Conversion Error|Binder Error"
    "|pyarrow|pydantic"
)


@dataclass(frozen=True)
class Ran:
    """What a command left: its exit status, all it said (with what broke off), and the folder of its results."""

    status: int
    said: str
    out: Path


@dataclass
class Judged:
    """What is to be complained of; rows in the files, and those used or set aside.

    A client that has to be refused has no rows: nothing is told of them.
    """

    complaints: list[str] = field(default_factory=list)
    rows_in: int = 0
    rows_kept: int = 0

    @property
    def said(self) -> str:
        """All complaints in a line; nothing where there is none."""
        return " | ".join(" ".join(complaint.split())[:600] for complaint in self.complaints)


@dataclass(frozen=True)
class Reference:
    """The unbroken client, what it is typed to, and the signs that recur in it."""

    good: Good
    store: Path
    recurring: frozenset[int]

    @cached_property
    def tables(self) -> dict[str, Any]:
        """The typed tables as they are stored."""
        return {name: pq.read_table(self.store / f"{name}.parquet") for name in self.good.grids}


def judge(ran: Ran, expected: Expected, copy: Copy, reference: Reference) -> Judged:
    """Everything that is not as it had to be."""
    judged = Judged()
    if broken_off := _log(ran.out) or ("Traceback" in ran.said and ran.said[-900:]):
        judged.complaints.append(f"broke off: {broken_off}")
    if isinstance(expected, Refused):
        judged.complaints += _refusal(ran, expected)
    elif ran.status != 0:
        judged.complaints.append(f"exit status {ran.status} in place of 0: {ran.said[-600:]}")
        judged.rows_in = sum(_rows(name, fate, copy) for name, fate in _fates(expected, copy).items() if fate.is_sent)
    else:
        _taken(ran, expected, copy, reference, judged)
    return judged


def _fates(expected: Taken, copy: Copy) -> dict[str, Fate]:
    """What is to become of each table, of those that nobody touched too."""
    return {name: Fate(copy.grid(name)) for name in copy.tables} | expected.fates


def _rows(name: str, fate: Fate, copy: Copy) -> int:
    """The rows in the file of a table."""
    plain = copy.folder / f"{name}.csv"
    return copy.counts.get(name, lambda: count.delimited(plain))() if fate.read is None else fate.read


def _refusal(ran: Ran, expected: Refused) -> Iterator[str]:
    if ran.status != 2:
        yield f"exit status {ran.status} in place of 2: {ran.said[-600:]}"
        return
    yield from (f"the message lacks '{part}': {ran.said}" for part in expected.says if part not in ran.said)
    if found := RAW.search(ran.said):
        yield f"the message speaks of '{found[0]}': {ran.said}"
    if ran.out.exists():
        yield f"{ran.out.name} was left behind"


def _taken(ran: Ran, expected: Taken, copy: Copy, reference: Reference, judged: Judged) -> None:
    manifest = json.loads((ran.out / "store" / "intake.json").read_text(encoding="utf-8"))
    entries = {entry["table"]: entry for entry in manifest["tables"]}
    fates = _fates(expected, copy)
    complain = judged.complaints.append
    for part in expected.says:
        if part not in ran.said:
            complain(f"the terminal does not say '{part}': {ran.said[-1500:]}")
    for name in sorted(entries.keys() - fates.keys()):
        complain(f"{name} came out of nowhere")
    for name, fate in fates.items():
        entry = entries.get(name)
        if not fate.is_sent:
            if entry:
                complain(f"{name} counts as sent: {entry}")
            continue
        judged.rows_in += (counted := _rows(name, fate, copy))
        if entry is None:
            complain(f"{name} is missing: {ran.said[-600:]}")
        else:
            judged.complaints += _counts(name, fate, entry, counted)
            judged.rows_kept += entry["rows_used"] + entry["rows_rejected"]
            judged.complaints += _listed(name, fate, entry, ran.out / "rejects" / f"{name}.csv")
            judged.complaints += _values(name, fate, ran.out / "store", reference, name in expected.fates)


def _counts(name: str, fate: Fate, entry: dict[str, Any], counted: int) -> Iterator[str]:
    """Rows in the file = rows read = used + set aside."""
    kept = entry["rows_used"] + entry["rows_rejected"]
    if not counted == entry["rows_read"] == kept:
        yield f"{name}: {counted} rows in the file, {entry['rows_read']} read, {kept} used or set aside"
    used = fate.used or (len(fate.kept) if fate.kept else 0)
    if entry["rows_used"] != used:
        yield f"{name}: {entry['rows_used']} rows used in place of {used}"


def _listed(name: str, fate: Fate, entry: dict[str, Any], path: Path) -> Iterator[str]:
    """Every fault with file, line, column, value, rule and action, and no other; the counts agree with the list."""
    found, told = _rejects(path), entry["problem"] or ""
    if any(line["file"] == "" or line["rule"] == "" for line in found):
        yield f"{name}: a fault without its file or its rule: {found[:3]}"
    if fate.whole:
        yield from (f"{name}: the reason lacks '{part}': {told}" for part in fate.whole if part not in told)
        if [line["action"] for line in found] != [TABLE] and len(_lines(found)) != entry["rows_read"]:
            yield f"{name}: set aside whole, but rejects/ says {found[:3]}"
        return
    if told:
        yield f"{name}: set aside whole: {told}"
    if len(_lines(found)) != entry["rows_rejected"]:
        yield f"{name}: {entry['rows_rejected']} rows set aside, {len(_lines(found))} listed"
    if sum(line["action"] == CELL for line in found) != entry["cells_emptied"]:
        yield f"{name}: {entry['cells_emptied']} cells emptied, others listed"
    yield from _faults(name, fate, found)


def _lines(found: list[dict[str, str]]) -> set[str]:
    return {line["line"] for line in found if line["action"] == ROW}


def _faults(name: str, fate: Fate, found: list[dict[str, str]]) -> Iterator[str]:
    wanted = Counter((str(fault.line), fault.column, fault.action) for fault in fate.faults)
    listed = Counter((line["line"], line["column"], line["action"]) for line in found)
    if wanted != listed:
        yield f"{name}: not listed {_few(wanted - listed)}, listed beyond {_few(listed - wanted)}"
    by_place = {(line["line"], line["column"]): line for line in found}
    for fault in fate.faults:
        line = by_place.get((str(fault.line), fault.column), {"rule": fault.rule, "value": fault.value})
        if fault.rule not in (line["rule"] or ""):
            yield f"{name} line {fault.line}: the rule lacks '{fault.rule}': {line['rule']}"
        if fault.value not in (None, line["value"]):
            yield f"{name} line {fault.line}: the value is shown as {line['value']!r}, not {fault.value!r}"


def _values(name: str, fate: Fate, store: Path, reference: Reference, touched: bool) -> Iterator[str]:
    """No cell that was left alone has changed, and no other row has crept in."""
    if not touched:
        if not pq.read_table(store / f"{name}.parquet").equals(reference.tables[name]):
            yield f"{name}: typed otherwise, though nobody touched it"
        return
    wanted = typed(name, fate.kept) if fate.kept else Counter()
    found = stored(store, name)
    if wanted != found:
        columns = [column.name for column in contract.table(name).columns]
        yield f"{name}: {columns}: lost {_few(wanted - found)}, come {_few(found - wanted)}"


def findings(ran: Ran, expected: Taken, reference: Reference) -> Iterator[str]:
    """Complaints about `findings.json`: numbers that are none, counts that differ, green out of broken data."""
    text = (ran.out / "findings.json").read_text(encoding="utf-8")
    found = json.loads(text, parse_constant=lambda word: math.nan)
    if odd := [path for path, number in _numbers(found) if not math.isfinite(number)]:
        yield f"findings.json holds what is no number at {odd[:3]}"
    manifest = json.loads((ran.out / "store" / "intake.json").read_text(encoding="utf-8"))
    keys = ("table", "rows_read", "rows_used", "rows_rejected")
    stored_, told = ([tuple(e[k] for k in keys) for e in part] for part in (manifest["tables"], found["intake"]))
    if stored_ != told:
        yield "findings.json counts other rows than the intake"
    if [sign["sign"] for sign in found["signs"]] != list(range(1, 11)):
        yield "findings.json does not hold ten signs in order"
    for sign in found["signs"]:
        if sign["sign"] in reference.recurring - expected.quiet and sign["status"] == "absent":
            yield f"sign {sign['sign']} turned green ({sign['path']}; {sign['missing']})"
    booked = next((e for e in manifest["tables"] if e["table"] == "compensation_costs"), None)
    if booked and found["money"] and found["money"]["reconciled"] and 0 < booked["rows_used"] < 0.8 * _own(booked):
        yield f"money is said of {booked['rows_used']} of {_own(booked)} rows of compensation_costs"


def _own(entry: dict[str, Any]) -> int:
    """The rows of a table that are no totals of others."""
    return int(entry["rows_read"] - entry["total_rows"])


def _numbers(found: Any, path: str = "") -> Iterator[tuple[str, float]]:
    if isinstance(found, dict):
        for key, value in found.items():
            yield from _numbers(value, f"{path}.{key}")
    elif isinstance(found, list):
        for place, value in enumerate(found):
            yield from _numbers(value, f"{path}.{place}")
    elif isinstance(found, int | float) and not isinstance(found, bool):
        yield path, found


def _rejects(path: Path) -> list[dict[str, str]]:
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _few(rows: Counter[Any]) -> str:
    return f"{rows.total()}: {list(rows)[:3]}" if rows else "none"


def _log(out: Path) -> str:
    log = out / "run.log"
    return log.read_text(encoding="utf-8")[-500:] if log.exists() else ""
