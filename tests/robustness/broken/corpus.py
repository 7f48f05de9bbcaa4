"""All broken clients, and what is made of them."""

from __future__ import annotations

from collections.abc import Iterator

from tests.robustness.broken import (
    cells,
    columns,
    databases,
    dates,
    file_system,
    files,
    keys,
    layout,
    numbers,
    plausible,
    run,
    settings,
    sizes,
    texts,
    workbooks,
)
from tests.robustness.broken.case import Case
from tests.robustness.broken.judge import Judged
from tests.robustness.figures import Bench, Figure, counted

SUBJECTS = (
    columns,
    files,
    texts,
    numbers,
    plausible,
    dates,
    cells,
    keys,
    layout,
    workbooks,
    databases,
    sizes,
    settings,
    file_system,
)
TAKEN = "accepted, set aside with its line and rule, or refused in one message; never changed in silence"
DIAGNOSED = "never a traceback, never green out of broken data, every number finite"
ROWS = "rows in the files = rows used + rows set aside; files that have to be refused are left out"


def corpus() -> list[Case]:
    """Every case, by subject."""
    return [case for subject in SUBJECTS for case in subject.cases()]


def figures(bench: Bench) -> Iterator[Figure]:
    """Every broken client through the intake, what differs in its tables through the diagnosis; the rows of both."""
    known, cases = run.reference(bench.folder), corpus()
    if known.recurring != run.RECURRING:
        raise RuntimeError(f"the unbroken client's recurring signs are {sorted(known.recurring)}: correct RECURRING")
    taken = dict(zip([case.name for case in cases], run.each(run.intake, cases, bench.folder, known), strict=True))
    judged = {name: found for name, (found, _) in taken.items()}
    yield counted("broken clients, taken in", TAKEN, {name: found.said for name, found in judged.items()})
    yield rows("rows of broken clients, taken in", judged)
    left = {mark: case for case in reversed(cases) if (mark := taken[case.name][1])}
    bench.say(f"  {len(cases)} taken in, {len(left)} left to diagnose")
    measured = run.each(run.diagnosis, [*left.values()], bench.folder, known)
    diagnosed = dict(zip([case.name for case in left.values()], measured, strict=True))
    yield counted("broken clients, diagnosed", DIAGNOSED, {name: found.said for name, found in diagnosed.items()})
    yield rows("rows of broken clients, diagnosed", diagnosed)


def rows(kind: str, judged: dict[str, Judged]) -> Figure:
    """All rows of all files that have to be taken in; those of a client that do not come to the same count as lost."""
    told = {name: f"{j.rows_in} rows in, {j.rows_kept} used or set aside" for name, j in judged.items()}
    held = {name: found.rows_in for name, found in judged.items() if found.rows_in == found.rows_kept}
    fallen = tuple(f"{name}: {said}" for name, said in told.items() if name not in held)
    return Figure(kind, ROWS, sum(j.rows_in for j in judged.values()), sum(held.values()), fallen)
