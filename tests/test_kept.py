"""What earlier runs kept: found again for the same input, date and code only, private, never more than asked for."""

from __future__ import annotations

import os
import pickle
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from helpers import kept as keeping
from helpers.commands import app
from helpers.kept import Kept, kept
from tests.intake.folders import demand
from tests.test_main import extract


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A place of its own for what is kept."""
    monkeypatch.setenv(keeping.VARIABLE, str(tmp_path / "kept"))
    return tmp_path / "kept"


def test_work_is_found_again_under_the_same_input_and_date_only():
    """Another input, another date, or asking for something fresh finds nothing."""
    kept("a" * 40, "2026-03-01").save("diagnosis", {"signs": 10})

    assert kept("a" * 40, "2026-03-01").load("diagnosis") == {"signs": 10}
    assert kept("a" * 40, None).load("diagnosis") is None
    assert kept("b" * 40, "2026-03-01").load("diagnosis") is None
    assert kept("a" * 40, "2026-03-01", fresh=True).load("diagnosis") is None
    assert kept("a" * 40, "2026-03-01").load("diagnosis") is None


def test_other_code_finds_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """A line changed in any file of the kit may change a finding."""
    kept("a" * 40, None).save("diagnosis", 1)
    (tmp_path / "package").mkdir()
    (tmp_path / "package" / "new.py").write_text("x = 1\n", encoding="utf-8")
    monkeypatch.setattr(keeping, "PACKAGE", tmp_path / "package")
    keeping._mark.cache_clear()

    assert kept("a" * 40, None).load("diagnosis") is None
    keeping._mark.cache_clear()


@pytest.mark.parametrize("torn", [b"", b"\x80\x05", pickle.dumps({"a": 1})[:-2], b"csomewhere\nelse\n."])
def test_what_cannot_be_read_counts_as_not_kept(torn: bytes):
    """A file cut off, or one of a class that is gone, is made anew instead of stopping the run."""
    one = kept("a" * 40, None)
    one.save("diagnosis", 1)
    (file,) = one.folder.glob("diagnosis-*")
    file.write_bytes(torn)

    assert one.load("diagnosis") is None


def test_tables_are_laid_as_they_were(tmp_path: Path):
    """Names and bytes; what stands there already is left alone."""
    sent = demand(tmp_path, "period,item_id,quantity\n2024-01,A2,1\n2024-02,A2,x\n")
    one = kept("a" * 40, None)

    assert not one.lay_tables(tmp_path / "one", tmp_path / "two")
    one.keep_tables(sent.store, sent.rejects)
    assert one.lay_tables(tmp_path / "one", tmp_path / "two")
    assert held(tmp_path / "one") == held(sent.store)
    assert held(tmp_path / "two") == held(sent.rejects) != {}


def test_a_table_that_was_cut_off_is_forgotten_and_kept_anew(tmp_path: Path):
    """It is no shorter history of the client's."""
    sent = demand(tmp_path, "period,item_id,quantity\n2024-01,A2,1\n")
    one = kept("a" * 40, None)
    one.keep_tables(sent.store, sent.rejects)
    file = one.folder / keeping.TABLES / keeping.STORE / "actual_demand.parquet"
    whole = file.read_bytes()
    file.unlink()  # its other name, in the folder of the run, stays whole
    file.write_bytes(whole[: len(whole) // 2])

    assert not one.lay_tables(tmp_path / "one", tmp_path / "two")
    one.keep_tables(sent.store, sent.rejects)
    assert one.lay_tables(tmp_path / "one", tmp_path / "two")
    assert (tmp_path / "one" / "actual_demand.parquet").read_bytes() == whole


def held(folder: Path) -> dict[str, bytes]:
    """The files of a folder."""
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_no_more_inputs_are_kept_than_the_last_five(place: Path):
    """The one used longest ago goes first."""
    for number in range(keeping.MOST + 2):
        folder = kept(f"{number}" * 40, None).folder
        os.utime(folder, (1000 + number, 1000 + number))
    kept("0" * 40, None)

    left = {folder.name[0] for folder in place.iterdir()}
    assert len(left) == keeping.MOST
    assert "0" in left
    assert "1" not in left


@pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps a user's folders apart by itself")
def test_nobody_else_may_enter_and_what_others_could_have_written_is_not_loaded(place: Path):
    """What is kept is loaded as it is, so that it must be this user's own."""
    one = kept("a" * 40, None)
    one.save("diagnosis", 1)
    assert place.stat().st_mode & 0o077 == 0
    assert one.folder.stat().st_mode & 0o077 == 0

    place.chmod(0o777)
    assert kept("a" * 40, None) == Kept()


def test_without_a_place_nothing_is_kept_and_nothing_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A folder that cannot be made costs time, not the run."""
    (tmp_path / "file").write_text("", encoding="utf-8")
    monkeypatch.setenv(keeping.VARIABLE, str(tmp_path / "file" / "kept"))
    none = kept("a" * 40, None)
    none.save("diagnosis", 1)
    none.keep_tables(tmp_path, tmp_path)

    assert none.load("diagnosis") is None
    assert not none.lay_tables(tmp_path / "a", tmp_path / "b")


def test_a_second_run_says_what_it_takes_over_and_gives_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Byte by byte; with --fresh it says nothing of the kind, and a changed file is a new input."""
    monkeypatch.chdir(tmp_path)
    extract(tmp_path / "extract")

    def diagnose(out: str, *options: str) -> tuple[str, bytes]:
        said = CliRunner().invoke(app, ["diagnose", "--data", "extract", "--out", out, *options])
        assert said.exit_code == 0, said.output
        return said.stderr, (tmp_path / out / "findings.json").read_bytes()

    first, second, fresh = diagnose("one"), diagnose("two"), diagnose("three", "--fresh")
    with (tmp_path / "extract" / "items.csv").open("a", encoding="utf-8") as items:
        items.write("\n")
    changed = diagnose("four")

    assert "earlier run" not in first[0] + fresh[0] + changed[0]
    assert "diagnosis: as in an earlier run on the same input; --fresh measures anew" in second[0]
    assert "intake: the same input and settings as before" in second[0]
    assert first[1] == second[1] == fresh[1]
