"""The words of the pack: the first sheet, the cover note and the interview guide, from `templates/request/`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from helpers.contract import FIRST_YEAR, LARGEST, LAST_YEAR, TABLES, table
from helpers.evidence import Sign
from helpers.measures.interviews import FEWEST_ANSWERS
from helpers.request.meanings import meaning
from helpers.spreadsheet import headed

TEMPLATES = Path(__file__).resolve().parents[2] / "templates" / "request"
WORKBOOK = "data_request.xlsx"
FACTS = ", ".join(table.name for table in TABLES if table.is_fact)
FUNCTIONS = ("sales", "operations", "procurement", "finance")


def start_here() -> tuple[tuple[str, str], ...]:
    """Heading and text of each line of the first sheet."""
    limits = {"first_year": FIRST_YEAR, "last_year": LAST_YEAR, "largest": f"{LARGEST:,.0f}"}
    return headed(_fill("start_here.md.j2", facts=FACTS, **limits))


def cover_note() -> str:
    """The letter that goes with the workbook; what only the sender knows stands in square brackets."""
    return _fill("cover_note.md.j2", workbook=WORKBOOK)


def interview_guide(signs: Sequence[Sign]) -> str:
    """Per sign the questions it declares and what to score, and how an answer becomes a row of the contract."""
    answers = table("interview_answers")
    return _fill(
        "interview_guide.md.j2",
        signs=signs,
        functions=FUNCTIONS,
        columns=[(column.name, meaning(answers, column)) for column in answers.columns],
        fewest=FEWEST_ANSWERS,
        workbook=WORKBOOK,
    )


def _fill(template: str, **values: object) -> str:
    templates = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=False,  # noqa: S701 - Markdown of our own words, not HTML
        undefined=StrictUndefined,
        trim_blocks=True,
        keep_trailing_newline=True,
    )
    return templates.get_template(template).render(**values)
