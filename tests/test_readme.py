"""The tables of the README that commands write."""

from __future__ import annotations

import re

import pytest

from tests import readme


@pytest.mark.parametrize("name", ["validity study", "benchmarks", "robustness"])
def test_a_table_goes_between_its_marks(tmp_path, monkeypatch, name):
    """What stands around them stays."""
    page = readme.README.read_text(encoding="utf-8")
    copy = tmp_path / "README.md"
    copy.write_text(page, encoding="utf-8")
    monkeypatch.setattr(readme, "README", copy)

    readme.publish(name, "the table")

    start, end = f"<!-- {name}: start -->", f"<!-- {name}: end -->"
    assert copy.read_text(encoding="utf-8") == f"{page.split(start)[0]}{start}\nthe table\n{end}{page.split(end)[1]}"


@pytest.mark.parametrize("page", ["README.md", ".github/CONTRIBUTING.md", ".github/SECURITY.md"])
def test_a_command_works_when_it_is_copied(page):
    """Only `python -m helpers` finds the environment by itself; every other command names it."""
    text = (readme.ROOT / page).read_text(encoding="utf-8")
    outside = re.findall(
        r"(?<![\w/])(?:python -m (?!helpers(?![.\w]))\S+|(?<!-m )pip install|papermill \S+ipynb)", text
    )

    assert outside == []
    assert page.endswith("SECURITY.md") or ".venv\\Scripts\\" in text
