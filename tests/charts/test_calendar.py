"""The calendar of the ten signs."""

from __future__ import annotations

from helpers.charts import calendar_html
from tests.report import fakes


def test_every_cell_tells_its_status_in_words():
    """A reader who sees neither colour nor shape hears the status: ten signs × eighteen cycles."""
    html = calendar_html(fakes.findings(), list(fakes.CYCLES))

    assert html.count('<td title="') == 180
    assert html.count('<span class="unseen">recurring</span>') == 7 * 6
    assert html.count('<span class="unseen">not assessable</span>') == 6


def test_status_is_told_by_letter_as_well_as_colour():
    """R for recurring, i for isolated, a point for absent."""
    html = calendar_html(fakes.findings(), list(fakes.CYCLES))

    assert 'class="mark recurring" aria-hidden="true">R<' in html
    assert 'class="mark isolated" aria-hidden="true">i<' in html
    assert 'class="mark absent" aria-hidden="true">·<' in html


def test_a_sign_title_is_escaped():
    """Titles of added signs are text."""
    from dataclasses import replace

    found = replace(fakes.finding(), sign=replace(fakes.sign(), title="<b>"))

    assert "<b>" not in calendar_html([found], list(fakes.CYCLES))
