"""`rejects/<table>.csv`: one line per fault, saying where it stands, what was found and which rule it breaks."""

from __future__ import annotations

import csv
from difflib import get_close_matches
from pathlib import Path

import duckdb

from helpers import contract
from helpers.contract import Column, Table
from helpers.intake import checks, sql
from helpers.intake.checks import FALLEN_ITEMS, KNOWN_ITEMS, TYPED, Reading
from helpers.intake.duplicates import TWINS
from helpers.intake.extract import BROKEN, RAW
from helpers.intake.mapping import Layout
from helpers.intake.totals import PARTS, TOTALS
from helpers.plain import PLAIN_NUMBER, RUN, inert

FAULTS = "faults"
HEADER = ("file", "line", "column", "value", "rule", "action")
ROW, CELL, TABLE = "row set aside", "cell emptied", "table set aside"
LONGEST_VALUE = 500
MOST_SUGGESTIONS = 2000
QUOTED = "\\1'\\2"
ONLY_NUMBERS = (
    "a trailing minus, brackets, percent signs and units are not read: have the cells exported as plain numbers"
)
AS_TEXT = "have the column exported as text, for a spreadsheet drops them"
NO_ZEROS = f", for its leading zeros are lost: {AS_TEXT}"
NO_ZEROS_IN_ITEMS = f", for those of items have lost their leading zeros: {AS_TEXT}"
OF_ONE_CASE = "; the nearest is '[^']*'| [(]line [0-9]+[)]"


def collect(con: duckdb.DuckDBPyConnection, table: Table, layout: Layout, reading: Reading) -> None:
    """Fill the table `faults` from what the checks found."""
    con.execute(
        f"CREATE OR REPLACE TABLE {FAULTS} (line BIGINT, place INTEGER, col VARCHAR, value VARCHAR, rule VARCHAR, "
        "action VARCHAR)"
    )
    con.execute(f"INSERT INTO {FAULTS} SELECT line, 0, '', value, rule, '{ROW}' FROM {BROKEN}")
    for place, column in enumerate(table.columns, 1):
        if column.name in layout.sent and _worst(con, sql.name("f_" + column.name)):
            _collect_column(con, place, column, layout, reading)
    for i, (later, earlier) in enumerate(checks.order_faults(table, layout)):
        _collect_order(con, i, later, earlier, layout)
    keys = ", ".join(name for name in table.key if name in layout.sent)
    con.execute(f"INSERT INTO {FAULTS} SELECT line, 0, ?, shown, rule, '{ROW}' FROM {TWINS}", [keys])
    named = PARTS[table.name].name if table.name in PARTS else ""
    con.execute(f"INSERT INTO {FAULTS} SELECT line, 0, ?, shown, rule, '{ROW}' FROM {TOTALS}", [named])


def write(con: duckdb.DuckDBPyConnection, file: str, path: Path) -> int:
    """Write the faults of a table; nothing is written where there are none. Returns the number of emptied cells."""
    total, emptied = con.execute(
        f"SELECT count(*), count(*) FILTER (WHERE action = '{CELL}') FROM {FAULTS}"
    ).fetchone() or (0, 0)
    if total:
        value = f"left({sql.trimmed('value')}, {LONGEST_VALUE})"
        con.execute(
            f"""COPY (SELECT {harmless(sql.text(file))} AS file, line, {harmless("col")} AS "column",
                {harmless(value)} AS value, rule, action FROM {FAULTS} ORDER BY line, place)
            TO {sql.text(str(path))} (FORMAT csv, HEADER true)"""
        )
    return int(emptied)


def write_whole(path: Path, file: str, line: int, problem: str) -> None:
    """The one line of a table that was set aside whole."""
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(HEADER)
        writer.writerow([inert(file), line, "", "", inert(problem), TABLE])


def harmless(text: str) -> str:
    """SQL: a text that a spreadsheet would run gets an apostrophe in front; plain numbers stay."""
    number = f"regexp_full_match({text}, {sql.text(PLAIN_NUMBER)})"
    quoted = f"regexp_replace({text}, {sql.text(RUN)}, {sql.text(QUOTED)}, 'g')"
    return f"CASE WHEN {number} THEN {text} ELSE {quoted} END"


def general(rule: str) -> str:
    """SQL: a rule without what it says of one case."""
    return f"regexp_replace(regexp_replace({rule}, {sql.text(OF_ONE_CASE)}, '', 'g'), 'line \\d+', 'another')"


def rule_text(column: Column, fault: int, reading: Reading) -> str:
    """The rule a cell broke, in words."""
    hint = " (a fraction: 95 % is 0.95)" if column.unit == "fraction" else ""
    words = {
        checks.EMPTY: "required, and empty",
        checks.UNREADABLE: _unreadable(column, reading),
        checks.BELOW: f"below {_short(column.minimum)}, the smallest value allowed",
        checks.NOT_ABOVE: f"must be above {_short(column.above)}",
        checks.ABOVE_MAXIMUM: f"above {_short(column.maximum)}, the largest value allowed{hint}",
        checks.NOT_WHOLE: "not a whole number",
        checks.NOT_LISTED: f"not one of {', '.join(column.choices)}",
        checks.TOO_LARGE: f"too large: above {contract.LARGEST:g} one unit cannot be told from the next",
        checks.FAR_DAY: f"not between the years {contract.FIRST_YEAR} and {contract.LAST_YEAR}",
        checks.NO_FACTOR: "its unit has no factor in the settings",
        checks.UNKNOWN_ITEM: "not an item_id of the table items",
        checks.FALLEN_ITEM: "its item was set aside in items",
    }
    return words[fault]


def _short(limit: float | None) -> str:
    return "" if limit is None else f"{limit:g}"


def _unreadable(column: Column, reading: Reading) -> str:
    if column.type == "flag":
        return "neither yes nor no; read are true/false, yes/no, y/n, 1/0, ja/nein, oui/non, si/no"
    if column.type in ("date", "bucket"):
        style = reading.dates.get(column.name)
        return f"not a date; expected {style.expected}" if style else "not a date; expected the format %Y-%m-%d"
    style_ = reading.numbers.get(column.name)
    sign = "comma" if style_ and style_.decimal == "," else "point"
    return f"not a number with a decimal {sign}; {ONLY_NUMBERS}"


def _worst(con: duckdb.DuckDBPyConnection, code: str) -> int:
    (worst,) = con.execute(f"SELECT max({code}) FROM {TYPED}").fetchone() or (0,)
    return int(worst or 0)


def _collect_column(
    con: duckdb.DuckDBPyConnection, place: int, column: Column, layout: Layout, reading: Reading
) -> None:
    code = sql.name("f_" + column.name)
    found = con.execute(f"SELECT DISTINCT {code} FROM {TYPED} WHERE {code} > 0").fetchall()
    whens = " ".join(f"WHEN {fault} THEN {sql.text(rule_text(column, fault, reading))}" for (fault,) in found)
    _suggest(con, column, layout)
    con.execute(
        f"""INSERT INTO {FAULTS}
        SELECT line, {place}, {sql.text(column.name)}, shown,
            (CASE code {whens} END) || coalesce(hint, '') || {sql.text(_place_in_file(column.name, layout))},
            CASE WHEN aside THEN '{ROW}' ELSE '{CELL}' END
        FROM ({_shown(column.name, code, layout)}) LEFT JOIN hints ON hints.value = shown AND hints.fault = code"""
    )


def _shown(column: str, code: str, layout: Layout) -> str:
    """SQL: the rows with a fault code, with the text the client wrote."""
    if column in layout.constants:
        shown = sql.text(layout.constants[column])
        return f"SELECT line, aside, {code} AS code, {shown} AS shown FROM {TYPED} WHERE {code} > 0"
    cell = sql.cell(layout.positions[column])
    return f"SELECT line, aside, {code} AS code, {cell} AS shown FROM {TYPED} JOIN {RAW} USING (line) WHERE {code} > 0"


def _place_in_file(column: str, layout: Layout) -> str:
    place = layout.positions.get(column)
    if place is None or layout.header[place].casefold() == column:
        return ""
    return f" (column '{layout.header[place]}' of the file)"


def _suggest(con: duckdb.DuckDBPyConnection, column: Column, layout: Layout) -> None:
    """Fill `hints`: the nearest listed code, or the item that differs only by case or leading zeros."""
    con.execute("CREATE OR REPLACE TEMP TABLE hints (value VARCHAR, fault INTEGER, hint VARCHAR)")
    shown = _shown(column.name, sql.name("f_" + column.name), layout)
    if column.choices:
        values = con.execute(
            f"SELECT DISTINCT shown FROM ({shown}) WHERE code = {checks.NOT_LISTED} LIMIT {MOST_SUGGESTIONS}"
        ).fetchall()
        for (value,) in values:
            con.execute(
                "INSERT INTO hints VALUES (?, ?, ?)", [value, checks.NOT_LISTED, _nearest(value, column.choices)]
            )
    if column.name == "item_id":
        _suggest_items(con, shown)


def _suggest_items(con: duckdb.DuckDBPyConnection, shown: str) -> None:
    bare = "lower(ltrim({}, '0'))"
    con.execute(
        f"""INSERT INTO hints SELECT shown, {checks.UNKNOWN_ITEM},
            CASE WHEN length(shown) < length(nearest) THEN {sql.text(NO_ZEROS)}
                WHEN length(shown) > length(nearest) THEN {sql.text(NO_ZEROS_IN_ITEMS)} ELSE '' END
            || '; the nearest is ''' || nearest || ''''
        FROM (SELECT shown, min(item_id) AS nearest
            FROM (SELECT DISTINCT shown FROM ({shown}) WHERE code = {checks.UNKNOWN_ITEM})
            JOIN {KNOWN_ITEMS} ON {bare.format("shown")} = {bare.format("item_id")} GROUP BY shown)"""
    )
    con.execute(
        f"""INSERT INTO hints SELECT DISTINCT shown, {checks.FALLEN_ITEM}, ' (line ' || f.line || ')'
        FROM ({shown}) JOIN {FALLEN_ITEMS} f ON shown = f.item_id WHERE code = {checks.FALLEN_ITEM}"""
    )


def _nearest(value: str, choices: tuple[str, ...]) -> str:
    close = get_close_matches(value.lower(), [choice.lower() for choice in choices], 1, 0.7)
    return f"; the nearest is '{next(c for c in choices if c.lower() == close[0])}'" if close else ""


def _collect_order(con: duckdb.DuckDBPyConnection, i: int, later: str, earlier: str, layout: Layout) -> None:
    con.execute(
        f"""INSERT INTO {FAULTS}
        SELECT t.line, {900 + i}, {sql.text(later)}, shown,
            'lies before {earlier} (' || CAST(t.{sql.name(earlier)} AS VARCHAR) || ')'
                || {sql.text(_place_in_file(later, layout))}, '{ROW}'
        FROM ({_shown(later, f"o_{i}", layout)}) JOIN {TYPED} t USING (line)
        WHERE t.{sql.name("f_" + later)} = 0"""  # a day that is wrong by itself is told once
    )
