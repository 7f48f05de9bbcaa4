"""How long a user waits for `--help`."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from tests.benchmarks.bench import Bench
from tests.benchmarks.figures import Figure, peak, rounds, time_ratios
from tests.benchmarks.processes import KIT, program

LIBRARIES = "import pandas, matplotlib.pyplot"


def figures(bench: Bench) -> Iterator[Figure]:
    """`--help` against the import of two libraries it does not need."""
    helped, imported = rounds(
        bench.times(7), lambda: program(*KIT, "--help"), lambda: program(sys.executable, "-c", LIBRARIES)
    )
    yield Figure("`--help`", f"`{LIBRARIES}`", 0.3, time_ratios(helped, imported), peak=peak(helped))
