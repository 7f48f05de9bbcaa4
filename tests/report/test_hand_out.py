"""What lies beside the page: made when asked for, and said to be old when it is not of this page."""

from __future__ import annotations

from pathlib import Path

import pytest

from helpers.report.hand_out import Handed, hand_out
from tests.report import fakes


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A page, with slides and a print of an earlier go beside it; printing writes a file, slides do too."""
    for name in ("slides.pptx", "report.pdf"):
        (tmp_path / name).write_bytes(b"earlier")

    def made(*arguments: object) -> Path:
        path = tmp_path / ("report.pdf" if len(arguments) == 2 else "slides.pptx")
        path.write_bytes(b"now")
        return path

    monkeypatch.setattr("helpers.report.pdf.print_page", made)
    monkeypatch.setattr("helpers.report.slides.write_slides", made)
    return tmp_path / "report.html"


def handed(page: Path, slides: bool, program: str) -> Handed:
    """Hand out the made-up diagnosis."""
    return hand_out(fakes.engagement(), fakes.diagnosis(), page.parent, page, slides, program, lambda _: None)


@pytest.mark.parametrize(
    ("slides", "program", "older"),
    [(True, "chrome", ()), (True, "", ("report.pdf",)), (False, "", ("slides.pptx", "report.pdf"))],
    ids=["both anew", "slides only", "neither"],
)
def test_what_was_not_made_anew_is_said_to_be_older(
    page: Path, slides: bool, program: str, older: tuple[str, ...]
) -> None:
    """A deck of last week beside the page of today would be taken for today's; it is never deleted."""
    assert handed(page, slides, program).older == older
    assert [(page.parent / name).read_bytes() for name in older] == [b"earlier"] * len(older)


def test_what_broke_off_leaves_the_older_file_and_says_so(page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The old deck is whole, but it is the old one."""
    monkeypatch.setattr("helpers.report.slides.write_slides", lambda *_: 1 / 0)
    found = handed(page, True, "chrome")

    assert found.older == ("slides.pptx",)
    assert [failure.partition(" at ")[0] for failure in found.failures] == ["slides.pptx: ZeroDivisionError"]
