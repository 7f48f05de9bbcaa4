"""The whole of intake: all tables of a data folder to a store, once per input, settings and kit."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

import helpers
from helpers import contract, disk, machine
from helpers.content import sha256, sha256_of
from helpers.errors import Unusable
from helpers.intake.checks import FALLEN_ITEMS, KNOWN_ITEMS
from helpers.intake.desk import Desk
from helpers.intake.sources import SHUT, Source, find_sources, strangers
from helpers.intake.tables import take_table
from helpers.manifest import FILE_NAME, Manifest, TableIntake, load_manifest
from helpers.place import home
from helpers.settings import Settings

SMALL = 32 * 1024 * 1024  # bytes of input that need no database on disk


@dataclass(frozen=True)
class Line:
    """What the terminal says about one table; `note` is what was detected, `problem` why all of it was set aside."""

    table: str
    read: int
    used: int
    set_aside: int
    cells_emptied: int
    note: str
    problem: str | None


def describe(manifest: Manifest) -> tuple[Line, ...]:
    """One line a table, in the contract's order."""
    return tuple(
        Line(t.table, t.rows_read, t.rows_used, t.rows_rejected, t.cells_emptied, _note(t), t.problem)
        for t in manifest.tables
    )


def take_in(
    data_dir: Path,
    store: Path,
    rejects: Path,
    settings: Settings,
    progress: Callable[[str], None] | None = None,
    *,
    anew: bool = False,
) -> Manifest:
    """Take a data folder in: typed Parquet in `store`, what was set aside in `rejects`.

    A store that already holds the same input, settings and kit is returned as it is, unless all is to be done `anew`.
    On `Unusable` neither folder has been changed.

    Raises
    ------
    Unusable
        A source cannot be read or allows two readings, `items` cannot be used, or no fact table is left.
    """
    say = progress or (lambda _: None)
    sources = find_sources(data_dir, settings)
    if "items" not in sources:
        raise Unusable(_no_items(data_dir, sources))
    hashes = _hashes(sources)
    mark = _fingerprint(hashes, sources, settings)
    known = load_manifest(store)
    if not anew and known and known.fingerprint == mark and is_whole(store, rejects):
        say("intake: the same input and settings as before; nothing to do")
        return known
    for name, nearest in strangers(data_dir, sources):
        say(f"{name}: not named after a table of the contract" + (f"; did you mean {nearest}?" if nearest else ""))
    store.mkdir(parents=True, exist_ok=True)
    with disk.working_folder(store) as work, _desk(data_dir, sources, work.resolve(), settings, say) as desk:
        tables = _take_tables(desk, sources)
        manifest = Manifest(mark, tables, hashes, _rows_stored(desk.parquet, (table.table for table in tables)))
        _hand_over(desk, manifest, store, rejects)
    return manifest


def fingerprint(data_dir: Path, settings: Settings) -> str:
    """What a store must bear to count as taken in from this folder with these settings and this kit."""
    sources = find_sources(data_dir, settings)
    return _fingerprint(_hashes(sources), sources, settings)


def _take_tables(desk: Desk, sources: dict[str, Source]) -> tuple[TableIntake, ...]:
    """All tables, items first; questions about formats are gathered so that one answer settles them all."""
    taken: dict[str, TableIntake] = {}
    asks = []
    for name in sorted(sources, key=lambda table: table != "items"):
        desk.progress(f"{name}: reading {sources[name].label}")
        try:
            table = take_table(desk, sources[name])
        except Unusable as ask:
            asks.append(str(ask))
            continue
        except (MemoryError, duckdb.OutOfMemoryException) as error:
            if disk.refusal(error, desk.work):
                raise
            asks.append(
                f"{sources[name].label}: its rows do not fit into memory. Leave very long texts out, or "
                "put the tables into a database and name that with --data."
            )
            continue
        if table is None:
            desk.progress(f"{name}: {sources[name].label} holds no rows; counted as not sent")
        else:
            taken[name] = table
        if name == "items" and not asks:
            require_items(sources["items"].label, table)
    if asks:
        raise Unusable("\n".join(asks))
    require_facts(taken)
    return tuple(taken[table.name] for table in contract.TABLES if table.name in taken)


def require_items(label: str, items: TableIntake | None) -> None:
    """`Unusable` where items, to which every other table refers, cannot be used."""
    if items is None:
        raise Unusable(
            f"{label}: the table items holds no rows. Every other table refers to it. "
            "Send one row per item with item_id and family."
        )
    if items.problem:
        raise Unusable(f"items cannot be used, and every other table refers to it. {items.problem}")


def require_facts(taken: dict[str, TableIntake]) -> None:
    """`Unusable` where no table is left that says what was planned or what happened."""
    facts = [table.name for table in contract.TABLES if table.is_fact]
    if any(name in taken and not taken[name].problem for name in facts):
        return
    problems = [t.problem for t in taken.values() if t.problem]
    raise Unusable(
        "No table is left beside items that says what was planned or what happened. "
        f"One of these is needed: {', '.join(facts)}." + "".join(f"\n  {problem}" for problem in problems)
    )


def _no_items(data_dir: Path, sources: dict[str, Source]) -> str:
    there = [name for name, _ in strangers(data_dir, sources)] + [source.label for source in sources.values()]
    return (
        f"{data_dir}: the table items was not found. Every other table refers to it. "
        "Expected items.csv, items.csv.gz, items.parquet, a sheet or database table named items, or a place named in "
        f"settings.yaml under tables: items. Found {', '.join(sorted(there)) or 'no readable file'}."
    )


@contextmanager
def _desk(
    data_dir: Path, sources: dict[str, Source], work: Path, settings: Settings, progress: Callable[[str], None]
) -> Iterator[Desk]:
    """A database in the folder `work` that reaches the data folder and nothing else."""
    is_small = sum(source.path.stat().st_size for source in sources.values()) < SMALL
    con = duckdb.connect(
        ":memory:" if is_small else str(work / "work.duckdb"),
        config={**SHUT, **machine.duckdb_config(work / "spill")},
    )
    try:
        for folder in ("parquet", "rejects"):
            (work / folder).mkdir()
        con.execute("SET allowed_directories = ?", [[str(home(data_dir).resolve()), str(work)]])
        con.execute("SET enable_progress_bar = false")
        con.execute("SET enable_external_access = false")
        con.execute(f"CREATE TABLE {KNOWN_ITEMS} (item_id VARCHAR)")
        con.execute(f"CREATE TABLE {FALLEN_ITEMS} (item_id VARCHAR, line BIGINT)")
        yield Desk(con, work, work / "parquet", work / "rejects", settings, progress)
    except (duckdb.IOException, duckdb.OutOfMemoryException) as error:
        raise disk.refusal(error, work.parent) or error from None
    finally:
        con.close()


def _hand_over(desk: Desk, manifest: Manifest, store: Path, rejects: Path) -> None:
    """Replace the store and the rejects by the new ones; the manifest comes last, so a broken run is never whole.

    That of the same input may stay all the while: the files before and after say the same.
    """
    rejects.mkdir(parents=True, exist_ok=True)
    if (known := load_manifest(store)) and known.fingerprint != manifest.fingerprint:
        (store / FILE_NAME).unlink()
    for table in contract.TABLES:
        _replace(desk.parquet / f"{table.name}.parquet", store / f"{table.name}.parquet")
        _replace(desk.rejects / f"{table.name}.csv", rejects / f"{table.name}.csv")
    manifest.save(store)


def _replace(new: Path, old: Path) -> None:
    if new.exists():
        new.replace(old)
    else:
        old.unlink(missing_ok=True)


def is_whole(store: Path, rejects: Path) -> bool:
    """Whether all that the manifest speaks of is there, each table with as many rows as were stored."""
    manifest = load_manifest(store)
    if manifest is None:
        return False
    listed = [rejects / f"{t.table}.csv" for t in manifest.tables if t.rows_rejected or t.cells_emptied]
    try:
        stored = _rows_stored(store, (table.table for table in manifest.tables))
    except (OSError, pa.ArrowException):  # cut off by a full disk or a loss of power
        return False
    return stored == manifest.rows_stored and all(path.exists() for path in listed)


def _rows_stored(folder: Path, tables: Iterable[str]) -> dict[str, int]:
    """Rows by table, told by the footer of its file; none where nothing could be used."""
    files = {table: folder / f"{table}.parquet" for table in tables}
    return {table: pq.read_metadata(file).num_rows for table, file in files.items() if file.exists()}


def _hashes(sources: dict[str, Source]) -> dict[str, str]:
    paths = {source.file: source.path for source in sources.values()}
    sha256_of(paths.values())
    return {file: _sha256(paths[file]) for file in sorted(paths)}


def _sha256(path: Path) -> str:
    try:
        return sha256(path)
    except OSError as error:
        raise Unusable(f"{path.name}: the file cannot be read ({error.strerror}). Check its permissions.") from error


def _fingerprint(hashes: dict[str, str], sources: dict[str, Source], settings: Settings) -> str:
    """Inputs, settings, kit version, and the code of intake itself, which changes more often than the version."""
    code = [*sorted(Path(__file__).parent.glob("*.py")), Path(contract.__file__)]
    parts = {
        "inputs": hashes,
        "places": {name: source.label for name, source in sources.items()},
        "settings": settings.model_dump(mode="json"),
        "kit": helpers.__version__,
        "code": [_sha256(path) for path in code],
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def _note(table: TableIntake) -> str:
    return "; ".join(f"{name}: {text}" for name, text in table.detected.items())
