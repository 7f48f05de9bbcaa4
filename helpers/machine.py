"""What the machine gives: how much memory and how many threads an engine may take, and where it may spill."""

from __future__ import annotations

import os
from pathlib import Path

GIGABYTE = 1024**3
SHARE = 0.5  # of the memory: the notebooks, the browser and the system want the rest
MOST = 4 * GIGABYTE  # enough for any table here; what needs more is better spilled than swapped
LEAST = GIGABYTE // 2


def memory(most: int = MOST) -> int:
    """Bytes that one engine may hold in memory, at most `most`."""
    return int(min(most, max(LEAST, SHARE * _physical())))


def threads() -> int:
    """Threads that may work at once: the processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def duckdb_config(spill: Path, most: int = MOST) -> dict[str, str | bool | int | float | list[str]]:
    """Settings of a DuckDB connection that keeps to the machine; what does not fit goes to the folder `spill`."""
    return {"memory_limit": f"{memory(most) // 1024**2}MiB", "threads": threads(), "temp_directory": str(spill)}


def _physical() -> int:
    """Bytes of memory of the machine, or of the container the process runs in; where nobody says, 8 GB."""
    try:
        found = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):  # Windows has no sysconf
        return 8 * GIGABYTE
    try:
        limit = Path("/sys/fs/cgroup/memory.max").read_text(encoding="ascii").strip()
    except OSError:
        return found
    return min(found, int(limit)) if limit.isdigit() else found
