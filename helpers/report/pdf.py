"""Prints the page with a browser that is on the machine already; nothing is fetched and nothing is installed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from itertools import chain
from pathlib import Path

from helpers.disk import working_folder, write_bytes
from helpers.errors import Unusable

PDF = "report.pdf"
PATIENCE = 180
LINK_TO_A_FILE = re.compile(r'\shref="(?![#"]|https?:|mailto:)[^"]*"')
COMMANDS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "microsoft-edge",
    "microsoft-edge-stable",
    "msedge",
)
WINDOWS_FOLDERS = ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA")
WINDOWS_PROGRAMS = ("Google/Chrome/Application/chrome.exe", "Microsoft/Edge/Application/msedge.exe")
MAC_PROGRAMS = ("Google Chrome", "Microsoft Edge", "Chromium")
SILENT = (
    "--headless",
    "--disable-gpu",
    "--no-pdf-header-footer",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-extensions",
    "--disable-sync",
    "--disable-quic",
    "--host-resolver-rules=MAP * ~NOTFOUND",
)


class NotPrinted(Exception):
    """The browser did not give a page: it ended with an error, or it took too long. The report stands."""


def browser() -> str:
    """The browser to print with.

    Raises
    ------
    Unusable
        There is none; the message says what to install.
    """
    named = (found for name in COMMANDS if (found := shutil.which(name)))
    placed = (str(place) for place in _usual_places() if place.is_file())
    found = next(chain(named, placed), None)
    if found is None:
        raise Unusable(
            "--pdf: no browser to print the page with was found. Install Chromium, Google Chrome or Microsoft Edge "
            "and run the same command again, or leave --pdf out and print report.html from any browser."
        )
    return found


def print_page(program: str, page: Path, patience: float = PATIENCE) -> Path:
    """Print `page` to `report.pdf` beside it; a reader sees the old file or the whole new one.

    Links to other files are left out: a print would carry the path of the folder it was made in.

    Raises
    ------
    NotPrinted
        Nothing was printed within `patience` seconds.
    """
    target = page.with_name(PDF)
    with working_folder() as folder:
        printed, copy = folder / PDF, folder / page.name
        copy.write_text(LINK_TO_A_FILE.sub("", page.read_text(encoding="utf-8")), encoding="utf-8")
        _run([program, *_options(folder), f"--print-to-pdf={printed}", copy.as_uri()], folder, patience)
        if not printed.is_file() or not printed.read_bytes().startswith(b"%PDF"):
            raise NotPrinted(f"{Path(program).name} ended without printing; print {page.name} from a browser")
        write_bytes(target, printed.read_bytes())
    return target


def _run(command: list[str], folder: Path, patience: float) -> None:
    """What the browser keeps for itself stays in the folder."""
    environment = os.environ | dict.fromkeys(("TMPDIR", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"), str(folder))
    try:
        subprocess.run(
            command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, timeout=patience, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise NotPrinted(f"{Path(command[0]).name} did not print within {patience:.0f} seconds") from error
    except OSError as error:
        raise NotPrinted(f"{Path(command[0]).name} could not be started: {error.strerror}") from error


def _options(folder: Path) -> tuple[str, ...]:
    """A profile of its own, thrown away afterwards; Chromium refuses to run as root inside its sandbox."""
    is_root = sys.platform == "linux" and os.geteuid() == 0
    return (*SILENT, f"--user-data-dir={folder / 'profile'}", *(("--no-sandbox",) if is_root else ()))


def _usual_places() -> list[Path]:
    """Where Windows and macOS keep browsers that no command names."""
    by_system = {"win32": _on_windows, "darwin": _on_a_mac}
    return by_system[sys.platform]() if sys.platform in by_system else []


def _on_windows() -> list[Path]:
    folders = [Path(os.environ[name]) for name in WINDOWS_FOLDERS if os.environ.get(name)]
    return [folder / program for program in WINDOWS_PROGRAMS for folder in folders]


def _on_a_mac() -> list[Path]:
    folders = (Path("/Applications"), Path.home() / "Applications")
    return [folder / f"{name}.app" / "Contents" / "MacOS" / name for name in MAC_PROGRAMS for folder in folders]
