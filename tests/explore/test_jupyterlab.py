"""The desk in real JupyterLab, driven by a real browser. Skips where Chromium is absent."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, Page

from helpers.disk import held
from tests.chromium import headless, needs_chromium

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 300
ASKED = 2
CHOOSE = ".jp-Dialog button.jp-mod-accept"
DESK = ".kit-desk.widget-vbox"
PICTURE = f"{DESK} figure img"

pytestmark = needs_chromium


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """JupyterLab over a copy of the notebooks, its settings and state in a folder of its own; its address."""
    home = tmp_path_factory.mktemp("lab")
    shutil.copytree(ROOT / "notebooks", home / "notebooks", ignore=shutil.ignore_patterns(".*"))
    port = _free_port()
    options = ["--no-browser", "--allow-root", "--ip=127.0.0.1", f"--port={port}", "--IdentityProvider.token="]
    options += [f"--ServerApp.root_dir={home / 'notebooks'}", "--LabApp.news_url=None"]
    own = {f"JUPYTER_{name}_DIR": str(home / name.lower()) for name in ("CONFIG", "RUNTIME", "DATA")}
    own |= {f"JUPYTERLAB_{name}_DIR": str(home / name.lower()) for name in ("SETTINGS", "WORKSPACES")}
    own |= {"HOME": str(home), "IPYTHONDIR": str(home / "ipython"), "PYTHONPATH": str(ROOT)}
    with (home / "log").open("w") as log:
        program = [sys.executable, "-m", "jupyterlab", *options]
        server = subprocess.Popen(
            program, env={**os.environ, **own}, stdout=log, stderr=log, cwd=home, start_new_session=True
        )
        try:
            address = f"http://127.0.0.1:{port}"
            _until(lambda: _answers(f"{address}/api"), "JupyterLab answers")
            yield address
        finally:
            _end(server)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Headless Chromium that talks to nobody else."""
    with headless() as chromium:
        yield chromium


@pytest.mark.parametrize("notebook", ["demand", "capacity", "procurement", "governance"])
def test_a_slider_moved_in_jupyterlab_changes_picture_and_lines_to_copy(
    browser: Browser, lab: str, notebook: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Run all cells, none fails; a few steps of the amber slider: another picture, and the new limit as settings."""
    tab = browser.new_page(viewport={"width": 1400, "height": 900})
    tab.set_default_timeout(PATIENCE * 1000)
    with held(tmp_path_factory.getbasetemp().parent / "starting", PATIENCE) as alone:  # two could take one port
        assert alone
        tab.goto(f"{lab}/lab/workspaces/{notebook}/tree/{notebook}.ipynb")
        _until(lambda: _has_kernel(lab, notebook), "the notebook has its kernel")
    _run_all(tab)
    tab.wait_for_selector(PICTURE)
    before = tab.locator(PICTURE).get_attribute("src")
    tab.locator(f"{DESK} .kit-limits .noUi-handle").first.focus()
    for _ in range(3):
        tab.keyboard.press("ArrowRight")
    _until(lambda: tab.locator(PICTURE).get_attribute("src") != before, "the picture follows the slider")
    tab.wait_for_selector(f"{DESK} .desk-word")

    assert "limits:" in tab.locator(f"{DESK} .desk-word").inner_text()
    assert tab.locator(f"{DESK} .desk-state tbody tr").count() == 2
    assert tab.locator('.jp-OutputArea-output[data-mime-type="application/vnd.jupyter.stderr"]').count() == 0
    assert tab.locator('.jp-OutputArea-output[data-mime-type="application/vnd.jupyter.error"]').count() == 0
    tab.close()


def _run_all(tab: Page) -> None:
    tab.wait_for_selector(".jp-Notebook .jp-Cell")
    tab.wait_for_selector('.jp-Notebook-ExecutionIndicator[data-status="idle"]')
    tab.get_by_text("Run", exact=True).first.click()
    tab.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    tab.wait_for_timeout(ASKED * 1000)
    if tab.locator(CHOOSE).count():  # the page had not heard of its kernel yet
        tab.locator(CHOOSE).first.click()


def _has_kernel(address: str, notebook: str) -> bool:
    """The page shows an idle kernel before it has one, so the server is asked."""
    with urlopen(f"{address}/api/sessions", timeout=5) as answer:
        sessions = json.load(answer)
    return any(notebook in told["path"] and told["kernel"]["execution_state"] == "idle" for told in sessions)


def _until(holds: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end, f"waited {PATIENCE} s until {what}"
        time.sleep(0.05)


def _answers(address: str) -> bool:
    try:
        with urlopen(address, timeout=5):
            return True
    except (URLError, OSError):
        return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _end(server: subprocess.Popen[bytes]) -> None:
    """The server first, so that it ends its kernels; what is left of its group after that."""
    server.terminate()
    try:
        server.wait(timeout=30)
    except subprocess.TimeoutExpired:
        if sys.platform == "win32":
            server.kill()
        else:
            os.killpg(server.pid, signal.SIGKILL)
