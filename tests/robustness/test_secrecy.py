"""Nothing is sent, nothing is open to others, nothing is named where it does not belong."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tests.robustness import quarantine, secrecy
from tests.robustness.small import small_client

pytestmark = pytest.mark.skipif(bool(quarantine.unable()), reason=quarantine.unable() or "can be run alone")

CALLS_OUT = "import socket; s = socket.socket(); s.settimeout(0.2); s.connect_ex(('198.51.100.7', 443))"
LISTENS = "import socket, time; s = socket.socket(); s.bind(('127.0.0.1', 0)); s.listen(); time.sleep(0.5)"


@pytest.mark.parametrize(("code", "packets", "ports"), [("1", False, 0), (CALLS_OUT, True, 0), (LISTENS, False, 1)])
def test_whoever_calls_out_or_listens_is_noticed(code: str, packets: bool, ports: int) -> None:
    """The proof can fail: a call into nowhere is counted, a port is seen."""
    run = quarantine.alone([sys.executable, "-c", code])

    assert (run.status, run.packets > 0, run.ports) == (0, packets, ports)


@pytest.fixture(scope="module")
def left(tmp_path_factory: pytest.TempPathFactory) -> tuple[quarantine.Alone, Path, Path]:
    """A report of the small client with slides, made alone; its client and the folder it was left in."""
    folder = tmp_path_factory.mktemp("secrecy")
    client = small_client(folder / "client")
    words = ("report", "--data", str(client), "--out", str(folder / "report"), "--slides")
    run = quarantine.alone(
        [sys.executable, "-c", secrecy.KIT, *words], {**os.environ, "SOP_KEPT": str(folder / "kept")}
    )
    return run, client, folder


def files(folder: Path) -> list[Path]:
    """Everything a run left, what is kept for the next one too."""
    return [path for name in ("report", "kept") for path in (folder / name, *(folder / name).rglob("*"))]


def test_a_report_sends_nothing_and_opens_no_port(left: tuple[quarantine.Alone, Path, Path]) -> None:
    """Four kernels and a browserless page: all over sockets in a private folder."""
    assert secrecy.faults_of("report", left[0]) == ""


def test_what_a_report_leaves_only_its_user_may_read(left: tuple[quarantine.Alone, Path, Path]) -> None:
    """Typed tables, findings, page, notebooks, what is kept."""
    paths = files(left[2])

    assert len(paths) > 60
    assert {path: secrecy.open_to_others(path) for path in paths if secrecy.open_to_others(path)} == {}


def test_no_name_is_told_where_none_belongs(left: tuple[quarantine.Alone, Path, Path]) -> None:
    """Terminal, marks, file names, metadata of executed notebooks."""
    run, client, folder = left
    names, texts = secrecy.names_of(client), {"terminal": run.said} | secrecy.unnamed_texts(files(folder))

    assert len(names) > 100
    assert {place: secrecy.found(text, names) for place, text in texts.items() if secrecy.found(text, names)} == {}
    assert secrecy.found(f"about {min(names)}.", names) == min(names)


def test_no_file_of_a_report_names_the_machine(left: tuple[quarantine.Alone, Path, Path]) -> None:
    """Neither folder nor user nor host, in no part of any file."""
    folder = left[2]
    texts = secrecy.told_texts(files(folder))

    assert {Path(place).name for place in texts} >= {"report.html", "slides.pptx", "evidence.xlsx", "findings.json"}
    told = {place: secrecy.found(text, secrecy.machine(folder)) for place, text in texts.items()}
    assert {place: names for place, names in told.items() if names} == {}
