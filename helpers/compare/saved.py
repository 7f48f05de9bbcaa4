"""What a run saves for a later one to be compared with, and how saved findings are read and checked."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from pathlib import Path
from typing import Any, NoReturn, get_args

from helpers.diagnosis import Diagnosis
from helpers.errors import Unusable
from helpers.evidence import Range, Status
from helpers.findings import SCHEMA_VERSION, Json, findings_json
from helpers.settings import Settings

FINDINGS = "findings.json"
STATUSES: tuple[str, ...] = get_args(Status)
LARGEST = 1e300
NAMED_APART = {"client", "currency", "bucket", "branding", "tables"}


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
    return isinstance(sign, dict) and text(sign.get("key")) is not None and sign.get("status") in STATUSES


# one value of a file that others may have written


def part(value: Any) -> Json:
    return value if isinstance(value, dict) else {}


def text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > LARGEST:
        return None
    return float(value)


def day_of(value: Any) -> str | None:
    try:
        return date.fromisoformat(value).isoformat()
    except (TypeError, ValueError):
        return None


def range_of(value: Any) -> Range | None:
    low, central, high = (number(part(value).get(end)) for end in ("low", "central", "high"))
    return None if low is None or central is None or high is None else Range(low, central, high)
