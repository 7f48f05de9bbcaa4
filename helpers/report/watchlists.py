"""The watchlists of the page: critical families and constrained resources: values, arrows, colours, no verdicts."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

import pandas as pd

from helpers.charts.numbers import number

ARROWS = {"up": "↗", "down": "↘"}
MARKS = {"amber": "●", "red": "◆"}


@dataclass(frozen=True)
class Cell:
    """One watched value as text, with an arrow where it left its usual noise and a colour that is a shape too."""

    value: str
    arrow: str
    colour: str
    mark: str
    note: str = ""


@dataclass(frozen=True)
class Watchlist:
    """One table of the page: what is watched, and a row of cells a subject; `None` where it could not be measured."""

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Cell | None, ...]], ...]


def watchlists(families: pd.DataFrame, resources: pd.DataFrame) -> list[Watchlist]:
    """The watchlists that have anything to show."""
    pairs = (("Critical families", families), ("Constrained resources", resources))
    return [_watchlist(title, rows) for title, rows in pairs if len(rows)]


def _watchlist(title: str, rows: pd.DataFrame) -> Watchlist:
    watches = rows.drop_duplicates("watch")
    heads = tuple(f"{title}, {unit}" for title, unit in zip(watches["title"], watches["unit"], strict=True))
    cells = {(row["subject"], row["watch"]): _cell(row) for row in rows.to_dict("records")}
    subjects = rows["subject"].drop_duplicates()
    return Watchlist(
        title, heads, tuple((str(s), tuple(cells.get((s, watch)) for watch in watches["watch"])) for s in subjects)
    )


def _cell(row: dict[Hashable, Any]) -> Cell:
    colour = str(row["colour"])
    return Cell(
        number(row["value"], row["unit"]),
        ARROWS.get(str(row["arrow"]), ""),
        colour,
        MARKS.get(colour, ""),
        row.get("note", ""),
    )
