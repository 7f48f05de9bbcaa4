"""What is committed holds nothing of a client's, and the hook refuses what would."""

from __future__ import annotations

import base64
import shutil
import subprocess
from pathlib import Path

import pytest

from tests import committed
from tests.readme import ROOT


def tracked() -> list[str]:
    """Every file git knows here; skips outside a checkout."""
    if not (ROOT / ".git").exists() or not shutil.which("git"):
        pytest.skip("this is no checkout")
    told = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True)
    return told.stdout.rstrip("\0").split("\0")


def test_nothing_foreign_is_tracked() -> None:
    """Every file of a kind that holds data lies where our own lie."""
    assert committed.foreign(tracked()) == []


@pytest.mark.parametrize(
    "path",
    [
        "runs/acme/findings.json",
        "clients/acme/order_lines.csv.gz",
        "notebooks/acme/demand.ipynb",
        "exploration.ipynb",
        "clients/notebooks/demand.ipynb",
        "acme.duckdb",
        "tests/real.parquet",
        "settings.yaml",
        "report.html",
        "docs/screen.png",
        "helpers/Plan.XLSX",
    ],
)
def test_data_elsewhere_are_foreign(path: str) -> None:
    """Whatever the folder, whatever the case."""
    assert committed.foreign([path, "README.md", "sample_data/items.csv", "notebooks/demand.ipynb"]) == [path]


def picture(text: str) -> str:
    """An output with a picture in it."""
    return f'<img src="data:image/svg+xml;base64,{base64.b64encode(text.encode()).decode()}">'


@pytest.mark.parametrize(
    ("fresh", "is_same"),
    [
        ("Soups " + picture('<path d="M 1.5 2"/>'), True),
        ("Soups " + picture('<path d="M 1.25 2"/>'), True),
        ("Cheese " + picture('<path d="M 1.5 2"/>'), False),
        ("Soups " + picture("<text>Acme</text>"), False),
    ],
)
def test_an_output_that_is_not_the_samples_is_noticed(tmp_path: Path, fresh: str, is_same: bool) -> None:
    """Texts to the letter, pictures but for the rounding of their coordinates."""
    (tmp_path / "demand.ipynb").write_text(fresh, encoding="utf-8")
    sample = "Soups " + picture('<path d="M 1.5 2"/>')

    assert (committed.differing({"demand.ipynb": sample}, tmp_path) == []) == is_same
    assert committed.differing({"other.ipynb": sample}, tmp_path) == ["other.ipynb"]


def test_the_hook_refuses_a_clients_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Staged by force, in a checkout of its own."""
    tracked()
    copy = tmp_path / "checkout"
    subprocess.run(["git", "init", "-q", copy], check=True, capture_output=True)
    (copy / "clients").mkdir()
    (copy / "clients/items.csv").write_text("item_id,family\n1,Acme\n", encoding="utf-8")
    subprocess.run(["git", "add", "-f", "clients/items.csv"], cwd=copy, check=True, capture_output=True)
    monkeypatch.setattr(committed, "ROOT", copy)

    with pytest.raises(SystemExit, match=r"clients/items\.csv: this kind of file is only committed in sample_data/"):
        committed.main()


def test_the_hook_looks_at_what_is_staged() -> None:
    """The file git runs starts the same module."""
    assert "-m tests.committed" in (ROOT / ".githooks/pre-commit").read_text(encoding="utf-8")
