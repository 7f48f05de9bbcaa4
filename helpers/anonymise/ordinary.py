"""The kit's own words: what a report says whoever the client is, and so proves nothing when it is found."""

from __future__ import annotations

import calendar
import json
import re
from functools import cache
from pathlib import Path

from helpers.anonymise.search import BREAK, TOKEN, Index, fold, tokens

ROOT = Path(__file__).resolve().parents[2]
BLANK = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{[^{}\n]*\}")
NUMBER = "0"
# Words of roles and of the functions of a company: who is called so is not named by it.
ROLES = """
and business chain chief commercial controller controlling coordinator customer demand director distribution
engineering executive finance financial general head inventory lead leader logistics maintenance management manager
managing manufacturing marketing master material materials of officer op operation operations planner planning plant
procurement product production purchasing quality r s sales scheduler scheduling service site stock supplier supply
team technical the vendor vp warehouse
"""
# What file formats and drawing libraries write by themselves.
FORMATS = """
2D 3D Accent Arial Blank Calibri Cambria Caption Comparison Content Currency Custom Comma DejaVu Sans Default Design
Dublin Core Followed Footer Header Gregorian Heading Hyperlink IPython Jupyter Key Keywords Light List Matplotlib
Medium Microsoft Macintosh Excel PowerPoint Normal Notes Object Office Theme Orange Percent Picture Placeholder
Python Good Neutral Bad Input Output Linked Cell Check Warning Explanatory Total Section Slide Master Layout
Subtitle Table Style Text Vertical Title Two Widescreen Worksheet Worksheets Sheet 1 Chart Charts XlsxWriter Primary
Series Category Value Axis Legend Rectangle TextBox TextShape Connector Straight Group Graphic Frame Date Number
Angsana Cordia Sylfaen Tahoma Mangal Latha Raavi Shruti Vrinda Tunga Kartika Gautami Kalinga Nyala Euphemia Himalaya
Mongolian Baiti Plantagenet Cherokee Estrangelo Edessa Daunpenh Dokchampa Uighur Yi Arab Thai Roman Steve Canny
Extended Standalone Application Public Profile Generic Letter Slides Presentation Click Edit Instance Org Thumbnail
Ticket Consolas Mono Monospace Roboto Helvetica Segoe UI System Pygments Exporter Nbconvert Ipykernel Lexer
CodeMirror Relationships Roots
"""


@cache
def kit_text() -> str:
    """All the kit says itself: its code, templates and the prose of its notebooks; blanks to be filled are a number."""
    said = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "helpers").rglob("*.py"))]
    said += [path.read_text(encoding="utf-8") for path in sorted((ROOT / "templates").glob("*.*"))]
    said += [_prose(path) for path in sorted((ROOT / "notebooks").glob("*.ipynb"))]
    months = " ".join([*calendar.month_name, *calendar.month_abbr, *calendar.day_name, *calendar.day_abbr])
    filled = [BLANK.sub(f" {NUMBER} ", text) for text in said]
    return BREAK.join([*said, *filled, *FORMATS.split(), *months.split()])


def _prose(notebook: Path) -> str:
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    return BREAK.join("".join(cell["source"]) for cell in cells)


@cache
def roles() -> frozenset[str]:
    """The words of roles and functions."""
    return frozenset(ROLES.split())


@cache
def common_words() -> frozenset[str]:
    """Words that the kit writes in lower case, and those of roles."""
    return roles() | {fold(word) for word in TOKEN.findall(kit_text()) if word.islower()}


def is_common(text: str) -> bool:
    """Whether a text says nothing that the kit does not say itself, word by word."""
    return all(word in common_words() or word.isdigit() for word in tokens(text))


def is_role(text: str) -> bool:
    """Whether a text names a role or a function instead of a person."""
    words = tokens(text)
    return bool(words) and all(word in roles() for word in words)


def said_by_the_kit(phrases: set[str]) -> set[str]:
    """The phrases that the kit may write itself; a number in one stands for any, as in `line 3` of a list of faults."""
    patterns: dict[str, set[str]] = {}
    for wanted in phrases:
        patterns.setdefault(_pattern(wanted.split(" ")), set()).add(wanted)
    found = set(Index(patterns).found(_kit_words()))
    return {wanted for pattern in found for wanted in patterns[pattern]}


@cache
def _kit_words() -> list[str]:
    return _pattern(tokens(kit_text())).split(" ")


def _pattern(words: list[str]) -> str:
    """Words with one number for all; a code that leads with zeros, and one that stands alone, is no such number."""
    some = len(words) > 1
    return " ".join(NUMBER if some and word.isdigit() and not word.startswith("0") else word for word in words)
