"""The errors a user of the kit can act on."""

from __future__ import annotations


class Unusable(Exception):
    """The input or an option cannot be used at all: one clear message, exit status 2, nothing written over."""


class NotAssessable(Exception):
    """A sign lacks its data. `missing` names `table` or `table.column` to ask the client for."""

    def __init__(self, reason: str, missing: tuple[str, ...] = ()) -> None:
        super().__init__(reason)
        self.reason = reason
        self.missing = missing


class MalformedSign(Exception):
    """A module in `helpers/signs` does not declare what a sign must declare; the message names its file."""


def asked(lacking: NotAssessable) -> str:
    """Why something could not be assessed, and what to ask the client for, as sentences."""
    wanted = f" Ask the client for {', '.join(lacking.missing)}." if lacking.missing else ""
    return f"{lacking.reason}.{wanted}"
