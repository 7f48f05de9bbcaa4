"""Hostile content: strings that some medium would obey, everywhere a client can write; and input that explodes."""

from __future__ import annotations

from collections.abc import Iterator

from tests.chromium import CHROMIUM, headless
from tests.robustness.figures import Bench, Figure, counted
from tests.robustness.hostile import exports, outputs
from tests.robustness.hostile.bombs import LARGEST, LONGEST, sprung, traps
from tests.robustness.small import small_client

TURNS = (0, 31, 67)  # which string names what: three reports, so that each stands in many places


def figures(bench: Bench) -> Iterator[Figure]:
    """Three reports on hostile clients, looked at from all sides, and every trap."""
    runs = [outputs.hostile_runs(bench.folder / f"turn {turn}", turn) for turn in TURNS]
    named = {f"turn {turn}": run for turn, run in zip(TURNS, runs, strict=True)}
    if CHROMIUM:
        yield from _in_a_browser(bench, named)
    yield _over(
        "hostile names on the terminal and in the log",
        "no character that a terminal obeys",
        {name: outputs.on_the_terminal(run) for name, run in named.items()},
    )
    yield _over(
        "workbook, slides and print of hostile clients",
        "no formula, link, action or foreign part; every part can be read",
        {name: outputs.in_exports(run) for name, run in named.items()},
    )
    if exports.OFFICE:
        yield _over(
            "the same and the rejected rows in LibreOffice",
            "every cell is text, as it was written",
            {name: outputs.in_office(run) for name, run in named.items()},
        )
    yield _bombs(bench)


def _in_a_browser(bench: Bench, named: dict[str, outputs.Runs]) -> Iterator[Figure]:
    twin = outputs.harmless_runs(bench.folder / "twin")
    with headless() as browser:
        yield _over(
            "hostile strings, pages and notebooks in a browser",
            "stand there as text; nothing runs, is fetched or said, policies off",
            {name: outputs.on_pages(browser, run) for name, run in named.items()},
        )
        yield _over(
            "kinds of elements of those pages",
            "none that the page of the harmless twin has not",
            {name: outputs.like_the_twin(browser, run, twin) for name, run in named.items()},
        )
    shown = {name: dict(outputs.pictures(run)) for name, run in named.items()}
    yield _over("pictures with hostile names", "well-formed, no script", shown)


def _bombs(bench: Bench) -> Figure:
    small = small_client(bench.folder / "small")
    outcomes = {}
    for place, trap in enumerate(traps()):
        bench.say(f"    {trap.name}")
        outcomes[trap.name] = sprung(trap, small, bench.folder / f"trap {place}")
    promise = f"read as text, or exit 2 and one message, within {LONGEST:.0f} s and {LARGEST:.0f} GB"
    return counted("bombs and traps in the input", promise, outcomes)


def _over(kind: str, promise: str, found: dict[str, dict[str, str]]) -> Figure:
    outcomes = {f"{run}, {name}": said for run, names in found.items() for name, said in names.items()}
    return counted(kind, promise, outcomes)
