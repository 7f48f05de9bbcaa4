"""`python -m tests.explore.pace`: how soon the desk answers a moved limit on the sample company, sign by sign."""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

from helpers import diagnosis
from helpers.explore.desk import Desk, Faces, Place
from helpers.report import desk_parts
from helpers.signs import registry

SAMPLE = Path(__file__).resolve().parents[2] / "sample_data"
MOVES = 8


def moves(place: Place) -> list[tuple[float, float]]:
    """Seconds of CPU from a move of the amber slider to the picture and to the verdict, each move to a new limit.

    On a quiet core that is the time waited; on a busy machine it says what a quiet one would do.
    """
    found: list[tuple[float, float]] = []
    drawn: list[float] = []
    place.picture.observe(lambda _: drawn.append(time.process_time()), "value")
    for _ in range(MOVES):
        drawn.clear()
        start = time.process_time()
        place.amber.value += 2 * place.amber.step
        found.append(((drawn or [start])[0] - start, time.process_time() - start))
    return found


def main() -> None:
    """One line a sign: median and worst."""
    with tempfile.TemporaryDirectory(prefix="pace") as out:
        engagement = diagnosis.open_engagement(SAMPLE, Path(out))
        findings = [diagnosis.examine(engagement, entry.sign.key) for entry in registry()]
        faces = Faces(partial(desk_parts.before_and_after, engagement), desk_parts.table, desk_parts.word)
        desk = Desk(engagement, findings, faces, Path(out) / "views")
        for place, found in enumerate(findings):
            desk.signs.value = place
            taken = zip(*moves(desk.front), strict=True)
            said = ", ".join(
                f"{what} median {statistics.median(times):.2f} s, worst {max(times):.2f} s"
                for what, times in zip(("picture", "verdict"), map(list, taken), strict=True)
            )
            sys.stdout.write(f"{found.sign.code}: {said}\n")


if __name__ == "__main__":
    main()
