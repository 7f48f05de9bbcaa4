"""What to mend first and who can: what stops whole tables, then what sets rows aside, then what empties cells."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from helpers import contract
from helpers.diagnosis import Wanted
from helpers.engagement import FILLED, Engagement
from helpers.intake.mapping import look_alikes
from helpers.intake.rejects import CELL, ROW
from helpers.report.data_quality.columns import share
from helpers.report.rejected import Example, Fault
from helpers.request.meanings import EXTRACTOR, MAPPER, STEWARDS

OTHER_ROWS = "not an item_id of the table items"
WITH_ITS_ITEM = "its item was set aside in items"
LOST_ZEROS = "leading zeros"


@dataclass(frozen=True)
class Mend:
    """One thing to mend: where, how much it takes away, what is expected, who can, and the signs that wait for it."""

    table: str
    column: str
    effect: str
    what: str
    who: str
    examples: tuple[Example, ...] = ()
    signs: tuple[str, ...] = ()


def to_mend(
    engagement: Engagement,
    faults: Sequence[Fault],
    wants: Sequence[Wanted],
    unread: Iterable[tuple[str, str | None]],
    empty: Iterable[tuple[str, str]],
) -> list[Mend]:
    """Everything to mend, what takes most away first.

    `unread` are files that feed no table with the table each may be, `empty` the tables whose file holds no rows.
    """
    waiting = {want.need: tuple(sign.title for sign in (*want.opens, *want.sharpens)) for want in wants}
    return [
        *_whole_tables(engagement, waiting),
        *_unread(unread, waiting),
        *(_empty(table, file, waiting) for table, file in empty),
        *_misnamed(engagement, waiting),
        *_by_rule(faults, ROW),
        *_thin(engagement, waiting),
        *_by_rule(faults, CELL),
    ]


def signs_for(table: str, waiting: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    """The signs that wait for the table or for a column of it."""
    found = [titles for need, titles in waiting.items() if need.partition(".")[0] == table]
    return tuple(dict.fromkeys(title for titles in found for title in titles))


def _whole_tables(engagement: Engagement, waiting: dict[str, tuple[str, ...]]) -> list[Mend]:
    """A table that cannot be used at all; where the settings map it, the mapping is looked at first."""
    mends = []
    for entry in engagement.manifest.tables:
        if entry.problem:
            mapped = entry.table in engagement.settings.tables
            who = f"{MAPPER}, then {STEWARDS[entry.table]}" if mapped else f"{STEWARDS[entry.table]}, or {MAPPER}"
            effect = f"the whole table, {_counted(entry.rows_read, 'row')}"
            mends.append(Mend(entry.table, "", effect, entry.problem, who, (), signs_for(entry.table, waiting)))
    return mends


def _unread(unread: Iterable[tuple[str, str | None]], waiting: dict[str, tuple[str, ...]]) -> list[Mend]:
    return [
        Mend(table, "", "a whole file", f"{name} is not read. Is it {table}? Rename it.", EXTRACTOR, (), found)
        for name, table in unread
        if table
        for found in [signs_for(table, waiting)]
    ]


def _empty(table: str, file: str, waiting: dict[str, tuple[str, ...]]) -> Mend:
    what = f"{file} holds a header and no rows, which counts as not sent"
    return Mend(table, "", "the whole table", what, STEWARDS[table], (), signs_for(table, waiting))


def _misnamed(engagement: Engagement, waiting: dict[str, tuple[str, ...]]) -> list[Mend]:
    """Columns that are not used and bear almost the name of one that was not sent."""
    return [
        Mend(
            *(entry.table, ours, "a whole column"),
            f"'{theirs}' is not used. Is it {ours}? Rename it, or name it in settings.yaml: "
            f'tables: {{{entry.table}: {{columns: {{{ours}: "{theirs}"}}}}}}',
            f"{EXTRACTOR}, or {MAPPER}",
            signs=waiting.get(f"{entry.table}.{ours}", ()),
        )
        for entry in engagement.manifest.tables
        for ours, theirs in look_alikes(entry).items()
    ]


def _by_rule(faults: Sequence[Fault], action: str) -> list[Mend]:
    found = sorted((fault for fault in faults if fault.action == action), key=lambda fault: -fault.count)
    if any(fault.rule.startswith(WITH_ITS_ITEM) for fault in found):  # the cause before what follows from it
        found.sort(key=lambda fault: fault.table != "items" or fault.rule.endswith("one is kept"))
    return [Mend(f.table, f.column, _effect(f), f.rule, who_mends(f), f.examples) for f in found]


def _effect(fault: Fault) -> str:
    what, done = ("row", "set aside") if fault.action == ROW else ("cell", "emptied")
    return f"{_counted(fault.count, what)} {done}"


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def who_mends(fault: Fault) -> str:
    """The role that keeps the table; where items are unknown, master data with it; of units the mapping.

    Zeros are lost where the extract is made.
    """
    if LOST_ZEROS in fault.rule:
        return EXTRACTOR
    if fault.rule.startswith(WITH_ITS_ITEM):
        return STEWARDS["items"]
    if fault.rule.startswith(OTHER_ROWS):
        return f"{STEWARDS[fault.table]}, with {STEWARDS['items']}"
    return MAPPER if "in the settings" in fault.rule else STEWARDS[fault.table]


def _thin(engagement: Engagement, waiting: dict[str, tuple[str, ...]]) -> list[Mend]:
    """Columns that signs wait for and that were sent, but too empty to count."""
    mends = []
    for need, titles in waiting.items():
        table, _, column = need.partition(".")
        entry = engagement.manifest.table(table)
        filled = entry.filled.get(column) if entry and column else None
        if filled is not None:
            sparse = contract.table(table).column(column).sparse
            what = "filled in no row" if sparse else f"filled below {FILLED:.0%} of rows, which counts as not sent"
            mends.append(Mend(table, column, f"{share(filled)} filled", what, STEWARDS[table], (), titles))
    return mends
