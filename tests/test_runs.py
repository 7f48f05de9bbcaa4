"""A folder is one run's alone: who else is at work there, and what is left of a run that cannot be done."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from helpers import runs
from helpers.errors import Unusable


def test_a_folder_is_held_by_one_run_at_a_time(tmp_path: Path) -> None:
    """The second is told so, whatever its input; afterwards the same run may go on there."""
    out = tmp_path / "out"
    with runs.claim(out, "one"):
        for run in ("one", "another"):
            with pytest.raises(Unusable, match=r"a run is at work|other data"), runs.claim(out, run):
                pass

    with runs.claim(out, "one"):
        assert [path.name for path in out.glob("[!.]*")] == ["run.json"]


def test_a_new_folder_in_which_nothing_can_be_written_is_left_as_it_was(tmp_path: Path) -> None:
    """A full disk half-way is said in one message; an empty folder is empty again, one that was not there is gone."""
    (tmp_path / "there").mkdir()
    for name in ("there", "new"):
        with pytest.raises(Unusable, match=f"{name}: the disk is full"), runs.claim(tmp_path / name, "run") as out:  # noqa: PT012
            (out / "store").mkdir()
            raise OSError(errno.ENOSPC, "no space", None)

    assert [*tmp_path.rglob("*")] == [tmp_path / "there"]


def test_what_was_written_stays_when_nobody_reads_what_is_said(tmp_path: Path) -> None:
    """`check | head` ends the run, and is no matter of the folder."""
    with pytest.raises(BrokenPipeError), runs.claim(tmp_path / "out", "run"):
        raise BrokenPipeError

    assert (tmp_path / "out" / "run.json").exists()
