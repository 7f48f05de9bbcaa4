"""What the parts found when they ran last, so that the table needs no run of all of them in one go.

Each is told with the code that it tried, and kept beside the trials, so that a fresh clone knows it too.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path

from pydantic import TypeAdapter

from tests.readme import ROOT
from tests.robustness.figures import Figure

FOLDER = Path(__file__).parent / "ran"


@dataclass(frozen=True)
class Record:
    """The figures of a part, the day it ran, and the code it ran with."""

    part: str
    day: date
    code: str
    figures: tuple[Figure, ...]


RECORD = TypeAdapter(Record)


def kept(part: str, figures: Iterable[Figure], folder: Path = FOLDER) -> Record:
    """The record of a part, in place of the one before; written with each figure, so that a run may be stopped."""
    record = Record(part, datetime.now().astimezone().date(), code_version(), ())
    folder.mkdir(parents=True, exist_ok=True)
    for figure in figures:
        record = replace(record, figures=(*record.figures, figure))
        (folder / f"{part}.json").write_bytes(RECORD.dump_json(record, indent=1))
    return record


def known(parts: Iterable[str], folder: Path = FOLDER) -> list[Record]:
    """The last record of each part that ever ran here."""
    files = [folder / f"{part}.json" for part in parts]
    return [RECORD.validate_json(file.read_bytes()) for file in files if file.exists()]


def code_version() -> str:
    """Eight digits that change with the code and the templates of the kit."""
    files = [path for room in ("helpers", "templates", "notebooks") for path in (ROOT / room).rglob("*")]
    code = sorted(path for path in files if path.suffix in (".py", ".j2", ".ipynb"))
    return sha256(b"".join(path.read_bytes() for path in code)).hexdigest()[:8]
