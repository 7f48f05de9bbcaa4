"""The deck: a slide a recurring sign, native charts with the findings' own values, client strings as text."""

from __future__ import annotations

import base64
import zipfile
from datetime import date
from io import BytesIO
from typing import Any

import pandas as pd
import pytest
from pptx import Presentation

from helpers.diagnosis import Diagnosis
from helpers.evidence import Metric
from helpers.notes import Action, Notes, Remarks
from helpers.periods import make_calendar
from helpers.plain import plain
from helpers.report import wording
from helpers.report.slides import deck
from helpers.report.slides.graphs import number_format, shown
from helpers.report.slides.opening import CYCLES as MOST_CYCLES
from helpers.report.slides.plain import clip
from tests.report import fakes

FORMULA = "=1+1"
NASTY = "\x0bBad\x00 name\u202e & <b>=cmd|' /C calc'!A0 " + "very long " * 30
PIXEL = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII=")
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"/>'


def opened(diagnosis: Diagnosis, **more: Any) -> Any:
    """The deck of a diagnosis, as PowerPoint would find it."""
    return Presentation(BytesIO(deck(diagnosis, **more)))


def quiet() -> Diagnosis:
    """Ten signs, none of which recurs."""
    return fakes.diagnosis(tuple(fakes.finding(number, "absent") for number in range(1, 11)))


def words(slide: Any) -> str:
    """Everything a slide says, tables included."""
    cells = [cell.text for shape in slide.shapes if shape.has_table for cell in shape.table.iter_cells()]
    return "\n".join([*(shape.text_frame.text for shape in slide.shapes if shape.has_text_frame), *cells])


def charts(slide: Any) -> list[Any]:
    """The charts of a slide, in the order of reading."""
    return [shape.chart for shape in slide.shapes if shape.has_chart]


def slide_of(slides: Any, title: str) -> Any:
    """The slide whose subject is the sign `title`."""
    (found,) = [slide for slide in slides.slides if slide.shapes[1].text_frame.text.endswith(title)]
    return found


@pytest.fixture(scope="module")
def slides() -> Any:
    """The deck of the made-up diagnosis: seven signs recur."""
    return opened(fakes.diagnosis())


def test_every_recurring_sign_has_one_slide(slides):
    """Verdict, calendar, OTIF, seven signs, decisions, what could not be assessed."""
    subjects = [slide.shapes[1].text_frame.text for slide in slides.slides]

    assert subjects[3:10] == [f"{number} Sign {number}" for number in range(1, 8)]
    assert len(subjects) == 12


def test_a_client_without_recurring_signs_gets_a_short_deck():
    """Five slides; the quick checks under the verdict, and instead of decisions the advice to keep the cadence."""
    slides = opened(quiet())

    assert len(slides.slides) == 5
    assert slides.slides[3].shapes.title.text_frame.text == "No sign recurs"
    assert "Plan stability" in words(slides.slides[0])
    assert "Keep the cadence" in words(slides.slides[3])


def test_a_client_without_any_evidence_gets_a_deck_that_asks():
    """Nothing assessable, no OTIF, no cost: words instead of empty charts, and the last slide names what to send."""
    found = tuple(fakes.finding(number, "not_assessable", missing=("items",)) for number in range(1, 11))
    diagnosis = fakes.diagnosis(found)
    object.__setattr__(diagnosis, "pulse", fakes.pulse().assign(otif=float("nan"), compensation_cost=float("nan")))

    slides = opened(diagnosis).slides

    assert charts(slides[2]) == []
    assert words(slides[2]).count("No values to show") == 2
    assert "items" in words(slides[-1])


def test_a_pulse_that_broke_off_leaves_the_deck():
    """No cycle at all in the pulse."""
    diagnosis = fakes.diagnosis()
    object.__setattr__(diagnosis, "pulse", fakes.pulse().head(0))

    assert words(opened(diagnosis).slides[2]).count("No values to show") == 2


def test_a_sign_chart_holds_the_values_of_its_headline_metric(slides):
    """The same numbers as the finding, with both limits and a dot at each cycle at which the sign recurred."""
    found = fakes.finding(1)
    values = tuple(found.evidence.metrics[0].values)

    series = {line.name: tuple(line.values) for line in charts(slide_of(slides, "Sign 1"))[0].plots[0].series}

    assert series["Late share"] == values
    assert series["amber limit 5%"] == (0.05,) * len(values)
    assert series["red limit 10%"] == (0.1,) * len(values)
    assert series["cycles at which it recurred"] == (None,) * 12 + values[12:]


def test_a_cycle_without_a_value_stays_a_gap():
    """Missing is not zero."""
    values = fakes.evidence().metrics[0].values.copy()
    values.iloc[3] = float("nan")
    evidence = fakes.evidence(metrics=(Metric("late_share", "Late share", values, "fact", fakes.LIMIT),))

    slides = opened(fakes.diagnosis((fakes.finding(1, evidence=evidence),)))

    assert charts(slide_of(slides, "Sign 1"))[0].plots[0].series[0].values[3] is None


def test_otif_and_its_price_are_two_charts_on_one_axis(slides):
    """OTIF of the pulse above the compensation cost, cycle by cycle; the open last cycle is a gap."""
    otif, cost = (chart.plots[0] for chart in charts(slides.slides[2]))
    pulse = fakes.pulse()

    assert tuple(otif.series[0].values) == (*pulse["otif"][:-1], None)
    assert tuple(cost.series[0].values) == (*pulse["compensation_cost"][:-1], None)
    assert list(otif.categories) == list(cost.categories)


def test_the_calendar_says_each_status_by_a_letter(slides):
    """Twelve quiet cycles, six recurring ones; not assessable is no blank."""
    (table,) = [shape.table for shape in slides.slides[1].shapes if shape.has_table]
    rows = [[cell.text for cell in row.cells] for row in table.rows]

    assert rows[2] == ["1 Sign 1", *"·" * 12, *"R" * 6]
    assert rows[9][-1] == "i"
    assert rows[11][-1] == "–"


def test_a_long_history_shows_its_last_cycles_and_says_so():
    """Sixty weeks do not fit beside each other."""
    cycles = pd.date_range("2024-01-01", periods=60, freq="W-MON", unit="us")
    diagnosis = fakes.diagnosis(bucket="week")
    object.__setattr__(diagnosis, "calendar", make_calendar(cycles, None, cycles[-1], "week"))

    page = opened(diagnosis).slides[1]

    (table,) = [shape.table for shape in page.shapes if shape.has_table]
    assert len(table.columns) == MOST_CYCLES + 1
    assert f"{60 - MOST_CYCLES} earlier cycles" in words(page)


def test_decisions_leave_owner_and_due_date_to_fill(slides):
    """One row a recurring sign with its remedy, place and cost; the last two columns are blank."""
    (table,) = [shape.table for shape in slides.slides[10].shapes if shape.has_table]
    rows = [[cell.text for cell in row.cells] for row in table.rows]

    assert rows[0][-2:] == ["Owner", "Due"]
    assert ["Sign 7\na rule", "Bread (70%)", "2025-01", "8,400 EUR", "", ""] in rows


def test_who_was_asked_and_by_when_stands_on_the_decision():
    """Owner and day of the first action that is still open; one that is done asks nobody any more."""
    done, still = Action(action="Wrote it", owner="Sales", status="done"), date(2025, 9, 1)
    asked = Action(action="Agree it", owner="Head of Operations", due=still)
    slides = opened(fakes.diagnosis(), notes=Notes(signs={"sign_7": Remarks(actions=(done, asked))}))
    (table,) = [shape.table for shape in slides.slides[10].shapes if shape.has_table]
    rows = [[cell.text for cell in row.cells] for row in table.rows]

    assert ["Sign 7\na rule", "Bread (70%)", "2025-01", "8,400 EUR", "Head of Operations", "2025-09-01"] in rows


def test_more_decisions_than_a_slide_holds_go_on_the_next():
    """Ten signs with long rules: every sign once, no heading alone at the foot."""
    remedies = fakes.Remedies("A rule that is long enough for two lines of the table of decisions. " * 2, "e", "c")
    found = tuple(fakes.finding(number) for number in range(1, 11))
    for finding in found:
        object.__setattr__(finding.sign, "remedies", remedies)

    pages = opened(fakes.diagnosis(found)).slides
    tables = [shape.table for page in pages for shape in page.shapes if shape.has_table and "Owner" in words(page)]

    first = [row.cells[0].text for table in tables for row in table.rows]
    assert len(tables) == 2
    assert sorted(text.split("\n")[0] for text in first if "\n" in text) == sorted(f.sign.title for f in found)
    assert [table for table in tables if "\n" not in table.cell(len(table.rows) - 1, 0).text] == []


def test_every_slide_has_a_title_and_no_empty_text(slides):
    """A reader who only hears the deck gets a name for each slide."""
    for slide in slides.slides:
        boxes = [shape.text_frame.text for shape in slide.shapes if shape.has_text_frame and shape.name != "colour"]

        assert slide.shapes.title.text_frame.text
        assert all(boxes)


def test_every_chart_and_table_has_words(slides):
    """Alternative text on each native figure."""
    frames = [shape for slide in slides.slides for shape in slide.shapes if shape.has_chart or shape.has_table]

    assert len(frames) >= 7 * 2 + 4
    assert [frame.name for frame in frames if not frame.element.xpath(".//p:cNvPr")[0].get("descr")] == []


def test_what_to_ask_and_how_it_was_measured_stand_in_the_notes(slides):
    """For the speaker, not for the wall."""
    notes = slide_of(slides, "Sign 1").notes_slide.notes_text_frame.text

    assert "– Since when?" in notes
    assert "How it was measured" in notes
    assert wording.sure(fakes.finding(1))[0] in notes


def test_client_strings_stay_text_and_inside_the_slide():
    """A name of control characters, tags, formulas and three hundred letters is one clipped line of text."""
    drivers = (("family", NASTY, 0.7), ("family", FORMULA, 0.3), ("resource", NASTY, 0.9))
    found = (fakes.finding(1, verdict=fakes.verdict(drivers=drivers)), fakes.finding(2, "isolated"))
    slides = opened(fakes.diagnosis(found, client=NASTY, currency="<b>&="))

    assert FORMULA in list(charts(slide_of(slides, "Sign 1"))[1].plots[0].categories)
    assert [slide for slide in slides.slides if {"\x0b", "\u202e"} & set(words(slide))] == []
    assert all("as of 2025-06" in words(slide) for slide in slides.slides)
    for shape in (shape for slide in slides.slides for shape in slide.shapes):
        assert 0 <= shape.left <= shape.left + shape.width <= slides.slide_width
        assert 0 <= shape.top <= shape.top + shape.height <= slides.slide_height


def test_no_chart_carries_a_formula():
    """A driver called `=1+1` is text in the workbook behind the chart."""
    verdict = fakes.verdict(drivers=(("family", FORMULA, 0.7), ("resource", "+1", 0.3)))
    content = deck(fakes.diagnosis((fakes.finding(1, verdict=verdict),)))
    with zipfile.ZipFile(BytesIO(content)) as parts:
        books = [zipfile.ZipFile(BytesIO(parts.read(name))) for name in parts.namelist() if name.endswith(".xlsx")]
    sheets = [book.read("xl/worksheets/sheet1.xml").decode() for book in books]
    strings = [book.read("xl/sharedStrings.xml").decode() for book in books]

    assert len(books) == 5
    assert [sheet for sheet in sheets if "<f>" in sheet] == []
    assert any(f"<t>{FORMULA}</t>" in told for told in strings)


def test_the_same_diagnosis_gives_the_same_bytes_and_names_nobody():
    """No clock and no author: created as of the date of the findings."""
    first, second = deck(fakes.diagnosis()), deck(fakes.diagnosis())
    said = Presentation(BytesIO(first)).core_properties

    assert first == second
    assert (said.author, said.last_modified_by) == ("", "")
    assert said.created == said.modified == fakes.CYCLES[-1].to_pydatetime()
    assert said.title.startswith("S&OP alignment review: Smith & Co")


def test_a_logo_stands_on_every_slide_and_an_svg_is_left_out():
    """PowerPoint pictures only; what is no picture does not stop the deck."""
    with_logo, without = opened(quiet(), logo=PIXEL), opened(quiet(), logo=SVG)

    logos = [[shape for shape in slide.shapes if shape.name == "logo"] for slide in with_logo.slides]
    assert [len(found) for found in logos] == [1] * 5
    assert [shape for slide in without.slides for shape in slide.shapes if shape.name == "logo"] == []


def test_values_are_charted_as_the_page_says_them():
    """Logs as the shares they stand for, undefined as missing; formats by unit."""
    assert shown([0.0, float("nan")], "log ratio") == (0.0, None)
    assert shown([0.0953101798], "log of actual over planned hours")[0] == pytest.approx(0.1)
    assert number_format([0.5], "share of lines") == "0%"
    assert number_format([0.05], "share") == "0.0%"
    assert number_format([2.0], "ratio") == "0.00"
    assert number_format([12_000.0], "EUR").startswith("[>=999500]")


def test_text_is_clipped_at_a_word():
    """Control characters become spaces, what cannot be shown goes, the cut is marked."""
    assert plain("a\x0bb\u202e\x00 c\nd") == "a b c d"
    assert clip("one two three", 9) == "one two…"
    assert clip("unbreakable", 6) == "unbre…"
    assert clip("short", 9) == "short"
