"""The two runs beside each other: signs, money and caveats in one value."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from helpers.compare.caveats import caveats
from helpers.compare.changes import Kind, SignChange, changes
from helpers.compare.sides import Run, run_of
from helpers.findings import SCHEMA_VERSION, Json


@dataclass(frozen=True)
class Comparison:
    """Two runs, sign by sign; `same_money` when their costs are in one currency and of cycles of one length."""

    before: Run
    after: Run
    same_money: bool
    signs: tuple[SignChange, ...]
    caveats: tuple[str, ...]

    def of(self, kind: Kind) -> tuple[SignChange, ...]:
        """The signs of one kind."""
        return tuple(change for change in self.signs if change.kind == kind)


def compare(before: Json, after: Json) -> Comparison:
    """Two saved findings beside each other, in the order given."""
    earlier, later, signs = run_of(before), run_of(after), tuple(changes(before, after))
    return Comparison(
        earlier,
        later,
        same_money=earlier.currency == later.currency and earlier.bucket == later.bucket,
        signs=signs,
        caveats=tuple(caveats(earlier, later, signs)),
    )


def document(comparison: Comparison) -> Json:
    """The comparison for `json.dumps`."""
    return {"schema_version": SCHEMA_VERSION, **asdict(comparison)}
