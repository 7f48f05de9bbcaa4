"""A comparison in plain words: what changed, point by point, and a table with a row a sign."""

from __future__ import annotations

from dataclasses import dataclass

from helpers.charts.numbers import MISSING, day, money, short
from helpers.compare.changes import Kind, SignChange, arrow
from helpers.compare.comparison import Comparison
from helpers.compare.sides import COST_CYCLES, Side
from helpers.evidence import Range

KINDS: dict[Kind, str] = {
    "new": "New",
    "worse": "Worse",
    "gone": "Gone",
    "better": "Better",
    "unchanged": "Unchanged",
    "apart": "Not compared",
}
ALWAYS_SAID: tuple[Kind, ...] = ("new", "gone")
BY_ORIGIN = "* the same money as in the other signs, seen by where it begins: never add both."


@dataclass(frozen=True)
class Row:
    """One sign as a row of the table, in words."""

    number: str
    title: str
    change: str
    status: str
    strength: str
    first_warning: str
    cost: str
    avoidable: str
    notes: tuple[str, ...]


def points(comparison: Comparison) -> list[tuple[str, str]]:
    """What changed, in plain words: the verdict, the signs kind by kind, the money; a heading and a text each."""
    said = [("Verdict", _verdict_words(comparison))]
    for kind, heading in KINDS.items():
        listed = "; ".join(_sign_words(change) for change in comparison.of(kind))
        if listed or kind in ALWAYS_SAID:
            said.append((heading, f"{listed or 'none'}."))
    return [*said, ("Cost", _cost_words(comparison))]


def _verdict_words(comparison: Comparison) -> str:
    before, after = (
        f"{run.level or 'no verdict'} ({run.recurring_signs} of {run.assessed_signs} assessable signs recurring)"
        for run in (comparison.before, comparison.after)
    )
    return f"{before} before, {after} now."


def _sign_words(change: SignChange) -> str:
    """A sign with what moved; one that could not be assessed with what is known of it."""
    before, after = change.before, change.after
    if before is None or after is None or change.kind == "apart":
        return f"{change.title} ({_apart_words(before, after)})"
    if before.status != after.status:
        since = f", first warning {day(after.first_warning)}" if change.kind == "new" and after.first_warning else ""
        return f"{change.title} ({arrow(_status(before), _status(after))}{since})"
    moved = f", strength {_strength(before, after)}" if change.kind != "unchanged" else ""
    return f"{change.title} ({_status(after)}{moved})"


def _apart_words(before: Side | None, after: Side | None) -> str:
    if after is None or before is None:
        return f"{_status(before)} before" if after is None else f"{_status(after)} now, not known before"
    if after.is_assessed:
        return f"{_status(after)} now, could not be assessed before"
    return f"{_status(before)} before, can no longer be assessed" if before.is_assessed else "not assessable, as before"


def _cost_words(comparison: Comparison) -> str:
    before, after = comparison.before, comparison.after
    if not comparison.same_money:
        old, new = (money(run.cost, run.currency or "") for run in (before, after))
        return f"not compared: {old} before, {new} now."
    spent = _amounts(before.cost, after.cost, after.currency)
    spared = _amounts(_centre(before.avoidable), _centre(after.avoidable), after.currency)
    return f"{spent} for compensation in the last {COST_CYCLES} closed cycles; avoidable, central estimate: {spared}."


def rows(comparison: Comparison) -> list[Row]:
    """The table: a row a sign, each value before and now where the two differ; amounts in the runs' one currency."""
    return [_row(change, comparison.same_money) for change in comparison.signs]


def _row(change: SignChange, same_money: bool) -> Row:
    before, after = change.before, change.after
    old, new = (day(side.first_warning if side else None) for side in (before, after))
    return Row(
        "" if change.number is None else str(change.number),
        change.title,
        KINDS[change.kind].lower(),
        arrow(_status(before), _status(after)),
        _strength(before, after),
        arrow(old, new),
        _cost_cell(before, after) if same_money else "not compared",
        _avoidable_cell(before, after) if same_money else "not compared",
        change.notes,
    )


def _cost_cell(*sides: Side | None) -> str:
    before, after = (side.amount if side else None for side in sides)
    by_origin = any(side and not side.additive for side in sides) and (before is not None or after is not None)
    return f"{_amounts(before, after)}{'*' if by_origin else ''}"


def _avoidable_cell(*sides: Side | None) -> str:
    before, after = (_centre(side.avoidable) if side else None for side in sides)
    return _amounts(before, after)


def _amounts(before: float | None, after: float | None, currency: str | None = None) -> str:
    """`800 EUR → 1,200 EUR (+400)`; an amount that is not known on a side has no change."""
    old, new = (money(amount, currency or "").strip() for amount in (before, after))
    if before is None or after is None or before == after:
        return arrow(old, new)
    change = after - before
    return f"{arrow(old, new)} ({'+' if change > 0 else '−'}{short(abs(change))})"


def _status(side: Side | None) -> str:
    return MISSING if side is None else side.status.replace("_", " ")


def _strength(*sides: Side | None) -> str:
    before, after = (
        MISSING if side is None or side.strength is None or not side.is_assessed else f"{side.strength:.2f}"
        for side in sides
    )
    return arrow(before, after)


def _centre(spared: Range | None) -> float | None:
    return spared.central if spared else None
