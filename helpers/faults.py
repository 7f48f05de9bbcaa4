"""How a fault of the kit is told: which error and where in the code; what a library said may quote a client."""

from __future__ import annotations

import logging
from pathlib import Path
from traceback import FrameSummary, extract_tb
from types import TracebackType
from typing import TypeAlias

from helpers.plain import legible

ROOT = Path(__file__).resolve().parents[1]
Raised: TypeAlias = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


def told(error: BaseException) -> str:
    """The error's type and the innermost line of the kit it came from: `KeyError at helpers/costing.py:88`.

    An error of the kit's own speaks for itself; that memory ran out is said in words.
    """
    if type(error).__module__.startswith("helpers."):
        return f"{type(error).__name__}: {error}"
    ours = [place for frame in extract_tb(error.__traceback__) if (place := _place(frame)).startswith("helpers/")]
    what = "memory ran out" if is_out_of_memory(error) else type(error).__name__
    return f"{what} at {ours[-1]}" if ours else what


def is_out_of_memory(error: BaseException) -> bool:
    """Whether the machine is too small: known by the name where an engine has an error of its own for it."""
    return isinstance(error, MemoryError) or type(error).__name__.startswith("OutOfMemory")


def steps(error: BaseException) -> str:
    """The way to the error and to what caused it, a line a step; no message, no path of the machine."""
    cause = error.__cause__ or error.__context__
    before = f"{steps(cause)}\nwhich led to\n" if cause and not error.__suppress_context__ else ""
    frames = (f"  {_place(frame)} in {frame.name}" for frame in extract_tb(error.__traceback__))
    return f"{before}{type(error).__name__}\n" + "\n".join(frames)


class Steps(logging.Formatter):
    """A log that may be sent to whoever mends the kit, and is read on a terminal as well."""

    def format(self, record: logging.LogRecord) -> str:
        return legible(super().format(record))

    def formatException(self, ei: Raised) -> str:  # noqa: N802 - the name is logging's
        return steps(ei[1]) if ei[1] else ""


def _place(frame: FrameSummary) -> str:
    """File and line, from the project's folder or the library's on."""
    path = Path(frame.filename)
    if path.is_relative_to(ROOT) and "site-packages" not in path.parts:
        return f"{path.relative_to(ROOT).as_posix()}:{frame.lineno}"
    return f"{'/'.join(path.parts[-2:])}:{frame.lineno}"
