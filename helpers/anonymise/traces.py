"""What surrounds the tables and names the client too: settings, what intake says of files and columns, rejects."""

from __future__ import annotations

import csv
import json
import re
from dataclasses import replace
from pathlib import Path

from helpers import contract
from helpers.anonymise.book import Book
from helpers.anonymise.rewrite import kpi_words
from helpers.intake.intake import fingerprint
from helpers.intake.rejects import HEADER, TABLE
from helpers.intake.sources import find_sources
from helpers.manifest import TableIntake, load_manifest
from helpers.settings import Branding, Settings

REJECTS = "rejects"
CLIENT, LEFT_OUT, WITHHELD = "Anonymised client", "(left out)", "withheld"
SAFE_NOTES = ("encoding", "delimiter")
SET_ASIDE = "the table cannot be used; why is said in terms of the client's file"
CLIENTS_WORDS = re.compile(r"; the nearest is '| \(column '", re.DOTALL)


def enter_places(book: Book, data_dir: Path, settings: Settings) -> None:
    """The client's name and the names of folder and files: they tell who it is as well."""
    for name in (settings.client, settings.branding.name):
        if name and name != Settings().client:
            book.also("client", name, CLIENT)
    files = [source.file for source in find_sources(data_dir, settings).values()]
    files += [settings.branding.logo] if settings.branding.logo else []
    stems = {Path(file).name.split(".")[0] for file in files} - contract.BY_NAME.keys()
    for name in sorted({*stems, data_dir.resolve().name}):
        book.also("file", name, LEFT_OUT)


def settings_without_names(settings: Settings, book: Book, kpis: set[str]) -> Settings:
    """The settings with pseudonyms; mapping, branding and the client's own words have done their work and are gone."""
    return settings.model_copy(
        update={
            "client": CLIENT,
            "branding": Branding(),
            "tables": {},
            "situation_words": {},
            "kpi_words": kpi_words(kpis, book, settings),
            "critical_families": tuple(book.of("family", name) for name in settings.critical_families),
            "critical_resources": tuple(book.of("resource", name) for name in settings.critical_resources),
        }
    )


def write_settings(path: Path, settings: Settings) -> None:
    """What differs from the defaults, as JSON, which is YAML too."""
    said = settings.model_dump(mode="json", exclude_defaults=True)
    path.write_text(json.dumps(said, ensure_ascii=False), encoding="utf-8")


def tables_by_file(data_dir: Path, settings: Settings) -> dict[str, str]:
    """The tables that each file of the client feeds."""
    fed: dict[str, list[str]] = {}
    for name, source in find_sources(data_dir, settings).items():
        fed.setdefault(source.file, []).append(name)
    return {file: ", ".join(names) for file, names in fed.items()}


def write_intake(raw: Path, out: Path, data: Path, settings: Settings, fed: dict[str, str]) -> None:
    """Manifest and rejects of the client's own extract, without its words, for the copy in `data`.

    The counts stay those of the extract as it was sent, so that what the page says of it stays true.
    """
    found = load_manifest(raw)
    if found is None:  # pragma: no cover - intake has just written it
        raise FileNotFoundError(raw)
    tables = tuple(_without_words(table) for table in found.tables)
    hashes = {fed.get(file, LEFT_OUT): digest for file, digest in found.hashes.items()}
    mark = fingerprint(data, settings)
    replace(found, fingerprint=mark, tables=tables, hashes=hashes, anonymised=True).save(out / "store")
    (out / REJECTS).mkdir()
    for path in sorted((raw / REJECTS).glob("*.csv")):
        _write_rejects(path, out / REJECTS / path.name)


def _without_words(table: TableIntake) -> TableIntake:
    return replace(
        table,
        files=(table.table,),
        detected={what: said for what, said in table.detected.items() if what in SAFE_NOTES},
        ignored_columns=(),
        problem=SET_ASIDE if table.problem else None,
    )


def _write_rejects(raw: Path, path: Path) -> None:
    """The same faults: line, column and rule; the file under its table's name, the value withheld."""
    with raw.open(encoding="utf-8-sig", newline="") as lines, path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, HEADER, lineterminator="\n")
        writer.writeheader()
        for fault in csv.DictReader(lines):
            rule = SET_ASIDE if fault["action"] == TABLE else CLIENTS_WORDS.split(fault["rule"])[0]
            value = WITHHELD if fault["value"] else ""
            writer.writerow({**fault, "file": raw.stem, "value": value, "rule": rule})
