"""Readings kept on disk, one JSON file a client and level, so that a study that was stopped goes on where it stood."""

from __future__ import annotations

import json
from pathlib import Path

from pydantic import TypeAdapter

from tests.validity.clients import Client
from tests.validity.levels import Level
from tests.validity.reading import Reading, read

READING = TypeAdapter(Reading)


def kept(folder: Path, client: Client, level: Level) -> Reading:
    """The reading of a client, from the folder if it is there, else worked out and kept."""
    path = _path(folder, client, level)
    if path.exists():
        return READING.validate_python(json.loads(path.read_text(encoding="utf-8")), strict=False)
    reading = read(client, level)
    # Whole or not at all: a study that is stopped while it writes must be able to go on.
    unfinished = path.with_suffix(".part")
    unfinished.write_text(json.dumps(READING.dump_python(reading, mode="json")), encoding="utf-8")
    unfinished.replace(path)
    return reading


def is_kept(folder: Path, client: Client, level: Level) -> bool:
    """Whether this reading is in the folder."""
    return _path(folder, client, level).exists()


def _path(folder: Path, client: Client, level: Level) -> Path:
    return folder / f"{client.name}-{level}.json"
