"""Where an extract is: a folder or a DuckDB file, or tables in a database, named by a URL.

postgresql://[user@]host[:port]/database[?schema=client]
spark://local?schema=client                 a Spark session in this process, that of the process if it has one
spark://local?path=/lake/acme               the same over Parquet named after the tables of the contract
sc://host[:port][/;parameters][?schema=client]     a Spark Connect server; path= as above
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from helpers.errors import Unusable

SCHEMES: dict[str, Literal["postgresql", "spark"]] = {
    "postgresql": "postgresql",
    "postgres": "postgresql",
    "spark": "spark",
    "sc": "spark",
}
FORMS = "postgresql://user@host/database?schema=client, spark://local?schema=client or sc://host:15002?schema=client"
LOCAL = "spark://local"


@dataclass(frozen=True)
class Database:
    """Tables in a database: `address` is what its driver takes, `schema` or `path` says where in it they are.

    It holds no password, so that it can be shown and written down: those come from the driver's own places.
    """

    kind: Literal["postgresql", "spark"]
    address: str
    schema: str = ""
    path: str = ""

    def __str__(self) -> str:
        told = {name: value for name, value in (("schema", self.schema), ("path", self.path)) if value}
        joint = "&" if "?" in self.address else "?"
        return self.address + (joint + urlencode(told, safe="/:") if told else "")

    @property
    def name(self) -> str:
        """A word for folders of runs: the schema, the last part of the path, or the database."""
        return (self.schema or self.path or urlsplit(self.address).path).rstrip("/").rpartition("/")[2] or self.kind


Origin = Path | Database


def parse(text: str) -> Origin:
    """What `--data` says.

    Raises
    ------
    Unusable
        It is empty, or looks like a URL and is of no known form, or holds a password.
    """
    if not text.strip():
        raise Unusable("--data: found nothing. Name the folder with the client's extract.")
    scheme, is_url, _ = text.partition("://")
    if not is_url:
        return Path(text)
    if scheme not in SCHEMES:
        raise Unusable(
            f"--data: '{scheme}://' is no database the kit knows. Expected a folder, a DuckDB file, {FORMS}."
        )
    parts = urlsplit(text)
    if parts.password or re.search("(pass|token|secret)[a-z]*=", f"{parts.path}?{parts.query}".lower()):
        raise Unusable(_secret(scheme))
    told = dict(parse_qsl(parts.query))
    schema, path = told.pop("schema", ""), told.pop("path", "")
    address = urlunsplit((scheme, parts.netloc, parts.path, urlencode(told, safe="/:"), ""))
    if scheme == "spark" and address not in (LOCAL, f"{LOCAL}/"):
        raise Unusable(f"--data: found {address}, expected {LOCAL} or, for a cluster, sc://host:15002 (Spark Connect).")
    if SCHEMES[scheme] == "spark" and bool(schema) == bool(path):
        raise Unusable(f"--data: found {text}, expected one of ?schema=NAME and ?path=FOLDER at its end.")
    if SCHEMES[scheme] == "postgresql" and (path or not parts.path.strip("/")):
        raise Unusable(f"--data: found {text}, expected postgresql://user@host/database?schema=client.")
    return Database(SCHEMES[scheme], address, schema, path)


def home(data: Origin, settings_file: Path | None = None) -> Path:
    """The folder of what goes with the data, as notes and logo: their own, for a database that of the settings file."""
    if isinstance(data, Path):
        return data if data.is_dir() else data.parent
    return settings_file.parent if settings_file else Path("no folder goes with a database")


def entries(folder: Path) -> list[Path]:
    """What lies in a folder, by name.

    Raises
    ------
    Unusable
        The folder may not be read, or what is in it may not even be looked at.
    """
    try:
        found = sorted(folder.iterdir(), key=lambda path: path.name)
        for path in found:
            path.is_dir()
    except PermissionError as error:
        raise Unusable(
            f"{folder}: no permission to read this folder and what is in it. Have its permissions changed, or copy it."
        ) from error
    return found


def name_of(data: Origin) -> str:
    """A word for the folder of a run."""
    return data.name if isinstance(data, Database) else data.resolve().stem if data.is_file() else data.resolve().name


def _secret(scheme: str) -> str:
    usual = "PGPASSWORD or ~/.pgpass" if SCHEMES[scheme] == "postgresql" else "SPARK_CONNECT_AUTHENTICATE_TOKEN"
    return (
        "--data: the URL holds a password or a token, which the machine's list of processes and the terminal's history "
        f"would show. Leave it out and give it in {usual}."
    )
