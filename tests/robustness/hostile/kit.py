"""The command line in a process of its own that has everything imported already: what it said, what it took."""

from __future__ import annotations

import io
import multiprocessing
import os
import resource
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

MOST = 6 * 1024**3  # bytes a child may ask for: a bomb that goes off must not take the machine with it
PATIENCE = 120
HEAVY = ("helpers.commands", "helpers.diagnosis", "helpers.report.write", "helpers.report.data_quality.page")
SCALE = 1e9 if sys.platform == "darwin" else 1e6  # bytes there, kilobytes here


@dataclass(frozen=True)
class Ran:
    """Exit status (`None`: it did not end in time), stdout and stderr as written, seconds and GB at most."""

    status: int | None
    out: str
    err: str
    seconds: float
    peak: float

    @property
    def said(self) -> str:
        """All it said."""
        return self.out + self.err


def run(*arguments: str | Path, folder: Path, patience: float = PATIENCE) -> Ran:
    """`python -m helpers ARGUMENTS`, from the working folder `folder`, with nothing kept of earlier runs."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(HEAVY))
    with TemporaryDirectory() as kept:
        written = Path(kept) / "out", Path(kept) / "err", Path(kept) / "peak"
        child = context.Process(target=_child, args=([str(part) for part in arguments], folder, written))
        began = time.monotonic()
        child.start()
        child.join(patience)
        status = child.exitcode
        if status is None:
            child.kill()
            child.join()
        took = time.monotonic() - began
        out, err, peak = (path.read_bytes() if path.exists() else b"" for path in written)
    return Ran(status, _text(out), _text(err), took, int(peak or 0) / SCALE)


def _text(content: bytes) -> str:
    return content.decode("utf-8", "backslashreplace")


def _child(arguments: Sequence[str], folder: Path, written: tuple[Path, Path, Path]) -> None:
    out, err, peak = written
    for number, path in ((1, out), (2, err)):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), number)
    sys.stdout = io.TextIOWrapper(io.FileIO(1, "w", closefd=False), encoding="utf-8", write_through=True)
    sys.stderr = io.TextIOWrapper(
        io.FileIO(2, "w", closefd=False), encoding="utf-8", errors="backslashreplace", write_through=True
    )
    os.environ["SOP_KEPT"] = str(out.with_name("kept"))
    resource.setrlimit(resource.RLIMIT_DATA, (MOST, MOST))
    os.chdir(folder)
    sys.argv[1:] = arguments
    from helpers.commands import run as command

    try:
        command()
    finally:
        held = (resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
        peak.write_text(str(max(held)))
