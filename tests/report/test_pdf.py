"""The page printed with the browser that is there, and what is said where there is none."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from helpers.errors import Unusable
from helpers.report import pdf
from helpers.report.stitch import Chapter, Section
from helpers.report.write import page_html
from tests.report import fakes

HAS_BROWSER = any(map(shutil.which, pdf.COMMANDS))
SHELL = pytest.mark.skipif(sys.platform == "win32", reason="the stand-in browser is a shell script")


@pytest.fixture
def page(tmp_path: Path) -> Path:
    """The page of the made-up diagnosis with four chapters, each of which begins a sheet of paper."""
    names = ("demand", "capacity", "procurement", "governance")
    chapters = [Chapter(name, "Can it be trusted?", sections=[Section("Is it so?", key=name)]) for name in names]
    path = tmp_path / "report.html"
    path.write_text(page_html(fakes.engagement(), fakes.diagnosis(), chapters, tmp_path, tmp_path), encoding="utf-8")
    return path


def stand_in(folder: Path, script: str) -> str:
    """A browser that does what the script says."""
    program = folder / "browser"
    program.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    program.chmod(0o755)
    return str(program)


@pytest.mark.skipif(not HAS_BROWSER, reason="no Chromium, Chrome or Edge on this machine: install one to print")
def test_the_page_is_printed_whole(page):
    """More than five sheets; nothing else is left beside the page."""
    printed = pdf.print_page(pdf.browser(), page)

    assert printed.read_bytes().count(b"/Type /Page\n") > 5
    assert sorted(path.name for path in page.parent.iterdir()) == ["report.html", "report.pdf"]


@pytest.mark.skipif(
    not (HAS_BROWSER and shutil.which("pdftotext")), reason="a browser and pdftotext (poppler) are needed to read a PDF"
)
def test_the_print_says_the_verdict(page):
    """Text stays text, hostile names included."""
    printed = pdf.print_page(pdf.browser(), page)
    said = subprocess.check_output(["pdftotext", str(printed), "-"], text=True)

    assert "A severe message" in said
    assert fakes.HOSTILE in said


def test_without_a_browser_the_message_says_what_to_install(monkeypatch):
    """Told before any work begins."""
    monkeypatch.setattr(pdf.shutil, "which", lambda _: None)
    monkeypatch.setattr(pdf, "_usual_places", list)

    with pytest.raises(Unusable) as refused:
        pdf.browser()

    assert str(refused.value) == (
        "--pdf: no browser to print the page with was found. Install Chromium, Google Chrome or Microsoft Edge and run "
        "the same command again, or leave --pdf out and print report.html from any browser."
    )


def test_a_browser_no_command_names_is_found_where_windows_keeps_it(monkeypatch, tmp_path):
    """Chrome and Edge are not on the path there."""
    edge = tmp_path / "Microsoft" / "Edge" / "Application" / "msedge.exe"
    edge.parent.mkdir(parents=True)
    edge.touch()
    monkeypatch.setattr(pdf.shutil, "which", lambda _: None)
    monkeypatch.setattr(pdf.sys, "platform", "win32")
    monkeypatch.setenv("PROGRAMFILES", str(tmp_path))

    assert pdf.browser() == str(edge)


@pytest.mark.skipif(not HAS_BROWSER, reason="no Chromium, Chrome or Edge on this machine: install one to print")
def test_a_print_says_nothing_of_the_machine(page):
    """No link leads to a file, whose path would tell folder and user; links within the page stay."""
    said = page.read_text(encoding="utf-8")
    page.write_text(said.replace("</main>", '<a href="evidence.xlsx">rows</a></main>'), encoding="utf-8")
    printed = pdf.print_page(pdf.browser(), page).read_bytes()

    assert b"file:" not in printed
    assert b"/Dest " in printed


@SHELL
def test_a_browser_that_hangs_is_stopped(page):
    """The earlier print is left as it was."""
    (page.parent / "report.pdf").write_bytes(b"%PDF earlier")

    with pytest.raises(pdf.NotPrinted, match="browser did not print within 1 seconds"):
        pdf.print_page(stand_in(page.parent, "exec sleep 60"), page, patience=1)

    assert (page.parent / "report.pdf").read_bytes() == b"%PDF earlier"


@SHELL
def test_a_browser_that_prints_nothing_is_said(page):
    """An exit status tells little: the file decides."""
    with pytest.raises(pdf.NotPrinted, match=r"browser ended without printing; print report\.html from a browser"):
        pdf.print_page(stand_in(page.parent, "exit 0"), page)


@SHELL
def test_the_browser_is_told_to_ask_nobody(page):
    """Headless, no first run, no host resolved, and a profile of its own that is thrown away."""
    told = page.parent / "told"
    with pytest.raises(pdf.NotPrinted):
        pdf.print_page(stand_in(page.parent, f'for word; do echo "$word" >> "{told}"; done'), page)
    words = told.read_text(encoding="utf-8").splitlines()
    (profile,) = [word.removeprefix("--user-data-dir=") for word in words if word.startswith("--user-data-dir=")]

    assert set(pdf.SILENT) <= set(words)
    assert not Path(profile).exists()
    assert words[-1].startswith("file://")
    assert words[-1].endswith(f"/{page.name}")
