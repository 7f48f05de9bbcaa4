"""Which column of the client's file feeds each column of the contract, and which rows belong to the table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from difflib import get_close_matches

from helpers import contract
from helpers.contract import Table
from helpers.intake.sources import normal
from helpers.manifest import TableIntake
from helpers.settings import FactorByUnit, SameAs, TableSource

Scalar = str | int | float | bool | date

JOINT = " / "
LONGEST_HEADER = 80
ALIKE = 0.8  # of 1 for equal names: two letters of ten may differ


@dataclass(frozen=True)
class Place:
    """Another position of the same row."""

    position: int


@dataclass(frozen=True)
class Layout:
    """How the header of a file answers to the contract.

    `positions` maps a contract column to a position in the header, `constants` to a fixed text; a column in neither was
    not sent. `where` keeps the rows whose text at a position is one of the allowed values, or that of another position.
    `joined` are positions behind the file's own, made of several of them; `units` maps a number to the position that
    chooses its factor. `problem` says why the whole table cannot be used.
    """

    header: tuple[str, ...]
    positions: dict[str, int]
    constants: dict[str, str] = field(default_factory=dict)
    where: dict[int, tuple[Scalar, ...] | Place] = field(default_factory=dict)
    joined: dict[int, tuple[int, ...]] = field(default_factory=dict)
    units: dict[str, int] = field(default_factory=dict)
    ignored: tuple[str, ...] = ()
    notes: dict[str, str] = field(default_factory=dict)
    problem: str | None = None

    @property
    def sent(self) -> tuple[str, ...]:
        """The contract columns that were sent, whether read or constant."""
        return (*self.positions, *(name for name in self.constants if name not in self.positions))

    @property
    def read(self) -> tuple[int, ...]:
        """The positions that have to be read from the file, ascending."""
        parts = {place for places in self.joined.values() for place in places}
        others = {allowed.position for allowed in self.where.values() if isinstance(allowed, Place)}
        own = {*self.positions.values(), *self.where, *others, *self.units.values()}
        return tuple(sorted((own - self.joined.keys()) | parts))


def lay_out(table: Table, spec: TableSource, header: tuple[str, ...], label: str) -> Layout:
    """Match a header with the contract's table under the settings for it."""
    own = header
    header, joined = _with_joined(spec, own)
    places, twins = _places(header)
    positions, notes, problems, missing = {}, {}, [], {}
    for column in table.columns:
        if column.name in spec.constants:
            continue
        wanted = _one_name(spec.columns.get(column.name, column.name))
        place = places.get(_folded(wanted))
        if place is None and column.required:
            missing[column.name] = wanted
        elif place is None and column.name in spec.columns:
            notes[column.name] = f"not sent: {label} has no column '{wanted}'{_nearest(wanted, header)}"
        elif place is not None and _folded(wanted) in twins:
            problems.append(f"{label}: two columns are named '{wanted}'. Rename one of them.")
        elif place is not None:
            positions[column.name] = place
    where, lost = _where(table.name, spec, places, header, label)
    units, astray = _units(table.name, spec, places, header, label)
    if missing:
        problems.insert(
            0, _missing_required(table.name, missing, header, label) + ("" if positions else _stranger(own))
        )
    problems += [*lost, *astray]
    layout = Layout(
        header=header,
        positions=positions,
        constants={name: as_text(value) for name, value in spec.constants.items()},
        where=where,
        joined={place: parts for place, parts in joined.items() if place in positions.values()},
        units=units,
        notes=notes,
        problem=" ".join(problems) or None,
    )
    return replace(layout, ignored=tuple(n for i, n in enumerate(own) if n and i not in layout.read))


def look_alikes(entry: TableIntake) -> dict[str, str]:
    """What columns that are not used may be meant for: their names, by the column of the contract that was not sent."""
    found: dict[str, str] = {}
    unsent = (
        [] if entry.problem else [c.name for c in contract.table(entry.table).columns if c.name not in entry.filled]
    )
    for name in entry.ignored_columns:
        for column in get_close_matches(normal(name), unsent, 1, ALIKE):
            found.setdefault(column, name)
    return found


def _with_joined(spec: TableSource, header: tuple[str, ...]) -> tuple[tuple[str, ...], dict[int, tuple[int, ...]]]:
    """The header with the columns that the settings join behind its own, and the positions each is made of."""
    places, _ = _places(header)
    joined: dict[int, tuple[int, ...]] = {}
    for parts in dict.fromkeys(wanted for wanted in spec.columns.values() if not isinstance(wanted, str)):
        if all(_folded(part) in places for part in parts):
            joined[len(header)] = tuple(places[_folded(part)] for part in parts)
            header = (*header, _one_name(parts))
    return header, joined


def _one_name(wanted: str | tuple[str, ...]) -> str:
    return wanted if isinstance(wanted, str) else JOINT.join(wanted)


def as_text(value: Scalar) -> str:
    """A value of the settings as the text that the checks read."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, date) else str(value)


def _folded(name: str) -> str:
    return name.strip().casefold()


def _places(header: tuple[str, ...]) -> tuple[dict[str, int], set[str]]:
    places: dict[str, int] = {}
    twins = set()
    for place, name in enumerate(header):
        if _folded(name) in places:
            twins.add(_folded(name))
        else:
            places[_folded(name)] = place
    return places, twins


def _closest(wanted: str, header: tuple[str, ...]) -> str:
    """The name in the header that is most like the one wanted; empty where none is."""
    names = {_folded(name): name for name in header if name}
    close = get_close_matches(_folded(wanted), list(names), 1, 0.5)
    return names[close[0]] if close else ""


def _nearest(wanted: str, header: tuple[str, ...]) -> str:
    closest = _closest(wanted, header)
    return f"; the nearest name found is '{closest}'" if closest else ""


def _missing_required(table: str, missing: dict[str, str], header: tuple[str, ...], label: str) -> str:
    """All required columns that are `missing`, with the name wanted of each, in one message."""
    (column, wanted), *others = missing.items()
    if wanted != column:
        what = f"{label}: the column '{wanted}', which the settings name for the required column {column}, is missing"
    else:
        what = f"{label}: the required column {column} is missing"
    too = ", ".join(name if name == asked else f"'{asked}' for {name}" for name, asked in others)
    examples = ", ".join(f'{name}: "{_closest(asked, header) or "…"}"' for name, asked in missing.items())
    return (
        f"{what}{_nearest(wanted, header)}{f'; missing too: {too}' if too else ''}. Name the client's "
        f"column{'s' if too else ''} in settings.yaml: tables: {{{table}: {{columns: {{{examples}}}}}}}, "
        f"or ask the client for {'them' if too else 'it'}."
    )


def held(header: tuple[str, ...]) -> str:
    """What a header holds, short enough for a message."""
    names = ", ".join(name for name in header if name)
    return f"{names[:LONGEST_HEADER]}…" if len(names) > LONGEST_HEADER else names


def _stranger(header: tuple[str, ...]) -> str:
    return f" The header holds '{held(header)}'; where that is a title, give the lines above the names as skip_rows."


def _where(
    table: str, spec: TableSource, places: Mapping[str, int], header: tuple[str, ...], label: str
) -> tuple[dict[int, tuple[Scalar, ...] | Place], list[str]]:
    where: dict[int, tuple[Scalar, ...] | Place] = {}
    key = f"{label}: tables.{table}.where"
    problems = []
    for name, allowed in spec.where.items():
        place = places.get(_folded(name))
        named = allowed.column if isinstance(allowed, SameAs) else name
        if place is None or _folded(named) not in places:
            problems.append(_lost(key, name if place is None else named, header))
        elif isinstance(allowed, SameAs):
            where[place] = Place(places[_folded(named)])
        else:
            where[place] = tuple(allowed) if isinstance(allowed, list) else (allowed,)
    return where, problems


def _units(
    table: str, spec: TableSource, places: Mapping[str, int], header: tuple[str, ...], label: str
) -> tuple[dict[str, int], list[str]]:
    """The position whose value chooses the factor of each number that has several."""
    chosen = {name: factor.by for name, factor in spec.factors.items() if isinstance(factor, FactorByUnit)}
    found = {name: places[_folded(by)] for name, by in chosen.items() if _folded(by) in places}
    lost = [(name, by) for name, by in chosen.items() if name not in found]
    return found, [_lost(f"{label}: tables.{table}.factors.{name}.by", by, header) for name, by in lost]


def _lost(key: str, name: str, header: tuple[str, ...]) -> str:
    return (
        f"{key} names the column '{name}', which is missing{_nearest(name, header)}. Correct the name in settings.yaml."
    )
