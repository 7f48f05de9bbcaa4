"""Since last time: the run beside the last one of the same client that lies in `runs/`, as of an earlier date."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from markupsafe import Markup

from helpers.charts.numbers import day
from helpers.compare import BY_ORIGIN, FINDINGS, Comparison, compare, load, points, recorded, rows
from helpers.diagnosis import Diagnosis
from helpers.errors import Unusable
from helpers.findings import Json
from helpers.place import Origin, name_of
from helpers.report.markup import fill
from helpers.runs import RUNS, UNNAMED, slug


def since(diagnosis: Diagnosis, data: Origin, out_dir: Path, parent: Path = RUNS) -> Markup:
    """What changed since the last earlier run; empty when there is none, and in a copy without names."""
    if diagnosis.manifest.anonymised:
        return Markup()
    earlier = last_before(diagnosis, data, out_dir, parent)
    if earlier is None:
        return Markup()
    return block(compare(earlier, recorded(diagnosis)))


def block(comparison: Comparison) -> Markup:
    """The comparison as a section of the page."""
    listed = rows(comparison)
    return fill(
        "since.html.j2",
        before=day(comparison.before.as_of),
        unnamed=comparison.after.client == UNNAMED,
        points=points(comparison),
        rows=listed,
        currency=comparison.after.currency if comparison.same_money else "",
        caveats=comparison.caveats,
        by_origin=BY_ORIGIN if any(row.cost.endswith("*") for row in listed) else "",
    )


def last_before(diagnosis: Diagnosis, data: Origin, out_dir: Path, parent: Path = RUNS) -> Json | None:
    """The findings of the same client with the latest as-of date before this one; of several, those written last."""
    now = diagnosis.as_of.strftime("%Y-%m-%d")
    others = (path for path in parent.glob(f"*/{FINDINGS}") if path.parent.resolve() != out_dir.resolve())
    client, stem = diagnosis.settings.client, slug(name_of(data))
    found = [
        (findings["as_of"], path.stat().st_mtime_ns, str(path), findings)
        for path, findings in _readable(others)
        if _is_before(findings, now) and _is_of(findings, path.parent.name, client, stem)
    ]
    return max(found, key=lambda run: run[:3])[3] if found else None


def _readable(paths: Iterator[Path]) -> Iterator[tuple[Path, Json]]:
    """Findings that another version of the kit or another program left behind are passed over."""
    for path in paths:
        try:
            yield path, load(path)
        except Unusable:
            continue


def _is_before(findings: Json, now: str) -> bool:
    as_of = findings.get("as_of")
    return isinstance(as_of, str) and bool(re.fullmatch(r"\d{4}-\d{2}-\d{2}", as_of)) and as_of < now


def _is_of(findings: Json, folder: str, client: str, stem: str) -> bool:
    """By the client's name; without one by the name of the folder, which then begins with that of the data folder."""
    if findings.get("client") != client:
        return False
    return client != UNNAMED or bool(re.fullmatch(rf"{re.escape(stem)}-\d{{8}}-\d{{6}}(-\d+)?", folder))
