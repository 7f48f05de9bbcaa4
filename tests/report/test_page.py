"""The page: one file that asks nobody for anything, with every client string escaped."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from helpers.charts import style
from helpers.errors import Unusable
from helpers.report import actions, checks, quality
from helpers.report.stitch import Chapter, Section, chapter
from helpers.report.write import logo, page_html
from helpers.settings import Branding
from tests.report import fakes


@pytest.fixture
def page(tmp_path: Path) -> str:
    """The page of the made-up diagnosis with one chapter."""
    chapters = [Chapter("demand", "Can it be trusted?", sections=[Section("Is it so?", key="sign_1")])]
    return page_html(fakes.engagement(), fakes.diagnosis(), chapters, tmp_path, tmp_path)


def test_the_page_asks_nobody_for_anything(page):
    """No script, no link, image or font from elsewhere; the policy in its head forbids them as well."""
    assert "<script" not in page
    assert not re.findall(r"(?:src|href)\s*=\s*[\"'](?!#|data:)[^\"']*", page)
    assert not re.findall(r"@import|url\((?!['\"]?(?:#|data:))", page)
    assert "default-src 'none'" in page


def test_client_strings_are_escaped_everywhere(page):
    """A client called `<script>…` appears as text."""
    assert fakes.HOSTILE not in page
    assert page.count("&lt;script&gt;") >= 2


def test_the_parts_stand_in_the_order_of_the_design(page):
    """Verdict, calendar, quick checks, scorecard, actions, clusters, realignment, gaps, quality, method."""
    after = ["chapter-demand", "realignment", "unassessed", "quality", "method"]
    parts = ["verdict", "checks", "scorecard", "actions", *after]
    places = [page.index(f'id="{part}"') for part in parts]

    assert places == sorted(places)
    assert page.index('class="calendar"') < page.index('id="scorecard"')


def test_every_sign_stands_in_calendar_and_scorecard(page):
    """Ten rows each."""
    assert all(page.count(f'<a href="#sign_{number}">') >= 2 for number in range(1, 11))


def test_every_drawing_has_words(page):
    """Each SVG says what it shows, each image has alternative text."""
    assert page.count("<svg") == page.count('<svg role="img"') + page.count('<svg class="spark" role="img"')
    assert all("alt=" in image for image in re.findall(r"<img[^>]*>", page))


def test_what_is_missing_is_named(page):
    """The table to ask for, what a row of it is, and the sign it opens."""
    assert "<code>function_plans</code>" in page
    assert quality.gaps(fakes.findings())[0].opens == "Sign 10"


def test_a_failed_part_is_said_on_the_page(tmp_path):
    """The failure is visible at the top and in its chapter, and the rest stands."""
    broken = [Chapter("demand", "Demand", failure="cell 5: ValueError: <b>")]
    page = page_html(fakes.engagement(), fakes.diagnosis(), broken, tmp_path, tmp_path, ["demand: cell 5"])

    assert page.count('role="alert"') == 2
    assert "cell 5: ValueError: &lt;b&gt;" in page
    assert 'id="scorecard"' in page


def test_nothing_recurring_gives_no_action(tmp_path):
    """A healthy client is told to keep the cadence."""
    found = tuple(fakes.finding(number, "absent") for number in range(1, 11))

    assert "No sign recurs" in page_html(fakes.engagement(), fakes.diagnosis(found), [], tmp_path, tmp_path)


def test_nothing_assessable_still_gives_a_page(tmp_path):
    """With no evidence at all the page names what to ask for."""
    found = tuple(fakes.finding(number, "not_assessable", missing=("items",)) for number in range(1, 11))
    empty = fakes.pulse().assign(otif=float("nan"), compensation_cost=float("nan"))
    diagnosis = fakes.diagnosis(found)
    object.__setattr__(diagnosis, "pulse", empty)

    page = page_html(fakes.engagement(), diagnosis, [], tmp_path, tmp_path)

    assert "<code>items</code>" in page
    assert "No values to show" in page


def test_a_pale_brand_colour_is_darkened_until_it_can_be_read(tmp_path):
    """Yellow text on white is unreadable: contrast is at least 4.5."""
    diagnosis = fakes.diagnosis(branding=Branding(colour="#ffff00"))

    assert "--accent:#ffff00" not in page_html(fakes.engagement(), diagnosis, [], tmp_path, tmp_path)


def test_a_dark_brand_colour_is_lightened_at_night(tmp_path):
    """The default green cannot be read on black: at night its contrast is at least 4.5 too, and by day it stays."""
    page = page_html(fakes.engagement(), fakes.diagnosis(), [], tmp_path, tmp_path)
    night = re.search(r"--accent-night:(#[0-9a-f]{6})", page)

    assert "--accent:#004d40" in page
    assert night
    assert style.contrast(night[1], style.NIGHT) >= 4.5


def test_the_contents_name_only_what_stands_on_the_page(page):
    """Every link of the contents has its section; sections without data are not promised."""
    links = re.findall(r'href="#([a-z-]+)"', page[page.index('class="contents"') : page.index("</nav>")])

    assert [key for key in links if f'id="{key}"' not in page] == []
    assert "chapter-demand" in links
    assert "price" not in links


def test_a_logo_outside_the_data_folder_is_not_read(tmp_path):
    """Paths of the settings stay inside the data folder."""
    data = tmp_path / "data"
    data.mkdir()
    (tmp_path / "secret.png").write_bytes(b"png")
    (data / "logo.png").write_bytes(b"png")

    assert logo(Branding(logo="../secret.png"), data) == ""
    assert logo(Branding(logo="logo.png"), data).startswith("data:image/png;base64,")


def test_the_same_run_gives_the_same_page(page, tmp_path):
    """Two pages of one diagnosis are equal byte for byte."""
    chapters = [Chapter("demand", "Can it be trusted?", sections=[Section("Is it so?", key="sign_1")])]

    assert page_html(fakes.engagement(), fakes.diagnosis(), chapters, tmp_path, tmp_path) == page


def test_actions_come_in_the_order_service_margin_efficiency():
    """A critical family first, then what costs money of its own, then the rest; the dearest first inside a step."""
    elsewhere = fakes.verdict(drivers=(("family", "Milk", 0.9),))
    found = (
        fakes.finding(1, verdict=elsewhere, cost=fakes.Cost(5.0, "", additive=False)),
        fakes.finding(4, verdict=elsewhere),
        fakes.finding(5, verdict=elsewhere),
        fakes.finding(6),
        fakes.finding(7, "absent"),
    )

    steps = actions.steps(found, ["Bread"], "EUR")

    assert [[action.key for action in step.actions] for step in steps] == [["sign_6"], ["sign_5", "sign_4"], ["sign_1"]]
    assert steps[0].actions[0].place == "Bread (70%)"


def test_an_arrow_needs_a_last_value_far_from_the_six_before():
    """Noise around the usual value has no direction."""
    noise = fakes.pd.Series([10.0, 11, 10, 9, 10, 11, 10])

    assert checks.arrow(noise) == ""
    assert checks.arrow(fakes.pd.Series([10.0, 11, 12, 13, 14, 15, 30])) == "↗"
    assert checks.arrow(fakes.pd.Series([20.0, 19, 18, 17, 16, 15, 30])) == ""
    assert checks.arrow(fakes.pd.Series([30.0, 29, 28, 27, 26, 25, 5])) == "↘"


def test_faults_are_counted_by_rule_with_their_first_example(tmp_path):
    """Three rows of one rule are one line with the count three."""
    rows = "\n".join(f"items.csv,{line},family,x,unknown family,row set aside" for line in (2, 3, 9))
    (tmp_path / "items.csv").write_text(f"file,line,column,value,rule,action\n{rows}\n")

    (fault,) = quality.faults(tmp_path)

    assert (fault.count, fault.example) == (3, "line 2, family: x")


def test_markdown_of_a_notebook_cannot_bring_tags():
    """Raw HTML in a Markdown cell is shown, not obeyed."""
    import nbformat

    cell = nbformat.v4.new_markdown_cell("# Question\n\n<img src=x onerror=alert(1)>")

    assert "<img" not in chapter("demand", nbformat.v4.new_notebook(cells=[cell])).introduction


def test_a_path_that_is_nowhere_is_refused():
    """Neither in the working folder nor in the project's: one clear message."""
    from helpers.report.cells import located

    with pytest.raises(Unusable, match="'no/such/folder' is neither in the working folder nor in the project's folder"):
        located("no/such/folder")


def test_files_that_were_not_read_are_named(tmp_path):
    """As on the page of `check`: who reads the report alone must not miss a table that was named wrongly."""
    for name in ("items.csv", "orderlines.csv", "diary.csv"):
        (tmp_path / name).write_text("x\n", encoding="utf-8")

    page = page_html(fakes.engagement(), fakes.diagnosis(), [], tmp_path, tmp_path)

    assert "named after no table: diary.csv, orderlines.csv (did you mean order_lines?)." in page
