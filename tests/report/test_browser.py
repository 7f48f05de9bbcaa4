"""The report in a real browser: nothing overflows, nothing is fetched, nothing runs. Skips where Chromium is absent."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from helpers.diagnosis import diagnose, open_engagement
from helpers.kept import Kept
from helpers.periods import make_calendar
from helpers.report.markup import NOTEBOOKS
from helpers.report.pages import pages
from helpers.report.realignment import planned
from helpers.report.write import page_html, write_report
from helpers.settings import Settings
from tests import committed
from tests.chromium import headless, needs_chromium
from tests.report import fakes

ROOT = Path(__file__).resolve().parents[2]

OPEN_ALL = "document.querySelectorAll('details').forEach(fold => { fold.open = true })"
A4_TEXT = (703, 1017)  # pixels at 96 to the inch: A4 less margins of 12 and 14 mm

pytestmark = needs_chromium


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report on the sample company."""
    out = tmp_path_factory.mktemp("report")
    engagement = open_engagement(ROOT / "sample_data", out)
    with pages(ROOT / "sample_data", out) as made:
        diagnosis = diagnose(engagement)
        drawn = made(diagnosis)
        ahead = planned(engagement, ROOT / "sample_data", Kept(), lambda _: None)
        result = write_report(engagement, diagnosis, drawn(), ROOT / "sample_data", out, ahead=ahead)
    assert result.failures == ()
    return result.path


def test_the_committed_notebooks_hold_the_samples_outputs(page: Path) -> None:
    """To the letter: nothing of another client can be in them."""
    sent = {path.name: path.read_text(encoding="utf-8") for path in NOTEBOOKS.glob("*.ipynb")}

    assert len(sent) == 4
    assert committed.differing(sent, page.parent / "notebooks") == []


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Headless Chromium that talks to nobody."""
    with headless() as chromium:
        yield chromium


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 390, 768, 1280, 1920])
def test_the_page_fits_the_screen_and_asks_nobody_for_anything(
    browser: Browser, page: Path, width: int, scheme: str
) -> None:
    """From a small phone to a wide desk, by day and night: no sideways scrolling, no request, no console message."""
    tab = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
    requests: list[str] = []
    said: list[str] = []
    tab.on("request", lambda request: requests.append(request.url))
    tab.on("console", lambda message: said.append(message.text))
    tab.goto(page.as_uri())
    tab.evaluate(OPEN_ALL)

    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    assert [url for url in requests if not url.startswith("data:")] == [page.as_uri()]
    assert said == []
    tab.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_everybody_can_read_the_page(browser: Browser, page: Path, width: int, scheme: str) -> None:
    """No violation of WCAG A and AA that axe-core finds, with every fold open."""
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme, bypass_csp=True)
    tab = context.new_page()
    tab.goto(page.as_uri())
    tab.evaluate(OPEN_ALL)
    found = Axe().run(tab, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}).response

    assert [(fault["id"], [node["target"] for node in fault["nodes"]]) for fault in found["violations"]] == []
    assert len(found["passes"]) > 10
    context.close()


def test_no_picture_is_cut_in_print(browser: Browser, page: Path) -> None:
    """On A4 every picture, card and row keeps together, is no taller than a page and no wider than its text."""
    tab = browser.new_page(viewport={"width": A4_TEXT[0], "height": A4_TEXT[1]})
    tab.emulate_media(media="print")
    tab.goto(page.as_uri())
    boxes = tab.evaluate(
        """[...document.querySelectorAll('figure, .tile, .actions li, tr')].map(box => {
            const {height, right} = box.getBoundingClientRect()
            return [box.className, height, right, getComputedStyle(box).breakInside]
        })"""
    )

    assert len(boxes) > 20
    assert [box for box in boxes if box[1] > A4_TEXT[1] or box[2] > A4_TEXT[0] + 1 or box[3] != "avoid"] == []
    tab.close()


@pytest.mark.parametrize(("count", "bucket"), [(60, "month"), (120, "week")])
def test_a_long_history_fits_paper_and_screen(browser: Browser, tmp_path: Path, count: int, bucket: str) -> None:
    """The calendar of five years of months, or of two of weeks, covers nothing in print; on screen the latest shows."""
    first = pd.date_range("2021-01-04", periods=count, freq={"month": "MS", "week": "W-MON"}[bucket], unit="us")
    diagnosis = replace(
        fakes.diagnosis(),
        calendar=make_calendar(first, None, first[-1], bucket),
        settings=Settings(bucket=bucket),
    )
    page = tmp_path / "page.html"
    page.write_text(page_html(fakes.engagement(), diagnosis, [], tmp_path, tmp_path), encoding="utf-8")
    tab = browser.new_page(viewport={"width": 1280, "height": 800})
    tab.goto(page.as_uri())
    latest = tab.evaluate("document.querySelector('.calendar tbody td:last-child').getBoundingClientRect().right")
    tab.set_viewport_size({"width": A4_TEXT[0], "height": A4_TEXT[1]})
    tab.emulate_media(media="print")
    calendar, service = (tab.locator(part).first.bounding_box() for part in (".calendar", ".service"))

    assert latest <= 1280
    assert calendar is not None
    assert service is not None
    assert calendar["x"] + calendar["width"] <= A4_TEXT[0] + 1
    assert calendar["y"] + calendar["height"] <= service["y"] + 1
    tab.close()


def test_every_link_of_the_contents_leads_somewhere(browser: Browser, page: Path) -> None:
    """The contents stay in sight and each of their links has its section, in the order of the page."""
    tab = browser.new_page(viewport={"width": 1280, "height": 800})
    tab.goto(page.as_uri())
    keys = tab.evaluate("[...document.querySelectorAll('.contents a')].map(link => link.hash.slice(1))")
    tops = tab.evaluate("keys => keys.map(key => document.getElementById(key).getBoundingClientRect().top)", keys)
    tab.evaluate("window.scrollTo({top: 5000, behavior: 'instant'})")

    assert len(keys) >= 13
    assert tops == sorted(tops)
    assert tab.evaluate("document.querySelector('.contents').getBoundingClientRect().top") == 0
    tab.close()


def test_the_first_screen_holds_verdict_calendar_and_cost(browser: Browser, page: Path) -> None:
    """Verdict, calendar, service beside its cost and the head of its price stand within 800 pixels."""
    tab = browser.new_page(viewport={"width": 1280, "height": 800})
    tab.goto(page.as_uri())
    tops = {
        word: tab.get_by_text(word, exact=True).first.bounding_box()
        for word in ("Ten signs, cycle by cycle", "Service, and the money spent to hold it", "OTIF beside its price")
    }

    assert all(box is not None and box["y"] < 800 for box in tops.values())


def test_the_page_is_small_and_every_picture_has_words(page: Path) -> None:
    """Under 3 MB, no script, and each figure's drawing carries a label."""
    text = page.read_text(encoding="utf-8")

    assert page.stat().st_size < 3_000_000
    assert "<script" not in text
    labels = [re.search(r'role="img" aria-label="([^"]*)"', figure) for figure in text.split("<figure")[1:]]
    assert all(label and len(label[1]) > 20 for label in labels)
