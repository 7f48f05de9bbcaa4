"""What becomes of the signs when a table or a column is missing: they may fall silent, none may turn green for it."""

from __future__ import annotations

import csv
import os
import random
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path

from helpers import contract
from helpers.diagnosis import measured, open_engagement
from helpers.errors import Unusable
from helpers.signs import registry
from tests.robustness.figures import Bench, Figure, counted
from tests.robustness.small import small_client

PROMISES = {"recurring": "no sign that recurs turns green", "isolated": "no sign with a bad cycle turns green"}


@dataclass(frozen=True)
class Seen:
    """What a run said of one sign: its status now, whether it ever recurred, and the path it was measured on."""

    status: str
    ever: bool
    path: str


Statuses = dict[str, Seen]


def figures(bench: Bench) -> Iterator[Figure]:
    """Every table and every optional column of the small client taken away in turn."""
    data = small_client(bench.folder / "whole")
    (whole,) = judged(data, [""], bench.say)
    outcomes = dict(zip(cases(data), judged(data, cases(data), bench.say), strict=True))
    for status, promise in PROMISES.items():
        turned = {name: "; ".join(turned_green(whole, found, status)) for name, found in outcomes.items()}
        yield counted("tables and columns taken away one by one", promise, turned)


def cases(data: Path) -> list[str]:
    """Every table beside `items`, and every column that was sent and is not required, as `table` or `table.column`."""
    found = []
    for table in contract.TABLES:
        file = data / f"{table.name}.csv"
        if not file.exists():
            continue
        found += [table.name] if table.name != "items" else []
        optional = {column.name for column in table.columns if not column.required}
        found += [f"{table.name}.{column}" for column in _header(file) if column in optional]
    return found


def some(data: Path, count: int, seed: int) -> list[str]:
    """A seeded share of the cases."""
    return random.Random(seed).sample(cases(data), count)


def judged(data: Path, names: Iterable[str], say: Callable[[str], None]) -> Iterator[Statuses]:
    """The signs of the client without each of the tables or columns, in processes that have everything imported."""
    with ProcessPoolExecutor(os.cpu_count(), get_context("fork")) as pool:
        for name, found in zip(names := list(names), pool.map(partial(without_it, data), names), strict=True):
            say(f"  without {name or 'nothing'}")
            yield found


def turned_green(whole: Statuses, found: Statuses, status: str = "recurring") -> list[str]:
    """The signs that had a status and are absent now."""
    return [
        f"{key}: {status} by {whole[key].path} → absent by {seen.path}"
        for key, seen in found.items()
        if seen.status == "absent" and whole[key].status == status
    ]


def without_it(data: Path, name: str) -> Statuses:
    """The signs of the client without a table or a column; none where it then cannot be used at all."""
    with tempfile.TemporaryDirectory(prefix="missing") as place:
        sent = take_away(data, Path(place) / "data", name)
        try:
            engagement = open_engagement(sent, Path(place) / "out")
        except Unusable:
            return {}
        findings = {entry.sign.key: measured(engagement, entry) for entry in registry()}
    return {
        key: Seen(f.verdict.status, f.verdict.first_warning is not None, f.evidence.path.name if f.evidence else "")
        for key, f in findings.items()
    }


def take_away(data: Path, target: Path, name: str) -> Path:
    """A copy of the client without a table or a column."""
    table, _, column = name.partition(".")
    shutil.copytree(data, target)
    file = target / f"{table}.csv"
    if column:
        with file.open(encoding="utf-8", newline="") as lines:
            rows = list(csv.DictReader(lines))
        kept = [header for header in _header(file) if header != column]
        with file.open("w", encoding="utf-8", newline="") as lines:
            writer = csv.DictWriter(lines, kept, extrasaction="ignore")
            writer.writeheader()
            writer.writerows(rows)
    elif table:
        file.unlink()
    return target


def _header(file: Path) -> list[str]:
    with file.open(encoding="utf-8", newline="") as lines:
        return next(csv.reader(lines))
