"""Broken clients: a share of the corpus through the intake, and some of it through the diagnosis."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.robustness.broken import file_system, run
from tests.robustness.broken.corpus import SUBJECTS, corpus
from tests.robustness.broken.judge import Reference

SHARE = 4  # every fourth case; all of them run in `python -m tests.robustness`
LINUX_ONLY = pytest.mark.skipif(sys.platform != "linux", reason="permissions, links and pipes of Linux")


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Reference:
    """The unbroken client, taken in."""
    return run.reference(tmp_path_factory.mktemp("broken"), "check")


@pytest.fixture(autouse=True)
def _apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is taken over from another run."""
    monkeypatch.setenv("SOP_KEPT", str(tmp_path / "kept"))


def test_the_corpus_is_as_large_as_promised() -> None:
    """Hundreds of cases, each with a name of its own."""
    names = [case.name for case in corpus()]

    assert len(set(names)) == len(names) >= 300


@pytest.mark.parametrize(
    "subject",
    [pytest.param(s, marks=LINUX_ONLY) if s is file_system else s for s in SUBJECTS],
    ids=lambda subject: subject.__name__.rpartition(".")[2],
)
def test_broken_clients_are_taken_set_aside_or_refused(subject: object, tmp_path: Path, known: Reference) -> None:
    """Each as it declares; every row of every file is used or listed."""
    cases = [*subject.cases()][::SHARE]  # type: ignore[attr-defined]
    judged = {case.name: run.intake(case, tmp_path / str(i), known)[0] for i, case in enumerate(cases)}

    assert {name: found.said for name, found in judged.items() if found.complaints} == {}
    assert all(found.rows_in == found.rows_kept for found in judged.values())
