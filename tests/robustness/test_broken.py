"""Broken clients: a share of the corpus through the intake, and some of it through the diagnosis."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.robustness.broken import file_system, files, run, settings
from tests.robustness.broken.case import CELL, Case, Expected, Fate, Fault, Refused, Taken, whole
from tests.robustness.broken.client import Copy
from tests.robustness.broken.corpus import SUBJECTS, corpus, rows
from tests.robustness.broken.judge import Ran, Reference, findings

SHARE = 20  # every twentieth case; all of them run in `python -m tests.robustness`
OF_LINUX = (file_system, files, settings)  # permissions, links, pipes, and names that differ in case only
DIAGNOSED = (
    "sizes/one item",
    "sizes/items and order_lines only",
    "sizes/items and schedule_changes and capacity only",
    "columns/order_lines without requested_on",
    "plausible/forecast_snapshots overwritten by the last ones",
)


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
    [subject for subject in SUBJECTS if sys.platform == "linux" or subject not in OF_LINUX],
    ids=lambda subject: subject.__name__.rpartition(".")[2],
)
def test_broken_clients_are_taken_set_aside_or_refused(subject: object, tmp_path: Path, known: Reference) -> None:
    """Each as it declares; every row of every file is used or listed."""
    cases = [*subject.cases()][::SHARE]  # type: ignore[attr-defined]
    judged = {case.name: run.intake(case, tmp_path / str(i), known)[0] for i, case in enumerate(cases)}

    assert {name: found.said for name, found in judged.items() if found.complaints} == {}
    assert all(found.rows_in == found.rows_kept for found in judged.values())


@pytest.mark.parametrize("name", DIAGNOSED)
def test_broken_clients_are_diagnosed_without_green_or_endless_numbers(
    name: str, tmp_path: Path, known: Reference
) -> None:
    """No sign breaks off, and none that recurs in the unbroken client is absent for want of data."""
    (case,) = [case for case in corpus() if case.name == name]

    assert run.diagnosis(case, tmp_path / "case", known).said == ""


# the checks can fail

NEGATIVE = (Fault(5, "planned_hours", "below 0", value="-1"),)


def _broken(expect: Callable[[Copy], Expected]) -> Case:
    """Capacity with one negative number on line 5, and some word about what has to come of it."""

    def change(copy: Copy) -> Expected:
        copy.write("capacity", copy.grid("capacity").put("planned_hours", "-1", (3,)))
        return expect(copy)

    return Case("capacity with a negative number", change, ("capacity",))


def _rest(copy: Copy, faults: tuple[Fault, ...] = NEGATIVE, at: int = 3) -> Taken:
    return Taken({"capacity": Fate(copy.grid("capacity").without({at}), faults)})


@pytest.mark.parametrize(
    ("expect", "complaint"),
    [
        (_rest, ""),
        (lambda copy: Taken(), "149 rows used in place of 150"),
        (lambda copy: _rest(copy, at=4), "lost 1"),
        (lambda copy: _rest(copy, (Fault(6, "planned_hours", "below 0"),)), "not listed 1"),
        (lambda copy: _rest(copy, (Fault(5, "available_hours", "below 0"),)), "not listed 1"),
        (lambda copy: _rest(copy, (Fault(5, "planned_hours", "below 0", CELL),)), "not listed 1"),
        (lambda copy: _rest(copy, (Fault(5, "planned_hours", "not a number"),)), "the rule lacks"),
        (lambda copy: _rest(copy, (Fault(5, "planned_hours", "below 0", value="-2"),)), "the value is shown as"),
        (lambda copy: Taken({"capacity": whole("is missing")}), "the reason lacks"),
        (lambda copy: Taken({"capacity": Fate(None)}), "counts as sent"),
        (lambda copy: Refused("capacity"), "exit status 0 in place of 2"),
        (lambda copy: Taken(_rest(copy).fates, says=("nothing of the kind",)), "the terminal does not say"),
    ],
)
def test_what_comes_otherwise_than_declared_is_complained_of(
    expect: Callable[[Copy], Expected], complaint: str, tmp_path: Path, known: Reference
) -> None:
    """A run that is right, held against declarations that are not."""
    judged, _ = run.intake(_broken(expect), tmp_path / "case", known)

    assert complaint in judged.said if complaint else judged.complaints == []


def test_a_row_that_is_neither_used_nor_listed_is_seen(tmp_path: Path, known: Reference) -> None:
    """The rows of the file are counted, not asked for; a difference stands in the figure by its case."""

    def expect(copy: Copy) -> Expected:
        copy.counts["capacity"] = lambda: 151
        return _rest(copy)

    judged, _ = run.intake(_broken(expect), tmp_path / "case", known)
    figure = rows("rows", {"capacity": judged})

    assert (figure.tried, figure.held) == (151 + 21 + 1008, 0)
    assert figure.fallen == ("capacity: 1180 rows in, 1179 used or set aside",)


def test_rows_of_a_client_that_is_refused_wrongly_are_lost(tmp_path: Path, known: Reference) -> None:
    """Those of one that is refused rightly do not count; no figure holds because nothing was read."""

    def without_items(copy: Copy) -> Copy:
        copy.remove("items")
        return copy

    said = {
        "wrongly": lambda copy: _rest(without_items(copy)),
        "rightly": lambda copy: (without_items(copy), Refused("the table items was not found"))[1],
    }
    judged = {name: run.intake(_broken(expect), tmp_path / name, known)[0] for name, expect in said.items()}
    figure = rows("rows", judged)

    assert (figure.tried, figure.held) == (150 + 1008, 0)
    assert figure.fallen == ("wrongly: 1158 rows in, 0 used or set aside",)


def test_a_refusal_that_touches_or_leaves_something_is_complained_of(tmp_path: Path, known: Reference) -> None:
    """The right words, but a folder left behind."""
    case = Case("no items", lambda copy: (copy.remove("items"), Refused("the table items was not found"))[1], ())
    (tmp_path / "case" / "out").mkdir(parents=True)

    assert "out was left behind" in run.intake(case, tmp_path / "case", known)[0].said


@pytest.mark.parametrize(
    ("sign", "status", "word", "complaint"),
    [
        (1, "recurring", "0.5", ""),
        (1, "not_assessable", "0.5", ""),
        (1, "absent", "0.5", "sign 1 turned green"),
        (1, "recurring", "NaN", "what is no number at ['.signs.0.strength']"),
        (1, "recurring", "1e999", "what is no number"),
    ],
)
def test_green_or_endless_findings_are_complained_of(
    sign: int, status: str, word: str, complaint: str, tmp_path: Path, known: Reference
) -> None:
    """Sign 1 recurs in the unbroken client."""
    signs = [{"sign": n, "status": "recurring", "strength": 0.5, "path": "", "missing": []} for n in range(1, 11)]
    signs[sign - 1] |= {"status": status, "strength": "HERE"}
    text = json.dumps({"intake": [], "signs": signs}).replace('"HERE"', word)
    (tmp_path / "findings.json").write_text(text, encoding="utf-8")
    (tmp_path / "store").mkdir()
    (tmp_path / "store" / "intake.json").write_text('{"tables": []}', encoding="utf-8")

    found = [*findings(Ran(0, "", tmp_path), Taken(), known)]

    assert complaint in " ".join(found) if complaint else found == []
