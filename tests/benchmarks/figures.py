"""What a benchmark gives back: a figure taken several times in one run, held against its target."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

from tests.benchmarks.processes import Cost


@dataclass(frozen=True)
class Figure:
    """One row of the table: what was done, against what, and how often the work took as long (or as much memory).

    `values` are ratios of works done in turn, one a round, unless `unit` says otherwise; `peak` is the most memory the
    work held (GB).
    """

    work: str
    against: str
    target: float
    values: tuple[float, ...]
    unit: str = "×"
    peak: float | None = None

    @property
    def reached(self) -> float:
        """The median over the rounds."""
        return median(self.values)

    @property
    def is_met(self) -> bool:
        """Whether what was reached is at most the target."""
        return self.reached <= self.target


def rounds(count: int, *works: Callable[[], Cost]) -> list[list[Cost]]:
    """All `works` in turn, `count` times over, so that what the machine does meanwhile falls on all of them alike.

    Returns
    -------
    The costs of each work, in the order of the rounds.
    """
    done = [[work() for work in works] for _ in range(count)]
    return [list(costs) for costs in zip(*done, strict=True)]


def time_ratios(costs: Sequence[Cost], against: Sequence[Cost]) -> tuple[float, ...]:
    """Time over time, round by round."""
    return tuple(a.seconds / b.seconds for a, b in zip(costs, against, strict=True))


def memory_ratios(costs: Sequence[Cost], against: Sequence[Cost]) -> tuple[float, ...]:
    """Memory the works added over memory they added, round by round."""
    return tuple(a.added / b.added for a, b in zip(costs, against, strict=True))


def growth(small: Sequence[Cost], large: Sequence[Cost], times: float) -> tuple[float, ...]:
    """The exponent with which time grows when the rows grow `times` as many, round by round; 1: in proportion."""
    return tuple(math.log(b.seconds / a.seconds) / math.log(times) for a, b in zip(small, large, strict=True))


def peak(costs: Sequence[Cost]) -> float:
    """The most memory any round held, GB."""
    return max(cost.peak for cost in costs)
