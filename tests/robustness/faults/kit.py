"""The kit in a process of its own to which something happens: forked from one that has everything loaded."""

from __future__ import annotations

import atexit
import importlib
import multiprocessing
import os
import re
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from multiprocessing import forkserver
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any
from uuid import uuid4

ROOT = Path(__file__).resolve().parents[3]
VARIABLE = "SOP_FAULT"  # by it the processes of a run are found, kernels and browsers among them
PATIENCE = 240
CHANGES = {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.link", "os.symlink", "os.truncate"}
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC


@dataclass(frozen=True)
class Blow:
    """`what` befalls the process at its file operation number `at`, counted from 1; at none by default."""

    at: int = 0
    what: int = signal.SIGKILL


@dataclass(frozen=True)
class Place:
    """The folders of one case; nothing the kit does there shows anywhere else."""

    root: Path

    def __post_init__(self) -> None:
        for folder in (self.temporary, self.home):
            folder.mkdir(parents=True, exist_ok=True)

    @property
    def out(self) -> Path:
        return self.root / "out"

    @property
    def temporary(self) -> Path:
        return self.root / "temporary"

    @property
    def kept(self) -> Path:
        return self.root / "kept"

    @property
    def home(self) -> Path:
        return self.root / "home"

    @property
    def environment(self) -> dict[str, str]:
        folders = {"TMPDIR": self.temporary, "SOP_KEPT": self.kept, "HOME": self.home}
        return {name: str(folder) for name, folder in folders.items()}


@dataclass(frozen=True)
class Run:
    """A run under way or over; its `mark` is in the environment of all its processes."""

    process: BaseProcess
    mark: str
    log: Path

    def end(self, patience: float = PATIENCE) -> int | None:
        """Wait for its end; the exit status, minus the signal that ended it, nothing where it did not end in time."""
        self.process.join(patience)
        if self.process.exitcode is None:
            self.process.kill()
        return self.process.exitcode

    @property
    def said(self) -> str:
        """All it wrote to the terminal."""
        return self.log.read_text(encoding="utf-8", errors="replace")

    @property
    def operations(self) -> list[str]:
        """Its file operations so far, in order."""
        return self.log.with_suffix(".operations").read_text(encoding="utf-8", errors="replace").splitlines()


@dataclass(frozen=True)
class Order:
    """What a run is to do; `patches` are attributes of modules that it sees with other values."""

    arguments: Sequence[str]
    place: Place
    blow: Blow = Blow()
    environment: Mapping[str, str] = field(default_factory=dict)
    patches: Mapping[str, Any] = field(default_factory=dict)
    largest: int = 0


def start(order: Order) -> Run:
    """Start the command line as `order` says, in the root of its place."""
    _serve()
    mark = uuid4().hex
    log = order.place.root / f"{mark}.log"
    log.touch()
    process = multiprocessing.get_context("forkserver").Process(target=_run, args=(order, mark, log))
    process.start()
    return Run(process, mark, log)


def done(*arguments: str | Path, place: Place, **more: Any) -> tuple[int | None, str]:
    """Status and words of a run that is waited for."""
    run = start(Order([str(argument) for argument in arguments], place, **more))
    return run.end(), run.said


def alive(mark: str) -> list[int]:
    """The processes of a run, without those that have ended and that nobody has waited for."""
    told = f"{VARIABLE}={mark}".encode()
    return [int(path.name) for path in Path("/proc").glob("[0-9]*") if told in _read(path / "environ").split(b"\0")]


def awaited(look: Callable[[], Any], within: float = 120) -> Any:
    """What `look` gives as soon as it gives something; nothing where it never does."""
    until = time.monotonic() + within
    while not (found := look()) and time.monotonic() < until:
        time.sleep(0.02)
    return found


def gone(mark: str, within: float = 20) -> bool:
    """Whether no process of a run is left within so many seconds."""
    return bool(awaited(lambda: not alive(mark), within))


def ports(mark: str) -> list[str]:
    """The TCP ports on which processes of a run listen."""
    rows = [row.split() for name in ("tcp", "tcp6") for row in _read(Path("/proc/net") / name).decode().splitlines()]
    listening = {f"socket:[{row[9]}]": row[1] for row in rows if len(row) > 9 and row[3] == "0A"}
    held = [_link(file) for process in alive(mark) for file in Path(f"/proc/{process}/fd").glob("*")]
    return [listening[name] for name in held if name in listening]


@cache
def drawing() -> str:
    """A folder for what matplotlib remembers of the fonts, so that no case gathers it anew."""
    folder = tempfile.mkdtemp(prefix="robust-fonts-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


@cache
def _serve() -> None:
    """Start the process that the runs are forked from; it sees this checkout, wherever another is installed.

    Its environment is theirs, as far as their place says nothing else.
    """
    before = os.environ.get("PYTHONPATH")
    os.environ.update(PYTHONPATH=str(ROOT), MPLCONFIGDIR=drawing())
    multiprocessing.get_context("forkserver").set_forkserver_preload(["tests.robustness.faults.loaded"])
    forkserver.ensure_running()
    os.environ.pop("MPLCONFIGDIR")
    if before is None:
        os.environ.pop("PYTHONPATH")
    else:
        os.environ["PYTHONPATH"] = before


def _run(order: Order, mark: str, log: Path) -> None:
    """In the forked process: suffer what is ordered while the command line runs."""
    from helpers import commands

    said = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(said, 1)
    os.dup2(said, 2)
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs ignore it
    os.chdir(order.place.root)
    os.environ.update({**order.place.environment, VARIABLE: mark, "PYTHONPATH": str(ROOT), **order.environment})
    tempfile.tempdir = None
    for name, value in order.patches.items():
        module, _, attribute = name.rpartition(".")
        setattr(importlib.import_module(module), attribute, value)
    if order.largest:
        import resource

        resource.setrlimit(resource.RLIMIT_FSIZE, (order.largest, resource.RLIM_INFINITY))
    _watch(order.place.root, order.blow, log.with_suffix(".operations"))
    sys.argv = ["helpers", *order.arguments]
    commands.run()


def _watch(root: Path, blow: Blow, record: Path) -> None:
    """Note each operation that changes something below `root`, and strike at the one that was named."""
    notes = os.open(record, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    done = iter(range(1, sys.maxsize))
    striking = False

    def hook(event: str, told: tuple[Any, ...]) -> None:
        nonlocal striking
        path = "" if striking else _changed(event, told, root)
        if not path or path.startswith(str(record.with_suffix(""))):
            return
        os.write(notes, f"{event} {path[len(str(root)) + 1 :]}\n".encode())
        if next(done) == blow.at:
            striking = True
            if event == "open":
                _open_half(path, told[2])
            os.kill(os.getpid(), blow.what)
            striking = False

    sys.addaudithook(hook)


def _changed(event: str, told: tuple[Any, ...], root: Path) -> str:
    """The path below `root` that an operation is about to change; empty where it is no such operation."""
    if event == "open" and not (told[2] & WRITING and isinstance(told[0], str | bytes | os.PathLike)):
        return ""
    if event != "open" and event not in CHANGES:
        return ""
    path = os.path.abspath(os.fsdecode(told[0]))  # noqa: PTH100 - resolving a path looks at the disk
    tried = re.fullmatch(f"{re.escape(str(root))}/temporary/[a-z0-9_]{{8}}", path)  # by Python, whether it may write
    return path if path.startswith(f"{root}/") and not tried else ""


def _open_half(path: str, flags: int) -> None:
    """What would stand on the disk next: the file just opened, with a part of what is to be written."""
    file = os.open(path, flags & ~os.O_EXCL, 0o666)
    os.write(file, b"half")
    os.close(file)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def _link(path: Path) -> str:
    try:
        return str(path.readlink())
    except OSError:
        return ""
