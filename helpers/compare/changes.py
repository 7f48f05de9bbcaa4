"""What became of each sign from one run to the other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from helpers.charts.numbers import MISSING
from helpers.compare.sides import RANKS, Side, side_of
from helpers.findings import Json
from helpers.signs import registry

Kind = Literal["new", "worse", "gone", "better", "unchanged", "apart"]
# A strength that moves by less says the same: the scorecard shows two digits, and one cycle more moves the second.
SMALLEST_STEP = 0.05


@dataclass(frozen=True)
class SignChange:
    """What became of one sign; a side is missing where that run does not know the sign."""

    number: int | None
    key: str
    title: str
    kind: Kind
    before: Side | None
    after: Side | None
    notes: tuple[str, ...]


def changes(before: Json, after: Json) -> Iterator[SignChange]:
    """Every sign of either run once, those of the later run first."""
    titles = {entry.sign.key: entry.sign.title for entry in registry()}
    old, new = ({sign["key"]: sign for sign in findings["signs"]} for findings in (before, after))
    for key in {**new, **old}:
        sides = (side_of(old[key]) if key in old else None, side_of(new[key]) if key in new else None)
        number, title = (new.get(key) or old[key]).get("sign"), titles.get(key, key.replace("_", " ").capitalize())
        known = number if isinstance(number, int) else None
        yield SignChange(known, key, title, kind_of(*sides), sides[0], sides[1], tuple(_notes(*sides)))


def kind_of(before: Side | None, after: Side | None) -> Kind:
    """New and gone are about recurring, better and worse about status, then strength; else unchanged or apart."""
    if before is None or after is None or not (before.is_assessed and after.is_assessed):
        return "apart"
    if (before.status == "recurring") != (after.status == "recurring"):
        return "new" if after.status == "recurring" else "gone"
    moved = _step(before, after)
    if not moved:
        return "unchanged"
    return "worse" if moved > 0 else "better"


def _step(before: Side, after: Side) -> float:
    """Above 0 when the sign grew; strengths of two levels of evidence have different caps and are not compared."""
    if before.status != after.status:
        return [*RANKS].index(after.status) - [*RANKS].index(before.status)  # type: ignore[arg-type]
    if before.evidence_level != after.evidence_level or before.strength is None or after.strength is None:
        return 0.0
    moved = round(after.strength - before.strength, 6)
    return moved if abs(moved) >= SMALLEST_STEP else 0.0


def _notes(before: Side | None, after: Side | None) -> Iterator[str]:
    """What to know before the two sides of a sign are held against each other."""
    if before is None or after is None:
        yield f"only the run {'after' if before is None else 'before'} knows this sign"
        return
    if not (before.is_assessed and after.is_assessed):
        return
    if before.evidence_level != after.evidence_level:
        yield f"other level of evidence ({before.evidence_level}, now {after.evidence_level}): strengths not compared"
    elif before.path != after.path:
        yield f"measured along another path ({before.path}, now {after.path})"
    yield from _other_limits(before, after)
    if before.first_warning and before.first_warning != after.first_warning:
        yield "the first warning moved: the same months are read differently (data, settings or kit)"


def _other_limits(before: Side, after: Side) -> Iterator[str]:
    for name in before.limits.keys() & after.limits.keys():
        old, new = before.limits[name], after.limits[name]
        if old != new:
            yield f"other limits of {name}: amber {_bound(old[0], new[0])}, red {_bound(old[1], new[1])}"


def _bound(*bounds: float | None) -> str:
    return arrow(*(MISSING if bound is None else f"{bound:g}" for bound in bounds))


def arrow(before: str, after: str) -> str:
    """`800 → 1,200`; a value that is the same on both sides stands once."""
    return after if before == after else f"{before} → {after}"
