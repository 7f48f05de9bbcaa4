"""The warning signs, one module each, found by walking this folder; an eleventh sign is one new file.

A sign module declares `SIGN` (a `Sign`) and `gather(engagement, path) -> Evidence`.
"""

from __future__ import annotations

import ast
import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path as FilePath
from types import ModuleType
from typing import TYPE_CHECKING, TypeAlias

from helpers.errors import MalformedSign
from helpers.evidence import Evidence, Path, Sign

if TYPE_CHECKING:
    from helpers.engagement import Engagement

Gather: TypeAlias = "Callable[[Engagement, Path], Evidence]"
HEADINGS = ("Why it matters", "How it is measured", "What it cannot tell", "Source")


@dataclass(frozen=True, eq=False)
class Registered:
    """A sign with the function that gathers its evidence."""

    sign: Sign
    gather: Gather


@cache
def registry() -> tuple[Registered, ...]:
    """All signs, by number.

    Raises
    ------
    MalformedSign
        A module lacks `SIGN`, `gather` or a heading, or two signs share a number; the message names the file.
    """
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    found = [register(importlib.import_module(f"{__name__}.{name}")) for name in names]
    numbers = [entry.sign.number for entry in found]
    if len(set(numbers)) != len(numbers):
        raise MalformedSign(f"helpers/signs: two files declare the same number: {sorted(numbers)}")
    return tuple(sorted(found, key=lambda entry: entry.sign.number))


def register(module: ModuleType) -> Registered:
    """The sign that `module` declares; `MalformedSign` names the file and what is wrong with it."""
    name = f"{module.__name__.rsplit('.', 1)[-1]}.py"
    sign, gather = getattr(module, "SIGN", None), getattr(module, "gather", None)
    if not isinstance(sign, Sign):
        raise MalformedSign(f"{name}: expected SIGN, a Sign; found {type(sign).__name__}")
    if not callable(gather):
        raise MalformedSign(f"{name}: expected a function gather(engagement, path)")
    if not name.startswith(f"s{sign.number:02d}_") or sign.key not in name:
        raise MalformedSign(f"{name}: expected the file name s{sign.number:02d}_{sign.key}.py")
    explanation = explain(module.__doc__ or "")
    absent = [heading for heading in HEADINGS if heading not in explanation]
    if absent:
        raise MalformedSign(f"{name}: its docstring lacks the heading {absent[0]!r}")
    return Registered(sign, gather)


def explanation(key: str) -> dict[str, str]:
    """What the file of a sign says under each heading; empty for a key without a file. Nothing is imported."""
    files = FilePath(__file__).parent.glob(f"s[0-9][0-9]_{key}.py")
    texts = [ast.get_docstring(ast.parse(file.read_text(encoding="utf-8")), clean=False) for file in files]
    return explain(texts[0] or "") if texts else {}


def explain(docstring: str) -> dict[str, str]:
    """The text under each heading of a sign's docstring; a heading is a line of its own, its text is indented."""
    sections: dict[str, list[str]] = {}
    heading = ""
    for line in docstring.splitlines()[1:]:
        if line and not line.startswith(" "):
            heading = line.strip()
            sections[heading] = []
        elif heading and line.strip():
            sections[heading].append(line.strip())
    return {name: " ".join(lines) for name, lines in sections.items()}
