"""Faults: runs that are killed, that meet full disks and missing permissions, whose kernels fail, that meet each other.

Glossary
    blow      what befalls a run at one of its operations on the disk
    operation opening a file to write, renaming, deleting or linking one, making or deleting a folder
    place     the folders of one case; nothing the kit does there shows anywhere else
    torn      neither as it was before the run nor as it is after an undisturbed one
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator

from tests.robustness.figures import Bench, Figure, counted

POINTS, MOMENTS, ENDS = 50, 8, 15
WHOLE = "the earlier result is whole, the next run gives the same, nothing is left behind"
ONE_MESSAGE = "one message (what, where, what to do), exit 2, the earlier result whole; or the run does without"
NAMED = "exit 3, the page names the part, the others are whole; the next run is"
ALONE = "each ends as if alone, or says what is in use"


def figures(bench: Bench) -> Iterator[Figure]:
    """The five kinds of faults; none where the system has no processes to fork."""
    if sys.platform == "win32":
        return
    from tests.robustness.faults import forbidden, full, kernels, kills, leaving, together

    printed = bool(shutil.which("chromium"))
    struck = kills.outcomes(bench.folder, POINTS, MOMENTS, printed=printed) | leaving.outcomes(bench.folder, ENDS)
    yield counted("kills at a point of the run", WHOLE, struck)
    if full.is_possible():
        yield counted("full disk", ONE_MESSAGE, full.outcomes(bench.folder / "full"))
    if forbidden.is_possible():
        yield counted("no permission", ONE_MESSAGE, forbidden.outcomes(bench.folder / "forbidden"))
    yield counted("kernels killed, hung or not started", NAMED, kernels.outcomes(bench.folder / "kernels"))
    yield counted("two at once", ALONE, together.outcomes(bench.folder / "together"))
