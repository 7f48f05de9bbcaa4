"""What stays on the machine and whom it is shown to: the network, file modes, names and paths where none belong."""

from __future__ import annotations

import getpass
import json
import os
import re
import socket
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pandas as pd

from tests.robustness.figures import Bench, Figure, counted
from tests.robustness.quarantine import ROOT, Alone, alone, unable
from tests.robustness.small import small_client

KIT = "from helpers.commands import run; run()"
# A sign that breaks off with an error that quotes what it was reading.
BROKEN = (
    "from helpers.signs import s07_recurring_expediting as sign; "
    "sign.gather = lambda engagement, path: {}[' '.join(engagement.frame(engagement.table('items'))['item_id'])]; "
    "from helpers.commands import run; run()"
)
BREAKS_OFF = "a part breaks off"
ENDS = {BREAKS_OFF: 3}
FOR_A_WHILE = ("timeout", "--signal=INT", "20")
SERVED = "lab"  # the one command whose purpose is to open a port, for this machine only
SHORTEST = 5  # letters of a name that cannot be part of another word
IMAGE = re.compile(r"data:image/[^\"')]+")


def figures(bench: Bench) -> Iterator[Figure]:
    """Every command alone in a network that counts; then the files it left."""
    reason = unable()
    if reason:
        bench.say(f"  not tried: {reason}")
        return
    client = small_client(bench.folder / "client")
    runs = run_all(client, bench.folder)
    yield counted(
        "commands in a network of their own",
        "no packet leaves, no port opens (`lab`: its own, for this machine)",
        {name: faults_of(name, run) for name, run in runs.items()},
    )
    folders = [bench.folder / name for name in ("kept", *runs)]
    left = [path for folder in folders if folder.exists() for path in (folder, *folder.rglob("*"))]
    yield counted(
        "files and folders left", "only their user may read them", {str(path): open_to_others(path) for path in left}
    )
    names = names_of(client)
    texts = {f"{name}, terminal": run.said for name, run in runs.items()} | unnamed_texts(left)
    yield counted(
        "terminal, logs, marks, metadata of notebooks",
        "no name of the client's, also where a part breaks off over one",
        {place: found(text, names) for place, text in texts.items()},
    )
    yield counted(
        "every file handed over, its metadata too",
        "no path, user or host of the machine",
        {place: found(text, machine(bench.folder)) for place, text in told_texts(left).items()},
    )


def run_all(client: Path, folder: Path) -> dict[str, Alone]:
    """Each command once, on the same client; results in a folder of its name."""
    data = ("--data", str(client))
    asked = {
        "report": ("report", *data, "--slides", "--pdf"),
        "check": ("check", *data),
        "diagnose": ("diagnose", *data, "--as-of", "2026-03-01"),
        "anonymised": ("report", *data, "--anonymise", "--key", str(folder / "names.key")),
        "request": ("request",),
    }
    runs = {name: _run(folder, *words, "--out", str(folder / name)) for name, words in asked.items()}
    runs["compare"] = _run(folder, "compare", str(folder / "diagnose"), str(folder / "report"))
    runs[BREAKS_OFF] = _run(folder, "diagnose", *data, "--out", str(folder / BREAKS_OFF), program=BROKEN, kept="apart")
    runs[SERVED] = _run(folder, SERVED, "--no-browser", before=FOR_A_WHILE)
    return runs


def _run(folder: Path, *words: str, before: tuple[str, ...] = (), program: str = KIT, kept: str = "kept") -> Alone:
    command = [*before, sys.executable, "-c", program, *words]
    return alone(command, {**os.environ, "SOP_KEPT": str(folder / kept)})


def faults_of(name: str, run: Alone) -> str:
    """What a run did that it should not have done."""
    if name == SERVED:
        return "" if run.ports and not run.packets else f"{run.packets} packets, {run.ports} ports"
    return (
        ""
        if run.status == ENDS.get(name, 0) and run.is_silent
        else f"status {run.status}, {run.packets} packets, {run.ports} ports"
    )


def open_to_others(path: Path) -> str:
    """The rights that others have to a file or folder."""
    rights = path.lstat().st_mode & 0o077
    return f"mode {rights:03o}" if rights and not path.is_symlink() else ""


def names_of(client: Path) -> set[str]:
    """Everything in the text columns of the client's files that is no word of the contract's."""
    from helpers import contract

    choices = {choice for table in contract.TABLES for column in table.columns for choice in column.choices or ()}
    told: set[str] = set()
    for path in client.glob("*.csv"):
        rows = pd.read_csv(path, dtype=str, keep_default_na=False)
        texts = {column.name for column in contract.table(path.stem).columns if column.type == "text"}
        told.update(*(set(rows[column]) for column in texts & set(rows)))
    return {name for name in told - choices if len(name) >= SHORTEST and not name.islower()}


def unnamed_texts(left: list[Path]) -> dict[str, str]:
    """Texts that name nobody: file names, logs, marks, metadata of executed notebooks."""
    texts = {"names of files": "\n".join(path.name for path in left)}
    texts |= {str(path): path.read_text(encoding="utf-8") for path in left if path.name in ("run.log", "run.json")}
    for path in (path for path in left if path.suffix == ".ipynb"):
        notebook = nbformat.read(path, as_version=4)
        texts[str(path)] = json.dumps([notebook.metadata, *(cell.metadata for cell in notebook.cells)])
    return texts


def machine(folder: Path) -> set[str]:
    """What names this machine: its folders, its user, itself."""
    told = {str(folder), str(ROOT), str(Path.home()), socket.gethostname(), sys.prefix}
    user = getpass.getuser()
    return told | ({user} if user != "root" else set())


def told_texts(left: list[Path]) -> dict[str, str]:
    """Every file of a report as text: packed ones part by part, without pictures."""
    reports = [path for path in left if path.is_file() and path.parent.name != "store" and "kept" not in path.parts]
    return {str(path): _text(path) for path in reports}


def _text(path: Path) -> str:
    if path.suffix in (".xlsx", ".pptx"):
        with zipfile.ZipFile(path) as parts:
            return "\n".join(parts.read(name).decode("utf-8", "replace") for name in parts.namelist())
    if path.suffix == ".pdf":
        return subprocess.run(["pdfinfo", path], check=True, capture_output=True, text=True).stdout
    return IMAGE.sub("", path.read_text(encoding="utf-8", errors="replace"))


def found(text: str, wanted: set[str]) -> str:
    """Which of the wanted stand in a text as words of their own."""
    hits = sorted(name for name in wanted if name in text and re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text))
    return ", ".join(hits[:5])
