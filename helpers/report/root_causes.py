"""The root causes of the page: three short tables, each with what it means and what to ask."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from helpers.charts.numbers import MISSING, money, number
from helpers.report.watchlists import MARKS
from helpers.report.wording import named
from helpers.root_causes import RootCauses

MOST_ROWS = 8
Row = dict[Hashable, Any]


@dataclass(frozen=True)
class Head:
    """A column's title; numbers stand right."""

    title: str
    is_number: bool = False


@dataclass(frozen=True)
class Cell:
    """A value as text, with a colour where it has one."""

    text: str
    colour: str = ""

    @property
    def mark(self) -> str:
        """A shape for the colour, which is never alone."""
        return MARKS.get(self.colour, "")


@dataclass(frozen=True)
class RootCauseTable:
    """One root cause: what it means, the rows that matter, and lines of what to ask."""

    title: str
    meaning: str
    heads: tuple[Head, ...]
    rows: tuple[tuple[Cell, ...], ...]
    notes: tuple[str, ...]


def root_cause_tables(roots: RootCauses | None, currency: str) -> list[RootCauseTable]:
    """The three tables; none where the root causes could not be worked out at all."""
    return [] if roots is None else [_objectives(roots), _tradeoffs(roots, currency), _parameters(roots)]


def _objectives(roots: RootCauses) -> RootCauseTable:
    apart = roots.conflicts[roots.conflicts["colour"].isin(["amber", "red"])].head(MOST_ROWS)
    notes = []
    if roots.objectives_missing:
        notes.append("Not assessable. Ask for kpi_objectives: what each function is measured on, and which way.")
    elif apart.empty:
        notes.append("No two functions are measured on things that pull apart by half or more.")
    if roots.unmapped:
        notes.append(f"Ask what these KPIs make people do, the kit does not know them: {', '.join(roots.unmapped)}.")
    return RootCauseTable(
        "KPIs that pull apart",
        "What earns one function a good mark costs the other its own, so each meeting reopens the same argument. "
        "Ask who decides between the two, and which objective both could share.",
        (
            Head("Functions"),
            Head("Conflict, 0 to 1", True),
            Head("Over"),
            Head("Recurring signs there"),
            Head("Eased by"),
        ),
        tuple(_conflict(row) for row in apart.to_dict("records")),
        tuple(notes),
    )


def _conflict(row: Row) -> tuple[Cell, ...]:
    levers = {"lot": "lot size", "urgency": "urgency spending", "slack": "capacity slack", "promise": "promised volume"}
    return (
        Cell(f"{row['first']} and {row['second']}".capitalize()),
        Cell(f"{row['conflict']:.2f}", row["colour"]),
        Cell(", ".join(levers.get(lever, lever) for lever in row["levers"]) or "the KPI itself"),
        Cell(", ".join(map(str, row["signs"])) or "none"),
        Cell(row["mitigated_by"] or "nothing seen"),
    )


def _tradeoffs(roots: RootCauses, currency: str) -> RootCauseTable:
    notes = []
    if not roots.has_rules:
        notes.append("Situations for which we saw no rule; ask: decision_rules was not sent, so a rule may well exist.")
    if roots.tradeoffs.empty:
        notes.append("None of the situations that could be looked for came up in the last twelve closed cycles.")
    if roots.situations_missing:
        notes.append(f"Not looked for: {_asked(roots.situations_missing)}.")
    return RootCauseTable(
        "Trade-offs, and the rules for them",
        "Situations of the last twelve closed cycles in which somebody had to choose. Where no rule and no owned "
        "decision covers them, or like cases end differently, ask who chose, and by what.",
        (
            *(Head("Situation"), Head("Cycles × families", True), Head("Covered", True)),
            *(Head("Most frequent answer"), Head("Cost", True), Head("Rule")),
        ),
        tuple(_situation(row, roots, currency) for row in roots.tradeoffs.head(MOST_ROWS).to_dict("records")),
        tuple(notes),
    )


def _situation(row: Row, roots: RootCauses, currency: str) -> tuple[Cell, ...]:
    is_missing = roots.has_rules and bool(row["missing_rule"])
    answer = f"{row['answer']}, {number(row['consistency'], 'share')}" if isinstance(row["answer"], str) else MISSING
    rule = "missing" if is_missing else "seen" if row["covered"] >= 0.5 else "not seen" if roots.has_rules else "ask"
    return (
        Cell(f"{row['code']} {row['situation']}"),
        Cell(str(row["occurrences"])),
        Cell(number(row["covered"], "share")),
        Cell(answer),
        Cell(money(row["cost"], currency)),
        Cell(rule, "amber" if is_missing else ""),
    )


def _parameters(roots: RootCauses) -> RootCauseTable:
    apart = roots.pairs[roots.pairs["apart"] > 0]
    worst = apart.drop_duplicates("parameter").head(MOST_ROWS)
    judged = int((roots.pairs["judged"] > 0).sum())
    notes = (
        [f"The worst pair of each parameter; {len(apart)} of {judged} pairs differ somewhere."] if len(worst) else []
    )
    if worst.empty:
        notes.append(
            f"None of the {judged} pairs that could be compared is steadily 10% apart." if judged else NO_PAIRS
        )
    if roots.parameters_missing:
        notes.append(f"Not compared: {_asked(roots.parameters_missing)}.")
    return RootCauseTable(
        "One parameter, several values",
        "The same thing has two values in the client's own tables, steadily at least 10% apart. "
        "Ask which one the plan should use, and who keeps it true.",
        (
            *(Head("Parameter"), Head("Values compared"), Head("Weight apart", True), Head("Subjects apart", True)),
            *(Head("Gravest"), Head("First over second", True), Head("Ask")),
        ),
        tuple(_pair(row) for row in worst.to_dict("records")),
        tuple(notes),
    )


NO_PAIRS = "Nothing to compare: ask for lead times, hours, standards and plans from more than one place."


def _pair(row: Row) -> tuple[Cell, ...]:
    ratio, owner = row["log_ratio"], row["owner"]
    return (
        Cell(str(row["parameter"]).capitalize()),
        Cell(f"{row['first']} · {row['second']}"),
        Cell(number(row["index"], "share")),
        Cell(f"{row['apart']} of {row['judged']}"),
        Cell(named(str(row["dimension"]), str(row["worst"]))),
        Cell(MISSING if pd.isna(ratio) else f"{'+' if ratio > 0 else ''}{number(ratio, 'log ratio')}"),
        Cell(owner if isinstance(owner, str) else MISSING),
    )


def _asked(gaps: Mapping[str, tuple[str, ...]]) -> str:
    """`T5 (inventory_snapshots), T7 (function_plans)`."""
    return ", ".join(f"{name} ({', '.join(columns)})" for name, columns in gaps.items())
