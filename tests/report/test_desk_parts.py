"""The desk as HTML: verdicts side by side, a table beside its picture, a twin that stays out of the page."""

from __future__ import annotations

from types import SimpleNamespace

import nbformat.v4 as nb

from helpers import diagnosis
from helpers.report import cells, desk_parts
from helpers.report.cells import desk, open_data, scenarios
from helpers.report.stitch import chapter
from helpers.settings import Settings
from tests.report import fakes


class Opened:
    """An engagement of which nothing is asked."""


ENGAGEMENT = SimpleNamespace(calendar=fakes.CALENDAR, settings=Settings())


def test_the_verdict_stands_before_and_after():
    """Two rows of status and two of the calendar, the limits in force first."""
    html = desk_parts.before_and_after(ENGAGEMENT, fakes.finding(), fakes.finding(status="absent"))

    assert html.index("Limits in force") < html.index("With your limits")
    assert html.index('badge recurring">') < html.index('badge absent">')
    assert html.count('<td title="') == 2 * 18


def test_the_twin_shows_limit_status_picture_and_the_head_of_the_table():
    """What a reader without widgets sees; the sentence says where the knobs can be turned."""
    html = desk_parts.twin(ENGAGEMENT, fakes.finding())

    assert "amber from 5%, red from 10%" in html
    assert html.count("<figure") == 1
    assert "the first 10 of 18 rows" in html
    assert "In JupyterLab" in html


def test_a_sign_without_data_says_what_to_ask_for():
    """No picture, no table, the reason and the columns."""
    found = fakes.finding(10, "not_assessable", evidence=None, missing=("function_plans",))
    html = desk_parts.twin(ENGAGEMENT, found)

    assert "<code>function_plans</code>" in html
    assert "<figure" not in html


def test_names_of_the_client_are_text():
    """A family's name that looks like a tag stays a name, in the table and in what the desk says."""
    rows = fakes.chart().rows.assign(family=fakes.HOSTILE)

    assert "<script" not in desk_parts.table(fakes.chart(series="family", rows=rows))
    assert "<script" not in desk_parts.word(fakes.HOSTILE)


def test_values_at_a_limit_are_marked_by_word_as_well_as_colour():
    """0.05 to 0.09 amber, 0.10 to 0.17 red."""
    html = desk_parts.table(fakes.chart())

    assert html.count('<span class="unseen"> amber</span>') == 5
    assert html.count('<span class="unseen"> red</span>') == 8


def test_the_desk_is_no_part_of_the_report():
    """Neither its heading nor its twin reaches the page."""
    shown = nb.new_output("display_data", {"text/html": str(desk_parts.twin(ENGAGEMENT, fakes.finding()))})
    cells = [nb.new_markdown_cell("## Turn the knobs\n\nMove it."), nb.new_code_cell("desk(e)", outputs=[shown])]

    found = chapter("demand", nb.new_notebook(cells=cells))

    assert (found.shown, found.notes) == ([], [])


def test_a_desk_without_an_examined_sign_says_so():
    """The cells above were not run: one sentence instead of a traceback."""
    assert repr(desk(Opened())) == "No sign was examined yet."


def test_scenarios_that_cannot_be_used_give_their_message_in_the_place_of_the_desk(tmp_path, monkeypatch):
    """The file lies beside the data; what is wrong with it is told line by line, and stays text."""
    (tmp_path / "scenarios.yaml").write_text("scenarios: {up: {titel: <b>}}", encoding="utf-8")
    monkeypatch.setattr(diagnosis, "open_engagement", lambda *_: Opened())
    monkeypatch.setattr(cells, "_is_live", lambda: True)

    shown = scenarios(open_data(str(tmp_path), str(tmp_path / "out")))

    assert repr(shown).splitlines()[:2] == [
        f"{tmp_path / 'scenarios.yaml'}: the scenarios cannot be used.",
        "  scenarios.up.title: Field required, found {'titel': '<b>'}",
    ]
    assert "titel&#39;: &#39;&lt;b&gt;" in shown._repr_html_()
