"""Since last time: which run counts as the last one, and what the page says of it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from helpers.compare import recorded
from helpers.report.since import last_before, since
from helpers.report.write import page_html
from helpers.settings import Settings
from tests.report import fakes

CLIENT = f"Smith & Co {fakes.HOSTILE}"


def run(folder: Path, as_of: str = "2025-03-01", **changes: Any) -> Path:
    """A run of the made-up client as of an earlier date, saved in `folder`, with sign 1 absent."""
    said = recorded(fakes.diagnosis((fakes.finding(1, "absent"), *fakes.findings()[1:])))
    folder.mkdir(parents=True)
    (folder / "findings.json").write_text(json.dumps({**said, "as_of": as_of, **changes}), encoding="utf-8")
    return folder


def found(runs: Path, diagnosis: Any = None, data: str = "data") -> str | None:
    """The as-of date of the run that was found."""
    earlier = last_before(diagnosis or fakes.diagnosis(), runs / data, runs / "now", runs)
    return earlier["as_of"] if earlier else None


def test_no_earlier_run_gives_no_block(tmp_path):
    """Neither an empty folder nor one that is not there."""
    assert since(fakes.diagnosis(), tmp_path, tmp_path, tmp_path) == ""
    assert since(fakes.diagnosis(), tmp_path, tmp_path, tmp_path / "runs") == ""


def test_the_last_earlier_date_counts(tmp_path):
    """Not a run as of the same date or later; the diagnosis is as of June 2025."""
    for as_of in ("2025-02-01", "2025-04-01", "2025-06-01", "2025-07-01"):
        run(tmp_path / as_of, as_of)

    assert found(tmp_path) == "2025-04-01"


def test_of_several_runs_as_of_one_date_the_one_written_last_counts(tmp_path):
    """Whatever their folders are called."""
    for folder, moment in (("z", 100), ("a", 200), ("m", 150)):
        os.utime(run(tmp_path / folder, kit_version=folder) / "findings.json", (moment, moment))

    assert last_before(fakes.diagnosis(), tmp_path, tmp_path, tmp_path)["kit_version"] == "a"


@pytest.mark.parametrize(
    "changes",
    [{"client": "Somebody else"}, {"as_of": "soon"}, {"as_of": None}, {"schema_version": "9"}, {"signs": "none"}],
    ids=["other client", "no date", "date missing", "other schema", "no signs"],
)
def test_what_cannot_be_the_last_run_is_passed_over(tmp_path, changes):
    """A broken or strange folder under runs/ does not take the report with it."""
    run(tmp_path / "a", **changes)

    assert found(tmp_path) is None


def test_the_run_itself_is_not_the_last_one(tmp_path):
    """A report that is written again into its own folder finds an older go there."""
    run(tmp_path / "now")

    assert found(tmp_path) is None


@pytest.mark.parametrize(
    ("folder", "said"),
    [
        ("acme-20260101-101500", "2025-03-01"),
        ("acme-20260101-101500-2", "2025-03-01"),
        ("acme-b-20260101-101500", None),
    ],
)
def test_an_unnamed_client_is_known_by_its_data_folder(tmp_path, folder, said):
    """`runs/` names the folder after the data then."""
    nobody = Settings().client
    run(tmp_path / folder, client=nobody)

    assert found(tmp_path, fakes.diagnosis(client=nobody), "Acme") == said


def test_the_block_says_what_changed(tmp_path):
    """Words, a table that names its columns and rows, and what is not like for like."""
    run(tmp_path / "a", kit_version="0.0.1")
    block = since(fakes.diagnosis(), tmp_path, tmp_path / "now", tmp_path)

    assert "Beside the run as of 2025-03." in block
    assert "<b>New:</b> Sign 1 (absent → recurring, first warning 2025-01)." in block
    assert "<b>Not like for like.</b> Other version of the kit (0.0.1, then" in block
    assert block.count('<th scope="row">') == 10
    assert block.count("<th ") == block.count("scope=")


def test_the_block_stands_after_the_calendar_and_is_escaped(tmp_path, monkeypatch):
    """Nothing of a saved file is obeyed."""
    monkeypatch.chdir(tmp_path)
    run(tmp_path / "runs" / "a", kit_version=fakes.HOSTILE, currency=fakes.HOSTILE)
    page = page_html(fakes.engagement(), fakes.diagnosis(), [], tmp_path, tmp_path)

    assert page.index('id="verdict"') < page.index('class="calendar"') < page.index('id="since"')
    assert fakes.HOSTILE not in page
    assert "not compared" in page


def test_a_page_without_an_earlier_run_has_no_block(tmp_path, monkeypatch):
    """Nothing is said of a last time that was not."""
    monkeypatch.chdir(tmp_path)

    assert 'id="since"' not in page_html(fakes.engagement(), fakes.diagnosis(), [], tmp_path, tmp_path)
