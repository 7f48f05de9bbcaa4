"""Makes file permissions bind for a while, for root as well, as inside most containers."""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

VERSION = 0x20080522
OVERRIDES = 0b110  # CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH: root reads and writes whatever the modes say


class _Header(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


class _Sets(ctypes.Structure):
    _fields_ = tuple((f"{name}{half}", ctypes.c_uint32) for half in (0, 1) for name in ("now", "may", "passed"))


@contextmanager
def permissions_bind() -> Iterator[None]:
    """In here a file without permission cannot be read or written, whoever asks."""
    if sys.platform != "linux" or os.geteuid() != 0:
        yield
        return
    libc, header, sets = ctypes.CDLL(None, use_errno=True), _Header(VERSION, 0), _Sets()
    libc.capget(ctypes.byref(header), ctypes.byref(sets))
    before = sets.now0
    sets.now0 &= ~OVERRIDES
    libc.capset(ctypes.byref(header), ctypes.byref(sets))
    try:
        yield
    finally:
        sets.now0 = before
        libc.capset(ctypes.byref(header), ctypes.byref(sets))
