"""Puts the sheets of `plan.xlsx` in order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from io import BytesIO

import pandas as pd

from helpers.charts.numbers import day
from helpers.charts.style import readable
from helpers.report.plan_book import reading, signing
from helpers.report.plan_book.paper import Paper, stands_above
from helpers.report.workbook.block import Block, add_block
from helpers.report.workbook.sign_sheet import reference, set_up, write_words
from helpers.report.workbook.styles import Styles
from helpers.scenarios.document import Json
from helpers.scenarios.realign import Realignment
from helpers.scenarios.scenario import Answer
from helpers.settings import Settings
from helpers.spreadsheet import Workbook, open_workbook, write_text

PLAN = "plan.xlsx"
TO_SIGN = (26, 18, 12, 13, 13, 13, 22, 22, 13, 13, 22, 13, 22)  # letters; names stand in the wide ones
CALENDAR = (40, 14, 14, 24, 24, 30, 26)
TITLE = "From findings to decisions: the next cycles"
HOW = (
    "One connected model of demand, hours, purchases and stock plans the periods ahead. It serves protected demand "
    "first, then everybody, then saves money. Figures are those of the model over all periods planned, not a forecast "
    "of the books."
)
SIGN = (
    "The sheet Decisions holds what one scenario asks for: first what has to be decided before the next meeting, each "
    "row with its day, the exceptions at its place and room for whoever decides, then what can wait. A row nobody "
    "signs is not decided. Quantities are those of a plan: lots and dates of an order are settled when it is placed."
)


@dataclass(frozen=True, eq=False)
class Sheet:
    """A sheet: its name, what it holds in a few words, what it says first, its tables, and widths by column."""

    name: str
    holds: str
    words: list[tuple[str, str]]
    blocks: Sequence[Block]
    widths: tuple[int, ...]


def plan_workbook(found: Realignment, decided: Answer, said: Json, settings: Settings, as_of: pd.Timestamp) -> bytes:
    """A realignment as an Excel workbook, with the decisions of the scenario `decided`; `said` is its document."""
    content, sheets = BytesIO(), _sheets(found, decided, said)
    with open_workbook(content, made=as_of.to_pydatetime()) as book:
        styles = Styles(book, readable(settings.branding.colour))
        _add_read_me(book, styles, said, sheets)
        for sheet in sheets:
            _add(book, styles, sheet)
    return content.getvalue()


def _sheets(found: Realignment, decided: Answer, said: Json) -> list[Sheet]:
    title = f"{decided.scenario.title} ({decided.key})"
    feasible, replayed, paper = said["feasibility"], said["replay"], Paper(found, decided)
    above = [("Client", f"{said['client']}, as of {said['as_of']}"), ("Scenario", title), *stands_above(paper)]
    return [
        Sheet("Feasibility", "can the approved plan be executed, and what rescuing it costs",
              [("In short", feasible["message"])], reading.feasibility(said), (28, 18, 16, 18, 18)),
        Sheet("Exceptions", "what the next cycle has to decide, to be signed",
              [("Read it so", signing.raised_said(said))], signing.exceptions(said), (60, 40, 22, 22, 16, 26, 16)),
        Sheet("Scenarios", "what the next cycles could be, beside the approved plan",
              [("Read it so", reading.COMPARED)], reading.scenarios(said), (16, 46)),
        Sheet("Decisions", f"what one scenario asks for, to be signed: {title}",
              [*above, ("To sign", SIGN)], signing.decisions(paper), TO_SIGN),
        Sheet("Playbook", "the trade-off rules, and what they leave open",
              [("What it is", reading.playbook_is(said))], reading.playbook(said), (22, 70, 26)),
        Sheet("Replay", "the last cycles under the rules",
              [("In short", replayed["message"])], reading.replay(said), (14, 22)),
        Sheet("Calendar", "who proposes, validates and signs what by when, to be signed",
              [("It keeps to", " ".join(said["cycle"]["notes"]))], signing.calendar(said), CALENDAR),
    ]  # fmt: skip


def _add_read_me(book: Workbook, styles: Styles, said: Json, sheets: Sequence[Sheet]) -> None:
    sheet = book.add_worksheet("Read me")
    set_up(sheet)
    sheet.set_column(0, 0, 24)
    write_text(sheet, 0, 0, TITLE, styles.title)
    periods = [day(period) for period in said["periods"]]
    words = [
        ("Client", said["client"]),
        ("As of", day(said["as_of"])),
        ("Planned", f"{len(periods)} periods, from {periods[0]} to {periods[-1]}; a product is {_level(said)}"),
        ("Currency", said["currency"]),
        ("In short", said["feasibility"]["message"]),
        ("What it is", HOW),
        ("To sign", SIGN),
        *(("Taken as", sentence) for sentence in said["simplified"]),
    ]
    line = write_words(sheet, styles, words, 2) + 1
    write_text(sheet, line, 0, "Sheets", styles.block)
    for below, listed in enumerate(sheets, line + 1):
        sheet.write_url(below, 0, reference(listed.name), styles.link, listed.name)
        write_text(sheet, below, 1, listed.holds)


def _level(said: Json) -> str:
    families = "a family, divided by the resource or supplier it comes from; --level item plans items"
    return "an item" if said["level"] == "item" else families


def _add(book: Workbook, styles: Styles, listed: Sheet) -> None:
    sheet = book.add_worksheet(listed.name)
    set_up(sheet)
    for place, width in enumerate(listed.widths):
        sheet.set_column(place, place, width)
    write_text(sheet, 0, 0, listed.name, styles.title)
    line = write_words(sheet, styles, listed.words, 2) + 1
    for block in listed.blocks:
        add_block(sheet, styles, line, replace(block, widths=listed.widths), listed.name)
        line += block.height
