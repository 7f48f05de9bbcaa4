"""The published schemas of findings.json and scenarios.json, and what a document does against them."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

TEMPLATES = Path(__file__).resolve().parents[1] / "templates"
FINDINGS, SCENARIOS = "findings.schema.json", "scenarios.schema.json"


def faults(document: Any, closed: bool = False, schema: str = FINDINGS) -> list[str]:
    """What a document does against a schema, with the place; `closed`: keys that are not described too.

    Readers must allow for more keys, but the kit itself writes none that is not described.
    """
    as_read = json.loads(json.dumps(document))
    return [f"{fault.json_path}: {fault.message}" for fault in _validator(closed, schema).iter_errors(as_read)]


def published(schema: str = FINDINGS) -> dict[str, Any]:
    """A schema as it is published."""
    found: dict[str, Any] = json.loads((TEMPLATES / schema).read_text(encoding="utf-8"))
    return found


@cache
def _validator(closed: bool, schema: str) -> Draft202012Validator:
    wanted = _closed(published(schema)) if closed else published(schema)
    Draft202012Validator.check_schema(wanted)
    return Draft202012Validator(wanted, format_checker=Draft202012Validator.FORMAT_CHECKER)


def _closed(part: Any) -> Any:
    if isinstance(part, list):
        return [_closed(each) for each in part]
    if not isinstance(part, dict):
        return part
    within = {name: _closed(each) for name, each in part.items()}
    is_record = "object" in part.get("type", ()) and "properties" in part
    return {**within, "unevaluatedProperties": False} if is_record else within
