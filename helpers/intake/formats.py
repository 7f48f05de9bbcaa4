"""How dates and numbers of a column are written: named in the settings, or detected where only one reading exists."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import duckdb

from helpers.intake import sql
from helpers.settings import TableSource

ISO = (
    "%Y-%m-%d",
    "%Y/%m/%d",
    "%Y%m%d",
    "%Y-%m",
    "%Y/%m",
    "%Y%m",
    "%Y.%m.%d",
    "%G-W%V",
    "%GW%V",
    "%G-W%V-%u",
)
WORDED = (
    "%d-%b-%y",
    "%d-%b-%Y",
    "%d %b %y",
    "%d %b %Y",
    "%d/%b/%Y",
    "%d.%b.%Y",
    "%d%b%Y",
    "%d %B %Y",
    "%d-%B-%Y",
    "%b %d, %Y",
    "%B %d, %Y",
    "%b-%y",
    "%b-%Y",
    "%b %y",
    "%b %Y",
    "%B-%Y",
    "%B %Y",
)
MONTH_YEAR = ("%m/%Y", "%m-%Y", "%m.%Y")
FIXED = ISO + WORDED + MONTH_YEAR
DAY_FIRST = ("%d/%m/%y", "%d/%m/%Y", "%d-%m-%y", "%d-%m-%Y", "%d.%m.%y", "%d.%m.%Y")
MONTH_FIRST = tuple("%m" + fmt[2] + "%d" + fmt[5:] for fmt in DAY_FIRST)

CLOCK = r"[ T]\d{1,2}:\d{2}(:\d{2}([.,]\d+)?)?( ?[AaPp][Mm])?( ?(Z|UTC|[+-]\d{2}(:?\d{2})?))?$"
SEPARATORS = ",. '’\u00a0\u202f"
LONGEST_NUMBER = 100
EXCEL_EPOCH = "DATE '1899-12-30'"


@dataclass(frozen=True)
class DateStyle:
    """The formats a date column may hold, tried in order.

    `serial` also reads a workbook's day numbers, `beside` the ISO text of its typed dates next to a named format. A
    clock time is left out, unless it is part of a named format.
    """

    formats: tuple[str, ...] = FIXED
    named: bool = False
    serial: bool = False
    beside: bool = False

    def read(self, text: str) -> str:
        """SQL: the DATE of a trimmed text, NULL when it is none. Years before 1900 are taken for misreadings."""
        days = (text, day_text(text)) if self.named else (day_text(text),)
        formats = self.formats + (ISO[:1] if self.beside else ())
        tried = [_parsed(day, fmt) for day in days for fmt in formats]
        parsed = f"coalesce({', '.join(['CAST(NULL AS DATE)', *tried])})"
        if not self.serial:
            return parsed
        serial = f"CASE WHEN regexp_full_match({text}, '[2-7]\\d{{4}}(\\.\\d+)?') THEN {EXCEL_EPOCH} + "
        return f"coalesce({serial}CAST(floor(CAST({text} AS DOUBLE)) AS INTEGER) END, {parsed})"

    @property
    def expected(self) -> str:
        """How a message names the formats."""
        formats = list(dict.fromkeys(self.formats)) if self.formats != ISO else ["%Y-%m-%d"]
        return f"the format {formats[0]}" if len(formats) == 1 else f"one of the formats {', '.join(formats)}"


@dataclass(frozen=True)
class NumberStyle:
    """Decimal sign and the thousands separators that are accepted."""

    decimal: str = "."
    thousands: str = SEPARATORS

    def read(self, text: str) -> str:
        """SQL: the DOUBLE of a trimmed text, NULL when it is none."""
        point = "." if self.decimal == "." else ""
        simple = f"regexp_full_match({text}, '[-+]?[0-9{point}]+([eE][-+]?[0-9]{{1,2}})?')"
        bare = f"replace(translate({text}, {sql.text(self._grouping)}, ''), ',', '.')"
        return (
            f"CASE WHEN length({text}) > {LONGEST_NUMBER} THEN NULL WHEN {simple} THEN try_cast({text} AS DOUBLE) "
            f"WHEN {self.matches(text)} THEN try_cast({bare} AS DOUBLE) END"
        )

    def matches(self, text: str) -> str:
        """SQL: whether the text is a number written this way."""
        return f"regexp_full_match({text}, {sql.text(self._pattern)})"

    @property
    def _grouping(self) -> str:
        return self.thousands.replace(self.decimal, "")

    @property
    def _pattern(self) -> str:
        escaped = "\\" + self.decimal
        grouped = f"|[1-9]\\d{{0,2}}([{self._grouping}]\\d{{3}})+" if self._grouping else ""
        whole = f"(\\d+{grouped})"
        return f"[+-]?({whole}({escaped}\\d*)?|{escaped}\\d+)([eE][+-]?\\d{{1,2}})?"


POINT = NumberStyle(".")
COMMA = NumberStyle(",")
NATIVE_DATE = DateStyle(ISO)
NATIVE_NUMBER = NumberStyle(".", "")


class Ambiguous(Exception):
    """A column allows more than one reading; the message says which, `example` is a value that allows two."""

    def __init__(self, doubt: str, example: str = "") -> None:
        super().__init__(doubt)
        self.example = example


def written_like(example: str) -> tuple[str, str]:
    """The formats of a date written like the example, with the day first and with the month first.

    >>> written_like("01.09.24")
    ('%d.%m.%y', '%m.%d.%y')
    """
    sign = next(char for char in example if not char.isdigit())
    year = "%Y" if example[-4:].isdigit() else "%y"
    return f"%d{sign}%m{sign}{year}", f"%m{sign}%d{sign}{year}"


def named_date(spec: TableSource, column: str) -> DateStyle | None:
    """The date format the settings name for a column."""
    named = _for_column(spec.dates, column)
    return DateStyle((named,), named=True) if named else None


def named_number(spec: TableSource, column: str) -> NumberStyle | None:
    """The decimal sign and thousands separator the settings name; one of point and comma implies the other."""
    decimal, thousands = _for_column(spec.decimal, column), _for_column(spec.thousands, column)
    if decimal is None and thousands in (".", ","):
        decimal = "," if thousands == "." else "."
    if decimal is None:
        return None
    return NumberStyle(decimal, SEPARATORS if thousands is None else thousands)


def _for_column(said: str | Mapping[str, str] | None, column: str) -> str | None:
    """What the settings say for the whole table, or for one of its columns."""
    return said.get(column) if isinstance(said, Mapping) else said


def detect_date(con: duckdb.DuckDBPyConnection, rows: str, cell: str, serial: bool) -> tuple[DateStyle, str]:
    """The style of a date column from all its distinct values, and what to show of it ('' for plain ISO).

    Raises
    ------
    Ambiguous
        Day and month could be exchanged in every row, or rows contradict each other.
    """
    day = day_text(cell)
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE texts AS SELECT DISTINCT {day} AS v FROM {rows} WHERE {cell} IS NOT NULL"
    )
    if _all_iso(con):
        return DateStyle(ISO[:1], serial=serial), ""
    possible = _possible(con)
    day, month = (
        DateStyle(tuple(fmt for fmt in order if fmt in possible)).read("v") for order in (DAY_FIRST, MONTH_FIRST)
    )
    con.execute(f"CREATE OR REPLACE TEMP TABLE days AS SELECT v, {day} AS day_first, {month} AS month_first FROM texts")
    only_day, only_month, both, example, day_example, month_example = con.execute(
        """SELECT count(*) FILTER (WHERE day_first IS NOT NULL AND month_first IS NULL),
            count(*) FILTER (WHERE month_first IS NOT NULL AND day_first IS NULL),
            count(*) FILTER (WHERE day_first <> month_first), min(v) FILTER (WHERE day_first <> month_first),
            min(v) FILTER (WHERE day_first IS NOT NULL AND month_first IS NULL),
            min(v) FILTER (WHERE month_first IS NOT NULL AND day_first IS NULL)
        FROM days"""
    ).fetchone() or (0, 0, 0, None, None, None)
    if only_day and only_month:
        raise Ambiguous(f"'{day_example}' puts the day first and '{month_example}' the month", day_example)
    if both and not (only_day or only_month):
        raise Ambiguous(f"day and month could be exchanged in every row, for example in '{example}'", example)
    order = MONTH_FIRST if only_month else DAY_FIRST
    used = _one_century(_reading(con, [fmt for fmt in FIXED + order if fmt in possible]))
    shown = "" if set(used) <= {"%Y-%m-%d", "%Y-%m"} else "dates " + ", ".join(used)
    return DateStyle(used or ISO, serial=serial), shown


def detect_number(con: duckdb.DuckDBPyConnection, rows: str, cell: str) -> tuple[NumberStyle, str]:
    """The style of a number column from all its values, and what to show of it ('' for plain points).

    Raises
    ------
    Ambiguous
        A separator could be the decimal sign or stand for thousands in every row, or rows contradict each other.
    """
    at_a_glance = signs(con, rows, cell)
    if only_points(at_a_glance):
        return POINT, ""
    return number_style(separators(con, rows, cell), at_a_glance)


@dataclass(frozen=True)
class Signs:
    """Which separators a number column holds; `decimals`: a point that cannot stand for thousands."""

    commas: bool = False
    points: bool = False
    decimals: bool = False

    def __or__(self, other: Signs) -> Signs:
        return Signs(self.commas or other.commas, self.points or other.points, self.decimals or other.decimals)


@dataclass(frozen=True)
class Separators:
    """The least value with a separator that only a point reads, only a comma, or both; None where there is none."""

    only_point: str | None = None
    only_comma: str | None = None
    either: str | None = None

    def __or__(self, other: Separators) -> Separators:
        return Separators(
            _least(self.only_point, other.only_point),
            _least(self.only_comma, other.only_comma),
            _least(self.either, other.either),
        )


def signs(con: duckdb.DuckDBPyConnection, rows: str, cell: str) -> Signs:
    """The separators of a number column, at a glance."""
    [(commas, points, decimals)] = con.execute(
        f"""SELECT bool_or(contains({cell}, ',')), bool_or(contains({cell}, '.')),
            bool_or(length({cell}) - strpos({cell}, '.') <> 3 AND contains({cell}, '.')
                AND regexp_matches({cell}, '^[0-9]+[.][0-9]+$'))
        FROM {rows}"""
    ).fetchall()
    return Signs(bool(commas), bool(points), bool(decimals))


def only_points(found: Signs) -> bool:
    """The quick answer for most columns: no comma, and no point or one that cannot stand for thousands."""
    return not found.commas and (not found.points or found.decimals)


def separators(con: duckdb.DuckDBPyConnection, rows: str, cell: str) -> Separators:
    """What the values of a number column say about its decimal sign."""
    point, comma = f"({POINT.matches('v')})", f"({COMMA.matches('v')})"
    [found] = con.execute(
        f"""SELECT min(v) FILTER (WHERE {point} AND NOT {comma}), min(v) FILTER (WHERE {comma} AND NOT {point}),
            min(v) FILTER (WHERE {point} AND {comma})
        FROM (SELECT DISTINCT {cell} AS v FROM {rows}) WHERE contains(v, '.') OR contains(v, ',')"""
    ).fetchall()
    return Separators(*found)


def number_style(found: Separators, signs: Signs) -> tuple[NumberStyle, str]:
    """The style the values leave, and what to show of it; `Ambiguous` when they leave two or none."""
    if found.only_point and found.only_comma:
        doubt = f"'{found.only_point}' has a decimal point and '{found.only_comma}' a decimal comma"
        raise Ambiguous(doubt)
    if found.either and not (found.only_point or found.only_comma):
        doubt = f"'{found.either}' could be a decimal or a thousand in every row that has a separator"
        raise Ambiguous(doubt, found.either)
    if found.only_comma:
        return COMMA, "decimal comma"
    return POINT, "decimal point, commas stand for thousands" if signs.commas else ""


def day_text(text: str) -> str:
    """SQL: the text of a date without its clock time; most have none, so the pattern runs on the longer texts only."""
    return f"CASE WHEN length({text}) > 10 THEN regexp_replace({text}, {sql.text(CLOCK)}, '') ELSE {text} END"


def _least(one: str | None, other: str | None) -> str | None:
    return min(filter(None, (one, other)), default=None)


def _parsed(text: str, fmt: str) -> str:
    """One format; `%Y` would also take two digits, and the formats without separators any run of them."""
    digits = {"%Y%m%d": 8, "%Y%m": 6}.get(fmt)
    shape = f" AND length({text}) = {digits}" if digits else ""
    day = f"CAST(try_strptime({text}, {sql.text(fmt)}) AS DATE)"
    return f"CASE WHEN year({day}) BETWEEN 1900 AND 9999{shape} THEN {day} END"


def _possible(con: duckdb.DuckDBPyConnection) -> set[str]:
    """The formats whose punctuation some value has; trying all of them costs more than a small table."""
    found = con.execute(
        "SELECT DISTINCT regexp_replace(v, '[\\pL\\pN]', '', 'g') FROM texts WHERE length(v) < 40"
    ).fetchall()
    shapes = {shape for (shape,) in found}
    return {fmt for fmt in FIXED + DAY_FIRST + MONTH_FIRST if re.sub("%?[A-Za-z]", "", fmt) in shapes}


def _all_iso(con: duckdb.DuckDBPyConnection) -> bool:
    """The quick answer for most columns: no other format reads a text of this shape."""
    days = "CAST(try_strptime(v, '%Y-%m-%d') AS DATE)"
    [(others, read)] = con.execute(
        f"""SELECT count(*) FILTER (WHERE NOT regexp_full_match(v, '\\d{{4}}-\\d{{2}}-\\d{{2}}')),
            count(*) FILTER (WHERE year({days}) >= 1900)
        FROM texts"""
    ).fetchall()
    return bool(read and not others)


def _one_century(used: tuple[str, ...]) -> tuple[str, ...]:
    """Beside 2024-07-06 a 25-01-03 may be short of a century or begin with its day: it is no date then."""
    year_first = {fmt[2] for fmt in used if fmt in ISO and fmt.endswith("d")}
    return tuple(
        fmt for fmt in used if not (fmt.endswith("%y") and fmt in DAY_FIRST + MONTH_FIRST and fmt[2] in year_first)
    )


def _reading(con: duckdb.DuckDBPyConnection, candidates: list[str]) -> tuple[str, ...]:
    """The formats that read any value."""
    if not candidates:
        return ()
    counts = ", ".join(f"count({DateStyle((fmt,)).read('v')})" for fmt in candidates)
    [found] = con.execute(f"SELECT {counts} FROM days").fetchall()
    return tuple(fmt for fmt, count in zip(candidates, found, strict=True) if count)
