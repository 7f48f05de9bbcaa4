"""The report in a real browser: nothing overflows, nothing is fetched, nothing runs. Skips where Chromium is absent."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from helpers.diagnosis import diagnose, open_engagement
from helpers.report import write_report

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine: install it to look at the page")


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report on the sample company."""
    out = tmp_path_factory.mktemp("report")
    engagement = open_engagement(ROOT / "sample_data", out)
    result = write_report(engagement, diagnose(engagement), ROOT / "sample_data", out)
    assert result.failures == ()
    return result.path


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Headless Chromium that talks to nobody."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield chromium
        chromium.close()


@pytest.mark.parametrize("width", [1280, 390])
def test_the_page_fits_the_screen_and_asks_nobody_for_anything(browser: Browser, page: Path, width: int) -> None:
    """At desktop and phone width: no sideways scrolling, no request but the file itself, no console message."""
    tab = browser.new_page(viewport={"width": width, "height": 800})
    requests: list[str] = []
    said: list[str] = []
    tab.on("request", lambda request: requests.append(request.url))
    tab.on("console", lambda message: said.append(message.text))
    tab.goto(page.as_uri())

    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    assert [url for url in requests if not url.startswith("data:")] == [page.as_uri()]
    assert said == []


def test_the_first_screen_holds_verdict_calendar_and_cost(browser: Browser, page: Path) -> None:
    """Verdict, calendar, service beside its cost and the head of the scorecard stand within 800 pixels."""
    tab = browser.new_page(viewport={"width": 1280, "height": 800})
    tab.goto(page.as_uri())
    tops = {
        word: tab.get_by_text(word, exact=True).first.bounding_box()
        for word in ("Ten signs, cycle by cycle", "Service, and the money spent to hold it", "Scorecard")
    }

    assert all(box is not None and box["y"] < 800 for box in tops.values())


def test_the_page_is_small_and_every_picture_has_words(page: Path) -> None:
    """Under 3 MB, no script, and each figure's drawing carries a label."""
    text = page.read_text(encoding="utf-8")

    assert page.stat().st_size < 3_000_000
    assert "<script" not in text
    assert all('role="img"' in figure for figure in text.split("<figure")[1:])
