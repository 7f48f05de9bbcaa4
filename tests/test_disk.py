"""Files put in place whole, what one process has to itself, what ended ones left, and what the system refuses."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from helpers import disk

HOLD = """
import sys
from pathlib import Path
from helpers import disk
with disk.held(Path(sys.argv[1])) as is_ours, disk.working_folder(Path(sys.argv[2])):
    print(is_ours, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def other(tmp_path: Path):
    """Another process that holds `lock` and has a working folder, until it is killed."""
    command = [sys.executable, "-c", HOLD, str(tmp_path / "lock"), str(tmp_path)]
    root = Path(__file__).resolve().parents[1]
    process = subprocess.Popen(command, cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "True\n"
    yield process
    process.kill()
    process.communicate()


def names(folder: Path) -> list[str]:
    """What lies in a folder."""
    return sorted(path.name for path in folder.iterdir())


def test_a_file_is_replaced_at_the_end_or_not_at_all(tmp_path: Path) -> None:
    """Until then the old one stands; what broke off is gone."""
    path = tmp_path / "result.json"
    disk.write(path, "old")

    with pytest.raises(ZeroDivisionError), disk.replaced(path) as beside:  # noqa: PT012
        beside.write_text("half", encoding="utf-8")
        assert path.read_text(encoding="utf-8") == "old"
        raise ZeroDivisionError

    assert (names(tmp_path), path.read_text(encoding="utf-8")) == (["result.json"], "old")
    disk.write(path, "new")
    assert (names(tmp_path), path.read_text(encoding="utf-8")) == (["result.json"], "new")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")
def test_a_file_has_the_mode_that_any_new_one_has_unless_it_is_private(tmp_path: Path) -> None:
    """Results are as open as the user's other files, the key is not."""
    (tmp_path / "plain").write_text("", encoding="utf-8")
    disk.write(tmp_path / "result", "")
    with disk.replaced(tmp_path / "key", 0o600):
        pass

    assert (tmp_path / "result").stat().st_mode == (tmp_path / "plain").stat().st_mode
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600


def test_a_lock_goes_with_the_process_that_held_it(tmp_path: Path, other: subprocess.Popen) -> None:
    """Held elsewhere, then free although nobody gave it back; the file goes with the last one."""
    with disk.held(tmp_path / "lock") as is_ours:
        assert not is_ours
    other.kill()
    other.wait()

    with disk.held(tmp_path / "lock", patience=5) as is_ours:
        assert is_ours
    assert not (tmp_path / "lock").exists()


def test_the_working_folder_of_a_process_is_swept_once_it_has_ended(tmp_path: Path, other: subprocess.Popen) -> None:
    """As long as it runs, it stays; a folder of another name always does."""
    (tmp_path / "mine").mkdir()
    (theirs,) = tmp_path.glob(f"{disk.WORK}*")
    with disk.working_folder(tmp_path):
        assert theirs.exists()
    disk.sweep(tmp_path)
    assert theirs.exists()
    other.kill()
    other.wait()

    with disk.working_folder(tmp_path) as own:
        assert not theirs.exists()
        assert own.exists()
    assert not own.exists()
    assert (tmp_path / "mine").exists()


def test_a_leaving_that_is_a_link_is_left_alone(tmp_path: Path) -> None:
    """Nothing outside is ever deleted."""
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "file").write_text("", encoding="utf-8")
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / f"{disk.WORK}link").symlink_to(tmp_path / "outside")

    disk.sweep(tmp_path / "work")

    assert (tmp_path / "outside" / "file").exists()


def test_a_folder_is_placed_whole_or_not_at_all(tmp_path: Path) -> None:
    """An empty one gives way, one with something in it does not."""
    (tmp_path / "pack").mkdir()
    with disk.placed(tmp_path / "pack") as new:
        (new / "note").write_text("", encoding="utf-8")
        assert names(tmp_path / "pack") == []
    with pytest.raises(OSError, match="not empty"), disk.placed(tmp_path / "pack"):
        pass

    assert (names(tmp_path), names(tmp_path / "pack")) == (["pack"], ["note"])


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError(errno.ENOSPC, "x", "a/b"), "a/b: the disk is full. Free some space there, or choose another place."),
        (
            OSError(errno.EACCES, "x", f"a/{disk.WORK}1/b"),
            "a: no permission to read or write here. Change it, or choose another place.",
        ),
        (OSError(errno.EROFS, "x"), "place: nothing can be written on this disk. Choose another place."),
        (OSError(errno.EIO, "Input/output error", "c"), "c: Input/output error."),
    ],
    ids=["full", "hidden", "nameless", "other"],
)
def test_what_the_system_refuses_is_said_with_its_place(error: OSError, said: str) -> None:
    """A hidden folder stands for the one it is in."""
    assert disk.message(error, "place") == said.replace("a/b", str(Path("a/b")))


def test_what_a_library_was_refused_is_known_by_the_words_of_the_system() -> None:
    """Anything else is no matter of the disk."""
    full = disk.refusal(RuntimeError(f"IO Error: could not write: {os.strerror(errno.ENOSPC)}"), Path("out"))

    assert (full.errno, full.filename) == (errno.ENOSPC, "out")
    assert disk.refusal(RuntimeError("division by zero"), Path("out")) is None
