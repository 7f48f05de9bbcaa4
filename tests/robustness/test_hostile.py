"""Hostile content, a quick share: a report on a client whose every text is hostile, and traps laid in a moment."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from helpers.plain import inert, legible, straight
from helpers.report.write import logo_file
from helpers.request import write_request
from helpers.settings import Branding
from helpers.work import kept_of
from tests.chromium import headless, needs_chromium
from tests.engines.servers import needs_postgresql
from tests.robustness.hostile import exports, outputs
from tests.robustness.hostile.bombs import Trap, sprung, traps
from tests.robustness.hostile.browser import look_at
from tests.robustness.hostile.server import in_a_server
from tests.robustness.hostile.strings import HOSTILE, TEXTS, obeyed
from tests.robustness.small import SAMPLE, small_client

needs_office = pytest.mark.skipif(exports.OFFICE is None, reason="no LibreOffice on this machine: install it to look")
QUICK = [trap for trap in traps() if trap.quick]


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> outputs.Runs:
    """A report and a check of a hostile client."""
    made = outputs.hostile_runs(tmp_path_factory.mktemp("hostile"))
    assert (made.reported.status, made.checked.status) == (0, 0), made.reported.said + made.checked.said
    return made


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The client whose two tables lie beside every trap."""
    return small_client(tmp_path_factory.mktemp("small") / "client")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Headless Chromium."""
    with headless() as chromium:
        yield chromium


def faults(outcomes: dict[str, str]) -> dict[str, str]:
    """What did not hold, of more than nothing."""
    assert outcomes
    return {name: said for name, said in outcomes.items() if said}


def test_the_strings_are_many_and_each_is_another():
    """At least sixty, of ten kinds."""
    assert len(TEXTS) == len(set(TEXTS)) >= 60
    assert len({kind for kind, _ in HOSTILE}) >= 8


@needs_chromium
def test_nothing_runs_and_nothing_is_fetched(browser: Browser, runs: outputs.Runs):
    """Report, data quality and notebooks, by day and night, policies on and off: every string stands there as text."""
    assert faults(outputs.on_pages(browser, runs)) == {}


@needs_chromium
@pytest.mark.parametrize(
    "markup",
    [
        "<script>pwned()</script>",
        "<img src=x onerror=pwned()>",
        '<a href="javascript:pwned()">x</a>',
        '<p style="background:url(http://canary.invalid/x)">x</p>',
    ],
)
def test_the_browser_sees_what_would_run(browser: Browser, tmp_path: Path, markup: str):
    """The check itself: a page that let a string through would be noticed."""
    page = tmp_path / "page.html"
    page.write_text(f"<!doctype html><title>x</title>{markup}", encoding="utf-8")

    assert look_at(browser, page).faults != []


def test_every_picture_can_be_shown(runs: outputs.Runs):
    """A single control character in a name, and no reader of XML shows the drawing."""
    assert faults(dict(outputs.pictures(runs))) == {}


def test_nothing_reaches_the_terminal_that_it_obeys(runs: outputs.Runs):
    """Names of files, columns and things, in what two commands said and in the log."""
    assert faults(outputs.on_the_terminal(runs)) == {}


def test_workbook_slides_and_print_hold_text_only(runs: outputs.Runs):
    """No formula, no link to outside, no action, nothing foreign, and no part that cannot be read."""
    assert faults(outputs.in_exports(runs)) == {}


def test_the_check_of_the_exports_sees_a_formula(tmp_path: Path):
    """The check itself."""
    with zipfile.ZipFile(tmp_path / "book.xlsx", "w") as book:
        book.writestr("xl/worksheets/sheet1.xml", "<worksheet><c><f>1+1</f></c></worksheet>")
        book.writestr("xl/_rels/x.rels", '<R><x Target="http://x" TargetMode="External"/></R>')

    assert len(exports.faults_of(tmp_path / "book.xlsx")) == 2


@needs_office
def test_libreoffice_opens_all_of_it_as_text(runs: outputs.Runs):
    """Workbook, slides and rejected rows: every text as it was written."""
    assert faults(outputs.in_office(runs)) == {}


@needs_office
def test_libreoffice_would_run_what_is_not_made_inert(tmp_path: Path):
    """The check itself: the same cell without the apostrophe is a formula."""
    for name, text in (("raw", "=1+1"), ("safe", inert("=1+1"))):
        (tmp_path / f"{name}.csv").write_text(f"a\n{text}\n", encoding="utf-8")
    found = {
        name: exports.faults_of(exports.converted(tmp_path / f"{name}.csv", tmp_path, "ods", exports.AS_CSV))
        for name in ("raw", "safe")
    }

    assert found["raw"] != []
    assert found["safe"] == []


@pytest.mark.parametrize("trap", QUICK, ids=lambda trap: trap.name)
def test_a_trap_ends_in_one_message_or_is_read_as_text(trap: Trap, small: Path, tmp_path: Path):
    """In time, within the memory, without a traceback, and without having been sprung."""
    assert sprung(trap, small, tmp_path / "case") == ""


@needs_postgresql
def test_sql_in_the_names_of_a_server_is_only_a_name(tmp_path: Path):
    """Schema, table, columns, conditions and values; what the statements in them would drop is still there."""
    assert faults(in_a_server(tmp_path)) == {}


def test_what_lies_among_the_clients_files_is_not_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A folder that looks like one of earlier runs holds what would run when it is loaded."""
    (tmp_path / "items.csv").write_text("item_id,family\na,b\n", encoding="utf-8")
    monkeypatch.delenv("SOP_KEPT", raising=False)
    monkeypatch.chdir(tmp_path)

    assert kept_of(tmp_path, None, None, fresh=False).folder is None
    assert not (tmp_path / "runs").exists()


def test_the_workbook_of_the_data_request_holds_nothing_that_runs(tmp_path: Path):
    """It goes to the client."""
    made = write_request(tmp_path / "request", SAMPLE)

    assert [fault for path in made if path.suffix == ".xlsx" for fault in exports.faults_of(path)] == []


@pytest.mark.parametrize("where", ["../logo.png", "{outside}", "link.png"])
def test_a_logo_outside_the_folder_is_not_shown(tmp_path: Path, where: str):
    """However the settings name it."""
    data, outside = tmp_path / "data", tmp_path / "logo.png"
    data.mkdir()
    outside.write_bytes(b"\x89PNG")
    shutil.copy(outside, data / "own.png")
    (data / "link.png").symlink_to(outside)

    assert logo_file(Branding(logo=where.format(outside=outside)), data) is None
    assert logo_file(Branding(logo="own.png"), data) == data / "own.png"


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("=1+1", "'=1+1"),
        ("＝1+1", "'＝1+1"),
        ("x;=1+1", "x;'=1+1"),
        ("x\t@SUM(A1)", "x\t'@SUM(A1)"),
        ("\t=1+1", "\t'=1+1"),
        ("x\r\n=1+1", "x\r\n'=1+1"),
        ("-5", "-5"),
        ("+1.234,5", "+1.234,5"),
        ("-5+cmd", "'-5+cmd"),
        ("a=b", "a=b"),
    ],
)
def test_what_a_spreadsheet_would_run_is_marked(text: str, written: str):
    """At the beginning of a cell, and where some take a cell to begin; plain numbers stay numbers."""
    assert inert(text) == written


@pytest.mark.parametrize("text", [text for text in TEXTS if obeyed(text)], ids=ascii)
def test_no_mark_turns_what_stands_behind_a_name(text: str):
    """On a page nothing may read backwards; on a terminal nothing may be obeyed either."""
    assert not {"U+202E", "U+2067", "U+2066", "U+001B", "U+009B"} & set(obeyed(straight(text)))
    assert obeyed(legible(text)) == []
