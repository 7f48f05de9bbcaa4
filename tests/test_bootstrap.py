"""The set-up on a bare machine: what counts as ready, what is made, and how it goes on after an interruption."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from helpers import bootstrap

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A project folder of its own, with the requirements given; set-up and restart are only noted."""

    def make(requirements: str) -> list[str]:
        (tmp_path / "requirements.txt").write_text(requirements, encoding="utf-8")
        monkeypatch.setattr(bootstrap, "ROOT", tmp_path)
        monkeypatch.setattr(bootstrap, "REQUIREMENTS", tmp_path / "requirements.txt")
        monkeypatch.setattr(bootstrap, "VENV", tmp_path / ".venv")
        monkeypatch.delenv(bootstrap.RESTARTS, raising=False)
        done: list[str] = []
        monkeypatch.setattr(bootstrap, "_make_venv", lambda: (_make_python(), done.append("made")))
        monkeypatch.setattr(bootstrap, "_install", lambda: done.append("installed"))
        monkeypatch.setattr(bootstrap, "_restart", lambda arguments, restarts: done.append(f"restarted {arguments}"))
        return done

    return make


def test_pins_are_read_without_extras_comments_and_what_is_not_pinned(project):
    """`ibis-framework[duckdb]==12.0.0  # why` is ibis-framework at 12.0.0; `-e .` and blank lines are no pins."""
    project("# what was tested\nibis-framework[duckdb]==12.0.0  # why\n\npandas==3.1.1\n-e .\n")

    assert bootstrap.pins() == [("ibis-framework", "12.0.0"), ("pandas", "3.1.1")]


@pytest.mark.parametrize(("system", "applies"), [(sys.platform, True), ("nowhere", False)])
def test_a_pin_for_another_system_does_not_count(project, system, applies):
    """A marker that does not hold here takes its line out."""
    project(f"pytest=={pytest.__version__} ; sys_platform == '{system}'\n")

    assert bool(bootstrap.pins()) is applies


@pytest.mark.parametrize(
    ("version", "ready"),
    [(pytest.__version__, True), ("0.0.1", False)],
    ids=["the version pinned", "another version"],
)
def test_an_interpreter_with_every_pin_and_the_kit_in_place_is_used_as_it_is(project, monkeypatch, version, ready):
    """No folder is made and nothing restarts when all is there; another version is not good enough."""
    done = project(f"pytest=={version}\n")
    monkeypatch.setattr(bootstrap, "_is_installed_in_place", lambda: True)

    bootstrap.ensure_environment(["report"])

    assert (done == []) is ready


def test_a_kit_installed_from_another_folder_does_not_count(project):
    """A kernel would import the code of that other folder."""
    project(f"pytest=={pytest.__version__}\n")

    assert not bootstrap.is_satisfied()


def test_a_bare_interpreter_sets_up_and_starts_again_with_the_same_arguments(project):
    """First start: make, install, stamp, restart."""
    done = project("no-such-library==1.0\n")

    bootstrap.ensure_environment(["report", "--data", "extract"])

    assert done == ["made", "installed", "restarted ['report', '--data', 'extract']"]


def test_the_second_start_does_not_install_again(project):
    """The stamp says that the set-up was finished for these requirements."""
    done = project("no-such-library==1.0\n")
    bootstrap.ensure_environment([])
    done.clear()

    bootstrap.ensure_environment([])

    assert done == ["restarted []"]


def test_changed_requirements_are_installed(project):
    """A pin that moved makes the stamp stale."""
    done = project("no-such-library==1.0\n")
    bootstrap.ensure_environment([])
    done.clear()
    bootstrap.REQUIREMENTS.write_text("no-such-library==2.0\n", encoding="utf-8")

    bootstrap.ensure_environment([])

    assert "installed" in done


def test_an_interrupted_set_up_is_completed_at_the_next_start(project, monkeypatch, capsys):
    """Ctrl-C while pip works: no stamp, one sentence, and the next start installs."""
    done = project("no-such-library==1.0\n")
    install = bootstrap._install
    monkeypatch.setattr(bootstrap, "_install", _interrupt)

    with pytest.raises(SystemExit) as stopped:
        bootstrap.ensure_environment([])

    assert stopped.value.code == bootstrap.INTERRUPTED
    assert "The next start completes .venv." in capsys.readouterr().err

    monkeypatch.setattr(bootstrap, "_install", install)
    bootstrap.ensure_environment([])

    assert done == ["made", "made", "installed", "restarted []"]


def test_a_set_up_that_never_holds_ends_with_a_message_instead_of_a_circle(project, monkeypatch, capsys):
    """After two restarts something else is wrong, and the user is told what to delete."""
    project("no-such-library==1.0\n")
    monkeypatch.setenv(bootstrap.RESTARTS, "2")

    with pytest.raises(SystemExit) as stopped:
        bootstrap.ensure_environment([])

    assert stopped.value.code == bootstrap.UNUSABLE
    assert "Delete the folder .venv and start again." in capsys.readouterr().err


def test_a_failed_install_shows_what_pip_said_last(tmp_path, monkeypatch, capsys):
    """Status 2, the last lines, and where the rest is."""
    monkeypatch.setattr(bootstrap, "VENV", tmp_path)
    monkeypatch.setattr(bootstrap, "_python", lambda: Path(sys.executable))
    monkeypatch.setattr(bootstrap, "ROOT", tmp_path)
    monkeypatch.setattr(bootstrap, "REQUIREMENTS", tmp_path / "not-there.txt")

    with pytest.raises(SystemExit) as stopped:
        bootstrap._install()

    said = capsys.readouterr().err
    assert stopped.value.code == bootstrap.UNUSABLE
    assert "not-there.txt" in said
    assert "install.log" in said


def test_the_entry_can_be_read_by_an_old_python():
    """Python 3.6 must get as far as the message that it is too old."""
    source = (ROOT / "helpers" / "__main__.py").read_text(encoding="utf-8")

    ast.parse(source, feature_version=(3, 6))
    assert source.index("version_info < (3, 11)") < source.index("from helpers")


def test_a_ready_environment_loses_no_time_over_it():
    """Reading the pins and looking them up takes well under 0.3 s of the processor."""
    asked = "import time; began = time.process_time(); from helpers import bootstrap; bootstrap.is_satisfied(); "
    asked += "print(time.process_time() - began)"

    took = min(float(subprocess.check_output([sys.executable, "-c", asked], cwd=ROOT)) for _ in range(3))

    assert took < 0.3


def _make_python() -> None:
    python = bootstrap._python()
    python.parent.mkdir(parents=True, exist_ok=True)
    python.touch()


def _interrupt() -> None:
    raise KeyboardInterrupt


def test_ctrl_c_before_the_commands_are_there_is_no_traceback(tmp_path):
    """The first half second goes into imports; an interruption there is one word as later."""
    stopped = (
        "import runpy, helpers.bootstrap as first\n"
        "def stop(_): raise KeyboardInterrupt\n"
        "first.ensure_environment = stop\n"
        "runpy.run_module('helpers', run_name='__main__')"
    )

    ended = subprocess.run([sys.executable, "-c", stopped], cwd=ROOT, check=False, capture_output=True, text=True)

    assert (ended.returncode, ended.stderr) == (bootstrap.INTERRUPTED, "Stopped.\n")
