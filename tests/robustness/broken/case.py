"""A case: one way to break the client, and what has to come of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.robustness.broken.client import Copy
from tests.robustness.broken.grid import Grid

ROW, CELL, TABLE = "row set aside", "cell emptied", "table set aside"


@dataclass(frozen=True)
class Fault:
    """A line that `rejects/` must hold; `rule` is a part of its words, `value` what the client wrote there."""

    line: int
    column: str
    rule: str
    action: str = ROW
    value: str | None = None


@dataclass(frozen=True)
class Fate:
    """What has to become of a table.

    `kept`: the rows that are used, written plainly. `faults`: all that is listed. `whole`: parts of the reason for
    which the whole table is set aside. `read`: the rows that are in the file, where counting it cannot tell; `used`:
    those that are used, where some are stored as one.
    """

    kept: Grid | None
    faults: tuple[Fault, ...] = ()
    whole: tuple[str, ...] = ()
    read: int | None = None
    used: int | None = None

    @property
    def is_sent(self) -> bool:
        """Whether the table counts as sent, used or set aside."""
        return self.kept is not None or bool(self.whole)


@dataclass(frozen=True)
class Taken:
    """The run succeeds. Tables that are not named are as in the unbroken client.

    `says`: parts of what the terminal must say. `quiet`: signs that recur in the unbroken client and may be absent
    here, because what is left is another company; the reason stands with the case.
    """

    fates: dict[str, Fate] = field(default_factory=dict)
    says: tuple[str, ...] = ()
    quiet: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Refused:
    """Exit status 2; one message that holds all these parts."""

    says: tuple[str, ...]

    def __init__(self, *says: str) -> None:
        object.__setattr__(self, "says", says)


Expected = Taken | Refused


@dataclass(frozen=True)
class Case:
    """`change` breaks a copy and says what has to come of it.

    `tables` are those it touches, none for all. `data` is what `--data` names inside the folder of the copy; `options`
    go to the command line, with {} for the folder of the case. `bound`: file permissions have to bind. `by`: the
    command it is taken in by.
    """

    name: str
    change: Callable[[Copy], Expected]
    tables: tuple[str, ...] | None = ()
    data: str = ""
    options: tuple[str, ...] = ()
    bound: bool = False
    by: str = "check"

    def arguments(self, folder: Path) -> list[str]:
        """The options with the folder of the case in them."""
        return [option.replace("{}", str(folder)) for option in self.options]


def gone() -> Fate:
    """A table that counts as not sent."""
    return Fate(None)


def whole(*words: str, read: int | None = None) -> Fate:
    """A table that is set aside whole, with the words of its reason."""
    return Fate(None, whole=words, read=read)
