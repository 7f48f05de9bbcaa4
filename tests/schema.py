"""The published schema of findings.json, and what a document does against it."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

SCHEMA = Path(__file__).resolve().parents[1] / "templates" / "findings.schema.json"


def faults(document: Any, closed: bool = False) -> list[str]:
    """What a document does against the schema, with the place; `closed`: keys that are not described too.

    Readers must allow for more keys, but the kit itself writes none that is not described.
    """
    as_read = json.loads(json.dumps(document))
    return [f"{fault.json_path}: {fault.message}" for fault in _validator(closed).iter_errors(as_read)]


def published() -> dict[str, Any]:
    """The schema as it is published."""
    schema: dict[str, Any] = json.loads(SCHEMA.read_text(encoding="utf-8"))
    return schema


@cache
def _validator(closed: bool) -> Draft202012Validator:
    schema = _closed(published()) if closed else published()
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)


def _closed(part: Any) -> Any:
    if isinstance(part, list):
        return [_closed(each) for each in part]
    if not isinstance(part, dict):
        return part
    within = {name: _closed(each) for name, each in part.items()}
    is_record = "object" in part.get("type", ()) and "properties" in part
    return {**within, "unevaluatedProperties": False} if is_record else within
