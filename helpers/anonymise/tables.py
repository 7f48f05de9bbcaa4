"""Typed tables without names: reads every name from a store and writes the same rows with pseudonyms in their place."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pandas as pd

from helpers.anonymise.book import Book, client_names
from helpers.anonymise.kinds import TEXTS, THINGS, WORDS, named_columns
from helpers.anonymise.ordinary import is_common
from helpers.anonymise.rewrite import WITHHELD, Topics, situation, stays, word
from helpers.anonymise.search import Index, is_distinct, phrase
from helpers.contract import Column, Table, table
from helpers.intake import sql
from helpers.settings import Settings

PLACES = ("client", "file")
RULE_AND_SITUATION = "concat_ws(' ', rule_id, situation)"


@dataclass
class Found:
    """What a store names: texts by kind, the full names beside the keys they belong to, and defaults of the contract.

    `words` stay or are replaced as `stays` says; `texts` are rewritten or withheld.
    """

    things: dict[str, set[str]] = field(default_factory=dict)
    words: dict[str, set[str]] = field(default_factory=dict)
    texts: dict[str, set[str]] = field(default_factory=dict)
    titles: set[tuple[str, str, str]] = field(default_factory=set)
    defaults: set[tuple[str, str]] = field(default_factory=set)


def read_names(store: Path) -> Found:
    """All names in the tables of a store."""
    found = Found()
    with duckdb.connect() as con:
        for declared, column in named_columns():
            path = store / f"{declared.name}.parquet"
            if path.exists():
                _read(con, found, path, declared, column)
    return found


def _read(con: duckdb.DuckDBPyConnection, found: Found, path: Path, declared: Table, column: Column) -> None:
    kind = str(column.names)
    if kind == "title":
        key = declared.column(declared.key[0])
        pairs = _distinct(con, path, f"{sql.name(key.name)}, {sql.name(column.name)}", column)
        found.titles |= {(str(key.names), key_text, title) for key_text, title in pairs}
        return
    cell = RULE_AND_SITUATION if kind == "situation" else sql.name(column.name)
    values = {value for (value,) in _distinct(con, path, cell, column)}
    if column.default in values:
        found.defaults.add((kind, column.default))
        values.remove(column.default)
    part = found.things if kind in THINGS else found.words if kind in WORDS else found.texts
    part.setdefault(kind, set()).update(values)


def _distinct(con: duckdb.DuckDBPyConnection, path: Path, cells: str, column: Column) -> list[tuple[str, ...]]:
    filled = "true" if column.names == "situation" else f"{sql.name(column.name)} IS NOT NULL"
    rows = con.execute(f"SELECT DISTINCT {cells} FROM read_parquet({sql.text(str(path))}) WHERE {filled}").fetchall()
    return [row for row in rows if all(isinstance(cell, str) for cell in row)]


def enter_names(book: Book, found: Found, settings: Settings) -> set[str]:
    """Enter all that is to be replaced into the book; returns the KPIs among it.

    The client and its files, which `traces.enter_places` entered before, are names as well; of the files only those
    that say more than the kit does, else `sales.csv` would take the word from every table.
    """
    of_settings = {"family": set(settings.critical_families), "resource": set(settings.critical_resources)}
    things = {kind: found.things.get(kind, set()) | of_settings.get(kind, set()) for kind in THINGS}
    told = {*(text for texts in things.values() for text in texts), *(title for _, _, title in found.titles)}
    places = [entry.original for entry in book.entries.values() if entry.kind in PLACES]
    wanted = [text for text in told if is_distinct(text)] + [text for text in places if not is_common(text)]
    names = Index(map(phrase, [*wanted, *client_names(book)]))
    words = {
        kind: {text for text in found.words.get(kind, ()) if not stays(kind, text, settings, names)} for kind in WORDS
    }
    book.enter({**things, **words})
    for kind, key, title in sorted(found.titles):
        book.also("title", title, book.of(kind, key))
    return words["kpi"]


def write_tables(store: Path, into: Path, book: Book, found: Found, settings: Settings) -> None:
    """Every table of `store` again in the folder `into`: same rows in the same order, no name left.

    A text that nothing is known to stand for is emptied: what was overlooked cannot get through.
    """
    with duckdb.connect() as con:
        for kind, pairs in _replacements(book, found, settings).items():
            con.register(f"pairs_{kind}", pd.DataFrame(pairs, columns=["old", "new"], dtype="string"))
            con.execute(f"CREATE TABLE new_{kind} AS SELECT * FROM pairs_{kind}")
        for path in sorted(store.glob("*.parquet")):
            con.execute(
                f"COPY ({_renamed(table(path.stem), path)}) TO {sql.text(str(into / path.name))} "
                "(FORMAT parquet, COMPRESSION zstd)"
            )


def _replacements(book: Book, found: Found, settings: Settings) -> dict[str, list[tuple[str, str]]]:
    """What stands for every text of each kind."""
    topics = Topics(book)
    pairs: dict[str, list[tuple[str, str]]] = {kind: [] for kind in (*THINGS, *WORDS, *TEXTS)}
    for kind, text in found.defaults:
        pairs[kind].append((text, text))
    for kind, names in found.things.items():
        pairs[kind] += [(name, book.of(kind, name)) for name in names]
    for kind, words in found.words.items():
        pairs[kind] += [(text, _word(book, kind, text)) for text in words]
    pairs["topic"] += [(text, topics.rewritten(text)) for text in found.texts.get("topic", ())]
    pairs["situation"] += [(text, situation(text, settings)) for text in found.texts.get("situation", ())]
    pairs["remark"] += [(text, WITHHELD) for text in found.texts.get("remark", ())]
    return pairs


def _word(book: Book, kind: str, text: str) -> str:
    return word(kind, text, book.of(kind, text)) if book.has(kind, text) else text


def _renamed(declared: Table, path: Path) -> str:
    """SQL: the rows of a table with pseudonyms, in their order."""
    named = [(place, column) for place, column in enumerate(declared.columns) if column.names]
    joins = " ".join(_join(declared, place, column) for place, column in named)
    cells = ", ".join(_cell(place, column) for place, column in enumerate(declared.columns))
    rows = f"read_parquet({sql.text(str(path))}, file_row_number = true) t"
    return f"SELECT {cells} FROM {rows} {joins} ORDER BY t.file_row_number"


def _join(declared: Table, place: int, column: Column) -> str:
    told = declared.column(declared.key[0]) if column.names == "title" else column
    cell = RULE_AND_SITUATION if told.names == "situation" else f"t.{sql.name(told.name)}"
    return f"LEFT JOIN new_{told.names} n{place} ON n{place}.old = {cell}"


def _cell(place: int, column: Column) -> str:
    own = f"t.{sql.name(column.name)}"
    if not column.names:
        return own
    new = f"CASE WHEN {own} IS NOT NULL THEN n{place}.new END" if column.names == "title" else f"n{place}.new"
    return f"{new} AS {sql.name(column.name)}"


def long_texts(found: Found, fewest: int) -> Iterable[str]:
    """Free texts of at least `fewest` words, which must not be left either."""
    every = (text for texts in found.texts.values() for text in texts)
    return (text for text in every if len(phrase(text).split()) >= fewest)
