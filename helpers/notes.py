"""The notes file `notes.yaml`: what the consultant writes beside the signs, and who was asked to do what by when.

The kit reads it and never writes it. Notes change no status, no number and no identity of a run: they are words beside
the signs, so that a run into the same folder shows them as they stand now.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from helpers.settings import Part, read_part, yaml_in

NOTES_FILE = "notes.yaml"
Text = Annotated[str, Field(min_length=1)]


class Action(Part):
    """What was agreed: by whom (a role or a name) and by when, as far as that was said."""

    action: Text
    owner: str | None = None
    due: date | None = None
    status: Literal["open", "done", "dropped"] = "open"

    def is_overdue(self, on: date) -> bool:
        """Whether it is still open after its day, seen from the day `on`."""
        return self.status == "open" and self.due is not None and self.due < on


class Remarks(Part):
    """A note and the actions agreed, about one sign or about the engagement as a whole."""

    note: str | None = None
    actions: tuple[Action, ...] = ()

    @field_validator("actions", mode="before")
    @classmethod
    def _none_yet(cls, actions: Any) -> Any:
        return () if actions is None else actions

    @property
    def is_empty(self) -> bool:
        """Nothing to show."""
        return not self.actions and not (self.note or "").strip()


class Notes(Part):
    """The whole file: remarks on the engagement, and on each sign by its key."""

    general: Remarks = Remarks()
    signs: dict[str, Remarks] = Field(default={})

    @field_validator("signs", mode="before")
    @classmethod
    def _known_signs(cls, signs: Any, info: ValidationInfo) -> Any:
        known = info.context["signs"] if info.context else ()
        for key in signs if known and isinstance(signs, dict) else ():
            if key not in known:
                raise PydanticCustomError("unknown_key", "{said}", {"said": _unknown(str(key), known)})
        return {} if signs is None else signs


def _unknown(key: str, known: Sequence[str]) -> str:
    close = get_close_matches(key, known, 1)
    nearest = f"; the nearest is '{close[0]}'" if close else ""
    return f"'{key}' is not the key of a sign{nearest}. Known are {', '.join(known)}"


def load_notes(data_dir: Path, signs: Sequence[str]) -> Notes:
    """The notes in `notes.yaml` of the data folder; empty ones when there is no such file. `signs` are the known keys.

    Raises
    ------
    Unusable
        The file is not YAML, a key or a sign is unknown, or a value is of a wrong type; the message names file and key.
    """
    path = yaml_in(data_dir, NOTES_FILE)
    return read_part(path, Notes, "notes", {"signs": tuple(signs)}) if path else Notes()
