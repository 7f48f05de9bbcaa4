"""Two runs beside each other: what is new, gone, better, worse or unchanged, and what cannot be compared.

It reads saved findings only, never a client's data.

Glossary
    before, after   the two runs, in the order in which they were named
    kind            what became of a sign from one run to the other
    apart           a sign that at least one of the runs could not assess: neither better nor worse
    caveat          what keeps the two runs from being like for like
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from functools import reduce
from operator import add
from pathlib import Path
from typing import Any, Literal, NoReturn, get_args

from helpers.charts.numbers import MISSING, day, money, short
from helpers.diagnosis import Diagnosis
from helpers.errors import Unusable
from helpers.evidence import Range, Status
from helpers.findings import SCHEMA_VERSION, Json, findings_json
from helpers.runs import UNNAMED
from helpers.settings import Settings
from helpers.signs import registry

Kind = Literal["new", "worse", "gone", "better", "unchanged", "apart"]
FINDINGS = "findings.json"
KINDS: dict[Kind, str] = {
    "new": "New",
    "worse": "Worse",
    "gone": "Gone",
    "better": "Better",
    "unchanged": "Unchanged",
    "apart": "Not compared",
}
ALWAYS_SAID: tuple[Kind, ...] = ("new", "gone")
RANKS: tuple[Status, ...] = ("absent", "isolated", "recurring")
STATUSES: tuple[str, ...] = get_args(Status)
# A strength that moves by less says the same: the scorecard shows two digits, and one cycle more moves the second.
SMALLEST_STEP = 0.05
COST_CYCLES = 12
LARGEST = 1e300
NAMED_APART = {"client", "currency", "bucket", "branding", "tables"}
BY_ORIGIN = "* the same money as in the other signs, seen by where it begins: never add both."


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
class SignChange:
    """What became of one sign; a side is missing where that run does not know the sign."""

    number: int | None
    key: str
    title: str
    kind: Kind
    before: Side | None
    after: Side | None
    notes: tuple[str, ...]


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


# what is saved, and how it is read


def recorded(diagnosis: Diagnosis) -> Json:
    """The findings of a run as they are saved: with what of the settings a later run has to be compared by."""
    return {**findings_json(diagnosis), "settings": settings_recorded(diagnosis.settings)}


def settings_recorded(settings: Settings) -> Json:
    """The settings that differ from their default; of the mapping a digest, in which the names of files do not count.

    >>> settings_recorded(Settings(sensitivity="early"))
    {'sensitivity': 'early'}
    """
    said: Json = settings.model_dump(mode="json", exclude_defaults=True, exclude=NAMED_APART)
    if settings.tables:
        mapped = {name: source.model_dump(mode="json", exclude={"file"}) for name, source in settings.tables.items()}
        said["mapping"] = hashlib.sha256(json.dumps(mapped, sort_keys=True).encode()).hexdigest()[:12]
    return said


def load(path: Path) -> Json:
    """The saved findings in `path`, a run's folder or the file itself.

    Raises
    ------
    Unusable
        Nothing is there, or it is not the findings of a run; the message says what was found.
    """
    if not path.exists():
        raise Unusable(f"{path}: there is no such file or folder. Name a run's folder or its {FINDINGS}.")
    file = path / FINDINGS if path.is_dir() else path
    if not file.is_file():
        raise Unusable(f"{path}: no {FINDINGS} in this folder. Name the folder of a finished report or diagnosis.")
    try:
        found = json.loads(file.read_text(encoding="utf-8-sig"), parse_constant=_refuse)
    except OSError as error:
        raise Unusable(f"{file}: cannot be read: {error.strerror}.") from error
    except (ValueError, RecursionError) as error:
        raise Unusable(f"{file}: not JSON ({error}). Name a run's folder or its {FINDINGS}.") from error
    return _checked(found, file)


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not a number of JSON")


def _checked(found: Any, file: Path) -> Json:
    """`found` when it has the form of findings."""
    if not isinstance(found, dict) or "schema_version" not in found:
        raise Unusable(f"{file}: JSON, but not the findings of a run: it names no schema_version.")
    if found["schema_version"] != SCHEMA_VERSION:
        raise Unusable(
            f"{file}: schema {found['schema_version']!r} of the findings is unknown. "
            f"This version of the kit reads schema '{SCHEMA_VERSION}'."
        )
    signs = found.get("signs")
    if not isinstance(signs, list) or not all(_is_sign(sign) for sign in signs):
        raise Unusable(f"{file}: not the findings of a run: 'signs' must list every sign with its key and status.")
    return found


def _is_sign(sign: Any) -> bool:
    return isinstance(sign, dict) and _text(sign.get("key")) is not None and sign.get("status") in STATUSES


# the comparison


def compare(before: Json, after: Json) -> Comparison:
    """Two saved findings beside each other, in the order given."""
    earlier, later, signs = _run(before), _run(after), tuple(_changes(before, after))
    return Comparison(
        earlier,
        later,
        same_money=earlier.currency == later.currency and earlier.bucket == later.bucket,
        signs=signs,
        caveats=tuple(_caveats(earlier, later, signs)),
    )


def _run(findings: Json) -> Run:
    verdict, ledger = _part(findings.get("verdict")), _part(findings.get("money"))
    sides = [_side(sign) for sign in findings["signs"]]
    spared = [side.avoidable for side in sides if side.additive and side.avoidable]
    cycles, settings = findings.get("cycles"), findings.get("settings")
    return Run(
        client=_text(findings.get("client")),
        as_of=_date(findings.get("as_of")),
        bucket=_text(findings.get("bucket")),
        currency=_text(findings.get("currency")),
        kit_version=_text(findings.get("kit_version")),
        cycles=len(cycles) if isinstance(cycles, list) else 0,
        settings=settings if isinstance(settings, dict) else None,
        level=_text(verdict.get("level")),
        message=_text(verdict.get("message")),
        recurring_signs=sum(side.status == "recurring" for side in sides),
        assessed_signs=sum(side.is_assessed for side in sides),
        alignment_index=_number(verdict.get("alignment_index")),
        cost=_number(ledger.get("total")),
        avoidable=reduce(add, spared) if spared else None,
    )


def _side(sign: Json) -> Side:
    cost, metrics = _part(sign.get("cost")), sign.get("metrics")
    named = [metric for metric in metrics if _text(_part(metric).get("name"))] if isinstance(metrics, list) else []
    return Side(
        status=sign["status"],
        strength=_number(sign.get("strength")),
        first_warning=_date(sign.get("first_warning_cycle")),
        amount=_number(cost.get("amount")),
        avoidable=_range(cost.get("avoidable")),
        additive=cost.get("additive") is not False,
        evidence_level=_text(sign.get("evidence_level")),
        path=_text(sign.get("path")),
        limits={metric["name"]: (_number(metric.get("amber")), _number(metric.get("red"))) for metric in named},
    )


def _changes(before: Json, after: Json) -> Iterator[SignChange]:
    """Every sign of either run once, those of the later run first."""
    titles = {entry.sign.key: entry.sign.title for entry in registry()}
    old, new = ({sign["key"]: sign for sign in findings["signs"]} for findings in (before, after))
    for key in {**new, **old}:
        sides = (_side(old[key]) if key in old else None, _side(new[key]) if key in new else None)
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
    return _arrow(*(MISSING if bound is None else f"{bound:g}" for bound in bounds))


# what keeps two runs from being like for like


def _caveats(before: Run, after: Run, signs: tuple[SignChange, ...]) -> Iterator[str]:
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
            yield f"{key} {_arrow(old, new)}"


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


# in words


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
        return f"{change.title} ({_arrow(_status(before), _status(after))}{since})"
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
        _arrow(_status(before), _status(after)),
        _strength(before, after),
        _arrow(old, new),
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
        return _arrow(old, new)
    change = after - before
    return f"{_arrow(old, new)} ({'+' if change > 0 else '−'}{short(abs(change))})"


def _arrow(before: str, after: str) -> str:
    return after if before == after else f"{before} → {after}"


def _status(side: Side | None) -> str:
    return MISSING if side is None else side.status.replace("_", " ")


def _strength(*sides: Side | None) -> str:
    before, after = (
        MISSING if side is None or side.strength is None or not side.is_assessed else f"{side.strength:.2f}"
        for side in sides
    )
    return _arrow(before, after)


def _centre(spared: Range | None) -> float | None:
    return spared.central if spared else None


def document(comparison: Comparison) -> Json:
    """The comparison for `json.dumps`."""
    return {"schema_version": SCHEMA_VERSION, **asdict(comparison)}


# one value of a file that others may have written


def _part(value: Any) -> Json:
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > LARGEST:
        return None
    return float(value)


def _date(value: Any) -> str | None:
    try:
        return date.fromisoformat(value).isoformat()
    except (TypeError, ValueError):
        return None


def _range(value: Any) -> Range | None:
    low, central, high = (_number(_part(value).get(end)) for end in ("low", "central", "high"))
    return None if low is None or central is None or high is None else Range(low, central, high)
