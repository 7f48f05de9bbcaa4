"""Which file, sheet or database table holds each table of the contract.

A table is looked for under its own name in the data folder; the settings may name another file, sheet or table.
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Literal

import duckdb
from python_calamine import CalamineError, CalamineWorkbook

from helpers import contract
from helpers.errors import Unusable
from helpers.intake.explosive import refuse_explosive_workbook
from helpers.place import Database, Origin, entries, home
from helpers.plain import file_name, is_text
from helpers.settings import Settings, TableSource

Kind = Literal["text", "parquet", "workbook", "duckdb", "sqlite"]

CONTRACT_SUFFIXES = (".csv", ".csv.gz", ".parquet")
KINDS: dict[str, Kind] = {
    ".csv": "text",
    ".csv.gz": "text",
    ".tsv": "text",
    ".tsv.gz": "text",
    ".txt": "text",
    ".txt.gz": "text",
    ".parquet": "parquet",
    ".xlsx": "workbook",
    ".xlsm": "workbook",
    ".xlsb": "workbook",
    ".xls": "workbook",
    ".ods": "workbook",
    ".duckdb": "duckdb",
    ".db": "duckdb",
    ".sqlite": "sqlite",
    ".sqlite3": "sqlite",
}
SHUT: dict[str, str | bool | int | float | list[str]] = {  # nothing is fetched, whatever a file asks for
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
}
SQLITE_MAGIC = b"SQLite format 3\x00"


@dataclass(frozen=True)
class Source:
    """Where one table of the contract comes from; `part` is the sheet or database table inside the file."""

    table: str
    path: Path
    file: str
    kind: Kind
    part: str | None = None

    @property
    def label(self) -> str:
        """What the reader of a message opens: the file, and the sheet or table inside it."""
        return self.file if self.part is None else f"{self.file} [{self.part}]"


def find_sources(data_dir: Path, settings: Settings) -> dict[str, Source]:
    """The source of every table that was sent, in the contract's order.

    Raises
    ------
    Unusable
        The folder or a file named in the settings is missing, leaves the data folder, or two files hold one table.
    """
    if not data_dir.exists():
        raise Unusable(f"{data_dir}: the data folder does not exist. Name an existing folder with --data.")
    folder = Folder(data_dir)
    found, asks = {}, []
    for table in contract.TABLES:
        named = settings.tables.get(table.name)
        try:
            source = folder.named(table.name, named) if named and _names_a_place(named) else folder.by_name(table.name)
        except Unusable as ask:
            asks.append(str(ask))
            continue
        if source:
            found[table.name] = source
    if asks:
        raise Unusable("\n".join(dict.fromkeys(asks)))
    return found


def strangers(data_dir: Path, sources: dict[str, Source]) -> list[tuple[str, str | None]]:
    """What lies in the folder and feeds no table, each with what it may have been meant for.

    Readable files, and whatever else is named almost as a table: folders, and files of a kind that cannot be read.
    """
    used = {source.path for source in sources.values()}
    files = [path for path in _visible(data_dir) if _suffix(path) and not (path.exists() and path.resolve() in used)]
    found = [(file_name(Path(path.name)), _nearest_table(_stem(path), sources)) for path in files]
    others = [path for path in _entries(data_dir) if path.is_dir() or not _suffix(path)]
    meant = [(path, _nearest_table(path.name.partition(".")[0], sources)) for path in others]
    return found + [(f"{file_name(Path(path.name))} ({_what_it_is(path)})", table) for path, table in meant if table]


def _what_it_is(path: Path) -> str:
    return "a folder" if path.is_dir() else "of no readable kind"


def look_through(data: Origin, settings: Settings) -> tuple[dict[str, Source], list[tuple[str, str | None]]]:
    """The files that were sent, and those that feed no table; of a database neither."""
    if isinstance(data, Database):
        return {}, []
    sources = find_sources(data, settings)
    return sources, strangers(data, sources)


def _nearest_table(stem: str, sources: dict[str, Source]) -> str | None:
    free = [name for name in contract.BY_NAME if name not in sources]
    return next(iter(get_close_matches(normal(stem), free, 1, 0.7)), None)


def normal(name: str) -> str:
    """A name as it is compared: outer spaces and case dropped, inner spaces and hyphens as underscores."""
    return "_".join(name.strip().lower().replace("-", " ").replace("_", " ").split())


def _names_a_place(named: TableSource) -> bool:
    return named.file is not None or named.sheet is not None or named.table is not None


def _entries(data_dir: Path) -> list[Path]:
    if data_dir.is_file():
        return [data_dir]
    return [path for path in entries(data_dir) if not path.name.startswith((".", "~$"))]


def _visible(data_dir: Path) -> list[Path]:
    return [path for path in _entries(data_dir) if not path.is_dir()]


def _suffix(path: Path) -> str | None:
    name = path.name.lower()
    return max((suffix for suffix in KINDS if name.endswith(suffix)), key=len, default=None)


def _stem(path: Path) -> str:
    return path.name[: len(path.name) - len(_suffix(path) or "")]


class Folder:
    """The data folder: its files by name, and the parts of its workbooks and databases, listed once."""

    def __init__(self, data_dir: Path) -> None:
        self.root = home(data_dir).resolve()
        self.files = _visible(data_dir.resolve())
        self._parts: dict[Path, list[str]] = {}

    def by_name(self, table: str) -> Source | None:
        """The one source that carries the table's own name."""
        found = [self._source(table, path) for path in self.files if self._is_file_of(path, table)]
        for path in self.files:
            if self._has_parts(path):
                found += [self._source(table, path, part) for part in self.parts(path) if normal(part) == table]
        if len(found) > 1:
            places = " and ".join(source.label for source in found)
            raise Unusable(
                f"{table}: found twice, in {places}. One table comes from one place. "
                f"Remove one of them, or name the one to read in settings.yaml: tables: {{{table}: {{file: …}}}}."
            )
        return found[0] if found else None

    def named(self, table: str, named: TableSource) -> Source:
        """The source the settings name for the table."""
        path = self._named_path(table, named)
        kind = _kind(path)
        if kind in ("text", "parquet"):
            return self._source(table, path)
        return self._source(table, path, self._named_part(table, path, named))

    def parts(self, path: Path) -> list[str]:
        """The sheets of a workbook or the tables of a database."""
        if path not in self._parts:
            real = self._inside(path, path.name)
            _require_readable(real, path.name)
            if _kind(path) == "workbook":
                refuse_explosive_workbook(real)
            self._parts[path] = _sheets(path) if _kind(path) == "workbook" else _database_tables(path)
        return self._parts[path]

    def _is_file_of(self, path: Path, table: str) -> bool:
        return _suffix(path) in CONTRACT_SUFFIXES and normal(_stem(path)) == table

    def _has_parts(self, path: Path) -> bool:
        return _suffix(path) is not None and _kind(path) not in ("text", "parquet")

    def _source(self, table: str, path: Path, part: str | None = None) -> Source:
        inside = self._inside(path, path.name)
        _require_readable(inside, path.name)
        return Source(table, inside, file_name(path.relative_to(self.root)), _kind(path), part)

    def _inside(self, path: Path, shown: str) -> Path:
        try:
            real = path.resolve()
        except (OSError, RuntimeError) as error:  # a link to itself
            raise _leads_nowhere(shown) from error
        if not is_text(real):
            raise Unusable(f"{file_name(Path(shown))}: the name of the file is no UTF-8 text. Rename it.")
        if not real.is_relative_to(self.root):
            raise Unusable(
                f"{shown}: leads outside the data folder {self.root}. Files are read from the data folder only. "
                "Copy the file into it."
            )
        return real

    def _named_path(self, table: str, named: TableSource) -> Path:
        key = f"settings, tables.{table}"
        if named.file is None:
            return self._only_container(key, "workbook" if named.sheet is not None else "database")
        real = self._inside(self.root / named.file, f"{key}.file: {named.file}")
        if not real.is_file():
            raise Unusable(f"{key}.file: {named.file} is not in the data folder. {self._files_there()}")
        if _suffix(real) is None:
            raise Unusable(f"{key}.file: {named.file} is of no readable kind. Readable are {', '.join(KINDS)}.")
        return self.root / named.file if ".." not in Path(named.file).parts else real

    def _only_container(self, key: str, what: str) -> Path:
        def matches(path: Path) -> bool:
            return self._has_parts(path) and (_kind(path) == "workbook") == (what == "workbook")

        found = [path for path in self.files if matches(path)]
        if len(found) != 1:
            names = ", ".join(path.name for path in found) or "none"
            raise Unusable(f"{key}: expected one {what} in the data folder, found {names}. Add file: with its name.")
        return found[0]

    def _named_part(self, table: str, path: Path, named: TableSource) -> str:
        parts, wanted = self.parts(path), named.sheet if _kind(path) == "workbook" else named.table
        if isinstance(wanted, int) and 0 <= wanted < len(parts):
            return parts[wanted]
        matching = [part for part in parts if normal(part) == normal(str(table if wanted is None else wanted))]
        if len(matching) == 1:
            return matching[0]
        if wanted is None and len(parts) == 1:
            return parts[0]
        raise Unusable(
            f"settings, tables.{table}: {path.name} holds no single part named '{wanted or table}'. "
            f"Found {', '.join(parts) or 'nothing'}. Name one of them with sheet: or table:."
        )

    def _files_there(self) -> str:
        return f"Found there: {', '.join(path.name for path in self.files) or 'nothing'}. Correct the name."


def _require_readable(path: Path, shown: str) -> None:
    """`Unusable` where a file may not be read, or is none: nobody may ever write to a pipe."""
    if not path.exists():
        raise _leads_nowhere(shown)
    if not path.is_file():
        raise Unusable(f"{shown}: expected a file, found a pipe or a device. Send the table as a file.")
    try:
        path.open("rb").close()
    except OSError as error:
        raise Unusable(
            f"{shown}: cannot be read ({error.strerror}). Have its permissions changed, or copy it."
        ) from error


def _leads_nowhere(shown: str) -> Unusable:
    return Unusable(f"{shown}: is a link that leads nowhere. Copy the file it stands for into the data folder.")


def _kind(path: Path) -> Kind:
    kind = KINDS[_suffix(path) or ""]
    if kind == "duckdb":
        _require_readable(path, path.name)
        with path.open("rb") as file:
            return "sqlite" if file.read(16) == SQLITE_MAGIC else "duckdb"
    return kind


def _sheets(path: Path) -> list[str]:
    try:
        with CalamineWorkbook.from_path(path) as book:
            return list(book.sheet_names)
    except (CalamineError, OSError) as error:
        raise Unusable(
            f"{path.name}: the workbook cannot be opened ({error}). "
            "Save it again without a password, or take it out of the data folder."
        ) from error


def _database_tables(path: Path) -> list[str]:
    try:
        return _sqlite_tables(path) if _kind(path) == "sqlite" else _duckdb_tables(path)
    except (duckdb.Error, OSError) as error:
        raise Unusable(
            f"{path.name}: the database cannot be opened ({str(error).splitlines()[0]}). "
            "Close the program that holds it, export it again, or take it out of the data folder."
        ) from error


def _duckdb_tables(path: Path) -> list[str]:
    with duckdb.connect(str(path), read_only=True, config={**SHUT, "enable_external_access": False}) as con:
        rows = con.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'main' ORDER BY table_name"
        ).fetchall()
    return [str(name) for (name,) in rows]


def _sqlite_tables(path: Path) -> list[str]:
    import sqlite3
    from contextlib import closing

    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as con:
            rows = con.execute(
                "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') ORDER BY name"
            ).fetchall()
    except sqlite3.Error as error:
        raise OSError(str(error)) from error
    return [str(name) for (name,) in rows]
