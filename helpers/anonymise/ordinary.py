"""The kit's own words: what a report says whoever the client is, and so proves nothing when it is found.

Glossary
    prose   what the kit tells its readers: templates, contract, signs, notebooks; a client's word made of it may stay
    said    all that a finished file may say by itself: prose, texts in code, and what file formats write
"""

from __future__ import annotations

import ast
import calendar
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from helpers import contract
from helpers.anonymise.search import BREAK, TOKEN, Index, fold, tokens
from helpers.evidence import Sign
from helpers.settings import KPI_WORDS, SITUATION_WORDS
from helpers.signs import explanation, registry

ROOT = Path(__file__).resolve().parents[2]
TAG = re.compile(r"<style.*?</style>|<[^>]*>", re.DOTALL)
BLANK = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{[^{}\n]*\}")
NUMBER = "0"
SYSTEM_FONT = "-apple-system"  # how a style sheet asks for the font of the machine
# Rooms whose texts no finished file shows: options with their examples, messages of the terminal, this room.
UNHEARD = ("anonymise", "commands", "options", "terminal", "bootstrap", "runs", "intake", "request")
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
def prose() -> str:
    """What the kit tells its readers, in words a client may use too; never code, style or an example."""
    templates = [path for end in ("j2", "md") for path in (ROOT / "templates").rglob(f"*.{end}")]
    said = [TAG.sub(BREAK, BLANK.sub(BREAK, path.read_text(encoding="utf-8"))) for path in sorted(templates)]
    cells = [cell for path in _notebooks() for cell in _cells(path, "markdown")]
    words = [*KPI_WORDS.values(), *SITUATION_WORDS.values()]
    signs = [part for entry in registry() for part in (_told(entry.sign), *explanation(entry.sign.key).values())]
    return BREAK.join([*said, *cells, *_declared(), *map(str, words), *signs])


def _notebooks() -> list[Path]:
    return sorted((ROOT / "notebooks").glob("*.ipynb"))


def _cells(notebook: Path, kind: str) -> list[str]:
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == kind]


def _declared() -> Iterator[str]:
    """The words of the contract: tables, columns, units, listed values."""
    for table in contract.TABLES:
        yield from (table.name, table.grain)
        for column in table.columns:
            yield from (column.name, column.unit, *column.choices, str(column.default or ""))


def _told(sign: Sign) -> str:
    limits = [part for name, limit in sign.limits.items() for part in (name, limit.unit, limit.source)]
    remedies = vars(sign.remedies).values()
    return BREAK.join([sign.title, sign.question, sign.board, sign.unit, *sign.questions, *remedies, *limits])


@cache
def kit_text() -> str:
    """All that a finished file may say by itself; blanks to be filled are a number."""
    said = [prose(), *(path.read_text(encoding="utf-8") for path in sorted((ROOT / "templates").rglob("*.j2")))]
    said += [text for path in sorted((ROOT / "helpers").rglob("*.py")) for text in _texts(path)]
    months = " ".join([*calendar.month_name, *calendar.month_abbr, *calendar.day_name, *calendar.day_abbr])
    filled = [BLANK.sub(f" {NUMBER} ", text) for text in said]
    return BREAK.join([*said, *filled, *FORMATS.split(), *months.split()])


def _texts(module: Path) -> Iterator[str]:
    """The texts in a module's code and the fields of its records, which become keys; no name of a variable, no help."""
    if module.relative_to(ROOT / "helpers").parts[0].removesuffix(".py") in UNHEARD:
        return
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            node.value.value = ""  # a docstring
        elif isinstance(node, ast.JoinedStr):
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else f" {NUMBER} " for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value.replace(SYSTEM_FONT, "")
        elif isinstance(node, ast.ClassDef):
            yield from (ast.unparse(part.target) for part in node.body if isinstance(part, ast.AnnAssign))


@cache
def own_lines() -> frozenset[str]:
    """The lines of the kit's style sheets and of the code in its notebooks: finished files hold them as they are."""
    sheets = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "templates").glob("*.css"))]
    code = [cell for path in _notebooks() for cell in _cells(path, "code")]
    return frozenset(line.strip() for text in (*sheets, *code) for line in text.splitlines())


@cache
def roles() -> frozenset[str]:
    """The words of roles and functions."""
    return frozenset(ROLES.split())


@cache
def common_words() -> frozenset[str]:
    """Words that the kit's prose writes in lower case, those of KPIs, and those of roles."""
    kpis = tokens(" ".join(map(str, KPI_WORDS.values())))
    return roles() | {fold(word) for word in TOKEN.findall(prose()) if word.islower()} | set(kpis)


def is_common(text: str) -> bool:
    """Whether a text says nothing that the kit's prose does not say itself, word by word."""
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
