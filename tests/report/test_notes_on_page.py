"""The consultant's notes on the page: beside their sign, in one list, as text, and without a say in the verdict."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from helpers.report.stitch import Chapter, Section
from helpers.report.write import page_html
from tests.report import fakes

NOTES = f"""
general:
  note: Critical service first.
  actions: [{{action: Put it on the agenda, status: done}}]
signs:
  sign_1:
    note: |
      First line {fakes.HOSTILE}
      second line
    actions:
      - {{action: "Agree {fakes.HOSTILE}", owner: "{fakes.HOSTILE}", due: 2025-05-31}}
      - {{action: Later, due: 2025-06-01}}
      - {{action: Never mind, status: dropped, due: 2024-01-01}}
  sign_9:
    note: Nothing was said about it.
"""


@pytest.fixture
def data(tmp_path):
    """A data folder with notes on an active sign and on an absent one; the diagnosis is as of June 2025."""
    (tmp_path / "notes.yaml").write_text(NOTES, encoding="utf-8")
    return tmp_path


def page_of(data: Path, *signs: str) -> str:
    """The page with a chapter that shows `signs`."""
    sections = [Section("Is it so?", key=sign, fragments=[f"card of {sign}"]) for sign in signs]
    return page_html(
        fakes.engagement(), fakes.diagnosis(), [Chapter("demand", "Demand", sections=sections)], data, data
    )


def test_a_note_stands_under_the_card_of_its_sign(data):
    """In the section of the sign, with its line breaks, and also where the sign is absent."""
    first, ninth = re.findall(r"card of sign_\d.*?</aside>", page_of(data, "sign_1", "sign_9"), re.S)

    assert "&lt;/script&gt;\nsecond line" in first
    assert "Nothing was said about it." in ninth


def test_a_sign_nobody_wrote_about_has_no_block(data):
    """One block for each sign with remarks."""
    assert page_of(data, "sign_1", "sign_2").count('<aside class="noted"') == 1


def test_agreed_actions_stand_in_one_list_open_ones_first(data):
    """By day, then what is done, then what was dropped; each leads to its sign."""
    listed = page_of(data, "sign_1").split("Agreed actions</h3>")[1].split("</table>")[0]
    rows = re.findall(r'<th scope="row">(.*?)</th>.*<td>(.*?)</td></tr>', listed)

    assert [action.split(" ")[0] for action, _ in rows] == ["Agree", "Later", "Put", "Never"]
    assert rows[0][1] == '<a href="#sign_1">Sign 1</a>'
    assert rows[2][1] == "the whole"


def test_overdue_counts_from_the_date_of_the_report(data):
    """Open and due the day before: overdue, in the list and beside the sign; due on the day or dropped: not."""
    page = page_of(data, "sign_1")

    assert page.count('<span class="late">overdue</span>') == 2
    assert "its day before 2025-06-01" in page


def test_a_note_whose_sign_has_no_place_is_not_lost(data):
    """When a notebook broke off, the note stands above the list, under the title of its sign."""
    page = page_of(data, "sign_2")

    assert '<p class="voice">Sign 1 ' in page
    assert "&lt;/script&gt;\nsecond line" in page
    assert '<td><a href="#sign_1">' not in page


def test_notes_are_shown_as_text(data):
    """Markup in a note, an action or an owner is shown, not obeyed."""
    page = page_of(data, "sign_1")

    assert fakes.HOSTILE not in page
    assert page.count("&lt;script&gt;") >= 4


def test_notes_change_nothing_but_what_they_add(data, tmp_path_factory):
    """Without its blocks the page with notes is the page without them."""
    plain = page_of(tmp_path_factory.mktemp("plain"), "sign_1", "sign_9")
    noted = re.sub(
        r'<aside class="noted".*?</aside>|<div class="noted".*?before .*?</p>\n</div>',
        "",
        page_of(data, "sign_1", "sign_9"),
        flags=re.S,
    )

    assert noted.split() == plain.split()
