"""What a part of the robustness run gives back: how many cases were tried, how many held, and which did not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

Say = Callable[[str], None]


@dataclass(frozen=True)
class Figure:
    """One row of the table: `tried` cases of a kind, of which `held` did as promised.

    `fallen` says for each of the others, in a line, what was done and what came of it. `promise` is what holding means.
    """

    kind: str
    promise: str
    tried: int
    held: int
    fallen: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether anything was tried, and all of it held."""
        return self.held == self.tried > 0


@dataclass(frozen=True)
class Bench:
    """Where a part may work (a folder of its own that is emptied afterwards) and how it says how far it is."""

    folder: Path
    say: Say


def counted(kind: str, promise: str, outcomes: dict[str, str]) -> Figure:
    """The figure of some cases by name, each with what came of it: nothing where it held."""
    fallen = tuple(f"{name}: {outcome}" for name, outcome in outcomes.items() if outcome)
    return Figure(kind, promise, len(outcomes), len(outcomes) - len(fallen), fallen)
