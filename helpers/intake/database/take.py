"""All tables of the contract that a database holds: found, laid out, judged there, counted here."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import ibis.expr.types as ir

import helpers
from helpers import contract, engines
from helpers.engines import Database
from helpers.errors import Unusable
from helpers.intake import rejects
from helpers.intake.database import cells, listed, sums, twins
from helpers.intake.database.judged import ASIDE, FAULT, ORDER, Reading, judged, kept
from helpers.intake.database.stored import stored
from helpers.intake.intake import require_facts, require_items
from helpers.intake.mapping import Layout, lay_out
from helpers.intake.sources import normal
from helpers.manifest import Manifest, TableIntake
from helpers.place import Database as Place
from helpers.settings import Settings, TableSource
from helpers.store import Store

FILLED = "filled_"
FOR_FILES = ("file", "sheet", "dates", "decimal", "thousands", "encoding", "delimiter", "skip_rows")


@dataclass(frozen=True)
class Taken:
    """What became of a table, its used rows, and all that were sent where some are not used."""

    intake: TableIntake
    rows: ir.Table | None
    sent: ir.Table | None = None


def take_in_database(
    place: Place,
    aside: Path,
    settings: Settings,
    progress: Callable[[str], None] | None = None,
) -> Store:
    """Judge the client's tables where they are; what was set aside is listed in the folder `aside`.

    Raises
    ------
    Unusable
        A setting cannot be followed in a database, `items` cannot be used, or no fact table is left.
    """
    say = progress or (lambda _: None)
    _refuse_settings_for_files(settings)
    if settings == Settings():
        say("settings: none were named with --settings, so that every default holds")
    engine = engines.start(place)
    found = _found(engine, str(place), settings)
    aside.mkdir(parents=True, exist_ok=True)
    taken: dict[str, Taken] = {}
    for name in sorted(found, key=lambda table: table != "items"):
        say(f"{name}: judging {found[name]}")
        table = _take(engine, Reader(settings, taken, aside), name, found[name])
        if table is None:
            say(f"{name}: {found[name]} holds no rows; counted as not sent")
        else:
            taken[name] = table
        if name == "items":
            require_items(found["items"], table.intake if table else None)
    require_facts({name: table.intake for name, table in taken.items()})
    tables = tuple(taken[table.name].intake for table in contract.TABLES if table.name in taken)
    return Store(
        engine, Manifest(_mark(str(place), settings), tables), lambda name: taken[name].rows if name in taken else None
    )


@dataclass(frozen=True)
class Reader:
    """How tables are read, what became of those read before, and the folder for what is set aside."""

    settings: Settings
    taken: Mapping[str, Taken]
    aside: Path

    def reading(self, table: contract.Table, layout: Layout, spec: TableSource) -> Reading:
        """How one of them is read; an item that is used as well is no fallen one."""
        items = self.taken.get("items")
        if items is None or items.rows is None:
            return Reading(table, layout, spec, self.settings.bucket, None)
        used, sent = items.rows, items.sent
        fallen = None if sent is None else sent.anti_join(used, "item_id")
        return Reading(table, layout, spec, self.settings.bucket, used, fallen)


def _used(taken: Mapping[str, Taken]) -> dict[str, ir.Table]:
    return {name: table.rows for name, table in taken.items() if table.rows is not None}


def _refuse_settings_for_files(settings: Settings) -> None:
    asked = [
        f"tables.{name}.{key}" for name, spec in settings.tables.items() for key in FOR_FILES if getattr(spec, key)
    ]
    asked += [f"tables.{name}.duplicates: last" for name, spec in settings.tables.items() if spec.duplicates == "last"]
    if asked:
        raise Unusable(
            f"settings: {', '.join(asked)} cannot be followed in a database: its columns have types, and its rows no "
            "order. Take the keys out, and give the kit a view that says it in SQL."
        )


def _found(engine: Database, place: str, settings: Settings) -> dict[str, str]:
    """The database table that holds each table of the contract, by the settings or by its own name."""
    places = {table.name: settings.tables.get(table.name, TableSource()).table for table in contract.TABLES}
    there = engine.names(named or name for name, named in places.items())
    found = {}
    for table in contract.TABLES:
        named = places[table.name]
        matching = [name for name in there if normal(name) == normal(named or table.name)]
        if named in there or len(matching) == 1:
            found[table.name] = named if named in there else matching[0]
        elif named or matching:
            raise Unusable(
                f"settings, tables.{table.name}.table: {place} holds no single table '{named or table.name}'. "
                f"Found {', '.join(matching or there) or 'nothing'}. Correct the name."
            )
    if "items" not in found:
        raise Unusable(
            f"{place}: the table items was not found. Every other table refers to it. Expected a table or view named "
            "items, or one named under tables: items: table in the file that --settings names. Another schema is named "
            f"by ?schema= at the end of --data. Found {', '.join(there) or 'nothing'}."
        )
    return found


def _take(engine: Database, reader: Reader, name: str, source: str) -> Taken | None:
    table, spec = contract.table(name), reader.settings.tables.get(name, TableSource())
    client = engine.source(source)
    layout = lay_out(table, spec, client.columns, source)
    path = reader.aside / f"{name}.csv"
    wrong = [layout.problem] if layout.problem else cells.misfits(client, table.columns, layout, source)
    if wrong:
        return _set_aside(engine, client, name, source, path, " ".join(wrong))
    reading = reader.reading(table, layout, spec)
    rows = judged(client, reading)
    counts = _counted(engine, rows, reading)
    if not counts["rows"]:
        return None
    _refuse_bad_constants(reading, counts)
    lean = judged(client, reading, frozenset(name for name in counts if counts[name]))
    used = twins.used(lean.filter(~lean[ASIDE]) if counts[ASIDE] else lean, reading)
    double = twins.find(engine, used, reading)
    faults = list(listed.faults(engine, rows, reading, counts))
    if double:
        used = twins.without(used, double, reading)
        faults += listed.of_twins(engine, double, reading)
        counts |= _filled(engine, used, reading)
    total = sums.find(engine, used, reading, _used(reader.taken))
    if total:
        used = total.others
        faults += listed.of_totals(engine, total, reading)
        counts |= _filled(engine, used, reading)
    listed.write(path, source, faults)
    again = total.aside if total else 0
    left = counts["rows"] - counts[ASIDE] - (double.aside if double else 0) - again
    intake = TableIntake(
        table=name,
        files=(source,),
        rows_read=counts["rows"],
        rows_used=left,
        rows_rejected=counts["rows"] - left,
        total_rows=again,
        cells_emptied=counts[twins.EMPTIED],
        filled={c.name: round(counts[FILLED + c.name] / left, 6) for c in reading.sent} if left else {},
        detected=layout.notes,
        ignored_columns=layout.ignored,
        problem=None if left else f"{source}: none of its rows can be used ({counts['rows']:,} read).",
    )
    sent = rows.select("item_id") if name == "items" and left < counts["rows"] else None
    return Taken(intake, engine.view(f"stored_{name}", stored(used, reading)) if left else None, sent)


def _set_aside(engine: Database, client: ir.Table, name: str, source: str, path: Path, problem: str) -> Taken | None:
    rows = int(engine.value(client.count()))
    if not rows:
        return None
    listed.write(path, source, [("", "", "", problem, rejects.TABLE)])
    return Taken(TableIntake(name, (source,), rows_read=rows, rows_rejected=rows, problem=problem), None)


def _counted(engine: Database, rows: ir.Table, reading: Reading) -> dict[str, int]:
    """All that is to be known of a table before it is used, in one pass over it."""
    good = ~rows[ASIDE]
    counts = {"rows": rows.count(), ASIDE: rows[ASIDE].sum()}
    emptied: list[ir.IntegerValue] = []
    for column in reading.sent:
        broken = rows[FAULT + column.name] > 0
        counts[FAULT + column.name] = broken.sum()
        emptied += [(broken & good).cast("int64")]
        counts[FILLED + column.name] = (good & kept(rows, column.name).notnull()).sum()
    counts[twins.EMPTIED] = sum(emptied[1:], emptied[0]).sum()
    counts |= {f"{ORDER}{i}": rows[f"{ORDER}{i}"].sum() for i, _ in enumerate(reading.orders)}
    return _one_row(engine, rows.aggregate(**counts))


def _filled(engine: Database, used: ir.Table, reading: Reading) -> dict[str, int]:
    """The same of what is left once the twins are taken out."""
    counts = {FILLED + column.name: used[column.name].notnull().sum() for column in reading.sent}
    counts[twins.EMPTIED] = used[twins.EMPTIED].sum()
    return _one_row(engine, used.aggregate(**counts))


def _one_row(engine: Database, counts: ir.Table) -> dict[str, int]:
    found = engine.frame(counts).fillna(0).iloc[0]
    return {str(name): int(count) for name, count in found.items()}


def _refuse_bad_constants(reading: Reading, counts: dict[str, int]) -> None:
    for name, told in reading.layout.constants.items():
        if counts[FAULT + name]:
            raise Unusable(
                f"settings, tables.{reading.table.name}.constants.{name}: '{told}' breaks a rule of the contract for "
                "this column. Correct the value."
            )


def _mark(place: str, settings: Settings) -> str:
    """Of one reading: what a database holds cannot be told without reading it, so that nothing is ever taken for it."""
    told = (helpers.__version__, place, settings.model_dump_json(), datetime.now(UTC).isoformat())
    return hashlib.sha256("\n".join(told).encode()).hexdigest()
